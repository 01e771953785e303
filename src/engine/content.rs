//! Ids of contents.

use sha2::{Digest as _, Sha256};

/// Identifies a content: the id of its Git blob, or a hash of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ContentId([u8; 32]);

impl ContentId {
    /// The id of a Git blob's content.
    pub(crate) fn of_blob(id: &[u8; 20]) -> ContentId {
        let mut bytes = [0; 32];
        bytes[..20].copy_from_slice(id);
        ContentId(bytes)
    }

    /// The id of a text.
    pub(crate) fn of_text(text: &[u8]) -> ContentId {
        ContentId(Sha256::digest(text).into())
    }
}

/// Identifies a sequence of names and contents.
#[derive(Default)]
pub(crate) struct ContentHasher(Sha256);

impl ContentHasher {
    pub(crate) fn name(&mut self, name: &str) {
        self.0.update((name.len() as u64).to_le_bytes());
        self.0.update(name);
    }

    pub(crate) fn content(&mut self, content: ContentId) {
        self.0.update(content.0);
    }

    pub(crate) fn finish(self) -> ContentId {
        ContentId(self.0.finalize().into())
    }
}
