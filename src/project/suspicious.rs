//! What is legal, and probably not what somebody meant.

use super::document::Warning;
use super::layout::Layout;
use super::loaded::At;
use super::marker::join;
use crate::catalog::{Action, Catalog};
use crate::git::{EntryKind, Reader, Result};

/// What looks wrong about a base path and the files below it.
pub(super) fn warnings(
    catalog: &Catalog,
    reader: &Reader,
    at: &At,
    base_path: &str,
    layout: &Layout,
) -> Result<Vec<Warning>> {
    let mut warnings = Vec::new();
    if base_path.split('/').any(|part| part.trim() != part) {
        warnings.push(Warning::BlankInBasePath {
            base_path: base_path.to_owned(),
        });
    }
    let is_empty = layout.marker.is_none() && layout.unclaimed.is_empty();
    if is_empty && let Some((_, tree)) = at.commit {
        // Only where there is nothing at the base path itself.
        let wanted = base_path.split('/').next().unwrap_or_default();
        for entry in reader.list(tree)? {
            let name = entry.path.as_str().unwrap_or_default();
            if entry.kind == EntryKind::Tree && name != wanted && alike(name, wanted) {
                warnings.push(Warning::SimilarFolder {
                    found: name.to_owned(),
                    base_path: base_path.to_owned(),
                });
            }
        }
    }
    let documents = layout
        .unclaimed
        .iter()
        .filter(|path| path.ends_with(".ocl"));
    let paths: Vec<String> = documents.map(|path| join(base_path, path)).collect();
    if !paths.is_empty() {
        let former = layout
            .unclaimed
            .iter()
            .filter_map(|path| Some((join(base_path, path), formerly(catalog, path)?)))
            .collect();
        warnings.push(Warning::Unclaimed { paths, former });
    }
    Ok(warnings)
}

fn alike(one: &str, other: &str) -> bool {
    one.trim().eq_ignore_ascii_case(other.trim())
}

/// What lay at a path before a rename.
fn formerly(catalog: &Catalog, path: &str) -> Option<String> {
    if catalog.marker_paths().any(|marker| marker == path) {
        return Some("the marker".to_owned());
    }
    catalog.kinds().iter().find_map(|kind| {
        let renames = catalog
            .steps()
            .iter()
            .filter(|step| step.concerns(&kind.name));
        renames
            .filter_map(|step| match step.action() {
                Action::Rename(from) => Some(from),
                _ => None,
            })
            .any(|from| from.slug_of(path).is_some())
            .then(|| kind.name.clone())
    })
}
