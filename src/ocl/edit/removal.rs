//! The text to remove with a node. The nodes here have an open parent.

use super::lines::{
    end, first_on_line, floor, inside, next_sibling, previous_sibling, rest_of_line,
};
use crate::ocl::node::Node;
use crate::ocl::raw::Kind;
use crate::ocl::tree::{Cursor, Walk};

/// The text to remove with a node.
pub(super) struct Removal {
    pub(super) from: Cursor,
    pub(super) to: Cursor,
    /// The part of it that is kept.
    pub(super) kept: String,
    /// Whether other nodes may change lines.
    pub(super) joins_lines: bool,
}

/// The text to remove with an attribute, entry or block. `start` is its beginning: that of the node, or of the comments
/// above it.
pub(super) fn removal(node: Node<'_>, start: Cursor) -> Removal {
    let walk = node.tree().walk();
    let end = end(node);
    let rest = rest_of_line(walk, end);
    let siblings = (previous_sibling(node), next_sibling(node));
    let is_first = first_on_line(walk, start);
    let of = |from: Cursor, to: Cursor, joins_lines: bool| Removal {
        from,
        to,
        kept: String::new(),
        joins_lines,
    };
    if let (Some(parent), (None, None)) = (node.parent(), siblings)
        && parent.kind() != Kind::Document
    {
        let (open, close) = inside(parent);
        let blank = |from: Cursor, to: Cursor| walk.all(from, to, char::is_whitespace);
        if blank(open, start) && blank(rest.unwrap_or(end), close) {
            let follows = rest_of_line(walk, self::end(parent));
            return of(open, close, follows.is_none());
        }
    }
    let before = |at: Cursor| walk.skip_back(at, |c| matches!(c, ' ' | '\t'));
    let Some(eol) = rest else {
        return if is_first {
            of(start, walk.skip_blanks(end), true)
        } else {
            of(before(start), end, true)
        };
    };
    if !is_first {
        return of(before(start), eol, false);
    }
    let line = walk.start_of_line(start);
    let floor = floor(node);
    let above = blank_lines_above(walk, line, floor);
    let Some((_, next_line)) = walk.line_end(eol) else {
        // The last line has no line end: remove that of the line before.
        return of(end_of_line_above(walk, above), eol, false);
    };
    let below = blank_lines_below(walk, next_line);
    let closes = matches!(walk.char_at(walk.skip_blanks(below)), None | Some('}'));
    let opens = siblings.0.is_none() && walk.all(floor, above, char::is_whitespace);
    if opens || closes {
        of(above, below, false)
    } else if below != next_line {
        of(above, next_line, false)
    } else {
        of(line, next_line, false)
    }
}

/// The end of the line above one, without its line end; the line's own start if it is the first.
fn end_of_line_above(walk: Walk<'_>, line: Cursor) -> Cursor {
    if line == walk.first() {
        return line;
    }
    let newline = walk.step_back(line);
    match walk.char_before(newline) {
        Some('\r') => walk.step_back(newline),
        _ => newline,
    }
}

/// The start of the blank lines right above a line.
fn blank_lines_above(walk: Walk<'_>, mut line: Cursor, floor: Cursor) -> Cursor {
    while let Some(above) = walk.line_above(line, floor)
        && walk.all(above, line, char::is_whitespace)
    {
        line = above;
    }
    line
}

/// The end of the blank lines that start at `line`.
fn blank_lines_below(walk: Walk<'_>, mut line: Cursor) -> Cursor {
    while let Some((_, next)) = walk.line_end(walk.skip_blanks(line)) {
        line = next;
    }
    line
}
