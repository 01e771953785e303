//! What the fuzz targets in `fuzz/` check: a function for each, which panics where a law is broken. Here only for fuzzing and
//! for tests, which run every input that once found something (`fixtures/fuzz/`).

mod catalog;
mod git;
mod input;
mod ocl;
mod steps;

pub use catalog::{catalog, marker};
pub use git::{commit_object, packed_refs};
pub use ocl::{convert_ocl, edit_ocl, read_ocl};
pub use steps::{shipped_steps, step};

#[cfg(test)]
mod tests;
