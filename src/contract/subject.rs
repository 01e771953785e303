//! What a message is about, in the words of documents.

use crate::ocl::{Kind, Node};
use crate::text::either;

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

/// What stands there, with its article.
pub(super) fn article(node: Node<'_>) -> &'static str {
    match node.kind() {
        Kind::Block => "a block",
        Kind::Label => "a label",
        Kind::Null => "null",
        Kind::Bool => "a boolean",
        Kind::Number => "a number",
        Kind::String | Kind::Heredoc => "a string",
        Kind::List => "a list",
        Kind::Document | Kind::Attribute | Kind::Entry | Kind::Dictionary => "a dictionary",
    }
}

/// Of so many values that are allowed, all are shown.
const SHOWN_CHOICES: usize = 8;

/// The values that something may have.
pub(super) fn choices(values: impl ExactSizeIterator<Item = String>) -> String {
    let more = values.len().saturating_sub(SHOWN_CHOICES);
    let mut shown: Vec<String> = values.take(SHOWN_CHOICES).collect();
    if more > 0 {
        shown.push(format!("{more} others"));
    }
    either(shown)
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
