//! Beginning a branch, which is how a project is converted to version control.

use super::draft::Draft;
use super::draft_error::DraftError;
use crate::engine::join;
use crate::git::{RefScope, RefTarget, check_new_branch_name};
use crate::project::error::LoadError;
use crate::project::open::Project;
use crate::project::read::at::At;
use crate::project::read::load::{LoadOptions, load_at};
use crate::project::read::loaded::Loaded;
use crate::project::read::session::Session;
use crate::project::read::store_view::ImportRows;

/// How to begin a branch that doesn't exist yet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewBranch {
    /// The revision to start from. Without one the branch begins with nothing: all documents are imported, and its
    /// first commit has no parent.
    pub from: Option<String>,
    /// Lets a branch begin with nothing although the project was converted to version control before.
    pub without_parent: bool,
    /// The version to migrate to; the server version, unless said otherwise.
    pub target: Option<u32>,
}

/// Begins a change on a branch that doesn't exist yet: see
/// [`Project::draft_new_branch`](crate::project::Project::draft_new_branch).
pub(crate) fn draft_new_branch(
    project: &Project,
    name: &str,
    options: NewBranch,
) -> Result<Draft, DraftError> {
    let branch = match name.strip_prefix("refs/") {
        Some(_) => name.to_owned(),
        None => format!("refs/heads/{name}"),
    };
    let git = |error| DraftError::Load(LoadError::Git(error));
    check_new_branch_name(&branch).map_err(git)?;
    let reader = project.repository().reader();
    let mut is_there = false;
    reader
        .for_each_ref(RefScope::Branches, |found, _| {
            is_there |= found == branch;
            Ok(())
        })
        .map_err(git)?;
    if is_there {
        return Err(DraftError::BranchExists { branch });
    }
    let from = match &options.from {
        Some(revision) => reader.resolve(revision).map_err(git)?.into(),
        None => At::default(),
    };
    let at = At {
        ref_name: Some(branch),
        ..from
    };
    let load = LoadOptions {
        target: options.target,
    };
    let session = Session::new(project);
    let loaded =
        load_at(project, &session, at, load).map_err(|source| match options.from.clone() {
            Some(revision) => DraftError::LoadFrom { revision, source },
            None => source.into(),
        })?;
    if options.from.is_none() && !options.without_parent && is_converted(&loaded)? {
        let branch = loaded.ref_name().unwrap_or_default().to_owned();
        return Err(DraftError::NeedsParent { branch });
    }
    Ok(Draft {
        expected: None,
        ..Draft::of(loaded)
    })
}

/// Whether the project was ever persisted in Git: the store knows, and without one the branches do.
fn is_converted(loaded: &Loaded) -> Result<bool, LoadError> {
    let project = loaded.project();
    if let ImportRows::Known(rows) = loaded.lift().source().import_rows(&[])? {
        return Ok(rows.state().project_version > 0);
    }
    let reader = project.repository().reader();
    let catalog = project.catalog();
    for branch in reader.refs(RefScope::Branches)? {
        let RefTarget::Commit(commit) = branch.target else {
            continue;
        };
        let tree = reader.tree_of(commit)?;
        for path in catalog.marker_paths() {
            let path = join(loaded.base_path(), path);
            if reader.entry(tree, &path)?.is_some() {
                return Ok(true);
            }
        }
    }
    Ok(false)
}
