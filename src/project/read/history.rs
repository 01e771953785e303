//! The commit that a remove brings documents back from, when migrating down.

use super::base::Base;
use super::marker;
use super::newer::with_newer_steps;
use super::session::Session;
use crate::catalog::{Action, BringBack, Catalog};
use crate::git::{EntryKind, ObjectId, Reader, Tip};
use crate::project::error::LoadError;
use crate::project::open::Project;

/// The newest commit that is below a version, along first parents. The search ends at a commit without the folder or without
/// a marker: what lies before it is another project's past. A marker that can't be read is passed over.
pub(crate) fn before(
    reader: &Reader,
    catalog: &Catalog,
    commit: ObjectId,
    base_path: &str,
    version: u32,
) -> Result<Option<(Tip, Base)>, LoadError> {
    let mut last = None;
    for commit in reader.first_parents(commit)? {
        let commit = commit?;
        let tree = reader.tree_of(commit)?;
        let base = match reader.entry(tree, base_path)? {
            Some(entry) if entry.kind == EntryKind::Tree => entry.id,
            None if base_path.is_empty() => tree,
            _ => return Ok(None),
        };
        // Most commits don't touch the folder.
        if last == Some(base) {
            continue;
        }
        last = Some(base);
        match marker::find(reader, catalog, base_path, base)? {
            Ok(Some(marker)) if marker.version < version => {
                let base = Base {
                    path: base_path.to_owned(),
                    tree: Some(base),
                };
                return Ok(Some((Tip { commit, tree }, base)));
            }
            Ok(Some(_)) | Err(_) => {}
            Ok(None) => return Ok(None),
        }
    }
    Ok(None)
}

/// Whether a ref's result may depend on the commits behind its tip: a remove brings documents back from them.
pub(crate) fn matters(project: &Project, session: &Session, target: Option<u32>) -> bool {
    let server = project.catalog().server_version();
    let target = target.unwrap_or(server);
    let brings_back = |catalog: &Catalog| {
        let steps = catalog.steps().iter();
        let above = steps.filter(|step| step.version() > target);
        above
            .filter(|step| matches!(step.action(), Action::Remove))
            .any(|step| matches!(step.reverse().brings_back(), Some(BringBack::History)))
    };
    if brings_back(project.catalog()) {
        return true;
    }
    // Branches above this server are read with newer servers' steps.
    let mut version = server + 1;
    while let Ok(Some(newer)) = with_newer_steps(project, session, version) {
        if brings_back(newer.project.catalog()) {
            return true;
        }
        version = version.max(newer.project.catalog().server_version()) + 1;
    }
    false
}
