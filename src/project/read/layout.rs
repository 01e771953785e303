//! What lies in a base path: the marker, the documents and other files.

use super::base::describe;
use super::marker::{self, FoundMarker};
use crate::catalog::{Catalog, MarkerError};
use crate::engine::{ContentId, Held, HeldDocument, document_at, join};
use crate::git::{self, EntryKind, ObjectId, Reader, Visit, WalkLimits};
use crate::project::error::LoadError;

/// A base path as it is in a tree.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layout {
    pub(crate) marker: Option<FoundMarker>,
    pub(crate) held: Held,
    /// What Git holds of each document; in their order.
    pub(crate) files: Vec<GitFile>,
}

/// A file in a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GitFile {
    pub(crate) id: ObjectId,
    pub(crate) kind: EntryKind,
}

impl Layout {
    /// The version that the marker states; 0 without one.
    pub(crate) fn version(&self) -> u32 {
        self.marker.as_ref().map_or(0, |marker| marker.version)
    }

    /// Reads a base path: where its documents lie depends on the version that its marker states. The documents themselves aren't
    /// looked for: a partial clone may be without them.
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
        layout.held.marker = layout.marker.as_ref().map(|marker| marker.path.clone());
        let version = layout.version();
        let mut found: Vec<(HeldDocument, GitFile)> = Vec::new();
        reader.walk(
            base_tree,
            WalkLimits::default(),
            |entry| -> Result<Visit, git::Error> {
                let shown = entry.path.to_string();
                let path = entry.path.as_str().unwrap_or(&shown);
                if entry.kind == EntryKind::Tree {
                    // Without a marker here, there is no project that has documents.
                    if match layout.marker {
                        Some(_) => is_project_within(reader, catalog, entry.id, path)?,
                        None => is_project(reader, catalog, entry.id)?,
                    } {
                        layout.held.nested.push(path.to_owned());
                        return Ok(Visit::SkipTree);
                    }
                } else if let Some((kind, name)) = document_at(catalog, version, path) {
                    let file = GitFile {
                        id: entry.id,
                        kind: entry.kind,
                    };
                    let document = HeldDocument {
                        name,
                        kind,
                        content: match entry.path.as_str() {
                            Some(path) => content(file, path),
                            None => {
                                Err(format!("the name of {path} is not UTF-8: rename the file"))
                            }
                        },
                        path: path.to_owned(),
                    };
                    found.push((document, file));
                } else if layout
                    .marker
                    .as_ref()
                    .is_none_or(|marker| marker.path != path)
                {
                    layout.held.unclaimed.push(path.to_owned());
                }
                Ok(Visit::Continue)
            },
        )?;
        found.sort_by(|(a, _), (b, _)| a.sort_key().cmp(&b.sort_key()));
        (layout.held.documents, layout.files) = found.into_iter().unzip();
        layout.refuse_documents_without_marker(catalog, base_path)?;
        Ok(layout)
    }

    /// Without a marker, documents' version is unknown. Without one, they may also lie where newer versions have them.
    fn refuse_documents_without_marker(
        &self,
        catalog: &Catalog,
        base_path: &str,
    ) -> Result<(), LoadError> {
        if self.marker.is_some() {
            return Ok(());
        }
        let documents = self.held.documents.iter().map(|document| &document.path);
        let kinds = catalog.kinds();
        let newer = self.held.unclaimed.iter().filter(|path| {
            let mut kinds = kinds.iter();
            kinds.any(|kind| kind.path.slug_of(path).is_some())
        });
        let documents: Vec<String> = documents
            .chain(newer)
            .map(|path| join(base_path, path))
            .collect();
        if documents.is_empty() {
            return Ok(());
        }
        Err(LoadError::DocumentsWithoutMarker {
            marker: join(base_path, &catalog.marker().path),
            attribute: catalog.marker().attribute.clone(),
            documents,
        })
    }
}

impl GitFile {
    /// Whether it has a text, which a partial clone may leave out.
    pub(crate) fn is_text(self) -> bool {
        matches!(self.kind, EntryKind::Blob | EntryKind::Executable)
    }
}

pub(super) fn content(file: GitFile, path: &str) -> Result<ContentId, String> {
    match file.kind {
        EntryKind::Blob | EntryKind::Executable => Ok(ContentId::of_blob(file.id.as_bytes())),
        other => Err(format!(
            "{path} is a {}, not a file, and it is not followed",
            describe(other)
        )),
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
pub(crate) fn is_project(
    reader: &Reader,
    catalog: &Catalog,
    tree: ObjectId,
) -> Result<bool, git::Error> {
    has_marker(reader, catalog, tree, |_| true)
}

/// Whether a file of a folder that has a marker's name is one.
fn has_marker(
    reader: &Reader,
    catalog: &Catalog,
    tree: ObjectId,
    is_one: impl Fn(&str) -> bool,
) -> Result<bool, git::Error> {
    for marker in catalog.marker_paths() {
        if reader.entry(tree, marker)?.is_some() && is_one(marker) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a folder of a project, at this path below the base path, has a marker of its own. A document that has the name of a
/// marker is none.
pub(crate) fn is_project_within(
    reader: &Reader,
    catalog: &Catalog,
    tree: ObjectId,
    path: &str,
) -> Result<bool, git::Error> {
    has_marker(reader, catalog, tree, |marker| {
        !catalog.has_document_at(&join(path, marker))
    })
}

/// Whether there is a project in a folder of a commit's tree.
pub(crate) fn is_project_at(
    reader: &Reader,
    catalog: &Catalog,
    tree: ObjectId,
    folder: &str,
) -> Result<bool, git::Error> {
    let Some(found) = reader.folder(tree, folder)? else {
        return Ok(false);
    };
    if !is_project(reader, catalog, found)? {
        return Ok(false);
    }
    let above = folder.match_indices('/').map(|(end, _)| &folder[..end]);
    for outer in above {
        let rest = &folder[outer.len() + 1..];
        if let Some(outer) = reader.folder(tree, outer)?
            && is_project(reader, catalog, outer)?
            && !is_project_within(reader, catalog, found, rest)?
        {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The projects at or below a folder: itself, if it has a marker, and the folders in it that have one.
pub(crate) fn projects_below(
    reader: &Reader,
    catalog: &Catalog,
    folder: &str,
    folder_tree: ObjectId,
) -> Result<Vec<FoundProject>, git::Error> {
    let mut found = Vec::new();
    // The projects that the folder lies in, the innermost last: folders come after those that they are in.
    let mut around: Vec<String> = Vec::new();
    let mut look = |base_path: String, tree: ObjectId| -> Result<(), git::Error> {
        let version = match marker::find(reader, catalog, &base_path, tree)? {
            Ok(None) => return Ok(()),
            Ok(Some(marker)) => Ok(marker.version),
            Err(error) => Err(error),
        };
        let below = |outer: &str| match outer {
            "" => Some(base_path.clone()),
            outer => {
                let rest = base_path.strip_prefix(outer)?.strip_prefix('/')?;
                Some(rest.to_owned())
            }
        };
        around.retain(|outer| below(outer).is_some());
        for outer in &around {
            let path = below(outer).unwrap_or_default();
            if !is_project_within(reader, catalog, tree, &path)? {
                return Ok(());
            }
        }
        around.push(base_path.clone());
        found.push(FoundProject {
            base_path,
            tree,
            version,
        });
        Ok(())
    };
    look(folder.to_owned(), folder_tree)?;
    reader.walk_folders(folder_tree, WalkLimits::default(), |entry| {
        match entry.path.as_str() {
            Some(path) => look(join(folder, path), entry.id),
            None => Ok(()),
        }
    })?;
    Ok(found)
}
