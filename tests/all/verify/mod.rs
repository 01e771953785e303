//! Verifying a catalog.

mod agreement;
mod rust_steps;
mod shipped;
