//! Where the project of a file is, and the versions that markers state in a merge.

use crate::catalog::Catalog;
use crate::git::{ObjectId, Reader, Repository};
use crate::project::{Project, join};

use super::super::failure::Failure;
use super::super::global::Global;
use super::commits::Commits;

/// The folder of the project that a file belongs to: the innermost one with a marker, in any of the commits.
pub(super) fn base_path(
    global: &Global,
    reader: &Reader,
    catalog: &Catalog,
    candidates: &[Commits],
    path: &str,
) -> Result<Option<String>, Failure> {
    if let Some(base_path) = &global.base_path {
        let base_path = match base_path.as_str() {
            "." => "",
            other => other,
        };
        let is_below = base_path.is_empty()
            || path
                .strip_prefix(base_path)
                .is_some_and(|rest| rest.starts_with('/'));
        return Ok(is_below.then(|| base_path.to_owned()));
    }
    let folders = path.rmatch_indices('/').map(|(at, _)| &path[..at]);
    let top = catalog.base_path().is_empty().then_some("");
    let folders = folders.chain(top);
    let mut found: Option<&str> = None;
    for folder in folders {
        if has_marker(reader, catalog, candidates, folder)?
            && found.is_none_or(|inner| is_document_of(catalog, folder, inner))
        {
            found = Some(folder);
        }
    }
    Ok(found.map(str::to_owned))
}

/// Whether a folder has a marker in any of the commits.
fn has_marker(
    reader: &Reader,
    catalog: &Catalog,
    candidates: &[Commits],
    folder: &str,
) -> Result<bool, Failure> {
    for Commits { base, ours, theirs } in candidates {
        for commit in [ours, theirs, base] {
            let tree = reader.tree_of(*commit)?;
            for marker in catalog.marker_paths() {
                if reader.entry(tree, &join(folder, marker))?.is_some() {
                    return Ok(true);
                }
            }
        }
    }
    Ok(false)
}

/// Whether what looks like the marker of a folder is a document of a project around it.
fn is_document_of(catalog: &Catalog, project: &str, folder: &str) -> bool {
    let below = folder.strip_prefix(project).unwrap_or(folder);
    let below = below.trim_start_matches('/');
    let mut markers = catalog.marker_paths();
    markers.any(|marker| catalog.has_document_at(&join(below, marker)))
}

/// The version that the marker states after the merge; `None` where no side has one.
pub(super) fn outcome_version(
    project: &Project,
    base_path: &str,
    commits: &Commits,
) -> Result<Option<u32>, Failure> {
    let reader = project.repository().reader();
    let catalog = project.catalog();
    let stated = |commit| -> Result<Option<u32>, Failure> {
        let tree = reader.tree_of(commit)?;
        for marker in catalog.marker_paths() {
            let path = join(base_path, marker);
            if let Some(entry) = reader.entry(tree, &path)? {
                let version = catalog.stated_version(&reader.blob(entry.id)?, &path);
                return Ok(Some(
                    version.map_err(|error| Failure::Other(error.to_string()))?,
                ));
            }
        }
        Ok(None)
    };
    let (base, ours, theirs) = (
        stated(commits.base)?,
        stated(commits.ours)?,
        stated(commits.theirs)?,
    );
    Ok(merged(base, ours, theirs))
}

/// The version of a merge: the highest; but a version that one side alone changed is that side's, since Git takes it so.
fn merged(base: Option<u32>, ours: Option<u32>, theirs: Option<u32>) -> Option<u32> {
    if ours == base {
        theirs
    } else if theirs == base {
        ours
    } else {
        ours.max(theirs)
    }
}

/// The version that a merged marker states.
pub(super) fn merged_version(
    catalog: &Catalog,
    path: &str,
    texts: [&[u8]; 3],
) -> Result<u32, Failure> {
    let [base, ours, theirs] = texts;
    let stated = |text: &[u8]| match text {
        // Both sides added it.
        [] => Ok(None),
        text => catalog.stated_version(text, path).map(Some),
    };
    let all = stated(base).and_then(|base| Ok((base, stated(ours)?, stated(theirs)?)));
    let (base, ours, theirs) = all.map_err(|error| Failure::Other(error.to_string()))?;
    merged(base, ours, theirs)
        .or(ours)
        .ok_or_else(|| Failure::Other(format!("{path}: neither side states a version")))
}

/// The folder and the name of a file that is called like a marker.
pub(super) fn of_a_marker<'p, 'c>(
    catalog: &'c Catalog,
    path: &'p str,
) -> Option<(&'p str, &'c str)> {
    let mut markers = catalog.marker_paths();
    markers.find_map(|marker| {
        let folder = path.strip_suffix(marker)?;
        (folder.is_empty() || folder.ends_with('/')).then(|| (folder.trim_end_matches('/'), marker))
    })
}

/// What to do about a marker in which Git's own merge left two versions. One of them can't be taken: documents that only one side
/// has stay as that side's version has them.
pub(in crate::cli) fn versions_apart(
    global: &Global,
    repository: &Repository,
    path: &str,
    [_, ours, theirs]: [Option<ObjectId>; 3],
) -> Result<Option<String>, Failure> {
    let catalog = global.catalog()?;
    let (Some(ours), Some(theirs)) = (ours, theirs) else {
        return Ok(None);
    };
    if of_a_marker(&catalog, path).is_none() {
        return Ok(None);
    }
    let reader = repository.reader();
    let stated = |id| -> Result<Option<u32>, Failure> {
        Ok(catalog.stated_version(&reader.blob(id)?, path).ok())
    };
    let (Some(ours), Some(theirs)) = (stated(ours)?, stated(theirs)?) else {
        return Ok(None);
    };
    let program = global.program_there();
    Ok((ours != theirs).then(|| {
        format!(
            "the sides are at versions {ours} and {theirs}, so their documents have two shapes: `git merge --abort`, then \
             `{program} merge` it, or `{program} merge-driver --install` and merge again"
        )
    }))
}

#[cfg(test)]
mod tests {
    use super::merged;

    #[test]
    fn the_version_of_a_merge_is_the_highest_or_that_of_the_side_that_changed_it() {
        for (base, ours, theirs, expected) in [
            (Some(7), Some(9), Some(12), Some(12)),
            (Some(7), Some(12), Some(9), Some(12)),
            (Some(9), Some(9), Some(12), Some(12)),
            // Downgraded by one side, and by both.
            (Some(12), Some(12), Some(9), Some(9)),
            (Some(12), Some(9), Some(9), Some(9)),
            (Some(12), Some(9), Some(10), Some(10)),
            (None, None, Some(9), Some(9)),
            (None, None, None, None),
        ] {
            assert_eq!(
                merged(base, ours, theirs),
                expected,
                "{base:?} {ours:?} {theirs:?}"
            );
        }
    }
}
