//! What Git's index has as not merged, and which of it can't be settled between markers.

use std::collections::BTreeMap;
use std::path::Path;

use crate::git::{ObjectId, Repository};
use crate::ocl::MAX_BYTES;

use super::failure::Failure;
use super::merge_driver::git;

/// How much of a file Git looks at to tell whether it is binary.
const LOOKED_AT: usize = 8000;
const CHOOSE: &str = "choose with `git checkout --ours` or `--theirs`, then `git add`";
const KEEP_OR_REMOVE: &str = "keep it with `git add`, or remove it with `git rm`";

/// The files that aren't merged, by their paths below the work tree's root.
pub(super) struct Unmerged {
    files: BTreeMap<String, Stages>,
}

/// What the index has of a file: the base, ours and theirs.
#[derive(Default)]
pub(super) struct Stages([Option<Entry>; 3]);

struct Entry {
    mode: String,
    id: ObjectId,
}

impl Unmerged {
    pub(super) fn read(repository: &Repository) -> Result<Unmerged, Failure> {
        let told = git(repository, &["ls-files", "--unmerged", "-z"])?;
        let mut files: BTreeMap<String, Stages> = BTreeMap::new();
        for line in told.split('\0').filter(|line| !line.is_empty()) {
            let unknown = || Failure::Other(format!("`git ls-files` printed {line:?}"));
            let (entry, path) = line.split_once('\t').ok_or_else(unknown)?;
            let mut words = entry.split(' ');
            let mode = words.next().unwrap_or_default().to_owned();
            let id = words
                .next()
                .and_then(|id| ObjectId::from_hex(id.as_bytes()));
            let id = id.ok_or_else(unknown)?;
            let place = match words.next() {
                Some("1") => 0,
                Some("2") => 1,
                Some("3") => 2,
                _ => return Err(unknown()),
            };
            files.entry(path.to_owned()).or_default().0[place] = Some(Entry { mode, id });
        }
        Ok(Unmerged { files })
    }

    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// All of them, with what the index has of each: base, ours and theirs.
    pub(super) fn staged(&self) -> Vec<(&str, [Option<ObjectId>; 3])> {
        let files = self.files.iter();
        files
            .map(|(path, stages)| (path.as_str(), stages.ids()))
            .collect()
    }

    /// The file of a path that the user names, with its path below the root.
    pub(super) fn find(&self, root: &Path, path: &Path) -> Option<(&str, &Stages)> {
        let real = |folder: &Path| folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let path = std::path::absolute(path).ok()?;
        // A link is the file itself, not what it leads to.
        let path = real(path.parent()?).join(path.file_name()?);
        let below = path.strip_prefix(real(root)).ok()?;
        let names: Option<Vec<&str>> = below.iter().map(|name| name.to_str()).collect();
        let found = self.files.get_key_value(&names?.join("/"));
        found.map(|(name, stages)| (name.as_str(), stages))
    }
}

impl Stages {
    /// The texts in base, ours and theirs.
    pub(super) fn ids(&self) -> [Option<ObjectId>; 3] {
        self.0
            .each_ref()
            .map(|entry| entry.as_ref().map(|it| it.id))
    }

    /// Why the file at `path` isn't open between markers only, and what to do; `None` if it is, or if both sides have a text.
    pub(super) fn only_git_settles(
        &self,
        repository: &Repository,
        path: &Path,
    ) -> Result<Option<String>, Failure> {
        let one_sided = match &self.0 {
            [_, Some(_), Some(_)] => None,
            [Some(_), Some(_), None] => Some("ours changed it, and theirs removed or renamed it"),
            [Some(_), None, Some(_)] => Some("theirs changed it, and ours removed or renamed it"),
            [None, Some(_), None] => Some("only ours has it under this name"),
            [None, None, Some(_)] => Some("only theirs has it under this name"),
            [_, None, None] => {
                let why = "both sides removed or renamed it: confirm that with `git rm`";
                return Ok(Some(why.into()));
            }
        };
        if let Some(why) = one_sided {
            return Ok(Some(format!("{why}: {KEEP_OR_REMOVE}")));
        }
        let has_mode = |mode| self.0.iter().flatten().any(|entry| entry.mode == mode);
        if has_mode("160000") {
            let why = "a submodule: check the right commit out in it, then `git add`";
            return Ok(Some(why.into()));
        }
        if has_mode("120000") {
            return Ok(Some(format!("a symbolic link: {CHOOSE}")));
        }
        if !std::fs::symlink_metadata(path).is_ok_and(|found| found.is_file()) {
            let why = "both sides changed it, and it is no file in the work tree: remove it with `git rm`, or";
            return Ok(Some(format!("{why} {CHOOSE}")));
        }
        let reader = repository.reader();
        for Entry { id, .. } in self.0.iter().flatten() {
            if reader.blob_size(*id)? > MAX_BYTES as u64 {
                let why = format!("more than {MAX_BYTES} bytes");
                return Ok(Some(format!(
                    "{why}: edit it and `git add` it, or {CHOOSE}"
                )));
            }
            let bytes = reader.blob(*id)?;
            if bytes[..bytes.len().min(LOOKED_AT)].contains(&0) {
                return Ok(Some(format!("a binary file: {CHOOSE}")));
            }
        }
        Ok(None)
    }
}

/// Why a text without markers of the usual size is open nevertheless.
pub(super) fn other_markers(
    repository: &Repository,
    name: &str,
    text: &str,
) -> Result<Option<String>, Failure> {
    let asked = [
        "check-attr",
        "-z",
        "merge",
        "conflict-marker-size",
        "--",
        name,
    ];
    let told = git(repository, &asked)?;
    let values: Vec<&str> = told.split('\0').skip(2).step_by(3).collect();
    if let Some(&("unset" | "binary")) = values.first() {
        return Ok(Some(format!(
            "Git's attributes say that it can't be merged: {CHOOSE}"
        )));
    }
    let size = values.get(1).and_then(|size| size.parse::<usize>().ok());
    let Some(size) = size.filter(|size| (1..=LOOKED_AT).contains(size)) else {
        return Ok(None);
    };
    let is_open = ['<', '>'].iter().any(|character| {
        let marker = character.to_string().repeat(size);
        let mut rests = text.lines().filter_map(|line| line.strip_prefix(&marker));
        rests.any(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
    });
    Ok(is_open.then(|| format!("conflict markers of {size} characters: edit it, or {CHOOSE}")))
}
