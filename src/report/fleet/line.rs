//! The lines of a fleet's output, as far as they are counted.

use serde::{Deserialize, Serialize};

/// The first line: what was asked, of how many repositories.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FleetHead {
    /// The command: `status`.
    pub command: String,
    /// Identifies what was asked: the command's options and the catalog.
    pub question: String,
    /// The catalog's name.
    pub catalog: String,
    /// The server version.
    pub server_version: u32,
    /// The part of the fleet; `None` for all of it.
    pub shard: Option<FleetShard>,
    /// The number of repositories in that part.
    pub repositories: usize,
    /// Identifies their names.
    pub list: String,
    /// With `shard`: the whole list that it is a part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole: Option<FleetList>,
}

/// The list of repositories that a fleet's parts are made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FleetList {
    /// The number of repositories.
    pub repositories: usize,
    /// Identifies their names.
    pub list: String,
}

/// A part of a fleet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FleetShard {
    /// Which part, from 1.
    pub index: u32,
    /// How many parts there are.
    pub of: u32,
}

/// A line of any kind.
#[derive(Debug, Deserialize)]
pub(super) struct Line {
    pub(super) format_version: u32,
    pub(super) fleet: Option<FleetHead>,
    pub(super) repository: Option<String>,
    pub(super) done: Option<Done>,
    /// Why a repository couldn't be read, or a text of the command's own.
    pub(super) error: Option<serde_json::Value>,
    pub(super) branch_version: Option<u32>,
    pub(super) state: Option<String>,
    pub(super) deprecated: Option<serde::de::IgnoredAny>,
    pub(super) outcome: Option<String>,
    pub(super) severity: Option<String>,
    pub(super) role: Option<String>,
    pub(super) findings: Option<Vec<FindingLine>>,
    pub(super) row: Option<serde::de::IgnoredAny>,
}

/// A finding of `doctor`.
#[derive(Debug, Deserialize)]
pub(super) struct FindingLine {
    pub(super) severity: String,
}

/// The last line of a repository.
#[derive(Debug, Deserialize)]
pub(super) struct Done {
    pub(super) exit_code: u8,
}

impl Line {
    /// What the line counts as, in the words of its command.
    pub(super) fn words(&self) -> Vec<&str> {
        let findings = self.findings.iter().flatten();
        let mut words: Vec<&str> = findings.map(|finding| &*finding.severity).collect();
        let own = [&self.state, &self.outcome, &self.severity, &self.role];
        words.extend(own.into_iter().flatten().map(|word| &**word));
        if self.deprecated.is_some() {
            words.push("deprecated");
        }
        if self.row.is_some() {
            words.push("row");
        }
        // Refs that couldn't be read.
        if words.is_empty() && self.error.is_some() {
            words.push("failed");
        }
        words
    }

    /// Why the repository couldn't be read.
    pub(super) fn why(&self) -> Option<String> {
        let error = self.error.as_ref()?;
        let message = error.get("message").and_then(|message| message.as_str());
        Some(message.unwrap_or("it says no reason").to_owned())
    }
}
