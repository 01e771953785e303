//! The outcome of each document of a lift, computed on demand.

use std::sync::Arc;

use super::answers::Asked;
use super::document::{Content, DocumentOutcome, MigratedDocument};
use super::entry::{Entry, Original};
use super::lift::Lift;
use super::result::{result_of, with_context};
use super::source::Source;
use super::warning::{DocumentWarning, not_parsed, warnings};
use crate::catalog::DocumentName;
use crate::migrate::{Context, MigrationError, MigrationErrorKind, needs_content, removes};
use crate::plan::{Direction, Source as RowSource};

impl<S: Source> Lift<S> {
    /// The document at an index of the entries. Migrates it on the first call.
    pub(crate) fn document(&self, index: usize) -> &MigratedDocument {
        self.outcomes[index].get_or_init(|| migrate(self, &self.entries()[index]))
    }

    /// All documents.
    pub(crate) fn documents(&self) -> impl ExactSizeIterator<Item = &MigratedDocument> {
        (0..self.entries().len()).map(|index| self.document(index))
    }

    /// The document of this name.
    pub(crate) fn named(&self, name: &DocumentName) -> Option<&MigratedDocument> {
        self.position(name).map(|index| self.document(index))
    }

    /// Calls `run` with what the steps of a document may ask, to run them in another way.
    pub(crate) fn with_context<T>(&self, index: usize, run: impl FnOnce(&dyn Context) -> T) -> T {
        with_context(self, &self.entries()[index], run)
    }

    /// The bytes of a document after its migration; `None` if it was removed, left out or failed.
    pub(crate) fn content(&self, document: &MigratedDocument) -> Result<Option<Vec<u8>>, S::Error> {
        match &document.content {
            Content::Text(text) => Ok(Some(text.as_bytes().to_vec())),
            Content::Original => self.before(&document.name),
            Content::None => Ok(None),
        }
    }

    /// The bytes of a document before its migration; `None` if there are none.
    pub(crate) fn before(&self, name: &DocumentName) -> Result<Option<Vec<u8>>, S::Error> {
        let entry = self.position(name).map(|index| &self.entries()[index]);
        match entry.map(|entry| &entry.original) {
            Some(Original::Held(index)) => Ok(Some(self.source().read(*index)?.to_vec())),
            Some(Original::Stored { row, .. }) => Ok(Some(row.content.as_bytes().to_vec())),
            Some(Original::OfStep(text)) => Ok(Some(text.as_bytes().to_vec())),
            // As the past migrated it to the target.
            Some(Original::Past(past)) => match past.named(name) {
                Some(document) => past.content(document),
                None => Ok(None),
            },
            Some(Original::Refused(_)) | None => Ok(None),
        }
    }

    /// The warnings about a document, with paths as the source has them. Reads it even if no step does.
    pub(crate) fn warnings(&self, name: &DocumentName) -> Vec<DocumentWarning> {
        let Some(index) = self.position(name) else {
            return Vec::new();
        };
        let (entry, document) = (&self.entries()[index], self.document(index));
        let catalog = self.source().catalog();
        let recorded = match (&entry.original, &document.outcome) {
            (_, DocumentOutcome::Removed | DocumentOutcome::LeftOut) => return Vec::new(),
            (Original::Past(past), _) => return past.warnings(name),
            (Original::Refused(_), _) => return Vec::new(),
            _ => document.recorded.clone(),
        };
        if let Some(recorded) = recorded {
            return warnings(catalog, entry.direction, &recorded);
        }
        let Ok(recorded) = result_of(self, entry) else {
            return Vec::new();
        };
        let path = document.path_before.as_deref().unwrap_or(&document.path);
        let mut warnings = warnings(catalog, entry.direction, &recorded);
        warnings.extend(not_parsed(&recorded, path));
        warnings
    }

    /// What a reader of a document's values should know, in words. Reads it even if no step does.
    pub(crate) fn told(&self, name: &DocumentName) -> Arc<[String]> {
        let Some(index) = self.position(name) else {
            return Arc::default();
        };
        let (entry, document) = (&self.entries()[index], self.document(index));
        let recorded = match (&entry.original, &document.outcome) {
            (Original::Past(past), _) => return past.told(name),
            (Original::Refused(_), _) | (_, DocumentOutcome::LeftOut) => return Arc::default(),
            _ => document.recorded.clone(),
        };
        let recorded = recorded.or_else(|| result_of(self, entry).ok());
        recorded.map_or_else(Arc::default, |recorded| {
            recorded.told(|| {
                let warnings = match document.outcome {
                    DocumentOutcome::Removed => Vec::new(),
                    _ => warnings(self.source().catalog(), entry.direction, &recorded),
                };
                let losses = document.losses.iter().map(ToString::to_string);
                let set_aside = document.set_aside.iter().map(ToString::to_string);
                let warnings = warnings.iter().map(ToString::to_string);
                losses.chain(set_aside).chain(warnings).collect()
            })
        })
    }

    /// Every question to the server with its answer. Migrates all documents that aren't migrated yet.
    pub(crate) fn asked(&self) -> impl Iterator<Item = &Asked> {
        let documents = self.entries().iter().zip(self.documents());
        let recorded = documents.filter_map(|(entry, document)| match &entry.original {
            Original::Past(past) => past.named(&entry.name)?.recorded.as_deref(),
            _ => document.recorded.as_deref(),
        });
        recorded.flat_map(|recorded| &recorded.asked)
    }
}

fn migrate<S: Source>(lift: &Lift<S>, entry: &Entry<Lift<S>>) -> MigratedDocument {
    let path_before = lift.path_before(entry).map(str::to_owned);
    let path = entry.path.clone().ok();
    let mut document = MigratedDocument {
        name: entry.name.clone(),
        path: path.or_else(|| path_before.clone()).unwrap_or_default(),
        path_before,
        outcome: DocumentOutcome::Unchanged,
        kept: entry.kept,
        losses: Vec::new(),
        set_aside: Vec::new(),
        content: Content::Original,
        recorded: None,
    };
    if entry.left_out {
        document.path = document.path_before.clone().unwrap_or_default();
        document.outcome = DocumentOutcome::LeftOut;
        document.content = Content::None;
        return document;
    }
    let result = match (&entry.original, &entry.path) {
        (Original::Refused(reason), _) | (_, Err(reason)) => {
            Err(Arc::new(MigrationError::before_any_step(reason.clone())))
        }
        (Original::Past(past), _) => take_over(past, &mut document),
        _ => run_steps(lift, entry, &mut document),
    };
    match result {
        Ok(outcome) => document.outcome = outcome,
        Err(error) => {
            document.outcome = DocumentOutcome::Failed(error);
            document.content = Content::None;
        }
    }
    document
}

/// Runs the entry's steps and puts the result into the document.
fn run_steps<S: Source>(
    lift: &Lift<S>,
    entry: &Entry<Lift<S>>,
    document: &mut MigratedDocument,
) -> Result<DocumentOutcome, Arc<MigrationError>> {
    let catalog = lift.source().catalog();
    let moved = document
        .path_before
        .as_ref()
        .is_some_and(|before| *before != document.path);
    let arrived = match &entry.original {
        Original::Stored { source, .. } => DocumentOutcome::Imported { source: *source },
        Original::OfStep(_) => DocumentOutcome::BroughtBack {
            source: RowSource::Step,
        },
        _ if moved => DocumentOutcome::Changed,
        _ => DocumentOutcome::Unchanged,
    };
    if !needs_content(catalog, &entry.steps) && !removes(catalog, &entry.steps) {
        return Ok(arrived);
    }
    let recorded = result_of(lift, entry).map_err(Arc::new)?;
    let recorded = document.recorded.insert(recorded);
    let outcome = match &recorded.outcome {
        Err(error) => return Err(Arc::new(error.clone())),
        Ok(migrated) => {
            if entry.direction == Direction::Up {
                document.losses = migrated.losses(catalog);
            }
            document.set_aside = migrated.set_aside.clone();
            match &migrated.text {
                None => {
                    document.content = Content::None;
                    DocumentOutcome::Removed
                }
                Some(_) if migrated.changes.is_empty() => arrived,
                Some(text) => {
                    document.content = Content::Text(text.clone());
                    match arrived {
                        DocumentOutcome::Unchanged => DocumentOutcome::Changed,
                        arrived => arrived,
                    }
                }
            }
        }
    };
    Ok(outcome)
}

/// Copies the outcome that the document has in the past from which it comes back.
fn take_over<S: Source>(
    past: &Lift<S>,
    document: &mut MigratedDocument,
) -> Result<DocumentOutcome, Arc<MigrationError>> {
    let missing = |reason: String| {
        let kind = MigrationErrorKind::Read(reason);
        Arc::new(MigrationError::before_any_step(kind))
    };
    let then = past
        .named(&document.name)
        .expect("entries are made from the documents of that past");
    if let DocumentOutcome::Failed(error) = &then.outcome {
        return Err(error.clone());
    }
    document.losses = then.losses.clone();
    document.set_aside = then.set_aside.clone();
    let bytes = past.content(then);
    let bytes = bytes.map_err(|error| missing(error.to_string()))?;
    let text = bytes.map(String::from_utf8).transpose();
    let text = text.map_err(|_| missing("it is not UTF-8".to_owned()))?;
    let text = text.ok_or_else(|| missing("a step removes it on the way".to_owned()))?;
    document.content = Content::Text(text.into());
    Ok(DocumentOutcome::BroughtBack {
        source: RowSource::History,
    })
}
