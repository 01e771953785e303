//! How often documents have something.

/// How often each document has something.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Count {
    pub(super) base: i64,
    pub(super) ours: i64,
    pub(super) theirs: i64,
    pub(super) result: i64,
}

impl Count {
    /// Whether the result has what both sides made of it. What both changed in one direction may be one change or two.
    pub(super) fn is_right(self) -> bool {
        let [ours, theirs, result] =
            [self.ours, self.theirs, self.result].map(|count| count - self.base);
        if ours.signum() * theirs.signum() <= 0 {
            return result == ours + theirs;
        }
        let (least, most) = (ours.abs().max(theirs.abs()), (ours + theirs).abs());
        result.signum() == ours.signum() && (least..=most).contains(&result.abs())
    }
}
