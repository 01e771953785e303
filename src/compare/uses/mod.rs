//! Who refers to a thing, and which things nothing refers to or nothing defines, over many refs.

mod answers;
mod model;
mod search;
mod text;

pub use model::{LeftOut, UsePlace, UseQuestion, UseRole, Uses};
pub use search::UseSearch;
pub(crate) use search::{Answers, Search};
