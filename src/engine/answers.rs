//! What steps ask, and the answers that a result depends on.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, OnceLock};

use serde::Serialize;

use super::content::{ContentHasher, ContentId};
use crate::migrate::Context;

/// What steps may ask, with ids that tell whether answers are the same without comparing them.
pub(crate) trait Answers: Context {
    /// Identifies the server's answers to some lookups.
    ///
    /// # Errors
    /// A message, if the server can't answer.
    fn answers_id(&self, lookups: &Lookups) -> Result<ContentId, String>;

    /// Identifies what [`documents`](Context::documents) would give.
    ///
    /// # Errors
    /// A message, if one of the documents can't be migrated.
    fn documents_id(&self, kind: &str, before_step: usize) -> Result<ContentId, String>;
}

/// An answer of the server.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) value: Option<serde_json::Value>,
    id: ContentId,
}

impl Answer {
    pub(crate) fn new(value: Option<serde_json::Value>) -> Answer {
        // No JSON text is empty: "there is no such key" has an id of its own.
        let text = value.as_ref().map(ToString::to_string);
        let id = ContentId::of_text(text.unwrap_or_default().as_bytes());
        Answer { value, id }
    }
}

/// A key in a lookup table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct LookupKey {
    /// The lookup table.
    pub table: String,
    /// The key.
    pub key: String,
}

impl fmt::Display for LookupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.table, self.key)
    }
}

/// A question to the server and its answer.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Asked {
    /// The lookup table.
    pub table: String,
    /// The key.
    pub key: String,
    /// The value under that key in the table.
    pub answer: Option<serde_json::Value>,
}

/// Questions to the server.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lookups {
    /// By table and key.
    questions: BTreeSet<(String, String)>,
    id: OnceLock<ContentId>,
}

impl Lookups {
    /// Identifies the questions.
    pub(crate) fn id(&self) -> ContentId {
        *self.id.get_or_init(|| {
            let mut hasher = ContentHasher::default();
            for (table, key) in &self.questions {
                hasher.name(table);
                hasher.name(key);
            }
            hasher.finish()
        })
    }

    /// Identifies the answers to them.
    pub(crate) fn answers_id<E>(
        &self,
        mut answer: impl FnMut(&str, &str) -> Result<Arc<Answer>, E>,
    ) -> Result<ContentId, E> {
        let mut hasher = ContentHasher::default();
        hasher.content(self.id());
        for (table, key) in &self.questions {
            hasher.content(answer(table, key)?.id);
        }
        Ok(hasher.finish())
    }

    fn add(&mut self, table: &str, key: &str) {
        self.id = OnceLock::new();
        self.questions.insert((table.to_owned(), key.to_owned()));
    }
}

/// What the steps of one document ask.
#[derive(Debug, Clone, Default)]
pub(super) struct Questions {
    lookups: Lookups,
    /// The kinds of documents that steps read, each with the step's index in the catalog.
    reads: BTreeSet<(String, usize)>,
}

impl PartialEq for Questions {
    fn eq(&self, other: &Questions) -> bool {
        (&self.lookups.questions, &self.reads) == (&other.lookups.questions, &other.reads)
    }
}

impl Questions {
    pub(super) fn lookup(&mut self, table: &str, key: &str) {
        self.lookups.add(table, key);
    }

    pub(super) fn read(&mut self, kind: &str, before_step: usize) {
        self.reads.insert((kind.to_owned(), before_step));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lookups.questions.is_empty() && self.reads.is_empty()
    }

    /// The union of these questions and others.
    pub(super) fn and(mut self, others: &Questions) -> Questions {
        for (table, key) in &others.lookups.questions {
            self.lookups.add(table, key);
        }
        self.reads.extend(others.reads.iter().cloned());
        self
    }

    /// Identifies the current answers.
    pub(super) fn answers_id(&self, answers: &dyn Answers) -> Result<ContentId, String> {
        let mut hasher = ContentHasher::default();
        if !self.lookups.questions.is_empty() {
            hasher.content(answers.answers_id(&self.lookups)?);
        }
        for (kind, before_step) in &self.reads {
            hasher.name(kind);
            hasher.name(&before_step.to_string());
            hasher.content(answers.documents_id(kind, *before_step)?);
        }
        Ok(hasher.finish())
    }

    /// The approximate size in bytes.
    pub(super) fn weight(&self) -> usize {
        let lookups = self.lookups.questions.iter();
        let lookups: usize = lookups
            .map(|(table, key)| 64 + table.len() + key.len())
            .sum();
        lookups + self.reads.len() * 64
    }
}
