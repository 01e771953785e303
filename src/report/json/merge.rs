//! The JSON of `merge`, where there are conflicts.

use serde::Serialize;
use serde_json::Value;

use super::head::FORMAT_VERSION;
use crate::project::{ConflictSide, FileConflict, MergeConflict};

/// A conflict in a document.
#[derive(Debug, Serialize)]
pub struct MergeConflictReport<'c> {
    format_version: u32,
    base_path: &'c str,
    document: &'c str,
    address: String,
    conflict: &'static str,
    base: Option<SideReport<'c>>,
    ours: Option<SideReport<'c>>,
    theirs: Option<SideReport<'c>>,
}

/// What one side has.
#[derive(Debug, Serialize)]
pub(super) struct SideReport<'c> {
    text: &'c str,
    value: &'c Value,
}

impl<'c> SideReport<'c> {
    pub(super) fn new(side: &'c ConflictSide) -> SideReport<'c> {
        SideReport {
            text: &side.text,
            value: &side.json,
        }
    }
}

/// A conflict in a file that isn't a document.
#[derive(Debug, Serialize)]
pub struct FileConflictReport<'c> {
    format_version: u32,
    file: &'c str,
    conflict: &'static str,
    message: &'c str,
}

impl<'c> MergeConflictReport<'c> {
    /// A conflict.
    pub fn new(conflict: &'c MergeConflict) -> MergeConflictReport<'c> {
        let side = |side: &'c Option<ConflictSide>| side.as_ref().map(SideReport::new);
        MergeConflictReport {
            format_version: FORMAT_VERSION,
            base_path: &conflict.base_path,
            document: conflict.document.as_str(),
            address: conflict.selector.to_string(),
            conflict: conflict.kind.name(),
            base: side(&conflict.base),
            ours: side(&conflict.ours),
            theirs: side(&conflict.theirs),
        }
    }
}

impl<'c> FileConflictReport<'c> {
    /// A conflict.
    pub fn new(conflict: &'c FileConflict) -> FileConflictReport<'c> {
        FileConflictReport {
            format_version: FORMAT_VERSION,
            file: &conflict.path,
            conflict: "file",
            message: conflict.message.trim_end(),
        }
    }
}
