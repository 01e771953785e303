//! Two texts side by side: which line became which, and which words of it.

use similar::{DiffOp, DiffTag, TextDiff};

use super::words::{self, Piece};
use crate::report::DiffStat;

/// How many unchanged lines stand around a change.
const CONTEXT: usize = 3;
/// Fewer unchanged lines than this are not worth folding.
const SHORTEST_FOLD: usize = 4;
/// The unchanged lines of longer texts are left out of the page; shorter ones are folded.
const LONGEST_WHOLE: usize = 2_000;
/// Larger blocks of changed lines are paired in their order.
const LARGEST_ALIGNED: usize = 1_024;

/// What became of a text, line by line.
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

impl Comparison {
    /// Compares two texts by lines. Bytes that are not UTF-8 are compared as they are, and shown as replacement
    /// characters.
    pub(super) fn new(before: &[u8], after: &[u8]) -> Comparison {
        let diff = TextDiff::from_lines(before, after);
        let line =
            |slice: Option<&[u8]>| String::from_utf8_lossy(slice.unwrap_or_default()).into_owned();
        let mut lines = Lines {
            before: (0..diff.old_len())
                .map(|index| line(diff.old_slice(index)))
                .collect(),
            after: (0..diff.new_len())
                .map(|index| line(diff.new_slice(index)))
                .collect(),
        };
        let mut comparison = Comparison {
            carriage_returns: lines.all_end_in_cr_lf(),
            ..Comparison::default()
        };
        if comparison.carriage_returns {
            lines.drop_carriage_returns();
        }
        let last = diff.ops().len().saturating_sub(1);
        for (index, op) in diff.ops().iter().enumerate() {
            match op.tag() {
                DiffTag::Equal => comparison.same(&lines, op, index == 0, index == last),
                DiffTag::Delete | DiffTag::Insert | DiffTag::Replace => {
                    comparison.changed(&lines, op)
                }
            }
        }
        comparison
    }

    fn same(&mut self, lines: &Lines, op: &DiffOp, first: bool, last: bool) {
        let (old, new) = (op.old_range(), op.new_range());
        let count = old.len();
        let numbered = |from: usize, to: usize| -> Vec<SameLine> {
            let line = |offset: usize| SameLine {
                before: old.start + offset + 1,
                after: new.start + offset + 1,
                text: chomp(&lines.before[old.start + offset]).to_owned(),
            };
            (from..to).map(line).collect()
        };
        let head = if first { 0 } else { CONTEXT.min(count) };
        let tail = if last { 0 } else { CONTEXT.min(count) };
        let folded = count.saturating_sub(head + tail);
        if folded < SHORTEST_FOLD {
            self.parts.push(Part::Same(numbered(0, count)));
            return;
        }
        let whole = lines.before.len().max(lines.after.len()) <= LONGEST_WHOLE;
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

    fn changed(&mut self, lines: &Lines, op: &DiffOp) {
        let (old, new) = (op.old_range(), op.new_range());
        self.stat.removed += old.len();
        self.stat.added += new.len();
        let (before, after) = (&lines.before[old.clone()], &lines.after[new.clone()]);
        let rows = pairs(before, after).into_iter().map(|(left, right)| {
            let marked = match (left, right) {
                (Some(left), Some(right)) => words::compare(&before[left], &after[right]),
                _ => None,
            };
            let (left_pieces, right_pieces) = marked.unzip();
            let side = |text: &str, number, pieces: Option<Vec<Piece>>| Side {
                number,
                pieces: pieces.unwrap_or_else(|| vec![Piece::plain(chomp(text))]),
                unfinished: !text.ends_with('\n'),
            };
            (
                left.map(|at| side(&before[at], old.start + at + 1, left_pieces)),
                right.map(|at| side(&after[at], new.start + at + 1, right_pieces)),
            )
        });
        let rows = rows.collect();
        self.parts.push(Part::Changed(rows));
    }
}

struct Lines {
    before: Vec<String>,
    after: Vec<String>,
}

impl Lines {
    fn all(&mut self) -> impl Iterator<Item = &mut String> {
        self.before.iter_mut().chain(&mut self.after)
    }

    fn all_end_in_cr_lf(&self) -> bool {
        let mut lines = self.before.iter().chain(&self.after);
        let any = !(self.before.is_empty() && self.after.is_empty());
        any && lines.all(|line| line.ends_with("\r\n"))
    }

    fn drop_carriage_returns(&mut self) {
        for line in self.all() {
            line.truncate(line.len() - 2);
            line.push('\n');
        }
    }
}

/// A line without its end. A carriage return stays: it is a difference that a reader should see.
fn chomp(line: &str) -> &str {
    line.strip_suffix('\n').unwrap_or(line)
}

/// Which line of a changed block became which, by their places in it, so that the likeness of all pairs together is
/// greatest and none cross.
fn pairs(before: &[String], after: &[String]) -> Vec<(Option<usize>, Option<usize>)> {
    let (rows, columns) = (before.len(), after.len());
    let at = |length: usize, index: usize| (index < length).then_some(index);
    if rows == 0 || columns == 0 || rows * columns > LARGEST_ALIGNED {
        let longest = rows.max(columns);
        return (0..longest)
            .map(|index| (at(rows, index), at(columns, index)))
            .collect();
    }
    let mut likeness = vec![vec![0.0f32; columns]; rows];
    for (row, old) in before.iter().enumerate() {
        for (column, new) in after.iter().enumerate() {
            likeness[row][column] = words::likeness(old, new);
        }
    }
    // best[r][c]: the greatest sum for the lines from r and from c on.
    let mut best = vec![vec![0.0f32; columns + 1]; rows + 1];
    for row in (0..rows).rev() {
        for column in (0..columns).rev() {
            let paired = likeness[row][column] + best[row + 1][column + 1];
            best[row][column] = paired.max(best[row + 1][column]).max(best[row][column + 1]);
        }
    }
    let mut found = Vec::new();
    let (mut row, mut column) = (0, 0);
    // Lines without a counterpart, until the next pair: they share rows, being beside each other.
    let (mut left, mut right) = (Vec::new(), Vec::new());
    let flush = |left: &mut Vec<usize>, right: &mut Vec<usize>, found: &mut Vec<_>| {
        for index in 0..left.len().max(right.len()) {
            found.push((left.get(index).copied(), right.get(index).copied()));
        }
        left.clear();
        right.clear();
    };
    while row < rows || column < columns {
        let alike = row < rows && column < columns && likeness[row][column] > 0.0;
        if alike && best[row][column] == likeness[row][column] + best[row + 1][column + 1] {
            flush(&mut left, &mut right, &mut found);
            found.push((Some(row), Some(column)));
            (row, column) = (row + 1, column + 1);
        } else if column >= columns
            || (row < rows && best[row + 1][column] >= best[row][column + 1])
        {
            left.push(row);
            row += 1;
        } else {
            right.push(column);
            column += 1;
        }
    }
    flush(&mut left, &mut right, &mut found);
    found
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
    fn a_line_stands_beside_what_became_of_it() {
        assert_eq!(
            rows(
                "width = 100\nheight = 20\n",
                "depth = 1\nheight = \"20px\"\n"
            ),
            [(Some(1), Some(1)), (Some(2), Some(2))]
        );
        assert_eq!(
            rows(
                "height = 20\n",
                "new = true\nother = false\nheight = \"20px\"\n"
            ),
            [(None, Some(1)), (None, Some(2)), (Some(1), Some(3))]
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
        assert!(
            left.pieces
                .iter()
                .any(|piece| piece.text == "\r" && piece.marked)
        );
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
