//! `resolve`: a line for each file.

use serde::Serialize;

use super::head::FORMAT_VERSION;

/// What `resolve` did with a file.
#[derive(Debug, Serialize)]
pub struct ResolvedReport<'a> {
    format_version: u32,
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    moved_to: Option<&'a str>,
    settled: usize,
    open: &'a [String],
    lifted: bool,
    staged: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    removed: bool,
}

impl<'a> ResolvedReport<'a> {
    /// A file: how many places were settled, what is open there, whether it was brought to the version of the merge, and
    /// whether it is staged.
    #[must_use]
    pub fn new(
        path: &'a str,
        settled: usize,
        open: &'a [String],
        lifted: bool,
        staged: bool,
    ) -> ResolvedReport<'a> {
        ResolvedReport {
            format_version: FORMAT_VERSION,
            path,
            moved_to: None,
            settled,
            open,
            lifted,
            staged,
            removed: false,
        }
    }

    /// The same, and whether the file is removed.
    #[must_use]
    pub fn removed(mut self, removed: bool) -> ResolvedReport<'a> {
        self.removed = removed;
        self
    }

    /// The same of a document that lies elsewhere at the version of the merge.
    #[must_use]
    pub fn moved_to(mut self, path: Option<&'a str>) -> ResolvedReport<'a> {
        self.moved_to = path;
        self
    }
}
