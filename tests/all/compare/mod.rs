//! Refs side by side.

mod corpus;
pub(crate) mod defaults;
mod filling_in;
mod questions;
mod shapes;
mod uses;
