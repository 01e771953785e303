//! Refs side by side.

mod corpus;
mod shapes;
