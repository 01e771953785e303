//! Removing nodes.

use super::editor::Editor;
use super::error::EditError;
use super::items::item_removal;
use super::lines::start;
use super::moving::start_with_comments;
use super::removal::{Removal, removal};
use crate::ocl::node::Node;
use crate::ocl::raw::{Kind, NodeId};
use crate::ocl::tree::Cursor;

impl Editor {
    /// Removes an attribute, entry, block, label or list item: with its line, the comment after it, and a blank line that
    /// would be left over. Comments on the lines above stay.
    ///
    /// # Errors
    /// The node is the root, or the value of an attribute or entry.
    pub fn remove(&mut self, id: NodeId) -> Result<(), EditError> {
        self.remove_from(id, start)
    }

    /// The same, with the comment lines right above it.
    ///
    /// # Errors
    /// As for [`Editor::remove`].
    pub fn remove_with_comments(&mut self, id: NodeId) -> Result<(), EditError> {
        self.remove_from(id, start_with_comments)
    }

    fn remove_from(&mut self, id: NodeId, start: fn(Node<'_>) -> Cursor) -> Result<(), EditError> {
        let index = self.index(id)?;
        let node = self.at(index);
        let Some(parent) = node.parent() else {
            return Err(self.wrong_kind(index, "remove"));
        };
        let (kind, parent_kind, parent) = (node.kind(), parent.kind(), parent.index());
        if kind == Kind::Label {
            let before = self.at(parent).labels();
            let position = before.take_while(|label| label.index() != index).count();
            return self.remove_label(NodeId(parent), position);
        }
        if !kind.is_named() && parent_kind != Kind::List {
            return Err(self.wrong_kind(index, "remove"));
        }
        self.tree.open(parent);
        let node = self.at(index);
        let removal = match parent_kind {
            Kind::List => item_removal(node),
            _ => removal(node, start(node)),
        };
        self.take_out(index, &removal)?;
        if kind.is_member() {
            self.forget_order(parent);
        }
        Ok(())
    }

    fn take_out(&mut self, node: u32, removal: &Removal) -> Result<(), EditError> {
        let Removal { from, to, kept, .. } = removal;
        let parent = self.tree.parent(node);
        self.tree.remove(node, *from, *to, kept)?;
        if removal.joins_lines {
            self.note_broken_lines();
        }
        if let Some(parent) = parent {
            self.note_lines(parent, None);
        }
        self.check();
        Ok(())
    }
}
