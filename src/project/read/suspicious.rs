//! What is legal, and probably not what somebody meant.

use super::document::{MigratedDocument, Warning};
use super::draft::{Change, Draft};
use super::layout::{Layout, projects_below};
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
        let catalog = self.project().catalog();
        let mut older = Older::at(self.plan().branch_version);
        for document in documents {
            let Some(path) = &document.path_before else {
                continue;
            };
            let Ok(Some(bytes)) = self.before(document) else {
                continue;
            };
            let path = join(self.base_path(), path);
            older.look(catalog, &document.kind, &document.slug, path, &bytes);
        }
        older.warning()
    }
}

impl Draft {
    /// The same of the texts that were put into the draft, at the version that it writes: they may have been taken from a
    /// branch that isn't there yet.
    pub fn looks_older(&self) -> Option<Warning> {
        let loaded = &self.loaded;
        let mut older = Older::at(loaded.plan().target);
        for (name, change) in &self.changes {
            if let Change::Put { path, text } = change {
                let (kind, slug) = name.split_once('/').unwrap_or((name, ""));
                let path = join(loaded.base_path(), path);
                older.look(
                    loaded.project().catalog(),
                    kind,
                    slug,
                    path,
                    text.as_bytes(),
                );
            }
        }
        older.warning()
    }
}

/// What looks older than a version.
struct Older {
    version: u32,
    paths: Vec<String>,
    steps: Vec<u32>,
}

impl Older {
    fn at(version: u32) -> Older {
        Older {
            version,
            paths: Vec::new(),
            steps: Vec::new(),
        }
    }

    fn look(&mut self, catalog: &Catalog, kind: &str, slug: &str, path: String, bytes: &[u8]) {
        let input = Input {
            kind,
            slug,
            shape: self.version,
            bytes,
        };
        let found = steps_it_looks_older_than(catalog, &input, self.version);
        if !found.is_empty() {
            self.paths.push(path);
            self.steps.extend(found);
        }
    }

    fn warning(mut self) -> Option<Warning> {
        self.steps.sort_unstable();
        self.steps.dedup();
        (!self.paths.is_empty()).then_some(Warning::LooksOlder {
            paths: self.paths,
            version: self.version,
            steps: self.steps,
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
