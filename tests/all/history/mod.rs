//! Who changed which value, and when.

mod cli;
mod corpus;
mod edges;
mod encodings;
mod returns;
mod stored;
