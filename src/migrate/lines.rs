//! How many lines a migration changes.

use similar::{ChangeTag, TextDiff};

/// Lines added and removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, PartialOrd, Ord)]
pub struct LineChanges {
    /// Added lines.
    pub added: usize,
    /// Removed lines.
    pub removed: usize,
}

impl LineChanges {
    /// Counts the lines that a diff of two texts shows. An absent text is empty.
    pub fn between(before: &[u8], after: &[u8]) -> LineChanges {
        let mut lines = LineChanges::default();
        if before == after {
            return lines;
        }
        for change in TextDiff::from_lines(before, after).iter_all_changes() {
            match change.tag() {
                ChangeTag::Insert => lines.added += 1,
                ChangeTag::Delete => lines.removed += 1,
                ChangeTag::Equal => {}
            }
        }
        lines
    }
}

impl std::ops::AddAssign for LineChanges {
    fn add_assign(&mut self, other: LineChanges) {
        self.added += other.added;
        self.removed += other.removed;
    }
}
