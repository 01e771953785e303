//! What an editor has changed, as splices against the original text.

use std::ops::Range;

/// A piece of the original text and what stands in its place now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Splice {
    /// Byte range in the original text.
    pub old: Range<usize>,
    /// The text in its place.
    pub new: String,
}

/// The changed ranges, in order, apart from each other.
#[derive(Debug, Clone, Default)]
pub(super) struct Splices {
    changed: Vec<Changed>,
}

#[derive(Debug, Clone)]
struct Changed {
    old: Range<usize>,
    /// Where it lies in the current text.
    new: Range<usize>,
}

impl Splices {
    pub(super) fn is_empty(&self) -> bool {
        self.changed.is_empty()
    }

    /// Takes down that `range` of the current text gives way to `length` bytes.
    pub(super) fn record(&mut self, range: Range<usize>, length: usize) {
        let first = self
            .changed
            .partition_point(|changed| changed.new.end < range.start);
        let last = self
            .changed
            .partition_point(|changed| changed.new.start <= range.end);
        let last = last.max(first);
        // How far the text between the changes has moved so far.
        let moved = |before: usize| match before.checked_sub(1).map(|at| &self.changed[at]) {
            None => 0,
            Some(changed) => changed.new.end as isize - changed.old.end as isize,
        };
        let old_at = |at: usize, moved: isize| at.wrapping_add_signed(-moved);
        let mut old = old_at(range.start, moved(first))..old_at(range.end, moved(last));
        let mut new = range.clone();
        let touched = &self.changed[first..last];
        if let Some(before) = touched.first().filter(|it| it.new.start <= range.start) {
            old.start = before.old.start;
            new.start = before.new.start;
        }
        if let Some(after) = touched.last().filter(|it| it.new.end >= range.end) {
            old.end = after.old.end;
            new.end = after.new.end;
        }
        let growth = length as isize - range.len() as isize;
        new.end = new.end.wrapping_add_signed(growth);
        for later in &mut self.changed[last..] {
            later.new.start = later.new.start.wrapping_add_signed(growth);
            later.new.end = later.new.end.wrapping_add_signed(growth);
        }
        self.changed.splice(first..last, [Changed { old, new }]);
    }

    /// The splices, given the current text.
    pub(super) fn list(&self, text: &str) -> Vec<Splice> {
        self.changed
            .iter()
            .map(|changed| Splice {
                old: changed.old.clone(),
                new: text[changed.new.clone()].to_owned(),
            })
            .collect()
    }
}
