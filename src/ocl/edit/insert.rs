//! New attributes, entries and blocks.

use super::editor::{Editor, Position};
use super::error::EditError;
use super::gap::{Gap, gap};
use super::lines::{head_end, next_sibling, previous_sibling, start};
use super::sorted::Neighbours;
use crate::ocl::json::LABELS;
use crate::ocl::lexical::is_name;
use crate::ocl::literal::{Content, Literal, Object};
use crate::ocl::node::Node;
use crate::ocl::parse::Part;
use crate::ocl::raw::{Kind, NodeId};
use crate::ocl::write::{Slot, key_text};

impl Editor {
    /// Sets the value of an attribute (of a document or block) or an entry (of a dictionary): in place if it exists, otherwise
    /// inserted. An equal value changes nothing. Returns the id of the attribute or entry.
    ///
    /// Objects become dictionaries, arrays lists. An attribute or entry with a dictionary can be given as `parent` for it.
    ///
    /// # Errors
    /// `parent` can't have members; the name isn't valid, or blocks have it; the value can't be written.
    pub fn set(
        &mut self,
        parent: NodeId,
        name: &str,
        value: impl Into<Literal>,
    ) -> Result<NodeId, EditError> {
        let parent = self.holder(parent, "set something in")?;
        self.set_in(parent, name, &value.into().0).map(NodeId)
    }

    pub(super) fn set_in(
        &mut self,
        parent: u32,
        name: &str,
        value: &Content,
    ) -> Result<u32, EditError> {
        if let Some(member) = self.at(parent).member(name) {
            let (member, old) = (member.index(), member.value().map(|old| old.index()));
            if let Some(old) = old {
                self.replace_value(old, value)?;
            }
            return Ok(member);
        }
        self.refuse_taken(parent, name, Kind::Attribute)?;
        self.tree.open(parent);
        self.learn_order(parent);
        let node = self.at(parent);
        let (previous, next) = self.member_place(parent, name, None);
        let gap = gap(self, node, previous, next, false);
        let mut text = String::new();
        let slot = self.member_name(node, name, &mut text)?;
        text.push_str(equals_like(previous, next, node));
        self.writer(node, previous.or(next), value)
            .value(value, slot, &gap.indent, &mut text)
            .map_err(|error| EditError::from_write(error, node.place()))?;
        let part = match slot {
            Slot::Entry => Part::Entry,
            _ => Part::Element,
        };
        let member = self.insert_at(parent, &gap, text, part)?;
        self.note_member(member);
        Ok(member)
    }

    /// Writes the name of a member that is to be inserted in `parent`.
    pub(super) fn member_name(
        &self,
        parent: Node<'_>,
        name: &str,
        out: &mut String,
    ) -> Result<Slot, EditError> {
        if parent.kind() == Kind::Dictionary {
            key_text(name, self.has_quoted_keys(parent.index()), out);
            return Ok(Slot::Entry);
        }
        if !is_name(name) {
            return Err(EditError::InvalidName {
                name: name.to_owned(),
            });
        }
        out.push_str(name);
        Ok(Slot::Attribute)
    }

    /// Inserts a block. `body` is its plain JSON view: an object of attributes and blocks. The labels are `labels`, or
    /// those under `"$labels"` in the body if that is empty.
    ///
    /// `parent` can't have blocks; the position isn't in it; a name isn't valid or is taken by an attribute; the body can't
    /// `parent` can't hold blocks; the position isn't in it; a name isn't one or is taken by an attribute; the body can't
    /// be written.
    pub fn insert_block(
        &mut self,
        parent: NodeId,
        block_type: &str,
        labels: &[&str],
        body: impl Into<Literal>,
        position: Position,
    ) -> Result<NodeId, EditError> {
        let view = body.into().0;
        self.insert_view(parent, block_type, labels, view, position)
            .map(NodeId)
    }

    fn insert_view(
        &mut self,
        parent: NodeId,
        block_type: &str,
        labels: &[&str],
        view: Content,
        position: Position,
    ) -> Result<u32, EditError> {
        let parent = self.index(parent)?;
        if !matches!(self.at(parent).kind(), Kind::Document | Kind::Block) {
            return Err(self.wrong_kind(parent, "insert a block in"));
        }
        self.refuse_taken(parent, block_type, Kind::Block)?;
        let view = block_view(self.at(parent), labels, view)?;
        self.tree.open(parent);
        let node = self.at(parent);
        let (previous, next) = match position {
            Position::End => (self.last_child(parent), None),
            position => self.neighbours(parent, position)?,
        };
        let gap = gap(self, node, previous, next, true);
        let mut text = String::new();
        self.long_writer(node, previous.or(next))
            .block(block_type, &view, &gap.indent, &mut text)
            .map_err(|error| EditError::from_write(error, node.place()))?;
        self.insert_at(parent, &gap, text, Part::Element)
    }

    /// The last child of an open node.
    pub(super) fn last_child(&self, parent: u32) -> Option<Node<'_>> {
        let last = self.at(self.tree.last(parent)?);
        (last.kind() != Kind::Label).then_some(last)
    }

    /// Puts a part into a gap. Returns the index of its node.
    pub(super) fn insert_at(
        &mut self,
        parent: u32,
        gap: &Gap,
        text: String,
        part: Part,
    ) -> Result<u32, EditError> {
        let part = self.part(text, part, parent)?;
        let node = self.tree.insert(&gap.spot, &part, parent, gap.previous)?;
        if gap.breaks_line {
            self.note_broken_lines();
        }
        self.note_lines(parent, Some(node));
        self.check();
        Ok(node)
    }

    /// The children on both sides of a position next to another child.
    pub(super) fn neighbours(
        &self,
        parent: u32,
        position: Position,
    ) -> Result<Neighbours<'_>, EditError> {
        let child = |id: NodeId| {
            let index = self.index(id)?;
            let child = self.at(index);
            let is_child = self.tree.parent(index) == Some(parent) && child.kind() != Kind::Label;
            is_child
                .then_some(child)
                .ok_or_else(|| EditError::InvalidPosition {
                    place: self.place(parent),
                })
        };
        Ok(match position {
            Position::End => (self.last_child(parent), None),
            Position::Before(id) => {
                let next = child(id)?;
                (previous_sibling(next), Some(next))
            }
            Position::After(id) => {
                let previous = child(id)?;
                (Some(previous), next_sibling(previous))
            }
        })
    }

    /// Refuses a second member of the same name, which would hide a value, and a member with the name of blocks.
    pub(super) fn refuse_taken(
        &self,
        parent: u32,
        name: &str,
        kind: Kind,
    ) -> Result<(), EditError> {
        if self.tree.has(parent, name, kind != Kind::Block) {
            return Err(EditError::NameTaken {
                place: self.place(parent),
                name: name.to_owned(),
            });
        }
        Ok(())
    }
}

fn block_view(parent: Node<'_>, labels: &[&str], view: Content) -> Result<Object, EditError> {
    let invalid = |message: &str| EditError::InvalidValue {
        place: parent.place(),
        message: message.to_owned(),
    };
    let Content::Object(mut view) = view else {
        return Err(invalid("the body of a block is an object"));
    };
    if !labels.is_empty() {
        let labels = labels
            .iter()
            .map(|&label| Content::String(label.to_owned()));
        let labels = Content::List(labels.collect());
        if view.insert(LABELS.to_owned(), labels).is_some() {
            return Err(invalid("it has labels of its own, and others were given"));
        }
    }
    Ok(view)
}

/// ` = ` as the neighbour has it: with the blanks or without. Doesn't align with columns.
fn equals_like(
    previous: Option<Node<'_>>,
    next: Option<Node<'_>>,
    parent: Node<'_>,
) -> &'static str {
    let walk = parent.tree().walk();
    let is_member = |node: &Node<'_>| node.kind().is_member();
    let model = previous
        .filter(is_member)
        .or(next.filter(is_member))
        .or_else(|| parent.children().find(is_member));
    let between =
        model.and_then(|model| Some(walk.between(head_end(model), start(model.value()?))));
    match between.as_deref() {
        Some("=") => "=",
        Some(between) if between.starts_with('=') => "= ",
        Some(between) if between.ends_with('=') => " =",
        _ => " = ",
    }
}
