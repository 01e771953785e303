//! One incompatibility.

use super::super::place::Place;

/// Something that a reader of the newer contract may not understand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Incompatibility {
    /// The rule's name in buf's list or Confluent's table.
    pub(crate) rule: &'static str,
    /// What changed, in a sentence without a full stop.
    pub(crate) message: String,
    /// Where the older contract has it, or what it stands in.
    pub(crate) older: Place,
    /// The same in the newer one.
    pub(crate) newer: Place,
}
