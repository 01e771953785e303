//! Replacing values.

use super::editor::Editor;
use super::error::EditError;
use super::gap::child_indent;
use super::lines::{end, first_on_line, inside, line_end_near, line_indent, rest_of_line, start};
use crate::ocl::heredoc::{Form, encode};
use crate::ocl::literal::{Content, Literal, Object};
use crate::ocl::node::Node;
use crate::ocl::parse::Part;
use crate::ocl::raw::{Kind, MAX_BYTES, NodeId};
use crate::ocl::tree;
use crate::ocl::write::{Slot, Writer, is_one_line};

impl Editor {
    /// Replaces a value: that of an attribute or entry, or an item of a list. Everything around it is kept. An object that
    /// replaces a dictionary changes only the entries that differ, and a list that replaces one with comments only the items; an
    /// equal value changes nothing.
    ///
    /// # Errors
    /// The id isn't that of a value or of a node with one; the value can't be written.
    pub fn replace(
        &mut self,
        value_or_member: NodeId,
        value: impl Into<Literal>,
    ) -> Result<(), EditError> {
        let index = self.index(value_or_member)?;
        let node = self.at(index);
        match node.value().unwrap_or(node) {
            target if target.kind().is_value() => {
                let target = target.index();
                self.replace_value(target, &value.into().0)
            }
            _ => Err(self.wrong_kind(index, "replace the value of")),
        }
    }

    pub(super) fn replace_value(&mut self, index: u32, value: &Content) -> Result<(), EditError> {
        if same(self.at(index), value) {
            return Ok(());
        }
        let parent = self.tree.parent(index).expect("the root is not a value");
        self.tree.open(parent);
        let part = self.value_part(index, parent, value)?;
        if let (Kind::Dictionary, Content::Object(entries)) = (self.at(index).kind(), value) {
            let merge = |editor: &mut Editor| editor.merge_entries(index, entries);
            return self.merge(part.text.len(), merge);
        }
        if let (Kind::List, Content::List(items)) = (self.at(index).kind(), value)
            && self.has_comments(index)
        {
            let merge = |editor: &mut Editor| editor.merge_items(index, items);
            return self.merge(part.text.len(), merge);
        }
        let node = self.at(index);
        let is_alone = rest_of_line(node.tree().walk(), end(node)).is_some();
        let is_one_line = !part.text.contains('\n') && !node.source().contains('\n');
        self.tree.replace(index, &part)?;
        self.forget_order(index);
        if !is_alone && !is_one_line {
            self.note_broken_lines();
        }
        self.note_lines(parent, Some(index));
        self.check();
        Ok(())
    }

    /// A value that replaces another, in an open parent.
    fn value_part(
        &self,
        index: u32,
        parent: u32,
        value: &Content,
    ) -> Result<tree::Part, EditError> {
        let (node, holder) = (self.at(index), self.at(parent));
        let walk = node.tree().walk();
        let mut text = String::new();
        let heredoc = match value {
            Content::String(value) => in_form_of(node, value),
            _ => None,
        };
        match (value, heredoc) {
            (_, Some(heredoc)) => text = heredoc,
            (Content::List(items), _) if node.kind() == Kind::List && starts_lines(node) => {
                let indent = line_indent(walk, start(node));
                let inner = child_indent(self, node, None);
                self.long_writer(holder, None)
                    .list_of_lines(items, &indent, &inner, &mut text)
                    .map_err(|error| EditError::from_write(error, node.place()))?;
            }
            (value, _) => {
                let line_of = match holder.kind() {
                    Kind::List => node,
                    _ => holder,
                };
                let indent = if is_one_line(value) {
                    String::new()
                } else {
                    line_indent(walk, start(line_of))
                };
                // Nothing may follow an end tag on its line, so a comment there excludes heredocs.
                let behind = walk.skip_blanks(end(node));
                let is_free = walk.is_end(behind) || walk.line_end(behind).is_some();
                let slot = match holder.kind() {
                    Kind::Attribute if is_free => Slot::Attribute,
                    Kind::Entry if is_free => Slot::Entry,
                    _ => Slot::Item,
                };
                self.writer(holder, None, value)
                    .value(value, slot, &indent, &mut text)
                    .map_err(|error| EditError::from_write(error, node.place()))?;
            }
        }
        self.part(text, Part::Value, parent)
    }

    /// Changes what differs of a value. What it becomes is known to be writable, and `length` is its length as text.
    fn merge(
        &mut self,
        length: usize,
        merge: impl FnOnce(&mut Editor) -> Result<(), EditError>,
    ) -> Result<(), EditError> {
        // Check first: the document could become too long after a part of it is changed.
        let bytes = self.tree.length();
        let before = (bytes + 2 * length > MAX_BYTES).then(|| {
            self.tree.note_walk(bytes);
            self.clone()
        });
        let merged = merge(self);
        if let (Err(_), Some(before)) = (&merged, before) {
            *self = before;
        }
        merged
    }

    fn merge_entries(&mut self, index: u32, entries: &Object) -> Result<(), EditError> {
        let gone: Vec<NodeId> = self
            .at(index)
            .children()
            .filter(|entry| !entries.contains_key(&*entry.name()))
            .map(|entry| entry.id())
            .collect();
        for entry in gone {
            self.remove_with_comments(entry)?;
        }
        for (key, value) in entries {
            self.set_in(index, key, value)?;
        }
        Ok(())
    }

    /// Whether a list has comments of its own.
    fn has_comments(&mut self, list: u32) -> bool {
        // Most have none, and needn't be opened.
        if !self.at(list).source().contains(['#', '/']) {
            return false;
        }
        self.tree.open(list);
        let node = self.at(list);
        let walk = node.tree().walk();
        let (mut at, close) = inside(node);
        let is_plain = |c: char| c == ',' || c.is_whitespace();
        for item in node.children() {
            if !walk.all(at, start(item), is_plain) {
                return true;
            }
            at = end(item);
        }
        !walk.all(at, close, is_plain)
    }

    /// Changes the items of a list between those at its start and at its end that stay.
    fn merge_items(&mut self, index: u32, items: &[Content]) -> Result<(), EditError> {
        self.tree.open(index);
        let old: Vec<u32> = self.at(index).children().map(|item| item.index()).collect();
        let stays = |(item, value): &(&u32, &Content)| same(self.at(**item), value);
        let first = old.iter().zip(items).take_while(stays).count();
        let rest = (old[first..].iter().rev()).zip(items[first..].iter().rev());
        let last = rest.take_while(stays).count();
        let (gone, new) = (
            &old[first..old.len() - last],
            &items[first..items.len() - last],
        );
        for (item, value) in gone.iter().zip(new) {
            self.replace_value(*item, value)?;
        }
        let both = gone.len().min(new.len());
        for item in gone[both..].iter().rev() {
            self.remove(NodeId(*item))?;
        }
        let next = old.get(old.len() - last).copied();
        let mut previous = (first + both).checked_sub(1).map(|place| old[place]);
        for value in &new[both..] {
            previous = Some(self.insert_between(index, previous, next, value)?);
        }
        Ok(())
    }

    /// The writer for a new value under `parent`, next to `sibling`. For a value on one line, skips finding out the indent.
    pub(super) fn writer(
        &self,
        parent: Node<'_>,
        sibling: Option<Node<'_>>,
        value: &Content,
    ) -> Writer {
        if is_one_line(value) {
            Writer {
                unit: String::new(),
                line_end: "",
                dialect: parent.dialect(),
                sorted: false,
            }
        } else {
            self.long_writer(parent, sibling)
        }
    }

    /// The writer for text over several lines.
    pub(super) fn long_writer(&self, parent: Node<'_>, sibling: Option<Node<'_>>) -> Writer {
        Writer {
            unit: self.unit(),
            line_end: line_end_near(parent, sibling),
            dialect: parent.dialect(),
            sorted: false,
        }
    }
}

fn same(node: Node<'_>, value: &Content) -> bool {
    match value {
        Content::String(value) => {
            matches!(node.kind(), Kind::String | Kind::Heredoc)
                && node.as_str().as_deref() == Some(value)
        }
        value => Content::from(node).is_same(value),
    }
}

/// Whether a list has its items on lines of their own.
fn starts_lines(list: Node<'_>) -> bool {
    let walk = list.tree().walk();
    let mut items = list.children();
    items
        .next()
        .is_some_and(|item| first_on_line(walk, start(item)))
}

/// A text as a heredoc like the one that it replaces, if that form can hold it.
fn in_form_of(node: Node<'_>, value: &str) -> Option<String> {
    let old = node.heredoc()?;
    if !value.contains('\n') {
        return None;
    }
    let dialect = node.dialect();
    let line_indent: String = match old.unindent(dialect) {
        usize::MAX => old.end_indent.to_owned(),
        count => {
            let line = old
                .lines()
                .find(|line| !line.trim().is_empty())
                .unwrap_or(old.end_indent);
            line.chars().take(count).collect()
        }
    };
    let form = Form {
        indented: old.indented,
        tag: old.tag,
        line_indent: &line_indent,
        end_indent: old.end_indent,
        line_end: if node.head().ends_with("\r\n") {
            "\r\n"
        } else {
            "\n"
        },
    };
    encode(value, form, dialect)
}
