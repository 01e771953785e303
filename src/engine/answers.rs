//! What steps ask, and the answers that a result depends on.

use std::collections::BTreeSet;

use super::content::{ContentHasher, ContentId};
use crate::migrate::Context;

/// What steps may ask, with a way to tell whether two answers are the same without comparing them.
pub(crate) trait Answers: Context {
    /// Identifies what a lookup table has under a key.
    ///
    /// # Errors
    /// In words: where the server can't answer.
    fn answer_id(&self, table: &str, key: &str) -> Result<ContentId, String>;

    /// Identifies what [`documents`](Context::documents) would give.
    ///
    /// # Errors
    /// In words: where one of the documents can't be had.
    fn documents_id(&self, kind: &str, before_step: usize) -> Result<ContentId, String>;
}

/// An answer of the server.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) value: Option<serde_json::Value>,
    pub(crate) id: ContentId,
}

impl Answer {
    pub(crate) fn new(value: Option<serde_json::Value>) -> Answer {
        // "There is no such key" differs from every JSON text.
        let text = value.as_ref().map(ToString::to_string);
        let id = ContentId::of_text(text.unwrap_or_default().as_bytes());
        Answer { value, id }
    }
}

/// A question to the server and its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The lookup table.
    pub table: String,
    /// The key.
    pub key: String,
    /// What the table has under it.
    pub answer: Option<serde_json::Value>,
}

/// The questions that the steps of one document ask.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Questions {
    /// By table and key.
    lookups: BTreeSet<(String, String)>,
    /// The kinds of documents that steps read, each with the step's place in the catalog.
    reads: BTreeSet<(String, usize)>,
}

impl Questions {
    pub(super) fn lookup(&mut self, table: &str, key: &str) {
        self.lookups.insert((table.to_owned(), key.to_owned()));
    }

    pub(super) fn read(&mut self, kind: &str, before_step: usize) {
        self.reads.insert((kind.to_owned(), before_step));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lookups.is_empty() && self.reads.is_empty()
    }

    /// These and others.
    pub(super) fn and(mut self, others: &Questions) -> Questions {
        self.lookups.extend(others.lookups.iter().cloned());
        self.reads.extend(others.reads.iter().cloned());
        self
    }

    /// Identifies the answers of now.
    pub(super) fn answers_id(&self, answers: &dyn Answers) -> Result<ContentId, String> {
        let mut hasher = ContentHasher::default();
        for (table, key) in &self.lookups {
            hasher.add(&[table, key], answers.answer_id(table, key)?);
        }
        for (kind, before_step) in &self.reads {
            let step = before_step.to_string();
            hasher.add(&[kind, &step], answers.documents_id(kind, *before_step)?);
        }
        Ok(hasher.finish())
    }

    /// What they take, in bytes, about.
    pub(super) fn weight(&self) -> usize {
        let lookups = self.lookups.iter();
        let lookups: usize = lookups
            .map(|(table, key)| 64 + table.len() + key.len())
            .sum();
        lookups + self.reads.len() * 64
    }
}
