//! `--html FILE`: the page beside the ordinary output.

use std::fmt;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use crate::report::HtmlPage;

use super::failure::{Failure, Refusal};
use super::files;
use super::global::Global;
use super::output::Output;

/// As much of a file as shows whether it is a page, in bytes.
const START_OF_PAGE: u64 = 1024;

#[derive(Default, clap::Args)]
pub(super) struct PageFile {
    /// Also write a self-contained HTML page with drawings to this file
    #[arg(long = "html", value_name = "FILE")]
    file: Option<PathBuf>,
    /// With --html: overwrite a file that isn't such a page
    #[arg(long, requires = "file")]
    force: bool,
}

/// Nothing: what is asked is the same without a page.
impl fmt::Debug for PageFile {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
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

    /// Writes the page if one was asked for, and says where it is. A repository of a fleet has none of its own.
    pub(super) fn write<E: Into<Failure>>(
        &self,
        global: &Global,
        page: impl FnOnce() -> Result<HtmlPage, E>,
        output: &mut Output,
    ) -> Result<(), Failure> {
        let Some(file) = self.file.as_ref().filter(|_| global.fleet.is_none()) else {
            return Ok(());
        };
        self.check()?;
        let page = page().map_err(Into::into)?.called(global.host.called());
        if let Some(served) = &global.served {
            let mut kept = served.page.lock().unwrap_or_else(PoisonError::into_inner);
            *kept = Some(page.served().to_string());
            return Ok(());
        }
        files::replace(file, page.to_string().as_bytes()).map_err(|error| Failure::File {
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
