//! Where the engine gets documents and answers from.

use std::fmt::Display;
use std::sync::Arc;

use super::answers::{Answer, Lookups};
use super::cache::ResultCache;
use super::content::ContentId;
use super::held::Held;
use super::rows::StoredRows;
use crate::catalog::Catalog;
use crate::migrate::Part;
use crate::plan::{LiveImport, PlannedReturn};

/// Documents at one version, and the server that they belong to: a ref in Git and the store, or files in memory.
///
/// A lift asks for documents, rows and the past when it is made; for bytes and answers when a document is asked for.
pub(crate) trait Source: Sized {
    /// Why something can't be read.
    type Error: Display;

    /// The kinds and steps.
    fn catalog(&self) -> &Catalog;

    /// The cache of results.
    fn cache(&self) -> &ResultCache;

    /// The documents and other files.
    fn held(&self) -> &Held;

    /// Checks the name of a new file or folder beside the documents.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    fn check_name(name: &str) -> Result<(), String>;

    /// The bytes of a document, by its index in [`Held::documents`].
    fn read(&self, document: usize) -> Result<Arc<[u8]>, Self::Error>;

    /// The store's rows for these imports; `None` if no store knows the project.
    fn rows(&self, imports: &[LiveImport]) -> Result<Option<StoredRows>, Self::Error>;

    /// The newest past from before a remove, for the documents that it brings back; `None` if there is none.
    fn past(&self, before: &PlannedReturn) -> Result<Option<Past<Self>>, Self::Error>;

    /// The value under a key in a lookup table of the server.
    ///
    /// # Errors
    /// A message, if the server can't answer.
    fn lookup(&self, table: &str, key: &str) -> Result<Arc<Answer>, String>;

    /// Identifies the answers to some lookups.
    ///
    /// # Errors
    /// A message, if the server can't answer.
    fn answers_id(&self, lookups: &Lookups) -> Result<ContentId, String> {
        lookups.answers_id(|table, key| self.lookup(table, key))
    }

    /// Called when a document reaches a part of a declared step: see [`Context::reached`](crate::migrate::Context::reached).
    fn reached(&self, _step: usize, _part: &Part<'_>) {}
}

/// An older state of the same documents.
pub(crate) struct Past<S> {
    pub(crate) source: S,
    pub(crate) version: u32,
    /// Its name in messages: its commit.
    pub(crate) name: String,
}
