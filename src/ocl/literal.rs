//! Values outside of documents, which an editor can write.

use foldhash::fast::RandomState;
use indexmap::IndexMap;
use serde_json::Value as Json;

use super::json::{LABELS, Member, json_number, members};
use super::node::Node;
use super::raw::Kind;

/// A value that an [`Editor`](super::Editor) can write.
///
/// It is made from a [`Node`], and is then written as in the document: a number keeps its text, even if JSON has no such
/// number (`007`). Or it is made from JSON, a text, a boolean or a whole number.
///
/// ```
/// use ocl_migrate::ocl::{Dialect, Document, Literal};
///
/// let document = Document::parse("a = 007\n", Dialect::Current)?;
/// let mut editor = document.edit();
/// let a = editor.document().get("a").map(Literal::from);
/// editor.set(editor.root(), "b", a.unwrap_or_default())?;
/// editor.set(editor.root(), "c", "a text")?;
/// assert_eq!(editor.text(), "a = 007\nb = 007\nc = \"a text\"\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Literal(pub(crate) Content);

/// The content of a literal.
#[derive(Debug, Clone, Default)]
pub(crate) enum Content {
    #[default]
    Null,
    Bool(bool),
    /// A number as its text, in the form of OCL or JSON.
    Number(String),
    String(String),
    List(Vec<Content>),
    /// A dictionary, or a block in its plain view.
    Object(Object),
}

/// Names with their values, in order.
pub(crate) type Object = IndexMap<String, Content, RandomState>;

impl Content {
    /// Whether two are the same in the plain view. Numbers are compared by their digits without leading zeros.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Number(a), Self::Number(b)) => json_number(a) == json_number(b),
            (Self::String(a), Self::String(b)) => a == b,
            (Self::List(a), Self::List(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is_same(b))
            }
            (Self::Object(a), Self::Object(b)) => {
                let same = |(key, value): (&String, &Self)| {
                    b.get(key).is_some_and(|other| value.is_same(other))
                };
                a.len() == b.len() && a.iter().all(same)
            }
            _ => false,
        }
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The plain JSON view.
    pub(crate) fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Bool(value) => (*value).into(),
            Self::Number(text) => number(text),
            Self::String(text) => text.as_str().into(),
            Self::List(items) => items.iter().map(Self::to_json).collect(),
            Self::Object(entries) => Json::Object(
                entries
                    .iter()
                    .map(|(key, value)| (key.clone(), value.to_json()))
                    .collect(),
            ),
        }
    }
}

/// A number that OCL can write, or that came from JSON.
pub(crate) fn number(text: &str) -> Json {
    let number = json_number(text).parse();
    Json::Number(number.expect("without leading zeros, every OCL number is a JSON number"))
}

impl From<Node<'_>> for Literal {
    fn from(node: Node<'_>) -> Self {
        Self(Content::from(node))
    }
}

impl From<Node<'_>> for Content {
    fn from(node: Node<'_>) -> Self {
        match node.kind() {
            Kind::Document | Kind::Block | Kind::Dictionary => Self::Object(object(node)),
            Kind::List => Self::List(node.children().map(Self::from).collect()),
            Kind::Attribute | Kind::Entry => node.value().map_or(Self::Null, Self::from),
            Kind::String | Kind::Heredoc | Kind::Label => match node.as_str() {
                Some(text) => Self::String(text.into_owned()),
                None => Self::Null,
            },
            Kind::Number => Self::Number(node.literal().to_owned()),
            Kind::Bool => Self::Bool(node.literal() == "true"),
            Kind::Null => Self::Null,
        }
    }
}

fn object(node: Node<'_>) -> Object {
    let labels: Vec<Content> = node.labels().map(Content::from).collect();
    let labels = (!labels.is_empty()).then(|| (LABELS.to_owned(), Content::List(labels)));
    let members = members(node).into_iter().map(|(name, member)| {
        let content = match member {
            Member::One(node) => Content::from(node),
            Member::Many(nodes) => Content::List(nodes.into_iter().map(Content::from).collect()),
        };
        (name.into_owned(), content)
    });
    labels.into_iter().chain(members).collect()
}

impl From<Json> for Literal {
    fn from(json: Json) -> Self {
        Self(Content::from(json))
    }
}

impl From<&Json> for Literal {
    fn from(json: &Json) -> Self {
        json.clone().into()
    }
}

impl From<Json> for Content {
    fn from(json: Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(value),
            Json::Number(number) => Self::Number(number.to_string()),
            Json::String(text) => Self::String(text),
            Json::Array(items) => Self::List(items.into_iter().map(Self::from).collect()),
            Json::Object(entries) => Self::Object(
                entries
                    .into_iter()
                    .map(|(key, value)| (key, value.into()))
                    .collect(),
            ),
        }
    }
}

impl From<&str> for Literal {
    fn from(text: &str) -> Self {
        Self(Content::String(text.to_owned()))
    }
}

impl From<String> for Literal {
    fn from(text: String) -> Self {
        Self(Content::String(text))
    }
}

impl From<bool> for Literal {
    fn from(value: bool) -> Self {
        Self(Content::Bool(value))
    }
}

macro_rules! from_numbers {
    ($($type:ty)*) => {$(
        impl From<$type> for Literal {
            fn from(number: $type) -> Self {
                Self(Content::Number(number.to_string()))
            }
        }
    )*};
}

from_numbers!(i32 i64 u32 u64 usize);
