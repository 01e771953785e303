//! `--html FILE`: the page beside the ordinary output.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::report::HtmlPage;

use super::failure::{Failure, Refusal};
use super::global::Global;
use super::output::Output;

/// As much of a file as shows whether it is a page, in bytes.
const START_OF_PAGE: u64 = 1024;

#[derive(Debug, Default, clap::Args)]
pub(super) struct PageFile {
    /// Also write a self-contained HTML page with drawings to this file
    #[arg(long = "html", value_name = "FILE")]
    file: Option<PathBuf>,
    /// With --html: overwrite a file that isn't such a page
    #[arg(long, requires = "file")]
    force: bool,
}

impl PageFile {
    /// Whether a page was asked for.
    pub(super) fn wanted(&self) -> bool {
        self.file.is_some()
    }

    /// Refuses to overwrite a file that isn't such a page: a slip in its name would cost its content.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let Some(file) = self.file.as_ref().filter(|_| !self.force) else {
            return Ok(());
        };
        if is_replaceable(file) {
            return Ok(());
        }
        let message = format!(
            "{} exists and isn't a page of this program: --force overwrites it",
            file.display()
        );
        Err(Failure::Refused(Refusal::FileExists, message))
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
        self.check()?;
        let page = page().map_err(Into::into)?.called(global.host.called());
        replace(file, page.to_string().as_bytes()).map_err(|error| Failure::File {
            path: file.display().to_string(),
            error,
        })?;
        output.note(format_args!("the page is in {}", file.display()));
        Ok(())
    }
}

/// Whether there is no file, nothing in it, or a page of this program. What can't be read is left to writing, which says why.
fn is_replaceable(file: &Path) -> bool {
    if !fs::symlink_metadata(file).is_ok_and(|found| found.is_file() && found.len() > 0) {
        return true;
    }
    let mut start = Vec::new();
    let read = File::open(file).and_then(|file| file.take(START_OF_PAGE).read_to_end(&mut start));
    read.is_err() || HtmlPage::starts(&start)
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
