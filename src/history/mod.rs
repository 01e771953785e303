//! History of values: who changed what, and when.

mod blame;
mod commit;
mod error;
mod glance;
mod log;
mod side;
mod subject;

pub use blame::{Blame, BlameOptions, Blamed};
pub use commit::HistoryCommit;
pub use error::HistoryError;
pub use log::{Cause, CommitChange, History, HistoryOptions};
