//! Where the engine gets what it works on.

use std::fmt::Display;
use std::sync::Arc;

use super::answers::{Answer, Lookups};
use super::cache::ResultCache;
use super::content::ContentId;
use super::held::Held;
use super::rows::StoredRows;
use crate::catalog::Catalog;
use crate::migrate::Reached;
use crate::plan::{LiveImport, PlannedReturn};

/// Documents at one version, and the server that they belong to: a ref in Git and the store, or files in memory.
///
/// A lift asks for documents, rows and the past when it is made; for bytes and answers when a document is asked for.
pub(crate) trait Source: Sized {
    /// Why it can't give something.
    type Error: Display;

    /// The kinds and steps.
    fn catalog(&self) -> &Catalog;

    /// The cache of results.
    fn cache(&self) -> &ResultCache;

    /// The documents and other files.
    fn held(&self) -> &Held;

    /// Checks a name that a file or folder is to get where the documents lie.
    ///
    /// # Errors
    /// In words: what is wrong with it.
    fn check_name(name: &str) -> Result<(), String>;

    /// The bytes of a document, by its place in [`Held::documents`].
    fn read(&self, document: usize) -> Result<Arc<[u8]>, Self::Error>;

    /// The store's rows for these imports; `None` where no store knows the project.
    fn rows(&self, imports: &[LiveImport]) -> Result<Option<StoredRows>, Self::Error>;

    /// The newest past from before a remove, for what that brings back; `None` where there is none.
    fn past(&self, before: &PlannedReturn) -> Result<Option<Past<Self>>, Self::Error>;

    /// What a lookup table of the server has under a key.
    ///
    /// # Errors
    /// In words: where the server can't answer.
    fn lookup(&self, table: &str, key: &str) -> Result<Arc<Answer>, String>;

    /// Identifies the answers to some lookups.
    ///
    /// # Errors
    /// In words: where the server can't answer.
    fn answers_id(&self, lookups: &Lookups) -> Result<ContentId, String> {
        lookups.answers_id(|table, key| self.lookup(table, key))
    }

    /// Is told which parts of declared steps documents reach: see [`Context::reached`](crate::migrate::Context::reached).
    fn reached(&self, _step: usize, _block: usize, _how: Reached) {}
}

/// An older state of the same documents.
pub(crate) struct Past<S> {
    pub(crate) source: S,
    pub(crate) version: u32,
    /// Its name in messages: its commit.
    pub(crate) name: String,
}
