//! Migrates configuration documents kept in Git, lazily and in memory.

pub mod git;
pub mod ocl;
pub mod store;
