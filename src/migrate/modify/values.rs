//! Puts the results of expressions into the document, and accounts for the values that they replace.

use super::inserted::{Purpose, attributes_stay, no_labels};
use super::{Done, Failure, Run, failed};
use crate::catalog::{Entries, Expression, Operation, Value};
use crate::migrate::loss::{Fate, LeafFate};
use crate::ocl::{Content, Literal, NodeId};

/// Leaves that expressions have read, sorted.
type Reads = Vec<NodeId>;

impl Run<'_> {
    /// The value of an expression, and the leaves that it read.
    pub(super) fn evaluate(
        &self,
        expression: &Expression,
        id: NodeId,
        value: Option<NodeId>,
    ) -> Result<(Content, Reads), Failure> {
        self.evaluate_as(expression, id, value, |_| Ok(()))
    }

    /// The same, if the value is one that the operation can write.
    fn evaluate_as(
        &self,
        expression: &Expression,
        id: NodeId,
        value: Option<NodeId>,
        check: impl FnOnce(&Value<'_>) -> Result<(), String>,
    ) -> Result<(Content, Reads), Failure> {
        let node = self.live(id);
        let scope = self.scope(node, value.and_then(|value| self.editor.node(value)));
        self.evaluator.take_reads(node);
        let result = self.evaluator.evaluate(expression, &scope);
        if let Ok(value) = &result {
            self.evaluator.touch(value);
        }
        self.no_doubled_read(&expression.span, node)?;
        let value = result.map_err(|error| failed(error, node))?;
        check(&value).map_err(|message| Failure::at(node, &expression.span, message))?;
        let mut reads = self.evaluator.take_reads(node);
        reads.sort_unstable();
        Ok((value.to_content(), reads))
    }

    /// Writes attributes or entries; with `unless_there`, only those that are absent.
    pub(super) fn set(
        &mut self,
        operation: &Operation,
        pinned: &[String],
        id: NodeId,
        entries: &Entries,
        unless_there: bool,
    ) -> Done {
        let purpose = if unless_there {
            Purpose::Default
        } else {
            Purpose::Set
        };
        let (values, reads) = self.evaluate_entries(entries, id, purpose)?;
        for (name, value) in values {
            let is_pinned = pinned.contains(&name);
            self.put(operation, is_pinned, id, &name, value, &reads)?;
        }
        self.copied.extend(reads);
        Ok(())
    }

    /// The values of an object, each evaluated on the document as it is before the operation. For defaults, leaves out names
    /// that exist already.
    pub(super) fn evaluate_entries(
        &self,
        entries: &Entries,
        id: NodeId,
        purpose: Purpose,
    ) -> Result<(Vec<(String, Content)>, Reads), Failure> {
        let is_wanted =
            |name: &str| purpose != Purpose::Default || self.members(id, name).is_empty();
        let mut wanted = Vec::new();
        let mut reads = Reads::new();
        match entries {
            Entries::Written(entries) => {
                for (key, expression) in entries {
                    let name = self.name(key, id)?;
                    // Don't evaluate the expressions of existing names: they may ask the server.
                    if is_wanted(&name) {
                        let check = |value: &Value<'_>| match purpose {
                            Purpose::Insert => attributes_stay(value),
                            Purpose::Set | Purpose::Default => no_labels(value),
                        };
                        let (value, read) = self.evaluate_as(expression, id, None, check)?;
                        reads.extend(read);
                        wanted.push((name, value));
                    }
                }
                reads.sort_unstable();
            }
            Entries::Computed(expression) => {
                let check = |value: &Value<'_>| match (purpose, value) {
                    (Purpose::Insert, Value::Map(types)) => {
                        types.values().try_for_each(attributes_stay)
                    }
                    (Purpose::Set | Purpose::Default, value) => no_labels(value),
                    _ => Ok(()),
                };
                let (object, read) = self.evaluate_as(expression, id, None, check)?;
                let Content::Object(object) = object else {
                    let found = object.to_json();
                    let message = format!("expected an object of names with values, not {found}");
                    return Err(Failure::at(self.live(id), &expression.span, message));
                };
                wanted.extend(object.into_iter().filter(|(name, _)| is_wanted(name)));
                if !wanted.is_empty() {
                    reads = read;
                }
            }
        }
        Ok((wanted, reads))
    }

    fn name(&self, key: &Expression, id: NodeId) -> Result<String, Failure> {
        match self.evaluate(key, id, None)?.0 {
            Content::String(name) => Ok(name),
            other => {
                let message = format!("a name must be text, not {}", other.to_json());
                Err(Failure::at(self.live(id), &key.span, message))
            }
        }
    }

    pub(super) fn convert(
        &mut self,
        operation: &Operation,
        id: NodeId,
        entries: &[(Expression, Expression)],
    ) -> Done {
        let mut converted = Vec::new();
        for (key, expression) in entries {
            let name = self.name(key, id)?;
            self.must_be_single(operation, id, &name)?;
            let Some(old) = self.live(id).get(&name).map(|node| node.id()) else {
                continue;
            };
            let (value, reads) = self
                .evaluate_as(expression, id, Some(old), no_labels)
                .map_err(|failure| failure.at_value(self.live(old)))?;
            converted.push((old, value, reads));
        }
        for (old, value, reads) in converted {
            self.overwrite(old, &value, &reads, false);
            let value = Literal(value);
            self.edit(operation, id, |editor| editor.replace(old, value))?;
            self.copied.extend(reads);
        }
        Ok(())
    }

    /// Writes an attribute or entry, and accounts for the old value.
    fn put(
        &mut self,
        operation: &Operation,
        is_pinned: bool,
        id: NodeId,
        name: &str,
        value: Content,
        reads: &[NodeId],
    ) -> Done {
        self.must_be_single(operation, id, name)?;
        let node = self.live(id);
        match node.get(name).map(|old| old.id()) {
            Some(old) => self.overwrite(old, &value, reads, is_pinned),
            None if node.blocks(name).next().is_some() => {
                let message =
                    format!("there is a block `{name}` here, which an attribute can't replace");
                return Err(self.failure(operation, id, message));
            }
            None => {}
        }
        let value = Literal(value);
        self.edit(operation, id, |editor| editor.set(id, name, value))?;
        Ok(())
    }

    /// Notes what happens to the leaves of a value that is overwritten.
    pub(super) fn overwrite(
        &mut self,
        old: NodeId,
        value: &Content,
        reads: &[NodeId],
        pinned: bool,
    ) {
        let node = self.live(old);
        if Content::from(node).is_same(value) {
            return;
        }
        let mut fates = Vec::new();
        node.visit_leaves(&mut |leaf, place| {
            if !self.evaluator.can_note(place) {
                return;
            }
            let is_known =
                reads.binary_search(&leaf.id()).is_ok() || self.copied.contains(leaf.id());
            fates.push(LeafFate {
                place: place.to_owned(),
                text: leaf.source().into_owned(),
                fate: match (is_known, pinned) {
                    (true, _) => Fate::Converted,
                    (false, true) => Fate::Pinned,
                    (false, false) => Fate::Overwritten,
                },
            });
        });
        self.fates.extend(fates);
    }

    /// Of nodes that are removed, and of which an operation has written or moved values elsewhere, notes those that nothing has read: they
    /// were probably forgotten.
    pub(super) fn note_left_behind(&mut self, removed: &[NodeId]) {
        let is_converted = |id: &NodeId| {
            let mut within = self.live(*id).subtree();
            within.any(|node| self.copied.contains(node.id()) || self.unpacked.contains(node.id()))
        };
        if !removed.iter().any(is_converted) {
            return;
        }
        let mut unread = Vec::new();
        for id in removed {
            self.live(*id).visit_leaves(&mut |leaf, place| {
                let is_known = self.copied.contains(leaf.id()) || self.asked.contains(leaf.id());
                if !is_known && self.evaluator.can_note(place) {
                    unread.push(LeafFate {
                        place: place.to_owned(),
                        text: leaf.source().into_owned(),
                        fate: Fate::LeftBehind,
                    });
                }
            });
        }
        self.fates.extend(unread);
    }

    /// Notes what happens to a node as a whole.
    pub(super) fn note(&mut self, id: NodeId, fate: Fate) {
        let fate = LeafFate::of_all(self.live(id), fate);
        let fate = fate.filter(|fate| self.evaluator.can_note(&fate.place));
        self.fates.extend(fate);
    }
}
