//! Verifying a catalog.

mod rust_steps;
mod shipped;
