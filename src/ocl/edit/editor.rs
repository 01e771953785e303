//! The editor: a document, and the state that its operations share.

use std::cell::Cell;
use std::collections::HashMap;
use std::fmt;

use super::error::EditError;
use super::sorted::Sorted;
use super::unit::Unit;
use crate::ocl::document::Document;
use crate::ocl::node::Node;
use crate::ocl::parse::{self, Part};
use crate::ocl::raw::{Kind, NodeId};
use crate::ocl::tree::{self, Splice, Tree};

/// The position of a node among the children of its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// For a block, after all others. For an attribute or entry, where [`Editor::set`] would put it.
    End,
    /// Before that child.
    Before(NodeId),
    /// After that child.
    After(NodeId),
}

/// A document that is being edited.
///
/// The cost of an edit depends on what it touches, not on the length of the document, and no byte outside of what it inserts,
/// replaces or removes changes. Reading between two edits gives the current state. A [`NodeId`] names a node until that is
/// removed, no matter what else is edited. The ids of the original document are valid here too; ids of nodes that were added here
/// mean nothing in the resulting document.
///
/// ```
/// use ocl_migrate::ocl::{Dialect, Document};
/// use serde_json::json;
///
/// let document = Document::parse("name = \"a\"\r\n\r\nstep {\r\n}\r\n", Dialect::Current)?;
/// let mut editor = document.edit();
/// let root = editor.root();
/// editor.set(root, "description", &json!("of a"))?;
/// editor.set(root, "name", &json!("b"))?;
/// assert_eq!(
///     editor.finish().text(),
///     "name = \"b\"\r\ndescription = \"of a\"\r\n\r\nstep {\r\n}\r\n"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Editor {
    pub(super) tree: Tree,
    pub(super) unit: Cell<Unit>,
    /// The order of the members, for nodes with many.
    pub(super) sorted: HashMap<u32, Sorted>,
}

impl Document {
    /// Starts editing.
    #[must_use]
    pub fn edit(self) -> Editor {
        Editor {
            tree: self.tree,
            unit: Cell::default(),
            sorted: HashMap::new(),
        }
    }
}

impl Editor {
    /// The edited document.
    #[must_use]
    pub fn finish(self) -> Document {
        let tree = self.tree.flat();
        check(&tree);
        Document { tree }
    }

    /// The text of the edited document.
    pub(crate) fn into_text(self) -> String {
        self.tree.into_text()
    }

    /// The document as it is now, as its root node.
    #[must_use]
    pub fn document(&self) -> Node<'_> {
        self.at(0)
    }

    /// The text as it is now, put together on each call.
    #[must_use]
    pub fn text(&self) -> String {
        self.tree.text()
    }

    /// The id of the root node.
    #[must_use]
    pub fn root(&self) -> NodeId {
        NodeId(0)
    }

    /// The node of an id, as it is now; `None` if it was removed.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Option<Node<'_>> {
        self.tree.is_alive(id.0).then(|| self.at(id.0))
    }

    /// Whether nothing was edited so far. After an edit, the text may still be the same.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        !self.tree.is_changed()
    }

    /// The changes so far, relative to the original text: in order and without overlaps. A splice may
    /// replace text by the same text.
    #[must_use]
    pub fn splices(&self) -> Vec<Splice> {
        self.tree.splices()
    }

    /// What edits have cost beyond a constant each since the last call: approximately the number of visited pieces of text.
    pub(crate) fn take_cost(&mut self) -> u64 {
        self.tree.take_walked()
    }

    pub(super) fn index(&self, id: NodeId) -> Result<u32, EditError> {
        let is_alive = self.tree.is_alive(id.0);
        is_alive.then_some(id.0).ok_or(EditError::Removed)
    }

    pub(super) fn at(&self, index: u32) -> Node<'_> {
        Node::new(&self.tree, index)
    }

    pub(super) fn place(&self, index: u32) -> String {
        self.at(index).place()
    }

    pub(super) fn wrong_kind(&self, index: u32, operation: &'static str) -> EditError {
        EditError::WrongKind {
            operation,
            place: self.place(index),
            kind: self.at(index).kind(),
        }
    }

    /// The node that has the members: the node itself, or the dictionary that is its value.
    pub(super) fn holder(&self, id: NodeId, operation: &'static str) -> Result<u32, EditError> {
        let index = self.index(id)?;
        let node = self.at(index);
        let holder = node.value().unwrap_or(node);
        if holder.kind().is_holder() {
            Ok(holder.index())
        } else {
            Err(self.wrong_kind(index, operation))
        }
    }

    /// Parses a text that is to be inserted under `parent`.
    pub(super) fn part(
        &self,
        text: String,
        part: Part,
        parent: u32,
    ) -> Result<tree::Part, EditError> {
        let depth = self.depth(parent);
        let nodes = parse::part(&text, 0, part, depth)
            .map_err(|error| EditError::from_parse(&error, self.place(parent)))?;
        Ok(tree::Part { text, nodes })
    }

    /// The number of blocks, dictionaries and lists around the inside of a node.
    fn depth(&self, index: u32) -> usize {
        std::iter::successors(Some(self.at(index)), Node::parent)
            .filter(|open| matches!(open.kind(), Kind::Block | Kind::Dictionary | Kind::List))
            .count()
    }

    /// In builds with debug assertions, for short documents: checks that the nodes are those that parsing the text would give.
    pub(super) fn check(&self) {
        if cfg!(debug_assertions) && self.tree.length() < 1 << 14 {
            check(&self.tree.clone().flat());
        }
    }
}

/// Checks that the nodes are those of the text.
fn check(tree: &Tree) {
    if cfg!(debug_assertions) {
        let text = tree.parsed_text();
        match parse::document(text) {
            Ok(nodes) => assert!(
                tree.is_flat(&nodes),
                "the nodes don't fit the text:\n{text}"
            ),
            Err(error) => panic!("an edit broke the document: {error}\n{text}"),
        }
    }
}

impl fmt::Display for Editor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}
