//! Where a project is in the commits of a merge: a side may have moved it to another folder.

use std::collections::BTreeSet;

use super::walk::{Before, State};
use crate::git::ObjectId;
use crate::project::error::LoadError;
use crate::project::open::Project;
use crate::project::read::base::Base;
use crate::project::read::layout::Layout;
use crate::project::read::marker;
use crate::project::read::moved::{base_of_marker, moved};
use crate::project::read::newer::above_server;

/// A project at a commit; `None` where the commit doesn't have it.
///
/// # Errors
/// Where its version can't be told as well.
pub(super) fn project_at(
    project: &Project,
    commit: ObjectId,
    base_path: &str,
) -> Result<Option<Before>, LoadError> {
    project.read_with(|reader| {
        let tree = reader.tree_of(commit)?;
        let Some(folder) = reader.folder(tree, base_path)? else {
            return Ok(None);
        };
        let catalog = project.catalog();
        let Some(marker) = marker::find(reader, catalog, base_path, folder)?? else {
            // Documents without a marker are an error.
            let layout = Layout::read(reader, catalog, base_path, Some(folder));
            let Err(error) = layout else {
                return Ok(None);
            };
            let base = Base {
                path: base_path.to_owned(),
                tree: Some(folder),
            };
            return Err(above_server(project, reader, &base)?.map_or(error, LoadError::from));
        };
        Ok(Some(Before {
            base_path: base_path.to_owned(),
            commit,
            tree,
            state: State {
                folder,
                version: marker.version,
            },
        }))
    })
}

/// The folders in which one project is in some commits.
pub(super) struct Places {
    paths: BTreeSet<String>,
}

impl Places {
    /// Those of the project that is here in one of the commits: from a commit to one that comes from it, it may have moved.
    pub(super) fn of(
        project: &Project,
        base_path: &str,
        steps: &[(ObjectId, ObjectId)],
    ) -> Result<Places, LoadError> {
        let mut paths = BTreeSet::from([base_path.to_owned()]);
        project.read_with(|reader| {
            let mut moves = Vec::new();
            for (from, to) in steps {
                moves.extend(moved(project, reader, *from, *to)?);
            }
            loop {
                let known = paths.len();
                for (from, to) in &moves {
                    if paths.contains(from) || paths.contains(to) {
                        paths.extend([from.clone(), to.clone()]);
                    }
                }
                if paths.len() == known {
                    return Ok(Places { paths });
                }
            }
        })
    }

    /// The project at a commit: the inner error says that it may be any of several there.
    pub(super) fn project_at(
        &self,
        project: &Project,
        commit: ObjectId,
    ) -> Result<Result<Option<Before>, String>, LoadError> {
        let mut found = Vec::new();
        for path in &self.paths {
            found.extend(project_at(project, commit, path)?);
        }
        let several = |one: &Before, other: &Before| {
            let (one, other) = (&one.base_path, &other.base_path);
            format!(
                "it seems to be the project of another base path, and there is one at {one:?} and one at {other:?}"
            )
        };
        Ok(match found.as_slice() {
            [one, other, ..] => Err(several(one, other)),
            _ => Ok(found.pop()),
        })
    }
}

/// Where a side that has a project at a new base path had another before, which it has no more.
pub(super) fn moved_from(
    project: &Project,
    base: ObjectId,
    side: &Before,
) -> Result<Vec<String>, LoadError> {
    project.read_with(|reader| {
        let base = reader.tree_of(base)?;
        let differences = reader.differences(Some(base), Some(side.tree))?;
        let removed = differences.iter().filter(|it| it.to.is_none());
        let paths = removed.filter_map(|it| it.path.as_str());
        Ok(paths
            .filter_map(|path| base_of_marker(project, path))
            .collect())
    })
}
