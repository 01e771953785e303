//! The expressions of steps: HCL's syntax, read by `hcl-rs`, evaluated here.
//!
//! Our own evaluator because a step needs `&&` and `||` that stop early, an absent key that is `null`, numbers
//! that stay exact, functions with state (`unique`, `lookup`), and look-ups into a document without copying it.

mod budget;
mod call;
mod compile;
mod evaluate;
mod evaluator;
mod function;
mod library;
mod loops;
mod number;
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
