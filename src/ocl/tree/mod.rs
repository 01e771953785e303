//! The nodes of a document and its text, as they were read or as edits have left them.
//!
//! What was parsed is a flat list of nodes over one text, and stays that where nothing is edited. The first edit makes the
//! text a chain of pieces; a node whose parts are edited is *opened*: its children are linked then, and each has a piece of
//! its own. All others remain a piece of text and a stretch of the list, so that an edit costs what it touches. Nodes are
//! added, never moved: the index of a node names it for good.

mod buffer;
mod change;
mod doubled;
mod find;
mod find_doubled;
mod links;
mod names;
mod nodes;
mod pieces;
mod result;
mod walk;

pub(super) use change::{Part, Refusal, Spot};
pub(super) use doubled::Doubled;
pub(super) use nodes::{Inner, Tree};
pub(super) use pieces::Cursor;
pub use result::Splice;
pub(super) use walk::Walk;
