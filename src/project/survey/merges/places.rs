//! Where a project is in the commits of a merge: a side may have moved it to another folder.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::walk::{Before, State};
use crate::git::{ObjectId, Reader};
use crate::project::error::LoadError;
use crate::project::open::Project;
use crate::project::read::layout::Layout;
use crate::project::read::marker;

/// A project at a commit; `None` where the commit doesn't have it.
///
/// # Errors
/// Where its version can't be told as well.
pub(super) fn project_at(
    project: &Project,
    commit: ObjectId,
    base_path: &str,
) -> Result<Option<Before>, LoadError> {
    project.read_with(|reader| {
        let tree = reader.tree_of(commit)?;
        let Some(folder) = reader.folder(tree, base_path)? else {
            return Ok(None);
        };
        let catalog = project.catalog();
        let Some(marker) = marker::find(reader, catalog, base_path, folder)?? else {
            // Documents without a marker are an error.
            Layout::read(reader, catalog, base_path, Some(folder))?;
            return Ok(None);
        };
        Ok(Some(Before {
            base_path: base_path.to_owned(),
            commit,
            tree,
            state: State {
                folder,
                version: marker.version,
            },
        }))
    })
}

/// The folders in which one project is in some commits.
pub(super) struct Places {
    paths: BTreeSet<String>,
}

impl Places {
    /// Those of the project that is here in one of the commits: from a commit to one that comes from it, it may have moved.
    pub(super) fn of(
        project: &Project,
        base_path: &str,
        steps: &[(ObjectId, ObjectId)],
    ) -> Result<Places, LoadError> {
        let mut paths = BTreeSet::from([base_path.to_owned()]);
        project.read_with(|reader| {
            let mut moves = Vec::new();
            for (from, to) in steps {
                moves.extend(moved(project, reader, *from, *to)?);
            }
            loop {
                let known = paths.len();
                for (from, to) in &moves {
                    if paths.contains(from) || paths.contains(to) {
                        paths.extend([from.clone(), to.clone()]);
                    }
                }
                if paths.len() == known {
                    return Ok(Places { paths });
                }
            }
        })
    }

    /// The project at a commit: the inner error says that it may be any of several there.
    pub(super) fn project_at(
        &self,
        project: &Project,
        commit: ObjectId,
    ) -> Result<Result<Option<Before>, String>, LoadError> {
        let mut found = Vec::new();
        for path in &self.paths {
            found.extend(project_at(project, commit, path)?);
        }
        let several = |one: &Before, other: &Before| {
            let (one, other) = (&one.base_path, &other.base_path);
            format!(
                "it seems to be the project of another base path, and there is one at {one:?} and one at {other:?}"
            )
        };
        Ok(match found.as_slice() {
            [one, other, ..] => Err(several(one, other)),
            _ => Ok(found.pop()),
        })
    }
}

/// The projects that are in one folder in a commit, and in another one in a commit that comes from it, from and to: most of what they
/// hold has the same names below.
fn moved(
    project: &Project,
    reader: &Reader,
    from: ObjectId,
    to: ObjectId,
) -> Result<Vec<(String, String)>, LoadError> {
    let (from, to) = (reader.tree_of(from)?, reader.tree_of(to)?);
    let differences = reader.differences(Some(from), Some(to))?;
    let files = differences.iter().filter_map(|difference| {
        let path = difference.path.as_str()?;
        Some((path, difference.from, difference.to))
    });
    let (mut gone, mut new) = (BTreeMap::new(), BTreeMap::new());
    for (path, before, after) in files {
        match (before, after) {
            (Some((id, _)), None) => gone.insert(path, id),
            (None, Some((id, _))) => new.insert(path, id),
            _ => None,
        };
    }
    let bases = |files: &BTreeMap<&str, ObjectId>| {
        let files = files.keys();
        let bases = files.filter_map(|path| base_of_marker(project, path));
        bases.collect::<BTreeSet<String>>()
    };
    let mut found = Vec::new();
    let (gone_bases, new_bases) = (bases(&gone), bases(&new));
    for base in &gone_bases {
        let held = below(&gone, base);
        let alike = new_bases.iter().filter_map(|other| {
            let now = below(&new, other);
            let is_same = |path: &&str| now.get(*path) == held.get(*path);
            let shared: Vec<&str> = held
                .keys()
                .filter(|path| now.contains_key(*path))
                .copied()
                .collect();
            let same = shared.iter().filter(|path| is_same(path)).count();
            (shared.len() * 2 >= held.len().min(now.len())).then_some((same, shared.len(), other))
        });
        let mut alike: Vec<_> = alike.collect();
        alike.sort();
        let best = alike.pop();
        let is_only = |best: &(usize, usize, &String)| {
            let next = alike.last().map(|next| (next.0, next.1));
            next != Some((best.0, best.1))
        };
        if let Some((.., other)) = best.filter(is_only) {
            found.push((base.clone(), other.clone()));
        }
    }
    // Two that became one: which of them it is can't be told.
    let mut times: HashMap<&String, usize> = HashMap::new();
    for (_, to) in &found {
        *times.entry(to).or_default() += 1;
    }
    let only: BTreeSet<String> = times
        .iter()
        .filter(|(_, times)| **times == 1)
        .map(|(to, _)| (*to).clone())
        .collect();
    found.retain(|(_, to)| only.contains(to));
    Ok(found)
}

/// Where a side that has a project at a new base path had another before, which it has no more.
pub(super) fn moved_from(
    project: &Project,
    base: ObjectId,
    side: &Before,
) -> Result<Vec<String>, LoadError> {
    project.read_with(|reader| {
        let base = reader.tree_of(base)?;
        let differences = reader.differences(Some(base), Some(side.tree))?;
        let removed = differences.iter().filter(|it| it.to.is_none());
        let paths = removed.filter_map(|it| it.path.as_str());
        Ok(paths
            .filter_map(|path| base_of_marker(project, path))
            .collect())
    })
}

/// The base path of the project whose marker is at a path.
fn base_of_marker(project: &Project, path: &str) -> Option<String> {
    let mut markers = project.catalog().marker_paths();
    markers.find_map(|marker| {
        let base_path = path.strip_suffix(marker)?;
        let is_whole = base_path.is_empty() || base_path.ends_with('/');
        is_whole.then(|| base_path.trim_end_matches('/').to_owned())
    })
}

/// The files below a folder, by their paths there.
fn below<'f>(files: &BTreeMap<&'f str, ObjectId>, folder: &str) -> BTreeMap<&'f str, ObjectId> {
    let files = files.iter().filter_map(|(path, id)| {
        let rest = match folder {
            "" => Some(*path),
            folder => path.strip_prefix(folder)?.strip_prefix('/'),
        };
        Some((rest?, *id))
    });
    files.collect()
}
