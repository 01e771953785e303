//! Every input on which a fuzz target failed once.

use std::path::Path;

fn replay(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/fuzz")
        .join(target);
    let mut inputs: Vec<_> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("a listing").path())
        .collect();
    inputs.sort();
    assert!(!inputs.is_empty(), "{} is empty", folder.display());
    for input in inputs {
        let bytes = std::fs::read(&input).expect("an input");
        let done = std::panic::catch_unwind(|| check(&bytes));
        assert!(done.is_ok(), "{}", input.display());
    }
}

#[test]
fn read_ocl() {
    replay("read_ocl", super::read_ocl);
}

#[test]
fn convert_ocl() {
    replay("convert_ocl", super::convert_ocl);
}

#[test]
fn edit_ocl() {
    replay("edit_ocl", super::edit_ocl);
}

#[test]
fn catalog() {
    replay("catalog", super::catalog);
}

#[test]
fn marker() {
    replay("marker", super::marker);
}

#[test]
fn packed_refs() {
    replay("packed_refs", super::packed_refs);
}

#[test]
fn commit_object() {
    replay("commit_object", super::commit_object);
}

#[test]
fn step() {
    replay("step", super::step);
}

#[test]
fn shipped_steps() {
    replay("shipped_steps", super::shipped_steps);
}
