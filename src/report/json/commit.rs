//! The JSON of the commands that write: `commit`, `upgrade`, `downgrade`, `restore`, `adopt`.

use serde::Serialize;

use super::head::FORMAT_VERSION;
use crate::catalog::DocumentName;
use crate::git::ObjectId;
use crate::project::{
    Committed, FileChange, ImportEffect, Prepared, PreparedBeside, PreparedCommit, SettledIntent,
    StoreEffect, StoreOutcome, TakenRow,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    base_path: Option<&'c str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    projects: Vec<ProjectReport<'c>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

/// Another project that a merge changes.
#[derive(Debug, Serialize)]
struct ProjectReport<'c> {
    base_path: &'c str,
    version: u32,
    #[serde(flatten)]
    store: StoreReport<'c>,
}

/// What became of the store, or would.
#[derive(Debug, Serialize)]
struct StoreReport<'c> {
    store: &'static str,
    project_version: Option<u32>,
    taken: &'c [TakenRow],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    effects: &'c [ImportEffect],
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl<'c> StoreReport<'c> {
    fn committed(outcome: &'c StoreOutcome) -> StoreReport<'c> {
        let (store, effect, error) = match outcome {
            StoreOutcome::None => ("none", None, None),
            StoreOutcome::Unchanged => ("unchanged", None, None),
            StoreOutcome::Followed(effect) => ("followed", Some(effect), None),
            StoreOutcome::Pending { effect, error } => {
                ("pending", Some(effect), Some(error.to_string()))
            }
        };
        StoreReport {
            error,
            ..StoreReport::of(store, effect)
        }
    }

    fn prepared(effect: Option<&'c StoreEffect>) -> StoreReport<'c> {
        let store = match effect {
            None => "none",
            Some(effect) if effect.is_empty() => "unchanged",
            Some(_) => "follows",
        };
        StoreReport::of(store, effect)
    }

    fn of(store: &'static str, effect: Option<&'c StoreEffect>) -> StoreReport<'c> {
        StoreReport {
            store,
            project_version: effect.map(|effect| effect.version),
            taken: effect.map_or(&[], |effect| &effect.taken),
            effects: effect.map_or(&[], |effect| &effect.effects),
            error: None,
        }
    }
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
        let StoreReport {
            store,
            project_version,
            taken,
            effects,
            error,
        } = StoreReport::committed(&committed.store);
        let projects = committed.beside.iter().map(|beside| ProjectReport {
            base_path: &beside.base_path,
            version: beside.version,
            store: StoreReport::committed(&beside.store),
        });
        CommitReport {
            format_version: FORMAT_VERSION,
            branch: &committed.branch,
            dry_run: false,
            commit: Some(committed.commit),
            migration_commit: committed.migration_commit,
            version: committed.version,
            commits: None,
            store,
            project_version,
            taken,
            effects,
            settled: &committed.settled,
            error,
            base_path: (projects.len() > 0).then_some(&*committed.base_path),
            projects: projects.collect(),
            warnings: Vec::new(),
        }
    }

    /// What would be committed.
    pub fn prepared(
        prepared: &'c Prepared<'_>,
        effect: Option<&'c StoreEffect>,
        beside: &'c [PreparedBeside],
    ) -> CommitReport<'c> {
        let StoreReport {
            store,
            project_version,
            taken,
            effects,
            error,
        } = StoreReport::prepared(effect);
        let projects = beside.iter().map(|beside| ProjectReport {
            base_path: &beside.base_path,
            version: beside.version,
            store: StoreReport::prepared(beside.effect.as_ref()),
        });
        CommitReport {
            format_version: FORMAT_VERSION,
            branch: prepared.branch(),
            dry_run: true,
            commit: None,
            migration_commit: None,
            version: prepared.version(),
            commits: Some(prepared.commits().iter().map(PreparedReport::new).collect()),
            store,
            project_version,
            taken,
            effects,
            settled: &[],
            error,
            base_path: (projects.len() > 0).then(|| prepared.base_path()),
            projects: projects.collect(),
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
