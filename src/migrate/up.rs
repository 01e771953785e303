//! Runs steps over a document.

use super::context::Context;
use super::document::{Input, Migrated, StepChange};
use super::error::{MigrationError, MigrationErrorKind};
use super::loss::{Fate, LeafFate};
use super::step::StepRun;
use crate::catalog::{Action, Catalog};
use crate::ocl::{Dialect, Document};

/// Runs the steps, by their places in [`Catalog::steps`], over one document.
///
/// # Errors
/// Where the document isn't OCL, or a step can't be carried out on it. Nothing of a failed migration remains.
pub(crate) fn migrate(
    catalog: &Catalog,
    steps: &[usize],
    input: Input<'_>,
    context: &dyn Context,
) -> Result<Migrated, MigrationError> {
    let mut migrated = Migrated::default();
    let parsed = Document::from_bytes(input.bytes.to_vec(), catalog.dialect_at(input.shape));
    let mut document = parsed
        .map_err(|error| MigrationError::before_any_step(MigrationErrorKind::Parse(error)))?;
    migrated.doubled = document.note_doubled();
    for &index in steps {
        let step = &catalog.steps()[index];
        let run = StepRun {
            step,
            index,
            input,
            context,
        };
        let (mut after, fates) = match step.action() {
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
        migrated.note_doubled(&mut after);
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
