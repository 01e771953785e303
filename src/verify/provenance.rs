//! Values that a step in Rust overwrites without reading them.
//!
//! The code of such a step can't be inspected, but it can be run. For each value that the step replaces, the value in the
//! original document is changed and the step runs again. If the result has the same bytes for every such change, it doesn't
//! depend on the value: the value was overwritten. This can't tell a removal from a loss, and a value that only matters if it
//! is a rare one (`if x > 1000`) counts as overwritten.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::{Value as Json, json};

use crate::catalog::Catalog;
use crate::migrate::{Context, Input, Loss, LossCause, Migrated, migrate};
use crate::ocl::{Document, Kind, Node, NodeId};

/// The values that the step replaces, but on which its result doesn't depend.
pub(super) fn losses(
    catalog: &Catalog,
    index: usize,
    input: Input<'_>,
    migrated: &Migrated,
    context: &dyn Context,
) -> Vec<Loss> {
    let step = &catalog.steps()[index];
    let dialect = catalog.dialect_at(input.shape);
    let parse = |bytes: &[u8]| Document::from_bytes(bytes.to_vec(), dialect).ok();
    let (Some(before), Some(text)) = (parse(input.bytes), &migrated.text) else {
        return Vec::new();
    };
    let Some(after) = parse(text.as_bytes()) else {
        return Vec::new();
    };
    let after: HashMap<String, Cow<'_, str>> = leaves(&after)
        .into_iter()
        .map(|(key, leaf)| (key, after.node(leaf).source()))
        .collect();
    let mut losses = Vec::new();
    for (key, leaf) in leaves(&before) {
        let node = before.node(leaf);
        if after.get(&key).is_none_or(|after| *after == node.source()) {
            continue;
        }
        let variants = others(node);
        let same = |other: &Json| {
            let Some(changed) = with_value(&before, leaf, other) else {
                return false;
            };
            let input = Input {
                bytes: changed.as_bytes(),
                ..input
            };
            let again = migrate(catalog, &[index], input, context);
            again.is_ok_and(|again| again.text.as_deref() == migrated.text.as_deref())
        };
        if !variants.is_empty() && variants.iter().all(same) {
            losses.push(Loss {
                cause: LossCause::Overwritten,
                version: step.version(),
                step: step.name().to_owned(),
                place: node.place(),
                text: node.source().into_owned(),
            });
        }
    }
    losses
}

/// Other values of the same type.
fn others(leaf: Node<'_>) -> Vec<Json> {
    if let Some(text) = leaf.as_str() {
        let other = [format!("{text}x"), format!("x{text}"), "9".to_owned()];
        return other.into_iter().map(Json::from).collect();
    }
    if let Some(value) = leaf.as_bool() {
        return vec![json!(!value)];
    }
    match leaf.as_number() {
        Some(text) => [0, 1, 7, 1_000_003]
            .into_iter()
            .filter(|other| other.to_string() != text)
            .map(Json::from)
            .collect(),
        None => vec![json!("x"), json!(1)],
    }
}

fn with_value(document: &Document, leaf: NodeId, value: &Json) -> Option<String> {
    let node = document.node(leaf);
    let parent = node.parent()?;
    let label = parent.labels().position(|label| label == node);
    let mut editor = document.clone().edit();
    match (label, value) {
        (Some(index), Json::String(text)) => {
            editor.set_label(parent.id(), index, text).ok()?;
        }
        _ => {
            editor.replace(leaf, value).ok()?;
        }
    }
    Some(editor.text())
}

/// Every scalar and label. The key distinguishes blocks of one type by their order, since labels may change.
fn leaves(document: &Document) -> Vec<(String, NodeId)> {
    let mut leaves = Vec::new();
    collect(document.root(), String::new(), &mut leaves);
    leaves
}

fn collect(node: Node<'_>, key: String, leaves: &mut Vec<(String, NodeId)>) {
    for (index, label) in node.labels().enumerate() {
        leaves.push((format!("{key}#{index}"), label.id()));
    }
    let mut count: HashMap<String, usize> = HashMap::new();
    match node.kind() {
        Kind::Document | Kind::Block | Kind::Dictionary => {
            for child in node.children() {
                let name = child.name();
                let nth = count.entry(name.to_string()).or_default();
                let key = format!("{key}/{name}[{nth}]");
                *nth += 1;
                collect(child, key, leaves);
            }
        }
        Kind::List => {
            for (index, item) in node.children().enumerate() {
                collect(item, format!("{key}[{index}]"), leaves);
            }
        }
        Kind::Attribute | Kind::Entry => {
            if let Some(value) = node.value() {
                collect(value, key, leaves);
            }
        }
        _ => leaves.push((key, node.id())),
    }
}
