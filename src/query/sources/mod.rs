//! What the tables are made of: refs, what they hold, and the values of each distinct text.

mod cells;
mod effective;
mod entries;
mod held;
mod leaf_table;
mod places;
mod read;

pub(super) use entries::Entry;
pub(super) use held::{Held, HeldBase, HeldProject};
pub(super) use leaf_table::LeafTable;
pub(super) use places::Place;
pub(super) use read::{Cell, Leaves, Sources};
