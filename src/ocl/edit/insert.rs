//! New attributes, entries and blocks.

use serde_json::{Map, Value};

use super::layout::{Gap, gap, next_sibling, previous_sibling};
use super::patch::Patch;
use super::{EditError, Editor, Handle, Position};
use crate::ocl::json::LABELS;
use crate::ocl::lexical::is_name;
use crate::ocl::node::{Kind, Node};
use crate::ocl::parse::Part;
use crate::ocl::write::{LEADING_NAME, Slot, key_text, sort_key};

impl Editor {
    /// Gives an attribute (of a document or block) or an entry (of a dictionary) a value: in place if it is there, else
    /// inserted. An equal value changes nothing. The handle is that of the attribute or entry.
    ///
    /// Objects become dictionaries, arrays lists. An attribute or entry with a dictionary can stand for it as `parent`.
    ///
    /// # Errors
    /// `parent` can't hold members; the name isn't one, or blocks have it; the value can't be written.
    pub fn set(&mut self, parent: Handle, name: &str, value: &Value) -> Result<Handle, EditError> {
        let parent = self.holder(parent, "set something in")?;
        let member = self.set_in(parent, name, value)?;
        Ok(self.handles.of_node(member))
    }

    pub(super) fn set_in(
        &mut self,
        parent: u32,
        name: &str,
        value: &Value,
    ) -> Result<u32, EditError> {
        let node = self.at(parent);
        if let Some(member) = node.member(name) {
            let index = member.id().0;
            self.replace_value(index + 1, value)?;
            return Ok(index);
        }
        self.refuse_taken(node, name, Kind::Attribute)?;
        let (previous, next) = member_place(node, name, None);
        let gap = gap(node, previous, next, false);
        let mut text = String::new();
        let slot = self.member_name(node, name, &mut text)?;
        text.push_str(equals_like(previous, next, node));
        self.writer(node, previous.or(next))
            .value(value, slot, &gap.indent, &mut text)
            .map_err(|error| EditError::from_write(error, node.place()))?;
        let part = match slot {
            Slot::Entry => Part::Entry,
            _ => Part::Element,
        };
        self.insert_at(parent, gap, text, part)
    }

    /// Writes the name of a member to be inserted in `parent`.
    pub(super) fn member_name(
        &self,
        parent: Node<'_>,
        name: &str,
        out: &mut String,
    ) -> Result<Slot, EditError> {
        if parent.kind() == Kind::Dictionary {
            let mut keys = parent.children().map(|entry| entry.head()).peekable();
            let quoted = keys.peek().is_some() && keys.all(|key| key.starts_with('"'));
            key_text(name, quoted, out);
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
    /// # Errors
    /// `parent` can't hold blocks; the position isn't in it; a name isn't one or is taken by an attribute; the body can't
    /// be written.
    pub fn insert_block(
        &mut self,
        parent: Handle,
        block_type: &str,
        labels: &[&str],
        body: &Value,
        position: Position,
    ) -> Result<Handle, EditError> {
        let parent = self.index(parent)?;
        let node = self.at(parent);
        if !matches!(node.kind(), Kind::Document | Kind::Block) {
            return Err(self.wrong_kind(parent, "insert a block in"));
        }
        self.refuse_taken(node, block_type, Kind::Block)?;
        let view = block_view(node, labels, body)?;
        let (previous, next) = self.neighbours(node, position, None)?;
        let gap = gap(node, previous, next, true);
        let mut text = String::new();
        self.writer(node, previous.or(next))
            .block(block_type, &view, &gap.indent, &mut text)
            .map_err(|error| EditError::from_write(error, node.place()))?;
        let index = self.insert_at(parent, gap, text, Part::Element)?;
        Ok(self.handles.of_node(index))
    }

    /// Puts a part into a gap; its node's index.
    pub(super) fn insert_at(
        &mut self,
        parent: u32,
        gap: Gap,
        text: String,
        part: Part,
    ) -> Result<u32, EditError> {
        let fragment = self.fragment(text, part, parent)?;
        let text = [&gap.before, &fragment.text, &gap.after]
            .map(String::as_str)
            .concat();
        self.apply(Patch {
            range: gap.range,
            text: &text,
            parent,
            nodes: gap.node..gap.node,
            fragment: Some((&fragment, gap.before.len())),
            keep_handle: false,
        })?;
        Ok(gap.node)
    }

    /// The children between which a position lies. At the `End`, a member of that name goes to its natural place among
    /// the others.
    pub(super) fn neighbours<'n>(
        &self,
        parent: Node<'n>,
        position: Position,
        member: Option<(&str, Option<Node<'n>>)>,
    ) -> Result<(Option<Node<'n>>, Option<Node<'n>>), EditError> {
        let child = |handle: Handle| {
            let index = self.index(handle)?;
            parent
                .children()
                .find(|child| child.id().0 == index)
                .ok_or_else(|| EditError::InvalidPosition {
                    place: parent.place(),
                })
        };
        Ok(match position {
            Position::End => match member {
                Some((name, itself)) => member_place(parent, name, itself),
                None => (parent.children().last(), None),
            },
            Position::Before(handle) => {
                let next = child(handle)?;
                (previous_sibling(next), Some(next))
            }
            Position::After(handle) => {
                let previous = child(handle)?;
                (Some(previous), next_sibling(previous))
            }
        })
    }

    /// Two members of one name would hide one value, a member with the name of blocks is no one's intention.
    pub(super) fn refuse_taken(
        &self,
        parent: Node<'_>,
        name: &str,
        kind: Kind,
    ) -> Result<(), EditError> {
        let taken = parent.children().any(|child| {
            (child.kind() != Kind::Block || kind != Kind::Block) && child.name() == name
        });
        match taken {
            true => Err(EditError::NameTaken {
                place: parent.place(),
                name: name.to_owned(),
            }),
            false => Ok(()),
        }
    }
}

fn block_view(
    parent: Node<'_>,
    labels: &[&str],
    body: &Value,
) -> Result<Map<String, Value>, EditError> {
    let invalid = |message: &str| EditError::InvalidValue {
        place: parent.place(),
        message: message.to_owned(),
    };
    let Value::Object(body) = body else {
        return Err(invalid("the body of a block is an object"));
    };
    let mut view = body.clone();
    if !labels.is_empty() {
        let labels = labels.iter().copied().map(Value::from).collect();
        if view.insert(LABELS.to_owned(), labels).is_some() {
            return Err(invalid("it has labels of its own, and others were given"));
        }
    }
    Ok(view)
}

/// Where an attribute or entry goes among the others (`itself` is none of them): its place in the order if there is one,
/// else after the last; attributes before blocks.
fn member_place<'n>(
    parent: Node<'n>,
    name: &str,
    itself: Option<Node<'n>>,
) -> (Option<Node<'n>>, Option<Node<'n>>) {
    let members: Vec<_> = parent
        .children()
        .filter(|child| child.kind() != Kind::Block && Some(*child) != itself)
        .collect();
    let Some(&last) = members.last() else {
        return (None, parent.children().next());
    };
    let keys: Vec<_> = members
        .iter()
        .map(|member| sort_key(&member.name()))
        .collect();
    // In a runbook, `name` comes first, whatever the others are called.
    let name_leads = keys[0] == LEADING_NAME && keys[1..].is_sorted();
    let is_root = parent.kind() == Kind::Document;
    let ordered = match (keys.is_sorted(), name_leads) {
        (_, true) if is_root => 1,
        (true, _) => 0,
        (false, true) => 1,
        (false, false) => members.len(),
    };
    let key = sort_key(name);
    let leads = is_root && key == LEADING_NAME && ordered < members.len();
    let after = (ordered..members.len()).find(|&at| leads || keys[at] > key);
    match after {
        Some(at) => (previous_sibling(members[at]), Some(members[at])),
        None => (Some(last), next_sibling(last)),
    }
}

/// ` = ` as the neighbour has it: with the blanks or without; the columns of aligned ones are not followed.
fn equals_like(
    previous: Option<Node<'_>>,
    next: Option<Node<'_>>,
    parent: Node<'_>,
) -> &'static str {
    let is_member = |node: &Node<'_>| node.kind() != Kind::Block;
    let model = previous
        .filter(is_member)
        .or(next.filter(is_member))
        .or_else(|| parent.children().find(is_member));
    let between = model.and_then(|model| {
        let value = model.value()?.span().start;
        model
            .document()
            .text()
            .get(model.span().start + model.head().len()..value)
    });
    match between {
        Some("=") => "=",
        Some(between) if between.starts_with('=') => "= ",
        Some(between) if between.ends_with('=') => " =",
        _ => " = ",
    }
}
