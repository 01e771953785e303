//! Which work tree a branch is checked out in.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::error::{Error, Result};
use super::loose_refs;
use super::loose_refs::RefValue;
use super::repository::Repository;

/// Files of a work tree's Git folder that name a branch which is being rebased or bisected: it will be moved there, so
/// that Git takes it for checked out.
const IN_PROGRESS: [&str; 3] = [
    "rebase-merge/head-name",
    "rebase-apply/head-name",
    "BISECT_START",
];

impl Repository {
    /// The work tree, the main one or a linked one, that has a branch checked out, or is rebasing or bisecting it;
    /// `branch` is a full name, `refs/heads/main`. A branch without commits may be checked out too. `None`: none has it.
    ///
    /// # Errors
    /// If the work trees can't be listed.
    pub(crate) fn checked_out_at(&self, branch: &str) -> Result<Option<PathBuf>> {
        let main = self
            .to_thread_local()
            .main_repo()
            .map_err(|error| Error::from_gix("open the main work tree", self.git_dir(), &error))?;
        if let Some(work_dir) = main.workdir()
            && has_checked_out(self.common_dir(), branch)?
        {
            return Ok(Some(work_dir.to_owned()));
        }
        let linked = self.common_dir().join("worktrees");
        let entries = match fs::read_dir(&linked) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io("read", &linked, error)),
        };
        for entry in entries {
            let git_dir = entry
                .map_err(|error| Error::io("read", &linked, error))?
                .path();
            if has_checked_out(&git_dir, branch)? {
                return work_dir_of(&git_dir).map(Some);
            }
        }
        Ok(None)
    }
}

fn has_checked_out(git_dir: &Path, branch: &str) -> Result<bool> {
    if loose_refs::read(&git_dir.join("HEAD"))? == Some(RefValue::Symbolic(branch.to_owned())) {
        return Ok(true);
    }
    let short = branch.strip_prefix("refs/heads/");
    for file in IN_PROGRESS {
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
