//! What is found in a document.

use super::name::{Certainty, Name};
use crate::values::Element;

/// A thing that a document names, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference<'a> {
    /// The kind of the thing, as the catalog calls it: `variable`.
    pub kind: &'a str,
    /// The name, and what it may be a name of.
    pub name: Name,
    /// How certain it is.
    pub certainty: Certainty,
    /// The value that it stands in. Where that is part of a block's key, the block.
    pub element: Element<'a>,
    /// The line of the name in the document's text, from 1.
    pub line: usize,
}

/// A thing that a document defines, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition<'a> {
    /// The kind of the thing.
    pub kind: &'a str,
    /// Its names: the first is the one to show.
    pub names: Vec<Name>,
    /// The block that defines it, or the whole document.
    pub element: Element<'a>,
    /// The line on which it begins, from 1.
    pub line: usize,
}

/// A condition of a declaration that can't be evaluated on a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("whether `{address}` refers to a thing of the kind `{kind}` can't be told: {message}")]
pub struct ConditionError {
    /// Where it may be a reference.
    pub address: String,
    /// What it would refer to.
    pub kind: String,
    /// What went wrong.
    pub message: String,
}

/// What a document names and defines, in document order.
#[derive(Debug, Clone, Default)]
pub struct References<'a> {
    /// Every name in it.
    pub references: Vec<Reference<'a>>,
    /// Every thing that it defines.
    pub definitions: Vec<Definition<'a>>,
}
