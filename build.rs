//! The catalog in `steps/` and its snapshots are built into the binary: a file that is new there must rebuild it too.

fn main() {
    println!("cargo::rerun-if-changed=steps");
    println!("cargo::rerun-if-changed=snapshots");
}
