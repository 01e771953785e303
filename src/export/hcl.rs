//! HCL: blocks stay blocks, and dictionaries objects.

use std::fmt::Write as _;

use hcl::edit::expr::Expression;

use super::shape::{Body, Inner};
use super::what::Export;
use crate::ocl::{Kind, Node, number_text};

/// One level of indent.
const UNIT: &str = "  ";

/// The block that a document stands in, where there are several.
const DOCUMENT: &str = "document";

pub(super) fn text(export: &Export<'_>) -> String {
    let mut text = String::new();
    for part in &export.parts {
        match Body::of(&part.element) {
            Some(body) if export.is_named => {
                let head = format!("{DOCUMENT} {}", string(part.document));
                block(&head, &body, 0, &mut text);
            }
            Some(body) if body.node().kind() == Kind::Block => {
                block(&head(&body), &body, 0, &mut text);
            }
            Some(body) => inner(&body, 0, &mut text),
            None => attribute(part.element.node(), 0, &mut text),
        }
    }
    text
}

fn head(block: &Body<'_>) -> String {
    let mut head = block.node().name().into_owned();
    for label in block.labels() {
        head.push(' ');
        head.push_str(&string(&label));
    }
    head
}

fn block(head: &str, body: &Body<'_>, depth: usize, text: &mut String) {
    let indent = UNIT.repeat(depth);
    if body.node().children().next().is_none() {
        let _ = writeln!(text, "{indent}{head} {{}}");
        return;
    }
    let _ = writeln!(text, "{indent}{head} {{");
    inner(body, depth + 1, text);
    let _ = writeln!(text, "{indent}}}");
}

fn inner(body: &Body<'_>, depth: usize, text: &mut String) {
    for inner in body.inner() {
        match inner {
            Inner::Attribute(node) => attribute(node, depth, text),
            Inner::Block(inner) => block(&head(&inner), &inner, depth, text),
        }
    }
}

fn attribute(node: Node<'_>, depth: usize, text: &mut String) {
    let Some(held) = node.value() else { return };
    let _ = write!(text, "{}{} = ", UNIT.repeat(depth), node.name());
    value(held, depth, text);
    text.push('\n');
}

fn value(node: Node<'_>, depth: usize, text: &mut String) {
    match node.kind() {
        Kind::List => {
            text.push('[');
            for (index, item) in node.children().enumerate() {
                if index > 0 {
                    text.push_str(", ");
                }
                value(item, depth, text);
            }
            text.push(']');
        }
        Kind::Dictionary if node.children().next().is_none() => text.push_str("{}"),
        Kind::Dictionary => {
            text.push_str("{\n");
            for entry in node.children() {
                let Some(held) = entry.value() else { continue };
                let _ = write!(
                    text,
                    "{}{} = ",
                    UNIT.repeat(depth + 1),
                    string(&entry.name())
                );
                value(held, depth + 1, text);
                text.push('\n');
            }
            let _ = write!(text, "{}}}", UNIT.repeat(depth));
        }
        Kind::Number => text.push_str(&number_text(node.as_number().unwrap_or_default())),
        Kind::Bool | Kind::Null => text.push_str(&node.source()),
        _ => text.push_str(&string(&node.as_str().unwrap_or_default())),
    }
}

/// A string in quotes: what would begin a template is written out.
pub(super) fn string(text: &str) -> String {
    Expression::from(text).to_string()
}

/// Whether HCL reads a string as what it was. Not every sequence of `$` and braces can be written out.
pub(super) fn holds(text: &str) -> bool {
    if !text.contains("${") && !text.contains("%{") {
        return true;
    }
    let read: Result<Expression, _> = string(text).parse();
    read.is_ok_and(|read| read.as_str() == Some(text))
}
