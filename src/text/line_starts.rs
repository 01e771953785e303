//! Where the lines of a text begin.

use std::ops::Range;

/// Where each line of a text begins: the line of a place is found without reading the text again.
#[derive(Debug, Clone)]
pub struct LineStarts {
    starts: Vec<usize>,
    length: usize,
}

impl LineStarts {
    /// Reads the text once.
    pub fn of(text: &str) -> LineStarts {
        let after = text.match_indices('\n').map(|(at, _)| at + 1);
        LineStarts {
            starts: std::iter::once(0).chain(after).collect(),
            length: text.len(),
        }
    }

    /// The line on which a byte stands, from 0.
    pub fn line_at(&self, byte: usize) -> usize {
        self.starts.partition_point(|start| *start <= byte) - 1
    }

    /// The bytes of a line, from 0, with its line end. Behind the last line there is nothing.
    pub fn bytes(&self, line: usize) -> Range<usize> {
        let start = |line| self.starts.get(line).copied().unwrap_or(self.length);
        start(line)..start(line + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_bytes() {
        let lines = LineStarts::of("a\n\nbc");
        let at: Vec<usize> = (0..6).map(|byte| lines.line_at(byte)).collect();
        assert_eq!(at, [0, 0, 1, 2, 2, 2]);
        let bytes: Vec<_> = (0..4).map(|line| lines.bytes(line)).collect();
        assert_eq!(bytes, [0..2, 2..3, 3..5, 5..5]);
        assert_eq!(LineStarts::of("").bytes(0), 0..0);
    }
}
