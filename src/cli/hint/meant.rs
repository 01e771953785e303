//! The same command with what was probably meant.

use crate::references::UnknownKind;
use crate::values::FindError;

use crate::cli::invocation::Invocation;

/// The same command with the kind that was probably meant.
pub(super) fn of_unknown_kind(error: &UnknownKind, called: &Invocation) -> Option<String> {
    let meant = error.nearest()?;
    let attached = |kind: &str| format!("--kind={kind}");
    let command = called
        .with(&error.kind, meant)
        .or_else(|| called.with(&attached(&error.kind), &attached(meant)))?;
    Some(format!("did you mean {meant}? {command}"))
}

/// The same command with the selector that was probably meant; or, of several things, with the first.
pub(super) fn of_find(error: &FindError, called: &Invocation) -> Option<String> {
    match error {
        FindError::Nothing { selector, missing } => {
            let command = called.with_selector(selector, missing.nearest.as_ref()?)?;
            Some(format!("if that is what you mean: {command}"))
        }
        FindError::Several {
            selector,
            candidates,
        } => {
            let first = candidates.first_whole()?;
            let command = called.with_selector(selector, first)?;
            Some(format!("name one of them, such as the first: {command}"))
        }
    }
}
