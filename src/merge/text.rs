//! Texts of several lines.

use std::collections::HashMap;

use super::order::{Piece, Resolved, pieces, resolve};

/// The lines of texts, each with a number: equal lines have the same.
pub(super) struct Numbered<'a> {
    pub(super) lines: [Vec<&'a str>; 3],
    pub(super) numbers: [Vec<u64>; 3],
}

pub(super) fn numbered(texts: [&str; 3]) -> Numbered<'_> {
    let mut known: HashMap<&str, u64> = HashMap::new();
    let lines = texts.map(|text| text.split_inclusive('\n').collect::<Vec<_>>());
    let numbers = lines.each_ref().map(|lines| {
        let number = lines.iter().map(|line| {
            let next = known.len() as u64;
            *known.entry(line).or_insert(next)
        });
        number.collect()
    });
    Numbered { lines, numbers }
}

/// A text in which both sides' lines are changed; `None` where they changed the same lines, or lines beside each other.
///
/// No text of one line is merged: half of a value is no value.
pub(super) fn merge_lines(base: &str, ours: &str, theirs: &str) -> Option<String> {
    if ![base, ours, theirs].iter().all(|text| text.contains('\n')) {
        return None;
    }
    let Numbered {
        lines: [base, ours, theirs],
        numbers: [b, o, t],
    } = numbered([base, ours, theirs]);
    let mut merged = String::new();
    for piece in pieces(&b, &o, &t) {
        let kept = base.get(piece.base.end);
        let Piece {
            base: in_base,
            ours: in_ours,
            theirs: in_theirs,
        } = piece;
        let resolved = resolve(&b[in_base], &o[in_ours.clone()], &t[in_theirs.clone()])?;
        let lines = match resolved {
            Resolved::Ours => &ours[in_ours],
            Resolved::Theirs => &theirs[in_theirs],
        };
        merged.extend(lines.iter().chain(kept).copied());
    }
    Some(merged)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_merged_where_one_side_changed_them() {
        for (base, ours, theirs, expected) in [
            ("a\nb\nc\n", "x\nb\nc\n", "a\nb\ny\n", Some("x\nb\ny\n")),
            ("a\nb\nc", "x\nb\nc", "a\nb\ny", Some("x\nb\ny")),
            ("a\nb\nc\n", "b\nc\n", "a\nb\nc\nd\n", Some("b\nc\nd\n")),
            ("a\nb\n", "x\nb\n", "x\nb\n", Some("x\nb\n")),
            // The same line, and the line beside it.
            ("a\nb\n", "x\nb\n", "y\nb\n", None),
            ("a\nb\n", "x\nb\n", "a\ny\n", None),
            // One added the last line's end, the other changed the line.
            ("a\nb", "a\nb\n", "a\nc", None),
            // One line alone is a value as a whole.
            ("a", "b", "a", None),
            ("a\nb", "a", "a\nb\nc", None),
        ] {
            let found = merge_lines(base, ours, theirs);
            assert_eq!(found.as_deref(), expected, "{base:?} {ours:?} {theirs:?}");
            assert_eq!(merge_lines(base, theirs, ours), found, "{base:?} mirrored");
        }
    }
}
