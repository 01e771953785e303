//! What a merge adds to a draft.

use std::collections::HashSet;

use crate::catalog::DocumentName;
use crate::git::{ObjectId, Target};

/// What a merge adds to a draft.
#[derive(Debug, Clone)]
pub(super) struct MergedIn {
    /// The second parent; where the branch only moves forward, the commit that it moves to.
    pub(super) theirs: ObjectId,
    /// What it was called.
    pub(super) named: String,
    pub(super) files: Vec<OtherFile>,
    pub(super) is_forward: bool,
    /// Documents whose files both sides have as what they come from.
    pub(super) untouched: HashSet<DocumentName>,
    pub(super) removed_changes: Vec<RemovedChange>,
}

/// A document that the other side changed, and of which nothing is in the outcome, since a step removes it.
#[derive(Debug, Clone)]
pub(super) struct RemovedChange {
    pub(super) document: DocumentName,
    /// Its path in the repository, on the other side.
    pub(super) path: String,
    pub(super) version: u32,
    pub(super) step: String,
}

impl MergedIn {
    /// What the other side has is taken as it is.
    pub(super) fn forward(theirs: ObjectId, named: &str) -> MergedIn {
        MergedIn {
            theirs,
            named: named.to_owned(),
            files: Vec::new(),
            is_forward: true,
            untouched: HashSet::new(),
            removed_changes: Vec::new(),
        }
    }
}

/// A file that no kind claims and that a commit changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherFile {
    /// Its path in the repository.
    pub path: String,
    /// What the commit's first parent has there.
    pub before: Target,
    /// What the commit has there.
    pub after: Target,
    /// Its content, where that is new.
    pub(super) content: Option<Vec<u8>>,
}
