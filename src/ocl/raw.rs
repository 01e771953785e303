//! A document: its text and the flat list of its nodes.

use std::fmt;

use super::error::ParseError;
use super::node::{Kind, Node};
use super::parse;

/// The longest text that is read, in bytes. Spans are 32 bits wide.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;

/// How deep blocks, lists and dictionaries may nest.
pub const MAX_DEPTH: usize = 128;

/// How the value of a `<<-` heredoc is read (section 4 of the design).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// Up to schema version 5: the lines lose the least indent of the lines alone.
    Legacy,
    /// From schema version 6 on: the end tag's indent counts too.
    #[default]
    Current,
}

/// A place in a text, as editors show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineColumn {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
}

/// Names a node of one document. An edit may give the numbers to other nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(super) u32);

/// One node, as stored. Nodes lie in document order: a node, its labels, then its children or its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Raw {
    pub(super) kind: Kind,
    /// Byte span of the node in the text.
    pub(super) start: u32,
    pub(super) end: u32,
    /// Index of the parent; the root is its own.
    pub(super) parent: u32,
    /// How many nodes the subtree has, this one included.
    pub(super) size: u32,
    /// Length in bytes of the part the node begins with: the name of a block, attribute or entry (quotes included), the
    /// opening line of a heredoc (line end included). For a string or label, 1 if it holds escapes.
    pub(super) head: u32,
}

/// An OCL document: a text that is known to be well-formed, and where everything is in it.
///
/// Its `Display` is the text, byte for byte.
#[derive(Debug, Clone)]
pub struct Document {
    pub(super) text: String,
    pub(super) nodes: Vec<Raw>,
    pub(super) dialect: Dialect,
}

impl Document {
    /// Reads a text. An empty one is an empty document; a byte order mark is accepted and kept.
    ///
    /// # Errors
    /// The first thing that is not OCL, with its place.
    pub fn parse(text: impl Into<String>, dialect: Dialect) -> Result<Self, ParseError> {
        let text = text.into();
        let nodes = parse::document(&text)?;
        Ok(Self {
            text,
            nodes,
            dialect,
        })
    }

    /// Reads bytes, as Git or a file system gives them.
    ///
    /// # Errors
    /// The first byte that is not UTF-8, else as [`Document::parse`].
    pub fn from_bytes(bytes: Vec<u8>, dialect: Dialect) -> Result<Self, ParseError> {
        match String::from_utf8(bytes) {
            Ok(text) => Self::parse(text, dialect),
            Err(error) => Err(ParseError::not_utf8(
                error.as_bytes(),
                error.utf8_error().valid_up_to(),
            )),
        }
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How `<<-` heredocs are read.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The same text, read in another dialect. The values of `<<-` heredocs may differ.
    #[must_use]
    pub fn with_dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = dialect;
        self
    }

    /// The node that holds all others.
    #[must_use]
    pub fn root(&self) -> Node<'_> {
        Node::new(self, 0)
    }

    /// The node of that id.
    ///
    /// # Panics
    /// If the id was taken from a document with more nodes.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Node<'_> {
        assert!(
            (id.0 as usize) < self.nodes.len(),
            "the id is from another document"
        );
        Node::new(self, id.0)
    }

    /// All nodes in document order, the root first.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = Node<'_>> + DoubleEndedIterator {
        (0..self.nodes.len()).map(|index| Node::new(self, index as u32))
    }

    /// What is wrong at a byte offset of a text that is OCL, shown as what is not OCL is.
    pub(crate) fn problem_at(&self, offset: usize, message: String) -> ParseError {
        ParseError::new(self.text.as_bytes(), offset, message)
    }

    /// The place of a byte offset. An offset past the end means the end.
    #[must_use]
    pub fn position(&self, offset: usize) -> LineColumn {
        position(self.text.as_bytes(), offset)
    }
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

pub(super) fn position(text: &[u8], offset: usize) -> LineColumn {
    let before = &text[..offset.min(text.len())];
    let line_start = memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
    LineColumn {
        line: memchr::memchr_iter(b'\n', before).count() + 1,
        column: String::from_utf8_lossy(&before[line_start..])
            .chars()
            .count()
            + 1,
    }
}
