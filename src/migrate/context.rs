//! What steps may ask while they run.

use crate::catalog::{Lookup, ReadDocument};

/// What steps may ask while they run: the server's lookup tables, and documents of other kinds.
///
/// A step sees a narrow part of it: [`StepContext`](crate::catalog::StepContext), with the documents that it declares with
/// `reads`.
pub(crate) trait Context {
    /// The server's lookup tables.
    fn lookup(&self) -> &dyn Lookup;

    /// The documents of a kind, as they are just before the step at this place of the catalog runs, or is undone.
    ///
    /// # Errors
    /// In words: where one of them can't be had.
    fn documents(&self, kind: &str, before_step: usize) -> Result<Vec<ReadDocument>, String>;

    /// Is told which parts of a declared step a document reaches: the step's place in the catalog, and the number of its
    /// `modify` or `in` block in the order written. Only `verify` needs it.
    fn reached(&self, _step: usize, _block: usize, _how: Reached) {}
}

/// How a document reaches a block of a declared step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Reached {
    /// The block's path selects a node of it.
    Selected,
    /// Its `when` holds there, or it has none.
    Entered,
    /// Its `when` doesn't hold there.
    KeptOut,
}
