//! What is allowed, and probably a mistake: odd base paths, and files in the wrong place.

use std::collections::BTreeMap;

use super::base::describe;
use super::elsewhere::projects_anywhere;
use super::layout::Layout;
use super::warning::{Obstacle, Warning};
use crate::catalog::{Catalog, DocumentName, PathPattern};
use crate::engine::join;
use crate::git::{EntryKind, Reader, Result, Tip};
use crate::project::open::Project;

/// What looks wrong about a base path and the files below it.
pub(crate) fn warnings(
    project: &Project,
    reader: &Reader,
    tip: Option<Tip>,
    base_path: &str,
    layout: &Layout,
    target: u32,
) -> Result<Vec<Warning>> {
    let catalog = project.catalog();
    let mut warnings = Vec::new();
    if base_path.split('/').any(|part| part.trim() != part) {
        warnings.push(Warning::BlankInBasePath {
            base_path: base_path.to_owned(),
        });
    }
    // Only where there is nothing at the base path itself.
    if layout.marker.is_none()
        && let Some(Tip { tree, .. }) = tip
    {
        let base_paths = projects_anywhere(project, reader, tree).to_vec();
        let wanted = base_path.split('/').next().unwrap_or_default();
        let is_empty = base_paths.is_empty() && layout.held.unclaimed.is_empty();
        for entry in is_empty
            .then(|| reader.list(tree))
            .transpose()?
            .unwrap_or_default()
        {
            let name = entry.path.as_str().unwrap_or_default();
            if entry.kind == EntryKind::Tree && name != wanted && alike(name, wanted) {
                warnings.push(Warning::SimilarFolder {
                    found: name.to_owned(),
                    base_path: base_path.to_owned(),
                });
            }
        }
        if !base_paths.is_empty() {
            warnings.push(Warning::NothingThere {
                base_path: base_path.to_owned(),
                base_paths,
            });
        }
    }
    let unclaimed = &layout.held.unclaimed;
    let former: Vec<(&String, Option<String>)> = unclaimed
        .iter()
        .map(|path| (path, formerly(catalog, path)))
        .collect();
    let documents = former
        .iter()
        .filter(|(path, former)| path.ends_with(".ocl") || former.is_some());
    let paths: Vec<String> = documents.map(|(path, _)| join(base_path, path)).collect();
    if !paths.is_empty() {
        let former = former
            .into_iter()
            .filter_map(|(path, former)| Some((join(base_path, path), former?)))
            .collect();
        warnings.push(Warning::Unclaimed { paths, former });
    }
    warnings.extend(of_removed_kinds(catalog, layout));
    let mut obstacles = obstacles(catalog, base_path, layout, target);
    for obstacle in &mut obstacles {
        // Whatever is no folder counts as a file there.
        if let Some(tip) = tip
            && let Some(entry) = reader.entry(tip.tree, &obstacle.path)?
        {
            obstacle.found = describe(entry.kind);
        }
    }
    if !obstacles.is_empty() {
        warnings.push(Warning::InTheWay { obstacles });
    }
    Ok(warnings)
}

/// The folders where documents belong, and what isn't a folder where one of documents belongs, now or at a version: nothing can
/// be written there. On many disks a name in other letters is the same one.
fn obstacles(catalog: &Catalog, base_path: &str, layout: &Layout, target: u32) -> Vec<Obstacle> {
    let held = &layout.held;
    // As it is nearly always, and every load asks.
    if held.unclaimed.is_empty() && held.nested.is_empty() {
        return Vec::new();
    }
    let version = layout.version();
    let mut patterns: Vec<(&str, &PathPattern)> = Vec::new();
    for kind in catalog.kinds() {
        for version in [version, target] {
            let pattern = (&*kind.name, catalog.path_at(kind, version));
            if catalog.removed_before(&kind.name, version).is_none() && !patterns.contains(&pattern)
            {
                patterns.push(pattern);
            }
        }
    }
    let mut found = BTreeMap::new();
    let others = held.unclaimed.iter().map(|path| (path, false));
    for (path, is_folder) in others.chain(held.nested.iter().map(|path| (path, true))) {
        let ends = path.match_indices('/').map(|(end, _)| end);
        for end in ends.chain(is_folder.then_some(path.len())) {
            let folder = &path[..end];
            let slug = |pattern: &PathPattern| {
                let is_it = folder.eq_ignore_ascii_case(pattern.as_str());
                pattern.slug_of(folder).or(is_it.then_some(""))
            };
            let mut documents = patterns.iter();
            let document =
                documents.find_map(|(kind, pattern)| Some(DocumentName::new(kind, slug(pattern)?)));
            if let Some(document) = document {
                let needed = format!("the document `{document}` belongs");
                found.entry(folder).or_insert(("folder", needed));
            }
        }
        let is_above = |folder: &str| {
            let start = folder.get(..path.len());
            let rest = folder.get(path.len()..).unwrap_or_default();
            start.is_some_and(|start| start.eq_ignore_ascii_case(path))
                && (rest.is_empty() || rest.starts_with('/'))
        };
        let mut kinds = patterns.iter().filter(|(_, it)| is_above(it.folder()));
        if !is_folder && let Some((kind, _)) = kinds.next() {
            let needed = format!("the folder of `{kind}` documents belongs");
            found.entry(path).or_insert(("file", needed));
        }
    }
    found
        .into_iter()
        .map(|(path, (found, needed))| Obstacle {
            path: join(base_path, path),
            found,
            needed,
        })
        .collect()
}

/// Documents of kinds that a step up to the marker's version removed.
fn of_removed_kinds(catalog: &Catalog, layout: &Layout) -> Vec<Warning> {
    let version = layout.version();
    let kinds = catalog.kinds().iter().enumerate();
    let gone = kinds.filter_map(|(index, kind)| {
        let removed_at = catalog.removed_before(&kind.name, version)?;
        let documents = layout.held.documents.iter();
        let of_kind = documents.filter(|document| document.kind == index);
        let documents: Vec<DocumentName> = of_kind.map(|document| document.name.clone()).collect();
        (!documents.is_empty()).then_some(Warning::OfRemovedKind {
            documents,
            version,
            removed_at,
        })
    });
    gone.collect()
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
        let mut former = catalog.former_paths();
        former
            .any(|(of, from)| of == kind.name && from.slug_of(path).is_some())
            .then(|| kind.name.clone())
    })
}
