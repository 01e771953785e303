//! A compared value in words.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::iter;

use crate::cli::named_refs::shown_name;
use crate::compare::{ComparedRow, Table};
use crate::text::{self, count, folder, grouped};
use crate::values::Leaf;

/// Of a value, so many characters are shown.
const WIDEST: usize = 100;

/// About how long a line is, in bytes.
const LINE: usize = 160;

/// How a table is put into words.
pub(super) struct Words<'t> {
    pub(super) table: &'t Table,
    /// So many refs are named of each value.
    pub(super) most: usize,
    pub(super) has_several_base_paths: bool,
}

impl Words<'_> {
    /// A value that differs: its address, what it is and where, and what the defaults say.
    pub(super) fn lines(&self, row: &ComparedRow<'_>) -> Vec<String> {
        let mut lines = vec![format!("  {}", row.element)];
        let with_default = row.defaults.iter().flat_map(|(_, columns)| columns);
        let with_default: BTreeSet<usize> = with_default.copied().collect();
        let mut values = Vec::with_capacity(row.values.len());
        for (leaf, columns) in &row.values {
            let shown = leaf.as_ref();
            let shown = shown.map_or_else(|| "(none)".to_owned(), shown_value);
            let shown = (text::columns(&shown), shown);
            if with_default.is_empty() && row.overriding.is_empty() {
                values.push((shown, "", Cow::Borrowed(&**columns)));
                continue;
            }
            let (overriding, others): (Vec<usize>, Vec<usize>) = columns
                .iter()
                .partition(|column| row.overriding.binary_search(column).is_ok());
            values.push((shown.clone(), "  overrides the default", overriding.into()));
            if self.table.only_overrides {
                continue;
            }
            let (applies, others): (Vec<usize>, Vec<usize>) = others
                .into_iter()
                .partition(|column| leaf.is_none() && with_default.contains(column));
            values.push((shown.clone(), "  the default applies", applies.into()));
            values.push((shown, "", others.into()));
        }
        values.retain(|(.., columns)| !columns.is_empty());
        values.sort_by_key(|(.., columns)| columns[0]);
        let widths = values.iter().map(|((width, _), ..)| *width);
        let widest = widths.max().unwrap_or(0).min(24);
        for ((width, value), mark, columns) in &values {
            let mut line = String::with_capacity(LINE);
            line.push_str("    ");
            line.push_str(value);
            line.extend(iter::repeat_n(' ', 2 + widest.saturating_sub(*width)));
            self.push_refs(columns, &mut line);
            line.push_str(mark);
            lines.push(line);
        }
        for (leaf, columns) in &row.defaults {
            let value = shown_value(leaf);
            let refs = if columns.len() == self.table.columns.len() {
                String::new()
            } else {
                format!(" of {}", self.refs_of(columns))
            };
            lines.push(format!("    the default{refs} is {value}"));
        }
        lines
    }

    /// The refs of some columns, in words.
    pub(super) fn refs_of(&self, columns: &[usize]) -> String {
        let mut text = String::new();
        self.push_refs(columns, &mut text);
        text
    }

    /// The same at the end of a text. There may be thousands.
    fn push_refs(&self, columns: &[usize], text: &mut String) {
        let columns = columns.iter().map(|column| &self.table.columns[*column]);
        let all: usize = columns.clone().map(|column| column.refs.len()).sum();
        let refs = columns.flat_map(|column| column.refs.iter().map(move |it| (it, column)));
        let shown = all.min(self.most);
        for (place, (reference, column)) in refs.take(shown).enumerate() {
            if place > 0 {
                let is_last = place + 1 == all;
                text.push_str(if is_last { " and " } else { ", " });
            }
            text.push_str(shown_name(reference));
            if self.has_several_base_paths {
                text.push(' ');
                text.push_str(folder(&column.base_path));
            }
        }
        if shown < all {
            text.push_str(" and ");
            text.push_str(&grouped(all - shown));
            text.push_str(" more");
        }
    }
}

/// A value on one line, shortened.
fn shown_value(leaf: &Leaf<'_>) -> String {
    let value = leaf.value().to_string();
    match value.char_indices().nth(WIDEST) {
        Some((end, _)) => format!(
            "{}… ({})",
            &value[..end],
            count(value.chars().count(), "character")
        ),
        None => value,
    }
}
