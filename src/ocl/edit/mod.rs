//! Editing a document in place.
//!
//! Inserted text looks like its surroundings: indent, line ends, the blanks around `=`, quotes around keys, the sorted
//! position. *Not* kept: the form of a value that is replaced by a different one (a heredoc stays a heredoc with
//! its tag if that can hold the new value), and comments within it.

mod copying;
mod editor;
mod error;
mod gap;
mod indent;
mod insert;
mod items;
mod lines;
mod moving;
mod names;
mod order;
mod removal;
mod remove;
mod replace;
mod sorted;
mod unit;

pub use editor::{Editor, Position};
pub use error::EditError;
