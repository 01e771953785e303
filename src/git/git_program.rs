//! Work trees follow their branches by Git's own program.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::checkouts::Checkout;
use super::error::{Error, Result, UncleanFile};
use super::object_id::ObjectId;
use super::ref_lock;
use super::work_trees::WorkTrees;

/// As many paths as one command line surely holds.
const PATHS_AT_ONCE: usize = 200;

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

    fn command(&self, checkout: &Checkout) -> Command {
        let mut command = Command::new(&self.program);
        for variable in GitProgram::REPOSITORY_VARIABLES {
            command.env_remove(variable);
        }
        command
            .current_dir(&checkout.work_tree)
            .arg("--git-dir")
            .arg(&checkout.git_dir)
            .arg("--work-tree")
            .arg(&checkout.work_tree)
            .args(["-c", "core.hooksPath=/dev/null", "--literal-pathspecs"])
            .stdin(Stdio::null());
        command
    }

    fn run(&self, checkout: &Checkout, arguments: &[&str]) -> Result<String> {
        let output = self.command(checkout).args(arguments).output();
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
            format!("`git {}` failed: {status}", arguments[0])
        } else {
            said
        };
        Err(not_followed(checkout, reason))
    }

    fn not_run(&self, checkout: &Checkout, error: &io::Error) -> Error {
        let reason = if checkout.work_tree.is_dir() {
            format!("`{}` can't be run: {error}", self.program.display())
        } else {
            "that folder is gone; if it won't come back, run: git worktree prune".to_owned()
        };
        not_followed(checkout, reason)
    }

    fn read_tree(&self, checkout: &Checkout, from: &str, to: &str) -> Result<()> {
        // Files that were touched and not changed have to be known as such; it fails where others are changed.
        let refresh = ["update-index", "-q", "--refresh"];
        let refreshed = self.command(checkout).args(refresh).output();
        refreshed.map_err(|error| self.not_run(checkout, &error))?;
        self.run(checkout, &["read-tree", "-m", "-u", from, to])?;
        Ok(())
    }
}

impl WorkTrees for GitProgram {
    fn check(&self, checkout: &Checkout, paths: &[&str]) -> Result<()> {
        let mut found = BTreeMap::new();
        for path in paths {
            if let Some(folder) = file_for_a_folder(&checkout.work_tree, path) {
                found.insert(folder.to_owned(), "in the way of a folder");
            }
        }
        for paths in paths.chunks(PATHS_AT_ONCE) {
            let mut arguments = vec![
                "--no-optional-locks",
                "status",
                "--porcelain=v1",
                "-z",
                "--no-renames",
                "--untracked-files=all",
                "--ignored=traditional",
                "--",
            ];
            arguments.extend(paths);
            let told = self.run(checkout, &arguments)?;
            let entries = told
                .split('\0')
                .filter_map(|entry| entry.split_at_checked(3));
            found.extend(entries.map(|(state, path)| (path.to_owned(), state_of(state))));
        }
        if found.is_empty() {
            return Ok(());
        }
        let files = found.into_iter();
        Err(Error::NotClean {
            branch: checkout.branch.clone(),
            work_tree: checkout.work_tree.clone(),
            files: files
                .map(|(path, state)| UncleanFile { path, state })
                .collect(),
        })
    }

    fn follow(&self, checkout: &Checkout, from: Option<ObjectId>, to: ObjectId) -> Result<()> {
        let (from, to) = (tree_ish(from), to.to_string());
        let diff = ["diff-tree", "-r", "-z", "--no-renames", "--name-only"];
        let changed = self.run(checkout, &[&diff[..], &[&from, &to]].concat())?;
        let changed: Vec<&str> = changed.split_terminator('\0').collect();
        self.check(checkout, &changed)?;
        self.read_tree(checkout, &from, &to)
    }

    fn go_back(&self, checkout: &Checkout, from: Option<ObjectId>, to: ObjectId) -> Result<()> {
        self.read_tree(checkout, &to.to_string(), &tree_ish(from))
    }
}

fn tree_ish(commit: Option<ObjectId>) -> String {
    commit.unwrap_or(ObjectId::EMPTY_TREE).to_string()
}

/// The part of a path that is no folder in the work tree, although the path needs it to be one.
fn file_for_a_folder<'p>(work_tree: &Path, path: &'p str) -> Option<&'p str> {
    let mut folders = path.match_indices('/').map(|(end, _)| &path[..end]);
    folders.find(|folder| {
        let metadata = work_tree.join(folder).symlink_metadata();
        metadata.is_ok_and(|metadata| !metadata.is_dir())
    })
}

/// What the two letters say: of the index against the branch, and of the file against the index.
fn state_of(letters: &str) -> &'static str {
    match letters.trim_end() {
        "??" => "untracked",
        "!!" => "ignored",
        "DD" | "AA" => "in conflict",
        both if both.contains('U') => "in conflict",
        file if file.starts_with(' ') => {
            if file.ends_with('D') {
                "deleted"
            } else {
                "modified"
            }
        }
        _ => "staged",
    }
}

fn not_followed(checkout: &Checkout, reason: String) -> Error {
    Error::NotFollowed {
        branch: checkout.branch.clone(),
        work_tree: checkout.work_tree.clone(),
        reason,
    }
}
