//! Parses a text that is much like one that was parsed: the versions of a file follow each other by small changes.

use super::{Parser, mark_end};
use crate::ocl::differing::differing;
use crate::ocl::error::ParseError;
use crate::ocl::raw::{MAX_BYTES, Raw};

/// Parses a whole document, given another text and its nodes. What both texts begin and end with isn't parsed again.
///
/// At the top of a document the parser knows nothing but its place, and looks no further than to the end of a line. So elements
/// that end in a line before the first difference are the same; and once it comes to a place behind the last difference where an
/// element of the other text begins, all that follows is.
pub(in crate::ocl) fn document_like(
    text: &str,
    known: &str,
    nodes: &[Raw],
) -> Result<Vec<Raw>, ParseError> {
    if text.len() > MAX_BYTES {
        return Err(ParseError::too_large());
    }
    let (in_known, in_text) = differing(known.as_bytes(), text.as_bytes());
    let same = &text.as_bytes()[..in_text.start];
    let last_line = same.iter().rposition(|byte| *byte == b'\n').unwrap_or(0);
    let mut kept = 1;
    let mut last_end = None;
    while let Some(element) = nodes.get(kept)
        && element.end as usize <= last_line
    {
        last_end = Some(element.end as usize);
        kept += element.size as usize;
    }
    let mut parser = Parser {
        text,
        bytes: text.as_bytes(),
        at: last_end.unwrap_or_else(|| mark_end(text)),
        nodes: Vec::with_capacity(nodes.len() + 8),
        depth: 0,
    };
    parser.nodes.extend_from_slice(&nodes[..kept]);
    // Elements of the other text, from the first one that isn't kept on.
    let mut next = kept;
    loop {
        parser.skip_comments();
        if parser.peek().is_none() {
            break;
        }
        let place = |element: &Raw| {
            let start = element.start as usize;
            (start >= in_known.end).then(|| text.len() - (known.len() - start))
        };
        while let Some(element) = nodes.get(next)
            && place(element).is_none_or(|place| place < parser.at)
        {
            next += element.size as usize;
        }
        let meets = nodes.get(next).and_then(place) == Some(parser.at);
        if meets && parser.is_on_another_line(last_end) {
            parser.append(&nodes[next..], next);
            break;
        }
        parser.expect_line_end(last_end)?;
        parser.element(0)?;
        last_end = Some(parser.at);
    }
    parser.close(0, text.len());
    Ok(parser.nodes)
}

impl Parser<'_> {
    /// Takes over what follows from here on in another document, where the first of the nodes had this index.
    fn append(&mut self, nodes: &[Raw], first: usize) {
        let (index, start) = (self.nodes.len() as u32, self.at as u32);
        let (first, first_start) = (first as u32, nodes[0].start);
        self.nodes.extend(nodes.iter().map(|raw| Raw {
            start: raw.start - first_start + start,
            end: raw.end - first_start + start,
            parent: match raw.parent {
                0 => 0,
                parent => parent - first + index,
            },
            ..*raw
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::super::document;
    use super::*;
    use crate::ocl::raw::Kind;

    /// Whatever becomes of a text, parsing it near any other gives what parsing it alone does.
    #[test]
    fn it_gives_what_parsing_alone_does() {
        let texts = [
            "",
            "\u{feff}",
            "a = 1\n",
            "\u{feff}a = 1\n",
            "a = 1 b = 2\nc = 3\n",
            "a = 12 b = 2\nc = 3\n",
            "a = 1\nb \"x\" {\n    c = 2\n}\n\nd = [1, 2]\n",
            "a = 1\nb \"x\" {\n    c = 2\n\n\nd = [1, 2]\n",
            "a = 1\nb \"x\" {\n    c = \"\u{e4}\"\n}\n\nd = [1, 2]\n",
            "# a\na = <<-EOT\n    x\n    EOT\nb = <<EOT\n}\nEOT\nc = 1\n",
            "# a\na = <<-EOT\n    x\n    EOT \nb = <<EOT\n}\nEOT\nc = 1\n",
            "# a\r\na = <<-EOT\r\n    x\r\n    EOT\r\nb {}\r\nc = 1\r\n",
            "/* a\n*/ a = 1 /* b\n b = 2\n*/ c = 3\nd = 4\n",
            "/* a\n*/ a = 1\n b = 2\n*/ c = 3\nd = 4\n",
            "<<<<<<< HEAD\na = 1\n=======\na = 2\n>>>>>>> x\n",
            "a = {\n    b = 1\n}\nc = 2",
            "a = {\n    b = 1\n}\nc = 2\n}",
        ];
        let pieces = [
            "", "\n", "x", "}", "{", "\"", " = 1", "# ", "b {}\n", "\r", "EOT",
        ];
        let parsed = |text: &str| document(text).map_err(|error| error.to_string());
        let mut compared = 0;
        for known in texts {
            let Ok(nodes) = document(known) else {
                continue;
            };
            let mut check = |text: &str| {
                let like = document_like(text, known, &nodes);
                let like = like.map_err(|error| error.to_string());
                assert_eq!(like, parsed(text), "{text:?} like {known:?}");
                compared += 1;
            };
            texts.iter().for_each(|text| check(text));
            let places = (0..=known.len()).filter(|at| known.is_char_boundary(*at));
            for (from, piece) in places.flat_map(|at| pieces.map(|piece| (at, piece))) {
                for length in 0..4 {
                    if let (Some(before), Some(after)) =
                        (known.get(..from), known.get(from + length..))
                    {
                        check(&format!("{before}{piece}{after}"));
                    }
                }
            }
        }
        assert!(compared > 10_000, "{compared}");
    }

    #[test]
    fn little_is_parsed_again() {
        let text = |value: usize| {
            let block = |index: usize| format!("b \"{index}\" {{\n    c = {index}\n}}\n\n");
            let blocks = (0..100).map(|index| block(if index == 50 { value } else { index }));
            blocks.collect::<String>()
        };
        let (known, text) = (text(50), text(999));
        let nodes = document(&known).expect("it is well-formed");
        let like = document_like(&text, &known, &nodes).expect("it is well-formed");
        assert_eq!(like, document(&text).expect("it is well-formed"));
        assert_eq!(like.len(), nodes.len());
        assert_eq!(like.last().map(|raw| raw.kind), Some(Kind::Number));
    }
}
