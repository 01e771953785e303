//! What steps and contracts have in common: a kind by its name, and files that can't be written.

use std::io;
use std::path::Path;

use crate::catalog::{Catalog, DocumentKind};
use crate::cli::failure::Failure;
use crate::text;

pub(super) fn known_kind<'c>(
    catalog: &'c Catalog,
    name: &str,
) -> Result<&'c DocumentKind, Failure> {
    catalog.kind(name).ok_or_else(|| {
        let kinds = catalog.kinds();
        let known = if kinds.is_empty() {
            format!("none yet: declare it in its catalog.hcl first, as `document \"{name}\" {{ path = \"..\" }}`")
        } else {
            text::list(kinds.iter().map(|kind| &kind.name))
        };
        Failure::Usage(format!(
            "the catalog has no document kind `{name}`; it has {known}"
        ))
    })
}

pub(super) fn file_failure(path: &Path, error: io::Error) -> Failure {
    Failure::File {
        path: path.display().to_string(),
        error,
    }
}
