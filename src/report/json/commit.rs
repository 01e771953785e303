//! The JSON of the commands that write: `commit`, `upgrade`, `downgrade`, `restore`, `adopt`.

use serde::Serialize;

use super::head::FORMAT_VERSION;
use crate::catalog::DocumentName;
use crate::git::ObjectId;
use crate::project::{
    Committed, FileChange, ImportEffect, Prepared, PreparedCommit, SettledIntent, StoreEffect,
    StoreOutcome, TakenRow,
};
use crate::report::diff::FileDiff;

/// `commit`, `upgrade`, `downgrade` and `restore`.
#[derive(Debug, Serialize)]
pub struct CommitReport<'c> {
    format_version: u32,
    branch: &'c str,
    dry_run: bool,
    commit: Option<ObjectId>,
    migration_commit: Option<ObjectId>,
    version: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    commits: Option<Vec<PreparedReport<'c>>>,
    store: &'static str,
    project_version: Option<u32>,
    taken: &'c [TakenRow],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    effects: &'c [ImportEffect],
    settled: &'c [SettledIntent],
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

/// A commit that would be written.
#[derive(Debug, Serialize)]
struct PreparedReport<'c> {
    message: &'c str,
    files: Vec<FileReport<'c>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    other_files: Vec<&'c str>,
}

#[derive(Debug, Serialize)]
struct FileReport<'c> {
    document: Option<&'c DocumentName>,
    path: String,
    diff: String,
}

/// `adopt`.
#[derive(Debug, Serialize)]
pub struct AdoptReport<'c> {
    format_version: u32,
    dry_run: bool,
    version_before: u32,
    version: u32,
    taken: &'c [TakenRow],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    effects: &'c [ImportEffect],
    settled: &'c [SettledIntent],
}

impl<'c> CommitReport<'c> {
    /// What was committed.
    pub fn committed(committed: &'c Committed) -> CommitReport<'c> {
        let (store, effect, error) = match &committed.store {
            StoreOutcome::None => ("none", None, None),
            StoreOutcome::Unchanged => ("unchanged", None, None),
            StoreOutcome::Followed(effect) => ("followed", Some(effect), None),
            StoreOutcome::Pending { effect, error } => {
                ("pending", Some(effect), Some(error.to_string()))
            }
        };
        CommitReport {
            format_version: FORMAT_VERSION,
            branch: &committed.branch,
            dry_run: false,
            commit: Some(committed.commit),
            migration_commit: committed.migration_commit,
            version: committed.version,
            commits: None,
            store,
            project_version: effect.map(|effect| effect.version),
            taken: effect.map_or(&[], |effect| &effect.taken),
            effects: effect.map_or(&[], |effect| &effect.effects),
            settled: &committed.settled,
            error,
            warnings: Vec::new(),
        }
    }

    /// What would be committed.
    pub fn prepared(
        prepared: &'c Prepared<'_>,
        effect: Option<&'c StoreEffect>,
    ) -> CommitReport<'c> {
        CommitReport {
            format_version: FORMAT_VERSION,
            branch: prepared.branch(),
            dry_run: true,
            commit: None,
            migration_commit: None,
            version: prepared.version(),
            commits: Some(prepared.commits().iter().map(PreparedReport::new).collect()),
            store: match effect {
                None => "none",
                Some(effect) if effect.is_empty() => "unchanged",
                Some(_) => "follows",
            },
            project_version: effect.map(|effect| effect.version),
            taken: effect.map_or(&[], |effect| &effect.taken),
            effects: effect.map_or(&[], |effect| &effect.effects),
            settled: &[],
            error: None,
            warnings: Vec::new(),
        }
    }

    /// The same with what its author should know, as text.
    pub fn with_warnings(self, warnings: Vec<String>) -> CommitReport<'c> {
        CommitReport { warnings, ..self }
    }
}

impl<'c> PreparedReport<'c> {
    fn new(commit: &'c PreparedCommit) -> PreparedReport<'c> {
        PreparedReport {
            message: &commit.message,
            files: commit.files.iter().map(FileReport::new).collect(),
            other_files: commit.other_files.iter().map(|file| &*file.path).collect(),
        }
    }
}

impl<'c> FileReport<'c> {
    fn new(change: &'c FileChange) -> FileReport<'c> {
        let diff = FileDiff::of_change(change);
        FileReport {
            document: change.document.as_ref(),
            path: diff.path().to_owned(),
            diff: diff.to_string(),
        }
    }
}

impl<'c> AdoptReport<'c> {
    /// What the store did, or would do.
    pub fn new(
        effect: &'c StoreEffect,
        settled: &'c [SettledIntent],
        dry_run: bool,
    ) -> AdoptReport<'c> {
        AdoptReport {
            format_version: FORMAT_VERSION,
            dry_run,
            version_before: effect.version_before,
            version: effect.version,
            taken: &effect.taken,
            effects: &effect.effects,
            settled,
        }
    }
}
