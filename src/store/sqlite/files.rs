//! Files that appear complete or not at all.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::restored::Kept;
use crate::store::error::Error;

/// A file that only its owner can read, removed when dropped unless it was published.
#[derive(Debug)]
pub(super) struct TemporaryFile {
    path: PathBuf,
}

impl TemporaryFile {
    /// Makes an empty file in the directory of `path`, under a name of its own.
    pub(super) fn beside(path: &Path) -> Result<Self, Error> {
        let name = path.file_name().unwrap_or(path.as_os_str());
        for attempt in 0_u32.. {
            let mut own = OsString::from(".");
            own.push(name);
            own.push(
                [
                    ".",
                    &std::process::id().to_string(),
                    "-",
                    &attempt.to_string(),
                    ".tmp",
                ]
                .concat(),
            );
            let path = path.with_file_name(own);
            match create_new(&path) {
                Ok(()) => return Ok(Self { path }),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(failed("create", &path, error)),
            }
        }
        Err(failed("create", path, ErrorKind::AlreadyExists.into()))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the file its name. Without `overwrite`, one that is there already stays.
    pub(super) fn publish(self, to: &Path, overwrite: bool) -> Result<(), Error> {
        let named = if overwrite {
            fs::rename(&self.path, to)
        } else {
            self.link(to)
        };
        named.map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => Error::Exists {
                path: to.to_owned(),
            },
            _ => failed("create", to, error),
        })?;
        sync_directory(to)
    }

    fn link(&self, to: &Path) -> io::Result<()> {
        match fs::hard_link(&self.path, to) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                // A file system without links: the name is reserved by an empty file, which is no store to anyone.
                create_new(to)?;
                fs::rename(&self.path, to).inspect_err(|_| {
                    let _ = fs::remove_file(to);
                })
            }
            linked => linked,
        }
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        // Nothing depends on these files any more, so one that stays is only litter.
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let _ = fs::remove_file(companion(&self.path, suffix));
        }
    }
}

/// The file's companion: `-wal`, `-shm` or `-journal`.
pub(super) fn companion(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// A database's file and its companions.
const PARTS: [&str; 4] = ["", "-wal", "-journal", "-shm"];

/// Gives a file that is to be replaced a second name beside it, and moves its companions to that: SQLite would apply them to the
/// new file. Returns the new name.
///
/// The file itself keeps its own name too, until the new one takes it: there is no moment without either. Where the file system
/// has no links, there is one.
pub(super) fn keep_beside(path: &Path) -> Result<PathBuf, Error> {
    let aside = name_beside(path);
    for suffix in PARTS {
        let (from, to) = (companion(path, suffix), companion(&aside, suffix));
        let linked = match suffix {
            "" => fs::hard_link(&from, &to),
            _ => Err(ErrorKind::Unsupported.into()),
        };
        let moved = linked.or_else(|_| fs::rename(&from, &to));
        match moved {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(failed("move aside", &from, error));
            }
            _ => {}
        }
    }
    sync_directory(path)?;
    Ok(aside)
}

/// What is between a file's name and the number under which what it held is kept.
const REPLACED: &str = ".replaced-";

/// What is kept beside a file that was replaced, by the numbers.
pub(super) fn kept_beside(path: &Path) -> Result<Vec<Kept>, Error> {
    let failed = |error| failed("look for", path, error);
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let entries = match fs::read_dir(folder.unwrap_or(Path::new("."))) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed)?,
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut numbers = BTreeSet::new();
    for entry in entries {
        let file = entry.map_err(failed)?.file_name();
        let rest = file.to_str().and_then(|file| file.strip_prefix(&*name));
        let rest = rest.and_then(|rest| rest.strip_prefix(REPLACED));
        let number = rest.map(|rest| rest.split_once('-').map_or(rest, |(number, _)| number));
        numbers.extend(number.and_then(|number| number.parse::<u32>().ok()));
    }
    let mut kept = Vec::new();
    for number in numbers {
        let aside = companion(path, &format!("{REPLACED}{number}"));
        let parts = PARTS.map(|suffix| companion(&aside, suffix));
        let found = parts.into_iter().filter_map(|file| {
            let found = file.symlink_metadata().ok()?;
            found.is_file().then_some((file, found))
        });
        let found: Vec<_> = found.collect();
        if let Some((_, first)) = found.first() {
            kept.push(Kept {
                written: first.modified().map_err(failed)?,
                files: found.into_iter().map(|(file, _)| file).collect(),
            });
        }
    }
    Ok(kept)
}

/// A free name beside a file that is to be replaced, under which it is kept.
pub(super) fn name_beside(path: &Path) -> PathBuf {
    let name_of = |number: u32| companion(path, &format!("{REPLACED}{number}"));
    let is_taken = |aside: &Path| {
        let parts = PARTS.map(|suffix| companion(aside, suffix));
        parts.iter().any(|path| path.symlink_metadata().is_ok())
    };
    let aside = (1..).map(name_of).find(|aside| !is_taken(aside));
    aside.expect("there are more numbers than files")
}

/// Refuses a file in a directory that isn't there: the name may be mistyped.
pub(super) fn ensure_parent(path: &Path) -> Result<(), Error> {
    let parent = path.parent().unwrap_or(Path::new(""));
    if parent.as_os_str().is_empty() {
        return Ok(());
    }
    match fs::metadata(parent) {
        Ok(metadata) if metadata.is_dir() => Ok(()),
        Ok(_) => Err(failed(
            "write into the folder",
            parent,
            ErrorKind::NotADirectory.into(),
        )),
        Err(error) => Err(failed("write into the folder", parent, error)),
    }
}

/// Makes the missing directories above a file, for the owner alone.
pub(super) fn create_parent(path: &Path) -> Result<(), Error> {
    let Some(parent) = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    else {
        return Ok(());
    };
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(parent)
        .map_err(|error| failed("create", parent, error))
}

fn create_new(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Makes a new name in a directory survive a power failure.
fn sync_directory(path: &Path) -> Result<(), Error> {
    #[cfg(unix)]
    {
        let directory = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        fs::File::open(directory)
            .and_then(|directory| directory.sync_all())
            .map_err(|error| failed("flush", directory, error))?;
    }
    Ok(())
}

fn failed(doing: &'static str, path: &Path, error: io::Error) -> Error {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Error::Full {
            store: path.to_owned().into(),
        },
        ErrorKind::ReadOnlyFilesystem => Error::ReadOnly {
            store: path.to_owned().into(),
            why: "its file system can't be written",
        },
        _ => Error::File {
            doing,
            path: path.to_owned(),
            source: error,
        },
    }
}
