//! Text by address.

use std::borrow::Cow;
use std::ops::Range;

use crate::ocl::text;

/// What was parsed and, at the addresses behind it, all that edits have written since. Nothing in it ever changes.
#[derive(Debug, Clone, Default)]
pub(in crate::ocl) struct Buffer {
    parsed: String,
    written: String,
}

impl Buffer {
    pub(in crate::ocl) fn new(parsed: String) -> Self {
        Self {
            parsed,
            written: String::new(),
        }
    }

    /// The text that was parsed.
    pub(in crate::ocl) fn parsed(&self) -> &str {
        &self.parsed
    }

    pub(super) fn into_parsed(self) -> String {
        self.parsed
    }

    /// The text at a range of addresses, which was parsed or written in one go.
    pub(in crate::ocl) fn get(&self, range: Range<u32>) -> &str {
        let range = range.start as usize..range.end as usize;
        match range.end.checked_sub(self.parsed.len()) {
            None | Some(0) => &self.parsed[range],
            Some(end) => &self.written[range.start - self.parsed.len()..end],
        }
    }

    /// The name that is written at a range of addresses: a key in quotes is decoded.
    pub(super) fn name(&self, range: Range<u32>) -> Cow<'_, str> {
        match self.get(range) {
            quoted if quoted.starts_with('"') => text::decode(&quoted[1..quoted.len() - 1]),
            bare => Cow::Borrowed(bare),
        }
    }

    /// Whether the text at an address was parsed, not written.
    pub(in crate::ocl) fn is_parsed(&self, address: u32) -> bool {
        (address as usize) < self.parsed.len()
    }

    /// Whether that many more bytes have an address.
    pub(super) fn has_room(&self, bytes: usize) -> bool {
        u32::try_from(self.parsed.len() + self.written.len() + bytes).is_ok()
    }

    /// Adds a text, for which there is room; its address.
    pub(super) fn write(&mut self, text: &str) -> u32 {
        let address = u32::try_from(self.parsed.len() + self.written.len())
            .expect("whoever writes has asked whether there is room");
        self.written.push_str(text);
        address
    }
}
