//! Reading the text of a document that is being edited, from any place in either direction.

use std::borrow::Cow;

use super::buffer::Buffer;
use super::pieces::{Cursor, END, Pieces, START};
use crate::ocl::lexical::is_blank;

/// A text in pieces.
#[derive(Debug, Clone, Copy)]
pub(in crate::ocl) struct Walk<'a> {
    pub(super) buffer: &'a Buffer,
    pub(super) pieces: &'a Pieces,
}

impl<'a> Walk<'a> {
    /// The place behind the byte order mark.
    pub(in crate::ocl) fn first(self) -> Cursor {
        self.behind(START)
    }

    /// The place where a piece starts.
    pub(in crate::ocl) fn before(self, piece: u32) -> Cursor {
        Cursor { piece, offset: 0 }
    }

    /// The place where a piece ends.
    pub(in crate::ocl) fn behind(self, piece: u32) -> Cursor {
        self.before(self.pieces.next(piece))
    }

    pub(in crate::ocl) fn is_end(self, at: Cursor) -> bool {
        at.piece == END
    }

    fn text(self, piece: u32) -> &'a str {
        self.buffer.get(self.pieces.range(piece))
    }

    /// The part of its piece that stands before a place.
    fn head(self, at: Cursor) -> &'a str {
        &self.text(at.piece)[..at.offset as usize]
    }

    /// The part of its piece that stands behind a place.
    fn tail(self, at: Cursor) -> &'a str {
        &self.text(at.piece)[at.offset as usize..]
    }

    /// The name of a place in a piece, which may be the piece's end.
    fn place(self, piece: u32, offset: usize) -> Cursor {
        if offset == self.pieces.range(piece).len() && piece != END {
            self.behind(piece)
        } else {
            let offset = u32::try_from(offset).expect("pieces are shorter than documents");
            Cursor { piece, offset }
        }
    }

    /// The parts of the text from a place on, each with where it starts.
    fn onward(self, from: Cursor) -> impl Iterator<Item = (Cursor, &'a str)> {
        let parts = std::iter::successors(Some(from), move |at| {
            (at.piece != END).then(|| self.behind(at.piece))
        });
        parts.map(move |at| (at, self.tail(at)))
    }

    /// The parts of the text before a place, the nearest first, each with its piece.
    fn backward(self, from: Cursor) -> impl Iterator<Item = (u32, &'a str)> {
        let pieces = std::iter::successors(Some(from.piece), move |&piece| {
            Some(self.pieces.previous(piece)).filter(|&previous| previous != START)
        });
        pieces.enumerate().map(move |(index, piece)| match index {
            0 => (piece, self.head(from)),
            _ => (piece, self.text(piece)),
        })
    }

    /// The character at a place; none at the end.
    pub(in crate::ocl) fn char_at(self, at: Cursor) -> Option<char> {
        self.tail(at).chars().next()
    }

    /// The character before a place; none at the start, behind the byte order mark.
    pub(in crate::ocl) fn char_before(self, at: Cursor) -> Option<char> {
        self.backward(at)
            .find_map(|(_, part)| part.chars().next_back())
    }

    /// The place behind the character at a place.
    pub(in crate::ocl) fn step(self, at: Cursor) -> Cursor {
        self.forth(at, self.char_at(at).map_or(0, char::len_utf8))
    }

    /// The place so many bytes further in the same piece.
    pub(in crate::ocl) fn forth(self, at: Cursor, bytes: usize) -> Cursor {
        self.place(at.piece, at.offset as usize + bytes)
    }

    /// The place before the character before a place.
    pub(in crate::ocl) fn step_back(self, at: Cursor) -> Cursor {
        let found = self.backward(at).find_map(|(piece, part)| {
            let last = part.chars().next_back()?;
            Some(self.place(piece, part.len() - last.len_utf8()))
        });
        found.unwrap_or_else(|| self.first())
    }

    /// The first place from `at` on whose character isn't skipped.
    pub(in crate::ocl) fn skip(self, at: Cursor, skipped: impl Fn(char) -> bool) -> Cursor {
        for (start, part) in self.onward(at) {
            let stop = part.find(|c| !skipped(c));
            self.pieces.note_walk(stop.unwrap_or(part.len()));
            if let Some(stop) = stop {
                return self.place(start.piece, start.offset as usize + stop);
            }
        }
        self.before(END)
    }

    /// The place behind the last character before `at` that isn't skipped.
    pub(in crate::ocl) fn skip_back(self, at: Cursor, skipped: impl Fn(char) -> bool) -> Cursor {
        for (piece, part) in self.backward(at) {
            let kept = part.trim_end_matches(&skipped).len();
            self.pieces.note_walk(part.len() - kept);
            if kept > 0 {
                return self.place(piece, kept);
            }
        }
        self.first()
    }

    /// Skips white space that isn't a line end.
    pub(in crate::ocl) fn skip_blanks(self, at: Cursor) -> Cursor {
        self.skip(at, is_blank)
    }

    /// Whether a comment starts at a place, where one may.
    pub(in crate::ocl) fn is_comment(self, at: Cursor) -> bool {
        match self.char_at(at) {
            Some('#') => true,
            Some('/') => self.char_at(self.step(at)) == Some('/'),
            _ => false,
        }
    }

    /// Skips white space and comments.
    pub(in crate::ocl) fn skip_trivia(self, mut at: Cursor) -> Cursor {
        loop {
            at = self.skip(at, char::is_whitespace);
            if !self.is_comment(at) {
                return at;
            }
            at = self.end_of_line(at);
        }
    }

    /// The line end at a place, if there is one, and the place behind it.
    pub(in crate::ocl) fn line_end(self, at: Cursor) -> Option<(&'static str, Cursor)> {
        let next = self.step(at);
        match self.char_at(at)? {
            '\n' => Some(("\n", next)),
            '\r' if self.char_at(next) == Some('\n') => Some(("\r\n", self.step(next))),
            _ => None,
        }
    }

    /// Where the line that holds a place ends, its line end not included.
    pub(in crate::ocl) fn end_of_line(self, at: Cursor) -> Cursor {
        for (start, part) in self.onward(at) {
            let newline = memchr::memchr(b'\n', part.as_bytes());
            self.pieces.note_walk(newline.unwrap_or(part.len()));
            if let Some(newline) = newline {
                let end = self.place(start.piece, start.offset as usize + newline);
                let is_wide = end != at && self.char_before(end) == Some('\r');
                return if is_wide { self.step_back(end) } else { end };
            }
        }
        self.before(END)
    }

    /// Where the line that holds a place starts, behind the byte order mark.
    pub(in crate::ocl) fn start_of_line(self, at: Cursor) -> Cursor {
        for (piece, part) in self.backward(at) {
            let newline = memchr::memrchr(b'\n', part.as_bytes());
            self.pieces.note_walk(part.len() - newline.unwrap_or(0));
            if let Some(newline) = newline {
                return self.place(piece, newline + 1);
            }
        }
        self.first()
    }

    /// Where the line above one starts, unless that is before `floor`. No line starts there but the first.
    pub(in crate::ocl) fn line_above(self, line: Cursor, floor: Cursor) -> Option<Cursor> {
        if line == floor {
            return None;
        }
        for (piece, part) in self.backward(self.step_back(line)) {
            let from = if piece == floor.piece {
                floor.offset as usize
            } else {
                0
            };
            let newline = memchr::memrchr(b'\n', &part.as_bytes()[from..]);
            self.pieces
                .note_walk(part.len() - from - newline.unwrap_or(0));
            if let Some(newline) = newline {
                return Some(self.place(piece, from + newline + 1));
            }
            if piece == floor.piece {
                break;
            }
        }
        (floor == self.first()).then_some(floor)
    }

    /// Whether all characters between two places are such.
    pub(in crate::ocl) fn all(
        self,
        from: Cursor,
        to: Cursor,
        such: impl Fn(char) -> bool + Copy,
    ) -> bool {
        self.parts(from, to).all(|part| part.chars().all(such))
    }

    /// The text between two places.
    pub(in crate::ocl) fn between(self, from: Cursor, to: Cursor) -> Cow<'a, str> {
        let mut parts = self.parts(from, to);
        let first = parts.next().unwrap_or_default();
        let Some(second) = parts.next() else {
            return Cow::Borrowed(first);
        };
        let mut text = first.to_owned() + second;
        parts.for_each(|part| text.push_str(part));
        Cow::Owned(text)
    }

    /// How long the text between two places is.
    pub(in crate::ocl) fn length(self, from: Cursor, to: Cursor) -> usize {
        self.parts(from, to).map(str::len).sum()
    }

    fn parts(self, from: Cursor, to: Cursor) -> impl Iterator<Item = &'a str> {
        let mut next = Some(from);
        std::iter::from_fn(move || {
            let at = next.filter(|&at| at != to && at.piece != END)?;
            let part = self.tail(at);
            if at.piece == to.piece {
                next = None;
                return Some(&part[..(to.offset - at.offset) as usize]);
            }
            next = Some(self.behind(at.piece));
            Some(part)
        })
        .inspect(move |part| self.pieces.note_walk(part.len()))
    }
}
