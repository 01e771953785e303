//! Where a place of a lifted document is in the file as it was committed.

use std::ops::Range;
use std::sync::OnceLock;

use crate::catalog::{Problem, SourceFile};
use crate::ocl::{Document, Kind, Node};
use crate::project::Before;
use crate::text::LineStarts;

/// A document's file, and what came of it.
pub(super) struct Texts {
    /// As it was committed.
    pub(super) file: SourceFile,
    starts: OnceLock<LineStarts>,
    /// As it is after its migration; `None` where that is the same.
    lifted: Option<Lifted>,
}

/// A document after its migration, where that changed it.
struct Lifted {
    document: Document,
    starts: OnceLock<LineStarts>,
    /// `None` where it can't be told.
    before: Option<Before>,
}

impl Texts {
    pub(super) fn new(file: SourceFile) -> Texts {
        Texts {
            file,
            starts: OnceLock::new(),
            lifted: None,
        }
    }

    /// The same with the document after the migration, which is another.
    pub(super) fn lifted_to(self, document: Document, before: Option<Before>) -> Texts {
        // Places in another text, as of a document that an import brings, are none in the file.
        let before = before.filter(|before| *before.document().text() == *self.file.text);
        let lifted = Some(Lifted {
            document,
            starts: OnceLock::new(),
            before,
        });
        Texts { lifted, ..self }
    }

    /// The text in which a document is read after its migration, and its lines.
    fn lifted(&self) -> (&str, &LineStarts) {
        match &self.lifted {
            Some(Lifted {
                document, starts, ..
            }) => {
                let text = document.text();
                (text, starts.get_or_init(|| LineStarts::of(text)))
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

    /// A problem at a range of the lifted text, as one of the file. What lies on several lines is shown by its first. What no
    /// line of the file stands for is shown at the nearest block around it that was there, or without a line.
    pub(super) fn problem(&self, span: Range<usize>, message: &str) -> Problem {
        let span = match &self.lifted {
            None => Some(span),
            Some(lifted) => self.place_before(lifted, &span),
        };
        match span {
            Some(span) => Problem::in_lines(&self.file, self.starts(), span, message),
            None => Problem::of_file(&*self.file.path, message),
        }
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
}

/// Places of the lifted text in the file.
impl Texts {
    fn place_before(&self, lifted: &Lifted, span: &Range<usize>) -> Option<Range<usize>> {
        let before = lifted.before.as_ref()?;
        let innermost = lifted.document.innermost(span);
        let mut here = Some(innermost);
        while let Some(node) = here {
            let is_innermost = node.id() == innermost.id();
            let was = before.of_node(node.id());
            match was.map(|was| before.document().node(was)) {
                // What is new at the top has no line.
                Some(was) if was.kind() == Kind::Document => {
                    return is_innermost.then_some(0..was.length());
                }
                Some(was) if is_innermost => return self.within(node, was, span),
                Some(was) => return head(was),
                None => here = node.parent(),
            }
        }
        None
    }

    /// Where a range in a node was when that node was another. Of several lines, as of a script that has another indent now, it is
    /// in the one that says the same.
    fn within(&self, node: Node<'_>, was: Node<'_>, span: &Range<usize>) -> Option<Range<usize>> {
        let (here, there) = (node.span()?, was.span()?);
        if *span == here {
            return Some(there);
        }
        let (text, starts) = self.lifted();
        let line = starts.line_at(span.start);
        let number = line - starts.line_at(here.start);
        let now = part_of_line(text, starts, line, &here);
        let (text_then, starts_then) = (&*self.file.text, self.starts());
        let line_then = starts_then.line_at(there.start) + number;
        let then = part_of_line(text_then, starts_then, line_then, &there);
        if text[now.clone()] != text_then[then.clone()] {
            return head(was);
        }
        let shift = |at: usize| (then.start + at.saturating_sub(now.start)).min(then.end);
        Some(shift(span.start)..shift(span.end))
    }
}

/// What a node has on a line, without the blanks around it.
fn part_of_line(text: &str, starts: &LineStarts, line: usize, node: &Range<usize>) -> Range<usize> {
    let line = starts.bytes(line);
    let start = line.start.clamp(node.start, node.end);
    let part = &text[start..line.end.clamp(start, node.end)];
    let blanks = part.len() - part.trim_start().len();
    start + blanks..start + blanks + part.trim().len()
}

/// What a node begins with.
fn head(node: Node<'_>) -> Option<Range<usize>> {
    let span = node.span()?;
    Some(match node.kind() {
        Kind::Attribute | Kind::Block => span.start..span.start + node.name().len(),
        _ => span,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Texts {
        Texts::new(SourceFile {
            path: "a.ocl".into(),
            text: text.into(),
        })
    }

    fn parse(text: &str) -> Document {
        Document::parse(text, crate::ocl::Dialect::Current).unwrap()
    }

    fn heredoc(document: &Document) -> Node<'_> {
        let mut nodes = document.root().subtree();
        nodes.find(|node| node.kind() == Kind::Heredoc).unwrap()
    }

    /// Time is as the text is long: reading it again for each problem would take minutes for this.
    #[test]
    fn a_problem_on_each_of_many_lines() {
        let count = 100_000;
        let lines = "    a\n".repeat(count);
        let old = format!("s = <<-EOT\n{lines}    EOT\n");
        let new = parse(&format!("x = 1\nt = <<-EOT\n{lines}    EOT\n"));
        let texts = texts(&old);
        for line in 2..=count {
            assert_eq!(texts.problem(texts.line_span(line, "a", 0), "").line, line);
            assert_eq!(texts.problem_at(line, 1, String::new()).line, line);
        }
        let old = parse(&old);
        let texts = texts.lifted_to(new.clone(), None);
        let (now, then) = (heredoc(&new), heredoc(&old));
        for line in 3..=count + 1 {
            let span = texts.line_span(line, "a", 0);
            let was = texts.within(now, then, &span).unwrap();
            assert_eq!(texts.starts().line_at(was.start), line - 2);
        }
    }

    #[test]
    fn a_line_of_a_script_that_has_another_indent() {
        let old = "s = <<-EOT\n        one\n        two x\n        EOT\n";
        let new =
            parse("b {\n    s = <<-EOT\n            one\n            two x\n            EOT\n}\n");
        let texts = texts(old).lifted_to(new.clone(), None);
        let at = new.text().find('x').unwrap();
        let document = parse(old);
        let was = texts.within(heredoc(&new), heredoc(&document), &(at..at + 1));
        assert_eq!(was.unwrap().start, old.find('x').unwrap());
    }
}
