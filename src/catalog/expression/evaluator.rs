//! The state and the names with which expressions are evaluated.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ops::Range;

use super::budget::Budget;
use super::syntax::Expression;
use super::value::Value;
use crate::ocl::{DoubledName, Kind, Node, NodeId};

/// The lookup tables of the server, such as one from environment names to slugs.
///
/// `Ok(None)` means that the table has no such key; then the step uses its own default.
pub trait Lookup {
    /// The value under `key` in `table`.
    ///
    /// # Errors
    /// A message, if the server can't answer: the document then fails.
    fn lookup(&self, table: &str, key: &str) -> Result<Option<serde_json::Value>, String>;
}

/// An expression that couldn't be evaluated on a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EvaluationError {
    /// The span of the expression in its file, in bytes.
    pub(crate) span: Range<usize>,
    pub(crate) message: String,
}

/// The names that an expression sees.
pub(crate) struct Scope<'a> {
    /// The selected node: a document, block or dictionary.
    pub(crate) node: Node<'a>,
    /// The documents that the step reads, by kind.
    pub(crate) documents: Value<'a>,
    pub(crate) slug: &'a str,
    /// The value that `convert` or `label` rewrites.
    pub(crate) value: Option<Node<'a>>,
}

/// The state of one step on one document.
pub(crate) struct Evaluator<'s> {
    pub(super) lookup: &'s dyn Lookup,
    /// The results of `unique`, each with the last number that was added to it.
    pub(super) given: RefCell<HashMap<String, usize>>,
    pub(super) budget: Budget,
    /// Whether the budget is spent, or the server couldn't answer: no `try` may hide that.
    pub(super) stopped: Cell<bool>,
    /// The leaves that were read since the last [`take_reads`](Self::take_reads), each with its document.
    pub(super) reads: RefCell<Vec<(*const (), NodeId)>>,
    /// The first doubled name that was read, with its document: no `try` may hide that either.
    pub(super) doubled: RefCell<Option<(*const (), DoubledName)>>,
}

pub(super) type Evaluated<'a> = Result<Value<'a>, EvaluationError>;

impl<'s> Evaluator<'s> {
    pub(crate) fn new(lookup: &'s dyn Lookup) -> Evaluator<'s> {
        Evaluator {
            lookup,
            given: RefCell::default(),
            budget: Budget::default(),
            stopped: Cell::new(false),
            reads: RefCell::default(),
            doubled: RefCell::default(),
        }
    }

    /// The same evaluator with a smaller budget, which a test can spend quickly.
    #[cfg(test)]
    pub(super) fn with_operations(self, operations: u64) -> Self {
        Evaluator {
            budget: Budget::of_operations(operations),
            ..self
        }
    }
}

pub(super) fn error(at: &Expression, message: impl Into<String>) -> EvaluationError {
    EvaluationError {
        span: at.span.clone(),
        message: message.into(),
    }
}

/// The block, dictionary or document around a node.
pub(crate) fn enclosing(node: Node<'_>) -> Option<Node<'_>> {
    let mut parent = node.parent()?;
    while !matches!(
        parent.kind(),
        Kind::Block | Kind::Dictionary | Kind::Document
    ) {
        parent = parent.parent()?;
    }
    Some(parent)
}
