//! The documents of a merge.

use std::sync::Arc;

use super::loaded::{Loaded, failure};
use crate::engine::{LookupKey, MigratedDocument};
use crate::migrate::MigrationError;
use crate::project::error::ReadError;

/// One of the three documents, or commits, of a merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MergeSide {
    /// The commit that both come from.
    Base,
    /// The side that the merge is written on.
    Ours,
    /// The other side.
    Theirs,
}

/// What one of the documents of a merge has at an address.
#[derive(Debug, Clone, PartialEq)]
pub struct ConflictSide {
    /// On one line: a value, or how many values there are, or an order, or under which address it is there.
    pub text: String,
    /// The whole of it, in the plain JSON view.
    pub json: serde_json::Value,
}

/// Why a side's document can't be brought to the version of a merge.
#[derive(Debug, Clone)]
pub struct LiftFailure {
    /// It names the file, and shows the line if the text is wrong.
    pub message: String,
    /// The document's path in the repository, if Git holds it.
    pub path: Option<String>,
    /// How its migration failed, where that is the cause.
    pub error: Option<Arc<MigrationError>>,
    /// What its steps asked the store that has no answer.
    pub missing_lookups: Vec<LookupKey>,
}

impl LiftFailure {
    pub(super) fn of(
        loaded: &Loaded,
        document: &MigratedDocument,
        error: &ReadError,
    ) -> LiftFailure {
        LiftFailure {
            message: failure(loaded, document, error),
            path: loaded.repository_path(document),
            error: match error {
                ReadError::Failed(_, error) => Some(error.clone()),
                _ => None,
            },
            missing_lookups: loaded.missing_lookups(document),
        }
    }
}

impl MergeSide {
    /// Its name: `base`, `ours` or `theirs`.
    pub fn name(self) -> &'static str {
        match self {
            MergeSide::Base => "base",
            MergeSide::Ours => "ours",
            MergeSide::Theirs => "theirs",
        }
    }
}
