//! Running Git's own program in a work tree.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::checkouts::Checkout;
use super::error::{Error, Result};
use super::ref_lock;

/// Lets work trees follow their branches by running `git`, so that line ends, filters, sparse checkouts and every form of
/// index are as Git has them.
///
/// It runs the filters that the repository's configuration names, as every checkout by Git does, and no hooks. The library
/// runs it only where a caller gives it to [`LocalRefs`](super::LocalRefs).
#[derive(Debug, Clone)]
pub struct GitProgram {
    program: PathBuf,
}

impl Default for GitProgram {
    /// The `git` that the system finds.
    fn default() -> GitProgram {
        GitProgram::new("git")
    }
}

impl GitProgram {
    /// Environment variables that lead Git to another repository than the one in its folder; hooks have them set.
    pub const REPOSITORY_VARIABLES: [&str; 8] = [
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_COMMON_DIR",
        "GIT_INDEX_FILE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_NAMESPACE",
        "GIT_PREFIX",
    ];

    /// The program of this name or path.
    pub fn new(program: impl Into<PathBuf>) -> GitProgram {
        GitProgram {
            program: program.into(),
        }
    }

    /// The program, with nothing that leads it to another repository than it is told.
    pub(super) fn alone(&self) -> Command {
        let mut command = Command::new(&self.program);
        for variable in GitProgram::REPOSITORY_VARIABLES {
            command.env_remove(variable);
        }
        command.stdin(Stdio::null());
        command
    }

    pub(super) fn command(&self, checkout: &Checkout) -> Command {
        let mut command = self.alone();
        command
            .current_dir(&checkout.work_tree)
            .arg("--git-dir")
            .arg(&checkout.git_dir)
            .arg("--work-tree")
            .arg(&checkout.work_tree)
            .args(["-c", "core.hooksPath=/dev/null", "--literal-pathspecs"]);
        command
    }

    pub(super) fn run(&self, checkout: &Checkout, arguments: &[&str]) -> Result<String> {
        let output = self.command(checkout).args(arguments).output();
        self.told(checkout, arguments[0], output)
    }

    /// Runs Git with an input, on another index than the work tree's own where one is given.
    pub(super) fn run_in(
        &self,
        checkout: &Checkout,
        index: Option<&Path>,
        arguments: &[&str],
        input: &[u8],
    ) -> Result<String> {
        let mut command = self.command(checkout);
        if let Some(index) = index {
            command.env("GIT_INDEX_FILE", index);
        }
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let output = command.args(arguments).spawn().and_then(|mut child| {
            if let Some(mut stdin) = child.stdin.take() {
                // A program that fails without reading all of it says why itself.
                let _ = stdin.write_all(input);
            }
            child.wait_with_output()
        });
        self.told(checkout, arguments[0], output)
    }

    fn told(
        &self,
        checkout: &Checkout,
        command: &str,
        output: io::Result<Output>,
    ) -> Result<String> {
        let Output {
            status,
            stdout,
            stderr,
        } = output.map_err(|error| self.not_run(checkout, &error))?;
        if status.success() {
            return Ok(String::from_utf8_lossy(&stdout).into_owned());
        }
        let lock_file = checkout.git_dir.join("index.lock");
        if lock_file.exists() {
            let age = ref_lock::age(&lock_file);
            return Err(Error::Locked { lock_file, age });
        }
        let said = String::from_utf8_lossy(&stderr).trim().to_owned();
        let reason = if said.is_empty() {
            format!("`git {command}` failed: {status}")
        } else {
            said
        };
        Err(not_followed(checkout, reason))
    }

    pub(super) fn not_run(&self, checkout: &Checkout, error: &io::Error) -> Error {
        // Git prunes no work tree that is locked.
        let is_locked = !checkout.work_tree.is_dir() && checkout.git_dir.join("locked").exists();
        let reason = if checkout.work_tree.is_dir() {
            format!("`{}` can't be run: {error}", self.program.display())
        } else if is_locked {
            let work_tree = checkout.work_tree.display();
            format!(
                "that folder is gone, and Git has it as a locked work tree; if it won't come back, run: git worktree unlock \
                 {work_tree}, and then: git worktree prune"
            )
        } else {
            "that folder is gone; if it won't come back, run: git worktree prune".to_owned()
        };
        Error::NotFollowed {
            branch: checkout.branch.clone(),
            work_tree: checkout.work_tree.clone(),
            reason,
            is_locked,
            files: Vec::new(),
        }
    }
}

pub(super) fn not_followed(checkout: &Checkout, reason: String) -> Error {
    Error::NotFollowed {
        branch: checkout.branch.clone(),
        work_tree: checkout.work_tree.clone(),
        reason,
        is_locked: false,
        files: Vec::new(),
    }
}
