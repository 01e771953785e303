//! Reading a ref, in memory: [`load`](load::load) is the entry.

pub(crate) mod at;
pub(crate) mod base;
pub(crate) mod befores;
pub(crate) mod cache;
pub(crate) mod content_key;
pub(crate) mod history;
pub(crate) mod layout;
pub(crate) mod left_out;
pub(crate) mod load;
pub(crate) mod loaded;
pub(crate) mod marker;
pub(crate) mod merge_side;
pub(crate) mod merge_sides;
pub(crate) mod merge_sides_error;
pub(crate) mod moved;
pub(crate) mod newer;
pub(crate) mod newer_steps;
pub(crate) mod one_document;
pub(crate) mod parallel;
pub(crate) mod readers;
pub(crate) mod session;
pub(crate) mod shape;
pub(crate) mod source;
pub(crate) mod store_view;
pub(crate) mod suspicious;
pub(crate) mod warning;
