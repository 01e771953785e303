//! Where an element stands, for what puts parts of several documents together.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::element::{Element, Sibling, ToldBy};
use super::key::{Key, folded_text, written_key};
use crate::ocl::{Node, NodeId};

impl<'a> Element<'a> {
    /// Whether its place among its siblings is part of what the document says: an item of a list, a block whose order matters.
    pub(crate) fn is_in_sequence(&self) -> bool {
        self.order.is_some() || matches!(self.told_by, ToldBy::Position(_))
    }

    /// Whether it is an item of a list that is declared a set, known by itself.
    pub(crate) fn is_item_of_set(&self) -> bool {
        matches!(self.told_by, ToldBy::Item { .. })
    }

    /// Which label of its block it is, if it is one.
    pub(crate) fn label_position(&self) -> Option<usize> {
        match self.told_by {
            ToldBy::Label(at) => Some(at as usize),
            _ => None,
        }
    }

    /// What its key is written in: labels, values of attributes, or the item of a set.
    pub(crate) fn key_nodes(&self) -> Vec<Node<'a>> {
        match self.told_by {
            ToldBy::Labels { .. } => self.node.labels().collect(),
            ToldBy::Attributes(rule) => {
                let names = written_key(self.node, rule).map(|(name, _)| name);
                names.filter_map(|name| self.node.get(name)).collect()
            }
            ToldBy::Item { .. } => vec![self.node],
            _ => Vec::new(),
        }
    }

    /// What it is known by among blocks of its type, as one text; `None` for what has no key.
    pub(crate) fn key_text(&self) -> Option<String> {
        match self.key() {
            Key::Plain => None,
            Key::Labels(labels) => Some(labels.join("\0")),
            Key::Attributes(entries) => Some(format!("{entries:?}")),
        }
    }

    /// The same for a label that a block like this one would have.
    pub(crate) fn as_key(&self, label: Cow<'_, str>) -> String {
        folded_text(label, self.ignores_case()).into_owned()
    }

    /// A number for its place in the document, the same in every document that has this place. Positions in lists and among
    /// siblings that nothing tells apart don't count.
    pub(crate) fn place(&self) -> u64 {
        match &self.parent {
            Some(parent) => self.place_in(parent.place()),
            None => 0,
        }
    }

    /// The same, with that of its parent known.
    pub(crate) fn place_in(&self, parent: u64) -> u64 {
        let sibling = match self.sibling() {
            Sibling::Position(_) => Sibling::Position(0),
            sibling => sibling,
        };
        let mut hasher = DefaultHasher::new();
        (parent, sibling).hash(&mut hasher);
        hasher.finish()
    }

    /// The nodes that are this item of a set, which means the same however often it stands there; else the node.
    pub(crate) fn all_alike(&self) -> Vec<NodeId> {
        let list = self.node.parent();
        match (self.told_by, list) {
            (ToldBy::Item { .. }, Some(list)) => {
                let items = list.children().filter(|item| self.is_item_like(item));
                items.map(|item| item.id()).collect()
            }
            _ => vec![self.id()],
        }
    }
}
