//! What no step may do to a document: lose a value, give other bytes when it runs again, or change its own result.

use super::provenance;
use crate::catalog::{Action, Body, Catalog, Modify};
use crate::migrate::{Context, Input, LeafFate, Loss, Migrated, MigrationError, migrate};

/// A defect of a step, found on one document.
#[derive(Debug)]
pub(super) enum Defect {
    /// It overwrites values without reading them.
    Loses(Vec<Loss>),
    /// A later run on the same input gives other bytes.
    Unsteady {
        first: Option<Vec<u8>>,
        second: Option<Vec<u8>>,
    },
    /// A later run on the same input fails.
    FailsLater(MigrationError),
    /// It changes its own result.
    NotIdempotent { result: Vec<u8>, again: Vec<u8> },
    /// It fails on its own result.
    FailsOnResult(MigrationError),
    /// It removes values without reading them, though it writes others that stand beside them elsewhere.
    LeavesBehind(Vec<LeafFate>),
}

/// How often a step in Rust runs on the same input: what depends on the order of a hash map doesn't differ every time.
const RUNS_OF_RUST: usize = 8;

/// Runs the step again, on the same input and on its own result. `first` is its result on the input.
pub(super) fn probe(
    catalog: &Catalog,
    index: usize,
    input: Input<'_>,
    first: &Migrated,
    context: &dyn Context,
) -> Vec<Defect> {
    let step = &catalog.steps()[index];
    let native = matches!(step.action(), Action::Modify(Modify(Body::Native(_))));
    let mut defects = Vec::new();
    let mut losses = first.losses(catalog);
    if native && !step.may_overwrite() {
        losses.extend(provenance::losses(catalog, index, input, first, context));
    }
    if !losses.is_empty() {
        defects.push(Defect::Loses(losses));
    }
    let left = first.left_behind(catalog);
    if !left.is_empty() {
        let left = left.into_iter().map(|(_, fate)| fate.clone());
        defects.push(Defect::LeavesBehind(left.collect()));
    }
    let expected = bytes(first);
    let runs = if native { RUNS_OF_RUST } else { 1 };
    for _ in 0..runs {
        let defect = match migrate(catalog, &[index], input, context) {
            Ok(again) if bytes(&again) == expected => continue,
            Ok(again) => Defect::Unsteady {
                first: expected,
                second: bytes(&again),
            },
            Err(error) => Defect::FailsLater(error),
        };
        defects.push(defect);
        // Its result on its own result would vary as well.
        return defects;
    }
    if let Some(result) = expected.filter(|_| step.is_idempotent()) {
        let input = Input {
            shape: step.version(),
            bytes: &result,
            ..input
        };
        match migrate(catalog, &[index], input, context) {
            Ok(again) => {
                let again = bytes(&again).unwrap_or_default();
                if again != result {
                    defects.push(Defect::NotIdempotent { result, again });
                }
            }
            Err(error) => defects.push(Defect::FailsOnResult(error)),
        }
    }
    defects
}

fn bytes(migrated: &Migrated) -> Option<Vec<u8>> {
    let text = migrated.text.as_deref();
    text.map(|text| text.as_bytes().to_vec())
}
