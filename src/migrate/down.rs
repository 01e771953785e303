//! Undoes steps on a document. What the older shape can't hold is found by running each step again on its undone result.

use super::context::Context;
use super::document::{Input, Migrated, StepChange};
use super::error::{MigrationError, MigrationErrorKind};
use super::set_aside::{SetAside, difference};
use super::step::StepRun;
use crate::catalog::{Action, Catalog, Reverse};
use crate::ocl::{Dialect, Document};

/// Undoes the steps, by their places in [`Catalog::steps`], the highest first, on one document.
///
/// Every step that was undone is run again on the result. [`Migrated::set_aside`] lists the values that differ then.
///
/// # Errors
/// Where the document isn't OCL, a step is one-way, or undoing it fails. Nothing of a failed migration remains.
pub(crate) fn migrate_down(
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
        if let Some(reason) = step.one_way() {
            return Err(run.error(MigrationErrorKind::OneWay(reason.to_owned())));
        }
        if let Action::Remove = step.action() {
            let message = "there is no such document from this version on, and the branch has one: take it out of the branch";
            return Err(run.failed(message.into()));
        }
        let (mut after, fates) = match (step.action(), step.reverse()) {
            (Action::Dialect, _) => (
                document
                    .clone()
                    .convert(Dialect::Legacy)
                    .map_err(|error| run.failed(error.to_string()))?,
                Vec::new(),
            ),
            (_, Reverse::Derived(body) | Reverse::Written(body)) => {
                run.modify(body, document.clone())?
            }
            _ => continue,
        };
        migrated.note_doubled(&mut after);
        migrated
            .set_aside
            .extend(set_aside(&run, &document, &after)?);
        if after.text() != document.text() {
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

/// The values of a document that differ when the step runs again on its undone result.
fn set_aside(
    run: &StepRun<'_>,
    before: &Document,
    after: &Document,
) -> Result<Vec<SetAside>, MigrationError> {
    let back = match run.step.action() {
        Action::Dialect => after
            .clone()
            .convert(Dialect::Current)
            .map_err(|error| run.failed(error.to_string()))?,
        Action::Modify(body) => match run.modify(body, after.clone()) {
            Ok((back, _)) => back,
            Err(error) => {
                let message = format!(
                    "it can't be migrated down, since migrating the result up again fails: {}",
                    error.kind
                );
                return Err(run.failed(message));
            }
        },
        _ => return Ok(Vec::new()),
    };
    // The usual case, without building the plain views.
    if back.text() == before.text() {
        return Ok(Vec::new());
    }
    Ok(difference(
        run.step,
        &before.root().to_json(),
        &back.root().to_json(),
    ))
}
