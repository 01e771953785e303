//! What a document refers to and defines.

use crate::catalog::{Catalog, DocumentName};
use crate::references::{Certainty, ConditionError, References};
use crate::values::Values;

/// A place that refers to a thing, or defines one.
#[derive(Debug)]
pub(in crate::query) struct Place {
    pub(in crate::query) kind: String,
    pub(in crate::query) name: String,
    pub(in crate::query) address: String,
    pub(in crate::query) line: usize,
    /// `None` for a definition.
    pub(in crate::query) certainty: Option<Certainty>,
}

/// All of a document: definitions first, then references, each in document order.
pub(super) fn places(
    values: Values<'_>,
    name: &DocumentName,
    catalog: &Catalog,
) -> Result<Vec<Place>, ConditionError> {
    let found = References::of(values, name, catalog)?;
    let definitions = found.definitions.iter().map(|definition| Place {
        kind: definition.kind.to_owned(),
        // The first is the one to show.
        name: definition.names[0].text().to_owned(),
        address: definition.element.to_string(),
        line: definition.line,
        certainty: None,
    });
    let references = found.references.iter().map(|reference| Place {
        kind: reference.kind.to_owned(),
        name: reference.name.text().to_owned(),
        address: reference.element.to_string(),
        line: reference.line,
        certainty: Some(reference.certainty),
    });
    Ok(definitions.chain(references).collect())
}
