//! Reads documents into values through serde: the plain JSON view, directly from the nodes.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::{BorrowedStrDeserializer, CowStrDeserializer, SeqDeserializer};
use serde::de::{
    self, Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer,
    MapAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::document::Document;
use super::error::LineColumn;
use super::json::{LABELS, Member, json_number, members};
use super::node::Node;
use super::raw::Kind;

/// Why a document doesn't fit a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeserializeError {
    message: String,
    /// The innermost node that didn't fit.
    at: Option<(String, Option<LineColumn>)>,
}

impl DeserializeError {
    /// The reason.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The node that didn't fit; see [`Node::place`].
    #[must_use]
    pub fn place(&self) -> Option<&str> {
        self.at.as_ref().map(|(place, _)| place.as_str())
    }

    /// The start of that node; see [`Node::position`].
    #[must_use]
    pub fn position(&self) -> Option<LineColumn> {
        self.at.as_ref().and_then(|(_, position)| *position)
    }

    fn at(mut self, node: Node<'_>) -> Self {
        self.at
            .get_or_insert_with(|| (node.place(), node.position()));
        self
    }
}

impl fmt::Display for DeserializeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((place, position)) = &self.at {
            if let Some(LineColumn { line, column }) = position {
                write!(f, "{line}:{column}: ")?;
            }
            if !place.is_empty() {
                write!(f, "{place}: ")?;
            }
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for DeserializeError {}

impl de::Error for DeserializeError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self {
            message: message.to_string(),
            at: None,
        }
    }
}

/// Reads a document into a type, as its plain JSON view would be.
///
/// Attributes are fields, blocks a list under their type; a block's labels are a list of strings under `"$labels"`.
///
/// ```
/// use ocl_migrate::ocl::{self, Dialect, Document};
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Step {
///     #[serde(rename = "$labels")]
///     labels: Vec<String>,
///     name: String,
/// }
/// #[derive(Deserialize)]
/// struct Process {
///     step: Vec<Step>,
/// }
///
/// let document = Document::parse("step \"deploy\" {\n    name = \"Deploy\"\n}", Dialect::Current)?;
/// let process: Process = ocl::from_document(&document)?;
/// assert_eq!((process.step[0].labels[0].as_str(), process.step[0].name.as_str()), ("deploy", "Deploy"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// The first node that doesn't fit, with its place.
pub fn from_document<T: DeserializeOwned>(document: &Document) -> Result<T, DeserializeError> {
    from_node(document.root())
}

/// Reads a node into a type; the type may borrow text from the document. See [`from_document`].
///
/// # Errors
/// The first node that doesn't fit, with its place.
pub fn from_node<'de, T: Deserialize<'de>>(node: Node<'de>) -> Result<T, DeserializeError> {
    T::deserialize(node)
}

impl<'de> Node<'de> {
    fn number(self) -> Result<serde_json::Number, DeserializeError> {
        json_number(self.literal())
            .parse()
            .map_err(|error: serde_json::Error| de::Error::custom(error))
    }

    fn visit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DeserializeError> {
        match self.kind() {
            Kind::Document | Kind::Block | Kind::Dictionary => {
                visitor.visit_map(Members::new(self))
            }
            Kind::List => visitor.visit_seq(SeqDeserializer::new(self.children())),
            Kind::Attribute | Kind::Entry => match self.value() {
                Some(value) => value.visit(visitor),
                None => visitor.visit_unit(),
            },
            Kind::String | Kind::Heredoc | Kind::Label => match self.as_str() {
                Some(Cow::Borrowed(text)) => visitor.visit_borrowed_str(text),
                Some(Cow::Owned(text)) => visitor.visit_string(text),
                None => visitor.visit_unit(),
            },
            Kind::Number => self
                .number()?
                .deserialize_any(visitor)
                .map_err(de::Error::custom),
            Kind::Bool => visitor.visit_bool(self.literal() == "true"),
            Kind::Null => visitor.visit_unit(),
        }
    }
}

impl<'de> IntoDeserializer<'de, DeserializeError> for Node<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// Numbers are parsed from their text into the type that is asked for.
macro_rules! numbers {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DeserializeError> {
            let value = self.value().unwrap_or(self);
            let result = match value.kind() {
                Kind::Number => value.number().and_then(|number| number.$method(visitor).map_err(de::Error::custom)),
                _ => value.visit(visitor),
            };
            result.map_err(|error| error.at(self))
        }
    )*};
}

impl<'de> Deserializer<'de> for Node<'de> {
    type Error = DeserializeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DeserializeError> {
        self.visit(visitor).map_err(|error| error.at(self))
    }

    numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DeserializeError> {
        match self.value().unwrap_or(self).kind() {
            Kind::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, DeserializeError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DeserializeError> {
        let result = match self.as_str().or_else(|| self.value()?.as_str()) {
            Some(text) => CowStrDeserializer::new(text).deserialize_enum(name, variants, visitor),
            // An object with one member: the variant and its content.
            None => visitor.visit_enum(de::value::MapAccessDeserializer::new(Members::new(
                self.value().unwrap_or(self),
            ))),
        };
        result.map_err(|error: DeserializeError| error.at(self))
    }

    forward_to_deserialize_any! {
        bool char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// The members of an object, labels first.
struct Members<'de> {
    labels: Option<Node<'de>>,
    members: std::vec::IntoIter<(Cow<'de, str>, Member<'de>)>,
    value: Option<MemberValue<'de>>,
}

enum MemberValue<'de> {
    Labels(Node<'de>),
    Member(Member<'de>),
}

impl<'de> Members<'de> {
    fn new(node: Node<'de>) -> Self {
        Self {
            labels: node.labels().next().map(|_| node),
            members: members(node).into_iter(),
            value: None,
        }
    }
}

impl<'de> MapAccess<'de> for Members<'de> {
    type Error = DeserializeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, DeserializeError> {
        if let Some(block) = self.labels.take() {
            self.value = Some(MemberValue::Labels(block));
            return seed
                .deserialize(BorrowedStrDeserializer::new(LABELS))
                .map(Some);
        }
        let Some((name, member)) = self.members.next() else {
            return Ok(None);
        };
        let node = member.first();
        self.value = Some(MemberValue::Member(member));
        let key: CowStrDeserializer<'de, DeserializeError> = CowStrDeserializer::new(name);
        seed.deserialize(key)
            .map(Some)
            .map_err(|error| error.at(node))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, DeserializeError> {
        match self.value.take() {
            Some(MemberValue::Labels(block)) => seed
                .deserialize(SeqDeserializer::new(block.labels()))
                .map_err(|error: DeserializeError| error.at(block)),
            Some(MemberValue::Member(Member::One(node))) => seed.deserialize(node),
            Some(MemberValue::Member(Member::Many(nodes))) => {
                let first = nodes[0];
                seed.deserialize(SeqDeserializer::new(nodes.into_iter()))
                    .map_err(|error: DeserializeError| error.at(first))
            }
            None => Err(de::Error::custom("a value was asked for before its key")),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.members.len() + usize::from(self.labels.is_some()))
    }
}
