//! What is legal, and probably not what somebody meant.

use super::document::{MigratedDocument, Warning};
use super::layout::Layout;
use super::loaded::{At, Loaded};
use super::marker::join;
use super::shape::steps_it_looks_older_than;
use crate::catalog::{Action, Catalog};
use crate::git::{EntryKind, Reader, Result};
use crate::migrate::Input;

impl Loaded {
    /// Says which of these documents look older than their marker: steps up to the branch's version would still change
    /// values of them. A marker that was raised by hand does that, or a merge. Only what Git holds and the text itself
    /// shows is told: a step that would have to ask the server says nothing, nor does one that is not the same when it
    /// runs twice.
    ///
    /// Not among [`warnings`](Loaded::warnings), since each of the documents is read and parsed for it, also where no step
    /// touches it; loading does neither. One that can't be read says so elsewhere.
    pub fn looks_older<'d>(
        &self,
        documents: impl IntoIterator<Item = &'d MigratedDocument>,
    ) -> Option<Warning> {
        let version = self.plan().branch_version;
        let catalog = self.project().catalog();
        let (mut paths, mut steps) = (Vec::new(), Vec::new());
        for document in documents {
            let Some(path) = &document.path_before else {
                continue;
            };
            let Ok(Some(bytes)) = self.before(document) else {
                continue;
            };
            let input = Input {
                kind: &document.kind,
                slug: &document.slug,
                shape: version,
                bytes: &bytes,
            };
            let found = steps_it_looks_older_than(catalog, &input, version);
            if !found.is_empty() {
                paths.push(join(self.base_path(), path));
                steps.extend(found);
            }
        }
        steps.sort_unstable();
        steps.dedup();
        (!paths.is_empty()).then_some(Warning::LooksOlder {
            paths,
            version,
            steps,
        })
    }
}

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
