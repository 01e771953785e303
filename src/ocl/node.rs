//! Nodes: the read side of a document, whether it is being edited or not.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use super::document::Document;
use super::error::{LineColumn, ParseError, position};
use super::heredoc::Heredoc;
use super::raw::{Dialect, Kind, NodeId};
use super::text;
use super::tree::{Inner, Tree};

/// A node of a [`Document`], or of one that an [`Editor`](super::Editor) edits, in its current state.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    tree: &'a Tree,
    index: u32,
}

impl Document {
    /// The root, which contains all other nodes.
    #[must_use]
    pub fn root(&self) -> Node<'_> {
        Node::new(&self.tree, 0)
    }

    /// The node of an id.
    ///
    /// # Panics
    /// If the id is from a document with more nodes.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Node<'_> {
        assert!(
            (id.0 as usize) < self.tree.count(),
            "the id is from another document"
        );
        Node::new(&self.tree, id.0)
    }

    /// How many nodes it has.
    pub(crate) fn count(&self) -> usize {
        self.tree.count()
    }

    /// The innermost node around a range of the text.
    pub(crate) fn innermost(&self, span: &Range<usize>) -> Node<'_> {
        let nodes = self.tree.parsed_nodes();
        let starts = nodes.partition_point(|node| node.start as usize <= span.start);
        let mut node = self.root().at(starts.saturating_sub(1) as u32);
        while let Some(parent) = node.parent()
            && (nodes[node.index as usize].end as usize) < span.end
        {
            node = parent;
        }
        node
    }
}

impl<'a> Node<'a> {
    pub(super) fn new(tree: &'a Tree, index: u32) -> Self {
        Self { tree, index }
    }

    pub(super) fn index(&self) -> u32 {
        self.index
    }

    pub(super) fn tree(&self) -> &'a Tree {
        self.tree
    }

    fn at(&self, index: u32) -> Self {
        Self::new(self.tree, index)
    }

    /// The node's id in its document.
    #[must_use]
    pub fn id(&self) -> NodeId {
        NodeId(self.index)
    }

    /// Of ids in ascending order, in a document that isn't being edited, the positions of those that are of this node or in it.
    pub(crate) fn positions_in(&self, ids: &[NodeId]) -> Range<usize> {
        let end = self.index + self.tree.parsed_count(self.index);
        let begin = ids.partition_point(|id| id.0 < self.index);
        begin..begin + ids[begin..].partition_point(|id| id.0 < end)
    }

    /// The kind of the node.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.tree.kind(self.index)
    }

    /// The span of the node in the parsed text, in bytes; `None` if an [`Editor`](super::Editor) has
    /// written, renamed or moved it since. Doesn't include the white space and comments around it.
    #[must_use]
    pub fn span(&self) -> Option<Range<usize>> {
        self.tree.parsed_span(self.index)
    }

    /// The start of the node in the parsed text; `None` as for [`Node::span`].
    #[must_use]
    pub fn position(&self) -> Option<LineColumn> {
        let start = self.span()?.start;
        Some(position(self.tree.parsed_text().as_bytes(), start))
    }

    /// An error about a node of a valid document, displayed like a syntax error.
    pub(crate) fn problem(&self, message: String) -> ParseError {
        let start = self.span().map_or(0, |span| span.start);
        ParseError::new(self.tree.parsed_text().as_bytes(), start, message)
    }

    /// The source text of the node.
    #[must_use]
    pub fn source(&self) -> Cow<'a, str> {
        match self.tree.closed_source(self.index) {
            Some(source) => Cow::Borrowed(source),
            None => Cow::Owned(self.tree.open_source(self.index)),
        }
    }

    /// The length of the node in bytes.
    pub(crate) fn length(&self) -> usize {
        self.tree.source_length(self.index)
    }

    /// The source of a label or scalar.
    pub(super) fn literal(&self) -> &'a str {
        self.tree.closed_source(self.index).unwrap_or_default()
    }

    /// The dialect of its document.
    pub(crate) fn dialect(&self) -> Dialect {
        self.tree.dialect()
    }

    /// A key that is the same for all nodes of one document, and different for other documents.
    pub(crate) fn document_key(&self) -> *const () {
        std::ptr::from_ref(self.tree).cast()
    }

    /// The parent; `None` for the root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        self.tree.parent(self.index).map(|parent| self.at(parent))
    }

    /// The attributes and blocks of a document or block, the entries of a dictionary, the items of a list. Labels are
    /// not among them, nor is the value of an attribute.
    pub fn children(&self) -> impl Iterator<Item = Self> + Clone + use<'a> {
        let holds = self.kind().is_holder() || self.kind() == Kind::List;
        let mut inner = self.tree.inner(self.index);
        inner.skip_labels();
        Nodes {
            tree: self.tree,
            inner: holds.then_some(inner),
        }
    }

    /// The labels of a block.
    pub fn labels(&self) -> impl Iterator<Item = Self> + Clone + use<'a> {
        let nodes = Nodes {
            tree: self.tree,
            inner: (self.kind() == Kind::Block).then(|| self.tree.inner(self.index)),
        };
        nodes.take_while(|node: &Self| node.kind() == Kind::Label)
    }

    /// The node and all nodes in it, in document order: a node, its labels, then its children or its value.
    pub fn subtree(&self) -> impl Iterator<Item = Self> + use<'a> {
        let tree = self.tree;
        let mut open: Vec<Inner<'a>> = Vec::new();
        let mut first = Some(self.index);
        std::iter::from_fn(move || {
            let node = match first.take() {
                Some(node) => node,
                None => loop {
                    match open.last_mut()?.next() {
                        Some(node) => break node,
                        None => drop(open.pop()),
                    }
                },
            };
            open.push(tree.inner(node));
            Some(Self::new(tree, node))
        })
    }

    /// The value of an attribute or entry.
    #[must_use]
    pub fn value(&self) -> Option<Self> {
        let has_one = self.kind().is_member();
        let value = has_one.then(|| self.tree.inner(self.index).next());
        value.flatten().map(|value| self.at(value))
    }

    /// The type of a block, the name of an attribute, the decoded key of an entry; empty for any other node.
    #[must_use]
    pub fn name(&self) -> Cow<'a, str> {
        self.tree.name(self.index)
    }

    /// The first part of the node's source: the name of a block, attribute or entry (with quotes), or the
    /// opening line of a heredoc (with its line end).
    pub(super) fn head(&self) -> &'a str {
        self.tree.head(self.index)
    }

    /// The attribute or entry of that name in a document, block or dictionary; the last if there are several.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<Self> {
        let member = self.tree.member(self.index, name);
        member.map(|member| self.at(member))
    }

    /// The value of the attribute or entry of that name in a document, block or dictionary; the last if there are
    /// several.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Self> {
        self.member(name)?.value()
    }

    /// The blocks of that type in a document or block, in order.
    pub fn blocks<'n>(&self, block_type: &'n str) -> impl Iterator<Item = Self> + use<'a, 'n> {
        let known = self.tree.known_blocks(self.index, block_type);
        let all = known.is_none().then(|| self.children());
        let tree = self.tree;
        let known = known.into_iter().flatten();
        known.map(|block| Self::new(tree, block)).chain(
            all.into_iter()
                .flatten()
                .filter(move |child| child.kind() == Kind::Block && child.head() == block_type),
        )
    }

    /// The decoded text of a string, heredoc or label.
    #[must_use]
    pub fn as_str(&self) -> Option<Cow<'a, str>> {
        match self.kind() {
            Kind::String | Kind::Label => {
                let source = self.literal();
                let inner = &source[1..source.len() - 1];
                Some(match self.tree.head_length(self.index) {
                    0 => Cow::Borrowed(inner),
                    _ => text::decode(inner),
                })
            }
            Kind::Heredoc => self.heredoc().map(|heredoc| heredoc.value(self.dialect())),
            _ => None,
        }
    }

    pub(super) fn heredoc(&self) -> Option<Heredoc<'a>> {
        let head = self.tree.head_length(self.index) as usize;
        (self.kind() == Kind::Heredoc).then(|| Heredoc::new(self.literal(), head))
    }

    /// The value of a boolean.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        (self.kind() == Kind::Bool).then(|| self.literal() == "true")
    }

    /// The source text of a number.
    #[must_use]
    pub fn as_number(&self) -> Option<&'a str> {
        (self.kind() == Kind::Number).then(|| self.literal())
    }

    /// Whether this is the literal `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.kind() == Kind::Null
    }

    /// The node's place, for messages: `step["deploy"].action.properties["Octopus.X"]`. Empty for the root.
    #[must_use]
    pub fn place(&self) -> String {
        let Some(parent) = self.parent() else {
            return String::new();
        };
        let mut place = parent.place();
        if parent.kind() == Kind::List {
            let index = parent.children().take_while(|item| item != self).count();
            place.push_str(&format!("[{index}]"));
        }
        self.push_place(&mut place);
        place
    }

    /// The node's place, with the positions of blocks that others beside them are called like: `variant[1].size`.
    pub(crate) fn exact_place(&self) -> String {
        let Some(parent) = self.parent() else {
            return String::new();
        };
        let mut place = parent.exact_place();
        if parent.kind() == Kind::List {
            let index = parent.children().take_while(|item| item != self).count();
            place.push_str(&format!("[{index}]"));
        }
        self.push_place(&mut place);
        if self.kind() == Kind::Block {
            let labels = |node: &Self| node.labels().map(|it| it.as_str()).collect::<Vec<_>>();
            let own = labels(self);
            let name = self.name();
            let alike: Vec<_> = parent
                .blocks(&name)
                .filter(|block| labels(block) == own)
                .collect();
            if let [_, _, ..] = alike.as_slice()
                && let Some(index) = alike.iter().position(|block| block == self)
            {
                place.push_str(&format!("[{index}]"));
            }
        }
        place
    }

    /// Appends the last part of the node's place, unless its parent is a list.
    fn push_place(&self, place: &mut String) {
        match self.kind() {
            Kind::Block | Kind::Attribute => {
                if !place.is_empty() {
                    place.push('.');
                }
                place.push_str(&self.name());
                for label in self.labels().filter_map(|label| label.as_str()) {
                    push_key(place, &label);
                }
            }
            Kind::Entry => push_key(place, &self.name()),
            // A label is shown with its block, a value with its name.
            _ => {}
        }
    }

    /// Whether the node is a label or scalar, or contains one.
    pub(crate) fn has_leaves(&self) -> bool {
        self.subtree().any(|node| node.is_leaf())
    }

    /// Whether this is a label or scalar.
    pub(crate) fn is_leaf(&self) -> bool {
        self.kind().is_scalar() || self.kind() == Kind::Label
    }

    /// Visits the labels and scalars in a node, in document order, each with its place.
    pub(crate) fn visit_leaves(&self, visit: &mut dyn FnMut(Self, &str)) {
        self.visit_below(&mut self.place(), visit);
    }

    fn visit_below(&self, place: &mut String, visit: &mut dyn FnMut(Self, &str)) {
        if self.is_leaf() {
            return visit(*self, place);
        }
        let length = place.len();
        let is_list = self.kind() == Kind::List;
        for (index, inner) in self.tree.inner(self.index).enumerate() {
            let inner = self.at(inner);
            if is_list {
                place.push_str(&format!("[{index}]"));
            }
            inner.push_place(place);
            inner.visit_below(place, visit);
            place.truncate(length);
        }
    }
}

fn push_key(place: &mut String, key: &str) {
    place.push('[');
    text::encode(key, place);
    place.push(']');
}

impl PartialEq for Node<'_> {
    /// Whether both are the same node of the same document.
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.tree, other.tree) && self.index == other.index
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

/// Nodes of one parent.
#[derive(Clone)]
struct Nodes<'a> {
    tree: &'a Tree,
    inner: Option<Inner<'a>>,
}

impl<'a> Iterator for Nodes<'a> {
    type Item = Node<'a>;

    fn next(&mut self) -> Option<Node<'a>> {
        let index = self.inner.as_mut()?.next()?;
        Some(Node::new(self.tree, index))
    }
}
