//! The base path at which a project was found, for the commands of hints that are about the store: those don't look for it.

use std::collections::BTreeSet;

use crate::project::{LoadError, Project};

use super::global::Global;
use super::invocation::Invocation;

/// More projects than these aren't told.
const MOST_STRAYS: usize = 5;

/// The base path of the one project that the command was about, where it is another than the one that a command about the store
/// takes by itself.
pub(super) fn found_base_path(global: &Global, called: &Invocation) -> Option<String> {
    let is_named = global.base_path.is_some() || global.project.is_some();
    if is_named || called.name.starts_with("store") {
        return None;
    }
    let project = global.open().ok()?;
    let mut found = base_paths(global, &project, called)?;
    let only = found.pop_first().filter(|_| found.is_empty());
    only.filter(|path| path != project.catalog().base_path())
}

/// The projects that the store knows by names that no folder has: what was moved keeps its name there. None where they are many, and
/// of a store that other repositories may share.
pub(super) fn strays(global: &Global, called: &Invocation) -> Vec<String> {
    if global.shares_store() {
        return Vec::new();
    }
    let found = || {
        let project = global.open().ok()?;
        let base_paths = base_paths(global, &project, called)?;
        let known = project.store()?.projects().ok()?;
        let known = known.into_iter().map(|known| known.project);
        let strays = known.filter(|key| *key == global.key_of(&key.name));
        let strays = strays.map(|key| key.name);
        Some(strays.filter(|name| !base_paths.contains(name)).collect())
    };
    let strays: Vec<String> = found().unwrap_or_default();
    if strays.len() > MOST_STRAYS {
        return Vec::new();
    }
    strays
}

/// The base paths of what the command was about.
fn base_paths(global: &Global, project: &Project, called: &Invocation) -> Option<BTreeSet<String>> {
    let named = [called.revision.as_deref(), called.from.as_deref()];
    let mut named = named.into_iter().flatten().chain(["HEAD"]);
    named.find_map(|revision| {
        let mut found = BTreeSet::new();
        let revision = global.revision(project, revision);
        let read = project.status().revision(revision, |status| {
            found.insert(status.base_path.to_owned());
            Ok::<(), LoadError>(())
        });
        read.is_ok().then_some(found)
    })
}
