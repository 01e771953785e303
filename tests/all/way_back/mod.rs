//! The way to a lower version.

mod commands;
mod corpus;
mod imports;
mod laws;
mod passed;
mod reading;
mod returns;
