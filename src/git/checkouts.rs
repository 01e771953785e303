//! Which work trees have a branch checked out.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::error::{Error, Result};
use super::loose_refs;
use super::loose_refs::RefValue;
use super::repository::Repository;

/// Files of a work tree's Git folder that name a branch which is being rebased or bisected: it will be moved there, so
/// that Git takes it for checked out.
const NAMES_ITS_BRANCH: [&str; 3] = [
    "rebase-merge/head-name",
    "rebase-apply/head-name",
    "BISECT_START",
];

/// Files of a work tree's Git folder that are there while Git is in the middle of something.
const IN_PROGRESS: [(&str, &str); 8] = [
    ("rebase-merge", "a rebase"),
    ("rebase-apply", "a rebase or `git am`"),
    ("MERGE_HEAD", "a merge"),
    ("CHERRY_PICK_HEAD", "a cherry-pick"),
    ("REVERT_HEAD", "a revert"),
    ("sequencer", "a cherry-pick or revert"),
    ("BISECT_START", "a bisection"),
    ("BISECT_LOG", "a bisection"),
];

/// A work tree that has a branch checked out, or is rebasing or bisecting it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Checkout {
    /// The branch's full name.
    pub branch: String,
    /// The work tree's top folder.
    pub work_tree: PathBuf,
    /// The work tree's Git folder: `.git`, or `.git/worktrees/NAME`.
    pub git_dir: PathBuf,
    /// What Git is in the middle of there, as `a merge`.
    pub in_progress: Option<&'static str>,
}

impl Repository {
    /// The work trees, the main one or linked ones, that have a branch checked out, or are rebasing or bisecting it;
    /// `branch` is a full name, `refs/heads/main`. A branch without commits may be checked out too.
    ///
    /// # Errors
    /// If the work trees can't be listed.
    pub(crate) fn checkouts(&self, branch: &str) -> Result<Vec<Checkout>> {
        let mut found = Vec::new();
        let main = self
            .to_thread_local()
            .main_repo()
            .map_err(|error| Error::from_gix("open the main work tree", self.git_dir(), &error))?;
        if let Some(work_dir) = main.workdir()
            && has_checked_out(self.common_dir(), branch)?
        {
            found.push(checkout(branch, work_dir.to_owned(), self.common_dir()));
        }
        let linked = self.common_dir().join("worktrees");
        let entries = match fs::read_dir(&linked) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(found),
            Err(error) => return Err(Error::io("read", &linked, error)),
        };
        for entry in entries {
            let git_dir = entry
                .map_err(|error| Error::io("read", &linked, error))?
                .path();
            if has_checked_out(&git_dir, branch)? {
                found.push(checkout(branch, work_dir_of(&git_dir)?, &git_dir));
            }
        }
        Ok(found)
    }
}

/// The one work tree that has to follow its branch; `None` if there is none.
///
/// # Errors
/// [`Error::InProgress`]; [`Error::SeveralWorkTrees`], since no order in which they follow is safe.
pub(crate) fn to_follow(mut checkouts: Vec<Checkout>) -> Result<Option<Checkout>> {
    let Some(only) = checkouts.pop() else {
        return Ok(None);
    };
    if !checkouts.is_empty() {
        checkouts.push(only.clone());
        return Err(Error::SeveralWorkTrees {
            branch: only.branch,
            work_trees: checkouts.into_iter().map(|one| one.work_tree).collect(),
        });
    }
    match only.in_progress {
        None => Ok(Some(only)),
        Some(operation) => Err(Error::InProgress {
            branch: only.branch,
            work_tree: only.work_tree,
            operation,
        }),
    }
}

fn checkout(branch: &str, work_tree: PathBuf, git_dir: &Path) -> Checkout {
    let mut operations = IN_PROGRESS.iter();
    let operation = operations.find(|(file, _)| git_dir.join(file).symlink_metadata().is_ok());
    Checkout {
        branch: branch.to_owned(),
        work_tree,
        git_dir: git_dir.to_owned(),
        in_progress: operation.map(|(_, operation)| *operation),
    }
}

fn has_checked_out(git_dir: &Path, branch: &str) -> Result<bool> {
    if loose_refs::read(&git_dir.join("HEAD"))? == Some(RefValue::Symbolic(branch.to_owned())) {
        return Ok(true);
    }
    let short = branch.strip_prefix("refs/heads/");
    for file in NAMES_ITS_BRANCH {
        let name = read_if_there(&git_dir.join(file))?;
        let name = name.as_deref().map(str::trim_end);
        if name.is_some() && (name == Some(branch) || name == short) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The folder that a linked work tree's `gitdir` file says its `.git` is in. It may have been deleted.
fn work_dir_of(git_dir: &Path) -> Result<PathBuf> {
    let file = git_dir.join("gitdir");
    let Some(text) = read_if_there(&file)? else {
        return Ok(git_dir.to_owned());
    };
    let dot_git = git_dir.join(text.trim_end_matches(['\n', '\r']));
    Ok(dot_git.parent().unwrap_or(&dot_git).to_owned())
}

fn read_if_there(path: &Path) -> Result<Option<String>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(Error::io("read", path, error)),
    }
}
