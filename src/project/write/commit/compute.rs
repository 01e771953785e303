//! What a commit contains: the migrated documents, the user's change and the marker, and nothing else.

use std::collections::BTreeMap;

use super::error::CommitError;
use super::files::{Stages, commits};
use super::model::{CommitRequest, Prepared, PreparedCommit};
use super::refusals::{refuse_empty_message, refuse_second_project, refuse_unusable_store};
use crate::git::{Target, check_branch_name, to_follow};
use crate::project::read::loaded::Loaded;
use crate::project::write::draft::Draft;
use crate::project::write::paths::check_base_path;

impl Draft {
    /// Computes what a commit would write, and refuses what can't be committed. Writes nothing.
    ///
    /// # Errors
    /// [`CommitError`], each with what helps.
    pub fn prepare(&self, request: CommitRequest) -> Result<Prepared<'_>, CommitError> {
        let prepared = self.compute(request, true)?;
        prepared.check_work_tree()?;
        Ok(prepared)
    }

    /// The same for a dry run, whatever the work tree of a checked-out branch holds: [`Prepared::check_work_tree`] says whether
    /// that is in the commit's way.
    ///
    /// # Errors
    /// As for [`prepare`](Draft::prepare), but for those about work trees.
    pub fn dry_run(&self, request: CommitRequest) -> Result<Prepared<'_>, CommitError> {
        self.compute(request, false)
    }

    /// With `can_follow`, refuses a work tree that can't follow before anything is computed.
    fn compute(
        &self,
        request: CommitRequest,
        can_follow: bool,
    ) -> Result<Prepared<'_>, CommitError> {
        let loaded = &self.loaded;
        refuse_empty_message(&request)?;
        loaded.refuse_newer()?;
        refuse_unusable_store(loaded)?;
        let branch = branch_of(loaded)?;
        if can_follow {
            check_work_tree(loaded, &branch, &[])?;
        }
        check_base_path(loaded)?;
        if self.merged_in.is_none() {
            refuse_second_project(loaded)?;
        }
        self.check_direction(&request)?;
        if self.is_forward() {
            return self.forward(request, branch);
        }
        let mut files = self.files()?;
        let is_changed = files.iter().any(|file| file.migrated != file.last)
            || self.replaces_a_failed_document();
        let is_migrated = files.iter().all(|file| file.original == file.last);
        let is_merge = self.merged_in.is_some();
        if !is_changed && !self.upgrade && !self.downgrade && !is_merge {
            return Err(CommitError::NoChange { is_migrated });
        }
        if is_migrated && !is_merge {
            let version = loaded.plan().branch_version;
            return Err(CommitError::NothingToUpgrade { version });
        }
        let certain = self.refuse_uncertain(&request);
        certain.map_err(|error| {
            if self.beside.is_empty() {
                error
            } else {
                error.in_project(loaded)
            }
        })?;
        for beside in &self.beside {
            let of_beside = beside.files_beside(&request);
            files.extend(of_beside.map_err(|error| error.in_project(&beside.loaded))?);
        }
        let mut commits = commits(files, &request);
        if let (Some(merged_in), Some(last)) = (&self.merged_in, commits.last_mut()) {
            last.merged = Some(merged_in.theirs);
            last.other_files = merged_in.files.clone();
        }
        Ok(Prepared {
            draft: self,
            request,
            branch,
            commits,
        })
    }

    /// The full name of the branch that a commit would move.
    ///
    /// # Errors
    /// [`CommitError::NotABranch`].
    pub fn branch(&self) -> Result<String, CommitError> {
        branch_of(&self.loaded)
    }

    /// The files of another project that the same commit changes.
    fn files_beside(&self, request: &CommitRequest) -> Result<Vec<Stages>, CommitError> {
        self.loaded.refuse_newer()?;
        refuse_unusable_store(&self.loaded)?;
        // The other side's files are taken as they are.
        if self.is_forward() {
            return Ok(Vec::new());
        }
        check_base_path(&self.loaded)?;
        self.check_direction(request)?;
        let files = self.files()?;
        self.refuse_uncertain(request)?;
        Ok(files)
    }

    /// The branch moves to a commit that is there.
    fn forward(&self, request: CommitRequest, branch: String) -> Result<Prepared<'_>, CommitError> {
        for beside in &self.beside {
            let refused = beside.files_beside(&request);
            refused.map_err(|error| error.in_project(&beside.loaded))?;
        }
        Ok(Prepared {
            draft: self,
            request,
            branch,
            commits: Vec::new(),
        })
    }
}

impl Prepared<'_> {
    /// Refuses a branch that is checked out where its work tree can't follow: it must have the files that the commit touches as the
    /// branch has them, or as they are to be.
    ///
    /// # Errors
    /// [`CommitError::CheckedOut`], and [`CommitError::Git`] with what is in the way.
    pub fn check_work_tree(&self) -> Result<(), CommitError> {
        let loaded = &self.draft.loaded;
        let Some(merged_in) = self.draft.merged_in.as_ref().filter(|it| it.is_forward) else {
            return check_work_tree(loaded, &self.branch, &files_of(loaded, &self.commits)?);
        };
        let reader = loaded.project().repository().reader();
        let from = match self.draft.expected {
            Some(commit) => Some(reader.tree_of(commit)?),
            None => None,
        };
        let to = reader.tree_of(merged_in.theirs)?;
        let differences = reader.differences(from, Some(to))?;
        let files = differences.iter();
        let files = files.filter_map(|file| Some((file.path.as_str()?, file.to)));
        check_work_tree(loaded, &self.branch, &files.collect::<Vec<_>>())
    }
}

/// The full name of the branch that was loaded.
pub(crate) fn branch_of(loaded: &Loaded) -> Result<String, CommitError> {
    let is_branch = |name: &&str| check_branch_name(name).is_ok();
    match loaded.ref_name().filter(is_branch) {
        Some(branch) => Ok(branch.to_owned()),
        None => Err(CommitError::NotABranch {
            named: loaded.ref_name().map(str::to_owned),
            branch: loaded
                .also_named()
                .iter()
                .find(|name| is_branch(&name.as_str()))
                .cloned()
                .or_else(|| own_branch(loaded)),
        }),
    }
}

/// The branch here that is called like the remote's branch that was loaded.
fn own_branch(loaded: &Loaded) -> Option<String> {
    let (_, name) = loaded
        .ref_name()?
        .strip_prefix("refs/remotes/")?
        .split_once('/')?;
    let branch = format!("refs/heads/{name}");
    let repository = loaded.project().repository();
    let is_there = check_branch_name(&branch).is_ok() && repository.resolve(&branch).is_ok();
    is_there.then_some(branch)
}

/// Refuses a branch that is checked out unless its work tree can follow, and has these files as the branch has them or as they
/// are to be.
pub(super) fn check_work_tree(
    loaded: &Loaded,
    branch: &str,
    files: &[(&str, Target)],
) -> Result<(), CommitError> {
    let project = loaded.project();
    let checkouts = project.repository().checkouts(branch)?;
    let Some(first) = checkouts.first() else {
        return Ok(());
    };
    let Some(work_trees) = project.refs().work_trees() else {
        return Err(CommitError::CheckedOut {
            branch: branch.to_owned(),
            work_tree: first.work_tree.clone(),
        });
    };
    match to_follow(checkouts)? {
        Some(checkout) => Ok(work_trees.check(&checkout, files)?),
        None => Ok(()),
    }
}

/// What all files that commits put or take away are in the end.
fn files_of<'c>(
    loaded: &Loaded,
    commits: &'c [PreparedCommit],
) -> Result<Vec<(&'c str, Target)>, CommitError> {
    let repository = loaded.project().repository();
    let mut files = BTreeMap::new();
    for commit in commits {
        for before in commit.files.iter().filter_map(|file| file.before.as_ref()) {
            files.insert(before.path.as_str(), None);
        }
        for after in commit.files.iter().filter_map(|file| file.after.as_ref()) {
            let id = repository.blob_id(&after.content)?;
            files.insert(after.path.as_str(), Some((id, after.mode)));
        }
        let others = commit.other_files.iter();
        files.extend(others.map(|file| (file.path.as_str(), file.after)));
    }
    Ok(files.into_iter().collect())
}
