//! `move` and `insert`: moves members to another node, or adds new ones.

use super::{Done, Failure, Run};
use crate::catalog::{Destination, Operation, enclosing};
use crate::migrate::loss::Fate;
use crate::ocl::{Content, LABELS, Literal, NodeId, Position};

impl Run<'_> {
    pub(super) fn move_members(
        &mut self,
        operation: &Operation,
        id: NodeId,
        name: &str,
        to: &Destination,
    ) -> Done {
        let members = self.members(id, name);
        if members.is_empty() {
            return Ok(());
        }
        self.must_be_single(operation, id, name)?;
        let target = self.destination(operation, id, to)?;
        if target == id {
            return self.rename(operation, id, name, &to.name);
        }
        self.must_be_free(operation, id, target, &to.name)?;
        self.unpacked.extend([id]);
        for member in members {
            self.note(member, Fate::Moved);
            self.edit(operation, id, |editor| {
                if to.name != name {
                    editor.rename(member, &to.name)?;
                }
                editor.move_to(member, target, Position::End)
            })?;
        }
        Ok(())
    }

    /// Undoes a move, if its destination exists.
    pub(super) fn move_back(
        &mut self,
        operation: &Operation,
        id: NodeId,
        name: &str,
        from: &Destination,
    ) -> Done {
        if self.find(&from.selector, id, &operation.span)?.is_empty() {
            return Ok(());
        }
        let source = self.destination(operation, id, from)?;
        self.must_be_single(operation, source, &from.name)?;
        for member in self.members(source, &from.name) {
            self.note(member, Fate::Moved);
            self.edit(operation, id, |editor| {
                if from.name != name {
                    editor.rename(member, name)?;
                }
                if source == id {
                    return Ok(());
                }
                editor.move_to(member, id, Position::End)
            })?;
        }
        Ok(())
    }

    pub(super) fn destination(
        &mut self,
        operation: &Operation,
        id: NodeId,
        to: &Destination,
    ) -> Result<NodeId, Failure> {
        let mut node = self.live(id);
        for _ in 0..to.climb {
            node = enclosing(node).ok_or_else(|| {
                self.failure(operation, id, "the destination climbs out of the document")
            })?;
        }
        match self
            .find(&to.selector, node.id(), &operation.span)?
            .as_slice()
        {
            [target] => {
                self.must_not_be_doubled(&operation.span, *target)?;
                Ok(*target)
            }
            [] => {
                let message = format!(
                    "there is no `{}` that could take `{}`: insert it in a block before this one, or select only where it is",
                    to.selector, to.name
                );
                Err(self.failure(operation, id, message))
            }
            several => {
                let message = format!(
                    "there are {} of `{}`, and one has to take `{}`: say which, by its label or its position",
                    several.len(),
                    to.selector,
                    to.name
                );
                Err(self.failure(operation, id, message))
            }
        }
    }

    /// Adds blocks of a type after all others.
    pub(super) fn insert(
        &mut self,
        operation: &Operation,
        id: NodeId,
        block_type: &str,
        body: Content,
    ) -> Done {
        let bodies = match body {
            Content::List(bodies) => bodies,
            single => vec![single],
        };
        for body in bodies {
            let Content::Object(mut body) = body else {
                let message = format!(
                    "the block `{block_type}` must be an object in the plain view, not {}",
                    body.to_json()
                );
                return Err(self.failure(operation, id, message));
            };
            // A single label may be given without a list.
            if let Some(labels) = body.get_mut(LABELS) {
                let is_text = |label: &Content| matches!(label, Content::String(_));
                let all = match std::mem::take(labels) {
                    Content::List(labels) => labels,
                    single => vec![single],
                };
                if !all.iter().all(is_text) {
                    return Err(self.failure(operation, id, "labels must be text"));
                }
                *labels = Content::List(all);
            }
            let body = Literal(Content::Object(body));
            let block = self.edit(operation, id, |editor| {
                editor.insert_block(id, block_type, &[], body, Position::End)
            })?;
            self.note_inserted(operation, block);
        }
        Ok(())
    }
}
