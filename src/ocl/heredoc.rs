//! Heredocs: the end tag, and the value in either dialect.

use std::borrow::Cow;
use std::collections::HashSet;

use super::lexical::{line_end, skip_blanks};
use super::raw::Dialect;

/// The parts of a heredoc that is known to be well-formed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Heredoc<'a> {
    /// `<<-`: the lines lose their common indent.
    pub(super) indented: bool,
    pub(super) tag: &'a str,
    /// The lines, each with its line end; empty if there are none.
    pub(super) body: &'a str,
    /// The white space before the end tag.
    pub(super) end_indent: &'a str,
}

/// The end of the body of a heredoc (the start of the end tag's line) and the end of its end tag.
///
/// The end tag is alone on its line, with white space around it.
pub(super) fn find_end(text: &str, body: usize, tag: &str) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    // A match that isn't alone on its line can't overlap one that is, because that one has white space before it.
    memchr::memmem::find_iter(&bytes[body..], tag.as_bytes()).find_map(|found| {
        let start = body + found;
        let line = start_of_indent(text, body, start)?;
        let end = start + tag.len();
        let rest = skip_blanks(text, end);
        (rest == bytes.len() || line_end(bytes, rest).is_some()).then_some((line, end))
    })
}

/// The line's start, if there is only white space between it and `at`.
fn start_of_indent(text: &str, floor: usize, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut start = at;
    while start > floor {
        match bytes[start - 1] {
            b'\n' => return Some(start),
            b' ' | b'\t' | 0x0b | 0x0c => start -= 1,
            0..=0x7f => return None,
            _ => {
                let before = text[..start].chars().next_back()?;
                if !before.is_whitespace() {
                    return None;
                }
                start -= before.len_utf8();
            }
        }
    }
    Some(start)
}

impl<'a> Heredoc<'a> {
    /// Splits a heredoc, given its source and the length of its opening line.
    pub(super) fn new(source: &'a str, head: usize) -> Self {
        let opening = source[..head].trim_end();
        let (indented, tag) = match opening.strip_prefix("<<-") {
            Some(tag) => (true, tag),
            None => (false, &opening[2..]),
        };
        let last = memchr::memrchr(b'\n', source.as_bytes()).map_or(head, |newline| newline + 1);
        Self {
            indented,
            tag,
            body: &source[head..last],
            end_indent: &source[last..source.len() - tag.len()],
        }
    }

    /// The lines without their line ends; all carriage returns at a line's end count as part of it.
    pub(super) fn lines(&self) -> impl Iterator<Item = &'a str> {
        let body = self.body;
        let mut at = 0;
        std::iter::from_fn(move || {
            let length = memchr::memchr(b'\n', &body.as_bytes()[at..])?;
            let line = &body[at..at + length];
            at += length + 1;
            Some(line.trim_end_matches('\r'))
        })
    }

    /// The smallest indent of the lines that aren't blank, in characters.
    pub(super) fn line_indent(&self) -> Option<usize> {
        let mut least = None;
        for line in self.lines() {
            if let Some(indent) = indent_of(line) {
                if indent == 0 {
                    return Some(0);
                }
                least = Some(least.map_or(indent, |least: usize| least.min(indent)));
            }
        }
        least
    }

    /// Whether the two dialects read different values from it.
    pub(super) fn differs_by_dialect(&self) -> bool {
        if !self.indented {
            return false;
        }
        // Only in one dialect a line that isn't blank loses more characters; a blank one may lose all in both.
        let end = self.end_indent.chars().count();
        match self.line_indent() {
            Some(lines) => end < lines,
            None => self.lines().any(|line| line.chars().nth(end).is_some()),
        }
    }

    /// The number of characters that every line loses.
    pub(super) fn unindent(&self, dialect: Dialect) -> usize {
        if !self.indented {
            return 0;
        }
        match dialect {
            Dialect::Legacy => self.line_indent().unwrap_or(usize::MAX),
            Dialect::Current => match self.end_indent.chars().count() {
                0 => 0,
                end => self.line_indent().map_or(end, |lines| lines.min(end)),
            },
        }
    }

    /// The value: the lines, unindented and joined, with no line end after the last.
    pub(super) fn value(&self, dialect: Dialect) -> Cow<'a, str> {
        let Some(joined) = self.body.strip_suffix('\n') else {
            return Cow::Borrowed("");
        };
        let unindent = self.unindent(dialect);
        let crs = memchr::memchr(b'\r', joined.as_bytes()).is_some();
        if unindent == 0 && !crs {
            return Cow::Borrowed(joined);
        }
        let is_wide = crs && memchr::memmem::find(joined.as_bytes(), b"\r\n").is_some();
        let separator = if is_wide { "\r\n" } else { "\n" };
        let mut value = String::with_capacity(joined.len());
        for (index, line) in self.lines().enumerate() {
            if index > 0 {
                value.push_str(separator);
            }
            value.push_str(cut(line, unindent));
        }
        Cow::Owned(value)
    }
}

/// The indent of a line in characters, unless it is blank.
fn indent_of(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    let spaces = bytes.iter().take_while(|&&byte| byte == b' ').count();
    match bytes.get(spaces) {
        None => None,
        Some(0x21..=0x7f) => Some(spaces),
        Some(_) => line.chars().position(|c| !c.is_whitespace()),
    }
}

/// A line without its first `count` characters; a line that is not longer is empty.
fn cut(line: &str, count: usize) -> &str {
    let bytes = line.as_bytes();
    if bytes.len() >= count && bytes[..count].is_ascii() {
        return &line[count..];
    }
    line.char_indices()
        .nth(count)
        .map_or("", |(at, _)| &line[at..])
}

/// The form in which a heredoc is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form<'a> {
    /// `<<-`
    pub(super) indented: bool,
    /// The tag. A number is added to it if it is a line of the text.
    pub(super) tag: &'a str,
    /// The indent of every line.
    pub(super) line_indent: &'a str,
    /// The indent of the end tag.
    pub(super) end_indent: &'a str,
    /// The line end of the opening line and of the last line, which isn't part of the value.
    pub(super) line_end: &'a str,
}

/// Writes a text as a heredoc, if a heredoc of that form has exactly this value.
pub(super) fn encode(value: &str, form: Form<'_>, dialect: Dialect) -> Option<String> {
    let separator = if value.contains("\r\n") { "\r\n" } else { "\n" };
    let tag = free_tag(value, form.tag);
    let opening = if form.indented { "<<-" } else { "<<" };
    let mut out = [opening, &tag, form.line_end].concat();
    let head = out.len();
    for (index, line) in value.split(separator).enumerate() {
        if index > 0 {
            out.push_str(separator);
        }
        out.push_str(form.line_indent);
        out.push_str(line);
    }
    out.push_str(form.line_end);
    out.push_str(form.end_indent);
    out.push_str(&tag);
    let whole = find_end(&out, head, &tag).is_some_and(|(_, end)| end == out.len());
    (whole && Heredoc::new(&out, head).value(dialect) == value).then_some(out)
}

/// The tag, or the first of `EOT1`, `EOT2`, ... that isn't a line of the text.
fn free_tag<'a>(value: &str, tag: &'a str) -> Cow<'a, str> {
    let taken: HashSet<&str> = value
        .split('\n')
        .map(str::trim)
        .filter(|line| line.starts_with(tag))
        .collect();
    if !taken.contains(tag) {
        return Cow::Borrowed(tag);
    }
    let free = (1..=taken.len())
        .map(|number| format!("{tag}{number}"))
        .find(|candidate| !taken.contains(candidate.as_str()))
        .expect("n lines, one of them the bare tag, can't take n numbered tags");
    Cow::Owned(free)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dialects_differ_if_and_only_if_the_values_do() {
        let lines = [
            "",
            " ",
            "   ",
            "a",
            " a",
            "   a b",
            "\u{a0}\u{2003} a",
            "\t\ta",
            "  \r",
        ];
        let ends = ["", " ", "  ", "\t", "    ", "\u{a0} "];
        let mut differing = 0;
        for (first, second) in lines.iter().flat_map(|a| lines.iter().map(move |b| (a, b))) {
            for body in [
                String::new(),
                format!("{first}\n"),
                format!("{first}\n{second}\n"),
            ] {
                for end_indent in ends {
                    for indented in [true, false] {
                        let heredoc = Heredoc {
                            indented,
                            tag: "EOT",
                            body: &body,
                            end_indent,
                        };
                        let differ =
                            heredoc.value(Dialect::Legacy) != heredoc.value(Dialect::Current);
                        assert_eq!(heredoc.differs_by_dialect(), differ, "{heredoc:?}");
                        differing += u32::from(differ);
                    }
                }
            }
        }
        assert!(differing > 100);
    }
}
