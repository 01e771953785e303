//! `rehearse` in JSON: a line per ref and base path, and a last one for all of them.

use std::collections::BTreeSet;

use serde::Serialize;

use super::head::FORMAT_VERSION;
use crate::catalog::DocumentName;
use crate::git::ObjectId;
use crate::migrate::LossCause;
use crate::project::{
    LookupKey, RehearsalGroup, RehearsalGroups, Rehearsed, RehearsedOutcome, RehearsedProject,
    RehearsedRef, Spread,
};

/// A ref's project.
#[derive(Debug, Serialize)]
pub struct RehearsedReport<'r> {
    format_version: u32,
    repository: &'r str,
    #[serde(rename = "ref")]
    ref_name: &'r str,
    commit: Option<ObjectId>,
    base_path: &'r str,
    branch_version: Option<u32>,
    target_version: u32,
    outcome: &'static str,
    group: usize,
    documents: usize,
    changed: Vec<ChangedReport<'r>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    left_out: &'r [DocumentName],
    failures: Vec<FailureReport<'r>>,
    losses: Vec<LossReport<'r>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    warnings: &'r [String],
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    missing_lookups: &'r BTreeSet<LookupKey>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'r str>,
}

#[derive(Debug, Serialize)]
struct ChangedReport<'r> {
    document: &'r DocumentName,
    outcome: &'static str,
    added: usize,
    removed: usize,
}

#[derive(Debug, Serialize)]
struct FailureReport<'r> {
    document: Option<&'r DocumentName>,
    error: &'r str,
}

#[derive(Debug, Serialize)]
struct LossReport<'r> {
    document: &'r DocumentName,
    version: u32,
    step: &'r str,
    place: &'r str,
    value: &'r str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    set_aside: bool,
}

/// The last line.
#[derive(Debug, Serialize)]
pub struct RehearsalSummary<'r> {
    format_version: u32,
    summary: Summary<'r>,
}

#[derive(Debug, Serialize)]
struct Summary<'r> {
    repositories: usize,
    refs: usize,
    projects: usize,
    failed: usize,
    loses: usize,
    changed: usize,
    unchanged: usize,
    documents_changed: usize,
    lines_added: usize,
    lines_removed: usize,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    missing_lookups: BTreeSet<&'r LookupKey>,
    groups: Vec<GroupReport<'r>>,
}

#[derive(Debug, Serialize)]
struct GroupReport<'r> {
    outcome: &'static str,
    branch_version: Option<u32>,
    about: &'r [String],
    projects: usize,
    documents_changed: usize,
    lines_added: usize,
    lines_removed: usize,
}

impl<'r> RehearsedReport<'r> {
    /// One project of a ref, and the place of its group in the summary.
    pub fn new(
        repository: &'r str,
        reference: RehearsedRef<'r>,
        project: &'r RehearsedProject,
        group: usize,
    ) -> RehearsedReport<'r> {
        let changed = project.changed.iter().map(|document| ChangedReport {
            document: &document.name,
            outcome: document.outcome,
            added: document.lines.added,
            removed: document.lines.removed,
        });
        let failures = project.failures.iter().map(|failure| FailureReport {
            document: failure.document.as_ref(),
            error: &failure.message,
        });
        let losses = project.losses.iter().map(|(document, loss)| LossReport {
            document,
            version: loss.version,
            step: &loss.step,
            place: &loss.place,
            value: &loss.text,
            set_aside: loss.cause == LossCause::NotCarriedDown,
        });
        RehearsedReport {
            format_version: FORMAT_VERSION,
            repository,
            ref_name: reference.name,
            commit: reference.commit,
            base_path: &project.base_path,
            branch_version: project.branch_version,
            target_version: project.target_version,
            outcome: project.outcome().name(),
            group,
            documents: project.documents,
            changed: changed.collect(),
            left_out: &project.left_out,
            failures: failures.collect(),
            losses: losses.collect(),
            warnings: &project.warnings,
            missing_lookups: &project.missing_lookups,
            note: project.note.as_deref(),
        }
    }
}

impl<'r> RehearsalSummary<'r> {
    /// Counts everything.
    pub fn new(repositories: &'r [Rehearsed], groups: &'r RehearsalGroups) -> RehearsalSummary<'r> {
        let count = |outcome: RehearsedOutcome| groups.count(outcome);
        let sum = |of: fn(&RehearsalGroup) -> Spread| {
            groups.groups.iter().map(|group| of(group).sum).sum()
        };
        let reports = groups.groups.iter().map(|group| GroupReport {
            outcome: group.outcome.name(),
            branch_version: group.branch_version,
            about: &group.traits,
            projects: group.members.len(),
            documents_changed: group.changed.sum,
            lines_added: group.added.sum,
            lines_removed: group.removed.sum,
        });
        let refs = repositories.iter().flat_map(Rehearsed::refs);
        let projects = refs.flat_map(|reference| reference.projects);
        RehearsalSummary {
            format_version: FORMAT_VERSION,
            summary: Summary {
                repositories: repositories.len(),
                refs: repositories.iter().map(Rehearsed::len).sum(),
                projects: groups.groups.iter().map(|group| group.members.len()).sum(),
                failed: count(RehearsedOutcome::Failed),
                loses: count(RehearsedOutcome::Loses),
                changed: count(RehearsedOutcome::Changed),
                unchanged: count(RehearsedOutcome::Unchanged),
                documents_changed: sum(|group| group.changed),
                lines_added: sum(|group| group.added),
                lines_removed: sum(|group| group.removed),
                missing_lookups: projects
                    .flat_map(|project| &project.missing_lookups)
                    .collect(),
                groups: reports.collect(),
            },
        }
    }
}
