//! Editing a document in place.
//!
//! An [`Editor`] owns a [`Document`]. Every edit changes the text by a splice and patches the list of nodes to match, so
//! what is read between two edits is always the current state, and no byte outside the splices changes. Nodes shift
//! under edits; a [`Handle`] names one of them until it is removed.
//!
//! What is inserted looks like its surroundings: indent, line ends, the blanks around `=`, quotes around keys, the sorted
//! place. What is *not* kept: the form of a value that is replaced by a different one (a heredoc stays a heredoc with
//! its tag where that can hold the new value), and comments within it.

mod error;
mod handles;
mod insert;
mod items;
mod layout;
mod moving;
mod names;
mod patch;
mod remove;
mod replace;
mod splices;

pub use error::EditError;
pub use handles::Handle;
pub use splices::Splice;

use handles::Handles;
use splices::Splices;

use super::document::{Dialect, Document, NodeId};
use super::node::{Kind, Node};

/// Where a node is put among the children of its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// For a block, after all others. For an attribute or entry, where [`Editor::set`] would put it.
    End,
    /// Before that child.
    Before(Handle),
    /// After that child.
    After(Handle),
}

/// A document that is being edited; see the [module](self).
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
    document: Document,
    handles: Handles,
    splices: Splices,
}

impl Document {
    /// Starts editing.
    #[must_use]
    pub fn edit(self) -> Editor {
        Editor {
            document: self,
            handles: Handles::default(),
            splices: Splices::default(),
        }
    }
}

impl Editor {
    /// The edited document.
    #[must_use]
    pub fn finish(self) -> Document {
        self.document
    }

    /// The document as it is now.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The handle of the root.
    pub fn root(&mut self) -> Handle {
        self.handles.of_node(0)
    }

    /// The handle of a node of the document as it is now.
    ///
    /// # Panics
    /// If the id was taken from a document with more nodes.
    pub fn handle(&mut self, node: NodeId) -> Handle {
        let node = self.document.node(node).id();
        self.handles.of_node(node.0)
    }

    /// The node of a handle, as it is now; none if it was removed.
    #[must_use]
    pub fn node(&self, handle: Handle) -> Option<Node<'_>> {
        Some(self.at(self.handles.node(handle)?))
    }

    /// Whether nothing was edited so far. Where something was, the text may still be what it was.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.splices.is_empty()
    }

    /// What was changed so far, against the text the editor started with: in order, apart from each other. A splice may
    /// put back what was there.
    #[must_use]
    pub fn splices(&self) -> Vec<Splice> {
        self.splices.list(&self.document.text)
    }

    pub(super) fn set_dialect(&mut self, dialect: Dialect) {
        self.document.dialect = dialect;
    }

    fn index(&self, handle: Handle) -> Result<u32, EditError> {
        self.handles.node(handle).ok_or(EditError::Removed)
    }

    fn at(&self, index: u32) -> Node<'_> {
        Node::new(&self.document, index)
    }

    fn place(&self, index: u32) -> String {
        self.at(index).place()
    }

    fn wrong_kind(&self, index: u32, operation: &'static str) -> EditError {
        EditError::WrongKind {
            operation,
            place: self.place(index),
            kind: self.at(index).kind(),
        }
    }

    /// A node that holds members: the node itself, or the dictionary that is its value.
    fn holder(&self, handle: Handle, operation: &'static str) -> Result<u32, EditError> {
        let index = self.index(handle)?;
        let node = self.at(index);
        let holder = node.value().unwrap_or(node);
        match holder.kind() {
            Kind::Document | Kind::Block | Kind::Dictionary => Ok(holder.id().0),
            _ => Err(self.wrong_kind(index, operation)),
        }
    }
}
