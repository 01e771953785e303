//! Paths that select parts of a document: what a step's `in` block selects, and what an address is written in.

mod parse;
mod path;
mod print;
mod select;

pub use parse::SyntaxError;
pub(crate) use parse::{SelectorError, key_entries, leading_text};
pub use path::Selector;
pub(crate) use path::{KeyValue, LABELS, Qualifier, Scalar, Segment};
pub(crate) use print::{
    needs_escape, write_entries, write_item, write_key, write_name, write_no_label, write_position,
    write_quoted, write_text,
};
