//! What the tables are made of: refs, what they hold, and the values of each distinct text.

mod entries;
mod held;
mod leaf_table;
mod read;

pub(super) use entries::Entry;
pub(super) use held::{Held, HeldBase, HeldProject};
pub(super) use leaf_table::LeafTable;
pub(super) use read::{Cell, Sources};
