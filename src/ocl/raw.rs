//! The stored form of a node, and limits for every document.

/// The maximum length of a document, in bytes. Spans are 32 bits wide.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;

/// The maximum nesting depth of blocks, lists and dictionaries.
pub const MAX_DEPTH: usize = 128;

/// A byte order mark at the start of a text is kept, but isn't part of the first name.
pub(super) const BYTE_ORDER_MARK: &str = "\u{feff}";

/// How the value of a `<<-` heredoc is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// Up to schema version 5: the lines lose the least indent of the lines alone.
    Legacy,
    /// From schema version 6 on: the end tag's indent counts too.
    #[default]
    Current,
}

/// The id of a node in one document, or in one [`Editor`](super::Editor) no matter what is edited there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(super) u32);

impl NodeId {
    /// The node of another document that is at the same place in a node `there` as this one is in `here`. Both must have one
    /// source.
    pub(crate) fn moved(self, here: NodeId, there: NodeId) -> NodeId {
        NodeId(self.0 - here.0 + there.0)
    }
}

/// The kind of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// The root.
    Document,
    /// `type "label" { ... }`
    Block,
    /// A label of a block.
    Label,
    /// `name = value` in a document or block.
    Attribute,
    /// `key = value` in a dictionary.
    Entry,
    /// `{ ... }` as a value.
    Dictionary,
    /// `[ ... ]`
    List,
    /// A quoted string.
    String,
    /// `<<TAG` or `<<-TAG`: a string over several lines.
    Heredoc,
    /// A number.
    Number,
    /// `true` or `false`.
    Bool,
    /// `null`
    Null,
}

impl Kind {
    /// The kind with its article, for messages.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::Document => "a document",
            Self::Block => "a block",
            Self::Label => "a label",
            Self::Attribute => "an attribute",
            Self::Entry => "an entry",
            Self::Dictionary => "a dictionary",
            Self::List => "a list",
            Self::String => "a string",
            Self::Heredoc => "a heredoc",
            Self::Number => "a number",
            Self::Bool => "a boolean",
            Self::Null => "null",
        }
    }

    /// Whether a node of this kind has a name: a type, a name or a key.
    pub(super) fn is_named(self) -> bool {
        matches!(self, Self::Block | Self::Attribute | Self::Entry)
    }

    /// Whether it is an attribute or entry: a name with a value.
    pub(super) fn is_member(self) -> bool {
        matches!(self, Self::Attribute | Self::Entry)
    }

    /// Whether it can have members.
    pub(super) fn is_holder(self) -> bool {
        matches!(self, Self::Document | Self::Block | Self::Dictionary)
    }

    /// Whether it can be a value.
    pub(super) fn is_value(self) -> bool {
        matches!(self, Self::Dictionary | Self::List) || self.is_scalar()
    }

    /// Whether it is a value that contains no others.
    pub(super) fn is_scalar(self) -> bool {
        matches!(
            self,
            Self::String | Self::Heredoc | Self::Number | Self::Bool | Self::Null
        )
    }
}

/// One node, as stored. The nodes of a text are in document order: a node, its labels, then its children or its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Raw {
    pub(super) kind: Kind,
    /// Byte span of the node in the text.
    pub(super) start: u32,
    pub(super) end: u32,
    /// Index of the parent; the root is its own.
    pub(super) parent: u32,
    /// The number of nodes in the subtree, including this one.
    pub(super) size: u32,
    /// The length in bytes of the first part of the node: the name of a block, attribute or entry (with quotes), or the
    /// opening line of a heredoc (with its line end). For a string or label, 1 if it has escapes.
    pub(super) head: u32,
}
