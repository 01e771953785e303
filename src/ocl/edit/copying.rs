//! Nodes of another document, copied with their text.

use super::editor::{Editor, Position};
use super::error::EditError;
use super::gap::gap;
use super::lines::{line_end_near, next_sibling, previous_sibling};
use super::moving::{MovedText, pack};
use crate::ocl::literal::Content;
use crate::ocl::node::Node;
use crate::ocl::parse::Part;
use crate::ocl::raw::{Kind, NodeId};

impl Editor {
    /// Inserts a copy of an attribute, entry, block or item of another document, in the same dialect. Attributes, entries and
    /// blocks come as they are written there, with the comments right above and after them, in the indent and with the line
    /// ends of the new position; an item of a list comes as its value alone. The other document isn't changed.
    ///
    /// # Errors
    /// It can't stand in `parent`; its name is taken; the position isn't in `parent`.
    pub fn copy(
        &mut self,
        other: &mut Editor,
        node: NodeId,
        parent: NodeId,
        position: Position,
    ) -> Result<NodeId, EditError> {
        let node = other.index(node)?;
        if let Some(holder) = other.tree.parent(node) {
            other.tree.open(holder);
        }
        let node = other.at(node);
        let named = self.index(parent)?;
        let holder = self.at(named).value().unwrap_or(self.at(named));
        let (index, kind) = (holder.index(), holder.kind());
        let fits = match node.kind() {
            Kind::Block => matches!(kind, Kind::Document | Kind::Block),
            Kind::Attribute => matches!(kind, Kind::Document | Kind::Block),
            Kind::Entry => kind == Kind::Dictionary,
            item => item.is_value() && kind == Kind::List,
        };
        if !fits {
            return Err(self.wrong_kind(index, "copy something of this kind into"));
        }
        if kind == Kind::List {
            self.tree.open(index);
            let (previous, next) = match position {
                Position::End => (self.last_child(index), None),
                position => self.neighbours(index, position)?,
            };
            let (previous, next) = (
                previous.map(|node| node.index()),
                next.map(|node| node.index()),
            );
            return self
                .insert_between(index, previous, next, &Content::from(node))
                .map(NodeId);
        }
        self.copy_named(node, index, position).map(NodeId)
    }

    /// Puts a copy, as of [`Editor::copy`], in the place of an attribute, entry, block or item, which is removed together with
    /// the comments right above it.
    ///
    /// # Errors
    /// As for [`Editor::copy`].
    pub fn replace_by_copy(
        &mut self,
        id: NodeId,
        other: &mut Editor,
        node: NodeId,
    ) -> Result<NodeId, EditError> {
        let index = self.index(id)?;
        let Some(parent) = self.tree.parent(index) else {
            return Err(self.wrong_kind(index, "replace"));
        };
        if self.at(index).kind().is_value() {
            let value = Content::from(other.at(other.index(node)?));
            self.replace_value(index, &value)?;
            return Ok(id);
        }
        self.tree.open(parent);
        let old = self.at(index);
        let (previous, next) = (previous_sibling(old), next_sibling(old));
        // There can't be two attributes of one name, not even for a moment.
        let position = match (previous, next) {
            (Some(previous), _) => Position::After(previous.id()),
            (None, Some(next)) => Position::Before(next.id()),
            (None, None) => Position::End,
        };
        self.remove_with_comments(id)?;
        self.copy(other, node, NodeId(parent), position)
    }

    fn copy_named(
        &mut self,
        node: Node<'_>,
        parent: u32,
        position: Position,
    ) -> Result<u32, EditError> {
        let is_block = node.kind() == Kind::Block;
        let name = node.name();
        self.refuse_taken(parent, &name, node.kind())?;
        self.tree.open(parent);
        let (previous, next) = match position {
            Position::End if !is_block => self.member_place(parent, &name, None),
            Position::End => (self.last_child(parent), None),
            position => self.neighbours(parent, position)?,
        };
        let holder = self.at(parent);
        let mut gap = gap(self, holder, previous, next, is_block);
        let line_end = line_end_near(holder, previous.or(next));
        // Line ends in heredocs are part of their values.
        let has_heredocs = node.subtree().any(|node| node.kind() == Kind::Heredoc);
        let mut packed = pack(node, true, &gap.indent);
        if !has_heredocs {
            packed.set_line_ends(line_end);
        }
        let MovedText {
            above,
            node,
            behind,
        } = packed;
        gap.spot.before += &above;
        gap.spot.after = behind + &gap.spot.after;
        let part = match holder.kind() {
            Kind::Dictionary => Part::Entry,
            _ => Part::Element,
        };
        let copy = self.insert_at(parent, &gap, node, part)?;
        if !is_block {
            self.forget_order(parent);
        }
        Ok(copy)
    }
}
