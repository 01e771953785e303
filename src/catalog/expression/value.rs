//! What an expression evaluates to: a view into a document where possible, a value of its own otherwise.

use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;

use super::number;
use crate::ocl::{Kind, LABELS, Node};

/// A value; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    /// A number by its text.
    Number(Cow<'a, str>),
    String(Cow<'a, str>),
    List(Rc<Vec<Value<'a>>>),
    Map(Rc<Vec<(Cow<'a, str>, Value<'a>)>>),
    /// A document, block, dictionary or list, looked into only when asked.
    Node(Node<'a>),
}

impl<'a> Value<'a> {
    /// The view of a node: scalars at once, all else by reference.
    pub(crate) fn of(node: Node<'a>) -> Value<'a> {
        match node.kind() {
            Kind::String | Kind::Heredoc | Kind::Label => match node.as_str() {
                Some(text) => Value::String(text),
                None => Value::Null,
            },
            Kind::Number => node
                .as_number()
                .map_or(Value::Null, |n| Value::Number(n.into())),
            Kind::Bool => node.as_bool().map_or(Value::Null, Value::Bool),
            Kind::Null => Value::Null,
            Kind::Attribute | Kind::Entry => node.value().map_or(Value::Null, Value::of),
            Kind::Document | Kind::Block | Kind::Dictionary | Kind::List => Value::Node(node),
        }
    }

    pub(crate) fn string(text: impl Into<Cow<'a, str>>) -> Value<'a> {
        Value::String(text.into())
    }

    pub(crate) fn list(items: Vec<Value<'a>>) -> Value<'a> {
        Value::List(Rc::new(items))
    }

    pub(crate) fn map(entries: Vec<(Cow<'a, str>, Value<'a>)>) -> Value<'a> {
        Value::Map(Rc::new(entries))
    }

    /// A value from outside a document.
    pub(crate) fn from_json(json: serde_json::Value) -> Value<'static> {
        match json {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(value) => Value::Bool(value),
            serde_json::Value::Number(number) => {
                let text = number.to_string();
                Value::Number(number::plain(&text).unwrap_or(text).into())
            }
            serde_json::Value::String(text) => Value::String(text.into()),
            serde_json::Value::Array(items) => {
                Value::list(items.into_iter().map(Value::from_json).collect())
            }
            serde_json::Value::Object(entries) => Value::map(
                entries
                    .into_iter()
                    .map(|(key, value)| (key.into(), Value::from_json(value)))
                    .collect(),
            ),
        }
    }

    /// The plain JSON form.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        match self {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => (*value).into(),
            Value::Number(text) => json_number(text),
            Value::String(text) => text.as_ref().into(),
            Value::List(items) => items.iter().map(Value::to_json).collect(),
            Value::Map(entries) => serde_json::Value::Object(
                entries
                    .iter()
                    .map(|(key, value)| (key.to_string(), value.to_json()))
                    .collect(),
            ),
            Value::Node(node) => node.to_json(),
        }
    }

    /// What the key of a map holds; `null` where it is absent. `None` if this is no map.
    pub(crate) fn get(&self, key: &str) -> Option<Value<'a>> {
        match self {
            Value::Null => Some(Value::Null),
            Value::Map(entries) => Some(
                entries
                    .iter()
                    .find(|(name, _)| name == key)
                    .map_or(Value::Null, |(_, value)| value.clone()),
            ),
            Value::Node(node) if node.kind() != Kind::List => Some(member_of(*node, key)),
            _ => None,
        }
    }

    /// The items of a list. `None` if this is no list.
    pub(crate) fn items(&self) -> Option<Vec<Value<'a>>> {
        match self {
            Value::List(items) => Some(items.to_vec()),
            Value::Node(node) if node.kind() == Kind::List => {
                Some(node.children().map(Value::of).collect())
            }
            _ => None,
        }
    }

    /// The entries of a map, in order. `None` if this is no map.
    pub(crate) fn entries(&self) -> Option<Vec<(Cow<'a, str>, Value<'a>)>> {
        match self {
            Value::Map(entries) => Some(entries.to_vec()),
            Value::Node(node) if node.kind() != Kind::List => Some(members_of(*node)),
            _ => None,
        }
    }

    /// The type, as messages call it.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::List(_) => "a list",
            Value::Map(_) => "an object",
            Value::Node(node) => match node.kind() {
                Kind::List => "a list",
                Kind::Block => "a block",
                Kind::Document => "a document",
                _ => "a dictionary",
            },
        }
    }

    /// Equality by meaning: numbers by their value, lists and maps by their content, never across types.
    pub(crate) fn equals(&self, other: &Value<'_>) -> bool {
        match (self, other) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Number(a), Value::Number(b)) => number::same_number(a, b),
            (Value::String(a), Value::String(b)) => a == b,
            _ => match (self.items(), other.items()) {
                (Some(a), Some(b)) => {
                    a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| a.equals(b))
                }
                _ => match (self.entries(), other.entries()) {
                    (Some(a), Some(b)) => {
                        let table: HashMap<&str, &Value<'_>> =
                            b.iter().map(|(name, other)| (&**name, other)).collect();
                        let same = |(key, value): &(Cow<'_, str>, Value<'_>)| {
                            table.get(&**key).is_some_and(|other| value.equals(other))
                        };
                        a.len() == b.len() && a.iter().all(same)
                    }
                    _ => false,
                },
            },
        }
    }
}

/// A JSON number of exactly this text.
pub(crate) fn json_number(text: &str) -> serde_json::Value {
    // Every text that reaches this was read by the OCL or HCL reader, or calculated.
    match number::plain(text)
        .unwrap_or_default()
        .parse::<serde_json::Number>()
    {
        Ok(number) => serde_json::Value::Number(number),
        Err(_) => serde_json::Value::String(text.to_owned()),
    }
}

fn labels_of(node: Node<'_>) -> Option<Value<'_>> {
    let labels: Vec<Value<'_>> = node.labels().map(Value::of).collect();
    (!labels.is_empty()).then(|| Value::list(labels))
}

fn member_of<'a>(node: Node<'a>, key: &str) -> Value<'a> {
    if key == LABELS && node.kind() == Kind::Block {
        return labels_of(node).unwrap_or(Value::Null);
    }
    if node.blocks(key).next().is_none() {
        return node.get(key).map_or(Value::Null, Value::of);
    }
    let same_name: Vec<Node<'a>> = node
        .children()
        .filter(|child| child.name() == key)
        .collect();
    member(&same_name)
}

/// What stands under one name: an attribute's value (the last one's), or the blocks, with that attribute among them.
fn member<'a>(same_name: &[Node<'a>]) -> Value<'a> {
    let is_block = |child: &&Node<'a>| child.kind() == Kind::Block;
    let attribute = same_name.iter().rfind(|child| !is_block(child));
    match attribute {
        Some(attribute) if !same_name.iter().any(|child| is_block(&child)) => Value::of(*attribute),
        _ => {
            let counts = |child: &&Node<'a>| {
                is_block(child) || attribute.is_some_and(|last| last.id() == child.id())
            };
            Value::list(
                same_name
                    .iter()
                    .filter(counts)
                    .map(|child| Value::of(*child))
                    .collect(),
            )
        }
    }
}

fn members_of<'a>(node: Node<'a>) -> Vec<(Cow<'a, str>, Value<'a>)> {
    let mut groups: Vec<(Cow<'a, str>, Vec<Node<'a>>)> = Vec::new();
    let mut places: HashMap<Cow<'a, str>, usize> = HashMap::new();
    for child in node.children() {
        let place = *places.entry(child.name()).or_insert_with(|| {
            groups.push((child.name(), Vec::new()));
            groups.len() - 1
        });
        groups[place].1.push(child);
    }
    let labels = labels_of(node).map(|labels| (LABELS.into(), labels));
    let members = groups
        .into_iter()
        .map(|(name, nodes)| (name, member(&nodes)));
    labels.into_iter().chain(members).collect()
}
