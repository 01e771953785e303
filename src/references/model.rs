//! What is found in a document.

use std::collections::BTreeSet;
use std::ops::Range;

use super::name::{Certainty, Name};
use crate::ocl::Node;
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
    /// The string that it stands in.
    pub node: Node<'a>,
    /// Where the name stands in the decoded text of that string, in bytes.
    pub place: Range<usize>,
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
    /// What holds the names, each with the place of its name among `names`.
    pub(crate) holders: Vec<(usize, Holder<'a>)>,
    /// The line on which it begins, from 1.
    pub line: usize,
}

impl Reference<'_> {
    /// From where on in the document's text the name is written. What is escaped before it in a string makes it stand later.
    pub(crate) fn written_at(&self) -> usize {
        start_of(self.node) + self.place.start
    }
}

impl Definition<'_> {
    /// The same of its first name; the start of the block where no part of it holds that.
    pub(crate) fn written_at(&self) -> usize {
        let mut holders = self.holders.iter();
        let first = holders.find_map(|(name, holder)| match holder {
            Holder::Text(node) if *name == 0 => Some(*node),
            _ => None,
        });
        start_of(first.unwrap_or(self.element.node()))
    }
}

fn start_of(node: Node<'_>) -> usize {
    node.span().map_or(0, |span| span.start)
}

/// What holds a name of a thing that is defined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holder<'a> {
    /// The document's own name.
    Slug,
    /// A label, or the value of an attribute.
    Text(Node<'a>),
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
    /// The kinds of things that something which no document holds, but which this one brings in, may refer to: the files of a
    /// package, for example.
    pub used_elsewhere: BTreeSet<&'a str>,
}
