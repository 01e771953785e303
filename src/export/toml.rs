//! TOML: blocks are arrays of tables, dictionaries are tables.

use std::borrow::Cow;

use indexmap::IndexMap;
use toml_writer::TomlWrite as _;

use super::shape::{Body, Content};
use super::what::Export;
use crate::ocl::{Kind, Node, number_text};

/// Writing goes into memory.
const IN_MEMORY: &str = "a text takes every character";

pub(super) fn text(export: &Export<'_>) -> String {
    let mut writer = Writer {
        text: String::new(),
        path: Vec::new(),
    };
    for part in &export.parts {
        if export.is_named {
            writer.path.push(part.document.to_owned());
        }
        match Body::of(&part.element) {
            Some(body) => writer.body(&body, Header::Table),
            None => writer.table(part.element.content(), Header::Table),
        }
        writer.path.clear();
    }
    writer.text
}

struct Writer {
    text: String,
    /// The tables that are open.
    path: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Header {
    /// `[path]`, left out where only tables follow, which say their whole path.
    Table,
    /// `[[path]]`
    Item,
}

impl Writer {
    fn body(&mut self, body: &Body<'_>, header: Header) {
        let contents = body.contents();
        let (tables, plain): (IndexMap<_, _>, IndexMap<_, _>) =
            contents
                .into_iter()
                .partition(|(_, content)| match content {
                    Content::Blocks(_) => true,
                    Content::Value(value) => is_table(*value),
                    _ => false,
                });
        self.header(header, !plain.is_empty() || tables.is_empty());
        for (name, content) in &plain {
            self.key(name);
            match content {
                Content::Labels(labels) => self.items(labels, |writer, label| {
                    writer.text.value(label.as_ref()).expect(IN_MEMORY);
                }),
                Content::Position(position) => self.text.push_str(&position.to_string()),
                Content::Value(value) => self.value(*value),
                Content::Blocks(_) => {}
            }
            self.text.push('\n');
        }
        for (name, content) in tables {
            self.path.push(name.into_owned());
            match content {
                Content::Blocks(blocks) => {
                    for block in blocks {
                        self.body(&block, Header::Item);
                    }
                }
                Content::Value(value) => self.table(value, Header::Table),
                _ => {}
            }
            self.path.pop();
        }
    }

    /// A dictionary.
    fn table(&mut self, dictionary: Node<'_>, header: Header) {
        let entries = dictionary.children();
        let entries = entries.filter_map(|entry| Some((entry.name(), entry.value()?)));
        let (tables, plain): (Vec<_>, Vec<_>) = entries.partition(|(_, value)| is_table(*value));
        self.header(header, !plain.is_empty() || tables.is_empty());
        for (name, value) in plain {
            self.key(&name);
            self.value(value);
            self.text.push('\n');
        }
        for (name, value) in tables {
            self.path.push(name.into_owned());
            self.table(value, Header::Table);
            self.path.pop();
        }
    }

    fn header(&mut self, header: Header, is_needed: bool) {
        if self.path.is_empty() || (header == Header::Table && !is_needed) {
            return;
        }
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        let (open, close) = match header {
            Header::Table => ("[", "]\n"),
            Header::Item => ("[[", "]]\n"),
        };
        self.text.push_str(open);
        for (index, key) in self.path.iter().enumerate() {
            if index > 0 {
                self.text.push('.');
            }
            self.text.key(key.as_str()).expect(IN_MEMORY);
        }
        self.text.push_str(close);
    }

    fn key(&mut self, name: &str) {
        self.text.key(name).expect(IN_MEMORY);
        self.text.push_str(" = ");
    }

    fn value(&mut self, node: Node<'_>) {
        match node.kind() {
            Kind::List => {
                let items: Vec<Node<'_>> = node.children().collect();
                self.items(&items, |writer, item| writer.value(*item));
            }
            Kind::Dictionary => {
                let entries: Vec<Node<'_>> = node.children().collect();
                self.text.push('{');
                for (index, entry) in entries.into_iter().enumerate() {
                    let Some(value) = entry.value() else { continue };
                    self.text.push_str(if index > 0 { ", " } else { " " });
                    self.key(&entry.name());
                    self.value(value);
                }
                let end = if self.text.ends_with('{') { "}" } else { " }" };
                self.text.push_str(end);
            }
            Kind::Number => {
                let digits = node.as_number().unwrap_or_default();
                self.text.push_str(&number_text(digits));
            }
            Kind::Bool => self.text.push_str(&node.source()),
            _ => {
                let text: Cow<'_, str> = node.as_str().unwrap_or_default();
                self.text.value(text.as_ref()).expect(IN_MEMORY);
            }
        }
    }

    fn items<T>(&mut self, items: &[T], write: impl Fn(&mut Writer, &T)) {
        self.text.push('[');
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.text.push_str(", ");
            }
            write(self, item);
        }
        self.text.push(']');
    }
}

/// Whether a value gets a table of its own; an empty one stands in its line.
fn is_table(value: Node<'_>) -> bool {
    value.kind() == Kind::Dictionary && value.children().next().is_some()
}

/// Whether readers keep all digits of a number: they read a whole one as 64 bits, any other as a float.
pub(super) fn holds(number: &str) -> bool {
    let number = number_text(number);
    match number.split_once('.') {
        None => number.parse::<i64>().is_ok(),
        Some(_) => {
            let digits = |text: &str| text.trim_end_matches('0').trim_end_matches('.').to_owned();
            let read: Result<f64, _> = number.parse();
            read.is_ok_and(|read| digits(&format!("{read:?}")) == digits(&number))
        }
    }
}
