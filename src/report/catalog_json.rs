//! The JSON of `new` and `snapshot`, with which catalogs are written.

use serde::Serialize;

use super::FORMAT_VERSION;

/// `new`.
#[derive(Debug, Serialize)]
pub struct NewStepReport<'a> {
    format_version: u32,
    version: u32,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rust: Option<&'a str>,
}

impl<'a> NewStepReport<'a> {
    /// A step whose folder was made.
    pub fn made(version: u32, name: &'a str, path: &'a str) -> NewStepReport<'a> {
        NewStepReport {
            format_version: FORMAT_VERSION,
            version,
            name,
            path: Some(path),
            rust: None,
        }
    }

    /// The code of a step in Rust.
    pub fn in_rust(version: u32, name: &'a str, rust: &'a str) -> NewStepReport<'a> {
        NewStepReport {
            format_version: FORMAT_VERSION,
            version,
            name,
            path: None,
            rust: Some(rust),
        }
    }
}

/// `snapshot`: a line per version.
#[derive(Debug, Serialize)]
pub struct SnapshotReport<'a> {
    format_version: u32,
    version: u32,
    from: u32,
    outcome: &'static str,
    path: &'a str,
}

impl<'a> SnapshotReport<'a> {
    /// One that was written.
    pub fn written(version: u32, from: u32, path: &'a str) -> SnapshotReport<'a> {
        SnapshotReport {
            format_version: FORMAT_VERSION,
            version,
            from,
            outcome: "written",
            path,
        }
    }

    /// One that was there, and as it should be.
    pub fn unchanged(version: u32, from: u32, path: &'a str) -> SnapshotReport<'a> {
        SnapshotReport {
            outcome: "unchanged",
            ..SnapshotReport::written(version, from, path)
        }
    }
}
