//! Brings the documents of a source from one version to another: plans the steps, finds the documents, runs the steps when a
//! document is asked for, and keeps results by content.
//!
//! A [`Source`] holds documents at one version: a ref in Git with the server's store, or files in memory. A [`Lift`] is made
//! from it, and gives the outcome of each document.
//!
//! Architecture invariant: knows nothing of Git and of databases.

mod answers;
mod bounded;
mod cache;
mod content;
mod document;
mod entry;
mod held;
mod lift;
mod outcome;
mod path;
mod reading;
mod recorded;
mod result;
mod rows;
mod source;
mod warning;

pub(crate) use answers::{Answer, Lookups};
pub use answers::{Asked, LookupKey};
pub use bounded::CacheCounts;
pub(crate) use bounded::{Bounded, Weigh};
pub(crate) use cache::ResultCache;
pub(crate) use content::ContentId;
pub(crate) use document::Content;
pub use document::{DocumentOutcome, MigratedDocument};
pub(crate) use entry::{Entry, Original};
pub(crate) use held::{Held, HeldDocument, document_at};
pub(crate) use lift::{Lift, LiftError};
pub(crate) use path::{Paths, join};
pub(crate) use rows::{ReadImport, Rows, StoredRow, StoredRows};
pub(crate) use source::{Past, Source};
pub use warning::DocumentWarning;
