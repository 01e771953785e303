//! Verifying a catalog.

mod agreement;
mod compatibility;
mod forgotten;
mod rust_steps;
mod shipped;
