//! What is wrong with a document by its contract.

use std::fmt;

use crate::ocl::NodeId;

/// One thing that a contract doesn't allow. Its `Display` is the message with the suggestion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// What it is about. What is missing is about the node that should hold it.
    pub node: NodeId,
    /// Which kind of rule is broken.
    pub rule: Rule,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// What was probably meant: a name or a value.
    pub suggestion: Option<String>,
}

/// The kinds of rules that contracts have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// An attribute, block, entry or label that the contract doesn't know.
    UnknownName,
    /// Something that must be there isn't.
    Missing,
    /// A value, block or list where the contract wants something else.
    WrongType,
    /// A value that is none of those that are allowed.
    UnknownValue,
    /// A text that doesn't match the pattern or format.
    WrongText,
    /// A number that is too small, too large or no multiple.
    WrongNumber,
    /// Too few or too many: blocks, items, entries, characters.
    WrongCount,
    /// Two items that are the same where they must differ.
    NotUnique,
    /// Things that may not stand together, or something that may not be there at all.
    NotAllowed,
}

/// The contract refers to itself in so many ways that holding the document to it would take too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "holding it to its contract would take more than {limit} steps: the contract refers to itself in many ways, and the document is large or deep"
)]
pub struct TooMuchWork {
    /// How many steps there may be.
    pub limit: u64,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Rule; 9] = [
        Rule::UnknownName,
        Rule::Missing,
        Rule::WrongType,
        Rule::UnknownValue,
        Rule::WrongText,
        Rule::WrongNumber,
        Rule::WrongCount,
        Rule::NotUnique,
        Rule::NotAllowed,
    ];

    /// Its name in listings: `unknown_name`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::UnknownName => "unknown_name",
            Self::Missing => "missing",
            Self::WrongType => "wrong_type",
            Self::UnknownValue => "unknown_value",
            Self::WrongText => "wrong_text",
            Self::WrongNumber => "wrong_number",
            Self::WrongCount => "wrong_count",
            Self::NotUnique => "not_unique",
            Self::NotAllowed => "not_allowed",
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.suggestion {
            Some(suggestion) => write!(f, "; did you mean `{suggestion}`?"),
            None => Ok(()),
        }
    }
}
