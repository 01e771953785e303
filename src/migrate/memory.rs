//! Remembers results by content, so that nothing is computed twice, whatever number of refs share it.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use quick_cache::Weighter;
use quick_cache::sync::Cache;
use sha2::{Digest as _, Sha256};

use super::{Migrated, MigrationError, Reached, Surroundings};
use crate::catalog::{Lookup, ReadDocument};

/// Identifies a content: the id of its Git blob, or a hash of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ContentId([u8; 32]);

impl ContentId {
    /// By the id of a Git blob.
    pub fn of_blob(id: &[u8; 20]) -> ContentId {
        let mut bytes = [0; 32];
        bytes[..20].copy_from_slice(id);
        ContentId(bytes)
    }

    /// By the text itself.
    pub fn of_text(text: &[u8]) -> ContentId {
        ContentId(Sha256::digest(text).into())
    }
}

/// What a result depends on, apart from the catalog (a memory serves one) and what the steps ask.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) content: ContentId,
    pub(crate) kind: Box<str>,
    pub(crate) slug: Box<str>,
    pub(crate) shape: u32,
    pub(crate) target: u32,
    pub(crate) imported: bool,
}

pub(crate) type Outcome = Result<Migrated, MigrationError>;

/// A result, with everything that it depends on beside its key.
#[derive(Debug)]
pub(crate) struct Remembered {
    pub(crate) outcome: Outcome,
    /// Every question that was asked of the server.
    pub(crate) asked: Vec<Asked>,
    reads: Vec<ReadKind>,
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

/// The documents of a kind that a step read.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ReadKind {
    kind: String,
    before_step: usize,
    content: ContentId,
}

/// A memory of migrations under one catalog: bounded in bytes, shared between threads.
pub struct Memory {
    entries: Cache<Key, Arc<Remembered>, ByBytes>,
    hits: AtomicU64,
    misses: AtomicU64,
}

/// How often a memory could answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MemoryFigures {
    /// Results that were remembered.
    pub hits: u64,
    /// Results that had to be computed.
    pub misses: u64,
    /// What is held now, in bytes, about.
    pub bytes: u64,
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<Key, Arc<Remembered>> for ByBytes {
    fn weight(&self, key: &Key, entry: &Arc<Remembered>) -> u64 {
        let texts: usize = match &entry.outcome {
            Ok(migrated) => {
                let last = migrated.changes.last().is_none();
                let unchanged = migrated
                    .text
                    .as_ref()
                    .filter(|_| last)
                    .map_or(0, |text| text.len());
                let changes = migrated.changes.iter().map(|change| {
                    let fates: usize = change
                        .fates
                        .iter()
                        .map(|fate| 96 + fate.place.len() + fate.text.len())
                        .sum();
                    fates + change.text.as_ref().map_or(0, |text| text.len())
                });
                unchanged + changes.sum::<usize>()
            }
            Err(_) => 512,
        };
        (256 + key.kind.len() + key.slug.len() + texts) as u64
    }
}

impl Memory {
    /// A memory of at most about this many bytes.
    pub fn new(bytes: u64) -> Memory {
        Memory {
            // Documents of a few kilobytes are the rule.
            entries: Cache::with_weighter((bytes / 4096) as usize + 16, bytes, ByBytes),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        }
    }

    /// How often it could answer.
    pub fn figures(&self) -> MemoryFigures {
        MemoryFigures {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            bytes: self.entries.weight(),
        }
    }

    /// The result for a key, computed only if it isn't known or something that it depends on has changed.
    pub(crate) fn recall(
        &self,
        key: Key,
        surroundings: &dyn Surroundings,
        compute: impl FnOnce(&dyn Surroundings) -> Outcome,
    ) -> Arc<Remembered> {
        if let Some(known) = self.entries.get(&key)
            && still_holds(&known, surroundings)
        {
            self.hits.fetch_add(1, Ordering::Relaxed);
            return known;
        }
        self.misses.fetch_add(1, Ordering::Relaxed);
        let recorder = Recorder {
            inner: surroundings,
            asked: RefCell::default(),
            reads: RefCell::default(),
        };
        let outcome = compute(&recorder);
        let remembered = Arc::new(Remembered {
            outcome,
            asked: recorder.asked.into_inner(),
            reads: recorder.reads.into_inner(),
        });
        self.entries.insert(key, remembered.clone());
        remembered
    }
}

/// Whether everything that the steps asked would be answered alike today.
fn still_holds(known: &Remembered, surroundings: &dyn Surroundings) -> bool {
    let answers_hold = known.asked.iter().all(|asked| {
        let now = surroundings.lookup().lookup(&asked.table, &asked.key);
        now.is_ok_and(|now| now == asked.answer)
    });
    answers_hold
        && known.reads.iter().all(|read| {
            let now = surroundings.documents(&read.kind, read.before_step);
            now.is_ok_and(|documents| content_of(&documents) == read.content)
        })
}

fn content_of(documents: &[ReadDocument]) -> ContentId {
    let mut hasher = Sha256::new();
    for read in documents {
        for part in [&read.kind, &read.slug, read.document.text()] {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
    }
    ContentId(hasher.finalize().into())
}

/// Notes what the steps ask.
struct Recorder<'s> {
    inner: &'s dyn Surroundings,
    asked: RefCell<Vec<Asked>>,
    reads: RefCell<Vec<ReadKind>>,
}

impl Surroundings for Recorder<'_> {
    fn lookup(&self) -> &dyn Lookup {
        self
    }

    fn documents(&self, kind: &str, before_step: usize) -> Result<Vec<ReadDocument>, String> {
        let documents = self.inner.documents(kind, before_step)?;
        self.reads.borrow_mut().push(ReadKind {
            kind: kind.to_owned(),
            before_step,
            content: content_of(&documents),
        });
        Ok(documents)
    }

    fn reached(&self, step: usize, block: usize, how: Reached) {
        self.inner.reached(step, block, how);
    }
}

impl Lookup for Recorder<'_> {
    fn lookup(&self, table: &str, key: &str) -> Result<Option<serde_json::Value>, String> {
        let answer = self.inner.lookup().lookup(table, key)?;
        self.asked.borrow_mut().push(Asked {
            table: table.to_owned(),
            key: key.to_owned(),
            answer: answer.clone(),
        });
        Ok(answer)
    }
}
