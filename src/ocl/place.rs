//! Where the decoded text of a string stands in the source.

use std::ops::Range;

use super::heredoc::Heredoc;
use super::node::Node;
use super::raw::Kind;
use super::text::encode;

/// From places in the decoded text of a string, heredoc or label to places in the parsed text.
#[derive(Debug)]
pub(crate) struct Places {
    /// In order. Within a run that isn't an escape, both texts are the same, byte by byte.
    runs: Vec<Run>,
    is_quoted: bool,
}

#[derive(Debug)]
struct Run {
    decoded: Range<usize>,
    source: Range<usize>,
}

impl Node<'_> {
    /// `None` for what is no string, heredoc or label, or not as it was parsed.
    pub(crate) fn places(&self) -> Option<Places> {
        let span = self.span()?;
        let mut runs = Vec::new();
        let is_quoted = match self.kind() {
            Kind::String | Kind::Label => {
                let source = self.literal();
                push_quoted(&source[1..source.len() - 1], span.start + 1, &mut runs);
                true
            }
            Kind::Heredoc => {
                push_lines(&self.heredoc()?, self, span.start, &mut runs);
                false
            }
            _ => return None,
        };
        Some(Places { runs, is_quoted })
    }
}

impl Places {
    /// The place in the parsed text; `None` for one beyond the end, or with a line end in it.
    pub(crate) fn of(&self, place: &Range<usize>) -> Option<Range<usize>> {
        let at = |offset: usize| {
            let run = self.runs.partition_point(|run| run.decoded.end <= offset);
            self.runs.get(run).filter(|run| run.decoded.start <= offset)
        };
        let (first, last) = (at(place.start)?, at(place.end.checked_sub(1)?)?);
        let start = first.source.start + (place.start - first.decoded.start);
        let end = last.source.end - (last.decoded.end - place.end);
        // A heredoc's lines aren't next to each other in the source.
        let is_one_line = self.is_quoted || first.decoded == last.decoded;
        is_one_line.then_some(start..end)
    }

    /// A text without line ends as it is written there.
    pub(crate) fn written(&self, text: &str) -> String {
        if !self.is_quoted {
            return text.to_owned();
        }
        let mut quoted = String::with_capacity(text.len() + 2);
        encode(text, &mut quoted);
        quoted[1..quoted.len() - 1].to_owned()
    }
}

fn push_quoted(inner: &str, start: usize, runs: &mut Vec<Run>) {
    let (mut at, mut decoded) = (0, 0);
    let mut push = |from: usize, to: usize, length: usize| {
        runs.push(Run {
            decoded: decoded..decoded + length,
            source: start + from..start + to,
        });
        decoded += length;
    };
    for escape in escapes(inner.as_bytes()) {
        if escape > at {
            push(at, escape, escape - at);
        }
        push(escape, escape + 2, 1);
        at = escape + 2;
    }
    if inner.len() > at {
        push(at, inner.len(), inner.len() - at);
    }
}

/// Where the escapes of a well-formed string begin.
fn escapes(inner: &[u8]) -> impl Iterator<Item = usize> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let escape = at + memchr::memchr(b'\\', &inner[at..])?;
        at = escape + 2;
        Some(escape)
    })
}

fn push_lines(heredoc: &Heredoc<'_>, node: &Node<'_>, start: usize, runs: &mut Vec<Run>) {
    let body = start + node.head().len();
    let value = heredoc.value(node.dialect());
    let unindent = heredoc.unindent(node.dialect());
    let separator = if value.contains("\r\n") { 2 } else { 1 };
    let (mut line_start, mut decoded) = (body, 0);
    for line in heredoc.body.split_inclusive('\n') {
        let text = line.trim_end_matches('\n').trim_end_matches('\r');
        let cut = text.char_indices().nth(unindent);
        let cut = cut.map_or(text.len(), |(at, _)| at);
        let length = text.len() - cut;
        runs.push(Run {
            decoded: decoded..decoded + length,
            source: line_start + cut..line_start + text.len(),
        });
        decoded += length + separator;
        line_start += line.len();
    }
}

#[cfg(test)]
mod tests {
    use crate::ocl::{Dialect, Document};

    /// Every character of every string, by its place in the decoded text.
    fn check(text: &str) {
        let mut seen = 0;
        for dialect in [Dialect::Legacy, Dialect::Current] {
            let document = Document::parse(text, dialect).unwrap();
            for node in document.root().subtree() {
                let Some(value) = node.as_str() else {
                    continue;
                };
                let places = node.places().unwrap();
                for (at, c) in value.char_indices() {
                    let place = at..at + c.len_utf8();
                    match places.of(&place) {
                        Some(source) => {
                            assert_eq!(&text[source], places.written(&c.to_string()), "{value:?}");
                            seen += 1;
                        }
                        None => assert!(matches!(c, '\r' | '\n'), "{value:?} at {at}"),
                    }
                }
                assert_eq!(places.of(&(0..value.len() + 1)), None);
                if !value.contains('\n') && !value.is_empty() {
                    let whole = places.of(&(0..value.len())).unwrap();
                    assert_eq!(&text[whole], places.written(&value));
                }
            }
        }
        assert!(seen > 10, "{text:?}");
    }

    #[test]
    fn every_character_is_found_in_the_source() {
        check("a = \"b\\\"cé\\\\\\\\d\\t\"\nb \"x\\\"\" \"plain\" {}\n");
        check("a = <<-EOT\n        b é\n\n          c\n   \n        EOT\n");
        check("a = <<-EOT\n        one\n          two\n    EOT\nb = <<EOT\n  x\n y\nEOT\n");
        check("a = <<-EOT\r\n    b\r\n\r\n    c\u{a0}\r\n    EOT\r\nb = \"some text\"\r\n");
        check("a = <<-EOT\r\n    b\n    cdefghij\n    EOT\r\n");
    }
}
