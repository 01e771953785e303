//! Where the parts of a catalog are written.

use std::ops::Range;

use super::problem::SourceFile;

/// Where the parts of a catalog are written, for messages. Empty for a catalog put together in Rust.
#[derive(Debug, Default)]
pub(super) struct Places {
    pub(super) file: Option<SourceFile>,
    pub(super) base_path: Range<usize>,
    /// Of the marker's path, then of its legacy paths.
    pub(super) marker_paths: Vec<Range<usize>>,
    /// In the order of the kinds.
    pub(super) kinds: Vec<KindPlaces>,
    /// Some kinds could not be read: what is said about kinds in steps can't be judged.
    pub(super) lacks_kinds: bool,
}

/// Where a kind is written.
#[derive(Debug, Default, Clone)]
pub(super) struct KindPlaces {
    pub(super) name: Range<usize>,
    pub(super) path: Range<usize>,
}
