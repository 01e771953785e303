//! The documents of a merge.

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
