//! One step on one document.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::context::Context;
use super::document::Input;
use super::error::{FailedStep, MigrationError, MigrationErrorKind};
use super::loss::LeafFate;
use super::modify;
use super::set_aside::SetAside;
use crate::catalog::{
    BlockPath, Body, DocumentName, Identity, Modify, Problem, ReadDocument, Step, StepContext,
    doubled_blocks,
};
use crate::ocl::{Dialect, Document, DoubledName};
use crate::text::panic_message;

/// One step on one document.
pub(super) struct StepRun<'r> {
    pub(super) step: &'r Step,
    /// The index of the step in [`Catalog::steps`](crate::catalog::Catalog::steps).
    pub(super) index: usize,
    pub(super) input: Input<'r>,
    /// Whether the document's text is still that of the input.
    pub(super) is_original: bool,
    pub(super) context: &'r dyn Context,
    /// The names that occur more than once in the original document.
    pub(super) doubled: &'r [DoubledName],
    /// The blocks of which there should be one.
    pub(super) single: &'r [BlockPath],
    /// What tells its blocks apart.
    pub(super) identity: &'r Identity,
}

/// The result of a step on a document.
pub(super) struct Made {
    /// `None` if it was removed.
    pub(super) document: Option<Document>,
    /// What happened to the values that the step touched.
    pub(super) fates: Vec<LeafFate>,
    /// If the step was undone: the values that the older shape can't hold.
    pub(super) set_aside: Vec<SetAside>,
}

/// A document of whose values there is nothing to report.
impl From<Document> for Made {
    fn from(document: Document) -> Made {
        Made {
            document: Some(document),
            fates: Vec::new(),
            set_aside: Vec::new(),
        }
    }
}

impl StepRun<'_> {
    /// Runs a `modify` or `down` body of the step. Returns the document and what happened to its values.
    pub(super) fn modify(
        &self,
        body: &Modify,
        document: Document,
    ) -> Result<(Document, Vec<LeafFate>), MigrationError> {
        let documents = self.documents()?;
        let dialect = document.dialect();
        let mut editor = document.edit();
        let fates = match &body.0 {
            Body::Declared(body) => {
                let context = modify::Context {
                    slug: self.input.slug,
                    identity: self.identity,
                    documents: &documents,
                    lookup: self.context.lookup(),
                    reached: &|part| self.context.reached(self.index, part),
                };
                modify::run(body.selection(), &mut editor, &context)
                    .map_err(|failure| self.failed_at(failure, &documents))?
            }
            Body::Native(run) => {
                let context = StepContext::new(
                    self.input.kind,
                    self.input.slug,
                    self.context.lookup(),
                    &documents,
                );
                // A defect in it concerns this document: the others aren't lost with it, nor is this one's text, which is dropped here.
                let ran = catch_unwind(AssertUnwindSafe(|| run(&mut editor, &context)));
                let ran = ran.map_err(|panic| {
                    let message = panic_message(&*panic);
                    self.failed(format!(
                        "the step panicked, which is a defect in it: {message}"
                    ))
                })?;
                ran.map_err(|error| self.failed(error.to_string()))?;
                Vec::new()
            }
        };
        self.context.edited(self.index, &editor);
        if editor.is_unchanged() {
            let same = editor.finish().with_dialect(dialect);
            return Ok((self.note_doubled(same), fates));
        }
        if let (Body::Native(_), Some(name)) = (&body.0, editor.document().first_doubled()) {
            // What a step in Rust has read isn't known.
            return Err(self.error(MigrationErrorKind::DoubledName { name, read: None }));
        }
        // An edit can break the text; a step's result must be a document.
        let text = editor.into_text();
        let document = Document::parse(text, dialect).map_err(|error| MigrationError {
            step: Some(self.failed_step(None)),
            kind: MigrationErrorKind::BrokenResult(error),
        })?;
        Ok((self.note_doubled(document), fates))
    }

    /// Writes the document in another dialect.
    pub(super) fn convert(
        &self,
        document: Document,
        dialect: Dialect,
    ) -> Result<Document, MigrationError> {
        let converted = document.convert(dialect);
        let converted = converted.map_err(|error| self.failed(error.to_string()))?;
        Ok(self.note_doubled(converted))
    }

    /// Marks the doubled names of the document for the next step.
    fn note_doubled(&self, mut document: Document) -> Document {
        if !self.doubled.is_empty() {
            let blocks = doubled_blocks(self.single, &document);
            document.note_doubled_of(self.doubled, &blocks);
        }
        document
    }

    /// The documents that the step reads.
    fn documents(&self) -> Result<Vec<ReadDocument>, MigrationError> {
        let mut documents = Vec::new();
        for kind in self.step.read_kinds() {
            let read = self.context.documents(kind, self.index);
            documents.extend(read.map_err(|message| self.failed(message))?);
        }
        Ok(documents)
    }

    /// An error about the step as a whole.
    pub(super) fn failed(&self, message: String) -> MigrationError {
        self.error(MigrationErrorKind::Step {
            message,
            place: "the document".into(),
            position: None,
        })
    }

    pub(super) fn error(&self, kind: MigrationErrorKind) -> MigrationError {
        MigrationError {
            step: Some(self.failed_step(self.step.file().map(str::to_owned))),
            kind,
        }
    }

    /// An error at a position in the step's file.
    fn failed_at(&self, failure: modify::Failure, read: &[ReadDocument]) -> MigrationError {
        let place = self.step.source().map(|source| {
            let problem = Problem::at(source, failure.span, "");
            format!("{}:{}:{}", problem.file, problem.line, problem.column)
        });
        let message = failure.message;
        let position = failure.position.filter(|_| self.is_original);
        let at = match position {
            Some(_) => failure.place,
            // Without a line, a position tells which of several blocks it is.
            None => failure.exact_place,
        };
        let at = match at.as_str() {
            "" => "the document".to_owned(),
            _ => at,
        };
        MigrationError {
            step: Some(self.failed_step(place)),
            kind: match failure.cause {
                modify::Cause::Failed => MigrationErrorKind::Step {
                    message,
                    place: at,
                    position,
                },
                modify::Cause::Rejected => MigrationErrorKind::Rejected {
                    message,
                    place: at,
                    position,
                },
                modify::Cause::Doubled(document, name) => MigrationErrorKind::DoubledName {
                    name: *name,
                    read: read
                        .iter()
                        .find(|read| read.document.root().document_key() == document)
                        .map(|read| DocumentName::new(&read.kind, &read.slug)),
                },
            },
        }
    }

    fn failed_step(&self, place: Option<String>) -> FailedStep {
        FailedStep {
            version: self.step.version(),
            name: self.step.name().to_owned(),
            place,
        }
    }
}
