//! Beginning a branch, which is how a project is converted to version control (section 8 of the design).

use super::draft::{Draft, DraftError};
use super::loaded::{At, Loaded};
use super::marker::join;
use super::{LoadError, LoadOptions, Project};
use crate::git::{RefScope, RefTarget, check_branch_name};
use crate::store;

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

impl Project {
    /// Begins a change on a branch that doesn't exist yet, `main` or `refs/heads/main`. With nothing to start from, this
    /// converts the project to version control: everything is imported.
    ///
    /// # Errors
    /// [`DraftError::BranchExists`], [`DraftError::NeedsParent`], a name that no branch can have, and what loading can
    /// fail with.
    pub fn draft_new_branch(&self, name: &str, options: NewBranch) -> Result<Draft, DraftError> {
        let branch = match name.strip_prefix("refs/") {
            Some(_) => name.to_owned(),
            None => format!("refs/heads/{name}"),
        };
        let git = |error| DraftError::Load(LoadError::Git(error));
        check_branch_name(&branch).map_err(git)?;
        let reader = self.repository().reader();
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
        let at = match &options.from {
            Some(revision) => At {
                ref_name: Some(branch),
                ..reader.resolve(revision).map_err(git)?.into()
            },
            None => At {
                commit: None,
                ref_name: Some(branch),
                also_named: Vec::new(),
            },
        };
        let load = LoadOptions {
            target: options.target,
        };
        let loaded = Loaded::new(self, &reader, at, load)?;
        if options.from.is_none() && !options.without_parent && is_converted(&loaded)? {
            let branch = loaded.ref_name().unwrap_or_default().to_owned();
            return Err(DraftError::NeedsParent { branch });
        }
        Ok(Draft {
            expected: None,
            ..loaded.edit()
        })
    }
}

/// Whether the project was ever persisted in Git: the store knows, and without one the branches do.
fn is_converted(loaded: &Loaded) -> Result<bool, LoadError> {
    let project = loaded.project();
    if let Some(store) = project.store() {
        match store.read(&project.key(loaded.base_path())) {
            Ok(mut read) => {
                if let Some(version) = read.version()? {
                    return Ok(version > 0);
                }
            }
            Err(store::Error::Absent { .. }) => {}
            Err(error) => return Err(error.into()),
        }
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
