//! What the store holds for the imports that run, read in one transaction.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::document::Warning;
use super::loaded::Loaded;
use super::{LoadError, Project};
use crate::plan::{
    LiveImport, Plan, PlannedImport, Request, Source, StoreState, StoredDocument, StoredKind,
    document_name, live_imports,
};
use crate::store::{self, Read, Row};

/// The store's rows for a ref's live imports, as they were at one moment.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) state: StoreState,
    tables: BTreeMap<String, Vec<Arc<Row>>>,
    snapshots: BTreeMap<String, Vec<Arc<Row>>>,
}

/// The rows that a live import read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ImportSeen {
    pub(crate) kind: String,
    pub(crate) version: u32,
    pub(crate) rows: Vec<Arc<Row>>,
}

impl Stored {
    /// `None` where the store doesn't know the project.
    pub(crate) fn read(
        read: &mut dyn Read,
        live: &[LiveImport],
    ) -> Result<Option<Stored>, store::Error> {
        let Some(project_version) = read.version()? else {
            return Ok(None);
        };
        let mut stored = Stored {
            state: StoreState {
                project_version,
                content: BTreeMap::new(),
            },
            tables: BTreeMap::new(),
            snapshots: BTreeMap::new(),
        };
        for LiveImport { kind, version } in live {
            let table = shared(read.documents(kind)?);
            let snapshot = read.snapshots(kind, *version)?.map(shared);
            let content = StoredKind {
                table: shapes(&table),
                snapshot: snapshot.as_deref().map(shapes),
            };
            stored.state.content.insert(kind.clone(), content);
            stored.tables.insert(kind.clone(), table);
            stored
                .snapshots
                .insert(kind.clone(), snapshot.unwrap_or_default());
        }
        Ok(Some(stored))
    }

    /// The rows that an import of the plan made from this reads.
    pub(crate) fn rows_of(&self, import: &PlannedImport) -> &[Arc<Row>] {
        let rows = match import.source {
            Source::Table => self.tables.get(&import.kind),
            Source::Snapshot => self.snapshots.get(&import.kind),
            Source::Unknown | Source::History | Source::Step => None,
        };
        rows.map_or(&[], Vec::as_slice)
    }

    /// The same for all of a plan's imports.
    pub(crate) fn seen_by(&self, imports: &[PlannedImport]) -> Vec<ImportSeen> {
        let seen = imports.iter().map(|import| ImportSeen {
            kind: import.kind.clone(),
            version: import.version,
            rows: self.rows_of(import).to_vec(),
        });
        seen.collect()
    }
}

impl Loaded {
    /// What an import of a kind would bring in on the way from the target up to the branch's version again, in words;
    /// `None` for nothing.
    pub(super) fn comes_in_again(&self, kind: &str) -> Result<Option<String>, LoadError> {
        let (project, plan) = (self.project(), self.plan());
        let catalog = project.catalog();
        let mut live = live_imports(catalog, plan.target, plan.branch_version);
        live.retain(|import| import.kind == kind);
        if live.is_empty() {
            return Ok(None);
        }
        let unknown =
            Some("what nobody knows here, as there is no store that knows the project".to_owned());
        let Some(stored) = read_for_load(project, self.base_path(), &live, &mut Vec::new())? else {
            return Ok(unknown);
        };
        let up = Plan::new(&Request {
            catalog,
            branch_version: plan.target,
            target: plan.branch_version,
            held: BTreeMap::new(),
            store: Some(stored.state),
        });
        Ok(match up {
            // What the store lacks is an error then, and no reason to have it.
            Err(error) => Some(format!("an error ({error})")),
            Ok(up) => up.import_of(kind).and_then(|import| {
                let documents = import.documents.iter();
                let refused = import.refused.iter().map(|(document, _)| document);
                let names: Vec<String> = documents
                    .chain(refused)
                    .map(|document| document_name(kind, &document.slug))
                    .collect();
                (!names.is_empty()).then(|| names.join(", "))
            }),
        })
    }
}

/// Reads the store for a load; what it can't tell is a warning.
pub(crate) fn read_for_load(
    project: &Project,
    base_path: &str,
    live: &[LiveImport],
    warnings: &mut Vec<Warning>,
) -> Result<Option<Stored>, LoadError> {
    let kinds = || live.iter().map(|import| import.kind.clone()).collect();
    let Some(store) = project.store() else {
        if !live.is_empty() {
            warnings.push(Warning::ImportsUnknown { kinds: kinds() });
        }
        return Ok(None);
    };
    let key = project.key(base_path);
    let mut read = match store.read(&key) {
        Err(store::Error::Absent { .. }) => {
            if !live.is_empty() {
                warnings.push(Warning::ImportsUnknown { kinds: kinds() });
            }
            return Ok(None);
        }
        other => other?,
    };
    let stored = Stored::read(&mut *read, live)?;
    if stored.is_none() && !live.is_empty() {
        warnings.push(Warning::ProjectUnknown {
            project: key.to_string(),
            kinds: kinds(),
        });
    }
    Ok(stored)
}

fn shared(rows: Vec<Row>) -> Vec<Arc<Row>> {
    rows.into_iter().map(Arc::new).collect()
}

fn shapes(rows: &[Arc<Row>]) -> Vec<StoredDocument> {
    let documents = rows.iter().map(|row| StoredDocument {
        slug: row.slug.clone(),
        shape: row.shape,
    });
    documents.collect()
}
