//! Parses values: those of attributes and entries, and the items of lists.

use super::{Parsed, Parser};
use crate::ocl::error::{ParseError, quoted};
use crate::ocl::heredoc;
use crate::ocl::lexical::{
    end_of_line, line_end, skip_blanks, skip_key, skip_name, skip_tag, skip_white_space,
};
use crate::ocl::raw::Kind;
use crate::ocl::text::{QuotedError, end_of_quoted};

impl Parser<'_> {
    pub(super) fn value(&mut self, parent: u32) -> Parsed {
        match self.peek() {
            Some(b'"') => self.string(Kind::String, parent),
            Some(b'<') if self.bytes[self.at..].starts_with(b"<<") => self.heredoc(parent),
            Some(b'{') => self.dictionary(parent),
            Some(b'[') => self.list(parent),
            Some(b'-' | b'0'..=b'9') => self.number(parent),
            _ => self.keyword(parent),
        }
    }

    pub(super) fn string(&mut self, kind: Kind, parent: u32) -> Parsed {
        match end_of_quoted(self.bytes, self.at) {
            Ok((end, escapes)) => {
                self.leaf(kind, parent, self.at, end, usize::from(escapes));
                self.at = end;
                Ok(())
            }
            Err(QuotedError::Unterminated) => Err(self.error(
                self.at,
                "this string is not closed on its line: a `\"` is missing (write line ends in it as `\\n`, or use a heredoc)",
            )),
            Err(QuotedError::Escape(at)) => Err(self.error(
                at,
                "unknown escape: only `\\r`, `\\n`, `\\t`, `\\\\` and `\\\"` are allowed",
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
            return Err(if self.at == self.bytes.len() {
                self.unterminated(start, tag)
            } else if self.bytes[self.at] == b'\r' {
                self.error(
                    self.at,
                    "the line ends in a carriage return without a line feed, or in several: write it anew, with one kind of line ends",
                )
            } else {
                self.expected("the end of the line after the tag of a heredoc")
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
            format!("this heredoc has no end: a line with only {tag} is missing"),
        )
    }

    fn number(&mut self, parent: u32) -> Parsed {
        let start = self.at;
        let end = number_end(self.bytes, start).filter(|&end| self.is_border(end));
        let Some(end) = end else {
            return Err(self.error(
                start,
                "not a number: expected digits, optionally with a `-` before them, and a `.` and more digits after them",
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
                    "a value (a string in quotes, a heredoc, a number, `true`, `false`, `null`, `[` or `{`)",
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
                        "expected a value after the `,`: the last item of a list has no comma",
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
                    return Err(self.expected("the end of the line after the entry"));
                }
            }
        }
        self.at += 1;
        self.depth -= 1;
        self.close(dictionary, self.at);
        Ok(())
    }

    pub(super) fn entry(&mut self, parent: u32) -> Parsed {
        self.refuse_conflict_marker()?;
        let start = self.at;
        let key_end = if self.peek() == Some(b'"') {
            match end_of_quoted(self.bytes, start) {
                Ok((end, _)) => end,
                // `string` reports what is wrong.
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
            return Err(self.expected("`=` after the key (a key with white space needs quotes)"));
        }
        let entry = self.open(Kind::Entry, parent, start);
        self.named(entry, key_end - start)
    }

    /// The end of an unquoted key. It may contain `=`, unless no other would follow it: `a=1` is the key `a`.
    fn unquoted_key_end(&self, start: usize) -> usize {
        let end = skip_key(self.text, start);
        match self.bytes.get(skip_blanks(self.text, end)) {
            Some(b'=') => end,
            _ => memchr::memchr(b'=', &self.bytes[start..end]).map_or(end, |key| start + key),
        }
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
