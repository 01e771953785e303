//! What lies in a base path: documents and other files.

use std::collections::BTreeMap;

use super::content::ContentId;
use crate::catalog::{Catalog, DocumentName};

/// What lies in a base path at one version.
#[derive(Debug, Clone, Default)]
pub(crate) struct Held {
    /// The documents, in the order of the catalog's kinds and then of their slugs.
    pub(crate) documents: Vec<HeldDocument>,
    /// Where the marker lies.
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
    /// The kind's place in [`Catalog::kinds`].
    pub(crate) kind: usize,
    /// Below the base path.
    pub(crate) path: String,
    /// Identifies its text; or why it has none, as of a symbolic link.
    pub(crate) content: Result<ContentId, String>,
}

/// The name of the document that lies at a path at a version, and its kind's place in [`Catalog::kinds`].
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
    /// Where it is in the order of documents.
    pub(crate) fn place(&self) -> (usize, &str) {
        (self.kind, self.name.slug())
    }
}
