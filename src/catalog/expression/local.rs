//! The variables of `for` and splats.

use std::borrow::Cow;

use super::value::Value;
use crate::ocl::{Kind, Member, Node, members};

/// A variable of a `for` or splat.
#[derive(Debug, Clone)]
pub(super) struct Local<'a> {
    pub(super) value: Value<'a>,
    /// The leaves of a document that are read with it. What is larger than a leaf is read where an expression looks into it.
    pub(super) leaves: Vec<Node<'a>>,
}

/// A variable that reads nothing of a document.
impl<'a> From<Value<'a>> for Local<'a> {
    fn from(value: Value<'a>) -> Local<'a> {
        Local {
            value,
            leaves: Vec::new(),
        }
    }
}

impl<'a> Local<'a> {
    /// The items of a list. `None` if the value isn't a list.
    pub(super) fn items_of(list: &Value<'a>) -> Option<Vec<Local<'a>>> {
        match list {
            Value::Node(node) if node.kind() == Kind::List => {
                let items = node.children().map(|item| Local {
                    value: Value::of(item),
                    leaves: leaf_of(item).into_iter().collect(),
                });
                Some(items.collect())
            }
            _ => Some(list.items()?.into_iter().map(Local::from).collect()),
        }
    }

    /// The entries of a map, in order. `None` if the value isn't a map.
    pub(super) fn entries_of(map: &Value<'a>) -> Option<Vec<(Cow<'a, str>, Local<'a>)>> {
        let entries = map.entries()?.into_iter();
        let Value::Node(node) = map else {
            let entries = entries.map(|(key, value)| (key, Local::from(value)));
            return Some(entries.collect());
        };
        let labels: Vec<Node<'a>> = node.labels().collect();
        let labels = (!labels.is_empty()).then_some(labels);
        let members = members(*node).into_iter().map(|(_, member)| match member {
            Member::One(node) => leaf_of(node).into_iter().collect(),
            Member::Many(nodes) => nodes.into_iter().filter_map(leaf_of).collect(),
        });
        let leaves = labels.into_iter().chain(members);
        let entries = entries.zip(leaves);
        let entries = entries.map(|((key, value), leaves)| (key, Local { value, leaves }));
        Some(entries.collect())
    }
}

/// The leaf that an item, attribute or entry is.
fn leaf_of(node: Node<'_>) -> Option<Node<'_>> {
    Some(node.value().unwrap_or(node)).filter(Node::is_leaf)
}
