//! A base path in a tree.

use crate::git::{EntryKind, ObjectId, Reader};
use crate::project::error::LoadError;

/// A base path in a tree.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Base {
    pub(crate) path: String,
    /// `None` where there is no such folder.
    pub(crate) tree: Option<ObjectId>,
}

impl Base {
    /// The base path in a tree; only a folder can be one.
    pub(crate) fn find(
        reader: &Reader,
        tree: Option<ObjectId>,
        path: String,
    ) -> Result<Base, LoadError> {
        let entry = match tree {
            Some(tree) => reader.entry(tree, &path)?,
            None => None,
        };
        match entry {
            None => Ok(Base { path, tree: None }),
            Some(entry) if entry.kind == EntryKind::Tree => Ok(Base {
                path,
                tree: Some(entry.id),
            }),
            Some(entry) => Err(LoadError::NotAFolder {
                base_path: path,
                found: describe(entry.kind),
            }),
        }
    }
}

/// What an entry of a tree is, in words.
pub(crate) fn describe(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Tree => "folder",
        EntryKind::Blob | EntryKind::Executable => "file",
        EntryKind::Symlink => "symbolic link",
        EntryKind::Submodule => "submodule",
    }
}
