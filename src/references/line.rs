//! Lines of names.

use crate::ocl::{Kind, Node};

/// Counts the lines of a text, from the place it was asked for last.
pub(super) struct Lines<'a> {
    text: &'a [u8],
    offset: usize,
    line: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Lines<'a> {
        Lines {
            text: text.as_bytes(),
            offset: 0,
            line: 1,
        }
    }

    /// The line of a node, from 1.
    pub(super) fn of(&mut self, node: Node<'_>) -> usize {
        let offset = node.span().map_or(0, |span| span.start);
        let passed = offset.min(self.offset)..offset.max(self.offset);
        let passed = self.text.get(passed).unwrap_or_default();
        let lines = memchr::memchr_iter(b'\n', passed).count();
        if offset < self.offset {
            self.line -= lines;
        } else {
            self.line += lines;
        }
        self.offset = offset;
        self.line
    }
}

/// How many lines below the start of a string's node a place in its decoded text stands.
pub(super) fn lines_below(node: Node<'_>, text: &str, place: usize) -> usize {
    if node.kind() != Kind::Heredoc {
        return 0;
    }
    // The text begins on the line after that of its marker.
    let before = text.as_bytes().get(..place).unwrap_or_default();
    1 + memchr::memchr_iter(b'\n', before).count()
}
