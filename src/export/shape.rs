//! The shape of blocks in formats without blocks.
//!
//! A document or block is an object: attributes by name, blocks as a list under their type, in order. This is the plain view of
//! a node, with one addition: where the order of blocks of several types counts, each says its position.

use std::borrow::Cow;
use std::collections::HashSet;

use indexmap::IndexMap;

use crate::ocl::{Kind, LABELS, Node};
use crate::values::Element;

/// The key of a block's position among the ordered blocks beside it, from 0. It is there where these are of several types: a
/// list for each type doesn't tell their order. Names in a block can't contain `$`.
pub const POSITION: &str = "$position";

/// A document or a block.
#[derive(Clone)]
pub(super) struct Body<'a> {
    element: Element<'a>,
    position: Option<usize>,
}

/// What a document or block holds.
pub(super) enum Inner<'a> {
    Attribute(Node<'a>),
    Block(Body<'a>),
}

/// What stands under one name.
pub(super) enum Content<'a> {
    Labels(Vec<Cow<'a, str>>),
    Position(usize),
    Value(Node<'a>),
    Blocks(Vec<Body<'a>>),
}

impl<'a> Body<'a> {
    /// An element that is a document or a block.
    pub(super) fn of(element: &Element<'a>) -> Option<Body<'a>> {
        let is_one = matches!(element.node().kind(), Kind::Document | Kind::Block);
        is_one.then(|| Body {
            element: element.clone(),
            position: None,
        })
    }

    pub(super) fn node(&self) -> Node<'a> {
        self.element.node()
    }

    pub(super) fn labels(&self) -> Vec<Cow<'a, str>> {
        let labels = self.node().labels();
        labels.filter_map(|label| label.as_str()).collect()
    }

    /// What it holds, in document order.
    pub(super) fn inner(&self) -> Vec<Inner<'a>> {
        let members = self.element.members();
        let blocks: Vec<Element<'a>> = members
            .filter(|member| member.node().kind() == Kind::Block)
            .collect();
        let ordered = blocks.iter().filter(|block| block.order().is_some());
        let types: HashSet<Cow<'_, str>> = ordered.map(Element::name).collect();
        let has_positions = types.len() > 1;
        let mut blocks = blocks.into_iter().map(|element| Body {
            position: element.order().filter(|_| has_positions),
            element,
        });
        let children = self.node().children();
        let inner = children.filter_map(|child| match child.kind() {
            Kind::Block => blocks.next().map(Inner::Block),
            _ => child.value().map(|_| Inner::Attribute(child)),
        });
        inner.collect()
    }

    /// The same by name: the labels, if there are any, come first.
    pub(super) fn contents(&self) -> IndexMap<Cow<'a, str>, Content<'a>> {
        let mut contents = IndexMap::new();
        let labels = self.labels();
        if !labels.is_empty() {
            contents.insert(LABELS.into(), Content::Labels(labels));
        }
        if let Some(position) = self.position {
            contents.insert(POSITION.into(), Content::Position(position));
        }
        for inner in self.inner() {
            match inner {
                Inner::Attribute(attribute) => {
                    if let Some(value) = attribute.value() {
                        contents.insert(attribute.name(), Content::Value(value));
                    }
                }
                Inner::Block(block) => {
                    let name = block.node().name();
                    let blocks = contents
                        .entry(name)
                        .or_insert_with(|| Content::Blocks(Vec::new()));
                    if let Content::Blocks(blocks) = blocks {
                        blocks.push(block);
                    }
                }
            }
        }
        contents
    }
}
