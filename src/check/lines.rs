//! Where a place of a lifted document is in the file as it was committed.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use similar::{DiffOp, TextDiff};

use crate::catalog::{Problem, SourceFile};

/// A document's file, and the text that came of it.
pub(super) struct Texts {
    /// As it was committed.
    pub(super) file: SourceFile,
    /// As it is after its migration; `None` where that is the same.
    lifted: Option<Arc<str>>,
    lines: OnceLock<Vec<Line>>,
}

/// A line of the lifted text, in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Line {
    /// From 0.
    number: usize,
    /// Whether it is the same line there: otherwise it is the one that stands in its place.
    is_same: bool,
}

impl Texts {
    pub(super) fn new(file: SourceFile, lifted: Option<Arc<str>>) -> Texts {
        Texts {
            file,
            lifted,
            lines: OnceLock::new(),
        }
    }

    /// The text in which a document is read after its migration.
    pub(super) fn lifted(&self) -> &str {
        self.lifted.as_deref().unwrap_or(&self.file.text)
    }

    /// A problem at a range of the lifted text, as one of the file. What lies on several lines is shown by its first.
    pub(super) fn problem(&self, span: Range<usize>, message: &str) -> Problem {
        if self.lifted.is_none() {
            return Problem::at(&self.file, span, message);
        }
        let text = self.lifted();
        let before = &text[..text.floor_char_boundary(span.start)];
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = self.line(before.matches('\n').count());
        let mut here = self.file.text.split_inclusive('\n');
        let begin: usize = here.by_ref().take(line.number).map(str::len).sum();
        let source = here.next().unwrap_or_default().trim_end();
        let span = if line.is_same {
            let end =
                (span.end - start).clamp(span.start - start, source.len().max(span.start - start));
            begin + span.start - start..begin + end
        } else {
            let indent = source.len() - source.trim_start().len();
            begin + indent..begin + source.len()
        };
        Problem::at(&self.file, span, message)
    }

    /// The range of a line of the lifted text, without its line end, from 1; of a word in it, if it is there.
    pub(super) fn line_span(&self, number: usize, word: &str) -> Range<usize> {
        let mut lines = self.lifted().split_inclusive('\n');
        let begin: usize = lines
            .by_ref()
            .take(number.saturating_sub(1))
            .map(str::len)
            .sum();
        let line = lines.next().unwrap_or_default().trim_end();
        let within = match line.find(word) {
            Some(at) if !word.is_empty() => at..at + word.len(),
            _ => line.len() - line.trim_start().len()..line.len(),
        };
        begin + within.start..begin + within.end
    }

    fn line(&self, number: usize) -> Line {
        let lines = self
            .lines
            .get_or_init(|| lines(&self.file.text, self.lifted()));
        let past = Line {
            number: self.file.text.lines().count().saturating_sub(1),
            is_same: false,
        };
        lines.get(number).copied().unwrap_or(past)
    }
}

/// Every line of the new text, in the old one.
fn lines(old: &str, new: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    for op in TextDiff::from_lines(old, new).ops() {
        let (old, new) = (op.old_range(), op.new_range());
        let last = old.end.saturating_sub(1).max(old.start);
        lines.extend(new.enumerate().map(|(index, _)| Line {
            number: (old.start + index).min(last),
            is_same: matches!(op, DiffOp::Equal { .. }),
        }));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(old: &str, new: &str) -> Texts {
        let file = SourceFile {
            path: "a.ocl".into(),
            text: old.into(),
        };
        Texts::new(file, Some(new.into()))
    }

    fn place(texts: &Texts, word: &str) -> (usize, usize) {
        let at = texts.lifted().find(word).unwrap();
        let problem = texts.problem(at..at + word.len(), "");
        (problem.line, problem.column)
    }

    #[test]
    fn a_line_that_moved_is_found_where_it_was() {
        let texts = texts("a = 1\nb = 2\n", "z = 0\na = 1\nb = 2\n");
        assert_eq!(place(&texts, "2"), (2, 5));
        assert_eq!(place(&texts, "1"), (1, 5));
    }

    #[test]
    fn a_line_that_is_new_or_changed_is_that_in_its_place() {
        let changed = texts("a = 1\n  b = 2\nc = 3\n", "a = 1\n  bb = 2\nc = 3\n");
        assert_eq!(place(&changed, "2"), (2, 3));
        let grown = texts("a = 1\nb = 2", "a = 1\nx = 5\ny = 6\nb = 2\nq = 7");
        assert_eq!(place(&grown, "x"), (2, 1));
        assert_eq!(place(&grown, "q"), (2, 1));
        let empty = texts("", "x = 5\ny = 6\n");
        assert_eq!(place(&empty, "y"), (1, 1));
    }
}
