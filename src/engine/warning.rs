//! Warnings about documents that can be migrated.

use std::collections::BTreeSet;
use std::fmt;

use super::answers::LookupKey;
use super::cache::Recorded;
use crate::ocl::DoubledName;

/// A warning about a document that can be migrated.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DocumentWarning {
    /// A name, or a block that should be single, occurs more than once in the original document, so it isn't clear which one
    /// counts. No step has touched it. The document can't be written like this.
    DoubledName(DoubledName),
    /// A step asked a lookup table for a key that it doesn't have, so the step used its own default, which may be wrong. Writing
    /// asks for consent.
    MissingLookup(LookupKey),
}

impl DocumentWarning {
    /// The warning's name in the JSON output.
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
                    "{name}; it isn't clear which one counts: keep the right one"
                )
            }
            DocumentWarning::MissingLookup(LookupKey { table, key }) => write!(
                f,
                "the lookup table {table:?} has no key {key:?}, so the step used its own default: put the right value into \
                 the store"
            ),
        }
    }
}

/// The warnings about a result: doubled names in document order, then missing lookups, each once.
pub(super) fn warnings(recorded: &Recorded) -> Vec<DocumentWarning> {
    let doubled = match &recorded.outcome {
        Ok(migrated) => migrated.doubled.clone(),
        // The error reports the doubled name, if that is why it failed.
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
