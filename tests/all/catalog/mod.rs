//! Catalogs: reading them, what is wrong with one, and what their steps do.

mod builtin;
mod cases;
mod catalog_reference;
mod corpus;
mod errors;
mod limits;
mod numbers;
mod step_reference;
