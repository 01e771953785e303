//! Carries a declared `modify` step out on one document.

mod places;
mod values;

use std::collections::HashSet;
use std::ops::Range;

use serde_json::Value as Json;

use super::context::Reached;
use super::loss::{Fate, LeafFate};
use crate::catalog::{
    EvaluationError, Evaluator, Expression, Item, Lookup, Operation, OperationKind, ReadDocument,
    Scope, Selection, Value,
};
use crate::ocl::{EditError, Editor, Handle, Kind, Node, NodeId};

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
