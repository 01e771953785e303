//! `--html FILE`: the page beside the ordinary output.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::report::HtmlPage;

use super::failure::Failure;
use super::global::Global;
use super::output::Output;

#[derive(Debug, Default, clap::Args)]
pub(super) struct PageFile {
    /// Also write a self-contained HTML page with drawings to this file
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
        global: &Global,
        page: impl FnOnce() -> Result<HtmlPage, E>,
        output: &mut Output,
    ) -> Result<(), Failure> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let page = page().map_err(Into::into)?.called(global.host.called());
        replace(file, page.to_string().as_bytes()).map_err(|error| Failure::File {
            path: file.display().to_string(),
            error,
        })?;
        output.note(format_args!("the page is in {}", file.display()));
        Ok(())
    }
}

/// Replaces a file atomically: a reader sees either the old content or all of the new.
fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    // A pipe or a terminal takes what is written to it, and can't be replaced.
    if fs::metadata(file).is_ok_and(|found| !found.is_file()) {
        return OpenOptions::new().write(true).open(file)?.write_all(bytes);
    }
    // In a work tree it may be one that came with the repository, and lead anywhere.
    if file.is_symlink() {
        let message = "it is a symbolic link: name the file that it leads to";
        return Err(io::Error::other(message));
    }
    let folder = file.parent().filter(|folder| *folder != Path::new(""));
    let folder = folder.unwrap_or(Path::new("."));
    fs::metadata(folder)?;
    let mut temporary = temporary_file().tempfile_in(folder)?;
    temporary.write_all(bytes)?;
    temporary.persist(file)?;
    Ok(())
}

/// With the permissions of any other new file.
fn temporary_file() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder
}
