//! Nodes: the read side of a document.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use super::document::{Document, NodeId, Raw};
use super::heredoc::Heredoc;
use super::text;

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// The root.
    Document,
    /// `type "label" { ... }`
    Block,
    /// A label of a block.
    Label,
    /// `name = value` in a document or block.
    Attribute,
    /// `key = value` in a dictionary.
    Entry,
    /// `{ ... }` as a value.
    Dictionary,
    /// `[ ... ]`
    List,
    /// A quoted string.
    String,
    /// `<<TAG` or `<<-TAG`: a string over several lines.
    Heredoc,
    /// A number.
    Number,
    /// `true` or `false`.
    Bool,
    /// `null`
    Null,
}

/// A node of a document.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    document: &'a Document,
    index: u32,
}

impl Kind {
    /// The kind in a message, with its article.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::Document => "a document",
            Self::Block => "a block",
            Self::Label => "a label",
            Self::Attribute => "an attribute",
            Self::Entry => "an entry",
            Self::Dictionary => "a dictionary",
            Self::List => "a list",
            Self::String => "a string",
            Self::Heredoc => "a heredoc",
            Self::Number => "a number",
            Self::Bool => "a boolean",
            Self::Null => "null",
        }
    }
}

impl<'a> Node<'a> {
    pub(super) fn new(document: &'a Document, index: u32) -> Self {
        Self { document, index }
    }

    fn raw(&self) -> &'a Raw {
        &self.document.nodes[self.index as usize]
    }

    /// How many nodes there are in the node, itself included.
    pub(super) fn subtree_size(&self) -> u32 {
        self.raw().size
    }

    fn at(&self, index: u32) -> Self {
        Self::new(self.document, index)
    }

    /// Names the node; see [`Document::node`].
    #[must_use]
    pub fn id(&self) -> NodeId {
        NodeId(self.index)
    }

    /// The document the node is of.
    #[must_use]
    pub fn document(&self) -> &'a Document {
        self.document
    }

    /// What the node is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.raw().kind
    }

    /// Where the node lies in the text, in bytes. The white space and comments around it are no part of it.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        let raw = self.raw();
        raw.start as usize..raw.end as usize
    }

    /// The node as it is written.
    #[must_use]
    pub fn source(&self) -> &'a str {
        &self.document.text[self.span()]
    }

    /// The node that holds this one; none for the root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        (self.index > 0).then(|| self.at(self.raw().parent))
    }

    /// The attributes and blocks of a document or block, the entries of a dictionary, the items of a list. Labels are
    /// not among them, nor is the value of an attribute.
    pub fn children(&self) -> Children<'a> {
        let mut children = Children {
            document: self.document,
            next: self.index + 1,
            end: self.index + self.raw().size,
        };
        match self.kind() {
            Kind::Block => {
                let labels = self.labels().count() as u32;
                children.next += labels;
            }
            Kind::Document | Kind::Dictionary | Kind::List => {}
            _ => children.end = children.next,
        }
        children
    }

    /// The labels of a block.
    pub fn labels(&self) -> Labels<'a> {
        let end = match self.kind() {
            Kind::Block => self.index + self.raw().size,
            _ => self.index + 1,
        };
        Labels {
            document: self.document,
            next: self.index + 1,
            end,
        }
    }

    /// The value of an attribute or entry.
    #[must_use]
    pub fn value(&self) -> Option<Self> {
        matches!(self.kind(), Kind::Attribute | Kind::Entry).then(|| self.at(self.index + 1))
    }

    /// The type of a block, the name of an attribute, the decoded key of an entry; empty for any other node.
    #[must_use]
    pub fn name(&self) -> Cow<'a, str> {
        match self.kind() {
            Kind::Block | Kind::Attribute => Cow::Borrowed(self.head()),
            Kind::Entry => match self.head() {
                quoted if quoted.starts_with('"') => text::decode(&quoted[1..quoted.len() - 1]),
                bare => Cow::Borrowed(bare),
            },
            _ => Cow::Borrowed(""),
        }
    }

    /// What the node begins with, as it is written: the name of a block, attribute or entry (quotes included), the
    /// opening line of a heredoc (line end included).
    pub(super) fn head(&self) -> &'a str {
        &self.source()[..self.raw().head as usize]
    }

    /// The attribute or entry of that name in a document, block or dictionary; the last if there are several.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<Self> {
        self.children()
            .filter(|child| matches!(child.kind(), Kind::Attribute | Kind::Entry))
            .filter(|child| child.name() == name)
            .last()
    }

    /// The value of the attribute or entry of that name in a document, block or dictionary; the last if there are
    /// several.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Self> {
        self.member(name)?.value()
    }

    /// The blocks of that type in a document or block, in order.
    pub fn blocks<'n>(&self, block_type: &'n str) -> impl Iterator<Item = Self> + use<'a, 'n> {
        self.children()
            .filter(move |child| child.kind() == Kind::Block && child.head() == block_type)
    }

    /// The decoded text of a string, heredoc or label.
    #[must_use]
    pub fn as_str(&self) -> Option<Cow<'a, str>> {
        match self.kind() {
            Kind::String | Kind::Label => {
                let source = self.source();
                let inner = &source[1..source.len() - 1];
                Some(match self.raw().head {
                    0 => Cow::Borrowed(inner),
                    _ => text::decode(inner),
                })
            }
            Kind::Heredoc => self
                .heredoc()
                .map(|heredoc| heredoc.value(self.document.dialect)),
            _ => None,
        }
    }

    pub(super) fn heredoc(&self) -> Option<Heredoc<'a>> {
        (self.kind() == Kind::Heredoc)
            .then(|| Heredoc::new(self.source(), self.raw().head as usize))
    }

    /// The value of a boolean.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        (self.kind() == Kind::Bool).then(|| self.source() == "true")
    }

    /// The text of a number, as it is written.
    #[must_use]
    pub fn as_number(&self) -> Option<&'a str> {
        (self.kind() == Kind::Number).then(|| self.source())
    }

    /// Whether this is the literal `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.kind() == Kind::Null
    }

    /// Where the node is, for messages: `step["deploy"].action.properties["Octopus.X"]`. Empty for the root.
    #[must_use]
    pub fn place(&self) -> String {
        let Some(parent) = self.parent() else {
            return String::new();
        };
        let mut place = parent.place();
        match (self.kind(), parent.kind()) {
            (Kind::Block | Kind::Attribute, _) => {
                if !place.is_empty() {
                    place.push('.');
                }
                place.push_str(&self.name());
                for label in self.labels().filter_map(|label| label.as_str()) {
                    push_key(&mut place, &label);
                }
            }
            (Kind::Entry, _) => push_key(&mut place, &self.name()),
            (_, Kind::List) => {
                let index = parent
                    .children()
                    .take_while(|item| item.index < self.index)
                    .count();
                place.push_str(&format!("[{index}]"));
            }
            // A label is shown with its block, a value with its name.
            _ => {}
        }
        place
    }
}

fn push_key(place: &mut String, key: &str) {
    place.push('[');
    text::encode(key, place);
    place.push(']');
}

impl PartialEq for Node<'_> {
    /// The same node of the same document.
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.document, other.document) && self.index == other.index
    }
}

impl Eq for Node<'_> {}

impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node")
            .field("kind", &self.kind())
            .field("span", &self.span())
            .field("place", &self.place())
            .finish()
    }
}

/// The children of a node; see [`Node::children`].
#[derive(Debug, Clone)]
pub struct Children<'a> {
    document: &'a Document,
    next: u32,
    end: u32,
}

impl<'a> Iterator for Children<'a> {
    type Item = Node<'a>;

    fn next(&mut self) -> Option<Node<'a>> {
        let node = (self.next < self.end).then(|| Node::new(self.document, self.next))?;
        self.next += node.raw().size;
        Some(node)
    }
}

/// The labels of a block; see [`Node::labels`].
#[derive(Debug, Clone)]
pub struct Labels<'a> {
    document: &'a Document,
    next: u32,
    end: u32,
}

impl<'a> Iterator for Labels<'a> {
    type Item = Node<'a>;

    fn next(&mut self) -> Option<Node<'a>> {
        let node = (self.next < self.end)
            .then(|| Node::new(self.document, self.next))
            .filter(|node| node.kind() == Kind::Label)?;
        self.next += 1;
        Some(node)
    }
}
