//! What expressions read, and what reading and their results cost.

use std::borrow::Cow;
use std::collections::HashSet;

use super::evaluator::{Evaluated, EvaluationError, Evaluator, Scope, error};
use super::local::Local;
use super::syntax::Expression;
use super::value::Value;
use crate::ocl::{DoubledName, Kind, LABELS, Node, NodeId};

impl Evaluator<'_> {
    /// The leaves of a node's document that expressions have read since the last call.
    pub(crate) fn take_reads(&self, of: Node<'_>) -> Vec<NodeId> {
        let mut reads = self.reads.take();
        reads.retain(|(document, _)| *document == of.document_key());
        reads.into_iter().map(|(_, id)| id).collect()
    }

    /// The first doubled name that expressions have read since the last call, with the key of its document.
    pub(crate) fn take_doubled(&self) -> Option<(*const (), DoubledName)> {
        self.doubled.take()
    }

    /// Records that an attribute, an entry or a block was read, if its name is doubled.
    pub(super) fn note_doubled(&self, member: Node<'_>) {
        if let Some(doubled) = member.doubled() {
            let mut first = self.doubled.borrow_mut();
            first.get_or_insert((member.document_key(), doubled));
        }
    }

    /// Records that a leaf was read, and charges for its text.
    pub(super) fn note_read(&self, leaf: Node<'_>) {
        if leaf.is_any_doubled()
            && let Some(doubled) = leaf.doubled_around()
        {
            let mut first = self.doubled.borrow_mut();
            first.get_or_insert((leaf.document_key(), doubled));
        }
        self.budget.charge_text(&leaf.source());
        let read = (leaf.document_key(), leaf.id());
        self.reads.borrow_mut().push(read);
    }

    /// Records that all leaves in a value were read, and charges for visiting each.
    pub(crate) fn touch(&self, value: &Value<'_>) {
        match value {
            _ if self.budget.is_spent() => {}
            Value::Node(node) => self.touch_node(*node),
            Value::List(items) => {
                self.budget.charge(items.len());
                items.iter().for_each(|item| self.touch(item));
            }
            Value::Map(entries) => {
                self.budget.charge(entries.len());
                entries.values().for_each(|value| self.touch(value));
            }
            Value::String(text) | Value::Number(text) => self.budget.charge_text(text),
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// The same of objects that are put together, without the entries that a later object replaces: those can still be lost.
    pub(super) fn touch_merged(&self, objects: &[Value<'_>]) {
        let mut later: HashSet<Cow<'_, str>> = HashSet::new();
        for object in objects.iter().rev() {
            match object {
                _ if self.budget.is_spent() => return,
                Value::Node(node) if node.kind() != Kind::List => {
                    let children = node.children().inspect(|child| self.note_doubled(*child));
                    let labels = node.labels().map(|label| (Cow::Borrowed(LABELS), label));
                    let named: Vec<_> = labels
                        .chain(children.map(|child| (child.name(), child)))
                        .collect();
                    self.budget.charge(named.len());
                    let kept = named.iter().filter(|(name, _)| !later.contains(name));
                    kept.for_each(|(_, part)| self.touch_node(*part));
                    later.extend(named.into_iter().map(|(name, _)| name));
                }
                Value::Map(entries) => {
                    self.budget.charge(entries.len());
                    let kept = entries.iter().filter(|(name, _)| !later.contains(*name));
                    kept.for_each(|(_, value)| self.touch(value));
                    later.extend(entries.keys().cloned());
                }
                other => self.touch(other),
            }
        }
    }

    /// The value of an expression of which only the existence or the size is asked: that reveals nothing of a value, so one that
    /// stands in the document still counts as unread. Null and an empty text are known by it. What is
    /// computed has read what it is computed from.
    pub(super) fn run_unread<'a>(
        &self,
        expression: &'a Expression,
        scope: &Scope<'a>,
        locals: &mut Vec<Local<'a>>,
    ) -> Evaluated<'a> {
        let before = self.reads.borrow().len();
        let value = self.run(expression, scope, locals)?;
        let is_known = match &value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            _ => false,
        };
        if expression.is_path() && !is_known {
            self.reads.borrow_mut().truncate(before);
        }
        Ok(value)
    }

    /// A path that leads nowhere, as there is nothing in what it goes through, has read nothing: `try` may go on without it.
    pub(super) fn led_on<T>(
        &self,
        base: &Expression,
        before: usize,
        found: Result<T, EvaluationError>,
    ) -> Result<T, EvaluationError> {
        if found.is_err() && base.is_path() {
            self.reads.borrow_mut().truncate(before);
        }
        found
    }

    /// Charges for visiting what is directly in a value without reading it.
    pub(super) fn count_members(&self, value: &Value<'_>) {
        match value {
            Value::Node(node) => {
                let members = node.children().inspect(|child| self.note_doubled(*child));
                self.budget.charge(members.count());
            }
            Value::List(items) => self.budget.charge(items.len()),
            Value::Map(entries) => self.budget.charge(entries.len()),
            Value::String(text) => self.budget.charge_text(text),
            _ => {}
        }
    }

    /// A copy of a value. Only a text that is not part of a document costs something.
    pub(super) fn copy<'a>(&self, value: &Value<'a>) -> Value<'a> {
        self.charge_copy(value);
        value.clone()
    }

    fn charge_copy(&self, value: &Value<'_>) {
        if let Value::String(Cow::Owned(text)) = value {
            self.budget.charge_text(text);
        }
    }

    /// Charges for handing out what is directly in a value. An item of a document is read where an expression uses it.
    pub(super) fn hand_out(&self, value: &Value<'_>) {
        match value {
            Value::Node(node) => {
                let children = node.children().inspect(|child| self.note_doubled(*child));
                self.budget.charge(children.count());
            }
            Value::List(items) => {
                self.budget.charge(items.len());
                items.iter().for_each(|item| self.charge_copy(item));
            }
            Value::Map(entries) => {
                self.budget.charge(entries.len());
                entries.values().for_each(|value| self.charge_copy(value));
            }
            _ => {}
        }
    }

    pub(super) fn touch_node(&self, node: Node<'_>) {
        let mut count = 0;
        for node in node.subtree() {
            count += 1;
            self.note_doubled(node);
            if node.is_leaf() {
                self.note_read(node);
            }
        }
        self.budget.charge(count);
    }

    /// Charges for a value before it is written out. Shared parts of it are written out each time.
    pub(super) fn weigh(&self, value: &Value<'_>, at: &Expression) -> Result<(), EvaluationError> {
        self.budget.charge(1);
        match value {
            Value::String(text) | Value::Number(text) => self.spend_bytes(text.len(), at),
            Value::Node(node) => self.spend_bytes(node.length(), at),
            Value::List(items) => items.iter().try_for_each(|item| self.weigh(item, at)),
            Value::Map(entries) => entries.iter().try_for_each(|(key, value)| {
                self.spend_bytes(key.len(), at)?;
                self.weigh(value, at)
            }),
            Value::Null | Value::Bool(_) => self.spend_bytes(1, at),
        }
    }

    /// Charges for an edit, in document nodes that it visited beyond a constant.
    ///
    /// # Errors
    /// A message, if the budget is spent.
    pub(crate) fn spend_on_edit(&self, cost: u64) -> Result<(), &'static str> {
        self.budget
            .charge(usize::try_from(cost).unwrap_or(usize::MAX));
        self.budget.operate()
    }

    /// Charges for selecting nodes by a path.
    ///
    /// # Errors
    /// A message, if the budget is spent.
    pub(crate) fn spend_on_selection(&self, looked_at: usize) -> Result<(), &'static str> {
        self.budget.charge(looked_at);
        self.budget.operate()
    }

    /// Charges for recording what happened to a value at a place, which may have long labels. False if the budget is spent: the
    /// edit is then refused.
    pub(crate) fn can_note(&self, place: &str) -> bool {
        self.budget.charge(place.len() / 8);
        !self.budget.is_spent()
    }

    pub(super) fn spend_operation(&self, at: &Expression) -> Result<(), EvaluationError> {
        self.budget
            .operate()
            .map_err(|message| self.stop(at, message))
    }

    pub(super) fn spend_bytes(&self, bytes: usize, at: &Expression) -> Result<(), EvaluationError> {
        self.budget
            .write(bytes)
            .map_err(|message| self.stop(at, message))
    }

    fn stop(&self, at: &Expression, message: &str) -> EvaluationError {
        self.stopped.set(true);
        error(at, message)
    }
}
