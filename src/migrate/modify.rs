//! Carries a declared `modify` step out on one document.

use std::collections::HashSet;
use std::ops::Range;

use serde_json::Value as Json;

use super::Reached;
use super::loss::{Fate, LeafFate};
use crate::catalog::{
    Destination, Entries, EvaluationError, Evaluator, Expression, Item, Lookup, Operation,
    OperationKind, ReadDocument, Scope, Selection, Value, enclosing,
};
use crate::ocl::{EditError, Editor, Handle, Kind, LABELS, Node, NodeId, Position};

/// Why a step couldn't be carried out.
#[derive(Debug)]
pub(super) struct Failure {
    /// Where the step says so, in bytes of its file.
    pub(super) span: Range<usize>,
    pub(super) message: String,
    /// The place in the document.
    pub(super) place: String,
    /// The step says itself that it can't migrate this.
    pub(super) rejected: bool,
}

/// What a step gets besides the document.
pub(super) struct Context<'c> {
    pub(super) slug: &'c str,
    pub(super) documents: &'c [ReadDocument],
    pub(super) lookup: &'c dyn Lookup,
    /// Is told of every node that a selection reaches, by the selection's number.
    pub(super) reached: &'c dyn Fn(usize, Reached),
}

/// Runs a step's body on the document in the editor, and says what became of the values.
pub(super) fn run(
    body: &Selection,
    editor: &mut Editor,
    context: &Context<'_>,
) -> Result<Vec<LeafFate>, Failure> {
    let mut run = Run {
        evaluator: Evaluator::new(context.lookup),
        slug: context.slug,
        documents: documents_by_kind(context.documents),
        reached: context.reached,
        editor,
        copied: HashSet::new(),
        fates: Vec::new(),
    };
    let root = run.editor.root();
    run.select(body, root)?;
    Ok(run.fates)
}

/// The plain view of the documents that a step reads: by kind, a collection's by slug.
fn documents_by_kind(documents: &[ReadDocument]) -> Value<'_> {
    let mut kinds: Vec<(std::borrow::Cow<'_, str>, Value<'_>)> = Vec::new();
    for read in documents {
        let root = Value::of(read.document.root());
        if read.slug.is_empty() {
            kinds.push((read.kind.as_str().into(), root));
            continue;
        }
        let slug = read.slug.as_str().into();
        match kinds.iter_mut().find(|(kind, _)| *kind == read.kind) {
            Some((_, Value::Map(entries))) => std::rc::Rc::make_mut(entries).push((slug, root)),
            _ => kinds.push((read.kind.as_str().into(), Value::map(vec![(slug, root)]))),
        }
    }
    Value::map(kinds)
}

struct Run<'r> {
    evaluator: Evaluator<'r>,
    slug: &'r str,
    documents: Value<'r>,
    editor: &'r mut Editor,
    /// Leaves whose value an earlier operation has written elsewhere.
    copied: HashSet<Handle>,
    reached: &'r dyn Fn(usize, Reached),
    fates: Vec<LeafFate>,
}

pub(super) type Done = Result<(), Failure>;

impl Run<'_> {
    fn select(&mut self, selection: &Selection, start: Handle) -> Done {
        let Some(node) = self.editor.node(start) else {
            return Ok(());
        };
        let selected = selection.selector.select(node);
        let handles: Vec<Handle> = selected
            .into_iter()
            .map(|id| self.editor.handle(id))
            .collect();
        for handle in handles {
            // An operation on a node before may have removed it.
            if self.editor.node(handle).is_none() {
                continue;
            }
            (self.reached)(selection.id, Reached::Selected);
            if !self.holds(selection, handle)? {
                (self.reached)(selection.id, Reached::KeptOut);
                continue;
            }
            (self.reached)(selection.id, Reached::Entered);
            for item in &selection.items {
                if self.editor.node(handle).is_none() {
                    break;
                }
                match item {
                    Item::In(inner) => self.select(inner, handle)?,
                    Item::Operation(operation) => {
                        self.operate(operation, &selection.pinned, handle)?
                    }
                }
            }
        }
        Ok(())
    }

    fn holds(&self, selection: &Selection, handle: Handle) -> Result<bool, Failure> {
        let (Some(when), Some(node)) = (&selection.when, self.editor.node(handle)) else {
            return Ok(true);
        };
        let scope = self.scope(node, None);
        let result = self.evaluator.condition(when, &scope);
        self.evaluator.take_reads(node.document());
        result.map_err(|error| failed(error, node))
    }

    fn scope<'a>(&'a self, node: Node<'a>, value: Option<Node<'a>>) -> Scope<'a> {
        Scope {
            node,
            documents: self.documents.clone(),
            slug: self.slug,
            value,
        }
    }

    fn operate(&mut self, operation: &Operation, pinned: &[String], handle: Handle) -> Done {
        match &operation.kind {
            OperationKind::Set(entries) => {
                let (values, reads) = self.evaluate_entries(entries, handle, false)?;
                for (name, value) in values {
                    self.put(operation, pinned, handle, &name, &value, &reads)?;
                }
                self.remember(&reads);
                Ok(())
            }
            OperationKind::Default(entries) => {
                let (values, reads) = self.evaluate_entries(entries, handle, true)?;
                for (name, value) in values {
                    self.put(operation, pinned, handle, &name, &value, &reads)?;
                }
                self.remember(&reads);
                Ok(())
            }
            OperationKind::Convert(entries) => self.convert(operation, handle, entries),
            OperationKind::Rename(names) => names
                .iter()
                .try_for_each(|(old, new)| self.rename(operation, handle, old, new)),
            OperationKind::Remove(names) => {
                for name in names {
                    for member in self.members(handle, name) {
                        self.note(member, Fate::Removed);
                        self.edit(operation, handle, |editor| editor.remove(member))?;
                    }
                }
                Ok(())
            }
            OperationKind::RemoveItself => {
                self.note(handle, Fate::Removed);
                // What a selector selects of an attribute is its dictionary; the attribute goes with it.
                let node = self.live(handle);
                let whole = match node.parent() {
                    Some(parent) if matches!(parent.kind(), Kind::Attribute | Kind::Entry) => {
                        parent.id()
                    }
                    Some(_) => node.id(),
                    None => {
                        return Err(self.failure(
                            operation,
                            handle,
                            "the document itself can't be removed here",
                        ));
                    }
                };
                let whole = self.editor.handle(whole);
                self.edit(operation, handle, |editor| editor.remove(whole))
            }
            OperationKind::Label(expression) => self.label(operation, handle, expression),
            OperationKind::Move(moves) => moves.iter().try_for_each(|(name, destination)| {
                self.move_members(operation, handle, name, destination)
            }),
            OperationKind::MoveBack(moves) => moves.iter().try_for_each(|(name, destination)| {
                self.move_back(operation, handle, name, destination)
            }),
            OperationKind::Insert(entries) => {
                let (values, reads) = self.evaluate_entries(entries, handle, false)?;
                for (block_type, body) in values {
                    self.insert(operation, handle, &block_type, body)?;
                }
                self.remember(&reads);
                Ok(())
            }
            OperationKind::Reject(message) => {
                let (message, _) = self.evaluate(message, handle, None)?;
                let text = message
                    .as_str()
                    .map_or_else(|| message.to_string(), str::to_owned);
                Err(Failure {
                    rejected: true,
                    ..self.failure(operation, handle, text)
                })
            }
        }
    }

    /// The value of an expression, and the leaves it read.
    fn evaluate(
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
    fn evaluate_entries(
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
    fn handles(&mut self, leaves: Vec<NodeId>) -> HashSet<Handle> {
        let leaves = leaves.into_iter();
        leaves.map(|leaf| self.editor.handle(leaf)).collect()
    }

    fn name(&self, key: &Expression, handle: Handle) -> Result<String, Failure> {
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

    fn convert(
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
    fn put(
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
    fn overwrite(&mut self, old: Handle, value: &Json, reads: &HashSet<Handle>, pinned: bool) {
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
    fn remember(&mut self, reads: &HashSet<Handle>) {
        self.copied.extend(reads);
    }

    fn note(&mut self, handle: Handle, fate: Fate) {
        let node = self.live(handle);
        let fates: Vec<LeafFate> = leaves(node).map(|leaf| LeafFate::of(leaf, fate)).collect();
        self.fates.extend(fates);
    }

    /// The attributes, entries and child blocks of a name.
    fn members(&mut self, handle: Handle, name: &str) -> Vec<Handle> {
        let node = self.live(handle);
        let member = node.member(name).map(|member| member.id());
        let ids: Vec<NodeId> = member
            .into_iter()
            .chain(node.blocks(name).map(|block| block.id()))
            .collect();
        ids.into_iter().map(|id| self.editor.handle(id)).collect()
    }

    fn rename(&mut self, operation: &Operation, handle: Handle, old: &str, new: &str) -> Done {
        let members = self.members(handle, old);
        if members.is_empty() || old == new {
            return Ok(());
        }
        self.must_be_free(operation, handle, handle, new)?;
        for member in members {
            self.note(member, Fate::Moved);
            self.edit(operation, handle, |editor| editor.rename(member, new))?;
        }
        Ok(())
    }

    fn must_be_free(
        &mut self,
        operation: &Operation,
        at: Handle,
        target: Handle,
        name: &str,
    ) -> Done {
        if self.members(target, name).is_empty() {
            return Ok(());
        }
        let message = format!("`{name}` is there already, so nothing can be moved onto it");
        Err(self.failure(operation, at, message))
    }

    fn label(&mut self, operation: &Operation, handle: Handle, expression: &Expression) -> Done {
        let node = self.live(handle);
        if node.kind() != Kind::Block {
            return Err(self.failure(operation, handle, "only a block has labels"));
        }
        let old = node
            .labels()
            .next()
            .map(|label| label.id())
            .map(|id| self.editor.handle(id));
        let (value, reads) = self.evaluate(expression, handle, old)?;
        let reads = self.handles(reads);
        if let Some(old) = old {
            self.overwrite(old, &value, &reads, false);
        }
        match (&value, old) {
            (Json::String(text), Some(_)) => {
                self.edit(operation, handle, |editor| {
                    editor.set_label(handle, 0, text)
                })?;
            }
            (Json::String(text), None) => {
                self.edit(operation, handle, |editor| {
                    editor.insert_label(handle, 0, text).map(|_| ())
                })?;
            }
            (Json::Null, Some(_)) => {
                self.edit(operation, handle, |editor| editor.remove_label(handle, 0))?
            }
            (Json::Null, None) => {}
            (other, _) => {
                let message = format!("a label must be text, not {other}");
                return Err(self.failure(operation, handle, message));
            }
        }
        self.remember(&reads);
        Ok(())
    }

    fn move_members(
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
    fn move_back(
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

    fn destination(
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

    fn insert(
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

    fn edit<T>(
        &mut self,
        operation: &Operation,
        handle: Handle,
        edit: impl FnOnce(&mut Editor) -> Result<T, EditError>,
    ) -> Result<T, Failure> {
        let result = edit(self.editor);
        result.map_err(|error| self.failure(operation, handle, error.to_string()))
    }

    /// The node of a handle that was just seen alive.
    fn live(&self, handle: Handle) -> Node<'_> {
        self.editor
            .node(handle)
            .unwrap_or_else(|| self.editor.document().root())
    }

    fn failure(
        &self,
        operation: &Operation,
        handle: Handle,
        message: impl Into<String>,
    ) -> Failure {
        Failure {
            span: operation.span.clone(),
            message: message.into(),
            place: place_of(self.live(handle)),
            rejected: false,
        }
    }
}

/// Where a node stands, for a message.
fn place_of(node: Node<'_>) -> String {
    match node.kind() {
        Kind::Document => "the document".into(),
        _ => node.place(),
    }
}

fn failed(error: EvaluationError, node: Node<'_>) -> Failure {
    Failure {
        span: error.span,
        message: error.message,
        place: place_of(node),
        rejected: false,
    }
}

/// The leaf values of a node: its scalars, and the labels of its blocks.
pub(super) fn leaves<'a>(node: Node<'a>) -> impl Iterator<Item = Node<'a>> {
    let mut pending = vec![node];
    std::iter::from_fn(move || {
        while let Some(node) = pending.pop() {
            match node.kind() {
                Kind::Document | Kind::Block | Kind::Dictionary | Kind::List => {
                    let start = pending.len();
                    pending.extend(node.labels());
                    pending.extend(node.children());
                    pending[start..].reverse();
                }
                Kind::Attribute | Kind::Entry => pending.extend(node.value()),
                _ => return Some(node),
            }
        }
        None
    })
}
