//! The input of a plan.

use std::collections::BTreeMap;

use crate::catalog::Catalog;

/// The input of a plan.
#[derive(Debug, Clone)]
pub(crate) struct Request<'a> {
    /// The kinds and steps.
    pub(crate) catalog: &'a Catalog,
    /// The version of the branch; 0 for an uninitialised one.
    pub(crate) branch_version: u32,
    /// The version to migrate to.
    pub(crate) target: u32,
    /// The slugs of the documents in Git, by kind.
    pub(crate) held: BTreeMap<String, Vec<String>>,
    /// What the store has; `None` if no store knows the project.
    pub(crate) store: Option<StoreState>,
}

/// What the store has for a project, as far as planning needs it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct StoreState {
    /// The highest version that was ever persisted for the project.
    pub(crate) project_version: u32,
    /// What it has for every [live import](super::live_imports), by kind.
    pub(crate) content: BTreeMap<String, StoredKind>,
}

/// The documents of a kind that the store has for an import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct StoredKind {
    /// The server's own rows.
    pub(crate) table: Vec<StoredDocument>,
    /// The snapshot of this import; `None` if it was never recorded.
    pub(crate) snapshot: Option<Vec<StoredDocument>>,
}

/// A document in the store: its slug, and the schema version of its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDocument {
    /// Empty for a single document.
    pub slug: String,
    /// The shape of the content.
    pub shape: u32,
}
