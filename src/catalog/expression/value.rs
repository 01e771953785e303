//! The values of expressions: views into a document if possible, owned values otherwise.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::rc::Rc;

use foldhash::fast::RandomState;
use indexmap::IndexMap;
use serde_json::Value as Json;

use super::number;
use crate::ocl::{Content, Kind, LABELS, Member, Node, json_number, members};

/// A value; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    /// A number as its text.
    Number(Cow<'a, str>),
    String(Cow<'a, str>),
    List(Rc<Vec<Value<'a>>>),
    Map(Rc<Entries<'a>>),
    /// A document, block, dictionary or list, of which only the parts that an expression uses are read.
    Node(Node<'a>),
}

/// The results of `type`, in alphabetical order.
pub(super) const TYPES: [&str; 6] = ["bool", "list", "null", "number", "object", "string"];

/// Keys with their values, in order.
pub(crate) type Entries<'a> = IndexMap<Cow<'a, str>, Value<'a>, RandomState>;

impl<'a> Value<'a> {
    /// The view of a node: a scalar is converted at once, other nodes stay references.
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

    pub(crate) fn map(entries: Entries<'a>) -> Value<'a> {
        Value::Map(Rc::new(entries))
    }

    /// A value from outside a document.
    ///
    /// # Errors
    /// A message, if a number in it has too many digits.
    pub(crate) fn from_json(json: Json) -> Result<Value<'static>, String> {
        Ok(match json {
            Json::Null => Value::Null,
            Json::Bool(value) => Value::Bool(value),
            Json::Number(number) => {
                let text = number.to_string();
                let plain =
                    number::plain(&text).ok_or_else(|| format!("{text} has too many digits"))?;
                Value::Number(plain.into())
            }
            Json::String(text) => Value::String(text.into()),
            Json::Array(items) => {
                let items: Result<_, _> = items.into_iter().map(Value::from_json).collect();
                Value::list(items?)
            }
            Json::Object(entries) => {
                let entries = entries.into_iter();
                let entries: Result<_, String> = entries
                    .map(|(key, value)| Ok((key.into(), Value::from_json(value)?)))
                    .collect();
                Value::map(entries?)
            }
        })
    }

    /// The plain JSON form.
    pub(crate) fn to_json(&self) -> Json {
        match self {
            Value::Null => Json::Null,
            Value::Bool(value) => (*value).into(),
            Value::Number(text) => json_number(text),
            Value::String(text) => text.as_ref().into(),
            Value::List(items) => items.iter().map(Value::to_json).collect(),
            Value::Map(entries) => Json::Object(
                entries
                    .iter()
                    .map(|(key, value)| (key.to_string(), value.to_json()))
                    .collect(),
            ),
            Value::Node(node) => node.to_json(),
        }
    }

    /// The content for the document, with every number as its text.
    pub(crate) fn to_content(&self) -> Content {
        match self {
            Value::Null => Content::Null,
            Value::Bool(value) => Content::Bool(*value),
            Value::Number(text) => Content::Number(text.to_string()),
            Value::String(text) => Content::String(text.to_string()),
            Value::List(items) => Content::List(items.iter().map(Value::to_content).collect()),
            Value::Map(entries) => Content::Object(
                entries
                    .iter()
                    .map(|(key, value)| (key.to_string(), value.to_content()))
                    .collect(),
            ),
            Value::Node(node) => Content::from(*node),
        }
    }

    /// The items of a list. `None` if the value isn't a list.
    pub(crate) fn items(&self) -> Option<Vec<Value<'a>>> {
        match self {
            Value::List(items) => Some(items.to_vec()),
            Value::Node(node) if node.kind() == Kind::List => {
                Some(node.children().map(Value::of).collect())
            }
            _ => None,
        }
    }

    /// The entries of a map, in order. `None` if the value isn't a map.
    pub(crate) fn entries(&self) -> Option<Entries<'a>> {
        match self {
            Value::Map(entries) => Some(entries.as_ref().clone()),
            Value::Node(node) if node.kind() != Kind::List => Some(entries_of(*node)),
            _ => None,
        }
    }

    /// The type's name in messages.
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

    /// The type's name in the step language: one of [`TYPES`].
    pub(super) fn type_keyword(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "bool",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::List(_) => "list",
            Value::Node(node) if node.kind() == Kind::List => "list",
            Value::Map(_) | Value::Node(_) => "object",
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
                        let same = |(key, value): (&Cow<'_, str>, &Value<'_>)| {
                            b.get(key).is_some_and(|other| value.equals(other))
                        };
                        a.len() == b.len() && a.iter().all(same)
                    }
                    _ => false,
                },
            },
        }
    }

    /// Writes a key that is the same for two values if and only if they are equal.
    pub(super) fn write_key(&self, key: &mut String) {
        match self {
            Value::Null => key.push_str("null"),
            Value::Bool(value) => key.push_str(if *value { "true" } else { "false" }),
            Value::Number(text) => key.push_str(&number::normal(text)),
            Value::String(text) => write_text(text, key),
            _ => {
                if let Some(items) = self.items() {
                    key.push('[');
                    for item in items {
                        item.write_key(key);
                        key.push(',');
                    }
                    key.push(']');
                } else {
                    let mut entries = self.entries().unwrap_or_default();
                    entries.sort_unstable_keys();
                    key.push('{');
                    for (name, value) in entries {
                        write_text(&name, key);
                        value.write_key(key);
                        key.push(',');
                    }
                    key.push('}');
                }
            }
        }
    }
}

/// Writes a text with its length before it, so that it can't run into what follows.
fn write_text(text: &str, key: &mut String) {
    // Writing to a string can't fail.
    let _ = write!(key, "{:?}:{text}", text.len());
}

/// A value as text, if it is a string, number or boolean.
pub(super) fn text_of<'a>(value: &Value<'a>) -> Option<Cow<'a, str>> {
    match value {
        Value::String(text) | Value::Number(text) => Some(text.clone()),
        Value::Bool(value) => Some(if *value { "true" } else { "false" }.into()),
        _ => None,
    }
}

pub(super) fn labels_of(node: Node<'_>) -> Option<Value<'_>> {
    let labels: Vec<Value<'_>> = node.labels().map(Value::of).collect();
    (!labels.is_empty()).then(|| Value::list(labels))
}

fn entries_of(node: Node<'_>) -> Entries<'_> {
    let labels = labels_of(node).map(|labels| (LABELS.into(), labels));
    let members = members(node).into_iter().map(|(name, member)| {
        let value = match member {
            Member::One(node) => Value::of(node),
            Member::Many(nodes) => Value::list(nodes.into_iter().map(Value::of).collect()),
        };
        (name, value)
    });
    labels.into_iter().chain(members).collect()
}
