//! Warnings about documents that can be migrated.

use std::collections::BTreeSet;
use std::fmt;

use super::answers::LookupKey;
use super::recorded::Recorded;
use crate::catalog::Catalog;
use crate::migrate::{Migrated, MigrationErrorKind, shorten};
use crate::ocl::{DoubledName, ParseError};
use crate::plan::Direction;
use crate::text::{some_of, visible_line};

/// A warning about a document that can be migrated.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DocumentWarning {
    /// A name, or a block that should be single, occurs more than once in the original document, so it isn't clear which one
    /// counts. No step has touched it. The document can't be written like this.
    DoubledName(DoubledName),
    /// A step asked a lookup table for a key that it doesn't have, so the step uses its own default, which may be wrong, or
    /// fails without one. Writing
    /// asks for consent.
    MissingLookup(LookupKey),
    /// A step removed values without reading them, and wrote others that stood beside them elsewhere: they were probably forgotten.
    LeftBehind {
        /// The step's version.
        version: u32,
        /// Its name.
        step: String,
        /// The values' places before the step, each with its text.
        values: Vec<(String, String)>,
    },
    /// It isn't OCL. No step touches it, so it stays as it is.
    NotParsed {
        /// Its path in the repository.
        path: String,
        /// What is wrong with its text.
        error: ParseError,
    },
}

impl DocumentWarning {
    /// The warning's name in the JSON output.
    pub fn name(&self) -> &'static str {
        match self {
            DocumentWarning::DoubledName(_) => "doubled_name",
            DocumentWarning::MissingLookup(_) => "missing_lookup",
            DocumentWarning::LeftBehind { .. } => "left_behind",
            DocumentWarning::NotParsed { .. } => "not_parsed",
        }
    }

    /// What a step asked for that has no answer.
    pub(crate) fn into_missing_lookup(self) -> Option<LookupKey> {
        match self {
            DocumentWarning::MissingLookup(lookup) => Some(lookup),
            _ => None,
        }
    }

    /// Why the document can't be read, as a message that shows the line; `None` where it can be.
    pub fn failure(&self) -> Option<String> {
        match self {
            DocumentWarning::NotParsed { path, error } => Some(error.render(&visible_line(path))),
            _ => None,
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
                "the lookup of {key:?} in the table {table:?} has no answer, so the step uses its own default, or fails if it has none: put the \
                 right value into the store"
            ),
            DocumentWarning::LeftBehind {
                version,
                step,
                values,
            } => {
                let values = values
                    .iter()
                    .map(|(place, text)| format!("{place}, which was {}", shorten(text)));
                write!(
                    f,
                    "step {version} {step} removes {}, without reading it, though it keeps other values of what it removes",
                    some_of(values, NAMED)
                )
            }
            DocumentWarning::NotParsed { path, error } => write!(
                f,
                "it can't be read, and stays as it is, since no step touches it: {}:{}:{}: {}",
                visible_line(path),
                error.line(),
                error.column(),
                error.message()
            ),
        }
    }
}

/// What is wrong with the text of a document that no step touches, at this path.
pub(super) fn not_parsed(recorded: &Recorded, path: &str) -> Option<DocumentWarning> {
    match &recorded.outcome.as_ref().err()?.kind {
        MigrationErrorKind::Parse(error) => Some(DocumentWarning::NotParsed {
            path: path.to_owned(),
            error: error.clone(),
        }),
        _ => None,
    }
}

/// How many values of a step are named.
const NAMED: usize = 3;

/// What steps that were run left behind, each step once.
fn left_behind(catalog: &Catalog, migrated: &Migrated) -> Vec<DocumentWarning> {
    let left = migrated.left_behind(catalog);
    let of_steps = left.chunk_by(|(one, _), (next, _)| one == next);
    let warnings = of_steps.map(|left| {
        let step = &catalog.steps()[left[0].0];
        let values = left.iter();
        let values = values.map(|(_, fate)| (fate.place.clone(), fate.text.clone()));
        DocumentWarning::LeftBehind {
            version: step.version(),
            step: step.name().to_owned(),
            values: values.collect(),
        }
    });
    warnings.collect()
}

/// The warnings about a result: doubled names in document order, then missing lookups, each once, then what steps left behind.
pub(super) fn warnings(
    catalog: &Catalog,
    direction: Direction,
    recorded: &Recorded,
) -> Vec<DocumentWarning> {
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
    // What undoing a step leaves behind is set aside.
    let left = match (&recorded.outcome, direction) {
        (Ok(migrated), Direction::Up) => left_behind(catalog, migrated),
        _ => Vec::new(),
    };
    let doubled = doubled.into_iter().map(DocumentWarning::DoubledName);
    doubled
        .chain(missing.into_iter().map(DocumentWarning::MissingLookup))
        .chain(left)
        .collect()
}
