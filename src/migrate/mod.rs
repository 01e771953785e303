//! Runs a plan's steps over one document, in memory.
//!
//! Architecture invariant: knows nothing of Git and of the store. What a step may ask of its surroundings comes in
//! through [`Surroundings`].

mod bounded;
mod down;
mod error;
mod lines;
mod loss;
mod memory;
mod modify;
mod reads;
mod set_aside;

use std::sync::Arc;

pub use bounded::MemoryFigures;
pub(crate) use bounded::{Bounded, Weigh};
pub use down::migrate_down;
pub use error::{FailedStep, MigrationError, MigrationErrorKind};
pub use lines::LineChanges;
pub use loss::{Fate, LeafFate, Loss, LossCause};
pub use memory::{Asked, ContentId, Memory};
pub(crate) use memory::{Key, Remembered, identify};
pub(crate) use reads::{
    Readable, carry_out, dialect_before, document_before, shape_before, steps_before,
};
pub use set_aside::SetAside;

use crate::catalog::{Action, Catalog, Lookup, Modify, Problem, ReadDocument, Step, StepContext};
use crate::ocl::{Dialect, Document};

/// A document before its migration.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// Its kind.
    pub kind: &'a str,
    /// Its slug; empty for a single document.
    pub slug: &'a str,
    /// The schema version that the content conforms to.
    pub shape: u32,
    /// Its text.
    pub bytes: &'a [u8],
}

/// What steps may ask while they run.
pub trait Surroundings {
    /// The server's lookup tables.
    fn lookup(&self) -> &dyn Lookup;

    /// The documents of another kind, as they stand just before the step at this place of the catalog runs.
    fn documents(&self, kind: &str, before_step: usize) -> Result<Vec<ReadDocument>, String>;

    /// Identifies what [`documents`](Surroundings::documents) would give.
    fn content_of(&self, kind: &str, before_step: usize) -> Result<ContentId, String> {
        let documents = self.documents(kind, before_step)?;
        Ok(identify(documents.iter().map(|read| {
            let text = read.document.text().as_bytes();
            (&*read.slug, ContentId::of_text(text))
        })))
    }

    /// Is told which parts of a declared step a document reaches: the step's place in the catalog, and the number of its
    /// `modify` or `in` block in the order written. Nobody needs to listen; `verify` does.
    fn reached(&self, _step: usize, _block: usize, _how: Reached) {}
}

/// How a document reaches a block of a declared step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reached {
    /// The block's path selects a node of it.
    Selected,
    /// Its `when` holds there, or it has none.
    Entered,
    /// Its `when` doesn't hold there.
    KeptOut,
}

/// A document after its migration.
#[derive(Debug, Clone, Default)]
pub struct Migrated {
    /// Its text; `None` if a step removed it.
    pub text: Option<Arc<str>>,
    /// The steps that changed it, in run order.
    pub changes: Vec<StepChange>,
    /// On the way down: what doesn't come back as it was.
    pub set_aside: Vec<SetAside>,
}

/// What one step did to a document. Steps that left every byte as it was are not among the changes.
#[derive(Debug, Clone)]
pub struct StepChange {
    /// The step's place in [`Catalog::steps`].
    pub step: usize,
    /// The text after it; `None` if it removed the document.
    pub text: Option<Arc<str>>,
    /// What became of the values it touched.
    pub fates: Vec<LeafFate>,
}

impl Migrated {
    /// The values that steps put something else over without reading them, where they don't say that they may.
    pub fn losses(&self, catalog: &Catalog) -> Vec<Loss> {
        let mut losses = Vec::new();
        for change in &self.changes {
            let step = &catalog.steps()[change.step];
            if step.may_overwrite() {
                continue;
            }
            let overwritten = change
                .fates
                .iter()
                .filter(|fate| fate.fate == Fate::Overwritten);
            losses.extend(overwritten.map(|fate| Loss {
                cause: LossCause::Overwritten,
                version: step.version(),
                step: step.name().to_owned(),
                place: fate.place.clone(),
                text: fate.text.clone(),
            }));
        }
        losses
    }
}

/// Whether any of the steps looks at a document's content. If none does, it need not even be read.
pub fn needs_content(catalog: &Catalog, steps: &[usize]) -> bool {
    steps.iter().any(|step| {
        matches!(
            catalog.steps()[*step].action(),
            Action::Modify(_) | Action::Dialect
        )
    })
}

/// Whether any of the steps removes the document.
pub fn removes(catalog: &Catalog, steps: &[usize]) -> bool {
    steps
        .iter()
        .any(|step| matches!(catalog.steps()[*step].action(), Action::Remove))
}

/// Runs the steps, by their places in [`Catalog::steps`], over one document.
///
/// # Errors
/// Where the document isn't OCL, or a step can't be carried out on it. Nothing of a failed migration remains.
pub fn migrate(
    catalog: &Catalog,
    steps: &[usize],
    input: Input<'_>,
    surroundings: &dyn Surroundings,
) -> Result<Migrated, MigrationError> {
    let mut migrated = Migrated::default();
    let parsed = Document::from_bytes(input.bytes.to_vec(), catalog.dialect_at(input.shape));
    let mut document = parsed
        .map_err(|error| MigrationError::before_any_step(MigrationErrorKind::Parse(error)))?;
    for &index in steps {
        let step = &catalog.steps()[index];
        let run = Run {
            step,
            index,
            input,
            surroundings,
        };
        let (after, fates) = match step.action() {
            Action::Import(_) | Action::Rename(_) => continue,
            Action::Remove => {
                migrated.changes.push(StepChange {
                    step: index,
                    text: None,
                    fates: LeafFate::of_all(document.root(), Fate::Removed)
                        .into_iter()
                        .collect(),
                });
                return Ok(migrated);
            }
            Action::Dialect => (
                document
                    .convert(Dialect::Current)
                    .map_err(|error| run.failed(error.to_string()))?,
                Vec::new(),
            ),
            Action::Modify(body) => run.modify(body, document)?,
        };
        let before = migrated
            .changes
            .last()
            .and_then(|last| last.text.as_deref());
        if after.text().as_bytes() != before.map_or(input.bytes, str::as_bytes) {
            migrated.changes.push(StepChange {
                step: index,
                text: Some(after.text().into()),
                fates,
            });
        }
        document = after;
    }
    let last = migrated
        .changes
        .last()
        .and_then(|change| change.text.clone());
    migrated.text = Some(last.unwrap_or_else(|| document.text().into()));
    Ok(migrated)
}

/// One step on one document.
struct Run<'r> {
    step: &'r Step,
    index: usize,
    input: Input<'r>,
    surroundings: &'r dyn Surroundings,
}

impl Run<'_> {
    fn modify(
        &self,
        body: &Modify,
        document: Document,
    ) -> Result<(Document, Vec<LeafFate>), MigrationError> {
        let documents = self.documents()?;
        let dialect = document.dialect();
        let mut editor = document.edit();
        let fates = match body {
            Modify::Declared(body) => {
                let context = modify::Context {
                    slug: self.input.slug,
                    documents: &documents,
                    lookup: self.surroundings.lookup(),
                    reached: &|block, how| self.surroundings.reached(self.index, block, how),
                };
                modify::run(body.selection(), &mut editor, &context)
                    .map_err(|failure| self.failed_at(failure))?
            }
            Modify::Native(run) => {
                let context = StepContext::new(
                    self.input.kind,
                    self.input.slug,
                    self.surroundings.lookup(),
                    &documents,
                );
                run(&mut editor, &context).map_err(|error| self.failed(error.to_string()))?;
                Vec::new()
            }
        };
        if editor.is_unchanged() {
            return Ok((editor.finish().with_dialect(dialect), fates));
        }
        // Whatever an edit did, what leaves a step is a document.
        let text = editor.into_text();
        let document = Document::parse(text, dialect).map_err(|error| MigrationError {
            step: Some(self.failed_step(None)),
            kind: MigrationErrorKind::BrokenResult(error),
        })?;
        Ok((document, fates))
    }

    /// The documents that the step reads.
    fn documents(&self) -> Result<Vec<ReadDocument>, MigrationError> {
        let mut documents = Vec::new();
        for kind in self.step.read_kinds() {
            let read = self.surroundings.documents(kind, self.index);
            documents.extend(read.map_err(|message| self.failed(message))?);
        }
        Ok(documents)
    }

    fn failed_step(&self, place: Option<String>) -> FailedStep {
        FailedStep {
            version: self.step.version(),
            name: self.step.name().to_owned(),
            place,
        }
    }

    fn failed(&self, message: String) -> MigrationError {
        MigrationError {
            step: Some(self.failed_step(self.step.file().map(str::to_owned))),
            kind: MigrationErrorKind::Step {
                message,
                place: "the document".into(),
            },
        }
    }

    fn failed_at(&self, failure: modify::Failure) -> MigrationError {
        let place = self.step.source().map(|source| {
            let problem = Problem::at(source, failure.span, "");
            format!("{}:{}:{}", problem.file, problem.line, problem.column)
        });
        let message = failure.message;
        let at = match failure.place.as_str() {
            "" => "the document".to_owned(),
            _ => failure.place,
        };
        MigrationError {
            step: Some(self.failed_step(place)),
            kind: if failure.rejected {
                MigrationErrorKind::Rejected { message, place: at }
            } else {
                MigrationErrorKind::Step { message, place: at }
            },
        }
    }
}
