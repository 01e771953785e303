//! Refs kept as one file each.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::error::{Error, Result};
use super::object_id::ObjectId;

/// What a ref's file, or its line in `packed-refs`, says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RefValue {
    /// An object, and what it leads to through tags if that is known.
    Id {
        id: ObjectId,
        peeled: Option<ObjectId>,
    },
    /// Another ref.
    Symbolic(String),
    /// Neither; says why.
    Broken(String),
}

/// The folders under `refs` that each work tree has of its own.
const OF_ONE_WORK_TREE: [&str; 3] = ["bisect", "rewritten", "worktree"];

/// Whether each work tree has its own ref of this name: `HEAD` and the like, and `refs/bisect/...`.
pub(super) fn is_of_one_work_tree(name: &str) -> bool {
    match name.strip_prefix("refs/") {
        None => true,
        Some(rest) => OF_ONE_WORK_TREE.iter().any(|folder| {
            rest.strip_prefix(folder)
                .is_some_and(|below| below.starts_with('/'))
        }),
    }
}

/// Reads a ref's file. `None` if there is none (a folder is none).
pub(super) fn read(path: &Path) -> Result<Option<RefValue>> {
    match read_file(path) {
        Ok(value) => Ok(Some(value)),
        Err(error) if is_absence(&error) => Ok(None),
        Err(error) => Err(Error::io("read", path, error)),
    }
}

fn read_file(path: &Path) -> io::Result<RefValue> {
    if fs::symlink_metadata(path)?.is_symlink() {
        // How Git wrote symbolic refs long ago.
        if let Some(target) = fs::read_link(path)?
            .to_str()
            .filter(|target| is_valid_name(target.as_bytes()))
        {
            return Ok(RefValue::Symbolic(target.to_owned()));
        }
    }
    Ok(parse(&fs::read(path)?))
}

fn parse(content: &[u8]) -> RefValue {
    if let Some(target) = content.strip_prefix(b"ref:") {
        let target = String::from_utf8_lossy(target.trim_ascii());
        return RefValue::Symbolic(target.into_owned());
    }
    let id = content.get(..40).and_then(ObjectId::from_hex);
    let ends = content.get(40).is_none_or(u8::is_ascii_whitespace);
    match id {
        Some(id) if ends => RefValue::Id { id, peeled: None },
        _ if content.trim_ascii().is_empty() => RefValue::Broken("its file is empty".to_owned()),
        _ => {
            let start = &content[..content.len().min(60)];
            RefValue::Broken(format!("its file holds '{}'", start.escape_ascii()))
        }
    }
}

fn is_absence(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::IsADirectory
    )
}

/// Whether `name` is the full name that a ref may have, below `refs/`.
pub(super) fn is_valid_name(name: &[u8]) -> bool {
    name.starts_with(b"refs/") && gix::validate::reference::name(name.into()).is_ok()
}

/// All refs with a file, below the folders `scopes` (`refs`, `refs/heads`), by name.
///
/// Files that vanish while this runs are left out: they have been deleted, or packed, and `packed-refs` must be read
/// after this.
pub(super) fn list(
    git_dir: &Path,
    common_dir: &Path,
    scopes: &[&str],
) -> Result<Vec<(Vec<u8>, RefValue)>> {
    let mut found = Vec::new();
    let is_linked = git_dir != common_dir;
    for scope in scopes {
        list_below(
            common_dir.join(scope),
            scope.as_bytes().to_vec(),
            &mut found,
        )?;
        if is_linked && *scope == "refs" {
            found.retain(|(name, _)| {
                std::str::from_utf8(name).is_ok_and(|name| !is_of_one_work_tree(name))
            });
            for folder in OF_ONE_WORK_TREE {
                let name = format!("refs/{folder}");
                list_below(git_dir.join(&name), name.into_bytes(), &mut found)?;
            }
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found)
}

fn list_below(dir: PathBuf, prefix: Vec<u8>, found: &mut Vec<(Vec<u8>, RefValue)>) -> Result<()> {
    let mut pending = vec![(dir, prefix)];
    while let Some((dir, prefix)) = pending.pop() {
        let entries = match fs::read_dir(&dir) {
            Ok(entries) => entries,
            Err(error) if is_absence(&error) => continue,
            Err(error) => return Err(Error::io("read", &dir, error)),
        };
        for entry in entries {
            let entry = entry.map_err(|error| Error::io("read", &dir, error))?;
            let file_name = entry.file_name();
            let file_name = file_name.as_encoded_bytes();
            // Git's own rule: names it could never have written as refs.
            if file_name.starts_with(b".") || file_name.ends_with(b".lock") {
                continue;
            }
            let name = [&prefix, b"/".as_slice(), file_name].concat();
            let path = entry.path();
            if path.is_dir() {
                pending.push((path, name));
            } else if !is_valid_name(&name) {
                let reason = "Git allows no ref of this name".to_owned();
                found.push((name, RefValue::Broken(reason)));
            } else if let Some(value) = read(&path)? {
                found.push((name, value));
            }
        }
    }
    Ok(())
}
