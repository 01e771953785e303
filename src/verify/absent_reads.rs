//! Steps that read a kind which can't be there at their version: what they see of it is always null.

use super::report::{Check, Finding};
use crate::catalog::{Action, Catalog, Step};

pub(super) fn findings(catalog: &Catalog) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, step) in catalog.steps().iter().enumerate() {
        for kind in step.read_kinds() {
            let Some(why) = is_absent(catalog, index, kind) else {
                continue;
            };
            let message = format!(
                "it reads `{kind}`, of which there is nothing at version {}: {why}; `documents.{kind}` is null there, so give the step \
                 another version, or take `{kind}` out of `reads`",
                step.version()
            );
            findings.push(Finding::of_step(Check::Unreached, step, message).into_warning());
        }
    }
    findings
}

/// Why there is nothing of a kind just before a step.
fn is_absent(catalog: &Catalog, before: usize, kind: &str) -> Option<String> {
    let ends = |step: &&Step| step.concerns(kind) && step.action().begins_or_ends();
    let told = |step: &Step, what| format!("step {} {} {what}", step.version(), step.name());
    let (earlier, later) = catalog.steps().split_at(before);
    match earlier.iter().rev().find(ends) {
        Some(last) if matches!(last.action(), Action::Remove) => Some(told(last, "removed it")),
        Some(_) => None,
        None => {
            let next = later.iter().find(ends)?;
            let is_import = matches!(next.action(), Action::Import(_));
            is_import.then(|| told(next, "imports it"))
        }
    }
}
