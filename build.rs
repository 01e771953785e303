//! The catalog in `steps/` is built into the binary: a file that is new there must rebuild it too.

fn main() {
    println!("cargo::rerun-if-changed=steps");
}
