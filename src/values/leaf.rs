//! A value with its address.

use std::fmt;

use serde::ser::{Serialize, SerializeMap as _, Serializer};

use super::element::Element;
use super::value::Value;
use crate::catalog::selector::Selector;
use crate::ocl::{Kind, Node};

/// A value that holds no others, with its address.
///
/// What is a leaf: a string, number, boolean or null; an empty list, dictionary or block. A block's own value, where the
/// catalog declares one, is a leaf at the block's address.
#[derive(Clone)]
pub struct Leaf<'a> {
    element: Element<'a>,
    /// The value; for an empty block the block, for a block's own value the label or the attribute's value.
    holder: Node<'a>,
}

impl<'a> Leaf<'a> {
    pub(super) fn new(element: Element<'a>, holder: Node<'a>) -> Leaf<'a> {
        Leaf { element, holder }
    }

    /// The element that has this leaf's address.
    #[must_use]
    pub fn element(&self) -> &Element<'a> {
        &self.element
    }

    /// The value itself, decoded when it is asked for.
    #[must_use]
    pub fn value(&self) -> Value<'a> {
        Value::of(self.holder)
    }

    /// What holds the value in the text: a literal, a label; for an empty block the whole block.
    #[must_use]
    pub fn node(&self) -> Node<'a> {
        self.holder
    }

    /// The selector that selects this leaf and nothing else.
    #[must_use]
    pub fn selector(&self) -> Selector {
        self.element.selector()
    }

    /// Whether both hold the same value.
    pub(crate) fn equals(&self, other: &Leaf<'a>) -> bool {
        let (a, b) = (self.holder, other.holder);
        let is_plain = a.kind() == b.kind() && a.kind() != Kind::Heredoc;
        (is_plain && a.source() == b.source()) || self.value() == other.value()
    }
}

impl fmt::Display for Leaf<'_> {
    /// The address and the value: `step["a"].name = "A"`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.element, self.value())
    }
}

impl fmt::Debug for Leaf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Leaf({self})")
    }
}

impl Serialize for Leaf<'_> {
    /// The value, as the plain JSON view has it.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.holder.kind() {
            Kind::Block => serializer.serialize_map(Some(0))?.end(),
            _ => self.holder.serialize(serializer),
        }
    }
}
