//! `move` and `insert`: members that go to another place, or are new at one.

use serde_json::Value as Json;

use super::{Done, Failure, Run};
use crate::catalog::{Destination, Operation, enclosing};
use crate::migrate::loss::Fate;
use crate::ocl::{Handle, LABELS, Position};

impl Run<'_> {
    pub(super) fn move_members(
        &mut self,
        operation: &Operation,
        handle: Handle,
        name: &str,
        to: &Destination,
    ) -> Done {
        let members = self.members(handle, name);
        if members.is_empty() {
            return Ok(());
        }
        let target = self.destination(operation, handle, to)?;
        if target == handle {
            return self.rename(operation, handle, name, &to.name);
        }
        self.must_be_free(operation, handle, target, &to.name)?;
        for member in members {
            self.note(member, Fate::Moved);
            self.edit(operation, handle, |editor| {
                if to.name != name {
                    editor.rename(member, &to.name)?;
                }
                editor.move_to(member, target, Position::End)
            })?;
        }
        Ok(())
    }

    /// Takes what a move put at its destination back. Where there is no such place, nothing can lie there.
    pub(super) fn move_back(
        &mut self,
        operation: &Operation,
        handle: Handle,
        name: &str,
        from: &Destination,
    ) -> Done {
        if from.selector.select(self.live(handle)).is_empty() {
            return Ok(());
        }
        let source = self.destination(operation, handle, from)?;
        for member in self.members(source, &from.name) {
            self.note(member, Fate::Moved);
            self.edit(operation, handle, |editor| {
                if from.name != name {
                    editor.rename(member, name)?;
                }
                match source == handle {
                    true => Ok(()),
                    false => editor.move_to(member, handle, Position::End),
                }
            })?;
        }
        Ok(())
    }

    pub(super) fn destination(
        &mut self,
        operation: &Operation,
        handle: Handle,
        to: &Destination,
    ) -> Result<Handle, Failure> {
        let mut node = self.live(handle);
        for _ in 0..to.climb {
            node = enclosing(node).ok_or_else(|| {
                self.failure(
                    operation,
                    handle,
                    "the destination climbs out of the document",
                )
            })?;
        }
        match to.selector.select(node).as_slice() {
            [target] => Ok(self.editor.handle(*target)),
            found => {
                let message = format!(
                    "the destination of `{}` must be one node, and it is {}",
                    to.name,
                    found.len()
                );
                Err(self.failure(operation, handle, message))
            }
        }
    }

    pub(super) fn insert(
        &mut self,
        operation: &Operation,
        handle: Handle,
        block_type: &str,
        body: Json,
    ) -> Done {
        let bodies = match body {
            Json::Array(bodies) => bodies,
            single => vec![single],
        };
        for body in bodies {
            let Json::Object(mut body) = body else {
                let message = format!(
                    "the block `{block_type}` must be an object in the plain view, not {body}"
                );
                return Err(self.failure(operation, handle, message));
            };
            let labels = match body.shift_remove(LABELS) {
                None => Vec::new(),
                Some(Json::Array(labels)) => labels,
                Some(single) => vec![single],
            };
            let labels: Option<Vec<String>> = labels
                .iter()
                .map(|label| label.as_str().map(str::to_owned))
                .collect();
            let Some(labels) = labels else {
                return Err(self.failure(operation, handle, "labels must be text"));
            };
            let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
            let body = Json::Object(body);
            self.edit(operation, handle, |editor| {
                editor
                    .insert_block(handle, block_type, &labels, &body, Position::End)
                    .map(|_| ())
            })?;
        }
        Ok(())
    }
}
