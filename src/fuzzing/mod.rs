//! What the fuzz targets in `fuzz/` check: one function each, which panics if a property doesn't hold. Built only for fuzzing
//! and for tests, which run every input that once found a defect (`fixtures/fuzz/`).

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
