//! The JSON of the commands that write, and of those that look into the store.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{FORMAT_VERSION, FileDiff};
use crate::catalog::DocumentName;
use crate::git::ObjectId;
use crate::project::{
    Committed, FileChange, Prepared, SettledIntent, Standing, StoreEffect, StoreOutcome,
};
use crate::store::{LookupEntry, RecordedImport, Row, Status};

/// `commit` and `upgrade`.
#[derive(Debug, Serialize)]
pub struct CommitReport {
    format_version: u32,
    branch: String,
    dry_run: bool,
    commit: Option<ObjectId>,
    migration_commit: Option<ObjectId>,
    version: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    commits: Option<Vec<PreparedReport>>,
    store: &'static str,
    project_version: Option<u32>,
    taken: Vec<TakenReport>,
    settled: Vec<SettledReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// A commit that would be written.
#[derive(Debug, Serialize)]
struct PreparedReport {
    message: String,
    files: Vec<FileReport>,
}

#[derive(Debug, Serialize)]
struct FileReport {
    document: Option<DocumentName>,
    path: String,
    diff: String,
}

/// A row that leaves the table for a snapshot.
#[derive(Debug, Serialize)]
struct TakenReport {
    document: DocumentName,
    import_version: u32,
    standing: &'static str,
}

/// What a writer that died had begun, and what became of it.
#[derive(Debug, Serialize)]
struct SettledReport {
    branch: String,
    commit: String,
    applied: bool,
    left: Vec<DocumentName>,
}

/// `adopt`.
#[derive(Debug, Serialize)]
pub struct AdoptReport {
    format_version: u32,
    dry_run: bool,
    version_before: u32,
    version: u32,
    taken: Vec<TakenReport>,
    settled: Vec<SettledReport>,
}

/// `store status`.
#[derive(Debug, Serialize)]
pub struct StoreStatusReport {
    format_version: u32,
    schema: u32,
    projects: Vec<ProjectReport>,
}

#[derive(Debug, Serialize)]
struct ProjectReport {
    tenant: String,
    project: String,
    version: u32,
    documents: BTreeMap<String, u32>,
    snapshots: Vec<SnapshotReport>,
    intents: Vec<IntentReport>,
}

/// A commit whose writer has not told the store yet how it ended.
#[derive(Debug, Serialize)]
struct IntentReport {
    branch: String,
    commit: String,
    target: u32,
    created: i64,
}

#[derive(Debug, Serialize)]
struct SnapshotReport {
    kind: String,
    import_version: u32,
    documents: u32,
    time: i64,
}

/// `store list`.
#[derive(Debug, Serialize)]
pub struct StoreListReport {
    format_version: u32,
    table: Vec<RowReport>,
    snapshots: Vec<RecordedReport>,
    lookups: Vec<LookupReport>,
}

#[derive(Debug, Serialize)]
struct RowReport {
    document: DocumentName,
    shape: u32,
}

#[derive(Debug, Serialize)]
struct RecordedReport {
    kind: String,
    import_version: u32,
    time: i64,
    documents: Vec<RowReport>,
}

#[derive(Debug, Serialize)]
struct LookupReport {
    table: String,
    key: String,
    value: serde_json::Value,
}

impl CommitReport {
    /// What was committed.
    pub fn committed(committed: &Committed) -> CommitReport {
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
            branch: committed.branch.clone(),
            dry_run: false,
            commit: Some(committed.commit),
            migration_commit: committed.migration_commit,
            version: committed.version,
            commits: None,
            store,
            project_version: effect.map(|effect| effect.version),
            taken: effect.map(taken).unwrap_or_default(),
            settled: settled(&committed.settled),
            error,
        }
    }

    /// What would be committed.
    pub fn prepared(prepared: &Prepared<'_>, effect: Option<&StoreEffect>) -> CommitReport {
        let commits = prepared.commits().iter().map(|commit| PreparedReport {
            message: commit.message.clone(),
            files: commit.files.iter().map(file).collect(),
        });
        CommitReport {
            format_version: FORMAT_VERSION,
            branch: prepared.branch().to_owned(),
            dry_run: true,
            commit: None,
            migration_commit: None,
            version: prepared.version(),
            commits: Some(commits.collect()),
            store: match effect {
                None => "none",
                Some(effect) if effect.is_empty() => "unchanged",
                Some(_) => "follows",
            },
            project_version: effect.map(|effect| effect.version),
            taken: effect.map(taken).unwrap_or_default(),
            settled: Vec::new(),
            error: None,
        }
    }
}

fn file(change: &FileChange) -> FileReport {
    let diff = FileDiff::of_change(change);
    FileReport {
        document: change.document.clone(),
        path: diff.path().to_owned(),
        diff: diff.to_string(),
    }
}

fn taken(effect: &StoreEffect) -> Vec<TakenReport> {
    let rows = effect.taken.iter();
    rows.map(|row| TakenReport {
        document: row.document.clone(),
        import_version: row.import_version,
        standing: match row.standing {
            Standing::Imported => "imported",
            Standing::SameInGit => "same_in_git",
            Standing::DiffersInGit => "differs_in_git",
            Standing::NotInGit => "not_in_git",
        },
    })
    .collect()
}

fn settled(intents: &[SettledIntent]) -> Vec<SettledReport> {
    let intents = intents.iter();
    intents
        .map(|intent| SettledReport {
            branch: intent.branch.clone(),
            commit: intent.commit.clone(),
            applied: intent.applied,
            left: intent.left.clone(),
        })
        .collect()
}

impl AdoptReport {
    /// What the store did, or would do.
    pub fn new(effect: &StoreEffect, intents: &[SettledIntent], dry_run: bool) -> AdoptReport {
        AdoptReport {
            format_version: FORMAT_VERSION,
            dry_run,
            version_before: effect.version_before,
            version: effect.version,
            taken: taken(effect),
            settled: settled(intents),
        }
    }
}

impl StoreStatusReport {
    /// What a store holds.
    pub fn new(status: &Status) -> StoreStatusReport {
        let projects = status.projects.iter().map(|project| ProjectReport {
            tenant: project.project.tenant.clone(),
            project: project.project.name.clone(),
            version: project.version,
            documents: project.documents.clone(),
            snapshots: project
                .imports
                .iter()
                .map(|import| SnapshotReport {
                    kind: import.kind.clone(),
                    import_version: import.import_version,
                    documents: import.documents,
                    time: import.time,
                })
                .collect(),
            intents: project
                .intents
                .iter()
                .map(|(_, intent)| IntentReport {
                    branch: intent.ref_name.clone(),
                    commit: intent.new.clone(),
                    target: intent.target,
                    created: intent.created,
                })
                .collect(),
        });
        StoreStatusReport {
            format_version: FORMAT_VERSION,
            schema: status.schema,
            projects: projects.collect(),
        }
    }
}

impl StoreListReport {
    /// What a store holds of one project.
    pub fn new(
        table: &[Row],
        snapshots: &[(RecordedImport, Vec<Row>)],
        lookups: &[LookupEntry],
    ) -> StoreListReport {
        let rows = |rows: &[Row]| -> Vec<RowReport> {
            let rows = rows.iter();
            rows.map(|row| RowReport {
                document: DocumentName::new(&row.kind, &row.slug),
                shape: row.shape,
            })
            .collect()
        };
        StoreListReport {
            format_version: FORMAT_VERSION,
            table: rows(table),
            snapshots: snapshots
                .iter()
                .map(|(import, documents)| RecordedReport {
                    kind: import.kind.clone(),
                    import_version: import.import_version,
                    time: import.time,
                    documents: rows(documents),
                })
                .collect(),
            lookups: lookups
                .iter()
                .map(|entry| LookupReport {
                    table: entry.table.clone(),
                    key: entry.key.clone(),
                    value: entry.value.clone(),
                })
                .collect(),
        }
    }
}

/// What a command did to the store: `store init`, `put`, `remove`, `lookup ...`, `backup`, `restore`.
#[derive(Debug, Serialize)]
pub struct StoreActionReport<'a> {
    format_version: u32,
    /// The command.
    action: &'a str,
    /// The project, as the store calls it.
    project: String,
    /// Whether anything is other than before.
    changed: bool,
    /// What it was about: documents, keys, a file.
    subjects: Vec<String>,
}

impl<'a> StoreActionReport<'a> {
    /// Something that was done.
    pub fn new(action: &'a str, project: String, changed: bool, subjects: Vec<String>) -> Self {
        StoreActionReport {
            format_version: FORMAT_VERSION,
            action,
            project,
            changed,
            subjects,
        }
    }
}

/// `store get` and `store lookup get`.
#[derive(Debug, Serialize)]
pub struct StoreValueReport<'a> {
    format_version: u32,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    shape: Option<u32>,
    value: serde_json::Value,
}

impl<'a> StoreValueReport<'a> {
    /// A document's text with its shape, or a lookup's answer.
    pub fn new(name: &'a str, shape: Option<u32>, value: serde_json::Value) -> Self {
        StoreValueReport {
            format_version: FORMAT_VERSION,
            name,
            shape,
            value,
        }
    }
}
