//! What expressions give, put into the document; and what became of the values that stood there.

use std::collections::HashSet;

use serde_json::Value as Json;

use super::{Done, Failure, Run, failed, leaves, place_of};
use crate::catalog::{Entries, Expression, Operation};
use crate::migrate::loss::{Fate, LeafFate};
use crate::ocl::{Handle, NodeId};

impl Run<'_> {
    /// The value of an expression, and the leaves it read.
    pub(super) fn evaluate(
        &self,
        expression: &Expression,
        handle: Handle,
        value: Option<Handle>,
    ) -> Result<(Json, Vec<NodeId>), Failure> {
        let node = self.live(handle);
        let scope = self.scope(node, value.and_then(|value| self.editor.node(value)));
        self.evaluator.take_reads(node.document());
        let result = self.evaluator.evaluate(expression, &scope);
        let value = result.map_err(|error| failed(error, node))?;
        self.evaluator.touch(&value);
        Ok((value.to_json(), self.evaluator.take_reads(node.document())))
    }

    /// All values of an object, each over the document as it stands before the operation. Those of `unless_there`
    /// are left out where something of the name is there already.
    #[allow(clippy::type_complexity)] // names with values, and what they were made from
    pub(super) fn evaluate_entries(
        &mut self,
        entries: &Entries,
        handle: Handle,
        unless_there: bool,
    ) -> Result<(Vec<(String, Json)>, HashSet<Handle>), Failure> {
        let mut values = Vec::new();
        let mut reads = Vec::new();
        match entries {
            Entries::Written(entries) => {
                for (key, expression) in entries {
                    let name = self.name(key, handle)?;
                    // What is there already is not evaluated: its expression may ask the server.
                    if unless_there && !self.members(handle, &name).is_empty() {
                        continue;
                    }
                    let (value, read) = self.evaluate(expression, handle, None)?;
                    reads.extend(read);
                    values.push((name, value));
                }
            }
            Entries::Computed(expression) => {
                let (object, read) = self.evaluate(expression, handle, None)?;
                let Json::Object(object) = object else {
                    return Err(Failure {
                        span: expression.span.clone(),
                        message: format!("expected an object of names with values, not {object}"),
                        place: place_of(self.live(handle)),
                        rejected: false,
                    });
                };
                reads = read;
                for (name, value) in object {
                    if !unless_there || self.members(handle, &name).is_empty() {
                        values.push((name, value));
                    }
                }
            }
        }
        if values.is_empty() {
            reads.clear();
        }
        Ok((values, self.handles(reads)))
    }

    /// Names for leaves that stay valid while the operation edits.
    pub(super) fn handles(&mut self, leaves: Vec<NodeId>) -> HashSet<Handle> {
        let leaves = leaves.into_iter();
        leaves.map(|leaf| self.editor.handle(leaf)).collect()
    }

    pub(super) fn name(&self, key: &Expression, handle: Handle) -> Result<String, Failure> {
        match self.evaluate(key, handle, None)?.0 {
            Json::String(name) => Ok(name),
            other => Err(Failure {
                span: key.span.clone(),
                message: format!("a name must be text, not {other}"),
                place: place_of(self.live(handle)),
                rejected: false,
            }),
        }
    }

    pub(super) fn convert(
        &mut self,
        operation: &Operation,
        handle: Handle,
        entries: &[(Expression, Expression)],
    ) -> Done {
        let mut converted = Vec::new();
        for (key, expression) in entries {
            let name = self.name(key, handle)?;
            let Some(old) = self.live(handle).get(&name).map(|node| node.id()) else {
                continue;
            };
            let old = self.editor.handle(old);
            let (value, reads) = self.evaluate(expression, handle, Some(old))?;
            let reads = self.handles(reads);
            converted.push((old, value, reads));
        }
        for (old, value, reads) in converted {
            self.overwrite(old, &value, &reads, false);
            self.edit(operation, handle, |editor| editor.replace(old, &value))?;
            self.remember(&reads);
        }
        Ok(())
    }

    /// Writes an attribute or entry, accounting for what stood there.
    pub(super) fn put(
        &mut self,
        operation: &Operation,
        pinned: &[String],
        handle: Handle,
        name: &str,
        value: &Json,
        reads: &HashSet<Handle>,
    ) -> Done {
        let node = self.live(handle);
        match node.get(name).map(|old| old.id()) {
            Some(old) => {
                let old = self.editor.handle(old);
                self.overwrite(old, value, reads, pinned.iter().any(|pin| pin == name));
            }
            None if node.blocks(name).next().is_some() => {
                let message =
                    format!("there is a block `{name}` here, which an attribute can't replace");
                return Err(self.failure(operation, handle, message));
            }
            None => {}
        }
        self.edit(operation, handle, |editor| {
            editor.set(handle, name, value).map(|_| ())
        })
    }

    /// Notes what becomes of the leaves of a value that is written over.
    pub(super) fn overwrite(
        &mut self,
        old: Handle,
        value: &Json,
        reads: &HashSet<Handle>,
        pinned: bool,
    ) {
        let node = self.live(old);
        if node.to_json() == *value {
            return;
        }
        let leaves: Vec<NodeId> = leaves(node).map(|leaf| leaf.id()).collect();
        for leaf in leaves {
            let handle = self.editor.handle(leaf);
            let known = reads.contains(&handle) || self.copied.contains(&handle);
            let fate = match (known, pinned) {
                (true, _) => Fate::Converted,
                (false, true) => Fate::Pinned,
                (false, false) => Fate::Overwritten,
            };
            let fate = LeafFate::of(self.live(handle), fate);
            self.fates.push(fate);
        }
    }

    /// Remembers leaves whose value has been written somewhere.
    pub(super) fn remember(&mut self, reads: &HashSet<Handle>) {
        self.copied.extend(reads);
    }

    pub(super) fn note(&mut self, handle: Handle, fate: Fate) {
        let node = self.live(handle);
        let fates: Vec<LeafFate> = leaves(node).map(|leaf| LeafFate::of(leaf, fate)).collect();
        self.fates.extend(fates);
    }
}
