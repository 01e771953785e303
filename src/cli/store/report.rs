//! The JSON of `store` and its commands.

use std::collections::BTreeMap;

use crate::catalog::DocumentName;
use crate::report::FORMAT_VERSION;
use crate::store::{
    Intent, LookupEntry, ProjectKey, ProjectStatus, RecordedEffect, RecordedImport, Row,
    ServerTables, Status,
};
use serde::Serialize;

/// `store status`.
#[derive(Serialize)]
pub(super) struct StatusReport<'s> {
    format_version: u32,
    schema: u32,
    /// Of a server's database only.
    #[serde(flatten)]
    tables: Option<&'s ServerTables>,
    projects: Vec<ProjectReport<'s>>,
}

/// `store migrate`.
#[derive(Serialize)]
pub(super) struct MigrationReport<'m> {
    pub(super) format_version: u32,
    /// The version of the tables before; `null` where there were none.
    pub(super) found: Option<u32>,
    pub(super) schema: u32,
    pub(super) dry_run: bool,
    pub(super) statements: &'m [&'static str],
}

/// `store validate`.
#[derive(Serialize)]
pub(super) struct ValidationReport<'v> {
    pub(super) format_version: u32,
    pub(super) valid: bool,
    pub(super) differences: &'v [String],
}

/// `store copy`.
#[derive(Serialize)]
pub(super) struct CopyReport<'c> {
    pub(super) format_version: u32,
    pub(super) from: &'c str,
    pub(super) to: &'c str,
    pub(super) copied: Vec<ProjectName<'c>>,
    pub(super) already: Vec<ProjectName<'c>>,
}

/// `store tenants`.
#[derive(Serialize)]
pub(super) struct TenantsReport<'t> {
    pub(super) format_version: u32,
    pub(super) tenants: Vec<TenantReport<'t>>,
}

#[derive(Serialize)]
pub(super) struct TenantReport<'t> {
    pub(super) tenant: &'t str,
    pub(super) projects: Vec<&'t str>,
}

/// A project of a tenant.
#[derive(Serialize)]
pub(super) struct ProjectName<'p> {
    tenant: &'p str,
    project: &'p str,
}

impl<'p> From<&'p ProjectKey> for ProjectName<'p> {
    fn from(key: &'p ProjectKey) -> ProjectName<'p> {
        ProjectName {
            tenant: &key.tenant,
            project: &key.name,
        }
    }
}

#[derive(Serialize)]
struct ProjectReport<'s> {
    tenant: &'s str,
    project: &'s str,
    version: u32,
    documents: &'s BTreeMap<String, u32>,
    snapshots: Vec<SnapshotReport<'s>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    effects: &'s [RecordedEffect],
    intents: Vec<IntentReport<'s>>,
}

#[derive(Serialize)]
struct SnapshotReport<'s> {
    kind: &'s str,
    import_version: u32,
    documents: u32,
    time: i64,
}

/// A commit whose writer has not told the store yet how it ended.
#[derive(Serialize)]
struct IntentReport<'s> {
    branch: &'s str,
    commit: &'s str,
    target: u32,
    created: i64,
}

/// `store list`.
#[derive(Serialize)]
pub(super) struct ListReport<'s> {
    format_version: u32,
    table: Vec<RowReport>,
    snapshots: Vec<ListedSnapshot<'s>>,
    lookups: &'s [LookupEntry],
}

#[derive(Serialize)]
struct RowReport {
    document: DocumentName,
    shape: u32,
}

#[derive(Serialize)]
struct ListedSnapshot<'s> {
    kind: &'s str,
    import_version: u32,
    time: i64,
    documents: Vec<RowReport>,
}

/// What a command did: `store init`, `put`, `remove`, `lookup ...`, `backup`, `restore`.
#[derive(Serialize)]
pub(super) struct ActionReport<'a> {
    format_version: u32,
    action: &'a str,
    project: String,
    /// Whether anything changed.
    changed: bool,
    /// The documents, keys or files concerned.
    subjects: &'a [String],
    /// Of `restore`: the file in which what was replaced is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    kept: Option<&'a str>,
}

/// `store get` and `store lookup get`.
#[derive(Serialize)]
pub(super) struct ValueReport<'a> {
    format_version: u32,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    shape: Option<u32>,
    value: &'a serde_json::Value,
}

impl<'s> StatusReport<'s> {
    pub(super) fn new(status: &'s Status, tables: Option<&'s ServerTables>) -> StatusReport<'s> {
        StatusReport {
            format_version: FORMAT_VERSION,
            schema: status.schema,
            tables,
            projects: status.projects.iter().map(ProjectReport::new).collect(),
        }
    }
}

impl<'s> ProjectReport<'s> {
    fn new(project: &'s ProjectStatus) -> ProjectReport<'s> {
        let snapshot = |import: &'s RecordedImport| SnapshotReport {
            kind: &import.kind,
            import_version: import.import_version,
            documents: import.documents,
            time: import.time,
        };
        let intent = |intent: &'s Intent| IntentReport {
            branch: &intent.ref_name,
            commit: &intent.new,
            target: intent.target,
            created: intent.created,
        };
        ProjectReport {
            tenant: &project.project.tenant,
            project: &project.project.name,
            version: project.version,
            documents: &project.documents,
            snapshots: project.imports.iter().map(snapshot).collect(),
            effects: &project.effects,
            intents: project.intents.iter().map(|(_, it)| intent(it)).collect(),
        }
    }
}

impl<'s> ListReport<'s> {
    pub(super) fn new(
        table: &[Row],
        snapshots: &'s [(RecordedImport, Vec<Row>)],
        lookups: &'s [LookupEntry],
    ) -> ListReport<'s> {
        let rows = |rows: &[Row]| {
            let row = |row: &Row| RowReport {
                document: DocumentName::new(&row.kind, &row.slug),
                shape: row.shape,
            };
            rows.iter().map(row).collect()
        };
        let snapshots = snapshots.iter().map(|(import, documents)| ListedSnapshot {
            kind: &import.kind,
            import_version: import.import_version,
            time: import.time,
            documents: rows(documents),
        });
        ListReport {
            format_version: FORMAT_VERSION,
            table: rows(table),
            snapshots: snapshots.collect(),
            lookups,
        }
    }
}

impl<'a> ActionReport<'a> {
    pub(super) fn new(
        action: &'a str,
        project: String,
        changed: bool,
        subjects: &'a [String],
    ) -> ActionReport<'a> {
        ActionReport {
            format_version: FORMAT_VERSION,
            action,
            project,
            changed,
            subjects,
            kept: None,
        }
    }

    pub(super) fn keeping(self, kept: Option<&'a str>) -> ActionReport<'a> {
        ActionReport { kept, ..self }
    }
}

impl<'a> ValueReport<'a> {
    /// A document's text with its shape, or a lookup's answer.
    pub(super) fn new(
        name: &'a str,
        shape: Option<u32>,
        value: &'a serde_json::Value,
    ) -> ValueReport<'a> {
        ValueReport {
            format_version: FORMAT_VERSION,
            name,
            shape,
            value,
        }
    }
}
