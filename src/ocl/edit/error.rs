//! Why an edit is refused. A refused edit changes nothing.

use crate::ocl::error::ParseError;
use crate::ocl::raw::{Kind, MAX_BYTES, MAX_DEPTH};
use crate::ocl::tree::Refusal;
use crate::ocl::write::WriteError;

/// Why an edit is refused. A refused edit changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EditError {
    /// An earlier edit removed the node of that id.
    #[error("an earlier edit removed this node")]
    Removed,
    /// The operation can't be used on nodes of that kind.
    #[error("{}can't {operation} {}", at(place), kind.noun())]
    WrongKind {
        /// The operation.
        operation: &'static str,
        /// The node's place; see [`Node::place`](crate::ocl::Node::place).
        place: String,
        /// The node's kind.
        kind: Kind,
    },
    /// The text can't be a name.
    #[error("{name:?} can't be a name: names are letters, digits, `_` and `-`")]
    InvalidName {
        /// The name.
        name: String,
    },
    /// Two members would have one name, and one of their values would be lost.
    #[error("{}there is already {name:?}", at(place))]
    NameTaken {
        /// The document, block or dictionary.
        place: String,
        /// The name.
        name: String,
    },
    /// OCL has no form for a value.
    #[error("{}this value can't be written: {message}", at(place))]
    InvalidValue {
        /// The place to which it was to be written.
        place: String,
        /// What is wrong with it.
        message: String,
    },
    /// A label or item with this index doesn't exist.
    #[error("{}there are only {count}, so none has the index {index}", at(place))]
    NoSuchIndex {
        /// The block or list.
        place: String,
        /// The index, from 0.
        index: usize,
        /// The number of labels or items.
        count: usize,
    },
    /// The position is not inside the given parent, or is inside the node that is to be moved.
    #[error(
        "{}the position is not inside this node, or is inside the node to be moved",
        at(place)
    )]
    InvalidPosition {
        /// The given parent.
        place: String,
    },
    /// The document would nest too deeply.
    #[error("{}this would nest more than {MAX_DEPTH} levels deep", at(place))]
    TooDeep {
        /// The place.
        place: String,
    },
    /// The document would be too long.
    #[error("the document would have {bytes} bytes; at most {MAX_BYTES} are read")]
    TooLarge {
        /// The length that it would have.
        bytes: usize,
    },
    /// One editor has written too much text.
    #[error(
        "these edits have written 4 GiB in total: finish the editor and continue with a new one"
    )]
    Exhausted,
}

fn at(place: &str) -> String {
    match place {
        "" => String::new(),
        place => format!("{place}: "),
    }
}

impl From<Refusal> for EditError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::TooLarge(bytes) => Self::TooLarge { bytes },
            Refusal::NoRoom => Self::Exhausted,
        }
    }
}

impl EditError {
    pub(super) fn from_write(error: WriteError, place: String) -> Self {
        match error {
            WriteError::Name(name) => Self::InvalidName { name },
            WriteError::TooDeep => Self::TooDeep { place },
            error @ (WriteError::Number(_) | WriteError::Labels) => Self::InvalidValue {
                place,
                message: error.to_string(),
            },
        }
    }

    /// Text that we write is OCL, so only its nesting (or a number made by hand) can be wrong.
    pub(in crate::ocl) fn from_parse(error: &ParseError, place: String) -> Self {
        if error.message().starts_with("nested") {
            Self::TooDeep { place }
        } else {
            Self::InvalidValue {
                place,
                message: error.message().to_owned(),
            }
        }
    }
}
