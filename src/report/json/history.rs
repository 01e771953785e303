//! The JSON of `log` and `blame`.

use serde::Serialize;

use super::diff::ChangeReport;
use super::head::FORMAT_VERSION;
use crate::git::{HistoryEndCause, ObjectId};
use crate::history::{Blame, Blamed, Cause, CommitChange, HistoryCommit, HistoryError};
use crate::project::StoryOrigin;
use crate::values::{Change, Leaf};

/// Which commit a line is about.
#[derive(Debug, Serialize)]
struct CommitHead<'c> {
    commit: ObjectId,
    time: i64,
    committed: i64,
    author: &'c str,
    email: &'c str,
    subject: &'c str,
}

impl<'c> CommitHead<'c> {
    fn new(commit: &'c HistoryCommit) -> CommitHead<'c> {
        CommitHead {
            commit: commit.id,
            time: commit.author.seconds,
            committed: commit.committer.seconds,
            author: &commit.author.name,
            email: &commit.author.email,
            subject: &commit.subject,
        }
    }
}

/// `log`: a line per change.
#[derive(Debug, Serialize)]
pub struct LogReport<'c> {
    #[serde(flatten)]
    change: Changed<'c>,
    #[serde(flatten)]
    commit: CommitHead<'c>,
    cause: Cause,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_before: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u32>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    before_unread: bool,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Changed<'c> {
    Value(ChangeReport<'c>),
    Nothing {
        format_version: u32,
        document: &'c str,
    },
}

/// `log` and `blame`: a line for what can't be told.
#[derive(Debug, Serialize)]
pub struct HistoryErrorReport<'c> {
    format_version: u32,
    document: &'c str,
    #[serde(flatten)]
    commit: Option<CommitHead<'c>>,
    error: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    history_ends: Option<HistoryEndCause>,
}

/// `blame`: a line per value.
#[derive(Debug, Serialize)]
pub struct BlameReport<'c> {
    format_version: u32,
    document: &'c str,
    address: String,
    value: &'c Leaf<'c>,
    #[serde(flatten)]
    commit: Giver<'c>,
    #[serde(skip_serializing_if = "Option::is_none")]
    history_ends: Option<HistoryEndCause>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    before_unread: bool,
}

/// The commit that gave a value, or where it is while there is none.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Giver<'c> {
    Commit(CommitHead<'c>),
    Nobody {
        commit: (),
        #[serde(skip_serializing_if = "Option::is_none")]
        origin: Option<StoryOrigin>,
    },
}

impl<'c> LogReport<'c> {
    /// One of the changes that a commit made.
    pub fn new(commit: &'c CommitChange, change: &'c Change<'c>) -> LogReport<'c> {
        let is_in_both = commit.before().is_some() && commit.after().is_some();
        let change = ChangeReport::of(commit.name().as_str(), is_in_both, change);
        LogReport::begin(commit, Changed::Value(change))
    }

    /// A commit that added or removed a document without values.
    pub fn of_empty(commit: &'c CommitChange) -> LogReport<'c> {
        let change = ChangeReport::of_whole(commit.name().as_str(), commit.before().is_none());
        LogReport::begin(commit, Changed::Value(change))
    }

    /// A commit that changed no value.
    pub fn of_migration(commit: &'c CommitChange) -> LogReport<'c> {
        let nothing = Changed::Nothing {
            format_version: FORMAT_VERSION,
            document: commit.name().as_str(),
        };
        LogReport::begin(commit, nothing)
    }

    fn begin(commit: &'c CommitChange, change: Changed<'c>) -> LogReport<'c> {
        let (version_before, version) = commit.versions();
        LogReport {
            change,
            commit: CommitHead::new(commit.commit()),
            cause: commit.cause(),
            version_before,
            version,
            before_unread: commit.is_before_unread(),
        }
    }
}

impl<'c> HistoryErrorReport<'c> {
    /// What of a document's history can't be told.
    pub fn new(document: &'c str, error: &'c HistoryError) -> HistoryErrorReport<'c> {
        HistoryErrorReport {
            format_version: FORMAT_VERSION,
            document,
            commit: error.commit().map(CommitHead::new),
            error: error.to_string(),
            history_ends: match error {
                HistoryError::CutOff { cause, .. } => Some(*cause),
                _ => None,
            },
        }
    }
}

impl<'c> BlameReport<'c> {
    /// A value of a document, with its commit.
    pub fn new(blame: &'c Blame, blamed: &'c Blamed<'c>) -> BlameReport<'c> {
        let name = blame.name();
        BlameReport {
            format_version: FORMAT_VERSION,
            document: name.as_str(),
            address: blamed.leaf.element().to_string(),
            value: &blamed.leaf,
            commit: match blamed.commit {
                Some(commit) => Giver::Commit(CommitHead::new(commit)),
                None => {
                    let import = blame.loaded().pending_import(name);
                    Giver::Nobody {
                        commit: (),
                        origin: import.map(StoryOrigin::of_import),
                    }
                }
            },
            history_ends: blamed.history_ends,
            before_unread: blamed.is_before_unread,
        }
    }
}
