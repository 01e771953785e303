//! Text to nodes: one pass, nothing decoded, no allocation but the list itself.

use super::document::{MAX_BYTES, MAX_DEPTH, Raw};
use super::error::{ParseError, quoted};
use super::heredoc;
use super::lexical::{
    char_at, end_of_line, is_comment, line_end, skip_blanks, skip_key, skip_name, skip_tag,
    skip_trivia, skip_white_space,
};
use super::node::Kind;
use super::text::{QuotedError, end_of_quoted};

/// A byte order mark is kept; it is no part of the first name.
pub(super) const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Reads a whole document.
pub(super) fn document(text: &str) -> Result<Vec<Raw>, ParseError> {
    if text.len() > MAX_BYTES {
        return Err(ParseError::too_large(text.len()));
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
    if text.starts_with(BYTE_ORDER_MARK) {
        parser.at = BYTE_ORDER_MARK.len();
    }
    parser.elements(root, None)?;
    parser.close(root, text.len());
    Ok(parser.nodes)
}

/// What stands at a place of a text.
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

/// Reads the one part that starts at `at`, `depth` levels deep. The parents of its nodes are relative to the first,
/// and the first's own is left at 0.
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

    /// An error that says what was expected here and what was found.
    fn expected(&self, what: &str) -> ParseError {
        let found = match char_at(self.text, self.at) {
            None => "the end of the file".to_owned(),
            Some('\r' | '\n') => "the end of the line".to_owned(),
            Some(_) => {
                let word = skip_name(self.text, self.at);
                match word > self.at {
                    true => quoted(&self.text[self.at..word]),
                    false => quoted(
                        char_at(self.text, self.at)
                            .map_or("", |c| &self.text[self.at..self.at + c.len_utf8()]),
                    ),
                }
            }
        };
        self.error(self.at, format!("expected {what}, found {found}"))
    }

    /// The attributes and blocks of a document or block, up to the end or the brace that closes it.
    fn elements(&mut self, parent: u32, opened: Option<usize>) -> Parsed {
        let mut apart = true;
        loop {
            let before = self.at;
            self.skip_comments();
            apart |= self.at > before;
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
                Some(_) if !apart => {
                    return Err(self.expected("white space or the end of the line after a value"));
                }
                Some(_) => self.element(parent)?,
            }
            apart = false;
        }
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
                    "expected a name without quotes; quoted keys stand in dictionaries (`name = { ... }`) only",
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

    /// The rest of an attribute or entry, from its `=` on.
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
        match self.depth > MAX_DEPTH {
            true => Err(self.error(self.at, format!("nested more than {MAX_DEPTH} levels deep"))),
            false => Ok(()),
        }
    }

    fn unclosed(&self, start: usize, close: char) -> ParseError {
        self.error(
            start,
            format!("this is never closed: a `{close}` is missing"),
        )
    }

    fn value(&mut self, parent: u32) -> Parsed {
        match self.peek() {
            Some(b'"') => self.string(Kind::String, parent),
            Some(b'<') if self.bytes[self.at..].starts_with(b"<<") => self.heredoc(parent),
            Some(b'{') => self.dictionary(parent),
            Some(b'[') => self.list(parent),
            Some(b'-' | b'0'..=b'9') => self.number(parent),
            _ => self.keyword(parent),
        }
    }

    fn string(&mut self, kind: Kind, parent: u32) -> Parsed {
        match end_of_quoted(self.bytes, self.at) {
            Ok((end, escapes)) => {
                self.leaf(kind, parent, self.at, end, usize::from(escapes));
                self.at = end;
                Ok(())
            }
            Err(QuotedError::Unterminated) => Err(self.error(
                self.at,
                "this string is not closed on its line: a `\"` is missing (a line end within is written `\\n`, or use a heredoc)",
            )),
            Err(QuotedError::Escape(at)) => Err(self.error(
                at,
                "unknown escape: there are `\\r`, `\\n`, `\\t`, `\\\\` and `\\\"` and no others",
            )),
        }
    }

    fn heredoc(&mut self, parent: u32) -> Parsed {
        let start = self.at;
        let dash = usize::from(self.bytes.get(start + 2) == Some(&b'-'));
        let tag_start = start + 2 + dash;
        let tag_end = skip_tag(self.text, tag_start);
        if tag_end == tag_start {
            self.at = tag_end;
            return Err(self.expected("the tag of a heredoc, as in `<<-EOT`"));
        }
        let tag = &self.text[tag_start..tag_end];
        self.at = skip_blanks(self.text, tag_end);
        let Some(body) = line_end(self.bytes, self.at) else {
            return Err(match self.at == self.bytes.len() {
                true => self.unterminated(start, tag),
                false => self.expected("the end of the line after the tag of a heredoc"),
            });
        };
        let Some((_, end)) = heredoc::find_end(self.text, body, tag) else {
            return Err(self.unterminated(start, tag));
        };
        self.leaf(Kind::Heredoc, parent, start, end, body - start);
        self.at = end;
        Ok(())
    }

    fn unterminated(&self, start: usize, tag: &str) -> ParseError {
        let tag = quoted(tag);
        self.error(
            start,
            format!("this heredoc has no end: a line with nothing but {tag} is missing"),
        )
    }

    fn number(&mut self, parent: u32) -> Parsed {
        let start = self.at;
        let end = number_end(self.bytes, start).filter(|&end| self.is_border(end));
        let Some(end) = end else {
            return Err(self.error(
                start,
                "not a number: digits are expected, with a `-` before and `.` digits after them at most",
            ));
        };
        self.leaf(Kind::Number, parent, start, end, 0);
        self.at = end;
        Ok(())
    }

    /// Whether a number or keyword can end here.
    fn is_border(&self, at: usize) -> bool {
        self.bytes.get(at) != Some(&b'.') && skip_name(self.text, at) == at
    }

    fn keyword(&mut self, parent: u32) -> Parsed {
        let end = skip_name(self.text, self.at);
        let kind = match &self.text[self.at..end] {
            "true" | "false" => Kind::Bool,
            "null" => Kind::Null,
            _ => {
                return Err(self.expected(
                    "a value: a string in quotes, a heredoc, a number, `true`, `false`, `null`, `[` or `{`",
                ));
            }
        };
        self.leaf(kind, parent, self.at, end, 0);
        self.at = end;
        Ok(())
    }

    fn list(&mut self, parent: u32) -> Parsed {
        let list = self.open(Kind::List, parent, self.at);
        let start = self.at;
        self.enter()?;
        self.at += 1;
        self.skip_comments();
        if self.peek() != Some(b']') {
            loop {
                self.refuse_conflict_marker()?;
                if self.peek().is_none() {
                    return Err(self.unclosed(start, ']'));
                }
                self.value(list)?;
                self.skip_comments();
                match self.peek() {
                    Some(b',') => self.at += 1,
                    Some(b']') => break,
                    None => return Err(self.unclosed(start, ']')),
                    Some(_) => {
                        self.refuse_conflict_marker()?;
                        return Err(self.expected("`,` or `]`"));
                    }
                }
                self.skip_comments();
                if self.peek() == Some(b']') {
                    return Err(self.error(
                        self.at,
                        "expected a value after the `,`: the last item of a list takes none",
                    ));
                }
            }
        }
        self.at += 1;
        self.depth -= 1;
        self.close(list, self.at);
        Ok(())
    }

    fn dictionary(&mut self, parent: u32) -> Parsed {
        let dictionary = self.open(Kind::Dictionary, parent, self.at);
        let start = self.at;
        self.enter()?;
        self.at += 1;
        loop {
            self.at = skip_white_space(self.text, self.at);
            match self.peek() {
                None => return Err(self.unclosed(start, '}')),
                Some(b'}') => break,
                Some(b'#' | b'/') if self.at_comment() && !self.at_entry() => {
                    self.at = end_of_line(self.bytes, self.at);
                    continue;
                }
                Some(_) => self.entry(dictionary)?,
            }
            self.at = skip_blanks(self.text, self.at);
            if self.at_comment() {
                self.at = end_of_line(self.bytes, self.at);
            }
            match self.peek() {
                None | Some(b'}') => {}
                Some(_) if line_end(self.bytes, self.at).is_some() => {}
                Some(_) => {
                    return Err(self.expected(
                        "the end of the line: each entry of a dictionary stands on its own",
                    ));
                }
            }
        }
        self.at += 1;
        self.depth -= 1;
        self.close(dictionary, self.at);
        Ok(())
    }

    fn entry(&mut self, parent: u32) -> Parsed {
        self.refuse_conflict_marker()?;
        let start = self.at;
        let key_end = if self.peek() == Some(b'"') {
            match end_of_quoted(self.bytes, start) {
                Ok((end, _)) => end,
                // The string reader says what is wrong.
                Err(_) => return self.string(Kind::String, parent),
            }
        } else {
            self.unquoted_key_end(start)
        };
        if key_end == start {
            return Err(self.expected("a key"));
        }
        self.at = skip_blanks(self.text, key_end);
        if self.peek() != Some(b'=') {
            return Err(self.expected("`=` after the key"));
        }
        let entry = self.open(Kind::Entry, parent, start);
        self.named(entry, key_end - start)
    }

    /// A key may hold `=`, unless none would follow it: `a=1` is the key `a`.
    fn unquoted_key_end(&self, start: usize) -> usize {
        let end = skip_key(self.text, start);
        match self.bytes.get(skip_blanks(self.text, end)) {
            Some(b'=') => end,
            _ => memchr::memchr(b'=', &self.bytes[start..end]).map_or(end, |key| start + key),
        }
    }

    fn at_comment(&self) -> bool {
        is_comment(self.bytes, self.at)
    }

    fn skip_comments(&mut self) {
        self.at = skip_trivia(self.text, self.at);
    }

    /// Whether a line of a dictionary that starts like a comment has the form of an entry.
    fn at_entry(&self) -> bool {
        let key_end = self.unquoted_key_end(self.at);
        let equals = skip_blanks(self.text, key_end);
        if self.bytes.get(equals) != Some(&b'=') {
            return false;
        }
        let value = skip_blanks(self.text, equals + 1);
        let end = match self.bytes.get(value) {
            Some(b'[' | b'{') => return true,
            Some(b'<') => return self.bytes[value..].starts_with(b"<<"),
            Some(b'"') => end_of_quoted(self.bytes, value).ok().map(|(end, _)| end),
            Some(b'-' | b'0'..=b'9') => number_end(self.bytes, value),
            _ => {
                let end = skip_name(self.text, value);
                matches!(&self.text[value..end], "true" | "false" | "null").then_some(end)
            }
        };
        end.is_some_and(|end| {
            let rest = skip_blanks(self.text, end);
            rest == self.bytes.len() || line_end(self.bytes, rest).is_some()
        })
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
        match marker && at_line_start {
            true => Err(self.error(
                self.at,
                "this is a Git conflict marker: the file holds an unresolved merge, resolve it first",
            )),
            false => Ok(()),
        }
    }
}

fn number_end(bytes: &[u8], at: usize) -> Option<usize> {
    let digits = |from: usize| {
        let count = bytes[from..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        (count > 0).then_some(from + count)
    };
    let whole = digits(at + usize::from(bytes.get(at) == Some(&b'-')))?;
    match bytes.get(whole) {
        Some(b'.') => digits(whole + 1),
        _ => Some(whole),
    }
}
