//! One incompatibility.

/// Something that a reader of the newer contract may not understand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Incompatibility {
    /// The rule's name in buf's list or Confluent's table.
    pub(crate) rule: &'static str,
    /// What changed, in a sentence without a full stop.
    pub(crate) message: String,
    /// Where the older contract has it, or what it stands in: `file:line:column`.
    pub(crate) older: String,
    /// The same in the newer one.
    pub(crate) newer: String,
}
