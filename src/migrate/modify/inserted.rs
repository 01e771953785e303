//! What the values of an operation are for, and what values and the bodies of new blocks may hold.

use crate::catalog::Value;
use crate::ocl::{Content, Kind, LABELS, Node, stands_for_blocks};

/// For what the values of an object are evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Set,
    Default,
    Insert,
}

/// Refuses bodies of new blocks that hold an attribute of the document which would be written as blocks: one with a list of
/// dictionaries, as the plain view shows blocks as just that. A list that an expression makes is blocks, and so is
/// one that is given as the bodies.
pub(super) fn attributes_stay(bodies: &Value<'_>) -> Result<(), String> {
    match bodies {
        Value::List(items) => items.iter().try_for_each(body),
        Value::Node(list) if list.kind() == Kind::List => list.children().try_for_each(body_of),
        single => body(single),
    }
}

fn body(value: &Value<'_>) -> Result<(), String> {
    match value {
        Value::Node(node) => body_of(*node),
        Value::Map(entries) => {
            for (name, value) in entries.iter().filter(|(name, _)| *name != LABELS) {
                match value {
                    Value::Node(node) => attribute(name, *node)?,
                    Value::List(items) => items.iter().try_for_each(body)?,
                    _ => {}
                }
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn body_of(node: Node<'_>) -> Result<(), String> {
    if !matches!(node.kind(), Kind::Block | Kind::Dictionary | Kind::Document) {
        return Ok(());
    }
    node.children().try_for_each(|child| match child.value() {
        Some(value) => attribute(&child.name(), value),
        None => body_of(child),
    })
}

fn attribute(name: &str, value: Node<'_>) -> Result<(), String> {
    if value.kind() != Kind::List || !stands_for_blocks(name, &Content::from(value)) {
        return Ok(());
    }
    Err(format!(
        "`{name}` would become blocks: it is an attribute that holds a list of dictionaries (at {}), which stands for blocks in \
         `insert`; `move` or `rename` what holds it, or write `[for item in LIST : item]` where blocks are meant",
        value.place()
    ))
}

/// Refuses a value that holds blocks with labels: it would have them as an entry.
pub(super) fn no_labels(value: &Value<'_>) -> Result<(), String> {
    match value {
        Value::Node(node) if matches!(node.kind(), Kind::Block | Kind::Document) => {
            let mut within = node.subtree();
            let labelled = within.find(|node| node.labels().next().is_some());
            labelled.map_or(Ok(()), |block| Err(is_no_value(&block.place())))
        }
        Value::List(items) => items.iter().try_for_each(no_labels),
        Value::Map(entries) => entries.iter().try_for_each(|(name, value)| {
            if *name == LABELS {
                return Err(is_no_value("this"));
            }
            no_labels(value)
        }),
        _ => Ok(()),
    }
}

fn is_no_value(place: &str) -> String {
    format!(
        "{place} is a block with labels, and a value has none: `insert` makes blocks, `move` and `rename` keep them; or name the values that \
         are meant"
    )
}
