//! Text for people: which characters may be shown, how lists and numbers are worded, how lines are laid out.
//!
//! Names, paths, documents and messages come from repositories and stores that other people write to. Before any of it
//! reaches a terminal, a page or a message, it goes through [`visible`] or [`visible_line`]: only this room decides which
//! characters may be shown as they are.
//!
//! Architecture invariant: this room uses no other room.

mod layout;
mod line_starts;
mod nesting;
mod panic;
mod portable_name;
mod visible;
mod words;

pub use layout::{Excerpt, columns, excerpt, padding};
pub use line_starts::LineStarts;
pub use nesting::nested_deeper;
pub use panic::panic_message;
pub use portable_name::unportable_name;
pub use visible::{is_hidden, push_visible, visible, visible_line};
pub use words::{
    AS_FAR_AS_READ, count, either, first_line, folder, grouped, hex, is_one_letter_off, list,
    nearest, short_id, some_of,
};
