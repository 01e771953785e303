//! Documents that a remove brings back on the way down: as the branch last held them, or from the step's own text.

use std::sync::Arc;

use super::document::{Content, DocumentOutcome, MigratedDocument, Warning};
use super::loaded::{At, LoadOptions, Loaded};
use super::marker;
use super::memory::Base;
use super::{LoadError, Project};
use crate::catalog::{Action, BringBack, Catalog};
use crate::git::{EntryKind, ObjectId, Reader, Tip};
use crate::migrate::{MigrationError, MigrationErrorKind};
use crate::plan::{Plan, PlannedReturn, Source};

/// What a remove brings back, by kind.
pub(super) struct Returned {
    pub(super) planned: PlannedReturn,
    pub(super) from: From,
}

/// From where.
pub(super) enum From {
    /// A commit of the branch from before the remove, brought to the target.
    History(Arc<Loaded>),
    /// The step's text, in the shape just below the remove.
    Step(Arc<str>),
    /// The branch's history has no such commit.
    Nowhere,
}

/// Finds what a plan's removes bring back.
///
/// # Errors
/// Where Git can't be read, or the commit that was found can't be loaded.
pub(super) fn find(
    project: &Project,
    reader: &Reader,
    at: &At,
    base_path: &str,
    plan: &Plan,
) -> Result<Vec<Returned>, LoadError> {
    let mut found = Vec::new();
    for planned in &plan.returns {
        let step = &project.catalog().steps()[planned.step];
        let from = match (step.reverse().brings_back(), at.commit) {
            (Some(BringBack::Content(text)), _) => From::Step(text.clone()),
            (Some(BringBack::History), Some((commit, _))) => {
                match before(project, reader, commit, base_path, planned.version)? {
                    Some((tip, base)) => {
                        From::History(load(project, reader, tip, &base, plan, planned)?)
                    }
                    None => From::Nowhere,
                }
            }
            _ => From::Nowhere,
        };
        let planned = planned.clone();
        found.push(Returned { planned, from });
    }
    Ok(found)
}

/// Whether any ref may be loaded with a remove that brings documents back from history.
pub(super) fn history_matters(project: &Project, options: LoadOptions) -> bool {
    let server = project.catalog().server_version();
    let target = options.target.unwrap_or(server);
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
    while let Ok(Some(newer)) = project.with_newer_steps(version) {
        if brings_back(newer.project.catalog()) {
            return true;
        }
        version = version.max(newer.project.catalog().server_version()) + 1;
    }
    false
}

/// What comes back may cross versions of which nobody knows what they do, on its own way to the target.
pub(super) fn cross_unknown_versions(returned: &[Returned], plan: &mut Plan) {
    for returned in returned {
        let From::History(past) = &returned.from else {
            continue;
        };
        for version in &past.plan().unknown_versions {
            if !plan.unknown_versions.contains(version) {
                plan.unknown_versions.push(*version);
            }
        }
    }
}

/// What a reader should know of it.
pub(super) fn warnings(returned: &[Returned]) -> impl Iterator<Item = Warning> {
    let nowhere = returned
        .iter()
        .filter(|returned| matches!(returned.from, From::Nowhere));
    nowhere.map(|returned| Warning::NothingToBringBack {
        kind: returned.planned.kind.clone(),
        version: returned.planned.version,
    })
}

/// The newest commit on the branch's own way that is below a version. A commit without the folder or a marker ends the
/// way: what lies behind it is another project's past. One with a marker that can't be read is passed over.
fn before(
    project: &Project,
    reader: &Reader,
    commit: ObjectId,
    base_path: &str,
    version: u32,
) -> Result<Option<(Tip, Base)>, LoadError> {
    let mut seen = None;
    for commit in reader.first_parents(commit)? {
        let commit = commit?;
        let tree = reader.tree_of(commit)?;
        let base = match reader.entry(tree, base_path)? {
            Some(entry) if entry.kind == EntryKind::Tree => entry.id,
            None if base_path.is_empty() => tree,
            _ => return Ok(None),
        };
        // Most commits are about something else.
        if seen == Some(base) {
            continue;
        }
        seen = Some(base);
        match marker::find(reader, project.catalog(), base_path, base)? {
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

fn load(
    project: &Project,
    reader: &Reader,
    tip: Tip,
    base: &Base,
    plan: &Plan,
    planned: &PlannedReturn,
) -> Result<Arc<Loaded>, LoadError> {
    let commit = tip.commit;
    let options = LoadOptions {
        target: Some(plan.target),
    };
    let loaded = Loaded::at_base(project, reader, At::of(Some(tip)), base, options);
    let loaded = loaded.map_err(|error| LoadError::NotBroughtBack {
        kind: planned.kind.clone(),
        version: planned.version,
        commit: commit.to_string(),
        reason: error.to_string(),
    })?;
    Ok(Arc::new(loaded))
}

/// What became of a document in the commit that held it last.
pub(super) fn take_over(
    past: &Loaded,
    document: &mut MigratedDocument,
) -> Result<DocumentOutcome, Arc<MigrationError>> {
    let missing = |reason: String| {
        Arc::new(MigrationError::before_any_step(MigrationErrorKind::Read(
            reason,
        )))
    };
    let then = past.document(&document.name);
    let then = then.map_err(|error| missing(error.to_string()))?;
    if let DocumentOutcome::Failed(error) = &then.outcome {
        return Err(error.clone());
    }
    document.losses = then.losses.clone();
    document.set_aside = then.set_aside.clone();
    let bytes = past.content(then);
    let bytes = bytes.map_err(|error| missing(error.to_string()))?;
    let text = bytes.map(String::from_utf8).transpose();
    let text = text.map_err(|_| missing("it is not UTF-8".to_owned()))?;
    let text = text.ok_or_else(|| missing("a step removes it on the way".to_owned()))?;
    document.content = Content::Text(text.into());
    Ok(DocumentOutcome::BroughtBack {
        source: Source::History,
    })
}
