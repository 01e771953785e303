//! Steps that rename paths to where some of the documents can't lie.

use super::report::{Check, Finding};
use crate::catalog::{Action, Catalog, Target};

pub(super) fn findings(catalog: &Catalog) -> Vec<Finding> {
    let mut findings = Vec::new();
    for step in catalog.steps() {
        let (Action::Rename(from), Target::Kind(kind)) = (step.action(), step.target()) else {
            continue;
        };
        let Some(kind) = catalog.kind(kind) else {
            continue;
        };
        let to = catalog.path_at(kind, step.version());
        if from.is_deep() && !to.is_deep() {
            let message = format!(
                "`{from}` has documents in folders too, and `{to}` has none there: each of those can't be migrated; write `**/*` for \
                 `*` in the new path"
            );
            findings.push(Finding::of_step(Check::Unreached, step, message).into_warning());
        }
    }
    findings
}
