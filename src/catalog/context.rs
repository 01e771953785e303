//! A step in Rust, and what it may read while it runs.

use std::sync::Arc;

use super::expression::Lookup;
use crate::ocl::{Document, Editor};

/// A `modify` step in Rust: gets an editor of an untyped document, but no database.
pub(crate) type NativeModify =
    dyn Fn(&mut Editor, &StepContext<'_>) -> Result<(), StepFailure> + Send + Sync;

/// Why a step in Rust can't migrate a document.
pub type StepFailure = Box<dyn std::error::Error + Send + Sync>;

/// What a step in Rust may read while it runs.
pub struct StepContext<'a> {
    /// The kind of the document.
    pub kind: &'a str,
    /// Its slug; empty for a single document.
    pub slug: &'a str,
    lookup: &'a dyn Lookup,
    documents: &'a [ReadDocument],
}

/// A document that a step declared with `reads`, as it is at this point of the run order.
#[derive(Debug, Clone)]
pub struct ReadDocument {
    /// Its kind.
    pub kind: String,
    /// Its slug; empty for a single document.
    pub slug: String,
    /// Its content.
    pub document: Arc<Document>,
}

impl<'a> StepContext<'a> {
    pub(crate) fn new(
        kind: &'a str,
        slug: &'a str,
        lookup: &'a dyn Lookup,
        documents: &'a [ReadDocument],
    ) -> StepContext<'a> {
        StepContext {
            kind,
            slug,
            lookup,
            documents,
        }
    }

    /// The value under a key in a lookup table of the server, such as the slug of an environment name; `None` if there is none.
    ///
    /// # Errors
    /// If the server can't answer.
    pub fn lookup(&self, table: &str, key: &str) -> Result<Option<serde_json::Value>, StepFailure> {
        self.lookup.lookup(table, key).map_err(Into::into)
    }

    /// The documents that the step declared with [`Step::reads`](crate::catalog::Step::reads).
    pub fn documents(&self) -> &[ReadDocument] {
        self.documents
    }
}
