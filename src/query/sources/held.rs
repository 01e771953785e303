//! What a ref holds, without its documents' texts: refs that can't differ share it.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::catalog::DocumentName;

/// What a ref holds.
#[derive(Debug)]
pub(in crate::query) struct Held {
    /// Its projects; none where it leads to no commit, or can't be read.
    pub(in crate::query) bases: Vec<HeldBase>,
    /// Why it can't be read as a whole.
    pub(in crate::query) error: Option<String>,
}

/// What lies at a base path.
#[derive(Debug)]
pub(in crate::query) struct HeldBase {
    pub(in crate::query) path: String,
    pub(in crate::query) project: Result<HeldProject, String>,
}

/// A project in a ref.
#[derive(Debug)]
pub(in crate::query) struct HeldProject {
    /// `None` where there is none: neither a marker nor documents.
    pub(in crate::query) version: Option<u32>,
    /// The number of steps to the version of the query.
    pub(in crate::query) pending: usize,
    pub(in crate::query) names: Vec<DocumentName>,
    pub(super) warnings: Vec<String>,
    places: OnceLock<HashMap<DocumentName, usize>>,
}

impl Held {
    /// The project at a base path.
    pub(super) fn project(&self, base_path: &str) -> Option<&HeldProject> {
        let mut bases = self.bases.iter();
        let base = bases.find(|base| base.path == base_path)?;
        base.project.as_ref().ok()
    }
}

impl HeldProject {
    pub(super) fn new(
        version: Option<u32>,
        pending: usize,
        names: Vec<DocumentName>,
        warnings: Vec<String>,
    ) -> HeldProject {
        HeldProject {
            version,
            pending,
            names,
            warnings,
            places: OnceLock::new(),
        }
    }

    /// The place of a document among the names.
    pub(in crate::query) fn place(&self, name: &DocumentName) -> Option<usize> {
        let places = self.places.get_or_init(|| {
            let names = self.names.iter().enumerate();
            names.map(|(place, name)| (name.clone(), place)).collect()
        });
        places.get(name).copied()
    }
}
