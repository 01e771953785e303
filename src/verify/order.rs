//! Steps of one version, of which one reads what another changes: what the one sees depends on their names.

use super::report::{Check, Finding, step_name};
use crate::catalog::{Action, Catalog, Step, Target};

/// A warning for each kind that a step reads and another step of its version changes.
pub(super) fn findings(catalog: &Catalog) -> Vec<Finding> {
    let mut findings = Vec::new();
    let steps = catalog.steps();
    for (place, reader) in steps.iter().enumerate() {
        for kind in reader.read_kinds() {
            let others = steps.iter().enumerate().filter(|(other, step)| {
                *other != place && step.version() == reader.version() && changes(step, kind)
            });
            for (other, step) in others {
                let when = if other < place { "after" } else { "before" };
                let message = format!(
                    "it reads `{kind}`, which {} changes too. Steps of one version run in the order of their names, so it sees the \
                     documents as they are {when} that one: give one of the two a version of its own, or leave it so if that is meant",
                    step_name(step)
                );
                findings.push(Finding::of_step(Check::Order, reader, message).into_warning());
            }
        }
    }
    findings
}

/// Whether a step brings in, removes or changes what documents of a kind hold.
fn changes(step: &Step, kind: &str) -> bool {
    let is_about = match step.target() {
        Target::Kind(of) => of == kind,
        Target::AllKinds => true,
        Target::Marker => false,
    };
    is_about && !matches!(step.action(), Action::Rename(_))
}
