//! Labels that a step writes must not make one of several.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::{Done, Failure, Relabelled, Run};
use crate::catalog::identity::By;
use crate::catalog::{Expression, Identity, Operation};
use crate::ocl::{Content, Kind, Node, NodeId};

type Map<K, V> = HashMap<K, V, RandomState>;

impl Run<'_> {
    pub(super) fn label(
        &mut self,
        operation: &Operation,
        id: NodeId,
        expression: &Expression,
    ) -> Done {
        let node = self.live(id);
        if node.kind() != Kind::Block {
            return Err(self.failure(operation, id, "only a block has labels"));
        }
        let labels = labels_of(node);
        let old = node.labels().next().map(|label| label.id());
        let (value, reads) = self.evaluate(expression, id, old)?;
        if let Some(old) = old {
            self.overwrite(old, &value, &reads, false);
        }
        match (&value, old) {
            (Content::String(text), Some(_)) => {
                self.edit(operation, id, |editor| editor.set_label(id, 0, text))?;
            }
            (Content::String(text), None) => {
                self.edit(operation, id, |editor| editor.insert_label(id, 0, text))?;
            }
            (Content::Null, Some(_)) => {
                self.edit(operation, id, |editor| editor.remove_label(id, 0))?;
            }
            (Content::Null, None) => {}
            (other, _) => {
                let message = format!("a label must be text, not {}", other.to_json());
                return Err(self.failure(operation, id, message));
            }
        }
        self.copied.extend(reads);
        if old.is_some() {
            self.relabelled.push(Relabelled {
                block: id,
                span: operation.span.clone(),
                labels: Some(labels),
            });
        }
        Ok(())
    }

    /// Notes a block that was inserted.
    pub(super) fn note_inserted(&mut self, operation: &Operation, block: NodeId) {
        if self.live(block).labels().next().is_some() {
            self.relabelled.push(Relabelled {
                block,
                span: operation.span.clone(),
                labels: None,
            });
        }
    }

    /// Refuses blocks that were told apart by their labels and aren't any more: which of them is meant can't be said then.
    pub(super) fn labels_must_differ(&self, identity: &Identity) -> Done {
        // A block may have been rewritten several times: what counts is what it was called first.
        let mut rewritten: Map<NodeId, &Relabelled> = Map::default();
        let mut parents = Vec::new();
        for relabelled in &self.relabelled {
            let Some(block) = self.editor.node(relabelled.block) else {
                continue;
            };
            parents.extend(block.parent().map(|parent| parent.id()));
            rewritten.entry(relabelled.block).or_insert(relabelled);
        }
        parents.sort_unstable();
        parents.dedup();
        for parent in parents {
            let mut known: Map<(String, Vec<String>), Node<'_>> = Map::default();
            let blocks = self.live(parent).children();
            for block in blocks.filter(|child| child.kind() == Kind::Block) {
                let key = (block.name().into_owned(), labels_of(block));
                let Some(other) = known.get(&key) else {
                    known.insert(key, block);
                    continue;
                };
                let before = |block: &Node<'_>| match rewritten.get(&block.id()) {
                    Some(relabelled) => relabelled.labels.clone(),
                    None => Some(labels_of(*block)),
                };
                let was = before(&block);
                if was.is_some() && was == before(other) || !is_known_by_labels(identity, block) {
                    continue;
                }
                let relabelled = rewritten.get(&block.id()).or(rewritten.get(&other.id()));
                let Some(Relabelled { span, .. }) = relabelled else {
                    continue;
                };
                let message = format!(
                    "two blocks `{}` would have this label, and nothing would tell them apart: write `unique(...)` around it, or \
                     declare under `key` in catalog.hcl what does",
                    block.name()
                );
                return Err(Failure::at(block, span, message));
            }
        }
        Ok(())
    }
}

fn labels_of(block: Node<'_>) -> Vec<String> {
    let labels = block.labels().filter_map(|label| label.as_str());
    labels.map(|label| label.into_owned()).collect()
}

/// Whether the catalog says of the blocks of this place that labels tell them apart, or nothing at all.
fn is_known_by_labels(identity: &Identity, block: Node<'_>) -> bool {
    let mut names: Vec<String> = std::iter::successors(Some(block), Node::parent)
        .filter(|node| node.kind() == Kind::Block)
        .map(|node| node.name().into_owned())
        .collect();
    names.reverse();
    let state = names
        .iter()
        .fold(identity.start(), |state, name| identity.step(state, name));
    identity
        .key(state)
        .is_none_or(|key| matches!(key.by, By::Label))
}
