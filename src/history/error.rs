//! What a history can't tell.

use crate::git::HistoryEndCause;
use crate::project::LoadError;
use crate::text::short_id;

use super::commit::HistoryCommit;

/// What a history can't tell.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// A commit's document can't be brought to the version asked for. The history goes on: what changed is told against the next
    /// commit before it whose document can.
    #[error("in commit {}, {reason}", short_id(&.commit.id))]
    NotLifted {
        /// The commit.
        commit: Box<HistoryCommit>,
        /// Why. It names the file; if the text is wrong, it shows the line.
        reason: String,
    },
    /// The history that is here ends though commits lie before: what this commit changed, or one before it, can't be told. Other
    /// branches of the history go on.
    #[error("what changed in commit {} or before can't be told: {}", short_id(&.commit.id), why(*.cause))]
    CutOff {
        /// The oldest commit that could be looked at.
        commit: Box<HistoryCommit>,
        /// Why the history ends there.
        cause: HistoryEndCause,
    },
    /// Something can't be read. The history ends.
    #[error(transparent)]
    Load(#[from] LoadError),
}

impl HistoryError {
    /// The commit that it is about.
    pub fn commit(&self) -> Option<&HistoryCommit> {
        match self {
            HistoryError::NotLifted { commit, .. } | HistoryError::CutOff { commit, .. } => {
                Some(commit)
            }
            HistoryError::Load(_) => None,
        }
    }
}

impl From<crate::git::Error> for HistoryError {
    fn from(error: crate::git::Error) -> HistoryError {
        HistoryError::Load(error.into())
    }
}

/// Why the history that is here ends, in words.
pub(super) fn why(cause: HistoryEndCause) -> &'static str {
    match cause {
        HistoryEndCause::Shallow => "the clone is shallow, and has no commit before it",
        HistoryEndCause::PartialClone => {
            "the partial clone left out folders of the commits before it"
        }
    }
}
