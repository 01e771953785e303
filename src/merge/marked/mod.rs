//! Conflicts as text: Git's markers around what is open.
//!
//! The text is that of three merges at once: with everything open settled for ours, for the base, and for theirs. They differ only
//! where something is open, so settling all of it for one side gives that side's merge to the byte.

mod hunks;
mod merge;
mod read;
mod text;
mod write;

pub use merge::{MarkedMerge, merge_marked};
pub use read::MarkError;
pub use text::{Labels, MarkedText, OpenPlace};
