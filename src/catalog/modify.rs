//! The body of a `modify` step in a `step.hcl`: selections and operations.

use std::ops::Range;

use super::expression::{Expression, ExpressionKind};
use super::selector::Selector;

/// What a `modify` or `in` block does to every node it selects.
#[derive(Debug, Clone)]
pub(crate) struct Selection {
    /// Its number within the step, in the order written; [`FIRST_OF_REVERSE`] and more in a derived reverse.
    pub(crate) id: usize,
    /// The position in the step's file, in bytes.
    pub(crate) span: Range<usize>,
    pub(crate) selector: Selector,
    pub(crate) when: Option<Expression>,
    /// The attributes whose old value `when` states: overwriting them loses nothing unknown.
    pub(crate) pinned: Vec<String>,
    /// In the order written.
    pub(crate) items: Vec<Item>,
}

#[derive(Debug, Clone)]
pub(crate) enum Item {
    Operation(Operation),
    In(Selection),
}

/// One operation on a selected node.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    /// The position in the step's file, in bytes.
    pub(crate) span: Range<usize>,
    pub(crate) kind: OperationKind,
}

#[derive(Debug, Clone)]
pub(crate) enum OperationKind {
    /// Writes attributes or entries.
    Set(Entries),
    /// Writes only those that are absent.
    Default(Entries),
    /// Renames attributes, entries or child blocks, from old to new.
    Rename(Vec<(String, String)>),
    /// Removes attributes, entries or child blocks.
    Remove(Vec<String>),
    /// Removes the selected node itself.
    RemoveItself,
    /// Rewrites existing attributes, by an expression over `value`.
    Convert(Vec<(Expression, Expression)>),
    /// Rewrites the first label.
    Label(Expression),
    /// Moves attributes, entries or child blocks to another node, from the old name to the new.
    Move(Vec<(String, Destination)>),
    /// Undoes a move: moves the node at the destination back under its old name. Derived, never written.
    MoveBack(Vec<(String, Destination)>),
    /// Adds blocks, by type, in the plain view.
    Insert(Entries),
    /// Refuses the document with a message.
    Reject(Expression),
}

impl Selection {
    /// Calls back with every expression of it and of what is in it.
    pub(crate) fn each_expression<'s>(&'s self, visit: &mut dyn FnMut(&'s Expression)) {
        self.when.iter().for_each(&mut *visit);
        for item in &self.items {
            let operation = match item {
                Item::In(inner) => {
                    inner.each_expression(visit);
                    continue;
                }
                Item::Operation(operation) => operation,
            };
            match &operation.kind {
                OperationKind::Set(Entries::Written(entries))
                | OperationKind::Default(Entries::Written(entries))
                | OperationKind::Insert(Entries::Written(entries))
                | OperationKind::Convert(entries) => {
                    for (key, value) in entries {
                        visit(key);
                        visit(value);
                    }
                }
                OperationKind::Set(Entries::Computed(expression))
                | OperationKind::Default(Entries::Computed(expression))
                | OperationKind::Insert(Entries::Computed(expression))
                | OperationKind::Label(expression)
                | OperationKind::Reject(expression) => visit(expression),
                OperationKind::Rename(_)
                | OperationKind::Remove(_)
                | OperationKind::RemoveItself
                | OperationKind::Move(_)
                | OperationKind::MoveBack(_) => {}
            }
        }
    }
}

impl OperationKind {
    /// Calls back with each written name of the selected node's own that it rewrites, renames, removes or moves: without them, it
    /// does nothing.
    pub(crate) fn for_each_name<'o>(&'o self, mut visit: impl FnMut(&'o str)) {
        match self {
            OperationKind::Rename(names) => names.iter().for_each(|(old, _)| visit(old)),
            OperationKind::Remove(names) => names.iter().for_each(|name| visit(name)),
            OperationKind::Move(moves) => moves.iter().for_each(|(name, _)| visit(name)),
            OperationKind::Convert(entries) => {
                for (key, _) in entries {
                    if let ExpressionKind::String(name) = &key.kind {
                        visit(name);
                    }
                }
            }
            _ => {}
        }
    }

    /// Its name in a `step.hcl`.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            OperationKind::Set(_) => "set",
            OperationKind::Default(_) => "default",
            OperationKind::Rename(_) => "rename",
            OperationKind::Remove(_) | OperationKind::RemoveItself => "remove",
            OperationKind::Convert(_) => "convert",
            OperationKind::Label(_) => "label",
            OperationKind::Move(_) | OperationKind::MoveBack(_) => "move",
            OperationKind::Insert(_) => "insert",
            OperationKind::Reject(_) => "reject",
        }
    }
}

/// Names with values, for `set`, `default` and `insert`.
#[derive(Debug, Clone)]
pub(crate) enum Entries {
    /// An object literal: each value is evaluated on its own.
    Written(Vec<(Expression, Expression)>),
    /// An expression that results in an object, such as a `for` over the entries of a dictionary.
    Computed(Expression),
}

/// The destination of a `move`, relative to the selected node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Destination {
    /// The number of enclosing nodes to climb first (`parent.parent.x`).
    pub(crate) climb: usize,
    /// The blocks or dictionaries to descend into. They must select one node, which receives the moved one.
    pub(crate) selector: Selector,
    /// The new name.
    pub(crate) name: String,
}

/// The number of the first block of a derived reverse: larger than those of the step itself.
pub(crate) const FIRST_OF_REVERSE: usize = 1 << 20;

/// The names of the operations.
pub const OPERATIONS: [&str; 9] = [
    "set", "default", "rename", "remove", "convert", "label", "move", "insert", "reject",
];
