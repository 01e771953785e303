//! The marker: the file that states which version a base path is at.

use std::fmt;

use crate::catalog::marker::read;
use crate::catalog::{Catalog, MarkerError};
use crate::engine::join;
use crate::git::{Entry, EntryKind, ObjectId, Reader};

/// No marker is larger: it holds one attribute.
const LARGEST_MARKER: u64 = 64 << 10;

/// The version of a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BranchVersion {
    /// It has no marker: nothing has been converted to version control yet.
    Uninitialised,
    /// The marker's version.
    At(u32),
}

impl BranchVersion {
    /// The version to plan from: 0 for an uninitialised branch.
    pub fn number(self) -> u32 {
        match self {
            BranchVersion::Uninitialised => 0,
            BranchVersion::At(version) => version,
        }
    }
}

impl fmt::Display for BranchVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BranchVersion::Uninitialised => f.write_str("uninitialised"),
            BranchVersion::At(version) => version.fmt(f),
        }
    }
}

/// A marker that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundMarker {
    /// Its path below the base path.
    pub(crate) path: String,
    pub(crate) version: u32,
    pub(crate) id: ObjectId,
    pub(crate) entry: EntryKind,
}

/// Looks for the marker of a base path. The outer error is Git's, the inner one the marker's own.
pub(crate) fn find(
    reader: &Reader,
    catalog: &Catalog,
    base_path: &str,
    base_tree: ObjectId,
) -> Result<Result<Option<FoundMarker>, MarkerError>, crate::git::Error> {
    let attribute = &catalog.marker().attribute;
    let mut found = Vec::new();
    for path in catalog.marker_paths() {
        if let Some(entry) = reader.entry(base_tree, path)? {
            found.push(read_entry(reader, attribute, base_path, path, entry)?);
        }
    }
    let mut found = found.into_iter();
    let (Some(first), second) = (found.next(), found.next()) else {
        return Ok(Ok(None));
    };
    let Some(second) = second else {
        return Ok(first.map(Some));
    };
    // What they state helps to tell which one is out of date.
    let said = |marker: Result<FoundMarker, MarkerError>| match marker {
        Ok(marker) => {
            let path = join(base_path, &marker.path);
            (format!("{path} ({attribute} = {})", marker.version), path)
        }
        Err(error) => (format!("{} (which is broken)", error.path), error.path),
    };
    let ((first, path), (second, also_at)) = (said(first), said(second));
    Ok(Err(MarkerError {
        also_at: Some(also_at),
        ..MarkerError::of_file(
            path,
            format!(
                "the version is stated twice, in {first} and in {second}: remove the one that is out of date"
            ),
        )
    }))
}

/// A marker that is there. The outer error is Git's, the inner one the marker's own.
fn read_entry(
    reader: &Reader,
    attribute: &str,
    base_path: &str,
    path: &str,
    entry: Entry,
) -> Result<Result<FoundMarker, MarkerError>, crate::git::Error> {
    let place = join(base_path, path);
    if !matches!(entry.kind, EntryKind::Blob | EntryKind::Executable) {
        let message = format!("{place} is not a file, so it states no version");
        return Ok(Err(MarkerError::of_file(place, message)));
    }
    if reader.blob_size(entry.id)? > LARGEST_MARKER {
        let message =
            format!("{place} is too large for a marker: it should hold `{attribute} = N` only");
        return Ok(Err(MarkerError::of_file(place, message)));
    }
    let bytes = reader.blob(entry.id)?;
    Ok(read(&bytes, attribute, &place).map(|version| FoundMarker {
        path: path.to_owned(),
        version,
        id: entry.id,
        entry: entry.kind,
    }))
}
