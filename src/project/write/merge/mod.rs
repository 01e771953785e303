//! Merging a branch into another: documents value by value, other files as Git does, and a commit with two parents.

mod documents;
mod error;
mod files;
mod model;
mod rename;
mod rows;
mod settle;
mod several;

pub use error::MergeBranchError;
pub use model::{FileConflict, MergeConflict, MergeOptions, MergedRow, Merging};

use documents::{Outcome, merge_documents};
use files::merge_files;
use settle::Settlements;

use super::commit::error::CommitError;
use super::commit::record::StoreEffect;
use super::draft::{Carried, Draft};
use super::merged_in::MergedIn;
use crate::catalog::DocumentName;
use crate::git::EntryKind;
use crate::project::open::Project;
use crate::project::read::load::LoadOptions;
use crate::project::read::loaded::Loaded;
use crate::project::read::merge_side::MergeSide;
use crate::project::read::merge_sides::MergeSides;
use crate::store;

/// Merges a revision into a branch: see [`Project::merge`](crate::project::Project::merge).
pub(crate) fn merge(
    project: &Project,
    branch: &str,
    theirs: &str,
    options: &MergeOptions,
) -> Result<Merging, MergeBranchError> {
    let load = LoadOptions {
        target: options.target,
    };
    let sides = several::sides(project, branch, theirs, load)?;
    let mut bases = sides.bases().map(Loaded::commit);
    let base = bases.next().filter(|_| bases.next().is_none());
    drop(bases);
    if base == Some(sides.theirs().commit()) {
        return Err(MergeBranchError::UpToDate {
            branch: branch.to_owned(),
            theirs: theirs.to_owned(),
        });
    }
    let settlements = Settlements::new(options)?;
    let version = sides.theirs().version().number();
    let is_forward = base == Some(sides.ours().commit()) && version == sides.target();
    if is_forward && !options.always_commit {
        settlements.refuse_unused()?;
        return Ok(Merging::forward(sides, theirs));
    }
    refuse_unadopted(sides.theirs()).map_err(|source| MergeBranchError::Theirs {
        theirs: theirs.to_owned(),
        source: Box::new(source),
    })?;
    let mut documents = merge_documents(&sides, &settlements, options.follow_renames)?;
    if !documents.not_lifted.is_empty() {
        let documents = documents.not_lifted;
        return Err(MergeBranchError::NotLifted { documents });
    }
    documents.conflicts.iter_mut().for_each(several::tell_open);
    let rows = if options.rows {
        rows::rows(&sides, &documents)
    } else {
        Vec::new()
    };
    let files = merge_files(&sides, options.git.as_ref(), &|path| {
        settlements.of_file(path)
    })?;
    settlements.refuse_unused()?;
    if !documents.conflicts.is_empty() || !files.conflicts.is_empty() {
        return Ok(Merging {
            draft: None,
            target: sides.target(),
            conflicts: documents.conflicts,
            file_conflicts: files.conflicts,
            rows,
            changed: Vec::new(),
            is_forward: false,
        });
    }
    let changed = documents.outcomes.iter().map(|(name, _)| name.clone());
    let changed = changed.collect();
    let names = sides.names().into_iter();
    let modes = names.filter_map(|name| Some((name.clone(), mode(&sides, name)?)));
    let modes = modes.collect();
    let merged_in = MergedIn {
        theirs: sides.theirs().commit(),
        named: theirs.to_owned(),
        files: files.files,
        modes,
        is_forward: false,
    };
    let target = sides.target();
    let draft = draft(sides, documents.outcomes, merged_in)?;
    Ok(Merging {
        draft: Some(draft),
        target,
        conflicts: Vec::new(),
        file_conflicts: Vec::new(),
        rows,
        changed,
        is_forward: false,
    })
}

/// Refuses a side that says it is past an import whose rows are still in the store: the base, lifted, has them, so that they would seem
/// to have been removed there.
fn refuse_unadopted(theirs: &Loaded) -> Result<(), CommitError> {
    let project = theirs.project();
    let Some(store) = project.store() else {
        return Ok(());
    };
    let mut read = match store.read(&project.key(theirs.base_path())) {
        Err(store::Error::Absent { .. }) => return Ok(()),
        read => read?,
    };
    let Some(version) = read.version()? else {
        return Ok(());
    };
    let target = theirs.plan().branch_version;
    let effect = StoreEffect::of(theirs, target, &mut *read, version)?;
    effect.refuse_in_no_branch(target)
}

/// The branch with the outcome of the merge.
fn draft(
    sides: MergeSides,
    outcomes: Vec<(DocumentName, Outcome)>,
    merged_in: MergedIn,
) -> Result<Draft, MergeBranchError> {
    let mut crossed: Vec<u32> = Vec::new();
    for loaded in sides.bases().chain([sides.theirs()]) {
        crossed.extend(&loaded.plan().unknown_versions);
    }
    let (base, ours, theirs) = sides.into_parts();
    let mut draft = Draft::of(ours);
    draft.unknown_versions.extend(crossed);
    // What goes makes room for what comes.
    for (name, outcome) in &outcomes {
        if let Outcome::Remove = outcome {
            draft.remove(name.as_str())?;
        }
    }
    for (name, outcome) in outcomes {
        let Outcome::Put { text, from } = outcome else {
            continue;
        };
        let mut carried: Option<Carried> = None;
        for (side, name) in from {
            let loaded = match side {
                MergeSide::Base => &base,
                MergeSide::Ours => &draft.loaded,
                MergeSide::Theirs => &theirs,
            };
            // Which of the texts a default came from can't be told.
            let Ok(document) = loaded.document(name.as_str()) else {
                continue;
            };
            let of_side = Carried::of(loaded, document);
            match &mut carried {
                None => carried = Some(of_side),
                Some(carried) => carried.extend(of_side),
            }
        }
        draft.put_carrying(&name, text, carried)?;
    }
    draft.merged_in = Some(merged_in);
    Ok(draft)
}

/// What theirs alone made of a document's file: one that may be run, or one that may not.
fn mode(sides: &MergeSides, name: &DocumentName) -> Option<EntryKind> {
    let mode = |loaded: &Loaded| Some(loaded.file(name)?.kind);
    let (ours, theirs) = (mode(sides.ours()), mode(sides.theirs())?);
    let is_file = matches!(theirs, EntryKind::Blob | EntryKind::Executable);
    let is_theirs = sides
        .bases()
        .map(mode)
        .all(|base| base != Some(theirs) && (ours.is_none() || ours == base));
    (is_file && is_theirs).then_some(theirs)
}
