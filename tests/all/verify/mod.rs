//! Verifying a catalog.

mod agreement;
mod compatibility;
mod rust_steps;
mod shipped;
