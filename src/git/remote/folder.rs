//! The folder of a mirror: what is there, and how one is made.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use std::{fs, io};

use super::url::RemoteUrl;
use crate::git::error::{Error, Result};
use crate::git::git_program::GitProgram;

/// What the program keeps in it: the remote's address, which is also the lock.
pub(super) const OWN_FOLDER: &str = "ocl-migrate";
pub(super) const ADDRESS: &str = "mirror-of";

/// How long Git may take to make one.
const MADE_WITHIN: Duration = Duration::from_secs(60);

/// What is at the place of a mirror.
pub(super) enum Found {
    Nothing,
    ItsMirror,
}

/// What is at the place of a mirror; an error is what it can't be.
pub(super) fn look(folder: &Path, url: &RemoteUrl) -> Result<Found> {
    let not_its = |reason: String| {
        Err(Error::NotItsMirror {
            folder: folder.to_owned(),
            remote: url.to_string(),
            reason,
        })
    };
    let mut entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            return not_its("it is not a folder".into());
        }
        Err(error) => return Err(Error::io("read", folder, error)),
    };
    let path = folder.join(OWN_FOLDER).join(ADDRESS);
    match fs::read_to_string(&path) {
        Ok(known) if known.trim_end() == url.as_str() => Ok(Found::ItsMirror),
        Ok(known) => {
            let known = crate::text::visible_line(known.trim_end()).into_owned();
            not_its(format!(
                "it is the mirror of {known}; name another folder, or delete this one if nothing but that is in it"
            ))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => match entries.next() {
            None => Ok(Found::Nothing),
            Some(_) => not_its(
                "there is something else in it; name a folder that isn't there yet, or is empty"
                    .into(),
            ),
        },
        Err(error) => Err(Error::io("read", &path, error)),
    }
}

/// Makes an empty mirror: beside its place, so that half of one is never found there.
pub(super) fn make(folder: &Path, url: &RemoteUrl, program: &GitProgram) -> Result<()> {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    let mut name = folder.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}-{number}.new", std::process::id()));
    let beside = folder.with_file_name(name);
    let made = fill(&beside, url, program).and_then(|()| {
        fs::rename(&beside, folder).map_err(|error| Error::io("make", folder, error))
    });
    if made.is_err() {
        let _ = fs::remove_dir_all(&beside);
        // Somebody else may have been faster.
        if let Ok(Found::ItsMirror) = look(folder, url) {
            return Ok(());
        }
    }
    made
}

fn fill(folder: &Path, url: &RemoteUrl, program: &GitProgram) -> Result<()> {
    let own = folder.join(OWN_FOLDER);
    fs::create_dir_all(&own).map_err(|error| Error::io("make", &own, error))?;
    let made = program.make_bare(folder, MADE_WITHIN);
    made.map_err(|error| Error::io("make", folder, error))?;
    let path = own.join(ADDRESS);
    fs::write(&path, format!("{url}\n")).map_err(|error| Error::io("write", &path, error))
}
