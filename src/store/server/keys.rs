//! Keys of rows: hashes, as names of 4,096 bytes fit no database's index.

use sha2::{Digest, Sha256};

use crate::store::model::Row;

/// Differs wherever one of the parts differs.
pub(super) fn key(parts: &[&str]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// A document's, within its project.
pub(super) fn of_document(kind: &str, slug: &str) -> [u8; 32] {
    key(&[kind, slug])
}

/// The same of a row.
pub(super) fn of_row(row: &Row) -> [u8; 32] {
    of_document(&row.kind, &row.slug)
}
