//! A loaded ref's documents, migrated when they are asked for.

use std::sync::Arc;

use super::around::Around;
use super::document::{Content, DocumentOutcome, MigratedDocument};
use super::entries::{Entry, Original};
use super::loaded::Loaded;
use super::{LoadError, ReadError, returned};
use crate::migrate::{
    self, Asked, ContentId, Input, Key, MigrationError, MigrationErrorKind, Remembered,
    Surroundings, carry_out, steps_before,
};
use crate::ocl::{self, Document};
use crate::plan::{Direction, Origin, Source};

impl Loaded {
    /// The bytes of a document after its migration; `None` if it was removed or failed.
    ///
    /// # Errors
    /// Where Git can't read it.
    pub fn content(&self, document: &MigratedDocument) -> Result<Option<Vec<u8>>, LoadError> {
        match &document.content {
            Content::Text(text) => Ok(Some(text.as_bytes().to_vec())),
            Content::Original => self.before(document),
            Content::None => Ok(None),
        }
    }

    /// The bytes of a document before its migration: what Git holds, or what the store gave. `None` if neither does.
    ///
    /// # Errors
    /// Where Git can't read it.
    pub fn before(&self, document: &MigratedDocument) -> Result<Option<Vec<u8>>, LoadError> {
        match self.entry(&document.name).map(|entry| &entry.original) {
            Some(Original::Blob(id)) => Ok(Some(self.blob(*id)?.to_vec())),
            Some(Original::Stored { row, .. }) => Ok(Some(row.content.clone().into_bytes())),
            Some(Original::Past(past)) => past.content(past.document(&document.name)?),
            Some(Original::OfStep(text)) => Ok(Some(text.as_bytes().to_vec())),
            Some(Original::Refused(_)) | None => Ok(None),
        }
    }

    /// The shape of a document's content before its migration.
    pub fn shape_of(&self, document: &MigratedDocument) -> u32 {
        match self.entry(&document.name).map(|entry| entry.origin) {
            Some(Origin::Imported { shape } | Origin::BroughtBack { shape }) => shape,
            _ => self.plan.branch_version,
        }
    }

    /// A document's content in a shape that the server's own code can read.
    ///
    /// # Errors
    /// Where it couldn't be migrated, was removed, or doesn't have the shape of `T`.
    pub fn read<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<T, ReadError> {
        let document = self.document(name)?;
        if let DocumentOutcome::Failed(error) = &document.outcome {
            return Err(ReadError::Failed(name.to_owned(), error.clone()));
        }
        let Some(bytes) = self.content(document)? else {
            return Err(ReadError::Removed(name.to_owned()));
        };
        let dialect = self.project.catalog().dialect_at(self.plan.target);
        let parsed = Document::from_bytes(bytes, dialect).map_err(|error| {
            let kind = MigrationErrorKind::Parse(error);
            ReadError::Failed(
                name.to_owned(),
                Arc::new(MigrationError { step: None, kind }),
            )
        })?;
        ocl::from_document(&parsed)
            .map_err(|error| ReadError::Shape(name.to_owned(), error.to_string()))
    }

    /// Everything that was asked of the server. Documents not asked for yet are migrated for this.
    pub(super) fn asked(&self) -> impl Iterator<Item = &Asked> {
        let documents = self.entries.iter().zip(self.documents());
        let remembered = documents.filter_map(|(entry, document)| match &entry.original {
            Original::Past(past) => past.document(&entry.name).ok()?.remembered.as_deref(),
            _ => document.remembered.as_deref(),
        });
        remembered.flat_map(|remembered| &remembered.asked)
    }

    pub(super) fn result(&self, index: usize) -> &MigratedDocument {
        self.results[index].get_or_init(|| self.migrate(&self.entries[index]))
    }

    fn migrate(&self, entry: &Entry) -> MigratedDocument {
        let catalog = self.project.catalog();
        let kind = &catalog.kinds()[entry.kind].name;
        let mut document = MigratedDocument {
            name: entry.name.clone(),
            kind: kind.clone(),
            slug: entry.slug.clone(),
            path_before: entry.path_before.clone(),
            path: entry
                .path
                .clone()
                .unwrap_or_else(|_| entry.path_before.clone().unwrap_or_default()),
            outcome: DocumentOutcome::Unchanged,
            kept: entry.origin == Origin::Git && self.plan.keeps(&entry.name),
            losses: Vec::new(),
            set_aside: Vec::new(),
            content: Content::Original,
            remembered: None,
        };
        let refused = match (&entry.original, &entry.path) {
            (Original::Refused(reason), _) | (_, Err(reason)) => Some(reason.clone()),
            _ => None,
        };
        if entry.left_out {
            document.path = entry.path_before.clone().unwrap_or_default();
            document.outcome = DocumentOutcome::LeftOut;
            document.content = Content::None;
            return document;
        }
        let result = match refused {
            Some(reason) => Err(Arc::new(MigrationError::before_any_step(reason))),
            None => self.run(entry, &mut document),
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

    /// Runs the entry's steps, and puts what came out into the document.
    fn run(
        &self,
        entry: &Entry,
        document: &mut MigratedDocument,
    ) -> Result<DocumentOutcome, Arc<MigrationError>> {
        let catalog = self.project.catalog();
        if let Original::Past(past) = &entry.original {
            return returned::take_over(past, document);
        }
        let moved = entry
            .path_before
            .as_ref()
            .is_some_and(|before| *before != document.path);
        let arrived = match &entry.original {
            Original::Stored { source, .. } => DocumentOutcome::Imported { source: *source },
            Original::OfStep(_) => DocumentOutcome::BroughtBack {
                source: Source::Step,
            },
            _ if moved => DocumentOutcome::Changed,
            _ => DocumentOutcome::Unchanged,
        };
        if !migrate::needs_content(catalog, &entry.steps)
            && !migrate::removes(catalog, &entry.steps)
        {
            return Ok(arrived);
        }
        let remembered = self.remembered(entry)?;
        let outcome = match &remembered.outcome {
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
        document.remembered = Some(remembered);
        Ok(outcome)
    }

    fn remembered(&self, entry: &Entry) -> Result<Arc<Remembered>, Arc<MigrationError>> {
        let around = Around::new(self);
        self.recall(entry, None, &around).map_err(Arc::new)
    }

    /// The result of the entry's steps, or of those before one that reads the document.
    pub(super) fn recall(
        &self,
        entry: &Entry,
        before_step: Option<usize>,
        surroundings: &dyn Surroundings,
    ) -> Result<Arc<Remembered>, MigrationError> {
        let catalog = self.project.catalog();
        let kind = &catalog.kinds()[entry.kind].name;
        let shape = self.plan.shape_of(entry.origin);
        let content = match &entry.original {
            Original::Blob(id) => ContentId::of_blob(id.as_bytes()),
            Original::Stored { row, .. } => ContentId::of_text(row.content.as_bytes()),
            Original::OfStep(text) => ContentId::of_text(text.as_bytes()),
            Original::Past(past) => {
                // The commit that held it knows what it was before each step.
                let surroundings = Around::new(past);
                return match past.entry(&entry.name) {
                    Some(entry) => past.recall(entry, before_step, &surroundings),
                    None => unreachable!("it was found among that commit's documents"),
                };
            }
            Original::Refused(reason) => {
                return Err(MigrationError::before_any_step(reason.clone()));
            }
        };
        let key = Key {
            content,
            kind: kind.as_str().into(),
            slug: entry.slug.as_str().into(),
            shape,
            target: self.plan.target,
            imported: entry.origin != Origin::Git,
            before_step,
        };
        let memory = &self.project.memory().migrations;
        Ok(memory.recall(key, surroundings, |surroundings| {
            let bytes = self.original_bytes(entry)?;
            let input = Input {
                kind,
                slug: &entry.slug,
                shape,
                bytes: &bytes,
            };
            let plan = &self.plan;
            let direction = entry.direction;
            let steps = steps_before(catalog, plan, direction, &entry.steps, before_step);
            carry_out(catalog, direction, &steps, input, surroundings)
        }))
    }

    fn original_bytes(&self, entry: &Entry) -> Result<Arc<[u8]>, MigrationError> {
        match &entry.original {
            Original::Blob(id) => self.blob(*id).map_err(|error| {
                MigrationError::before_any_step(MigrationErrorKind::Read(error.to_string()))
            }),
            Original::Stored { row, .. } => Ok(row.content.as_bytes().into()),
            Original::OfStep(text) => Ok(text.as_bytes().into()),
            // It is migrated where it was held.
            Original::Past(_) => Ok(Arc::default()),
            Original::Refused(reason) => Err(MigrationError::before_any_step(reason.clone())),
        }
    }
}
