//! What a step may spend on a document, so that none runs for ever or grows without limit.

use std::cell::Cell;

/// The most operations.
const OPERATIONS: u64 = 5_000_000;

/// An operation costs as much as looking at that many values.
const LOOKS_PER_OPERATION: u64 = 4;

/// That many bytes of text cost as much to go through as looking at a value.
const BYTES_PER_LOOK: usize = 32;

/// To compile a regular expression that a step has put together costs as much as looking at that many values.
pub(super) const LOOKS_PER_PATTERN: usize = 2000;

/// The most text, in bytes.
pub(super) const LARGEST_TEXT: usize = 64 << 20;

pub(super) const TOO_LONG: &str = "this step takes longer on one document than it may (5 million operations): \
                                   make it two steps that do less each, or the document smaller";
pub(super) const TOO_MUCH: &str = "this step makes more text of one document than it may (64 MiB): \
                                   make it two steps that do less each, or the document smaller";

/// What is left.
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

    /// Takes the cost of looking at that many values, which the next operation finds spent.
    pub(super) fn charge(&self, values: usize) {
        let left = self.looks.get().saturating_sub(values as u64);
        self.looks.set(left);
    }

    /// Takes the cost of going through a text.
    pub(super) fn charge_text(&self, text: &str) {
        self.charge(text.len() / BYTES_PER_LOOK);
    }

    /// Takes the cost of an operation.
    pub(super) fn operate(&self) -> Result<(), &'static str> {
        take(&self.looks, LOOKS_PER_OPERATION, TOO_LONG)
    }

    /// Takes the room for a new text.
    pub(super) fn write(&self, bytes: usize) -> Result<(), &'static str> {
        take(&self.bytes, bytes as u64, TOO_MUCH)
    }
}

fn take(from: &Cell<u64>, cost: u64, refusal: &'static str) -> Result<(), &'static str> {
    from.set(from.get().checked_sub(cost).ok_or(refusal)?);
    Ok(())
}
