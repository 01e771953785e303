//! Which files of a work tree aren't as the branch has them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::Metadata;
use std::path::Path;

use super::checkouts::Checkout;
use super::error::{Result, UncleanFile};
use super::git_program::GitProgram;
use super::object_id::ObjectId;
use super::tree_entries::{EntryKind, Target};

/// As many paths as one command line surely holds.
const PATHS_AT_ONCE: usize = 200;

/// A file that isn't as the branch has it.
pub(super) struct Unclean {
    pub(super) file: UncleanFile,
    /// Whether the file, and the index where it differs from the branch, hold what is to be written.
    pub(super) is_target: bool,
    /// Whether the index differs from the branch.
    pub(super) is_staged: bool,
}

impl GitProgram {
    /// The files, of those to be written, that aren't as the branch has them.
    pub(super) fn unclean_files(
        &self,
        checkout: &Checkout,
        files: &[(&str, Target)],
    ) -> Result<Vec<Unclean>> {
        let targets: BTreeMap<&str, Target> = files.iter().copied().collect();
        let mut found = Vec::new();
        // One that goes makes room, and is looked at like every other.
        let stays = |path: &&str| targets.get(path) != Some(&None);
        let coming = files.iter().filter(|(_, target)| target.is_some());
        let in_the_way: BTreeSet<&str> = coming
            .filter_map(|(path, _)| file_for_a_folder(&checkout.work_tree, path))
            .filter(stays)
            .collect();
        found.extend(
            in_the_way
                .into_iter()
                .map(|path| unclean(path, "in the way of a folder")),
        );
        let mut folders: BTreeMap<&str, Vec<Unclean>> = BTreeMap::new();
        for files in files.chunks(PATHS_AT_ONCE) {
            let paths: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
            for told in self.told_by_status(checkout, &paths, &targets)? {
                match folder_for_a_file(&told.file, &targets) {
                    Some(folder) => folders.entry(folder).or_default().push(told),
                    None => found.push(told),
                }
            }
            found.extend(self.not_looked_at(checkout, &paths)?);
        }
        for (path, files) in folders {
            // Where Git knows a file there, that it is gone is told already.
            if found.iter().any(|unclean| unclean.file.path == path) {
                found.extend(files);
            } else {
                found.push(unclean(path, "a folder in its place"));
            }
        }
        found.sort_by(|one, other| one.file.path.cmp(&other.file.path));
        Ok(found)
    }

    fn told_by_status(
        &self,
        checkout: &Checkout,
        paths: &[&str],
        targets: &BTreeMap<&str, Target>,
    ) -> Result<Vec<Unclean>> {
        let mut arguments = vec![
            "--no-optional-locks",
            "status",
            "--porcelain=v2",
            "-z",
            "--no-renames",
            "--untracked-files=all",
            "--ignored=traditional",
            "--",
        ];
        arguments.extend(paths);
        let told = self.run(checkout, &arguments)?;
        let lines: Vec<StatusLine> = told.split('\0').filter_map(StatusLine::parse).collect();
        let mut hashed = Vec::new();
        for line in &lines {
            let target = targets.get(line.path).copied().flatten();
            let kind = target.map(|(_, kind)| kind);
            if line.is_changed() && kind.is_some() && kind == line.kind_in(&checkout.work_tree) {
                hashed.push(line.path);
            }
        }
        let ids = self.ids_of(checkout, &hashed);
        let unclean_of = |line: &StatusLine| {
            let target = targets.get(line.path).copied();
            let holds = |target: Target| {
                let in_index = !line.is_staged() || line.index == target;
                let in_file = match target {
                    _ if !line.is_changed() => true,
                    None => line.letters.ends_with('D'),
                    Some((id, _)) => ids.get(line.path) == Some(&id),
                };
                in_index && in_file
            };
            Unclean {
                is_target: !line.is_unmerged() && target.is_some_and(holds),
                is_staged: line.is_staged(),
                ..unclean(line.path, line.state())
            }
        };
        Ok(lines.iter().map(unclean_of).collect())
    }

    /// The files that differ from the index, which Git was told not to look at.
    fn not_looked_at(&self, checkout: &Checkout, paths: &[&str]) -> Result<Vec<Unclean>> {
        let arguments = [&["ls-files", "-v", "-s", "-z", "--"], paths].concat();
        let told = self.run(checkout, &arguments)?;
        let marked: Vec<(&str, &str, &str)> = told
            .split('\0')
            .filter_map(|entry| {
                let (entry, path) = entry.split_once('\t')?;
                let mut words = entry.split(' ');
                let (tag, id) = (words.next()?, words.nth(1)?);
                let state = match tag {
                    "S" | "s" => "marked skip-worktree",
                    _ if tag.starts_with(|tag: char| tag.is_ascii_lowercase()) => {
                        "marked assume-unchanged"
                    }
                    _ => return None,
                };
                let is_there = checkout.work_tree.join(path).symlink_metadata().is_ok();
                is_there.then_some((path, id, state))
            })
            .collect();
        let paths: Vec<&str> = marked.iter().map(|(path, ..)| *path).collect();
        let ids = self.ids_of(checkout, &paths);
        let differs = marked
            .into_iter()
            .filter(|(path, id, _)| ids.get(path).is_none_or(|found| found.to_string() != *id));
        Ok(differs
            .map(|(path, _, state)| unclean(path, state))
            .collect())
    }

    /// The ids of the blobs that Git would make of these files, line ends and filters included; none where it can't.
    fn ids_of<'p>(&self, checkout: &Checkout, paths: &[&'p str]) -> BTreeMap<&'p str, ObjectId> {
        if paths.is_empty() {
            return BTreeMap::new();
        }
        let arguments = [&["hash-object", "--"], paths].concat();
        let told = self.run(checkout, &arguments).unwrap_or_default();
        let ids = told.lines().map_while(|line| line.parse().ok());
        paths.iter().copied().zip(ids).collect()
    }
}

/// What `git status` says of one path.
struct StatusLine<'t> {
    /// Of the index against the branch, and of the file against the index; `.` where they agree.
    letters: &'t str,
    path: &'t str,
    index: Target,
    /// The file's mode; none for untracked ones.
    mode: Option<&'t str>,
}

impl<'t> StatusLine<'t> {
    fn parse(line: &'t str) -> Option<StatusLine<'t>> {
        let untracked = |letters| StatusLine {
            letters,
            path: &line[2..],
            index: None,
            mode: None,
        };
        match line.as_bytes().first()? {
            b'?' => return Some(untracked(".?")),
            b'!' => return Some(untracked(".!")),
            b'u' => {
                let words: Vec<&str> = line.splitn(11, ' ').collect();
                return Some(StatusLine {
                    letters: words.get(1)?,
                    path: words.get(10)?,
                    index: None,
                    mode: None,
                });
            }
            _ => {}
        }
        let words: Vec<&str> = line.splitn(9, ' ').collect();
        let [_, letters, _, _, index_mode, mode, _, id, path] = words[..] else {
            return None;
        };
        Some(StatusLine {
            letters,
            path,
            index: target(index_mode, id),
            mode: Some(mode),
        })
    }

    fn is_staged(&self) -> bool {
        !self.letters.starts_with('.')
    }

    fn is_changed(&self) -> bool {
        !self.letters.ends_with('.')
    }

    fn is_unmerged(&self) -> bool {
        self.letters.contains('U') || ["DD", "AA"].contains(&self.letters)
    }

    /// What the file is; `None` if it isn't there, or is nothing that Git keeps.
    fn kind_in(&self, work_tree: &Path) -> Option<EntryKind> {
        if let Some(mode) = self.mode {
            return EntryKind::from_mode(mode.as_bytes());
        }
        let metadata = work_tree.join(self.path).symlink_metadata().ok()?;
        metadata.is_file().then(|| kind_of_file(&metadata))
    }

    fn state(&self) -> &'static str {
        match self.letters {
            ".?" => "untracked",
            ".!" => "ignored",
            _ if self.is_unmerged() => "in conflict",
            _ if self.is_staged() => "staged",
            ".D" => "deleted",
            _ => "modified",
        }
    }
}

#[cfg(unix)]
fn kind_of_file(metadata: &Metadata) -> EntryKind {
    use std::os::unix::fs::PermissionsExt as _;
    if metadata.permissions().mode() & 0o100 != 0 {
        EntryKind::Executable
    } else {
        EntryKind::Blob
    }
}

#[cfg(not(unix))]
fn kind_of_file(_: &Metadata) -> EntryKind {
    EntryKind::Blob
}

/// An entry as Git's programs print it.
pub(super) fn target(mode: &str, id: &str) -> Target {
    let kind = EntryKind::from_mode(mode.as_bytes())?;
    Some((id.parse().ok()?, kind))
}

fn unclean(path: &str, state: &'static str) -> Unclean {
    Unclean {
        file: UncleanFile {
            path: path.to_owned(),
            state,
            is_outside_sparse_checkout: false,
        },
        is_target: false,
        is_staged: false,
    }
}

/// The part of a path that is no folder in the work tree, although the path needs it to be one.
fn file_for_a_folder<'p>(work_tree: &Path, path: &'p str) -> Option<&'p str> {
    let mut folders = path.match_indices('/').map(|(end, _)| &path[..end]);
    folders.find(|folder| {
        let metadata = work_tree.join(folder).symlink_metadata();
        metadata.is_ok_and(|metadata| !metadata.is_dir())
    })
}

/// The file to be written in the place of which is a folder with this file, which Git doesn't track.
fn folder_for_a_file<'t>(
    file: &UncleanFile,
    targets: &BTreeMap<&'t str, Target>,
) -> Option<&'t str> {
    if !matches!(file.state, "untracked" | "ignored") {
        return None;
    }
    let mut folders = file
        .path
        .match_indices('/')
        .map(|(end, _)| &file.path[..end]);
    folders.find_map(|folder| {
        let (path, target) = targets.get_key_value(folder)?;
        target.is_some().then_some(*path)
    })
}
