//! Another value in place of one.

use std::ops::Range;

use serde_json::{Map, Value};

use super::layout::{child_indent, first_on_line, line_end_near, line_indent, unit};
use super::patch::{Fragment, Patch};
use super::{EditError, Editor, Handle};
use crate::ocl::heredoc::{Form, encode};
use crate::ocl::lexical::{line_end, skip_blanks};
use crate::ocl::node::{Kind, Node};
use crate::ocl::parse::Part;
use crate::ocl::write::{Slot, Writer};

impl Editor {
    /// Replaces a value: that of an attribute or entry, or an item of a list. Everything around it is kept. An object
    /// in place of a dictionary changes only the entries that differ; an equal value changes nothing.
    ///
    /// # Errors
    /// The handle is not a value or has no value; the value can't be written.
    pub fn replace(&mut self, value_or_member: Handle, value: &Value) -> Result<(), EditError> {
        let index = self.index(value_or_member)?;
        let node = self.at(index);
        match node.value().unwrap_or(node) {
            target if is_value(target.kind()) => self.replace_value(target.id().0, value),
            _ => Err(self.wrong_kind(index, "replace the value of")),
        }
    }

    pub(super) fn replace_value(&mut self, index: u32, value: &Value) -> Result<(), EditError> {
        let node = self.at(index);
        if same(node, value) {
            return Ok(());
        }
        let fragment = self.value_fragment(node, value)?;
        if let (Kind::Dictionary, Value::Object(entries)) = (node.kind(), value) {
            return self.merge(index, entries, fragment.text.len());
        }
        self.put(index, &fragment)
    }

    /// Puts another literal in place of a value.
    pub(in crate::ocl) fn replace_source(
        &mut self,
        index: u32,
        source: String,
    ) -> Result<(), EditError> {
        let parent = self.at(index).parent().map_or(0, |parent| parent.id().0);
        let fragment = self.fragment(source, Part::Value, parent)?;
        self.put(index, &fragment)
    }

    /// Changes text inside a node that has no nodes in it.
    pub(in crate::ocl) fn replace_within(
        &mut self,
        index: u32,
        range: Range<usize>,
        text: &str,
    ) -> Result<(), EditError> {
        self.apply(Patch {
            range,
            text,
            parent: index,
            nodes: index + 1..index + 1,
            fragment: None,
            keep_handle: false,
        })
    }

    fn put(&mut self, index: u32, fragment: &Fragment) -> Result<(), EditError> {
        let node = self.at(index);
        let patch = Patch {
            range: node.span(),
            text: &fragment.text,
            parent: node.parent().expect("the root is not a value").id().0,
            nodes: index..index + node.subtree_size(),
            fragment: Some((fragment, 0)),
            keep_handle: true,
        };
        self.apply(patch)
    }

    /// The text of a value in place of another.
    fn value_fragment(&self, node: Node<'_>, value: &Value) -> Result<Fragment, EditError> {
        let parent = node.parent().expect("the root is not a value");
        let mut text = String::new();
        // Nothing may stand behind an end tag, so a comment there rules heredocs out.
        let document = self.document.text();
        let behind = skip_blanks(document, node.span().end);
        let free = behind == document.len() || line_end(document.as_bytes(), behind).is_some();
        match value {
            Value::String(value) if let Some(heredoc) = in_form_of(node, value) => text = heredoc,
            Value::Array(items) if node.kind() == Kind::List && starts_lines(node) => {
                let indent = line_indent(document, node.span().start);
                self.writer(parent, None)
                    .list_of_lines(items, indent, &child_indent(node, None), &mut text)
                    .map_err(|error| EditError::from_write(error, node.place()))?;
            }
            value => {
                let line_of = if parent.kind() == Kind::List {
                    node
                } else {
                    parent
                };
                let indent = line_indent(document, line_of.span().start);
                let slot = match parent.kind() {
                    Kind::Attribute if free => Slot::Attribute,
                    Kind::Entry if free => Slot::Entry,
                    _ => Slot::Item,
                };
                self.writer(parent, None)
                    .value(value, slot, indent, &mut text)
                    .map_err(|error| EditError::from_write(error, node.place()))?;
            }
        }
        self.fragment(text, Part::Value, parent.id().0)
    }

    /// Brings a dictionary to the given entries, changing those that differ. The value is known to be writable.
    fn merge(
        &mut self,
        index: u32,
        entries: &Map<String, Value>,
        length: usize,
    ) -> Result<(), EditError> {
        let bytes = self.document.text.len() + 2 * length;
        if bytes > crate::ocl::MAX_BYTES {
            return Err(EditError::TooLarge { bytes });
        }
        let gone: Vec<Handle> = self
            .at(index)
            .children()
            .filter(|entry| !entries.contains_key(&*entry.name()))
            .map(|entry| entry.id().0)
            .collect::<Vec<_>>()
            .into_iter()
            .map(|entry| self.handles.of_node(entry))
            .collect();
        for entry in gone {
            self.remove(entry)?;
        }
        for (key, value) in entries {
            self.set_in(index, key, value)?;
        }
        Ok(())
    }

    /// How new text under `parent`, next to `sibling`, is written.
    pub(super) fn writer<'n>(&self, parent: Node<'n>, sibling: Option<Node<'n>>) -> Writer<'n> {
        Writer {
            unit: unit(parent),
            line_end: line_end_near(parent, sibling),
            dialect: parent.document().dialect(),
            sorted: false,
        }
    }
}

pub(super) fn is_value(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Dictionary
            | Kind::List
            | Kind::String
            | Kind::Heredoc
            | Kind::Number
            | Kind::Bool
            | Kind::Null
    )
}

fn same(node: Node<'_>, value: &Value) -> bool {
    match value {
        Value::String(value) => {
            matches!(node.kind(), Kind::String | Kind::Heredoc)
                && node.as_str().as_deref() == Some(value)
        }
        value => node.to_json() == *value,
    }
}

/// Whether a list has its items on lines of their own.
fn starts_lines(list: Node<'_>) -> bool {
    let text = list.document().text();
    list.children()
        .next()
        .is_some_and(|item| first_on_line(text, item.span().start))
}

/// A text as a heredoc like the one it replaces, if that has room for it.
fn in_form_of(node: Node<'_>, value: &str) -> Option<String> {
    let old = node.heredoc()?;
    if !value.contains('\n') {
        return None;
    }
    let dialect = node.document().dialect();
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
