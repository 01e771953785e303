//! What the fuzz targets in `fuzz/` check: a function for each, which panics where a law is broken. Here only for fuzzing and
//! for tests, which run every input that once found something (`fixtures/fuzz/`).

mod catalog;
mod git;
mod ocl;
mod steps;

pub use catalog::{catalog, marker};
pub use git::{commit_object, packed_refs};
pub use ocl::{convert_ocl, edit_ocl, read_ocl};
pub use steps::{shipped_steps, step};

#[cfg(test)]
mod tests;

/// The parts of an input: texts between NUL bytes.
fn texts(data: &[u8]) -> Option<Vec<&str>> {
    let parts = data.split(|byte| *byte == 0);
    parts.map(|part| std::str::from_utf8(part).ok()).collect()
}

/// Whether the parser of HCL takes long for a text: it can take twice as long for each level of brackets.
fn is_deep(hcl: &str) -> bool {
    crate::text::nested_deeper(hcl, 12).is_some()
}
