//! Two texts side by side: which line became which, and which words of it.

use std::borrow::Cow;

use similar::{
    Change, DiffOp, DiffTag, InlineChange, InlineChangeMode, InlineChangeOptions, TextDiff,
};

use crate::report::diff::DiffStat;

/// How many unchanged lines stand around a change.
const CONTEXT: usize = 3;
/// Fewer unchanged lines than this are not worth folding.
const SHORTEST_FOLD: usize = 4;
/// The unchanged lines of longer texts are left out of the page; shorter ones are folded.
const LONGEST_WHOLE: usize = 2_000;
/// The words of larger blocks of changed lines are not compared.
const LARGEST_BLOCK: usize = 200;

/// The comparison of two texts, line by line.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    pub(super) parts: Vec<Part>,
    pub(super) stat: DiffStat,
    /// Every line on both sides ends in CR LF: said once instead of shown at each.
    pub(super) carriage_returns: bool,
}

/// A run of lines.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Unchanged lines near a change.
    Same(Vec<SameLine>),
    /// Unchanged lines further away: how many, and which, unless the text is long.
    Folded(usize, Vec<SameLine>),
    /// Changed lines; those that became each other stand in one row.
    Changed(Vec<(Option<Side>, Option<Side>)>),
}

/// An unchanged line with its numbers, from 1.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SameLine {
    pub(super) before: usize,
    pub(super) after: usize,
    pub(super) text: String,
}

/// A changed line on one side, with its number, from 1.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Side {
    pub(super) number: usize,
    pub(super) pieces: Vec<Piece>,
    /// The text ends here without a line end.
    pub(super) unfinished: bool,
}

/// A part of a line, marked where it isn't on the other side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) marked: bool,
}

type Lines<'t> = TextDiff<'t, 't, [u8]>;

impl Comparison {
    /// Compares two texts by lines. Bytes that are not UTF-8 are compared as they are, and shown as replacement
    /// characters.
    pub(super) fn new(before: &[u8], after: &[u8]) -> Comparison {
        let carriage_returns = [before, after].into_iter().all(ends_in_cr_lf);
        let shown = |text| {
            if carriage_returns {
                without_carriage_returns(text)
            } else {
                Cow::Borrowed(text)
            }
        };
        let (before, after) = (shown(before), shown(after));
        let lines = TextDiff::from_lines(&*before, &*after);
        let mut comparison = Comparison {
            carriage_returns,
            ..Comparison::default()
        };
        let last = lines.ops().len().saturating_sub(1);
        for (index, op) in lines.ops().iter().enumerate() {
            if op.tag() == DiffTag::Equal {
                comparison.same(&lines, op, index == 0, index == last);
            } else {
                comparison.changed(&lines, op);
            }
        }
        comparison
    }

    /// Counts lines on both sides from these numbers on, where the texts are parts of longer ones.
    pub(super) fn begin_at(&mut self, before: usize, after: usize) {
        let (before, after) = (before.saturating_sub(1), after.saturating_sub(1));
        for part in &mut self.parts {
            match part {
                Part::Same(lines) | Part::Folded(_, lines) => {
                    for line in lines {
                        line.before += before;
                        line.after += after;
                    }
                }
                Part::Changed(rows) => {
                    for (old, new) in rows {
                        old.iter_mut().for_each(|side| side.number += before);
                        new.iter_mut().for_each(|side| side.number += after);
                    }
                }
            }
        }
    }

    fn same(&mut self, lines: &Lines<'_>, op: &DiffOp, first: bool, last: bool) {
        let count = op.old_range().len();
        let numbered = |from: usize, to: usize| -> Vec<SameLine> {
            let changes = lines.iter_changes(op).skip(from).take(to - from);
            let line = |change: Change<&[u8]>| SameLine {
                before: change.old_index().map_or(0, |index| index + 1),
                after: change.new_index().map_or(0, |index| index + 1),
                text: chomp(&change.to_string_lossy()).to_owned(),
            };
            changes.map(line).collect()
        };
        let head = if first { 0 } else { CONTEXT.min(count) };
        let tail = if last { 0 } else { CONTEXT.min(count) };
        let folded = count.saturating_sub(head + tail);
        if folded < SHORTEST_FOLD {
            self.parts.push(Part::Same(numbered(0, count)));
            return;
        }
        let whole = lines.old_len().max(lines.new_len()) <= LONGEST_WHOLE;
        let shown = if whole {
            numbered(head, count - tail)
        } else {
            Vec::new()
        };
        let parts = [
            Part::Same(numbered(0, head)),
            Part::Folded(folded, shown),
            Part::Same(numbered(count - tail, count)),
        ];
        let empty = |part: &Part| matches!(part, Part::Same(lines) if lines.is_empty());
        self.parts
            .extend(parts.into_iter().filter(|part| !empty(part)));
    }

    fn changed(&mut self, lines: &Lines<'_>, op: &DiffOp) {
        let (removed, added) = (op.old_range().len(), op.new_range().len());
        self.stat.removed += removed;
        self.stat.added += added;
        let changes: Vec<InlineChange<'_, [u8]>> = if removed + added <= LARGEST_BLOCK {
            let mut options = InlineChangeOptions::new();
            options.mode(InlineChangeMode::Words);
            // Without a deadline: the same texts give the same page.
            let changes = lines.iter_inline_changes_with_options_deadline(op, options, None);
            changes.collect()
        } else {
            lines.iter_changes(op).map(InlineChange::from).collect()
        };
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for change in &changes {
            let (side, index) = match change.old_index() {
                Some(index) => (&mut left, index),
                None => (&mut right, change.new_index().unwrap_or_default()),
            };
            side.push(Side {
                number: index + 1,
                pieces: pieces(change.iter_strings_lossy()),
                unfinished: change.missing_newline(),
            });
        }
        let (mut left, mut right) = (left.into_iter(), right.into_iter());
        let rows = (0..removed.max(added)).map(|_| (left.next(), right.next()));
        self.parts.push(Part::Changed(rows.collect()));
    }
}

/// The parts of a line without its end.
fn pieces<'t>(parts: impl Iterator<Item = (bool, Cow<'t, str>)>) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for (marked, text) in parts {
        let text = chomp(&text);
        match pieces.last_mut() {
            _ if text.is_empty() => {}
            Some(last) if last.marked == marked => last.text.push_str(text),
            _ => pieces.push(Piece {
                text: text.to_owned(),
                marked,
            }),
        }
    }
    pieces
}

fn ends_in_cr_lf(text: &[u8]) -> bool {
    let mut lines = text.split_inclusive(|byte| *byte == b'\n');
    lines.all(|line| line.ends_with(b"\r\n"))
}

/// A text whose lines all end in CR LF, with LF alone.
fn without_carriage_returns(text: &[u8]) -> Cow<'_, [u8]> {
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    let lines = lines.map(|line| [&line[..line.len() - 2], b"\n"].concat());
    lines.collect::<Vec<_>>().concat().into()
}

/// A line without its end. A carriage return stays: it is a difference that a reader should see.
fn chomp(line: &str) -> &str {
    line.strip_suffix('\n').unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(before: &str, after: &str) -> Vec<(Option<usize>, Option<usize>)> {
        let comparison = Comparison::new(before.as_bytes(), after.as_bytes());
        let mut found = Vec::new();
        for part in comparison.parts {
            if let Part::Changed(rows) = part {
                let number = |side: Option<Side>| side.map(|side| side.number);
                found.extend(
                    rows.into_iter()
                        .map(|(left, right)| (number(left), number(right))),
                );
            }
        }
        found
    }

    #[test]
    fn the_words_that_differ_are_marked() {
        let marked = |before: &str, after: &str| -> Vec<String> {
            let comparison = Comparison::new(before.as_bytes(), after.as_bytes());
            let Part::Changed(rows) = &comparison.parts[0] else {
                panic!("{comparison:?}")
            };
            let sides = rows
                .iter()
                .flat_map(|(left, right)| [left, right])
                .flatten();
            let line = |side: &Side| {
                let shown = side.pieces.iter().map(|Piece { text, marked }| {
                    if *marked {
                        format!("[{text}]")
                    } else {
                        text.clone()
                    }
                });
                shown.collect()
            };
            sides.map(line).collect()
        };
        assert_eq!(
            marked("    width = 100\n", "    width = \"100px\"\n"),
            ["    width = [100]", "    width = [\"100px\"]"]
        );
        assert_eq!(marked("a b c d\n", "\u{1f422}\n"), ["a b c d", "\u{1f422}"]);
    }

    #[test]
    fn changed_lines_stand_beside_each_other_in_their_order() {
        assert_eq!(
            rows("height = 20\n", "new = true\nheight = \"20px\"\n"),
            [(Some(1), Some(1)), (None, Some(2))]
        );
    }

    #[test]
    fn every_changed_line_is_there_once_however_large_the_block() {
        let text = |word: &str, lines: usize| -> String {
            (0..lines).map(|line| format!("{word} {line}\n")).collect()
        };
        for (old, new) in [(3, 90), (90, 3), (500, 2)] {
            let rows = rows(&text("a", old), &text("b", new));
            let left: Vec<usize> = rows.iter().filter_map(|row| row.0).collect();
            let right: Vec<usize> = rows.iter().filter_map(|row| row.1).collect();
            assert_eq!(left, (1..=old).collect::<Vec<_>>());
            assert_eq!(right, (1..=new).collect::<Vec<_>>());
        }
    }

    #[test]
    fn lines_far_from_a_change_are_folded() {
        let before: String = (1..=30).map(|line| format!("line {line}\n")).collect();
        let after = before.replace("line 15\n", "line fifteen\n");
        let comparison = Comparison::new(before.as_bytes(), after.as_bytes());
        let shape: Vec<String> = comparison
            .parts
            .iter()
            .map(|part| match part {
                Part::Same(lines) => {
                    format!("{}-{}", lines[0].before, lines[lines.len() - 1].after)
                }
                Part::Folded(count, lines) => format!("fold {count}: {}", lines[0].before),
                Part::Changed(rows) => format!("changed {}", rows.len()),
            })
            .collect();
        assert_eq!(
            shape,
            ["fold 11: 1", "12-14", "changed 1", "16-18", "fold 12: 19"]
        );
        assert_eq!(
            comparison.stat,
            DiffStat {
                added: 1,
                removed: 1
            }
        );
    }

    #[test]
    fn a_missing_line_end_and_a_carriage_return_are_differences() {
        let comparison = Comparison::new(b"a = 1\r\nb", b"a = 1\nb\n");
        let Part::Changed(rows) = &comparison.parts[0] else {
            panic!("{comparison:?}")
        };
        let (left, right) = (rows[0].0.as_ref().unwrap(), rows[0].1.as_ref().unwrap());
        assert!(left.pieces.iter().any(|piece| piece.text.contains('\r')));
        assert!(!right.pieces.iter().any(|piece| piece.text.contains('\r')));
        assert!(!comparison.carriage_returns);
        let (left, right) = (rows[1].0.as_ref().unwrap(), rows[1].1.as_ref().unwrap());
        assert!(left.unfinished && !right.unfinished);
    }

    #[test]
    fn carriage_returns_at_all_line_ends_are_not_in_the_way() {
        let comparison = Comparison::new(b"a = 1\r\n", b"a = 2\r\nb\r\n");
        assert!(comparison.carriage_returns);
        let Part::Changed(rows) = &comparison.parts[0] else {
            panic!("{comparison:?}")
        };
        let sides = rows
            .iter()
            .flat_map(|(left, right)| [left, right])
            .flatten();
        let mut pieces = sides.flat_map(|side| &side.pieces);
        assert!(!pieces.any(|piece| piece.text.contains('\r')));
    }
}
