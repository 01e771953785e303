//! The files of a base path: documents and others.

use std::collections::BTreeMap;

use super::content::ContentId;
use crate::catalog::{Catalog, DocumentName};

/// The files of a base path at one version.
#[derive(Debug, Clone, Default)]
pub(crate) struct Held {
    /// The documents, in the order of the catalog's kinds and then of their slugs.
    pub(crate) documents: Vec<HeldDocument>,
    /// The path of the marker.
    pub(crate) marker: Option<String>,
    /// The paths of other files, which belong to no kind.
    pub(crate) unclaimed: Vec<String>,
    /// Folders with a marker of their own: other projects.
    pub(crate) nested: Vec<String>,
}

/// A document that a base path holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HeldDocument {
    pub(crate) name: DocumentName,
    /// The index of the kind in [`Catalog::kinds`].
    pub(crate) kind: usize,
    /// The path below the base path.
    pub(crate) path: String,
    /// Identifies its text; or why it has none, as for a symbolic link.
    pub(crate) content: Result<ContentId, String>,
}

/// The name of the document that has this path at a version, and the index of its kind in [`Catalog::kinds`].
pub(crate) fn document_at(
    catalog: &Catalog,
    version: u32,
    path: &str,
) -> Option<(usize, DocumentName)> {
    let mut kinds = catalog.kinds().iter().enumerate();
    kinds.find_map(|(index, kind)| {
        let slug = catalog.path_at(kind, version).slug_of(path)?;
        Some((index, DocumentName::new(&kind.name, slug)))
    })
}

impl Held {
    /// The slugs of the documents, by kind.
    pub(crate) fn slugs(&self) -> BTreeMap<String, Vec<String>> {
        let mut slugs: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for HeldDocument { name, .. } in &self.documents {
            let of_kind = slugs.entry(name.kind().to_owned()).or_default();
            of_kind.push(name.slug().to_owned());
        }
        slugs
    }
}

impl HeldDocument {
    /// The key that documents are sorted by.
    pub(crate) fn sort_key(&self) -> (usize, &str) {
        (self.kind, self.name.slug())
    }
}
