//! What the store holds for the imports that run.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::content::ContentId;
use crate::plan::{PlannedImport, Source, StoreState, StoredDocument, StoredKind};

/// A document that the store holds.
#[derive(Debug, Clone)]
pub(crate) struct StoredRow {
    pub(crate) slug: String,
    /// The schema version that its content conforms to.
    pub(crate) shape: u32,
    pub(crate) content: Arc<str>,
    pub(crate) id: ContentId,
}

/// Rows of one kind, by slug.
pub(crate) type Rows = Arc<[Arc<StoredRow>]>;

/// The store's rows for live imports, all from one moment.
#[derive(Debug, Clone)]
pub(crate) struct StoredRows {
    state: StoreState,
    tables: BTreeMap<String, Rows>,
    snapshots: BTreeMap<String, Rows>,
}

/// The rows that a live import read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReadImport {
    pub(crate) kind: String,
    pub(crate) version: u32,
    pub(crate) rows: Rows,
}

impl StoredRow {
    pub(crate) fn new(slug: String, shape: u32, content: &str) -> StoredRow {
        StoredRow {
            id: ContentId::of_text(content.as_bytes()),
            content: content.into(),
            slug,
            shape,
        }
    }
}

impl PartialEq for StoredRow {
    fn eq(&self, other: &StoredRow) -> bool {
        (&self.slug, self.shape, self.id) == (&other.slug, other.shape, other.id)
    }
}

impl Eq for StoredRow {}

impl StoredRows {
    /// Of a project at this version, without rows.
    pub(crate) fn new(project_version: u32) -> StoredRows {
        StoredRows {
            state: StoreState {
                project_version,
                content: BTreeMap::new(),
            },
            tables: BTreeMap::new(),
            snapshots: BTreeMap::new(),
        }
    }

    /// Adds what the store has for the live import of a kind: the table's rows, and the import's snapshot if it was recorded.
    pub(crate) fn add(&mut self, kind: &str, table: Rows, snapshot: Option<Rows>) {
        let content = StoredKind {
            table: shapes(&table),
            snapshot: snapshot.as_deref().map(shapes),
        };
        self.state.content.insert(kind.to_owned(), content);
        self.tables.insert(kind.to_owned(), table);
        if let Some(snapshot) = snapshot {
            self.snapshots.insert(kind.to_owned(), snapshot);
        }
    }

    /// The state that planning uses.
    pub(crate) fn state(&self) -> &StoreState {
        &self.state
    }

    /// The rows that an import of a plan reads.
    pub(crate) fn of(&self, import: &PlannedImport) -> Rows {
        let rows = match import.source {
            Source::Table => self.tables.get(&import.kind),
            Source::Snapshot => self.snapshots.get(&import.kind),
            Source::Unknown | Source::History | Source::Step => None,
        };
        rows.cloned().unwrap_or_default()
    }

    /// The rows that each of a plan's imports reads.
    pub(crate) fn read_by(&self, imports: &[PlannedImport]) -> Vec<ReadImport> {
        let read = imports.iter().map(|import| ReadImport {
            kind: import.kind.clone(),
            version: import.version,
            rows: self.of(import),
        });
        read.collect()
    }
}

fn shapes(rows: &[Arc<StoredRow>]) -> Vec<StoredDocument> {
    let documents = rows.iter().map(|row| StoredDocument {
        slug: row.slug.clone(),
        shape: row.shape,
    });
    documents.collect()
}
