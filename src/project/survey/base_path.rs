//! Whether the chosen base path is one that anybody has.

use std::collections::{BTreeSet, HashSet};

use crate::git::RefScope;
use crate::project::error::LoadError;
use crate::project::open::Project;
#[cfg(feature = "cli")]
use crate::project::read::elsewhere::projects_anywhere;
use crate::project::read::layout::{Layout, projects_below};
use crate::store;

/// Refuses a chosen base path at which no ref has a project: see
/// [`Project::check_base_path`](crate::project::Project::check_base_path).
pub(crate) fn check_base_path(project: &Project) -> Result<(), LoadError> {
    let catalog = project.catalog();
    let Some(chosen) = project
        .base_path()
        .filter(|path| *path != catalog.base_path())
    else {
        return Ok(());
    };
    let reader = project.repository().reader();
    let mut folders = HashSet::new();
    let mut base_paths = BTreeSet::new();
    let mut is_there = false;
    let mut is_empty = true;
    reader.for_each_tip(RefScope::All, |_, tip| -> Result<(), LoadError> {
        let Ok(tip) = tip else { return Ok(()) };
        is_empty = false;
        for path in [chosen, catalog.base_path()] {
            if is_there {
                break;
            }
            let Some(folder) = reader.folder(tip.tree, path)? else {
                continue;
            };
            if !folders.insert((path, folder)) {
                continue;
            }
            if path == chosen {
                // One that can't be read, or has documents without a marker, is there as well.
                let layout = Layout::read(&reader, catalog, path, Some(folder));
                is_there = layout.map_or(true, |layout| layout.marker.is_some());
            } else {
                let found = projects_below(&reader, catalog, path, folder)?;
                base_paths.extend(found.into_iter().map(|project| project.base_path));
            }
        }
        Ok(())
    })?;
    if is_there || is_empty || is_to_begin(project, chosen)? {
        return Ok(());
    }
    Err(LoadError::NoProjectAt {
        base_path: chosen.to_owned(),
        base_paths: base_paths.into_iter().collect(),
    })
}

/// Refuses a base path at which no ref has a project, chosen or not, while `HEAD` has one elsewhere.
#[cfg(feature = "cli")]
pub(crate) fn expect_project(project: &Project) -> Result<(), LoadError> {
    if project.base_path().is_some() {
        return check_base_path(project);
    }
    let (catalog, repository) = (project.catalog(), project.repository());
    let path = catalog.base_path();
    let reader = repository.reader();
    let mut folders = HashSet::new();
    let mut is_there = false;
    reader.for_each_tip(RefScope::All, |_, tip| -> Result<(), LoadError> {
        let Some(tip) = tip.ok().filter(|_| !is_there) else {
            return Ok(());
        };
        // What can't be read may be one.
        is_there = match reader.folder(tip.tree, path) {
            Ok(Some(folder)) if folders.insert(folder) => {
                let found = projects_below(&reader, catalog, path, folder);
                found.map_or(true, |found| !found.is_empty())
            }
            Ok(_) => false,
            Err(_) => true,
        };
        Ok(())
    })?;
    let Some(head) = repository.resolve("HEAD").ok().filter(|_| !is_there) else {
        return Ok(());
    };
    let elsewhere = projects_anywhere(project, &reader, reader.tree_of(head)?);
    if elsewhere.is_empty() {
        return Ok(());
    }
    Err(LoadError::NoProjectAt {
        base_path: path.to_owned(),
        base_paths: elsewhere.to_vec(),
    })
}

/// Whether the store was told of the project, which was never persisted.
fn is_to_begin(project: &Project, base_path: &str) -> Result<bool, LoadError> {
    let Some(store) = project.store() else {
        return Ok(false);
    };
    match store.read(&project.key(base_path)) {
        Ok(mut read) => Ok(read.version()? == Some(0)),
        Err(store::Error::Absent { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
