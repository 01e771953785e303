//! Why documents can't be merged at all.

use crate::ocl::{EditError, ParseError};

/// Why documents can't be merged at all. Nothing is lost: the three are as they were.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// They are read in different dialects, so that equal texts may differ in their values.
    #[error("the three documents aren't in one shape: lift them to one version first")]
    Shapes,
    /// The editor refuses what the merge would write.
    #[error("the merge can't be written: {0}")]
    Edit(#[from] EditError),
    /// The result can't be read back.
    #[error("the merge can't be read back: {0}")]
    Parse(Box<ParseError>),
    /// A line of a document would be read as a marker of a conflict.
    #[error(
        "there are conflicts, and the line `{line}` would be read as one of their markers: settle them by address, or change the line first"
    )]
    Marker {
        /// The line.
        line: String,
    },
    /// The result would lack a change that one side made, or have one that neither made.
    #[error("the merge of `{selector}` would not be what both sides made of it: merge it by hand")]
    Lost {
        /// The address of the value.
        selector: String,
    },
}
