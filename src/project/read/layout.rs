//! What lies in a base path: the marker and the documents.

use std::collections::BTreeMap;

use super::error::LoadError;
use super::marker::{self, FoundMarker, MarkerError, join};
use crate::catalog::Catalog;
use crate::git::{self, EntryKind, ObjectId, Reader, Visit, WalkLimits};
use crate::plan::document_name;

/// A base path as it stands in a tree.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layout {
    pub(crate) marker: Option<FoundMarker>,
    /// The documents, in the order of the kinds and then of their slugs.
    pub(crate) documents: Vec<FoundDocument>,
    /// Files that belong to no kind, below the base path.
    pub(crate) unclaimed: Vec<String>,
    /// Folders below the base path with a marker of their own: other projects.
    pub(crate) nested: Vec<String>,
}

/// A document that Git holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundDocument {
    /// The kind's place in [`Catalog::kinds`].
    pub(crate) kind: usize,
    pub(crate) slug: String,
    /// Below the base path.
    pub(crate) path: String,
    pub(crate) id: ObjectId,
    pub(crate) entry: EntryKind,
}

impl Layout {
    /// Reads a base path: where its documents lie depends on the version that its marker states.
    pub(crate) fn read(
        reader: &Reader,
        catalog: &Catalog,
        base_path: &str,
        base_tree: Option<ObjectId>,
    ) -> Result<Layout, LoadError> {
        let mut layout = Layout::default();
        let Some(base_tree) = base_tree else {
            return Ok(layout);
        };
        layout.marker = marker::find(reader, catalog, base_path, base_tree)??;
        let version = layout.marker.as_ref().map_or(0, |marker| marker.version);
        let mut unclaimed_documents = Vec::new();
        reader.walk(
            base_tree,
            WalkLimits::default(),
            |entry| -> Result<Visit, git::Error> {
                let Some(path) = entry.path.as_str() else {
                    // No path of a catalog is anything but UTF-8.
                    return Ok(Visit::SkipTree);
                };
                if entry.kind == EntryKind::Tree {
                    if is_project(reader, catalog, entry.id)? {
                        layout.nested.push(path.to_owned());
                        return Ok(Visit::SkipTree);
                    }
                    return Ok(Visit::Continue);
                }
                let kinds = catalog.kinds().iter().enumerate();
                let mut claims = kinds.filter_map(|(index, kind)| {
                    Some((index, catalog.path_at(kind, version).slug_of(path)?))
                });
                if let Some((kind, slug)) = claims.next() {
                    layout.documents.push(FoundDocument {
                        kind,
                        slug: slug.to_owned(),
                        path: path.to_owned(),
                        id: entry.id,
                        entry: entry.kind,
                    });
                } else if layout
                    .marker
                    .as_ref()
                    .is_none_or(|marker| marker.path != path)
                {
                    if layout.marker.is_none()
                        && catalog
                            .kinds()
                            .iter()
                            .any(|kind| kind.path.slug_of(path).is_some())
                    {
                        unclaimed_documents.push(join(base_path, path));
                    }
                    layout.unclaimed.push(path.to_owned());
                }
                Ok(Visit::Continue)
            },
        )?;
        layout
            .documents
            .sort_by(|a, b| (a.kind, &a.slug).cmp(&(b.kind, &b.slug)));
        if layout.marker.is_none() {
            let claimed = layout
                .documents
                .iter()
                .map(|document| join(base_path, &document.path));
            let documents: Vec<String> = claimed.chain(unclaimed_documents).collect();
            if !documents.is_empty() {
                return Err(LoadError::DocumentsWithoutMarker {
                    marker: join(base_path, &catalog.marker().path),
                    attribute: catalog.marker().attribute.clone(),
                    documents,
                });
            }
        }
        Ok(layout)
    }

    /// The slugs of the documents, by kind.
    pub(crate) fn held(&self, catalog: &Catalog) -> BTreeMap<String, Vec<String>> {
        let mut held: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for document in &self.documents {
            let kind = &catalog.kinds()[document.kind].name;
            held.entry(kind.clone())
                .or_default()
                .push(document.slug.clone());
        }
        held
    }
}

impl FoundDocument {
    pub(crate) fn name(&self, catalog: &Catalog) -> String {
        document_name(&catalog.kinds()[self.kind].name, &self.slug)
    }
}

/// A project found in a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundProject {
    /// Its base path in the repository.
    pub(crate) base_path: String,
    pub(crate) tree: ObjectId,
    /// What its marker states, or why it states nothing.
    pub(crate) version: Result<u32, MarkerError>,
}

/// Whether a folder has a marker of its own.
fn is_project(reader: &Reader, catalog: &Catalog, tree: ObjectId) -> Result<bool, git::Error> {
    for path in catalog.marker_paths() {
        if reader.entry(tree, path)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The projects at or below a folder: itself, if it has a marker, and the folders in it that have one.
pub(crate) fn projects_below(
    reader: &Reader,
    catalog: &Catalog,
    folder: &str,
    folder_tree: ObjectId,
) -> Result<Vec<FoundProject>, git::Error> {
    let mut found = Vec::new();
    let mut look = |base_path: String, tree: ObjectId| -> Result<(), git::Error> {
        let version = match marker::find(reader, catalog, &base_path, tree)? {
            Ok(None) => return Ok(()),
            Ok(Some(marker)) => Ok(marker.version),
            Err(error) => Err(error),
        };
        found.push(FoundProject {
            base_path,
            tree,
            version,
        });
        Ok(())
    };
    look(folder.to_owned(), folder_tree)?;
    reader.walk(
        folder_tree,
        WalkLimits::default(),
        |entry| -> Result<Visit, git::Error> {
            if entry.kind == EntryKind::Tree
                && let Some(path) = entry.path.as_str()
            {
                look(join(folder, path), entry.id)?;
            }
            Ok(Visit::Continue)
        },
    )?;
    Ok(found)
}
