//! Conflicts as text: Git's markers around what is open.
//!
//! The text is that of three merges at once: with everything open settled for ours, for the base, and for theirs. They differ only
//! where something is open, so settling all of it for one side gives that side's merge to the byte.

mod hunks;
mod read;
mod write;

pub use read::MarkError;

use std::fmt;

use super::conflict::{Conflict, Side};
use super::error::MergeError;
use super::member::Three;
use super::run::merge_settled;
use crate::catalog::selector::Selector;
use crate::values::Values;
use hunks::{Hunk, hunks};

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
    pieces: Vec<Piece>,
    labels: Labels,
    line_end: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Plain(String),
    Open(OpenPlace),
}

/// A place of a text at which something is open: the lines of each side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenPlace {
    /// The conflicts that it is about, each as its kind and its address: `both-changed step["deploy"].retries`.
    pub conflicts: Vec<String>,
    ours: String,
    base: String,
    theirs: String,
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

/// A merge with what is open between markers.
#[derive(Debug, Clone)]
pub struct MarkedMerge<'a> {
    /// The text. Without a conflict, it is the outcome.
    pub text: MarkedText,
    /// What is open.
    pub conflicts: Vec<Conflict<'a>>,
}

/// Merges as [`merge_settled()`] does, and puts what stays open between markers. A marker stands on a line of its own: around a
/// value, that is around the lines on which it stands; in a heredoc around the lines of its text that differ.
///
/// # Errors
/// As for [`merge_settled()`], and [`MergeError::Marker`] where a line of a document would be read as a marker.
pub fn merge_marked<'a>(
    base: Values<'a>,
    ours: Values<'a>,
    theirs: Values<'a>,
    settle: &dyn Fn(&Conflict<'a>) -> Option<Side>,
    labels: &Labels,
) -> Result<MarkedMerge<'a>, MergeError> {
    let for_ours = merge_settled(base, ours, theirs, settle)?;
    let conflicts = for_ours.conflicts().to_vec();
    if conflicts.is_empty() {
        let text = MarkedText::whole(for_ours.document().text().to_owned(), labels.clone());
        return Ok(MarkedMerge { text, conflicts });
    }
    let settled = |side| {
        let settle = |conflict: &Conflict<'a>| settle(conflict).or(Some(side));
        merge_settled(base, ours, theirs, &settle)
    };
    let (for_base, for_theirs) = (settled(Side::Base)?, settled(Side::Theirs)?);
    let outcomes = Three {
        base: for_base.document(),
        ours: for_ours.document(),
        theirs: for_theirs.document(),
    };
    let identity = ours.identity();
    let hunks = hunks(
        outcomes.map(|outcome| Values::of(outcome, identity)),
        &conflicts,
    );
    let text = MarkedText::of(
        outcomes.map(|outcome| outcome.text()),
        &hunks,
        &conflicts,
        labels.clone(),
    )?;
    Ok(MarkedMerge { text, conflicts })
}

impl MarkedText {
    fn whole(text: String, labels: Labels) -> MarkedText {
        MarkedText {
            line_end: line_end(&text),
            pieces: vec![Piece::Plain(text)],
            labels,
        }
    }

    fn of(
        texts: Three<&str>,
        hunks: &[Hunk],
        conflicts: &[Conflict<'_>],
        labels: Labels,
    ) -> Result<MarkedText, MergeError> {
        let mut pieces = Vec::new();
        let mut at = 0;
        for hunk in hunks {
            pieces.push(Piece::Plain(
                texts.ours[at..hunk.bytes.ours.start].to_owned(),
            ));
            at = hunk.bytes.ours.end;
            let told = |conflict: &usize| {
                let conflict = &conflicts[*conflict];
                told(conflict.kind.name(), &conflict.selector())
            };
            pieces.push(Piece::Open(OpenPlace {
                conflicts: hunk.conflicts.iter().map(told).collect(),
                ours: texts.ours[hunk.bytes.ours.clone()].to_owned(),
                base: texts.base[hunk.bytes.base.clone()].to_owned(),
                theirs: texts.theirs[hunk.bytes.theirs.clone()].to_owned(),
            }));
        }
        pieces.push(Piece::Plain(texts.ours[at..].to_owned()));
        let text = MarkedText {
            pieces,
            labels,
            line_end: line_end(texts.ours),
        };
        write::refuse_markers(&text)?;
        Ok(text)
    }

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

impl fmt::Display for MarkedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write::write(self, f)
    }
}

/// A conflict in a marker.
fn told(kind: &str, selector: &Selector) -> String {
    format!("{kind} {selector}")
}

/// The line end of a text: that of its first line.
fn line_end(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}
