//! What a reader of a document should know, though it can be migrated.

use std::collections::BTreeSet;
use std::fmt;

use super::answers::LookupKey;
use super::cache::Recorded;
use crate::ocl::DoubledName;

/// What a reader of a document should know, though it can be migrated.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DocumentWarning {
    /// A name, or a block of which there should be one, stands more than once in the document as it was before its migration: which of them counts isn't certain. No step
    /// has touched it, and the document isn't written so.
    DoubledName(DoubledName),
    /// A step asked a lookup table for a key that it doesn't have, so its own default stands in, which may be wrong. Writing
    /// asks for consent.
    MissingLookup(LookupKey),
}

impl DocumentWarning {
    /// The warning as the JSON output calls it.
    pub fn name(&self) -> &'static str {
        match self {
            DocumentWarning::DoubledName(_) => "doubled_name",
            DocumentWarning::MissingLookup(_) => "missing_lookup",
        }
    }
}

impl fmt::Display for DocumentWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DocumentWarning::DoubledName(name) => {
                write!(
                    f,
                    "{name}; which of them counts isn't certain: keep the right one"
                )
            }
            DocumentWarning::MissingLookup(LookupKey { table, key }) => write!(
                f,
                "the lookup table {table:?} has no key {key:?}, so the step's own default stands in: put the right value into \
                 the store"
            ),
        }
    }
}

/// What a result tells: doubled names in document order, then missing lookups, each once.
pub(super) fn warnings(recorded: &Recorded) -> Vec<DocumentWarning> {
    let doubled = match &recorded.outcome {
        Ok(migrated) => migrated.doubled.clone(),
        // The error says it, where it matters.
        Err(_) => Vec::new(),
    };
    let missing = recorded.asked.iter().filter(|asked| asked.answer.is_none());
    let missing: BTreeSet<LookupKey> = missing
        .map(|asked| LookupKey {
            table: asked.table.clone(),
            key: asked.key.clone(),
        })
        .collect();
    let doubled = doubled.into_iter().map(DocumentWarning::DoubledName);
    doubled
        .chain(missing.into_iter().map(DocumentWarning::MissingLookup))
        .collect()
}
