//! Migrates configuration documents kept in Git, lazily and in memory.

pub mod catalog;
pub mod git;
pub mod migrate;
pub mod ocl;
pub mod plan;
pub mod project;
pub mod report;
pub mod store;
pub mod verify;
