//! What a query may look at, and how much it may take.

use std::time::Duration;

use crate::git::{RefPattern, RefScope};

/// What a query may look at, and how much it may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryOptions {
    /// The version that everything is lifted to; the server's, unless said otherwise.
    pub target: Option<u32>,
    /// The refs that `refs`, `documents` and `leaves` list.
    pub refs: QueriedRefs,
    /// Names for revisions, and the revisions. Each is listed, as the ref that it names.
    pub environments: Vec<(String, String)>,
    /// The revision whose values are everybody's defaults, for the table `effective`.
    pub defaults: Option<String>,
    /// A query that takes longer ends with [`QueryError::TimedOut`](super::QueryError::TimedOut). `None`: as long as it takes.
    pub timeout: Option<Duration>,
    /// A query with more rows ends with [`QueryError::TooManyRows`](super::QueryError::TooManyRows) after them. `None`: any number.
    pub max_rows: Option<u64>,
    /// How many bytes SQLite may take. SQLite has one such limit in a process, for all that uses it, and it can only be lowered.
    /// `None` leaves it as it is.
    pub max_memory: Option<u64>,
    /// About how many bytes of documents are kept after they were read.
    pub cache_bytes: u64,
}

/// The refs that a query lists. Any other can be named in it as an argument: `leaves('main~3')`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueriedRefs {
    /// Every ref of a scope.
    Scope(RefScope),
    /// Every ref that fits any of the patterns, and revisions.
    Chosen {
        /// Each must fit a ref.
        patterns: Vec<RefPattern>,
        /// Anything that Git resolves.
        revisions: Vec<String>,
    },
}

impl Default for QueryOptions {
    /// Branches and tags at the server's version; a minute, a million rows.
    fn default() -> QueryOptions {
        QueryOptions {
            target: None,
            refs: QueriedRefs::Scope(RefScope::BranchesAndTags),
            environments: Vec::new(),
            defaults: None,
            timeout: Some(Duration::from_secs(60)),
            max_rows: Some(1_000_000),
            max_memory: None,
            cache_bytes: 256 << 20,
        }
    }
}
