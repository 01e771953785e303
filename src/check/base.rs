//! What is new since another ref.

use std::collections::HashMap;

use super::model::{Finding, Rule};
use crate::catalog::DocumentName;

/// What tells that two findings are one, wherever the lines of the file are now.
#[derive(PartialEq, Eq, Hash)]
struct Key<'f> {
    base_path: &'f str,
    document: Option<&'f DocumentName>,
    address: &'f str,
    rule: Rule,
    message: &'f str,
}

impl<'f> Key<'f> {
    fn of(finding: &'f Finding) -> Key<'f> {
        Key {
            base_path: &finding.base_path,
            document: finding.document.as_ref(),
            address: &finding.address,
            rule: finding.rule,
            message: &finding.message,
        }
    }
}

/// That a project of the base, or a document in it, can't be read, for which reason.
pub(super) fn unreadable(name: &str, reason: &Finding) -> Finding {
    let Finding {
        base_path,
        path,
        message,
        ..
    } = reason;
    let told = match &reason.document {
        None => format!(
            "the base {name} can't be read, so what is new can't be told, and what else is found here counts as new: {message}"
        ),
        Some(document) => format!(
            "{document} of the base {name} can't be read, so what is new of it, and among references, can't be told, and what \
             else is found there counts as new: {message}"
        ),
    };
    // A line would be one of the base's file.
    let finding = Finding::of_file(Rule::BaseUnreadable, base_path, path, &told);
    match &reason.document {
        None => finding,
        Some(document) => finding.about(document, ""),
    }
}

/// Takes from the refs of findings, and leaves out where no ref is left, what the ref at this place has as well: of several that
/// are alike as many as it has.
pub(super) fn only_new(findings: &mut Vec<Finding>, base: usize) {
    let mut known: HashMap<Key<'_>, usize> = HashMap::new();
    for finding in findings.iter() {
        let times = finding.found.iter().filter(|place| **place == base).count();
        *known.entry(Key::of(finding)).or_default() += times;
    }
    let mut taken: HashMap<(Key<'_>, usize), usize> = HashMap::new();
    let mut left = Vec::with_capacity(findings.len());
    for finding in findings.iter() {
        let known = known.get(&Key::of(finding)).copied().unwrap_or(0);
        let mut found = finding.found.clone();
        found.retain(|place| {
            let taken = taken.entry((Key::of(finding), *place)).or_default();
            *taken += 1;
            *place != base && *taken > known
        });
        left.push(found);
    }
    for (finding, found) in findings.iter_mut().zip(left) {
        finding.found = found;
    }
    findings.retain(|finding| !finding.found.is_empty());
}
