//! The spans of a catalog's parts in its files.

use std::collections::BTreeMap;
use std::ops::Range;

use super::problem::SourceFile;

/// The spans of the parts in `catalog.hcl`, in bytes, for messages. Empty for a catalog put together in Rust.
#[derive(Debug, Default)]
pub(super) struct Spans {
    pub(super) file: Option<SourceFile>,
    pub(super) base_path: Range<usize>,
    /// Of the marker's path, then of its legacy paths.
    pub(super) marker_paths: Vec<Range<usize>>,
    /// Of the marker's attribute.
    pub(super) marker_attribute: Range<usize>,
    /// Of the value of `baseline`.
    pub(super) baseline: Range<usize>,
    /// Of the versions that are deprecated.
    pub(super) deprecated: BTreeMap<u32, Range<usize>>,
    /// In the order of the kinds.
    pub(super) kinds: Vec<KindSpans>,
    /// Whether some kinds couldn't be read, so that kinds in steps can't be checked.
    pub(super) lacks_kinds: bool,
}

/// The spans of a kind.
#[derive(Debug, Default, Clone)]
pub(super) struct KindSpans {
    pub(super) name: Range<usize>,
    pub(super) path: Range<usize>,
    pub(super) defaults: Range<usize>,
}
