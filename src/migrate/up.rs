//! Runs a step on a document.

use super::error::MigrationError;
use super::loss::{Fate, LeafFate};
use super::step::{Made, StepRun};
use crate::catalog::Action;
use crate::ocl::{Dialect, Document};

/// Runs the step.
///
/// # Errors
/// If the step fails on the document.
pub(super) fn carry_out(run: &StepRun<'_>, document: Document) -> Result<Made, MigrationError> {
    match run.step.action() {
        Action::Import(_) | Action::Rename(_) => Ok(document.into()),
        Action::Remove => Ok(Made {
            document: None,
            fates: LeafFate::of_all(document.root(), Fate::Removed)
                .into_iter()
                .collect(),
            set_aside: Vec::new(),
        }),
        Action::Dialect => Ok(run.convert(document, Dialect::Current)?.into()),
        Action::Modify(body) => {
            let (document, fates) = run.modify(body, document)?;
            Ok(Made {
                document: Some(document),
                fates,
                set_aside: Vec::new(),
            })
        }
    }
}
