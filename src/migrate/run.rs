//! Runs or undoes steps on one document.

use super::context::Context;
use super::document::{Input, Migrated, StepChange};
use super::error::{MigrationError, MigrationErrorKind};
use super::step::StepRun;
use super::{down, up};
use crate::catalog::{Action, Catalog, doubled_blocks};
use crate::ocl::{Document, Kind};
use crate::plan::Direction;

/// Whether the steps are all that a document takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// They are: the result is checked as a whole.
    All,
    /// Others follow, which may mend what these leave.
    Part,
}

/// Runs or undoes the steps, given by their indexes in [`Catalog::steps`], in the order given.
///
/// # Errors
/// If the document isn't OCL, a step fails on it, or after all steps a block of which there is at most one occurs twice. A
/// failed migration leaves nothing behind.
pub(crate) fn run(
    catalog: &Catalog,
    direction: Direction,
    (steps, extent): (&[usize], Extent),
    input: Input<'_>,
    context: &dyn Context,
) -> Result<Migrated, MigrationError> {
    let parsed = Document::from_bytes(input.bytes.to_vec(), catalog.dialect_at(input.shape));
    let mut document = parsed
        .map_err(|error| MigrationError::before_any_step(MigrationErrorKind::Parse(error)))?;
    let single = catalog
        .kind(input.kind)
        .map_or(&[][..], |kind| &kind.single);
    let doubled_before = doubled_blocks(single, &document);
    let mut migrated = Migrated {
        doubled: document.note_doubled(&doubled_before),
        ..Migrated::default()
    };
    let step_run = |index, is_original| StepRun {
        step: &catalog.steps()[index],
        index,
        input,
        is_original,
        context,
        doubled: &migrated.doubled,
        single,
        identity: catalog.identity(input.kind),
    };
    for &index in steps {
        let step = step_run(index, migrated.changes.is_empty());
        let made = match direction {
            Direction::Up => up::carry_out(&step, document)?,
            Direction::Down => down::undo(&step, document)?,
        };
        migrated.set_aside.extend(made.set_aside);
        let text = made.document.as_ref().map(Document::text);
        let last = migrated.changes.last();
        let before = last.and_then(|last| last.text.as_deref());
        if text.map(str::as_bytes) != Some(before.map_or(input.bytes, str::as_bytes)) {
            migrated.changes.push(StepChange {
                step: index,
                text: text.map(Into::into),
                fates: made.fates,
            });
        }
        match made.document {
            Some(after) => document = after,
            // Removed.
            None => return Ok(migrated),
        }
    }
    if let Some(last) = migrated.changes.last()
        && (direction, extent) == (Direction::Up, Extent::All)
        && doubled_before.is_empty()
    {
        let doubled = doubled_blocks(single, &document);
        let names = document.note_doubled(&doubled);
        if let Some(made) = names.iter().find(|name| name.kind == Kind::Block) {
            return Err(step_run(last.step, false).failed(format!(
                "in its result {made}, and the catalog says that there is at most one"
            )));
        }
    }
    let last = migrated.changes.last();
    let text = last.and_then(|change| change.text.clone());
    migrated.text = Some(text.unwrap_or_else(|| document.text().into()));
    Ok(migrated)
}

/// Runs some steps upward: see [`run`].
///
/// # Errors
/// See [`run`].
pub(crate) fn migrate(
    catalog: &Catalog,
    steps: &[usize],
    input: Input<'_>,
    context: &dyn Context,
) -> Result<Migrated, MigrationError> {
    run(
        catalog,
        Direction::Up,
        (steps, Extent::Part),
        input,
        context,
    )
}

/// Whether any of the steps needs the content of a document. If none does, it isn't read.
pub(crate) fn needs_content(catalog: &Catalog, steps: &[usize]) -> bool {
    steps.iter().any(|step| {
        matches!(
            catalog.steps()[*step].action(),
            Action::Modify(_) | Action::Dialect
        )
    })
}

/// Whether any of the steps removes the document.
pub(crate) fn removes(catalog: &Catalog, steps: &[usize]) -> bool {
    steps
        .iter()
        .any(|step| matches!(catalog.steps()[*step].action(), Action::Remove))
}
