//! A name that occurs more than once where only one is meaningful.

use std::fmt;

use serde::Serialize;

use super::error::LineColumn;
use super::raw::Kind;

/// The maximum number of positions that are listed for a name.
pub(super) const MOST_POSITIONS: usize = 10;

/// A name that occurs more than once in one document, block or dictionary, for example after a merge.
///
/// OCL allows this and leaves its meaning to the reader, so no step touches such a name. Its JSON has neither the kind
/// nor `is_mixed`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct DoubledName {
    /// The name of the attributes or blocks, or the decoded key of the entries.
    pub name: String,
    /// Whether the first of them is an attribute, an entry, or a block that should be single.
    #[serde(skip)]
    pub kind: Kind,
    /// Whether some are attributes and others blocks.
    #[serde(skip)]
    pub is_mixed: bool,
    /// The node that has them, in the form of [`Node::place`](super::Node::place); empty for the document.
    pub holder: String,
    /// The number of occurrences, at least 2.
    pub times: usize,
    /// Their positions, in order, but at most ten. Empty if the text with these positions isn't available.
    pub positions: Vec<LineColumn>,
}

impl fmt::Display for DoubledName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            _ if self.is_mixed => "the name",
            Kind::Entry => "the key",
            Kind::Block => "the block",
            _ => "the attribute",
        };
        write!(f, "{what} `{}` occurs ", self.name)?;
        match self.times {
            2 => write!(f, "twice")?,
            times => write!(f, "{times} times")?,
        }
        if !self.holder.is_empty() {
            write!(f, " in {}", self.holder)?;
        }
        if self.is_mixed {
            write!(f, ", as an attribute and as a block")?;
        }
        for (index, LineColumn { line, column }) in self.positions.iter().enumerate() {
            let before = match index {
                0 => ": at",
                _ if index + 1 == self.times => " and",
                _ => ",",
            };
            write!(f, "{before} line {line}, column {column}")?;
        }
        match self.times.checked_sub(self.positions.len()) {
            Some(more) if more > 0 && !self.positions.is_empty() => write!(f, " and {more} more"),
            _ => Ok(()),
        }
    }
}
