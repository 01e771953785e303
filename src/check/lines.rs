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
            Some(lifted) => lifted.place_before(&span),
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

impl Lifted {
    /// Where a range of the lifted text was in the file.
    fn place_before(&self, span: &Range<usize>) -> Option<Range<usize>> {
        let before = self.before.as_ref()?;
        let innermost = self.document.innermost(span);
        let mut here = Some(innermost);
        while let Some(node) = here {
            let is_innermost = node.id() == innermost.id();
            let was = before.of_node(node.id());
            match was.map(|was| before.document().node(was)) {
                // What is new at the top has no line.
                Some(was) if was.kind() == Kind::Document => {
                    return is_innermost.then_some(0..was.length());
                }
                Some(was) if is_innermost => return within(node, was, span),
                Some(was) => return head(was),
                None => here = node.parent(),
            }
        }
        None
    }
}

/// Where a range in a node was when that node was another.
fn within(node: Node<'_>, was: Node<'_>, span: &Range<usize>) -> Option<Range<usize>> {
    let (here, there) = (node.span()?, was.span()?);
    let (now, then) = (node.source(), was.source());
    let (from, to) = (
        span.start.saturating_sub(here.start),
        span.end.saturating_sub(here.start),
    );
    if now == then {
        return Some(there.start + from..there.start + to);
    }
    if from == 0 {
        return if *span == here {
            Some(there)
        } else {
            head(was)
        };
    }
    // Of several lines, as of a script that has another indent now, it is the one that says the same.
    let number = now[..from].matches('\n').count();
    let line_start = now[..from].rfind('\n').map_or(0, |end| end + 1);
    let line = now[line_start..].lines().next().unwrap_or_default();
    let (mut start, mut lines) = (0, then.split_inclusive('\n'));
    start += lines.by_ref().take(number).map(str::len).sum::<usize>();
    let old = lines.next().unwrap_or_default().trim_end();
    if number == 0 || old.trim() != line.trim() {
        return head(was);
    }
    let indent = |line: &str| line.len() - line.trim_start().len();
    let shift = |at: usize| {
        let at = at.saturating_sub(line_start + indent(line));
        (start + indent(old) + at).min(start + old.len())
    };
    Some(there.start + shift(from)..there.start + shift(to))
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

    /// Time is as the text is long: reading it again for each problem would take minutes for this.
    #[test]
    fn a_problem_on_each_of_many_lines() {
        let count = 100_000;
        let text: String = (0..count)
            .map(|number| format!("a{number} = 1\n"))
            .collect();
        let texts = texts(&text);
        for line in 1..=count {
            let span = texts.line_span(line, "a", 0);
            assert_eq!(texts.problem(span, "").line, line);
            assert_eq!(texts.problem_at(line, 1, String::new()).line, line);
        }
    }

    #[test]
    fn a_line_of_a_script_that_has_another_indent() {
        let parse = |text: &str| Document::parse(text, crate::ocl::Dialect::Current).unwrap();
        let old = parse("s = <<-EOT\n        one\n        two x\n        EOT\n");
        let new =
            parse("b {\n    s = <<-EOT\n            one\n            two x\n            EOT\n}\n");
        let find = |document: &'static Document| {
            let mut nodes = document.root().subtree();
            nodes.find(|node| node.kind() == Kind::Heredoc).unwrap()
        };
        let (old, new): (&'static _, &'static _) =
            (Box::leak(Box::new(old)), Box::leak(Box::new(new)));
        let at = new.text().find('x').unwrap();
        let was = within(find(new), find(old), &(at..at + 1)).unwrap();
        assert_eq!(was.start, old.text().find('x').unwrap());
    }
}
