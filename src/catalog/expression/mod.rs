//! The expressions of steps: HCL's syntax, read by `hcl-rs`, evaluated here.
//!
//! The evaluator is our own because a step needs `&&` and `||` that stop early, `null` for absent keys, exact
//! numbers, functions with state (`unique`, `lookup`), and access to a document without copying it.

mod budget;
mod call;
mod compile;
mod evaluate;
mod evaluator;
mod function;
mod library;
mod local;
mod loops;
mod names;
mod number;
mod part;
mod spending;
mod syntax;
#[cfg(test)]
mod tests;
mod value;

pub(crate) use compile::Compiler;
pub use evaluator::Lookup;
pub(crate) use evaluator::{EvaluationError, Evaluator, Scope, enclosing};
pub(crate) use function::{FUNCTIONS, Function};
pub(crate) use syntax::{BinaryOperator, Expression, ExpressionKind, Variable};
pub(crate) use value::{Entries as ObjectEntries, Value};
