//! Finds what a format can't hold, before anything is written.

use std::borrow::Cow;
use std::collections::HashMap;

use super::error::{ExportError, NotHeld};
use super::what::{Export, Format};
use super::{hcl, toml};
use crate::ocl::{Kind, Node, NodeId};
use crate::values::{Address, Element};

/// All that the format can't hold, in document order.
pub(super) fn errors(export: &Export<'_>, format: Format) -> Vec<ExportError> {
    let mut errors = Vec::new();
    for part in &export.parts {
        let mut found = |element: &Element<'_>, why: NotHeld| {
            errors.push(ExportError::NotHeld {
                address: Box::new(Address {
                    document: part.document.to_owned(),
                    selector: element.selector(),
                }),
                format,
                why,
            });
        };
        let node = part.element.node();
        if !export.is_named && !can_begin(node, format) {
            found(&part.element, NotHeld::Single);
            continue;
        }
        match format {
            Format::Csv => {}
            Format::Env => leaves(&part.element, &mut found),
            _ => visit(&part.element, node, &mut |element, node| {
                for (at, why) in not_held(node, format) {
                    let member = at.and_then(|at| {
                        let mut members = element.members();
                        members.find(|member| member.node().id() == at.id())
                    });
                    found(member.as_ref().unwrap_or(element), why);
                }
            }),
        }
    }
    errors
}

/// Whether a text in the format can be this alone.
fn can_begin(node: Node<'_>, format: Format) -> bool {
    let kind = node.value().unwrap_or(node).kind();
    let is_body = matches!(kind, Kind::Document | Kind::Block);
    match format {
        Format::Toml => is_body || kind == Kind::Dictionary,
        Format::Hcl => is_body || node.kind() == Kind::Attribute,
        _ => true,
    }
}

/// Variables of the environment are texts.
fn leaves(element: &Element<'_>, found: &mut dyn FnMut(&Element<'_>, NotHeld)) {
    for leaf in element.leaves() {
        let why = match leaf.value().as_str() {
            Some(text) if text.contains('\0') => NotHeld::ZeroByte,
            Some(_) => continue,
            None => match leaf.node().kind() {
                Kind::Number | Kind::Bool => continue,
                Kind::Null => NotHeld::Null,
                _ => NotHeld::Empty,
            },
        };
        found(leaf.element(), why);
    }
}

/// Visits every node with the innermost element that it belongs to.
fn visit<'a>(element: &Element<'a>, node: Node<'a>, see: &mut dyn FnMut(&Element<'a>, Node<'a>)) {
    see(element, node);
    for label in node.labels() {
        see(element, label);
    }
    let inner: Vec<Node<'a>> = node.value().unwrap_or(node).children().collect();
    if let Some(value) = node.value() {
        see(element, value);
    }
    // What is part of a key, or stands twice in a set, is no element.
    let mut members: HashMap<NodeId, Element<'a>> = HashMap::new();
    if !inner.is_empty() && element.node() == node {
        members.extend(element.members().map(|member| (member.node().id(), member)));
    }
    for child in inner {
        visit(members.get(&child.id()).unwrap_or(element), child, see);
    }
}

/// Each with the node that is one too many, if that is it.
fn not_held<'a>(node: Node<'a>, format: Format) -> Vec<(Option<Node<'a>>, NotHeld)> {
    let is_body = matches!(node.kind(), Kind::Document | Kind::Block);
    let mut found = Vec::new();
    if is_body || node.kind() == Kind::Dictionary {
        found.extend(names(node).map(|(twin, why)| (Some(twin), why)));
    }
    found.extend(of_node(node, format).into_iter().map(|why| (None, why)));
    found
}

fn of_node(node: Node<'_>, format: Format) -> Vec<NotHeld> {
    let mut found = Vec::new();
    let name = || node.name().into_owned();
    match (format, node.kind()) {
        (Format::Hcl, Kind::Block | Kind::Attribute) if !is_identifier(&name()) => {
            found.push(NotHeld::Name(name()));
        }
        (Format::Hcl, Kind::Entry) if !hcl::holds(&name()) => found.push(NotHeld::Name(name())),
        (Format::Hcl, Kind::String | Kind::Heredoc | Kind::Label) => {
            let text = node.as_str().unwrap_or_default();
            found.extend((!hcl::holds(&text)).then_some(NotHeld::Text));
        }
        (Format::Toml, Kind::Null) => found.push(NotHeld::Null),
        (Format::Toml, Kind::Number) => {
            let digits = node.as_number().unwrap_or_default();
            found.extend((!toml::holds(digits)).then(|| NotHeld::Number(digits.to_owned())));
        }
        (Format::Json | Format::Yaml | Format::Toml, Kind::Attribute) if is_like_blocks(node) => {
            found.push(NotHeld::Dictionaries);
        }
        _ => {}
    }
    found
}

/// What is wrong with the names in a document, block or dictionary.
fn names(node: Node<'_>) -> Option<(Node<'_>, NotHeld)> {
    let mut known: HashMap<Cow<'_, str>, Kind> = HashMap::new();
    for child in node.children() {
        let kind = child.kind();
        match known.insert(child.name(), kind) {
            None | Some(Kind::Block) if kind == Kind::Block => {}
            None => {}
            Some(before) if before != kind => return Some((child, NotHeld::AttributeBesideBlocks)),
            Some(_) => return Some((child, NotHeld::Twice(child.name().into_owned()))),
        }
    }
    None
}

/// Whether an attribute holds a list of dictionaries alone. No real document that is known has one.
fn is_like_blocks(attribute: Node<'_>) -> bool {
    let Some(list) = attribute.value().filter(|value| value.kind() == Kind::List) else {
        return false;
    };
    let mut items = list.children().peekable();
    items.peek().is_some() && items.all(|item| item.kind() == Kind::Dictionary)
}

fn is_identifier(name: &str) -> bool {
    ::hcl::Identifier::new(name).is_ok()
}
