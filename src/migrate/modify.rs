//! Runs a declared `modify` step on one document.

mod inserted;
mod labels;
mod places;
mod values;

use std::ops::Range;
use std::rc::Rc;

use self::inserted::Purpose;
use super::context::{Part, Reached};
use super::loss::{Fate, LeafFate};
use crate::catalog::selector::Selector;
use crate::catalog::{
    EvaluationError, Evaluator, Identity, Item, Lookup, ObjectEntries, Operation, OperationKind,
    ReadDocument, Scope, Selection, Value,
};
use crate::ocl::{
    Content, DoubledName, EditError, Editor, Kind, LineColumn, Node, NodeId, NodeSet,
};

/// Why a step failed.
#[derive(Debug)]
pub(super) struct Failure {
    /// The position in the step's file, in bytes.
    pub(super) span: Range<usize>,
    pub(super) message: String,
    /// The path of the node in the document.
    pub(super) place: String,
    /// The same, with the positions of blocks that are called like others.
    pub(super) exact_place: String,
    /// Where the node is in the text that the step was given, if it was there.
    pub(super) position: Option<LineColumn>,
    pub(super) cause: Cause,
}

/// The cause of a failure.
#[derive(Debug)]
pub(super) enum Cause {
    /// An operation failed.
    Failed,
    /// The step itself refuses the document.
    Rejected,
    /// It would touch a doubled name, in the document with that key.
    Doubled(*const (), Box<DoubledName>),
}

/// What a step gets besides the document.
pub(super) struct Context<'c> {
    pub(super) slug: &'c str,
    /// What tells the document's blocks apart.
    pub(super) identity: &'c Identity,
    pub(super) documents: &'c [ReadDocument],
    pub(super) lookup: &'c dyn Lookup,
    /// Called for every part that the document reaches.
    pub(super) reached: &'c dyn Fn(&Part<'_>),
}

/// Runs a step's body on the document in the editor. Returns what happened to the values.
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
        copied: NodeSet::default(),
        unpacked: NodeSet::default(),
        asked: NodeSet::default(),
        fates: Vec::new(),
        relabelled: Vec::new(),
    };
    let root = run.editor.root();
    run.select(body, root)?;
    run.labels_must_differ(context.identity)?;
    Ok(run.fates)
}

/// The plain view of the documents that a step reads: by kind, and for a collection by slug.
fn documents_by_kind(documents: &[ReadDocument]) -> Value<'_> {
    let mut kinds = ObjectEntries::default();
    for read in documents {
        let root = Value::of(read.document.root());
        if read.slug.is_empty() {
            kinds.insert(read.kind.as_str().into(), root);
            continue;
        }
        let collection = kinds.entry(read.kind.as_str().into());
        if let Value::Map(by_slug) =
            collection.or_insert_with(|| Value::map(ObjectEntries::default()))
        {
            Rc::make_mut(by_slug).insert(read.slug.as_str().into(), root);
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
    copied: NodeSet,
    /// Nodes out of which an operation has moved something.
    unpacked: NodeSet,
    /// Leaves that a `when` has read.
    asked: NodeSet,
    reached: &'r dyn Fn(&Part<'_>),
    fates: Vec<LeafFate>,
    /// Blocks whose label was written.
    relabelled: Vec<Relabelled>,
}

/// A block whose label was written.
struct Relabelled {
    block: NodeId,
    /// Where the step does that.
    span: Range<usize>,
    /// Its labels before; `None` if it wasn't there.
    labels: Option<Vec<String>>,
}

pub(super) type Done = Result<(), Failure>;

impl Run<'_> {
    fn select(&mut self, selection: &Selection, start: NodeId) -> Done {
        if self.editor.node(start).is_none() {
            return Ok(());
        }
        for id in self.find(&selection.selector, start, &selection.span)? {
            // An earlier operation may have removed it.
            if self.editor.node(id).is_none() {
                continue;
            }
            let reached = |how| (self.reached)(&Part::Block(selection.id, how));
            reached(Reached::Selected);
            if !self.holds(selection, id)? {
                reached(Reached::KeptOut);
                continue;
            }
            reached(Reached::Entered);
            self.must_not_be_doubled(&selection.span, id)?;
            for item in &selection.items {
                if self.editor.node(id).is_none() {
                    break;
                }
                match item {
                    Item::In(inner) => self.select(inner, id)?,
                    Item::Operation(operation) => self.operate(operation, selection, id)?,
                }
            }
        }
        Ok(())
    }

    /// The nodes that a path of the step selects. Charges the budget for them.
    fn find(
        &self,
        selector: &Selector,
        start: NodeId,
        span: &Range<usize>,
    ) -> Result<Vec<NodeId>, Failure> {
        let start = self.live(start);
        let found = selector.select(start);
        let paid = self.evaluator.spend_on_selection(found.looked_at);
        paid.map_err(|message| Failure::at(start, span, message))?;
        Ok(found.nodes)
    }

    fn holds(&mut self, selection: &Selection, id: NodeId) -> Result<bool, Failure> {
        let (Some(when), Some(node)) = (&selection.when, self.editor.node(id)) else {
            return Ok(true);
        };
        let scope = self.scope(node, None);
        let result = self.evaluator.condition(when, &scope);
        let asked = self.evaluator.take_reads(node);
        self.no_doubled_read(&when.span, node)?;
        let result = result.map_err(|error| failed(error, node));
        self.asked.extend(asked);
        result
    }

    fn scope<'a>(&'a self, node: Node<'a>, value: Option<Node<'a>>) -> Scope<'a> {
        Scope {
            node,
            documents: self.documents.clone(),
            slug: self.slug,
            value,
        }
    }

    fn operate(&mut self, operation: &Operation, selection: &Selection, id: NodeId) -> Done {
        let pinned = &selection.pinned;
        self.note_names(operation, selection, id);
        match &operation.kind {
            OperationKind::Set(entries) => self.set(operation, pinned, id, entries, false),
            OperationKind::Default(entries) => self.set(operation, pinned, id, entries, true),
            OperationKind::Convert(entries) => self.convert(operation, id, entries),
            OperationKind::Rename(names) => names
                .iter()
                .try_for_each(|(old, new)| self.rename(operation, id, old, new)),
            OperationKind::Remove(names) => {
                for name in names {
                    self.must_be_single(operation, id, name)?;
                    let members = self.members(id, name);
                    self.note_left_behind(&members);
                    for member in members {
                        self.note(member, Fate::Removed);
                        self.edit(operation, id, |editor| editor.remove_with_comments(member))?;
                    }
                }
                Ok(())
            }
            OperationKind::RemoveItself => {
                self.note_left_behind(&[id]);
                self.note(id, Fate::Removed);
                // For an attribute, a selector selects its dictionary: remove the attribute with it.
                let node = self.live(id);
                let whole = match node.parent() {
                    Some(parent) if matches!(parent.kind(), Kind::Attribute | Kind::Entry) => {
                        parent.id()
                    }
                    Some(_) => node.id(),
                    None => {
                        return Err(self.failure(
                            operation,
                            id,
                            "the document itself can't be removed here",
                        ));
                    }
                };
                self.edit(operation, id, |editor| editor.remove_with_comments(whole))
            }
            OperationKind::Label(expression) => self.label(operation, id, expression),
            OperationKind::Move(moves) => moves.iter().try_for_each(|(name, destination)| {
                self.move_members(operation, id, name, destination)
            }),
            OperationKind::MoveBack(moves) => moves.iter().try_for_each(|(name, destination)| {
                self.move_back(operation, id, name, destination)
            }),
            OperationKind::Insert(entries) => {
                let (values, reads) = self.evaluate_entries(entries, id, Purpose::Insert)?;
                for (block_type, body) in values {
                    self.insert(operation, id, &block_type, body)?;
                }
                self.copied.extend(reads);
                Ok(())
            }
            OperationKind::Reject(message) => {
                let (message, _) = self.evaluate(message, id, None)?;
                let text = match message {
                    Content::String(text) => text,
                    other => other.to_json().to_string(),
                };
                Err(Failure {
                    cause: Cause::Rejected,
                    ..self.failure(operation, id, text)
                })
            }
        }
    }

    /// Notes which of the names that an operation works on are there.
    fn note_names(&self, operation: &Operation, selection: &Selection, id: NodeId) {
        let node = self.live(id);
        operation.kind.for_each_name(|name| {
            let is_there = match &operation.kind {
                OperationKind::Convert(_) => node.get(name).is_some(),
                _ => !self.members(id, name).is_empty(),
            };
            (self.reached)(&Part::Name {
                block: selection.id,
                operation: operation.span.start,
                name,
                node,
                is_there,
            });
        });
    }

    /// The attributes, entries and child blocks of a name.
    fn members(&self, id: NodeId, name: &str) -> Vec<NodeId> {
        let node = self.live(id);
        let member = node.member(name).into_iter();
        let members = member.chain(node.blocks(name));
        members.map(|member| member.id()).collect()
    }

    fn rename(&mut self, operation: &Operation, id: NodeId, old: &str, new: &str) -> Done {
        let members = self.members(id, old);
        if members.is_empty() || old == new {
            return Ok(());
        }
        self.must_be_single(operation, id, old)?;
        if self.live(id).member(old).is_some() && members.len() > 1 {
            let message = format!(
                "`{old}` is an attribute and a block, and they can't both be called `{new}`: give one of them another name first"
            );
            return Err(self.failure(operation, id, message));
        }
        self.must_be_free(operation, id, id, new)?;
        for member in members {
            self.note(member, Fate::Moved);
            self.edit(operation, id, |editor| editor.rename(member, new))?;
        }
        Ok(())
    }

    /// Refuses a name that occurs more than once in a node.
    fn must_be_single(&self, operation: &Operation, id: NodeId, name: &str) -> Done {
        let node = self.live(id);
        if !node.is_any_doubled() {
            return Ok(());
        }
        let of_name = node.member(name).into_iter().chain(node.blocks(name));
        let doubled = of_name.filter_map(|node| node.doubled()).next();
        self.refuse_doubled(&operation.span, node, doubled)
    }

    /// Refuses a node with a name that occurs more than once in it or in a node that contains it.
    fn must_not_be_doubled(&self, span: &Range<usize>, id: NodeId) -> Done {
        let node = self.live(id);
        self.refuse_doubled(span, node, node.doubled_around())
    }

    /// Refuses if an expression has read a doubled name.
    fn no_doubled_read(&self, span: &Range<usize>, node: Node<'_>) -> Done {
        match self.evaluator.take_doubled() {
            None => Ok(()),
            Some((document, name)) => Err(touches_doubled(span, node, document, name)),
        }
    }

    fn refuse_doubled(
        &self,
        span: &Range<usize>,
        node: Node<'_>,
        doubled: Option<DoubledName>,
    ) -> Done {
        match doubled {
            None => Ok(()),
            Some(name) => Err(touches_doubled(span, node, node.document_key(), name)),
        }
    }

    fn must_be_free(&self, operation: &Operation, at: NodeId, target: NodeId, name: &str) -> Done {
        if self.members(target, name).is_empty() {
            return Ok(());
        }
        let message = format!("`{name}` exists already, so nothing can be moved there");
        Err(self.failure(operation, at, message))
    }

    /// Makes an edit, and charges the budget for it.
    fn edit<T>(
        &mut self,
        operation: &Operation,
        id: NodeId,
        edit: impl FnOnce(&mut Editor) -> Result<T, EditError>,
    ) -> Result<T, Failure> {
        let edited = edit(self.editor);
        let edited = edited.map_err(|error| self.failure(operation, id, error.to_string()))?;
        let cost = self.editor.take_cost();
        let paid = self.evaluator.spend_on_edit(cost);
        paid.map_err(|message| self.failure(operation, id, message))?;
        Ok(edited)
    }

    /// The node of an id that is known to be alive.
    fn live(&self, id: NodeId) -> Node<'_> {
        let node = self.editor.node(id);
        node.unwrap_or_else(|| self.editor.document())
    }

    fn failure(&self, operation: &Operation, id: NodeId, message: impl Into<String>) -> Failure {
        Failure::at(self.live(id), &operation.span, message)
    }
}

impl Failure {
    /// An operation that failed at a node.
    fn at(node: Node<'_>, span: &Range<usize>, message: impl Into<String>) -> Failure {
        // The whole document needs no line.
        let (place, exact_place, position) = match node.kind() {
            Kind::Document => ("the document".into(), "the document".into(), None),
            _ => (node.place(), node.exact_place(), node.position()),
        };
        Failure {
            span: span.clone(),
            message: message.into(),
            place,
            exact_place,
            position,
            cause: Cause::Failed,
        }
    }

    /// The same, at the value that was to be rewritten.
    fn at_value(self, value: Node<'_>) -> Failure {
        match self.cause {
            Cause::Failed => Failure::at(value, &self.span, self.message),
            _ => self,
        }
    }
}

fn touches_doubled(
    span: &Range<usize>,
    node: Node<'_>,
    document: *const (),
    name: DoubledName,
) -> Failure {
    Failure {
        cause: Cause::Doubled(document, Box::new(name)),
        ..Failure::at(node, span, "")
    }
}

fn failed(error: EvaluationError, node: Node<'_>) -> Failure {
    Failure::at(node, &error.span, error.message)
}
