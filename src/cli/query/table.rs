//! The rows of a query in columns.

use std::borrow::Cow;

use crate::query::QueryValue;
use crate::text::{self, visible_line};

use crate::cli::failure::Failure;
use crate::cli::output::Output;

/// So many rows say how wide the columns are; those after them are printed as they come.
const MEASURED: usize = 1_000;

/// On a terminal no column is made narrower than this.
const NARROWEST: usize = 8;

/// Between two columns.
const GAP: &str = "  ";

/// Prints rows in columns. Where a terminal is too narrow, the widest columns are cut; nothing is cut elsewhere.
pub(super) struct TableWriter<'o> {
    output: &'o mut Output,
    names: Vec<String>,
    /// The rows that are still to be measured.
    waiting: Vec<Vec<String>>,
    widths: Option<Vec<usize>>,
}

impl<'o> TableWriter<'o> {
    pub(super) fn new(names: Vec<String>, output: &'o mut Output) -> TableWriter<'o> {
        TableWriter {
            output,
            names: names.into_iter().map(|name| on_line(&name)).collect(),
            waiting: Vec::new(),
            widths: None,
        }
    }

    pub(super) fn row(&mut self, row: &[QueryValue<'_>]) -> Result<(), Failure> {
        let cells: Vec<String> = row.iter().map(|value| on_line(&shown(value))).collect();
        if self.widths.is_some() {
            return self.print(&cells);
        }
        self.waiting.push(cells);
        if self.waiting.len() >= MEASURED {
            self.begin()?;
        }
        Ok(())
    }

    pub(super) fn end(mut self) -> Result<(), Failure> {
        match self.widths {
            Some(_) => Ok(()),
            None => self.begin(),
        }
    }

    /// Prints the names and the rows that waited.
    fn begin(&mut self) -> Result<(), Failure> {
        let waiting = std::mem::take(&mut self.waiting);
        let mut widths: Vec<usize> = self.names.iter().map(|name| text::columns(name)).collect();
        for row in &waiting {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(text::columns(cell));
            }
        }
        if let Some(room) = self.output.width() {
            narrow(&mut widths, room);
        }
        let heading = self.line(&self.names, &widths);
        self.output.heading(heading)?;
        self.widths = Some(widths);
        waiting.iter().try_for_each(|row| self.print(row))
    }

    fn print(&mut self, cells: &[String]) -> Result<(), Failure> {
        let line = self.line(cells, self.widths.as_deref().unwrap_or_default());
        Ok(self.output.line(line)?)
    }

    fn line(&self, cells: &[String], widths: &[usize]) -> String {
        let is_cut = self.output.width().is_some();
        let mut line = String::new();
        for (place, (cell, width)) in cells.iter().zip(widths).enumerate() {
            let cell = if is_cut {
                cut(cell, *width)
            } else {
                cell.into()
            };
            line.push_str(&cell);
            if place + 1 < cells.len() {
                line.push_str(&text::padding(&cell, *width));
                line.push_str(GAP);
            }
        }
        line.truncate(line.trim_end().len());
        line
    }
}

/// A value as text.
pub(super) fn shown<'r>(value: &'r QueryValue<'_>) -> Cow<'r, str> {
    match value {
        QueryValue::Null => "NULL".into(),
        QueryValue::Integer(number) => number.to_string().into(),
        QueryValue::Real(number) if number.is_infinite() => {
            let text = if *number > 0.0 {
                "Infinity"
            } else {
                "-Infinity"
            };
            text.into()
        }
        // With a point, as SQLite writes it.
        QueryValue::Real(number) => format!("{number:?}").into(),
        QueryValue::Text(text) => (&**text).into(),
        QueryValue::Blob(bytes) => text::hex(bytes).into(),
    }
}

/// A cell is one line.
fn on_line(text: &str) -> String {
    visible_line(text).into_owned()
}

/// Makes the widest columns narrower, until all fit.
fn narrow(widths: &mut [usize], room: usize) {
    let room = room.saturating_sub(GAP.len() * widths.len().saturating_sub(1));
    while widths.iter().sum::<usize>() > room {
        let over = widths.iter().sum::<usize>() - room;
        let Some(widest) = widths.iter().copied().max().filter(|it| *it > NARROWEST) else {
            return;
        };
        let next = widths.iter().copied().filter(|width| *width < widest).max();
        let count = widths.iter().filter(|width| **width == widest).count();
        let step = (widest - next.unwrap_or(0)).min(over.div_ceil(count));
        let narrower = widest.saturating_sub(step).max(NARROWEST);
        let widest_ones = widths.iter_mut().filter(|width| **width == widest);
        widest_ones.for_each(|width| *width = narrower);
    }
}

fn cut(cell: &str, width: usize) -> Cow<'_, str> {
    if text::columns(cell) <= width {
        return cell.into();
    }
    let mut end = 0;
    for (at, c) in cell.char_indices() {
        let next = at + c.len_utf8();
        if text::columns(&cell[..next]) + 1 > width {
            break;
        }
        end = next;
    }
    format!("{}…", &cell[..end]).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widest_columns_become_narrower() {
        let narrowed = |mut widths: Vec<usize>, room| {
            narrow(&mut widths, room);
            widths
        };
        assert_eq!(narrowed(vec![10, 50, 20], 84), [10, 50, 20]);
        assert_eq!(narrowed(vec![10, 50, 20], 64), [10, 30, 20]);
        assert_eq!(narrowed(vec![10, 50, 40], 64), [10, 25, 25]);
        assert_eq!(narrowed(vec![10, 10], 5), [8, 8]);
    }

    #[test]
    fn a_cell_is_cut_at_its_width() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abcd", 3), "ab…");
        assert_eq!(cut("釣り釣り", 4), "釣…");
    }
}
