//! What steps may ask while they run.

use crate::catalog::{Lookup, ReadDocument};

/// What steps may ask while they run: the server's lookup tables, and documents of other kinds.
///
/// A step sees a narrow part of it: [`StepContext`](crate::catalog::StepContext), with the documents that it declares with
/// `reads`.
pub(crate) trait Context {
    /// The server's lookup tables.
    fn lookup(&self) -> &dyn Lookup;

    /// The documents of a kind, as they are just before the step at this index of the catalog runs, or is undone.
    ///
    /// # Errors
    /// A message, if one of them can't be migrated.
    fn documents(&self, kind: &str, before_step: usize) -> Result<Vec<ReadDocument>, String>;

    /// Called when a document reaches a part of a declared step: with the index of the step in the catalog, and the number of its
    /// `modify` or `in` block in the order written. Only `verify` needs it.
    fn reached(&self, _step: usize, _block: usize, _how: Reached) {}
}

/// How a document reaches a block of a declared step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Reached {
    /// The block's path selects a node of it.
    Selected,
    /// Its `when` is true there, or it has none.
    Entered,
    /// Its `when` is false there.
    KeptOut,
}
