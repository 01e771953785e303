//! What a client asks, and how its answer ends.

use std::fmt;

use super::problem::Problem;

/// A question of a client.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    /// The project's name in the path.
    pub(crate) project: String,
    /// The place of its endpoint among the service's.
    pub(crate) endpoint: usize,
    /// Names and values, as the endpoint takes them.
    pub(crate) parameters: Vec<(String, String)>,
    pub(crate) form: Form,
    /// Where the branch must be that is written to.
    pub(crate) expected: Option<Expected>,
}

/// What a client has seen of the branch that it writes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Expected {
    /// It was at this commit, in lower-case hex.
    Commit(String),
    /// It wasn't there.
    Absent,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expected::Commit(commit) => f.write_str(commit),
            Expected::Absent => f.write_str("absent"),
        }
    }
}

/// In which form the answer is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// The data, as the command line prints it.
    Data,
    /// The same line by line as server-sent events, with progress.
    Events,
    /// A page for people.
    Page,
}

/// How an answer ended.
#[derive(Debug, Clone)]
pub(crate) struct Ended {
    /// That of the command line.
    pub(crate) exit_code: u8,
    /// Why there is no answer, or none beyond what was written.
    pub(crate) problem: Option<Problem>,
    /// All that it depends on, put into a few bytes, where that can be told.
    pub(crate) state: Option<[u8; 32]>,
}
