//! Runs steps downward: each is undone, and what it can't carry is found by running it again on the result.

use super::set_aside::{SetAside, difference};
use super::{
    FailedStep, Input, Migrated, MigrationError, MigrationErrorKind, Run, StepChange, Surroundings,
};
use crate::catalog::{Action, Catalog, Reverse, Step};
use crate::ocl::{Dialect, Document};

/// Undoes the steps, by their places in [`Catalog::steps`], the highest first, on one document.
///
/// Every step that was undone is run again on what came out: where that doesn't give the same values back,
/// [`Migrated::set_aside`] says which.
///
/// # Errors
/// Where the document isn't OCL, a step is one-way, or its reverse can't be carried out on it. Nothing of a failed
/// migration remains.
pub fn migrate_down(
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
        if let Some(reason) = step.one_way() {
            return Err(one_way(step, reason));
        }
        let run = Run {
            step,
            index,
            input,
            surroundings,
        };
        if let Action::Remove = step.action() {
            let message = "from this version on there is no such document, and here is one: take it out of the branch";
            return Err(run.failed(message.into()));
        }
        let (after, fates) = match (step.action(), step.reverse()) {
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

/// What of a document doesn't come back when the step runs again on its reverse's result.
fn set_aside(
    run: &Run<'_>,
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
                    "it can't be brought down, as it couldn't come back up: {}",
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

fn one_way(step: &Step, reason: &str) -> MigrationError {
    MigrationError {
        step: Some(FailedStep {
            version: step.version(),
            name: step.name().to_owned(),
            place: step.file().map(str::to_owned),
        }),
        kind: MigrationErrorKind::OneWay(reason.to_owned()),
    }
}
