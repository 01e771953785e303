//! The JSON of `status`.

use serde::Serialize;

use super::head::FORMAT_VERSION;
use crate::git::ObjectId;
use crate::project::{RefState, RefStatus};

/// `status`: a line per ref and base path.
#[derive(Debug, Serialize)]
pub struct StatusReport<'a> {
    format_version: u32,
    #[serde(rename = "ref")]
    ref_name: &'a str,
    commit: Option<ObjectId>,
    base_path: &'a str,
    branch_version: Option<u32>,
    project_version: Option<u32>,
    server_version: u32,
    pending: usize,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    deprecated: Option<DeprecatedReport<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    elsewhere: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    warnings: &'a [String],
}

#[derive(Debug, Serialize)]
struct DeprecatedReport<'a> {
    date: &'a str,
    reason: &'a str,
}

impl<'a> StatusReport<'a> {
    /// A ref's state at one base path, with the version at which the store has the project, and what to know of the store.
    pub fn new(
        status: &'a RefStatus<'_>,
        project_version: Option<u32>,
        server_version: u32,
        warnings: &'a [String],
    ) -> StatusReport<'a> {
        StatusReport {
            format_version: FORMAT_VERSION,
            ref_name: status.ref_name,
            commit: status.commit,
            base_path: status.base_path,
            branch_version: status.state.version(),
            project_version,
            server_version,
            pending: status.pending,
            state: status.state.name(),
            deprecated: status.deprecation.map(|deprecation| DeprecatedReport {
                date: deprecation.date(),
                reason: deprecation.reason(),
            }),
            elsewhere: status.elsewhere,
            error: match status.state {
                RefState::Invalid(message) => Some(message),
                _ => None,
            },
            warnings,
        }
    }
}
