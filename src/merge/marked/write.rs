//! Writing markers.

use std::fmt;

use super::super::conflict::Side;
use super::super::error::MergeError;
use super::text::{MarkedText, Piece};

pub(super) const OURS: &str = "<<<<<<<";
pub(super) const BASE: &str = "|||||||";
pub(super) const THEIRS: &str = "=======";
pub(super) const END: &str = ">>>>>>>";

/// Behind the last line of a side, where that has no line end. As in a diff.
pub(super) const NO_LINE_END: &str = "\\ No newline at end of file";

impl fmt::Display for MarkedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(self, f)
    }
}

fn write(text: &MarkedText, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (labels, end) = (&text.labels, text.line_end);
    for piece in &text.pieces {
        let open = match piece {
            Piece::Plain(text) => {
                f.write_str(text)?;
                continue;
            }
            Piece::Open(open) => open,
        };
        write!(f, "{OURS} {}", label(&labels.ours))?;
        for conflict in &open.conflicts {
            write!(f, "\t{}", label(conflict))?;
        }
        f.write_str(end)?;
        side(open.of(Side::Ours), end, f)?;
        write!(f, "{BASE} {}{end}", label(&labels.base))?;
        side(open.of(Side::Base), end, f)?;
        write!(f, "{THEIRS}{end}")?;
        side(open.of(Side::Theirs), end, f)?;
        write!(f, "{END} {}{end}", label(&labels.theirs))?;
    }
    Ok(())
}

fn side(lines: &str, end: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(lines)?;
    if !lines.is_empty() && !lines.ends_with('\n') {
        write!(f, "{end}{NO_LINE_END}{end}")?;
    }
    Ok(())
}

/// A label on its line.
fn label(text: &str) -> String {
    text.replace(char::is_control, " ")
}

/// Whether a line is a marker: seven of its character, and a blank or nothing behind them.
pub(super) fn is_marker(line: &str, marker: &str) -> bool {
    let rest = line.strip_prefix(marker);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
}

/// Refuses a text that wouldn't be read back as it is.
pub(super) fn refuse_markers(text: &MarkedText) -> Result<(), MergeError> {
    let anywhere = |line: &str| {
        [OURS, BASE, END]
            .iter()
            .any(|marker| is_marker(line, marker))
    };
    let among_open =
        |line: &str| anywhere(line) || is_marker(line, THEIRS) || line.trim_end() == NO_LINE_END;
    let found = text.pieces.iter().find_map(|piece| match piece {
        Piece::Plain(text) => text.lines().find(|line| anywhere(line)),
        Piece::Open(open) => [Side::Ours, Side::Base, Side::Theirs]
            .into_iter()
            .find_map(|side| open.of(side).lines().find(|line| among_open(line))),
    });
    match found {
        Some(line) => Err(MergeError::Marker {
            line: line.trim_end().to_owned(),
        }),
        None => Ok(()),
    }
}
