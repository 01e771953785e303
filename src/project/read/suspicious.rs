//! What is allowed, and probably a mistake: odd base paths, and files in the wrong place.

use super::layout::{Layout, projects_below};
use super::warning::Warning;
use crate::catalog::{Action, Catalog};
use crate::engine::join;
use crate::git::{EntryKind, Reader, Result, Tip};

/// What looks wrong about a base path and the files below it.
pub(crate) fn warnings(
    catalog: &Catalog,
    reader: &Reader,
    tip: Option<Tip>,
    base_path: &str,
    layout: &Layout,
) -> Result<Vec<Warning>> {
    let mut warnings = Vec::new();
    if base_path.split('/').any(|part| part.trim() != part) {
        warnings.push(Warning::BlankInBasePath {
            base_path: base_path.to_owned(),
        });
    }
    let is_empty = layout.marker.is_none() && layout.held.unclaimed.is_empty();
    if is_empty && let Some(Tip { tree, .. }) = tip {
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
        let folder = reader.entry(tree, catalog.base_path())?;
        if let Some(folder) = folder.filter(|folder| folder.kind == EntryKind::Tree) {
            let projects = projects_below(reader, catalog, catalog.base_path(), folder.id)?;
            let base_paths: Vec<String> = projects.into_iter().map(|it| it.base_path).collect();
            if !base_paths.is_empty() && warnings.is_empty() {
                warnings.push(Warning::NothingThere {
                    base_path: base_path.to_owned(),
                    base_paths,
                });
            }
        }
    }
    let unclaimed = &layout.held.unclaimed;
    let documents = unclaimed.iter().filter(|path| path.ends_with(".ocl"));
    let paths: Vec<String> = documents.map(|path| join(base_path, path)).collect();
    if !paths.is_empty() {
        let former = unclaimed
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
