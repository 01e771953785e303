//! Runs or undoes steps on one document.

use super::context::Context;
use super::document::{Input, Migrated};
use super::down::migrate_down;
use super::error::MigrationError;
use super::up::migrate;
use crate::catalog::{Action, Catalog};
use crate::plan::Direction;

/// Runs or undoes the steps, by their places in [`Catalog::steps`] and in the order given.
///
/// # Errors
/// Where the document isn't OCL, or a step can't be carried out on it. Nothing of a failed migration remains.
pub(crate) fn run(
    catalog: &Catalog,
    direction: Direction,
    steps: &[usize],
    input: Input<'_>,
    context: &dyn Context,
) -> Result<Migrated, MigrationError> {
    match direction {
        Direction::Up => migrate(catalog, steps, input, context),
        Direction::Down => migrate_down(catalog, steps, input, context),
    }
}

/// Whether any of the steps looks at a document's content. If none does, it need not even be read.
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
