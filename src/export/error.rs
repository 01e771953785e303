//! What a format can't hold.

use std::fmt;

use super::what::Format;
use crate::values::Address;

/// A value that can't be exported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The format can't hold it.
    #[error("{address}: {} can't hold {why}", format.name())]
    NotHeld {
        /// Where it is.
        address: Box<Address>,
        /// The format.
        format: Format,
        /// What it is.
        why: NotHeld,
    },
    /// Two values would have one name.
    #[error(
        "{first} and {second} would both be called {name}: export one of them, or another format"
    )]
    SameName {
        /// The name.
        name: String,
        /// Where the first is.
        first: Box<Address>,
        /// Where the second is.
        second: Box<Address>,
    },
}

/// What a format can't hold.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotHeld {
    /// `null`.
    Null,
    /// An empty list, dictionary or block.
    Empty,
    /// A zero byte.
    ZeroByte,
    /// Several attributes or entries of one name.
    Twice(String),
    /// An attribute that has the name of blocks beside it.
    AttributeBesideBlocks,
    /// A list of dictionaries alone, which would read back as blocks.
    Dictionaries,
    /// A number with more digits than its readers keep.
    Number(String),
    /// A name that it doesn't allow.
    Name(String),
    /// A text that reads back as another one.
    Text,
    /// A single value or list, where attributes and blocks are needed.
    Single,
}

impl fmt::Display for NotHeld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Empty => f.write_str("an empty list, dictionary or block"),
            Self::ZeroByte => f.write_str("a zero byte"),
            Self::Twice(name) => write!(f, "two values of one name, `{name}`"),
            Self::AttributeBesideBlocks => f.write_str("an attribute beside blocks of its name"),
            Self::Dictionaries => {
                f.write_str("a list of dictionaries, as it would read back as blocks")
            }
            Self::Number(number) => {
                write!(f, "the number {number}, as its readers keep fewer digits")
            }
            Self::Name(name) => write!(f, "the name `{name}`, which is no identifier there"),
            Self::Text => f.write_str("this text: it would read back as another one"),
            Self::Single => f.write_str("a single value or list: it begins with attributes"),
        }
    }
}
