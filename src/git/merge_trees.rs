//! Merging files as Git does, by Git's own program.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

use super::error::{Error, Result};
use super::follow::{Change, changes_in};
use super::git_program::GitProgram;
use super::object_id::ObjectId;
use super::reader::Reader;
use super::repository::Repository;
use super::tree_entries::Target;
use crate::text::short_id;

/// What Git makes of two commits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct MergedByGit {
    /// The files that differ from ours, by path, those with conflicts included.
    pub(crate) files: Vec<MergedFile>,
    /// What Git says of each path with a conflict.
    pub(crate) conflicts: BTreeMap<String, String>,
}

/// A file that Git's merge changes on our side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MergedFile {
    pub(crate) path: String,
    pub(crate) from: Target,
    pub(crate) to: Target,
    /// Its content, where it is in neither commit.
    pub(crate) content: Option<Vec<u8>>,
}

impl GitProgram {
    /// Merges two commits as `git merge` would: with renames, attributes and merge drivers, and a merge of the bases where there are
    /// several. Nothing is written: new objects go to a folder of their own, which is deleted.
    ///
    /// The driver of this program isn't run.
    ///
    /// # Errors
    /// [`Error::NotMerged`] where the program can't be run, or is older than 2.38; and where the repository can't be read.
    pub(crate) fn merge(
        &self,
        repository: &Repository,
        ours: ObjectId,
        theirs: ObjectId,
    ) -> Result<MergedByGit> {
        let reader = repository.reader();
        let objects = reader.gix().objects.store_ref().path().to_owned();
        let aside = Aside::new(&objects)?;
        let run = |arguments: &[&str]| self.run_aside(repository, &objects, &aside, arguments);
        let (ours, theirs) = (ours.to_string(), theirs.to_string());
        let merge = [
            "merge-tree",
            "--write-tree",
            "-z",
            "--messages",
            &ours,
            &theirs,
        ];
        let told = run(&merge)?;
        let mut words = told.split('\0');
        let tree = words.next().unwrap_or_default();
        // `<mode> <id> <stage>\t<path>` for each entry of the index, then messages, each as a number of paths, these paths, a type
        // and a text.
        let entries = words.by_ref().take_while(|word| !word.is_empty());
        let paths = entries.filter_map(|entry| Some(entry.split_once('\t')?.1.to_owned()));
        let mut conflicts: BTreeMap<String, String> =
            paths.map(|path| (path, String::new())).collect();
        while let Some(count) = words.next().and_then(|count| count.parse().ok()) {
            let paths: Vec<&str> = words.by_ref().take(count).collect();
            let (Some(kind), Some(text)) = (words.next(), words.next()) else {
                break;
            };
            for path in paths {
                if let Some(known) = conflicts
                    .get_mut(path)
                    .filter(|_| kind.contains("CONFLICT"))
                {
                    known.push_str(text);
                }
            }
        }
        let told = run(&[
            "diff-tree",
            "-r",
            "-z",
            "--no-renames",
            "--raw",
            &ours,
            tree,
        ])?;
        // Git was told whole ids, and tells the two by these, also in names that it makes up for files in the way of others.
        let shorten = |text: String| {
            let ids = [&ours, &theirs].into_iter();
            ids.fold(text, |text, id| text.replace(id.as_str(), &short_id(id)))
        };
        let conflicts = conflicts.into_iter();
        let conflicts = conflicts
            .map(|(path, message)| (shorten(path), shorten(message)))
            .collect();
        let changes = changes_in(&told).map_err(not_merged)?;
        let files = changes.into_iter().map(|Change { path, from, to }| {
            let content = match to {
                Some((id, _)) => aside.content(&reader, id)?,
                None => None,
            };
            Ok(MergedFile {
                path,
                from,
                to,
                content,
            })
        });
        Ok(MergedByGit {
            files: files.collect::<Result<_>>()?,
            conflicts,
        })
    }

    /// Runs Git with a folder of its own for new objects.
    fn run_aside(
        &self,
        repository: &Repository,
        objects: &Path,
        aside: &Aside,
        arguments: &[&str],
    ) -> Result<String> {
        let mut command = self.alone();
        command
            .current_dir(repository.work_dir().unwrap_or(repository.git_dir()))
            .env("GIT_OBJECT_DIRECTORY", &aside.0)
            .env("GIT_ALTERNATE_OBJECT_DIRECTORIES", quoted(objects))
            // What a partial clone left out is an error, as elsewhere.
            .env("GIT_NO_LAZY_FETCH", "1")
            .arg("--git-dir")
            .arg(repository.git_dir());
        if let Some(work_dir) = repository.work_dir() {
            command.arg("--work-tree").arg(work_dir);
        }
        command
            .args([
                "-c",
                "core.hooksPath=/dev/null",
                "-c",
                "merge.ocl-migrate.driver=false",
            ])
            .args(arguments);
        let output = command
            .output()
            .map_err(|error| not_merged(format!("`git` can't be run: {error}")))?;
        // 1: there are conflicts.
        if !matches!(output.status.code(), Some(0 | 1)) {
            let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            let command = arguments[0];
            return Err(not_merged(if said.is_empty() {
                format!("`git {command}` failed: {}", output.status)
            } else {
                said
            }));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

fn not_merged(reason: String) -> Error {
    Error::NotMerged { reason }
}

/// In a list of folders, a path with a colon stands in quotes.
fn quoted(path: &Path) -> String {
    let path = path.to_string_lossy();
    format!("\"{}\"", path.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A folder for objects, which goes with the value. What a process that died leaves is deleted by `git gc`, by its name.
struct Aside(PathBuf);

impl Aside {
    fn new(objects: &Path) -> Result<Aside> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("tmp_objdir-ocl-migrate-{}-{number}", process::id());
        let folder = objects.join(name);
        match fs::create_dir(&folder) {
            Ok(()) => Ok(Aside(folder)),
            Err(error) => Err(Error::io("make", &folder, error)),
        }
    }

    /// The content of a blob that is here and not in the repository.
    fn content(&self, reader: &Reader, id: ObjectId) -> Result<Option<Vec<u8>>> {
        let store = gix::odb::loose::Store::at(&self.0, gix::hash::Kind::Sha1);
        let mut buffer = Vec::new();
        let found = store
            .try_find(&id.to_gix(), &mut buffer)
            .map_err(|error| not_merged(format!("{id} can't be read: {error}")))?;
        match found {
            Some(_) if reader.kind(id)?.is_some() => Ok(None),
            Some(object) => Ok(Some(object.data.to_vec())),
            None => Ok(None),
        }
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        // Nothing depends on it.
        let _ = fs::remove_dir_all(&self.0);
    }
}
