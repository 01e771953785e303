//! Remembers results by content, so that nothing is computed twice, whatever number of refs share it.

use std::cell::{Cell, RefCell};
use std::sync::{Arc, OnceLock};

use sha2::{Digest as _, Sha256};

use super::bounded::{Bounded, MemoryFigures, Weigh};
use super::{LineChanges, Migrated, MigrationError, MigrationErrorKind, Reached, Surroundings};
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
    /// The place in the catalog of the step that reads it on the way; `None` for the whole migration.
    pub(crate) before_step: Option<usize>,
}

pub(crate) type Outcome = Result<Migrated, MigrationError>;

/// A result, with everything that it depends on beside its key.
#[derive(Debug)]
pub(crate) struct Remembered {
    pub(crate) outcome: Outcome,
    /// Every question that was asked of the server.
    pub(crate) asked: Vec<Asked>,
    reads: Vec<ReadKind>,
    text_id: OnceLock<ContentId>,
    lines: OnceLock<LineChanges>,
}

/// A question to the server and its answer.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
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
    held: Bounded<Key, Arc<Remembered>>,
}

/// Documents of a few kilobytes are the rule.
const USUAL_BYTES: u64 = 4096;

impl Weigh for Arc<Remembered> {
    fn weight(&self) -> usize {
        let text = |text: &Option<Arc<str>>| text.as_ref().map_or(0, |text| text.len());
        match &self.outcome {
            Ok(migrated) => {
                let changes = migrated.changes.iter().map(|change| {
                    let fates = change.fates.iter();
                    let fates: usize = fates
                        .map(|fate| 96 + fate.place.len() + fate.text.len())
                        .sum();
                    fates + text(&change.text)
                });
                // The text after the last change is one with the whole result's.
                let unchanged = migrated.changes.is_empty();
                let unchanged = if unchanged { text(&migrated.text) } else { 0 };
                128 + unchanged + changes.sum::<usize>() + migrated.set_aside.len() * 256
            }
            Err(error) => 512 + error.to_string().len(),
        }
    }
}

impl Memory {
    /// A memory of at most about this many bytes; of none, it remembers nothing.
    pub fn new(bytes: u64) -> Memory {
        Memory {
            held: Bounded::new(bytes, USUAL_BYTES),
        }
    }

    /// How often it could answer.
    pub fn figures(&self) -> MemoryFigures {
        self.held.figures()
    }

    /// The result for a key, computed only if it isn't known or something that it depends on has changed.
    pub(crate) fn recall(
        &self,
        key: Key,
        surroundings: &dyn Surroundings,
        compute: impl FnOnce(&dyn Surroundings) -> Outcome,
    ) -> Arc<Remembered> {
        let holds = |known: &Arc<Remembered>| still_holds(known, surroundings);
        if let Some(known) = self.held.get_if(&key, holds) {
            return known;
        }
        let recorder = Recorder {
            inner: surroundings,
            asked: RefCell::default(),
            reads: RefCell::default(),
            failed: Cell::new(false),
        };
        let outcome = compute(&recorder);
        // What couldn't be read or answered now may be another time.
        let may_change = recorder.failed.get()
            || matches!(&outcome, Err(error) if matches!(error.kind, MigrationErrorKind::Read(_)));
        let remembered = Arc::new(Remembered {
            outcome,
            asked: recorder.asked.into_inner(),
            reads: recorder.reads.into_inner(),
            text_id: OnceLock::new(),
            lines: OnceLock::new(),
        });
        if !may_change {
            self.held.insert(key, remembered.clone());
        }
        remembered
    }
}

impl Remembered {
    /// Identifies the text that came out; `None` where none did.
    pub(crate) fn text_id(&self) -> Option<ContentId> {
        let text = self.outcome.as_ref().ok()?.text.as_ref()?;
        Some(
            *self
                .text_id
                .get_or_init(|| ContentId::of_text(text.as_bytes())),
        )
    }

    /// The lines that the migration changes, counted once; `before` reads the text that went in.
    pub(crate) fn lines<E>(
        &self,
        before: impl FnOnce() -> Result<Vec<u8>, E>,
    ) -> Result<LineChanges, E> {
        if let Some(lines) = self.lines.get() {
            return Ok(*lines);
        }
        let lines = match &self.outcome {
            Ok(migrated) if !migrated.changes.is_empty() => {
                let after = migrated.text.as_deref().unwrap_or_default();
                LineChanges::between(&before()?, after.as_bytes())
            }
            _ => LineChanges::default(),
        };
        Ok(*self.lines.get_or_init(|| lines))
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
            let now = surroundings.content_of(&read.kind, read.before_step);
            now.is_ok_and(|content| content == read.content)
        })
}

/// Identifies documents by their names and texts.
pub(crate) fn identify<'d>(documents: impl Iterator<Item = (&'d str, ContentId)>) -> ContentId {
    let mut hasher = Sha256::new();
    for (slug, content) in documents {
        hasher.update((slug.len() as u64).to_le_bytes());
        hasher.update(slug);
        hasher.update(content.0);
    }
    ContentId(hasher.finalize().into())
}

/// Notes what the steps ask.
struct Recorder<'s> {
    inner: &'s dyn Surroundings,
    asked: RefCell<Vec<Asked>>,
    reads: RefCell<Vec<ReadKind>>,
    /// Whether something couldn't be answered.
    failed: Cell<bool>,
}

impl Recorder<'_> {
    fn noted<T>(&self, answer: Result<T, String>) -> Result<T, String> {
        if answer.is_err() {
            self.failed.set(true);
        }
        answer
    }
}

impl Surroundings for Recorder<'_> {
    fn lookup(&self) -> &dyn Lookup {
        self
    }

    fn documents(&self, kind: &str, before_step: usize) -> Result<Vec<ReadDocument>, String> {
        let documents = self.noted(self.inner.documents(kind, before_step))?;
        let content = self.noted(self.inner.content_of(kind, before_step))?;
        self.reads.borrow_mut().push(ReadKind {
            kind: kind.to_owned(),
            before_step,
            content,
        });
        Ok(documents)
    }

    fn content_of(&self, kind: &str, before_step: usize) -> Result<ContentId, String> {
        self.inner.content_of(kind, before_step)
    }

    fn reached(&self, step: usize, block: usize, how: Reached) {
        self.inner.reached(step, block, how);
    }
}

impl Lookup for Recorder<'_> {
    fn lookup(&self, table: &str, key: &str) -> Result<Option<serde_json::Value>, String> {
        let answer = self.noted(self.inner.lookup().lookup(table, key))?;
        self.asked.borrow_mut().push(Asked {
            table: table.to_owned(),
            key: key.to_owned(),
            answer: answer.clone(),
        });
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ocl::Dialect;
    use crate::ocl::Document;

    /// A server whose answers a test changes.
    struct Server {
        answer: RefCell<Result<Option<serde_json::Value>, String>>,
        read: RefCell<&'static str>,
    }

    impl Lookup for Server {
        fn lookup(&self, _: &str, _: &str) -> Result<Option<serde_json::Value>, String> {
            self.answer.borrow().clone()
        }
    }

    impl Surroundings for Server {
        fn lookup(&self) -> &dyn Lookup {
            self
        }

        fn documents(&self, kind: &str, _: usize) -> Result<Vec<ReadDocument>, String> {
            let document = Document::parse(*self.read.borrow(), Dialect::Current);
            Ok(vec![ReadDocument {
                kind: kind.to_owned(),
                slug: String::new(),
                document: Arc::new(document.expect("tests read OCL")),
            }])
        }
    }

    fn key() -> Key {
        Key {
            content: ContentId::of_text(b"a"),
            kind: "kind".into(),
            slug: "".into(),
            shape: 1,
            target: 2,
            imported: false,
            before_step: None,
        }
    }

    /// A migration whose text tells what it was told.
    fn text(memory: &Memory, server: &Server) -> String {
        let remembered = memory.recall(key(), server, |surroundings| {
            let answer = surroundings.lookup().lookup("table", "key");
            let read = surroundings.documents("other", 0).expect("it can be read");
            let text = format!("{answer:?} {}", read[0].document.text());
            Ok(Migrated {
                text: Some(text.into()),
                ..Migrated::default()
            })
        });
        let migrated = remembered.outcome.as_ref().expect("it always works");
        migrated.text.as_deref().expect("it has a text").to_owned()
    }

    #[test]
    fn an_answer_or_a_document_read_that_changed_is_noticed() {
        let memory = Memory::new(1 << 20);
        let server = Server {
            answer: RefCell::new(Ok(Some(1.into()))),
            read: RefCell::new("a = 1"),
        };
        assert!(text(&memory, &server).contains("Number(1)"));
        assert!(text(&memory, &server).contains("a = 1"));
        assert_eq!((memory.figures().hits, memory.figures().misses), (1, 1));
        *server.answer.borrow_mut() = Ok(Some(2.into()));
        assert!(text(&memory, &server).contains("Number(2)"));
        *server.read.borrow_mut() = "a = 2";
        assert!(text(&memory, &server).contains("a = 2"));
        assert_eq!((memory.figures().hits, memory.figures().misses), (1, 3));
    }

    #[test]
    fn what_failed_for_want_of_an_answer_is_tried_again() {
        let memory = Memory::new(1 << 20);
        let server = Server {
            answer: RefCell::new(Err("the database is down".to_owned())),
            read: RefCell::new("a = 1"),
        };
        assert!(text(&memory, &server).contains("database is down"));
        *server.answer.borrow_mut() = Ok(None);
        assert!(text(&memory, &server).contains("Ok(None)"));
    }

    #[test]
    fn a_memory_of_no_bytes_remembers_nothing() {
        let memory = Memory::new(0);
        let server = Server {
            answer: RefCell::new(Ok(None)),
            read: RefCell::new("a = 1"),
        };
        text(&memory, &server);
        text(&memory, &server);
        assert_eq!((memory.figures().hits, memory.figures().misses), (0, 2));
        assert_eq!(memory.figures().bytes, 0);
    }
}
