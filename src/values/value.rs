//! What a leaf holds.

use std::borrow::Cow;
use std::fmt;

use crate::catalog::selector::write_quoted;
use crate::ocl::{Kind, Node};

/// The value of a leaf.
///
/// Two are equal if they mean the same: a heredoc and a string with one text are equal, and so are a label and a string.
/// Numbers keep their text: `1` and `1.0` differ.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Value<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// A number, as it is written.
    Number(&'a str),
    /// The decoded text of a string, heredoc or label.
    String(Cow<'a, str>),
    /// `[]`
    EmptyList,
    /// `name = {}`
    EmptyDictionary,
    /// `name {}`
    EmptyBlock,
}

impl<'a> Value<'a> {
    /// The value of a node that holds no others; anything else counts as an empty one of its kind.
    pub(super) fn of(node: Node<'a>) -> Value<'a> {
        match node.kind() {
            Kind::String | Kind::Heredoc | Kind::Label => {
                Value::String(node.as_str().unwrap_or_default())
            }
            Kind::Number => Value::Number(node.as_number().unwrap_or_default()),
            Kind::Bool => Value::Boolean(node.as_bool() == Some(true)),
            Kind::List => Value::EmptyList,
            Kind::Dictionary => Value::EmptyDictionary,
            Kind::Block | Kind::Document => Value::EmptyBlock,
            Kind::Null | Kind::Attribute | Kind::Entry => Value::Null,
        }
    }

    /// The text, if this is a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// What it is, in one word: `string`, `number`, `boolean`, `null`, `list`, `dictionary` or `block`.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "boolean",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::EmptyList => "list",
            Self::EmptyDictionary => "dictionary",
            Self::EmptyBlock => "block",
        }
    }
}

impl fmt::Display for Value<'_> {
    /// On one line: a string in quotes, with escapes; `[]` for a list, `{}` for a dictionary or block.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Number(text) => f.write_str(text),
            Self::String(text) => write_quoted(f, text),
            Self::EmptyList => f.write_str("[]"),
            Self::EmptyDictionary | Self::EmptyBlock => f.write_str("{}"),
        }
    }
}
