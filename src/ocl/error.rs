//! What is wrong with a text that is not OCL, shown at its place.

use std::fmt::{self, Write as _};

use super::lexical::{end_of_line, start_of_line};
use super::raw::MAX_BYTES;

/// How many columns of the source line are shown around the place.
const SHOWN: usize = 100;

/// A place in a text, as editors show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineColumn {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
}

/// The place of a byte offset; an offset past the end means the end.
pub(super) fn position(text: &[u8], offset: usize) -> LineColumn {
    let before = &text[..offset.min(text.len())];
    let line_start = memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
    LineColumn {
        line: memchr::memchr_iter(b'\n', before).count() + 1,
        column: String::from_utf8_lossy(&before[line_start..])
            .chars()
            .count()
            + 1,
    }
}

/// Why a text is not OCL.
///
/// Its `Display` is the message, the place, the source line and a caret. The line is shown with tabs expanded and
/// control characters escaped; a long one is cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError(Box<Inner>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Inner {
    message: String,
    offset: usize,
    position: LineColumn,
    /// The source line, ready to be shown.
    line: String,
    /// How many columns stand before the caret.
    indent: usize,
}

impl ParseError {
    pub(super) fn new(text: &[u8], offset: usize, message: String) -> Self {
        let line_start = start_of_line(text, offset);
        let line_end = end_of_line(text, offset).max(offset);
        let (line, indent) = excerpt(
            &String::from_utf8_lossy(&text[line_start..offset]),
            &String::from_utf8_lossy(&text[offset..line_end]),
        );
        Self(Box::new(Inner {
            message,
            offset,
            position: position(text, offset),
            line,
            indent,
        }))
    }

    pub(super) fn not_utf8(bytes: &[u8], offset: usize) -> Self {
        let byte = bytes.get(offset).copied().unwrap_or_default();
        let message = match bytes.get(..2) {
            Some([0xff, 0xfe] | [0xfe, 0xff]) if offset == 0 => {
                "this is UTF-16; documents are UTF-8: save the file in that encoding".to_owned()
            }
            _ => format!("byte 0x{byte:02x} is not UTF-8: save the file in that encoding"),
        };
        Self::new(bytes, offset, message)
    }

    /// Who read the text may have stopped there, so that its length isn't said.
    pub(super) fn too_large() -> Self {
        let message =
            format!("the document has more than {MAX_BYTES} bytes, the most that are read");
        Self::new(b"", 0, message)
    }

    /// What was expected, or what is wrong.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The line, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.0.position.line
    }

    /// The column, from 1, in characters.
    #[must_use]
    pub fn column(&self) -> usize {
        self.0.position.column
    }

    /// The place in bytes from the start of the text.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.0.offset
    }

    /// As `Display`, with the file's name before the place.
    #[must_use]
    pub fn render(&self, file: &str) -> String {
        let mut place = String::new();
        escape(file, &mut place);
        place.push(':');
        self.layout(&place)
    }

    fn layout(&self, file: &str) -> String {
        let Inner {
            message,
            position: LineColumn { line, column },
            line: source,
            indent,
            ..
        } = &*self.0;
        let number = line.to_string();
        let gutter = " ".repeat(number.len());
        let caret = " ".repeat(*indent);
        format!(
            "{message}\n{gutter}--> {file}{line}:{column}\n{gutter} |\n{number} | {source}\n{gutter} | {caret}^"
        )
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.layout(""))
    }
}

impl std::error::Error for ParseError {}

/// A piece of the source, ready to stand in a message.
pub(super) fn quoted(source: &str) -> String {
    let mut out = String::from("`");
    let cut = source
        .char_indices()
        .nth(40)
        .map_or(source.len(), |(at, _)| at);
    escape(&source[..cut], &mut out);
    if cut < source.len() {
        out.push_str("...");
    }
    out.push('`');
    out
}

/// The line as shown, and the columns before the caret.
fn excerpt(before: &str, after: &str) -> (String, usize) {
    let mut line = String::new();
    // From the caret backwards, as far as there is room.
    let mut width = 0;
    let mut start = before.len();
    for (at, c) in before.char_indices().rev() {
        if width + shown_width(c) > SHOWN / 2 {
            line.push_str("...");
            break;
        }
        width += shown_width(c);
        start = at;
    }
    let indent = width + line.len();
    escape(&before[start..], &mut line);
    let mut end = after.len();
    for (at, c) in after.char_indices() {
        if width + shown_width(c) > SHOWN {
            end = at;
            break;
        }
        width += shown_width(c);
    }
    escape(&after[..end], &mut line);
    if end < after.len() {
        line.push_str("...");
    }
    (line.trim_end().to_owned(), indent)
}

/// Appends a text so that a terminal shows it and does nothing else.
fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '\t' => out.push_str("    "),
            c if is_hostile(c) => {
                // Writing to a string can't fail.
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
}

/// Control characters, and those that change the direction or the look of what follows.
fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// How many columns a terminal needs for a character, as [`escape`] writes it.
fn shown_width(c: char) -> usize {
    match c {
        '\t' => 4,
        ' '..='~' => 1,
        c if is_hostile(c) => format!("\\u{{{:x}}}", u32::from(c)).len(),
        '\u{300}'..='\u{36f}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}
