//! What expressions read, and what they may spend on it.

use std::cell::Cell;

use super::evaluate::error;
use super::{EvaluationError, Evaluator, Expression, Value};
use crate::ocl::{Document, Kind, Node, NodeId};

/// What one step may spend on one document, so that none runs for ever or grows without limit.
#[derive(Debug)]
pub(super) struct Budget {
    looks: Cell<u64>,
    bytes: Cell<u64>,
}

const OPERATIONS: u64 = 5_000_000;

/// An operation costs as much as looking at that many values.
const LOOKS_PER_OPERATION: u64 = 4;

/// The most text, in bytes.
pub(super) const LARGEST_TEXT: usize = 64 << 20;

impl Default for Budget {
    fn default() -> Budget {
        Budget {
            looks: Cell::new(OPERATIONS * LOOKS_PER_OPERATION),
            bytes: Cell::new(LARGEST_TEXT as u64),
        }
    }
}

impl Evaluator<'_> {
    /// The same evaluator with a smaller budget, so that a test can spend it in no time.
    #[cfg(test)]
    pub(super) fn with_operations(self, operations: u64) -> Self {
        self.budget.looks.set(operations * LOOKS_PER_OPERATION);
        self
    }

    /// The leaves of a document that expressions have read since the last call.
    pub(crate) fn take_reads(&self, of: &Document) -> Vec<NodeId> {
        let mut reads = self.reads.take();
        reads.retain(|(document, _)| std::ptr::eq(*document, of));
        reads.into_iter().map(|(_, id)| id).collect()
    }

    pub(super) fn note_read(&self, leaf: Node<'_>) {
        let document = std::ptr::from_ref(leaf.document());
        self.reads.borrow_mut().push((document, leaf.id()));
    }

    /// Notes that all leaves within a value were read, and charges for looking at each.
    pub(crate) fn touch(&self, value: &Value<'_>) {
        match value {
            _ if self.is_spent() => {}
            Value::Node(node) => self.touch_node(*node),
            Value::List(items) => {
                self.charge(items.len());
                items.iter().for_each(|item| self.touch(item));
            }
            Value::Map(entries) => {
                self.charge(entries.len());
                entries.iter().for_each(|(_, value)| self.touch(value));
            }
            _ => {}
        }
    }

    /// Notes that the leaves directly in a value were read: a `for` or splat hands out the others unread.
    pub(super) fn touch_members(&self, value: &Value<'_>) {
        match value {
            Value::Node(node) => {
                let before = self.reads.borrow().len();
                if node.kind() != Kind::List {
                    node.labels().for_each(|label| self.note_read(label));
                }
                let values = node.children().map(|child| child.value().unwrap_or(child));
                values
                    .filter(|value| is_leaf(*value))
                    .for_each(|leaf| self.note_read(leaf));
                self.charge(self.reads.borrow().len() - before);
            }
            Value::List(items) => self.charge(items.len()),
            Value::Map(entries) => self.charge(entries.len()),
            _ => {}
        }
    }

    /// Takes the cost of looking at that many values off the budget, which the next operation finds spent.
    pub(super) fn charge(&self, values: usize) {
        let left = self.budget.looks.get();
        self.budget.looks.set(left.saturating_sub(values as u64));
    }

    fn is_spent(&self) -> bool {
        self.budget.looks.get() == 0
    }

    /// Pays for a value that is about to be written out. What is shared within it is written out each time.
    pub(super) fn weigh(&self, value: &Value<'_>, at: &Expression) -> Result<(), EvaluationError> {
        self.charge(1);
        match value {
            Value::String(text) | Value::Number(text) => self.spend_bytes(text.len(), at),
            Value::Node(node) => self.spend_bytes(node.span().len(), at),
            Value::List(items) => items.iter().try_for_each(|item| self.weigh(item, at)),
            Value::Map(entries) => entries.iter().try_for_each(|(key, value)| {
                self.spend_bytes(key.len(), at)?;
                self.weigh(value, at)
            }),
            Value::Null | Value::Bool(_) => self.spend_bytes(1, at),
        }
    }

    pub(super) fn stop(&self, at: &Expression, message: &str) -> EvaluationError {
        self.stopped.set(true);
        error(at, message)
    }

    pub(super) fn touch_node(&self, node: Node<'_>) {
        let mut pending = vec![node];
        let mut seen = 0;
        while let Some(node) = pending.pop() {
            seen += 1;
            node.labels().for_each(|label| self.note_read(label));
            match node.kind() {
                Kind::Document | Kind::Block | Kind::Dictionary | Kind::List => {
                    pending.extend(node.children())
                }
                Kind::Attribute | Kind::Entry => pending.extend(node.value()),
                _ => self.note_read(node),
            }
        }
        self.charge(seen);
    }

    pub(super) fn spend_bytes(&self, bytes: usize, at: &Expression) -> Result<(), EvaluationError> {
        match self.budget.bytes.get().checked_sub(bytes as u64) {
            Some(left) => {
                self.budget.bytes.set(left);
                Ok(())
            }
            None => Err(self.stop(
                at,
                "this step makes more text of one document than it may (64 MiB)",
            )),
        }
    }

    pub(super) fn spend_operation(&self, at: &Expression) -> Result<(), EvaluationError> {
        match self.budget.looks.get().checked_sub(LOOKS_PER_OPERATION) {
            Some(left) => {
                self.budget.looks.set(left);
                Ok(())
            }
            None => Err(self.stop(
                at,
                "this step takes longer on one document than it may (5 million operations)",
            )),
        }
    }
}

/// Whether a node is a value without others in it.
pub(super) fn is_leaf(node: Node<'_>) -> bool {
    !matches!(
        node.kind(),
        Kind::Document
            | Kind::Block
            | Kind::Attribute
            | Kind::Entry
            | Kind::Dictionary
            | Kind::List
    )
}
