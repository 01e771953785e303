//! Small repositories, catalogs and stores for tests, and what they look like as text.

mod catalog;
#[cfg(unix)]
pub mod cockroach;
mod corpus;
mod counting;
#[cfg(unix)]
pub mod host;
mod hostile;
#[cfg(unix)]
pub mod mariadb;
mod one;
#[cfg(unix)]
pub mod postgres;
mod repo;
mod sandbox;
pub mod scratch;
#[cfg(unix)]
pub mod servers;
#[cfg(unix)]
pub mod ssh;
mod world;

pub use catalog::{catalog, catalog_with};
pub use corpus::{corpus, skipped};
pub use counting::{CountingStore, Counts};
pub use hostile::{HOSTILE, NOT_IN_REFS, assert_harmless};
pub use one::{One, migrate_one};
pub use repo::{Repo, TIME, ada, request, write_program};
pub use sandbox::{Sandbox, everything_in, isolated, project};
#[cfg(unix)]
pub use servers::until;
pub use world::{World, explain, next_writer, store_text};
