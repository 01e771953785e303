//! What steps may ask while they run.

use crate::catalog::{Lookup, ReadDocument};
use crate::ocl::{Editor, Node};

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

    /// Called when a document reaches a part of a declared step: with the index of the step in the catalog. Only `verify` needs
    /// it.
    fn reached(&self, _step: usize, _part: &Part<'_>) {}

    /// Called with the document as the step at this index has left it. Only who asks where values were before needs it.
    fn edited(&self, _step: usize, _editor: &Editor) {}
}

/// The part of a declared step that a document reaches: in the `modify` or `in` block of this number, in the order written.
#[derive(Debug)]
pub(crate) enum Part<'p> {
    /// The block itself.
    Block(usize, Reached),
    /// A name that an operation of the block works on.
    Name {
        block: usize,
        /// The position of the operation in the step's file, in bytes.
        operation: usize,
        name: &'p str,
        /// The node that is expected to have it.
        node: Node<'p>,
        is_there: bool,
    },
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
