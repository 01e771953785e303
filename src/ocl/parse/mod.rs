//! Parses text to nodes in one pass, without decoding and without allocations except for the list itself.

pub(super) mod like;
mod values;

use super::error::{ParseError, quoted};
use super::lexical::{
    char_at, end_of_line, is_comment, line_end, skip_blanks, skip_name, skip_trivia,
    skip_white_space,
};
use super::raw::{BYTE_ORDER_MARK, Kind, MAX_BYTES, MAX_DEPTH, Raw};

/// Parses a whole document.
pub(super) fn document(text: &str) -> Result<Vec<Raw>, ParseError> {
    if text.len() > MAX_BYTES {
        return Err(ParseError::too_large());
    }
    let mut parser = Parser {
        text,
        bytes: text.as_bytes(),
        at: 0,
        // Real documents have a node for every 30 to 200 bytes.
        nodes: Vec::with_capacity(text.len() / 64 + 8),
        depth: 0,
    };
    let root = parser.open(Kind::Document, 0, 0);
    parser.at = mark_end(text);
    parser.elements(root, None)?;
    parser.close(root, text.len());
    Ok(parser.nodes)
}

/// Where a text begins, behind a byte order mark.
fn mark_end(text: &str) -> usize {
    if text.starts_with(BYTE_ORDER_MARK) {
        BYTE_ORDER_MARK.len()
    } else {
        0
    }
}

/// The kind of a part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// An attribute or a block.
    Element,
    /// An entry of a dictionary.
    Entry,
    /// The value of an attribute or entry, or an item of a list.
    Value,
    /// A label of a block.
    Label,
}

/// Parses the part that starts at `at`, `depth` levels deep. The parents of its nodes are relative to the first,
/// and that of the first is 0.
pub(super) fn part(
    text: &str,
    at: usize,
    part: Part,
    depth: usize,
) -> Result<Vec<Raw>, ParseError> {
    let mut parser = Parser {
        text,
        bytes: text.as_bytes(),
        at,
        nodes: Vec::new(),
        depth,
    };
    match part {
        Part::Element => parser.element(0)?,
        Part::Entry => parser.entry(0)?,
        Part::Value => parser.value(0)?,
        Part::Label => parser.string(Kind::Label, 0)?,
    }
    Ok(parser.nodes)
}

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    nodes: Vec<Raw>,
    depth: usize,
}

type Parsed = Result<(), ParseError>;

impl Parser<'_> {
    fn open(&mut self, kind: Kind, parent: u32, start: usize) -> u32 {
        self.leaf(kind, parent, start, start, 0)
    }

    fn close(&mut self, index: u32, end: usize) {
        let size = self.nodes.len() as u32 - index;
        let node = &mut self.nodes[index as usize];
        node.end = end as u32;
        node.size = size;
    }

    fn leaf(&mut self, kind: Kind, parent: u32, start: usize, end: usize, head: usize) -> u32 {
        let index = self.nodes.len() as u32;
        self.nodes.push(Raw {
            kind,
            start: start as u32,
            end: end as u32,
            parent,
            size: 1,
            head: head as u32,
        });
        index
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn error(&self, at: usize, message: impl Into<String>) -> ParseError {
        ParseError::new(self.text.as_bytes(), at, message.into())
    }

    /// An error that states what was expected here and what was found.
    fn expected(&self, what: &str) -> ParseError {
        let found = match char_at(self.text, self.at) {
            None => "the end of the file".to_owned(),
            Some('\r') if self.bytes.get(self.at + 1) != Some(&b'\n') => {
                "a carriage return (CR) alone, which ends no line: save the file with LF".to_owned()
            }
            Some('\r' | '\n') => "the end of the line".to_owned(),
            Some(_) => {
                let word = skip_name(self.text, self.at);
                if word > self.at {
                    quoted(&self.text[self.at..word])
                } else {
                    let length = char_at(self.text, self.at).map_or(0, char::len_utf8);
                    quoted(&self.text[self.at..self.at + length])
                }
            }
        };
        self.error(self.at, format!("expected {what}, found {found}"))
    }

    /// Parses the attributes and blocks of a document or block, up to the end or the closing brace. Several may share a
    /// line.
    fn elements(&mut self, parent: u32, opened: Option<usize>) -> Parsed {
        let mut last_end = None;
        loop {
            self.skip_comments();
            match self.peek() {
                None => {
                    return match opened {
                        None => Ok(()),
                        Some(start) => Err(self.unclosed(start, '}')),
                    };
                }
                Some(b'}') if opened.is_some() => {
                    self.at += 1;
                    return Ok(());
                }
                Some(_) => {}
            }
            self.expect_line_end(last_end)?;
            self.element(parent)?;
            last_end = Some(self.at);
        }
    }

    /// Refuses what follows the end of an element in its line and is no other element.
    fn expect_line_end(&self, last_end: Option<usize>) -> Parsed {
        if self.is_on_another_line(last_end) {
            return Ok(());
        }
        let is_name = skip_name(self.text, self.at) > self.at;
        if last_end == Some(self.at) || !is_name {
            return Err(self.expected("the end of the line"));
        }
        Ok(())
    }

    fn is_on_another_line(&self, last_end: Option<usize>) -> bool {
        last_end.is_none_or(|end| self.bytes[end..self.at].contains(&b'\n'))
    }

    fn element(&mut self, parent: u32) -> Parsed {
        let start = self.at;
        let name_end = skip_name(self.text, start);
        if name_end == start {
            self.refuse_conflict_marker()?;
            return Err(match self.peek() {
                Some(b'}') => self.error(start, "this `}` closes nothing: a `{` is missing above it"),
                Some(b'"') => self.error(
                    start,
                    "expected a name without quotes; quoted keys are allowed only in dictionaries (`name = { ... }`)",
                ),
                _ => self.expected("the name of an attribute or block"),
            });
        }
        self.at = skip_blanks(self.text, name_end);
        match self.peek() {
            Some(b'=') => {
                let node = self.open(Kind::Attribute, parent, start);
                self.named(node, name_end - start)
            }
            Some(b'{' | b'"') => self.block(parent, start, name_end),
            _ => Err(self.expected("`=`, a label or `{` after the name")),
        }
    }

    /// Parses the rest of an attribute or entry, from its `=` on.
    fn named(&mut self, node: u32, head: usize) -> Parsed {
        self.nodes[node as usize].head = head as u32;
        self.at = skip_blanks(self.text, self.at + 1);
        self.value(node)?;
        self.close(node, self.at);
        Ok(())
    }

    fn block(&mut self, parent: u32, start: usize, name_end: usize) -> Parsed {
        let block = self.open(Kind::Block, parent, start);
        self.nodes[block as usize].head = (name_end - start) as u32;
        while self.peek() == Some(b'"') {
            self.string(Kind::Label, block)?;
            self.at = skip_blanks(self.text, self.at);
        }
        if self.peek() != Some(b'{') {
            return Err(self.expected("a label or `{`"));
        }
        let brace = self.at;
        self.enter()?;
        self.at += 1;
        let inside = skip_white_space(self.text, self.at);
        if self.bytes.get(inside) == Some(&b'}') {
            self.at = inside + 1;
        } else {
            self.at = skip_blanks(self.text, self.at);
            if self.at_comment() {
                self.at = end_of_line(self.bytes, self.at);
            }
            if self.at < self.bytes.len() && line_end(self.bytes, self.at).is_none() {
                return Err(self.expected("the end of the line after `{`"));
            }
            self.elements(block, Some(brace))?;
        }
        self.depth -= 1;
        self.close(block, self.at);
        Ok(())
    }

    fn enter(&mut self) -> Parsed {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error(self.at, format!("nested more than {MAX_DEPTH} levels deep")));
        }
        Ok(())
    }

    fn unclosed(&self, start: usize, close: char) -> ParseError {
        self.error(start, format!("this is not closed: a `{close}` is missing"))
    }

    fn at_comment(&self) -> bool {
        is_comment(self.bytes, self.at)
    }

    fn skip_comments(&mut self) {
        self.at = skip_trivia(self.text, self.at);
    }

    fn refuse_conflict_marker(&self) -> Parsed {
        if !matches!(self.peek(), Some(b'<' | b'|' | b'=' | b'>')) {
            return Ok(());
        }
        let rest = &self.bytes[self.at..];
        let marker = [&b"<<<<<<<"[..], b"|||||||", b"=======", b">>>>>>>"]
            .into_iter()
            .any(|marker| rest.starts_with(marker) && !matches!(rest.get(7), Some(0x21..)));
        let at_line_start = self.at == 0 || self.bytes[self.at - 1] == b'\n';
        if marker && at_line_start {
            return Err(self.error(
                self.at,
                "this is a Git conflict marker: resolve the merge first",
            ));
        }
        Ok(())
    }
}
