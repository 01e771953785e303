//! A text with markers.

use super::super::conflict::Side;

/// A document in which what is open stands between Git's conflict markers, with the base between both sides:
///
/// ```text
/// <<<<<<< main⇥both-changed step["deploy"].retries
///     retries = 7
/// ||||||| base
///     retries = 5
/// =======
///     retries = 9
/// >>>>>>> feature/x
/// ```
///
/// Its `Display` is the text, and [`MarkedText::parse`] reads that back. Behind a tab in the first line stand the kinds and addresses
/// of the conflicts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkedText {
    pub(super) pieces: Vec<Piece>,
    pub(super) labels: Labels,
    pub(super) line_end: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Plain(String),
    Open(OpenPlace),
}

/// A place of a text at which something is open: the lines of each side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenPlace {
    /// The conflicts that it is about, each as its kind and its address: `both-changed step["deploy"].retries`.
    pub conflicts: Vec<String>,
    pub(super) ours: String,
    pub(super) base: String,
    pub(super) theirs: String,
}

/// What the three are called in the markers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels {
    /// The side that the merge is written on.
    pub ours: String,
    /// What both come from.
    pub base: String,
    /// The other side.
    pub theirs: String,
}

impl MarkedText {
    /// The places at which something is open.
    pub fn open(&self) -> impl Iterator<Item = &OpenPlace> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Open(open) => Some(open),
            Piece::Plain(_) => None,
        })
    }

    /// Settles places: for each, `settle` says which side is right, or that it stays open.
    pub fn settle(&mut self, mut settle: impl FnMut(&OpenPlace) -> Option<Side>) {
        for piece in &mut self.pieces {
            if let Piece::Open(open) = piece
                && let Some(side) = settle(open)
            {
                *piece = Piece::Plain(open.of(side).to_owned());
            }
        }
    }

    /// The text with everything that is open settled for one side.
    #[must_use]
    pub fn settled(&self, side: Side) -> String {
        let pieces = self.pieces.iter().map(|piece| match piece {
            Piece::Plain(text) => text,
            Piece::Open(open) => open.of(side),
        });
        pieces.collect()
    }
}

impl OpenPlace {
    /// Its lines on a side.
    #[must_use]
    pub fn of(&self, side: Side) -> &str {
        match side {
            Side::Ours => &self.ours,
            Side::Base => &self.base,
            Side::Theirs => &self.theirs,
        }
    }

    /// The addresses of the conflicts.
    pub fn addresses(&self) -> impl Iterator<Item = &str> {
        let told = self.conflicts.iter();
        told.map(|told| told.split_once(' ').map_or("", |(_, address)| address))
    }
}

/// The line end of a text: that of its first line.
pub(super) fn line_end(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}
