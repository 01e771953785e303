//! What a message is about, in the words of documents.

use serde_json::Value;

use crate::ocl::{Kind, Node};

/// Longer texts are cut.
const SHOWN: usize = 60;

/// The node in a message: `` `worker_pool` ``, ``block `step` ``, `` item 2 of `environments` ``.
pub(super) fn subject(node: Node<'_>) -> String {
    match (node.kind(), node.parent()) {
        (Kind::Document, _) | (_, None) => "the document".into(),
        (Kind::Block, _) => format!("block `{}`", node.name()),
        (Kind::Attribute | Kind::Entry, _) => format!("`{}`", shortened(&node.name())),
        (Kind::Label, Some(block)) => format!("the label of block `{}`", block.name()),
        (_, Some(list)) if list.kind() == Kind::List => {
            let before = list.children().take_while(|item| *item != node).count();
            format!("item {} of {}", before + 1, subject(list))
        }
        (_, Some(holder)) => subject(holder),
    }
}

/// What stands there, with its article. Blocks and labels are lists in the plain view.
pub(super) fn article(node: Node<'_>, view: &Value) -> String {
    let noun = match (node.kind(), view) {
        (Kind::Block, _) => "a block",
        (Kind::Label, _) => "a label",
        (_, Value::Null) => "null",
        (_, Value::Bool(_)) => "a boolean",
        (_, Value::Number(_)) => "a number",
        (_, Value::String(_)) => "a string",
        (_, Value::Array(_)) => "a list",
        (_, Value::Object(_)) => "a dictionary",
    };
    noun.into()
}

/// A text that fits into a message, on one line.
pub(super) fn shortened(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(SHOWN) {
        Some((cut, _)) => format!("{}...", &line[..cut]),
        None if line.len() < text.trim_end().len() => format!("{line}..."),
        None => line.to_owned(),
    }
}
