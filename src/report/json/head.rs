//! What the answers have in common.

use serde::Serialize;

use crate::git::ObjectId;
use crate::project::Loaded;

/// The version of the contract, raised when a reader of the JSON would have to change.
pub const FORMAT_VERSION: u32 = 1;

/// What every answer about a loaded ref begins with.
#[derive(Debug, Serialize)]
pub(super) struct Head<'l> {
    format_version: u32,
    #[serde(rename = "ref")]
    ref_name: Option<&'l str>,
    commit: ObjectId,
    base_path: &'l str,
    branch_version: Option<u32>,
    pub(super) target_version: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    newer_steps: Option<&'l str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    elsewhere: &'l [String],
}

impl<'l> Head<'l> {
    pub(super) fn new(loaded: &'l Loaded) -> Head<'l> {
        Head {
            format_version: FORMAT_VERSION,
            ref_name: loaded.ref_name(),
            commit: loaded.commit(),
            base_path: loaded.base_path(),
            branch_version: stated(loaded.version().number()),
            target_version: loaded.plan().target,
            newer_steps: loaded.newer_steps(),
            elsewhere: loaded.projects_elsewhere(),
        }
    }
}

/// A branch's version; planning starts an uninitialised one, which has none, from 0.
pub(super) fn stated(version: u32) -> Option<u32> {
    (version > 0).then_some(version)
}
