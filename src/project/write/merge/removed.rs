//! What the other side changed in documents that a step removes on the way to the version of the merge.

use crate::catalog::{DocumentName, Step};
use crate::project::error::LoadError;
use crate::project::read::at::At;
use crate::project::read::load::{LoadOptions, load_at};
use crate::project::read::loaded::Loaded;
use crate::project::read::merge_sides::{MergeSides, have_same};
use crate::project::read::removed::removed_by_steps;
use crate::project::read::session::Session;
use crate::project::write::merged_in::RemovedChange;

/// The documents that the other side changed since the commit that both come from, or added, and of which nothing is in the outcome,
/// since a step removes them.
pub(super) fn removed_changes(sides: &MergeSides) -> Result<Vec<RemovedChange>, LoadError> {
    let theirs = sides.theirs();
    let mut removed: Vec<(&DocumentName, &Step)> = removed_by_steps(theirs);
    for base in sides.bases() {
        if removed.is_empty() {
            break;
        }
        let changed = Changed::between(base, theirs)?;
        removed.retain(|(name, _)| changed.has(name));
    }
    let removed = removed.into_iter().filter_map(|(name, step)| {
        let document = theirs.document(name.as_str()).ok()?;
        Some(RemovedChange {
            document: name.clone(),
            path: theirs.repository_path(document)?,
            version: step.version(),
            step: step.name().to_owned(),
        })
    });
    Ok(removed.collect())
}

/// Two commits, and where they are versions apart, what they have at the higher one: a migration is no change.
struct Changed<'l> {
    files: [&'l Loaded; 2],
    at_one_version: Option<[Loaded; 2]>,
}

impl Changed<'_> {
    fn between<'l>(base: &'l Loaded, side: &'l Loaded) -> Result<Changed<'l>, LoadError> {
        let files = [base, side];
        let versions = files.map(|loaded| loaded.version().number());
        let at_one_version = if versions[0] == versions[1] {
            None
        } else {
            let target = versions.into_iter().max();
            Some([again(base, target)?, again(side, target)?])
        };
        Ok(Changed {
            files,
            at_one_version,
        })
    }

    fn has(&self, name: &DocumentName) -> bool {
        let [base, side] = self.files.map(|loaded| loaded.file(name));
        let is_same_file = base.map(|file| file.id) == side.map(|file| file.id);
        let is_same = |both: &[Loaded; 2]| have_same(&both[0], &both[1], name);
        !is_same_file && !self.at_one_version.as_ref().is_some_and(is_same)
    }
}

/// The same commit at another version.
fn again(loaded: &Loaded, target: Option<u32>) -> Result<Loaded, LoadError> {
    let project = loaded.project().at(loaded.base_path());
    let at = At::commit(loaded.tip());
    load_at(
        &project,
        &Session::new(&project),
        at,
        LoadOptions { target },
    )
}
