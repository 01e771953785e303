//! The base path at which a project was found, for the commands of hints that are about the store: those don't look for it.

use std::collections::BTreeSet;

use crate::project::LoadError;

use super::global::Global;
use super::invocation::Invocation;

/// The base path of the one project that the command was about, where it is another than the one that a command about the store
/// takes by itself.
pub(super) fn found_base_path(global: &Global, called: &Invocation) -> Option<String> {
    let is_named = global.base_path.is_some() || global.project.is_some();
    if is_named || called.name.starts_with(" store") {
        return None;
    }
    let project = global.open().ok()?;
    let named = [called.revision.as_deref(), called.from.as_deref()];
    let mut named = named.into_iter().flatten().chain(["HEAD"]);
    let mut found = named.find_map(|revision| {
        let mut found = BTreeSet::new();
        let revision = global.revision(&project, revision);
        let read = project.status().revision(revision, |status| {
            found.insert(status.base_path.to_owned());
            Ok::<(), LoadError>(())
        });
        read.is_ok().then_some(found)
    })?;
    let only = found.pop_first().filter(|_| found.is_empty());
    only.filter(|path| path != project.catalog().base_path())
}
