//! The blocks of a catalog's files and their attributes. The reader accepts exactly these, and the reference lists them.

mod block;
mod catalog;
mod example;
mod step;
mod things;

pub use block::{AttributeReference, BlockReference};
pub(super) use catalog::{CATALOG, CONTRACT, DOCUMENT, KEY, MARKER, OF_CATALOG, SET, VERSION};
pub(super) use step::{
    ACTIONS, DIALECT, DOWN, DOWN_OF_REMOVE, IMPORT, OF_STEP, REMOVE, RENAME, STEP,
};
pub(super) use things::{REFERENCE, TEMPLATE, THING};
