//! `--html FILE`: the page beside the ordinary output.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ocl_migrate::report::HtmlPage;

use super::failure::Failure;
use super::output::Output;

#[derive(Debug, Default, clap::Args)]
pub(super) struct PageFile {
    /// Write a page with drawings, that needs nothing beside it, to this file as well
    #[arg(long = "html", value_name = "FILE")]
    file: Option<PathBuf>,
}

impl PageFile {
    /// Whether a page was asked for.
    pub(super) fn wanted(&self) -> bool {
        self.file.is_some()
    }

    /// Writes the page if one was asked for, and says where it is.
    pub(super) fn write<E: Into<Failure>>(
        &self,
        page: impl FnOnce() -> Result<HtmlPage, E>,
        output: &mut Output,
    ) -> Result<(), Failure> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let page = page().map_err(Into::into)?;
        replace(file, page.to_string().as_bytes()).map_err(|error| Failure::File {
            path: file.display().to_string(),
            error,
        })?;
        output.note(format_args!("the page is in {}", file.display()));
        Ok(())
    }
}

/// Puts the bytes into a file at once: whoever opens it sees what was there before or all that is new.
fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let file = match fs::metadata(file) {
        // A pipe or a terminal takes what is written to it, and can't be replaced.
        Ok(found) if !found.is_file() => {
            return OpenOptions::new().write(true).open(file)?.write_all(bytes);
        }
        // A symbolic link goes on pointing to where it points.
        Ok(_) => fs::canonicalize(file)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => file.to_owned(),
        Err(error) => return Err(error),
    };
    let (mut temporary, path) = create_beside(&file)?;
    let written = temporary
        .write_all(bytes)
        .and_then(|()| temporary.flush())
        .and_then(|()| fs::rename(&path, &file));
    if written.is_err() {
        // The first error is the one to tell.
        let _ = fs::remove_file(&path);
    }
    written
}

/// A new file in the same folder, under a name that nobody has.
fn create_beside(file: &Path) -> io::Result<(File, PathBuf)> {
    let name = file.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    for attempt in 0..100 {
        let mut temporary = std::ffi::OsString::from(".");
        temporary.push(name);
        temporary.push(format!(".{}-{attempt}.tmp", std::process::id()));
        let path = file.with_file_name(temporary);
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            opened => return Ok((opened?, path)),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}
