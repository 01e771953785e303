//! A result, and the recording of what its steps ask.

use std::cell::{Cell, RefCell};
use std::sync::{Arc, OnceLock};

use super::answers::{Answers, Asked, Questions};
use super::content::ContentId;
use crate::catalog::{Lookup, ReadDocument};
use crate::migrate::{Context, LineChanges, Migrated, MigrationError, Part};

pub(super) type Outcome = Result<Migrated, MigrationError>;

/// A result, with everything that the steps asked for it.
#[derive(Debug)]
pub(crate) struct Recorded {
    pub(crate) outcome: Outcome,
    /// Every question to the server, in the order in which they were asked.
    pub(crate) asked: Vec<Asked>,
    text_id: OnceLock<ContentId>,
    lines: OnceLock<LineChanges>,
    told: OnceLock<Arc<[String]>>,
}

impl Recorded {
    pub(super) fn new(outcome: Outcome, asked: Vec<Asked>) -> Recorded {
        Recorded {
            outcome,
            asked,
            text_id: OnceLock::new(),
            lines: OnceLock::new(),
            told: OnceLock::new(),
        }
    }

    /// Identifies the resulting text; `None` if there is none.
    pub(super) fn text_id(&self) -> Option<ContentId> {
        let text = self.outcome.as_ref().ok()?.text.as_ref()?;
        Some(
            *self
                .text_id
                .get_or_init(|| ContentId::of_text(text.as_bytes())),
        )
    }

    /// The lines that the migration changes, counted once; `before` reads the original text.
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

    /// What a reader of the result should know, put into words once.
    pub(super) fn told(&self, words: impl FnOnce() -> Vec<String>) -> Arc<[String]> {
        self.told.get_or_init(|| words().into()).clone()
    }

    pub(super) fn weight(&self) -> usize {
        let text = |text: &Option<Arc<str>>| text.as_ref().map_or(0, |text| text.len());
        let asked = self.asked.iter();
        let asked: usize = asked
            .map(|asked| 160 + asked.table.len() + asked.key.len())
            .sum();
        asked
            + match &self.outcome {
                Ok(migrated) => {
                    let changes = migrated.changes.iter().map(|change| {
                        let fates = change.fates.iter();
                        let fates: usize = fates
                            .map(|fate| 96 + fate.place.len() + fate.text.len())
                            .sum();
                        fates + text(&change.text)
                    });
                    // The text after the last change is the text of the whole result: count it once.
                    let unchanged = migrated.changes.is_empty();
                    let unchanged = if unchanged { text(&migrated.text) } else { 0 };
                    let notes = migrated.set_aside.len() + migrated.doubled.len();
                    128 + unchanged + changes.sum::<usize>() + notes * 256
                }
                Err(error) => 512 + error.to_string().len(),
            }
    }
}

/// Records what the steps ask.
pub(super) struct Recorder<'s> {
    pub(super) inner: &'s dyn Answers,
    pub(super) asked: RefCell<Vec<Asked>>,
    pub(super) questions: RefCell<Questions>,
    /// Whether a question couldn't be answered.
    pub(super) failed: Cell<bool>,
}

impl Recorder<'_> {
    fn noted<T>(&self, answer: Result<T, String>) -> Result<T, String> {
        if answer.is_err() {
            self.failed.set(true);
        }
        answer
    }
}

impl Context for Recorder<'_> {
    fn lookup(&self) -> &dyn Lookup {
        self
    }

    fn documents(&self, kind: &str, before_step: usize) -> Result<Vec<ReadDocument>, String> {
        self.questions.borrow_mut().read(kind, before_step);
        self.noted(self.inner.documents(kind, before_step))
    }

    fn reached(&self, step: usize, part: &Part<'_>) {
        self.inner.reached(step, part);
    }
}

impl Lookup for Recorder<'_> {
    fn lookup(&self, table: &str, key: &str) -> Result<Option<serde_json::Value>, String> {
        self.questions.borrow_mut().lookup(table, key);
        let answer = self.noted(self.inner.lookup().lookup(table, key))?;
        self.asked.borrow_mut().push(Asked {
            table: table.to_owned(),
            key: key.to_owned(),
            answer: answer.clone(),
        });
        Ok(answer)
    }
}
