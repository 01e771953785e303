//! Holds each contract to the compatibility that it promises.
//!
//! A step doesn't count here: the promise is to readers that run none, of files as they are in Git.

use super::report::{Check, Finding};
use crate::contract::{Contract, Contracts};
use crate::text::count;

/// Of so many incompatibilities of two contracts each is told.
const MOST_TOLD: usize = 50;

/// Every promise that isn't kept.
pub(super) fn findings(contracts: &Contracts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (contract, earlier) in contracts.with_earlier() {
        let level = contract.compatibility;
        let before = earlier.len().saturating_sub(1);
        let first = if level.is_transitive() { 0 } else { before };
        for older in &earlier[first..] {
            if level.is_backward() {
                compare(contract, contract, older, &mut findings);
            }
            if level.is_forward() {
                compare(contract, older, contract, &mut findings);
            }
        }
    }
    findings
}

/// What a reader of one contract may not understand of the other. `promises` is the newer of the two.
fn compare(
    promises: &Contract,
    reader: &Contract,
    written: &Contract,
    findings: &mut Vec<Finding>,
) {
    let subject = format!(
        "contract \"{}\" of {}, {}",
        promises.version,
        promises.kind,
        promises.compatibility.name()
    );
    let mut add = |place: Option<String>, message: String| {
        let finding = Finding::new(Check::Compatibility, &*subject, message);
        findings.push(finding.at(place));
    };
    let direction = format!(
        "a reader of \"{}\" may not understand \"{}\"",
        reader.version, written.version
    );
    let Some(found) = reader.not_understood(written) else {
        let message = format!("{direction}: they are in two languages, which can't be compared");
        return add(None, message);
    };
    for incompatibility in found.iter().take(MOST_TOLD) {
        let message = format!(
            "{direction}: {} (there at {}, {})",
            incompatibility.message,
            written.place(&incompatibility.older),
            incompatibility.rule
        );
        add(Some(reader.place(&incompatibility.newer)), message);
    }
    if found.len() > MOST_TOLD {
        let more = count(found.len() - MOST_TOLD, "more difference");
        add(None, format!("{direction}: {more}"));
    }
}
