//! A merge whose conflicts stand between markers.

use super::super::conflict::{Conflict, Side};
use super::super::error::MergeError;
use super::super::member::Three;
use super::super::run::merge_settled;
use super::hunks::{Hunk, hunks};
use super::text::{Labels, MarkedText, OpenPlace, Piece, line_end};
use super::write;
use crate::catalog::selector::Selector;
use crate::values::Values;

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
}

/// A conflict in a marker.
fn told(kind: &str, selector: &Selector) -> String {
    format!("{kind} {selector}")
}
