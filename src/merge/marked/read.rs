//! Reading markers back.

use super::text::{Labels, MarkedText, OpenPlace, Piece, line_end};
use super::write::{BASE, END, NO_LINE_END, OURS, THEIRS, is_marker};

/// Why a text with markers can't be read. The line is counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MarkError {
    /// A marker stands where none of its kind can.
    #[error("line {line}: `{marker}` stands where it can't: a marker before it is missing")]
    Unexpected {
        /// The line.
        line: usize,
        /// The marker.
        marker: String,
    },
    /// The text ends among markers.
    #[error("line {line}: this conflict has no `>>>>>>>` that ends it")]
    Unfinished {
        /// The line of its first marker.
        line: usize,
    },
}

/// Which part of a conflict is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Ours,
    Base,
    Theirs,
}

/// A conflict that is being read.
struct Reading {
    line: usize,
    part: Part,
    open: OpenPlace,
}

impl MarkedText {
    /// Reads a text with markers back. Conflicts that Git wrote itself are read too, without a base where it wrote none.
    ///
    /// # Errors
    /// [`MarkError`].
    pub fn parse(text: &str) -> Result<MarkedText, MarkError> {
        let mut marked = MarkedText {
            pieces: Vec::new(),
            labels: Labels::default(),
            line_end: line_end(text),
        };
        let mut plain = String::new();
        let mut reading: Option<Reading> = None;
        for (index, full) in text.split_inclusive('\n').enumerate() {
            let line = index + 1;
            let shown = full.strip_suffix('\n').unwrap_or(full);
            let shown = shown.strip_suffix('\r').unwrap_or(shown);
            let markers = [OURS, BASE, THEIRS, END];
            let marker = markers.into_iter().find(|marker| is_marker(shown, marker));
            let label = || shown[OURS.len()..].trim_start();
            let part = reading.as_ref().map(|reading| reading.part);
            match (marker, part, &mut reading) {
                (Some(OURS), None, _) => {
                    let mut words = label().split('\t');
                    marked.labels.ours = words.next().unwrap_or_default().to_owned();
                    let open = OpenPlace {
                        conflicts: words.map(str::to_owned).collect(),
                        ours: String::new(),
                        base: String::new(),
                        theirs: String::new(),
                    };
                    let part = Part::Ours;
                    reading = Some(Reading { line, part, open });
                    marked.pieces.push(Piece::Plain(std::mem::take(&mut plain)));
                }
                (Some(BASE), Some(Part::Ours), Some(reading)) => {
                    marked.labels.base = label().to_owned();
                    reading.part = Part::Base;
                }
                (Some(THEIRS), Some(Part::Ours | Part::Base), Some(reading)) => {
                    reading.part = Part::Theirs;
                }
                (Some(END), Some(Part::Theirs), _) => {
                    marked.labels.theirs = label().to_owned();
                    let ended = reading.take().map(|reading| Piece::Open(reading.open));
                    marked.pieces.extend(ended);
                }
                // Outside of a conflict, a text may have such a line.
                (None | Some(THEIRS), None, _) => plain.push_str(full),
                (None, Some(_), Some(reading)) => reading.push(full, shown),
                (marker, ..) => {
                    let marker = marker.unwrap_or_default().to_owned();
                    return Err(MarkError::Unexpected { line, marker });
                }
            }
        }
        if let Some(Reading { line, .. }) = reading {
            return Err(MarkError::Unfinished { line });
        }
        marked.pieces.push(Piece::Plain(plain));
        Ok(marked)
    }
}

impl Reading {
    fn push(&mut self, full: &str, shown: &str) {
        let lines = match self.part {
            Part::Ours => &mut self.open.ours,
            Part::Base => &mut self.open.base,
            Part::Theirs => &mut self.open.theirs,
        };
        if shown != NO_LINE_END {
            lines.push_str(full);
        } else if lines.ends_with('\n') {
            lines.pop();
            if lines.ends_with('\r') {
                lines.pop();
            }
        }
    }
}
