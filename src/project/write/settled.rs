//! What became of an intent that a writer had left.

use super::effect::ImportEffect;
use crate::catalog::DocumentName;

/// An intent that another writer had left.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct SettledIntent {
    /// The branch that was about to move.
    pub branch: String,
    /// The commit it was about to move to.
    pub commit: String,
    /// Whether the commit had become visible, so that the store had to follow. Otherwise the intent was dropped.
    pub applied: bool,
    /// Rows that stay in the table although their import has passed: edited or added since.
    pub left: Vec<DocumentName>,
    /// Effects of its imports, which ran now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub effects: Vec<ImportEffect>,
}
