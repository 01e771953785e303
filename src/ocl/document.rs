//! A document: a text that is known to be OCL.

use std::fmt;

use super::error::{LineColumn, ParseError, position};
use super::parse;
use super::raw::Dialect;
use super::tree::Tree;

/// An OCL document: a text that is known to be well-formed, with the spans of its nodes.
///
/// Its `Display` is the text, byte for byte.
#[derive(Debug, Clone)]
pub struct Document {
    /// A tree without edits.
    pub(super) tree: Tree,
}

impl Document {
    /// Parses a text. An empty text is an empty document; a byte order mark is accepted and kept.
    ///
    /// # Errors
    /// The first syntax error, with its position.
    pub fn parse(text: impl Into<String>, dialect: Dialect) -> Result<Self, ParseError> {
        let text = text.into();
        let nodes = parse::document(&text)?;
        Ok(Self {
            tree: Tree::new(text, nodes, dialect),
        })
    }

    /// Parses bytes as [`Document::from_bytes`] does, with less work the more they have in common with a document that is known.
    pub(crate) fn from_bytes_like(
        bytes: Vec<u8>,
        dialect: Dialect,
        known: &Document,
    ) -> Result<Self, ParseError> {
        let text = String::from_utf8(bytes).map_err(|error| {
            ParseError::not_utf8(error.as_bytes(), error.utf8_error().valid_up_to())
        })?;
        let nodes = parse::like::document_like(&text, known.text(), known.tree.parsed_nodes())?;
        Ok(Self {
            tree: Tree::new(text, nodes, dialect),
        })
    }

    /// Parses bytes from Git or a file system.
    ///
    /// # Errors
    /// The first byte that is not UTF-8, otherwise as for [`Document::parse`].
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
        self.tree.parsed_text()
    }

    /// How `<<-` heredocs are read.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.tree.dialect()
    }

    /// The same text, read in another dialect. The values of `<<-` heredocs may differ; see [`Document::convert`].
    #[must_use]
    pub fn with_dialect(mut self, dialect: Dialect) -> Self {
        self.tree.set_dialect(dialect);
        self
    }

    /// The line and column of a byte offset. An offset past the end means the end.
    #[must_use]
    pub fn position(&self, offset: usize) -> LineColumn {
        position(self.text().as_bytes(), offset)
    }
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}
