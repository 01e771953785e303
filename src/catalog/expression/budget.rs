//! What a step may spend on one document, so that no step runs for ever or grows a document without limit.

use std::cell::Cell;

/// The maximum number of operations.
const OPERATIONS: u64 = 5_000_000;

/// An operation costs as much as visiting this number of values.
const LOOKS_PER_OPERATION: u64 = 4;

/// Scanning this number of bytes costs as much as visiting one value.
const BYTES_PER_LOOK: usize = 32;

/// Compiling a regular expression that a step computes costs as much as visiting this number of values.
pub(super) const LOOKS_PER_PATTERN: usize = 2000;

/// The maximum amount of new text, in bytes.
pub(super) const LARGEST_TEXT: usize = 64 << 20;

pub(super) const TOO_LONG: &str = "this step exceeds the limit of 5 million operations on one document: \
                                   split the step into smaller ones, or make the document smaller";
pub(super) const TOO_MUCH: &str = "this step exceeds the limit of 64 MiB of text for one document: \
                                   split the step into smaller ones, or make the document smaller";

/// The remaining budget.
#[derive(Debug)]
pub(super) struct Budget {
    looks: Cell<u64>,
    bytes: Cell<u64>,
}

impl Default for Budget {
    fn default() -> Self {
        Self::of_operations(OPERATIONS)
    }
}

impl Budget {
    pub(super) fn of_operations(operations: u64) -> Self {
        Self {
            looks: Cell::new(operations * LOOKS_PER_OPERATION),
            bytes: Cell::new(LARGEST_TEXT as u64),
        }
    }

    pub(super) fn is_spent(&self) -> bool {
        self.looks.get() == 0
    }

    /// Charges for visiting values. If this exceeds the budget, the next operation fails.
    pub(super) fn charge(&self, values: usize) {
        let left = self.looks.get().saturating_sub(values as u64);
        self.looks.set(left);
    }

    /// Charges for scanning a text.
    pub(super) fn charge_text(&self, text: &str) {
        self.charge(text.len() / BYTES_PER_LOOK);
    }

    /// Charges for an operation.
    pub(super) fn operate(&self) -> Result<(), &'static str> {
        take(&self.looks, LOOKS_PER_OPERATION, TOO_LONG)
    }

    /// Charges for a new text.
    pub(super) fn write(&self, bytes: usize) -> Result<(), &'static str> {
        take(&self.bytes, bytes as u64, TOO_MUCH)
    }
}

fn take(from: &Cell<u64>, cost: u64, refusal: &'static str) -> Result<(), &'static str> {
    from.set(from.get().checked_sub(cost).ok_or(refusal)?);
    Ok(())
}
