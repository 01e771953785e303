//! What a store holds, as plain strings and numbers: it knows no OCL and no Git.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Names one project of one tenant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProjectKey {
    /// The tenant; empty where a store serves only one.
    pub tenant: String,
    /// The project's name, unique within its tenant.
    pub name: String,
}

impl ProjectKey {
    /// A project of the default tenant.
    pub fn new(name: impl Into<String>) -> Self {
        Self::of_tenant("", name)
    }

    /// A project of a named tenant.
    pub fn of_tenant(tenant: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            tenant: tenant.into(),
            name: name.into(),
        }
    }
}

impl fmt::Display for ProjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.tenant.as_str() {
            "" => write!(f, "{}", self.name),
            tenant => write!(f, "{} of tenant {tenant}", self.name),
        }
    }
}

/// The steps of a server, as it left them for others. The store knows nothing of what they say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCatalog {
    /// Identifies the content: SHA-256, in hex.
    pub digest: String,
    /// The highest version of its steps; positive.
    pub version: u32,
    /// The steps, as text.
    pub content: String,
}

/// One document as the store holds it, in `documents` or in a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Row {
    /// The document kind.
    pub kind: String,
    /// The slug within a collection; empty for a singleton.
    pub slug: String,
    /// The document's text.
    pub content: String,
    /// The schema version that `content` conforms to; positive.
    pub shape: u32,
}

impl Row {
    /// A row, its fields in the order of the tables.
    pub fn new(
        kind: impl Into<String>,
        slug: impl Into<String>,
        content: impl Into<String>,
        shape: u32,
    ) -> Self {
        Self {
            kind: kind.into(),
            slug: slug.into(),
            content: content.into(),
            shape,
        }
    }
}

/// Names a stored intent. A store never gives the same id twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IntentId(pub i64);

impl fmt::Display for IntentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A commit that is about to become visible, and the rows the store gives away with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// The ref about to move, by its full name.
    pub ref_name: String,
    /// The commit the ref must still point to; none for a ref that doesn't exist yet.
    pub old: Option<String>,
    /// The commit it will point to.
    pub new: String,
    /// The version the project will be at, at least.
    pub target: u32,
    /// The imports that are recorded: those that take rows, and those that would have found none.
    pub imports: Vec<IntentImport>,
    /// When it was written: seconds since the Unix epoch, by the caller's clock.
    pub created: i64,
}

/// One import of an [`Intent`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntentImport {
    /// The document kind.
    pub kind: String,
    /// The version of the import step.
    pub import_version: u32,
    /// Every row of the kind when the intent was written; none if there was nothing.
    pub rows: Vec<Row>,
    /// The caller's hash of `rows`. Kept as given; the store never computes one.
    pub hash: String,
}

/// An import that a snapshot exists for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedImport {
    /// The document kind.
    pub kind: String,
    /// The version of the import step.
    pub import_version: u32,
    /// How many documents it took; 0 where there was nothing.
    pub documents: u32,
    /// When it was recorded: seconds since the Unix epoch, by the caller's clock.
    pub time: i64,
}

/// What an import's effect came to: see [`Effect`](crate::project::Effect).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecordedEffect {
    /// The document kind.
    pub kind: String,
    /// The version of the import step.
    pub import_version: u32,
    /// The effect's name.
    pub effect: String,
    /// What it said of itself; none if it has begun and its outcome was never recorded.
    pub outcome: Option<String>,
    /// When it was recorded, or else begun: seconds since the Unix epoch, by the caller's clock.
    pub time: i64,
}

/// A project with the highest version ever persisted for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectVersion {
    /// The project.
    pub project: ProjectKey,
    /// Its version; 0 until the first commit.
    pub version: u32,
}

/// Who a lookup is for. A project's own entry hides its tenant's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// One project.
    Project(ProjectKey),
    /// Every project of the tenant of this name.
    Tenant(String),
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Project(project) => write!(f, "project {project}"),
            Self::Tenant(tenant) => write!(f, "tenant {tenant:?}"),
        }
    }
}

/// One entry of a lookup table.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct LookupEntry {
    /// The lookup table.
    pub table: String,
    /// The key within it.
    pub key: String,
    /// What it stands for.
    pub value: serde_json::Value,
}

/// What a store holds, at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The version of the store's own tables.
    pub schema: u32,
    /// Every project, by tenant and name.
    pub projects: Vec<ProjectStatus>,
}

/// What a store holds of one project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectStatus {
    /// The project.
    pub project: ProjectKey,
    /// The highest version ever persisted for it.
    pub version: u32,
    /// How many rows each kind has in `documents`.
    pub documents: BTreeMap<String, u32>,
    /// Every recorded import, by kind and version.
    pub imports: Vec<RecordedImport>,
    /// The effects of imports, by kind and version.
    pub effects: Vec<RecordedEffect>,
    /// Intents not settled yet, oldest first.
    pub intents: Vec<(IntentId, Intent)>,
}

/// What was done, or would be, to bring a store's tables up to date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// The version before; none where there were no tables.
    pub found: Option<u32>,
    /// The version afterwards.
    pub version: u32,
    /// The statements, in their order; none where nothing was to be done.
    pub statements: Vec<&'static str>,
}

/// A server, and how the store's tables in its database came to be what they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ServerTables {
    /// What the server calls itself, with its version.
    pub server: String,
    /// Oldest first.
    pub history: Vec<TablesStep>,
}

/// One step in the life of a store's tables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TablesStep {
    /// The version that the tables had afterwards.
    #[serde(rename = "schema")]
    pub version: u32,
    /// `installed`, or `upgraded` from the version before.
    pub action: String,
    /// The release that did it.
    pub program: String,
    /// When: seconds since the Unix epoch, by the database's clock.
    pub time: i64,
}
