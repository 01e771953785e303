//! Refs side by side.

mod corpus;
mod defaults;
mod filling_in;
mod questions;
mod shapes;
mod uses;
