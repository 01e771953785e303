//! How far a look at many refs is.

/// How far a look at many refs is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SurveyProgress {
    /// The number of refs listed so far; the total isn't known yet.
    Listed(usize),
    /// Distinct trees that were looked at.
    Trees {
        /// How many are done.
        done: usize,
        /// How many there are.
        of: usize,
    },
}

/// How many refs are listed between two reports.
pub(super) const LISTED_AT_ONCE: usize = 1024;
