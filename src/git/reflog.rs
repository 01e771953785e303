//! The log of a ref's moves.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use super::commit::Signature;
use super::error::Result;
use super::object_id::ObjectId;
use super::ref_lock::remove_empty_folders;

/// A line of a reflog.
pub(super) struct ReflogLine<'a> {
    pub(super) old: Option<ObjectId>,
    pub(super) new: ObjectId,
    pub(super) committer: &'a Signature,
    pub(super) message: &'a str,
}

impl ReflogLine<'_> {
    pub(super) fn encode(&self) -> Result<String> {
        let old = self.old.unwrap_or(ObjectId::from_bytes([0; 20]));
        let mut line = format!("{old} {} {}", self.new, self.committer.encode()?);
        let message: Vec<&str> = self.message.split_ascii_whitespace().collect();
        if !message.is_empty() {
            line += &format!("\t{}", message.join(" "));
        }
        line.push('\n');
        Ok(line)
    }
}

/// Adds a line to the log at `path` and flushes it. A log that isn't there is begun only if `create`.
pub(super) fn append(path: &Path, line: &str, create: bool) -> io::Result<()> {
    let Some(mut file) = open(path, create)? else {
        return Ok(());
    };
    file.write_all(line.as_bytes())?;
    file.sync_all()
}

fn open(path: &Path, create: bool) -> io::Result<Option<File>> {
    let mut options = OpenOptions::new();
    options.append(true).create(create);
    if create && let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    match options.open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == ErrorKind::NotFound && !create => Ok(None),
        Err(_) if path.is_dir() => {
            if !create {
                return Ok(None);
            }
            // Folders that logs have left behind.
            remove_empty_folders(path)?;
            options.open(path).map(Some)
        }
        Err(error) => Err(error),
    }
}
