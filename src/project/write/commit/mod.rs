//! Committing a user's change, with the migration that goes with it.
//!
//! Git decides, an intent records it, the store follows: [`Draft::prepare`](crate::project::Draft::prepare) computes,
//! [`Prepared::write`](model::Prepared::write) writes objects that no ref leads to yet, [`Written::publish`](write::Written::publish)
//! moves the ref and lets the store follow. Dying at any point loses nothing.

pub(crate) mod compute;
pub(crate) mod error;
pub(crate) mod fault;
mod files;
pub(crate) mod model;
mod protocol;
pub(crate) mod publish;
pub(crate) mod record;
pub(crate) mod refusals;
mod several;
pub(crate) mod told;
pub(crate) mod write;
