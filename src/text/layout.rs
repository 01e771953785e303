//! Text in columns.

use std::ops::Range;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::visible::{is_hidden, push_visible, visible_line};

/// The width of a text in columns of a terminal, as [`visible_line`] writes it.
pub fn columns(text: &str) -> usize {
    visible_line(text).width()
}

/// The blanks that fill a text up to a width in columns.
///
/// ```
/// use ocl_migrate::text::padding;
///
/// assert_eq!(format!("{}{}|", "釣り", padding("釣り", 6)), "釣り  |");
/// ```
pub fn padding(text: &str, width: usize) -> String {
    " ".repeat(width.saturating_sub(columns(text)))
}

/// A part of a line, as a message shows it above a caret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The line or a part of it, with hidden characters escaped and tabs as four spaces.
    pub line: String,
    /// The number of columns before the caret.
    pub before: usize,
    /// The width of the marked span in columns, at least one.
    pub width: usize,
}

/// The part of a line around a span in it, in bytes; of longer lines about `most` columns. A span outside of the line is moved
/// to the nearest position in it.
///
/// ```
/// use ocl_migrate::text::excerpt;
///
/// let shown = excerpt("a = \u{1b}x", 5..6, 80);
/// assert_eq!(shown.line, "a = \\u{1b}x");
/// assert_eq!((shown.before, shown.width), (10, 1));
/// ```
pub fn excerpt(line: &str, span: Range<usize>, most: usize) -> Excerpt {
    let begin = line.floor_char_boundary(span.start);
    let (before, rest) = line.split_at(begin);
    let within = &line[begin..line.floor_char_boundary(span.end).max(begin)];
    let mut start = 0;
    let mut taken = columns_of(before);
    if taken + columns_of(within) > most {
        // From the span backwards, as far as there is room.
        (start, taken) = (before.len(), 0);
        for (at, c) in before.char_indices().rev() {
            if taken + columns_of_char(c) > most / 2 {
                break;
            }
            (start, taken) = (at, taken + columns_of_char(c));
        }
    }
    let mut shown = String::new();
    if start > 0 {
        shown.push_str(CUT);
    }
    push(&before[start..], &mut shown);
    let column = taken + if start > 0 { CUT.len() } else { 0 };
    let mut end = rest.len();
    for (at, c) in rest.char_indices() {
        if taken + columns_of_char(c) > most {
            end = at;
            break;
        }
        taken += columns_of_char(c);
    }
    push(&rest[..end], &mut shown);
    if end < rest.len() {
        shown.push_str(CUT);
    }
    Excerpt {
        line: shown.trim_end().to_owned(),
        before: column,
        width: columns_of(&within[..end.min(within.len())]).max(1),
    }
}

/// Marks the end at which a line was cut.
const CUT: &str = "...";

fn push(text: &str, shown: &mut String) {
    for c in text.chars() {
        match c {
            '\t' => shown.push_str("    "),
            c => push_visible(shown, c),
        }
    }
}

fn columns_of(text: &str) -> usize {
    text.chars().map(columns_of_char).sum()
}

/// The width of a character in an [`Excerpt`], in columns.
fn columns_of_char(c: char) -> usize {
    match c {
        '\t' => 4,
        c if is_hidden(c) => {
            let mut written = String::new();
            push_visible(&mut written, c);
            written.len()
        }
        c => c.width().unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_is_under_the_span() {
        let shown = |line: &str, place: Range<usize>, most| {
            let Excerpt {
                line,
                before,
                width,
            } = excerpt(line, place, most);
            format!("{line}\n{}{}", " ".repeat(before), "^".repeat(width))
        };
        assert_eq!(shown("a = x", 4..5, 80), "a = x\n    ^");
        assert_eq!(
            shown("\ta = \u{202e}x", 5..8, 80),
            "    a = \\u{202e}x\n        ^^^^^^^^"
        );
        assert_eq!(shown("釣り = x", 9..10, 80), "釣り = x\n       ^");
        assert_eq!(shown("", 0..0, 80), "\n^");
        assert_eq!(shown("0123456789", 8..9, 20), "0123456789\n        ^");
        assert_eq!(
            shown("0123456789abcdef", 12..13, 6),
            "...9abcde...\n      ^"
        );
        assert_eq!(shown("0123456789", 0..10, 6), "012345...\n^^^^^^");
        assert_eq!(shown("é", 1..9, 80), "é\n^");
    }
}
