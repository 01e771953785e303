//! Small repositories, catalogs and stores for tests, and what they look like as text.

#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    unused_imports,
    clippy::unwrap_used
)]

mod catalog;
mod repo;
mod world;

pub use catalog::catalog;
pub use repo::{Repo, TIME, ada, request};
pub use world::{World, explain, store_text};
