//! The text of a document that is being edited, as a chain of pieces of what was parsed and what was written.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// No node, no piece.
pub(super) const NONE: u32 = u32::MAX;

/// The first piece: the byte order mark, or nothing.
pub(in crate::ocl) const START: u32 = 0;
/// The last piece, which has no text.
pub(in crate::ocl) const END: u32 = 1;

/// A place in the text: before that byte of that piece. The end of a piece is named as the start of the next, and the end of
/// the text as that of [`END`], so that each place has one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ocl) struct Cursor {
    pub(super) piece: u32,
    pub(super) offset: u32,
}

/// One piece: its addresses and its neighbours. No piece in the chain is empty, but [`START`] and [`END`] may be.
#[derive(Debug, Clone, Copy)]
struct Piece {
    start: u32,
    end: u32,
    previous: u32,
    next: u32,
}

/// The chain. A piece keeps its number as long as it is in it.
#[derive(Debug)]
pub(in crate::ocl) struct Pieces {
    list: Vec<Piece>,
    /// How long the text is.
    length: usize,
    /// How much was looked at to find places: what edits cost beyond a constant.
    walked: AtomicU64,
}

impl Pieces {
    /// A text of one piece behind the byte order mark, which ends at `mark`.
    pub(super) fn new(mark: u32, length: u32) -> Self {
        let empty = |at| Piece {
            start: at,
            end: at,
            previous: START,
            next: END,
        };
        let mut pieces = Self {
            list: vec![empty(0), empty(length)],
            length: length as usize,
            walked: AtomicU64::new(0),
        };
        pieces.list[START as usize].end = mark;
        if mark < length {
            pieces.link(START, mark..length);
        }
        pieces
    }

    /// The number of pieces ever made, removed ones included.
    pub(super) fn count(&self) -> usize {
        self.list.len()
    }

    pub(in crate::ocl) fn length(&self) -> usize {
        self.length
    }

    pub(in crate::ocl) fn next(&self, piece: u32) -> u32 {
        self.list[piece as usize].next
    }

    pub(in crate::ocl) fn previous(&self, piece: u32) -> u32 {
        self.list[piece as usize].previous
    }

    pub(in crate::ocl) fn range(&self, piece: u32) -> Range<u32> {
        let Piece { start, end, .. } = self.list[piece as usize];
        start..end
    }

    /// All pieces in order, [`START`] first, without [`END`].
    pub(super) fn all(&self) -> impl Iterator<Item = u32> {
        std::iter::successors(Some(START), |&piece| Some(self.next(piece)))
            .take_while(|&piece| piece != END)
    }

    /// Puts a new piece behind another.
    pub(super) fn insert(&mut self, behind: u32, range: Range<u32>) -> u32 {
        self.length += range.len();
        self.link(behind, range)
    }

    fn link(&mut self, behind: u32, range: Range<u32>) -> u32 {
        let piece = u32::try_from(self.list.len()).expect("fewer pieces than bytes");
        let next = self.next(behind);
        self.list.push(Piece {
            start: range.start,
            end: range.end,
            previous: behind,
            next,
        });
        self.list[behind as usize].next = piece;
        self.list[next as usize].previous = piece;
        piece
    }

    /// Takes the text between two places out. Returns the piece before it.
    pub(super) fn cut(&mut self, from: Cursor, to: Cursor) -> u32 {
        let stop = self.split(to);
        let mut piece = self.split(from);
        let before = self.previous(piece);
        while piece != stop {
            self.length -= self.range(piece).len();
            piece = self.next(piece);
        }
        self.list[before as usize].next = stop;
        self.list[stop as usize].previous = before;
        before
    }

    /// The piece that starts at a place; it is made if there is none. What comes before keeps its number.
    fn split(&mut self, at: Cursor) -> u32 {
        let Range { start, end } = self.range(at.piece);
        let middle = start + at.offset;
        if at.offset == 0 {
            return at.piece;
        }
        // What was behind the place was cut off before.
        if middle == end {
            return self.next(at.piece);
        }
        self.list[at.piece as usize].end = middle;
        self.link(at.piece, middle..end)
    }

    /// Takes one piece out. Returns the piece before it.
    pub(super) fn take_out(&mut self, piece: u32) -> u32 {
        let Piece { previous, next, .. } = self.list[piece as usize];
        self.list[previous as usize].next = next;
        self.list[next as usize].previous = previous;
        self.length -= self.range(piece).len();
        previous
    }

    /// Adds to the count of bytes that were scanned.
    pub(super) fn note_walk(&self, bytes: usize) {
        // Without a locked addition: who edits is alone, and a count that is a little low does no harm.
        let walked = self.walked.load(Ordering::Relaxed) + 1 + bytes as u64 / 64;
        self.walked.store(walked, Ordering::Relaxed);
    }

    /// How much was looked at since the last call.
    pub(in crate::ocl) fn take_walked(&mut self) -> u64 {
        std::mem::take(self.walked.get_mut())
    }
}

impl Clone for Pieces {
    fn clone(&self) -> Self {
        Self {
            list: self.list.clone(),
            length: self.length,
            walked: AtomicU64::new(self.walked.load(Ordering::Relaxed)),
        }
    }
}
