//! The fields of a contract: what may and must stand where, as far as that can be listed.
//!
//! What depends on the rest of a document is left out: conditions, patterns of names, and of alternatives what isn't common to all.
//! So a difference between two contracts is real, but not every one is found. What isn't is for the documents to show.

mod difference;
mod field;
mod of_message;
mod of_schema;

pub(crate) use difference::{Difference, differences};
pub(crate) use field::Fields;
pub(super) use field::{EACH, Field, Type, Types};
pub(super) use of_message::fields as of_message;
pub(super) use of_schema::fields as of_schema;
