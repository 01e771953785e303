//! Undoes a step on a document, and runs the step again on the result to find what the older shape can't hold.

use super::error::{MigrationError, MigrationErrorKind};
use super::set_aside::{SetAside, difference};
use super::step::{Made, StepRun};
use crate::catalog::{Action, Reverse};
use crate::ocl::{Dialect, Document};

/// Undoes the step, and runs it again on the result: [`Made::set_aside`] lists the values that differ.
///
/// # Errors
/// If the step is one-way, or undoing it fails.
pub(super) fn undo(run: &StepRun<'_>, document: Document) -> Result<Made, MigrationError> {
    if let Some(reason) = run.step.one_way() {
        return Err(run.error(MigrationErrorKind::OneWay(reason.to_owned())));
    }
    let (after, fates) = match (run.step.action(), run.step.reverse()) {
        (Action::Remove, _) => {
            let message = "documents of this kind don't exist from this version on, but the branch has one: delete it from the branch";
            return Err(run.failed(message.into()));
        }
        (Action::Dialect, _) => (run.convert(document.clone(), Dialect::Legacy)?, Vec::new()),
        (_, Reverse::Derived(body) | Reverse::Written(body)) => {
            run.modify(body, document.clone())?
        }
        _ => return Ok(document.into()),
    };
    Ok(Made {
        set_aside: set_aside(run, &document, &after)?,
        document: Some(after),
        fates,
    })
}

/// The values of a document that differ when the step runs again on its undone result.
fn set_aside(
    run: &StepRun<'_>,
    before: &Document,
    after: &Document,
) -> Result<Vec<SetAside>, MigrationError> {
    let back = match run.step.action() {
        Action::Dialect => Some(run.convert(after.clone(), Dialect::Current)?),
        Action::Modify(body) => match run.modify(body, after.clone()) {
            Ok((back, _)) => Some(back),
            Err(error) => return Err(not_up_again(run, error)),
        },
        _ => None,
    };
    // They are usually the same: compare before building plain views.
    let Some(back) = back.filter(|back| back.text() != before.text()) else {
        return Ok(Vec::new());
    };
    Ok(difference(
        run.step,
        &before.root().to_json(),
        &back.root().to_json(),
    ))
}

fn not_up_again(run: &StepRun<'_>, error: MigrationError) -> MigrationError {
    const WHY: &str = "it can't be migrated down, since migrating the result up again fails";
    match error.kind {
        MigrationErrorKind::Step { message, place, .. }
        | MigrationErrorKind::Rejected { message, place, .. } => MigrationError {
            step: error.step,
            kind: MigrationErrorKind::Step {
                message: format!("{WHY}: {message}"),
                place,
                position: None,
            },
        },
        kind => run.failed(format!("{WHY}: {kind}")),
    }
}
