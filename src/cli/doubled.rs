//! Names that stand more than once in a text at hand.

use crate::catalog::{Catalog, DocumentName};
use crate::ocl::Document;
use crate::project::{CommitError, DoubledDocument, DoubledIn};

use super::failure::Failure;

/// Refuses a text in which it isn't clear what counts, as a commit does; `shown` is what people call its file.
pub(super) fn refuse_doubled_names(
    catalog: &Catalog,
    document: &DocumentName,
    text: &Document,
    shown: &str,
) -> Result<(), Failure> {
    let names = catalog.doubled_names(document.kind(), text).into_iter();
    let documents: Vec<_> = names
        .map(|name| DoubledDocument {
            document: document.clone(),
            held_by: DoubledIn::Put,
            path: shown.to_owned(),
            name,
        })
        .collect();
    if documents.is_empty() {
        return Ok(());
    }
    Err(CommitError::DoubledNames { documents }.into())
}
