//! Where a place of a lifted document is in the file as it was committed.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use similar::{DiffOp, TextDiff};

use crate::catalog::{Problem, SourceFile};
use crate::text::LineStarts;

/// A document's file, and the text that came of it.
pub(super) struct Texts {
    /// As it was committed.
    pub(super) file: SourceFile,
    starts: OnceLock<LineStarts>,
    /// As it is after its migration; `None` where that is the same.
    lifted: Option<Lifted>,
}

/// A document's text after its migration, where that is another.
struct Lifted {
    text: Arc<str>,
    starts: OnceLock<LineStarts>,
    /// Its lines, in the file.
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
    pub(super) fn new(file: SourceFile) -> Texts {
        Texts {
            file,
            starts: OnceLock::new(),
            lifted: None,
        }
    }

    /// The same with the text after the migration, where that is another.
    pub(super) fn lifted_to(self, text: &str) -> Texts {
        let lifted = (*text != *self.file.text).then(|| Lifted {
            text: text.into(),
            starts: OnceLock::new(),
            lines: OnceLock::new(),
        });
        Texts { lifted, ..self }
    }

    /// The text in which a document is read after its migration, and its lines.
    fn lifted(&self) -> (&str, &LineStarts) {
        match &self.lifted {
            Some(Lifted { text, starts, .. }) => {
                (&**text, starts.get_or_init(|| LineStarts::of(text)))
            }
            None => (&*self.file.text, self.starts()),
        }
    }

    fn starts(&self) -> &LineStarts {
        self.starts.get_or_init(|| LineStarts::of(&self.file.text))
    }

    /// A problem at a line and a column of the file, in characters and both from 1.
    pub(super) fn problem_at(&self, line: usize, column: usize, message: String) -> Problem {
        let bytes = self.starts().bytes(line.saturating_sub(1));
        let before = self.file.text[bytes.clone()].chars();
        let before = before.take(column.saturating_sub(1)).map(char::len_utf8);
        let at = bytes.start + before.sum::<usize>();
        Problem::in_lines(&self.file, self.starts(), at..at + 1, message)
    }

    /// A problem at a range of the lifted text, as one of the file. What lies on several lines is shown by its first.
    pub(super) fn problem(&self, span: Range<usize>, message: &str) -> Problem {
        if self.lifted.is_none() {
            return Problem::in_lines(&self.file, self.starts(), span, message);
        }
        let (text, starts) = self.lifted();
        let number = starts.line_at(text.floor_char_boundary(span.start));
        let start = starts.bytes(number).start;
        let line = self.line(number);
        let here = self.starts().bytes(line.number);
        let begin = here.start;
        let source = self.file.text[here].trim_end();
        let span = if line.is_same {
            let end =
                (span.end - start).clamp(span.start - start, source.len().max(span.start - start));
            begin + span.start - start..begin + end
        } else {
            let indent = source.len() - source.trim_start().len();
            begin + indent..begin + source.len()
        };
        Problem::in_lines(&self.file, self.starts(), span, message)
    }

    /// The range of a line of the lifted text, without its line end, from 1; of a word in it, if it is there: the first from a place
    /// in the text on, if that is in the line and any follows.
    pub(super) fn line_span(&self, number: usize, word: &str, from: usize) -> Range<usize> {
        let (text, starts) = self.lifted();
        let bytes = starts.bytes(number.saturating_sub(1));
        let begin = bytes.start;
        let line = text[bytes].trim_end();
        let from = from.checked_sub(begin).filter(|from| *from < line.len());
        let from = line.floor_char_boundary(from.unwrap_or(0));
        let found = line[from..].find(word).map(|at| from + at);
        let within = match found.or_else(|| line.find(word)) {
            Some(at) if !word.is_empty() => at..at + word.len(),
            _ => line.len() - line.trim_start().len()..line.len(),
        };
        begin + within.start..begin + within.end
    }

    fn line(&self, number: usize) -> Line {
        let lines = self.lifted.as_ref().and_then(|lifted| {
            let lines = lifted
                .lines
                .get_or_init(|| lines(&self.file.text, &lifted.text));
            lines.get(number).copied()
        });
        lines.unwrap_or_else(|| Line {
            number: self.file.text.lines().count().saturating_sub(1),
            is_same: false,
        })
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
        Texts::new(file).lifted_to(new)
    }

    fn place(texts: &Texts, word: &str) -> (usize, usize) {
        let at = texts.lifted().0.find(word).unwrap();
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

    /// Time is as the text is long: reading it again for each problem would take minutes for this.
    #[test]
    fn a_problem_on_each_of_many_lines() {
        let count = 100_000;
        let text = "a = 1\n".repeat(count);
        let lifted = format!("b = 1\n{text}");
        for texts in [texts(&text, &text), texts(&text, &lifted)] {
            for line in 1..=count {
                let span = texts.line_span(line, "a", 0);
                let problem = texts.problem(span, "");
                assert!(problem.line <= count);
                assert_eq!(texts.problem_at(line, 1, String::new()).line, line);
            }
        }
    }
}
