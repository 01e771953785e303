//! Why a text is not OCL, shown with its position.

use std::fmt;

use serde::Serialize;

use super::lexical::{end_of_line, start_of_line};
use super::raw::MAX_BYTES;
use crate::text::{Excerpt, excerpt, visible_line};

/// The number of columns of the source line that are shown around the position.
const SHOWN: usize = 100;

/// What stands in place of a file that is kept elsewhere begins so.
const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";

/// A position in a text, as editors show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct LineColumn {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
}

/// The position of a byte offset; an offset past the end means the end.
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

/// Why a text is not OCL.
///
/// Its `Display` is the message, the position, the source line and a caret. The line is shown with tabs expanded and
/// control characters escaped; a long one is cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError(Box<Inner>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Inner {
    message: String,
    offset: usize,
    position: LineColumn,
    excerpt: Excerpt,
}

impl ParseError {
    pub(super) fn new(text: &[u8], offset: usize, message: String) -> Self {
        let message = if text.starts_with(LFS_POINTER) {
            "this is a pointer of Git LFS, and the text itself lies elsewhere: documents have to be in Git itself".to_owned()
        } else {
            message
        };
        let line_start = start_of_line(text, offset);
        let line_end = end_of_line(text, offset).max(offset);
        let mut line = String::from_utf8_lossy(&text[line_start..offset]).into_owned();
        let place = line.len();
        line.push_str(&String::from_utf8_lossy(&text[offset..line_end]));
        Self(Box::new(Inner {
            message,
            offset,
            position: position(text, offset),
            excerpt: excerpt(&line, place..place, SHOWN),
        }))
    }

    pub(super) fn not_utf8(bytes: &[u8], offset: usize) -> Self {
        let byte = bytes.get(offset).copied().unwrap_or_default();
        let message = match bytes.get(..2) {
            Some([0xff, 0xfe] | [0xfe, 0xff]) if offset == 0 => {
                "this is UTF-16; documents are UTF-8: save the file in that encoding".to_owned()
            }
            _ => format!("byte 0x{byte:02x} is not UTF-8: save the file in that encoding"),
        };
        Self::new(bytes, offset, message)
    }

    /// Doesn't state the length, since the reader may have stopped at the limit.
    pub(super) fn too_large() -> Self {
        let message = format!("the document is longer than {MAX_BYTES} bytes, the maximum");
        Self::new(b"", 0, message)
    }

    /// What was expected, or what is wrong.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The line, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.0.position.line
    }

    /// The column, from 1, in characters.
    #[must_use]
    pub fn column(&self) -> usize {
        self.0.position.column
    }

    /// The byte offset in the text.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.0.offset
    }

    /// Like `Display`, with the file's name before the position.
    #[must_use]
    pub fn render(&self, file: &str) -> String {
        self.layout(&format!("{}:", visible_line(file)))
    }

    fn layout(&self, file: &str) -> String {
        let Inner {
            message,
            position: LineColumn { line, column },
            excerpt,
            ..
        } = &*self.0;
        let number = line.to_string();
        let gutter = " ".repeat(number.len());
        let caret = " ".repeat(excerpt.before);
        let source = &excerpt.line;
        format!(
            "{message}\n{gutter}--> {file}{line}:{column}\n{gutter} |\n{number} | {source}\n{gutter} | {caret}^"
        )
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.layout(""))
    }
}

impl std::error::Error for ParseError {}

/// A piece of the source, quoted for a message.
pub(super) fn quoted(source: &str) -> String {
    match source.char_indices().nth(40) {
        Some((end, _)) => format!("`{}...`", visible_line(&source[..end])),
        None => format!("`{}`", visible_line(source)),
    }
}
