//! Where projects lie in the trees of commits.

use std::collections::HashMap;

use crate::git::{ObjectId, Reader};
use crate::project::error::LoadError;
use crate::project::open::Project;
use crate::project::read::base::Base;
use crate::project::read::layout::{Layout, projects_below};

/// The folders at or below which projects lie, by the commits' trees: many refs share theirs.
#[derive(Default)]
pub(crate) struct Folders {
    known: HashMap<ObjectId, Option<ObjectId>>,
    /// By the folders' trees.
    empty: HashMap<ObjectId, bool>,
}

/// How many trees' folders are kept: more would take too much memory.
const MOST_TREES: usize = 16_384;

impl Folders {
    /// The tree of the folder where projects begin, in a commit's tree. What isn't a folder is refused, as by a load.
    pub(crate) fn find(
        &mut self,
        project: &Project,
        reader: &Reader,
        tree: ObjectId,
    ) -> Result<Option<ObjectId>, LoadError> {
        if let Some(folder) = self.known.get(&tree) {
            return Ok(*folder);
        }
        let folder = Base::find(reader, Some(tree), project.folder().to_owned())?.tree;
        if self.known.len() >= MOST_TREES {
            self.known.clear();
        }
        self.known.insert(tree, folder);
        Ok(folder)
    }

    /// Whether loading such a folder looks at the rest of the commit's tree as well: where there is no project in the folder, a
    /// load warns of what may have been meant.
    pub(crate) fn is_empty(
        &mut self,
        project: &Project,
        reader: &Reader,
        folder: Option<ObjectId>,
    ) -> bool {
        let Some(folder) = folder else {
            return true;
        };
        *self.empty.entry(folder).or_insert_with(|| {
            // What can't be read fails when it is loaded, whatever else there is.
            is_empty(project, reader, folder).unwrap_or(false)
        })
    }
}

/// The base paths at or below the folder where projects lie; that itself where there are none.
pub(crate) fn bases(
    project: &Project,
    reader: &Reader,
    folder: Option<ObjectId>,
) -> Result<Vec<Base>, LoadError> {
    let path = project.folder();
    let found = match folder {
        None => Vec::new(),
        Some(tree) => projects_below(reader, project.catalog(), path, tree)?,
    };
    let found = found.into_iter().filter(|found| {
        let chosen = project.base_path();
        chosen.is_none_or(|chosen| chosen == found.base_path)
    });
    let mut bases: Vec<Base> = found
        .map(|found| Base {
            path: found.base_path,
            tree: Some(found.tree),
        })
        .collect();
    if bases.is_empty() {
        let path = path.to_owned();
        bases.push(Base { path, tree: folder });
    }
    Ok(bases)
}

/// Whether there is neither a project nor a document in a folder.
fn is_empty(project: &Project, reader: &Reader, folder: ObjectId) -> Result<bool, LoadError> {
    let catalog = project.catalog();
    for path in catalog.marker_paths() {
        if reader.entry(folder, path)?.is_some() {
            return Ok(false);
        }
    }
    match bases(project, reader, Some(folder))?.as_slice() {
        [only] if only.tree == Some(folder) => {
            match Layout::read(reader, catalog, &only.path, only.tree) {
                Ok(_) => Ok(true),
                // Documents without a marker.
                Err(LoadError::DocumentsWithoutMarker { .. }) => Ok(false),
                Err(error) => Err(error),
            }
        }
        _ => Ok(false),
    }
}
