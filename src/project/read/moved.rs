//! Projects that went from one folder to another.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::git::{ObjectId, Reader};
use crate::project::error::LoadError;
use crate::project::open::Project;

/// The projects that are in one folder in a commit, and in another one in a commit that comes from it, from and to: most of what they
/// hold has the same names below.
pub(crate) fn moved(
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
            let shared = held
                .iter()
                .filter_map(|(path, id)| Some((id, now.get(path)?)));
            let number = shared.clone().count();
            let same = shared.filter(|(before, now)| before == now).count();
            (number * 2 >= held.len().min(now.len())).then_some((same, number, other))
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
    let mut times: HashMap<String, usize> = HashMap::new();
    for (_, to) in &found {
        *times.entry(to.clone()).or_default() += 1;
    }
    found.retain(|(_, to)| times[to] == 1);
    Ok(found)
}

/// The base path of the project whose marker is at a path.
pub(crate) fn base_of_marker(project: &Project, path: &str) -> Option<String> {
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
