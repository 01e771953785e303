//! A name that stands more than once where it should stand once.

use std::fmt;

use serde::Serialize;

use super::error::LineColumn;
use super::raw::Kind;

/// How many places of one name are listed.
pub(super) const MOST_PLACES: usize = 10;

/// A name that stands more than once in one document, block or dictionary: a merge does that easily.
///
/// OCL allows it, and leaves its meaning to whoever reads it, so no step touches such a name. Its JSON has the fields but the
/// kind.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct DoubledName {
    /// The name of the attributes or blocks, or the decoded key of the entries.
    pub name: String,
    /// What the first of them is: an attribute, an entry, or a block of which there should be one.
    #[serde(skip)]
    pub kind: Kind,
    /// What holds them, as [`Node::place`](super::Node::place) says it; empty for the document.
    pub holder: String,
    /// How often the name stands there: twice or more.
    pub times: usize,
    /// Where, in order; of very many the first few. Empty where the text with these places isn't at hand.
    pub positions: Vec<LineColumn>,
}

impl fmt::Display for DoubledName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            Kind::Entry => "the key",
            Kind::Block => "the block",
            _ => "the attribute",
        };
        write!(f, "{what} `{}` stands ", self.name)?;
        match self.times {
            2 => write!(f, "twice")?,
            times => write!(f, "{times} times")?,
        }
        if !self.holder.is_empty() {
            write!(f, " in {}", self.holder)?;
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
