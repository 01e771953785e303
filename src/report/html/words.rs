//! The words of a line that changed.

use similar::{Algorithm, DiffTag, capture_diff_slices};

/// Lines less alike than this are different lines, not one that changed.
const LEAST_LIKENESS: f32 = 0.4;
/// The words of longer lines are not compared.
const MOST_WORDS: usize = 400;

/// A part of a line, marked where it isn't on the other side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) marked: bool,
}

impl Piece {
    pub(super) fn plain(text: &str) -> Piece {
        Piece {
            text: text.to_owned(),
            marked: false,
        }
    }
}

/// How alike two lines are, from 0 to 1, by the words that they share in the same order; 0 where too little is alike.
pub(super) fn likeness(before: &str, after: &str) -> f32 {
    let (old, new) = (split(before), split(after));
    if old.len() > MOST_WORDS || new.len() > MOST_WORDS {
        return 0.0;
    }
    let weight = |words: &[&str]| -> usize {
        let solid = words.iter().filter(|word| !word.trim().is_empty());
        solid.map(|word| word.len()).sum()
    };
    let total = weight(&old) + weight(&new);
    let ops = capture_diff_slices(Algorithm::Myers, &old, &new);
    let equal = ops.iter().filter(|op| op.tag() == DiffTag::Equal);
    let shared: usize = equal.map(|op| weight(&old[op.old_range()])).sum();
    if total == 0 {
        // Blank lines differ in their blanks alone.
        return 1.0;
    }
    let likeness = 2.0 * shared as f32 / total as f32;
    if likeness < LEAST_LIKENESS {
        0.0
    } else {
        likeness
    }
}

/// Both lines, without their ends, with the words marked that only one of them has; `None` where they are too
/// different.
pub(super) fn compare(before: &str, after: &str) -> Option<(Vec<Piece>, Vec<Piece>)> {
    if likeness(before, after) == 0.0 {
        return None;
    }
    let end = |line: &'_ str| line.strip_suffix('\n').unwrap_or(line).to_owned();
    let (before, after) = (end(before), end(after));
    let (old, new) = (split(&before), split(&after));
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for op in capture_diff_slices(Algorithm::Myers, &old, &new) {
        let marked = op.tag() != DiffTag::Equal;
        push(&mut left, &old[op.old_range()], marked);
        push(&mut right, &new[op.new_range()], marked);
    }
    Some((left, right))
}

fn push(pieces: &mut Vec<Piece>, words: &[&str], marked: bool) {
    if words.is_empty() {
        return;
    }
    let text = words.concat();
    match pieces.last_mut() {
        Some(last) if last.marked == marked => last.text.push_str(&text),
        _ => pieces.push(Piece { text, marked }),
    }
}

/// Cuts a line into names and numbers, runs of blanks, and single other characters.
fn split(line: &str) -> Vec<&str> {
    let class = |c: char| match c {
        c if c.is_alphanumeric() || c == '_' => 1,
        ' ' | '\t' => 2,
        _ => 0,
    };
    let mut words = Vec::new();
    let mut start = 0;
    let mut previous = None;
    for (at, c) in line.char_indices() {
        let here = class(c);
        if previous.is_some_and(|previous| previous != here || here == 0) {
            words.push(&line[start..at]);
            start = at;
        }
        previous = Some(here);
    }
    if start < line.len() {
        words.push(&line[start..]);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(before: &str, after: &str) -> Option<(String, String)> {
        let line = |pieces: Vec<Piece>| -> String {
            let shown = pieces.into_iter().map(|piece| {
                if piece.marked {
                    format!("[{}]", piece.text)
                } else {
                    piece.text
                }
            });
            shown.collect()
        };
        compare(before, after).map(|(left, right)| (line(left), line(right)))
    }

    #[test]
    fn the_words_that_differ_are_marked() {
        assert_eq!(
            shown("    width = 100\n", "    width = \"100px\"\n"),
            Some(("    width = [100]".into(), "    width = [\"100px\"]".into()))
        );
        assert_eq!(
            shown("colour = \"red\"", "color = \"red\""),
            Some(("[colour] = \"red\"".into(), "[color] = \"red\"".into()))
        );
    }

    #[test]
    fn lines_that_have_little_in_common_are_not_compared() {
        assert_eq!(shown("quantity_to_keep = 100", "type = \"Default\""), None);
        let long = "a b ".repeat(1_000);
        assert_eq!(shown(&long, &format!("{long}c")), None);
    }

    #[test]
    fn words_make_up_the_line_again() {
        for line in ["", "a", "  a_b=\"ż-1\"\r\n", "\u{1f422}\u{1f422} x"] {
            assert_eq!(split(line).concat(), line);
        }
    }
}
