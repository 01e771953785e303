//! Merging a branch into another: documents value by value, other files as Git does, and a commit with two parents.

mod documents;
mod error;
mod files;
mod in_the_way;
mod left_out;
mod lost;
mod model;
mod projects;
mod removed;
mod rename;
mod rows;
mod settle;
mod several;

pub use error::MergeBranchError;
pub use model::{
    FileConflict, MergeConflict, MergeOptions, MergedBeside, MergedRow, Merging, NotRaised,
};

use documents::{MergedDocuments, Outcome, merge_documents};
use files::merge_files;
use projects::{Moved, Projects, Raising, to_raise};
use removed::removed_changes;
use settle::Settlements;

use super::commit::compute::branch_of;
use super::commit::error::CommitError;
use super::commit::record::StoreEffect;
use super::draft::{Carried, Draft};
use super::merged_in::{MergedIn, OtherFile};
use crate::catalog::DocumentName;
use crate::git::{EntryKind, ObjectId};
use crate::plan::PlanError;
use crate::project::error::LoadError;
use crate::project::open::Project;
use crate::project::read::load::LoadOptions;
use crate::project::read::loaded::Loaded;
use crate::project::read::merge_side::MergeSide;
use crate::project::read::merge_sides::MergeSides;
use crate::project::read::merge_sides_error::MergeSidesError;
use crate::store;

/// Merges a revision into a branch: see [`Project::merge`](crate::project::Project::merge).
pub(crate) fn merge(
    project: &Project,
    branch: &str,
    theirs: &str,
    options: &MergeOptions,
) -> Result<Merging, MergeBranchError> {
    let merging = merge_sides(project, branch, theirs, options);
    merging.map_err(|error| left_out::told_together(project, branch, theirs, error))
}

fn merge_sides(
    project: &Project,
    branch: &str,
    theirs: &str,
    options: &MergeOptions,
) -> Result<Merging, MergeBranchError> {
    let load = LoadOptions {
        target: options.target,
    };
    let server = project.catalog().server_version();
    if let Some(target) = options.target.filter(|target| *target > server) {
        let error = PlanError::TargetAboveServer { target, server };
        return Err(LoadError::from(error).into());
    }
    let projects = Projects::find(project, branch, theirs)?;
    let moved = projects.moved(project)?;
    // Who may write to one project alone takes nothing from another folder.
    let followed = moved.as_ref().filter(|moved| {
        let chosen = project.base_path();
        moved.by == MergeSide::Ours
            && !options.only_this_project
            && chosen.is_none_or(|chosen| chosen == moved.to)
    });
    let may_be_forward = options.target.is_none() && !options.always_commit;
    let first = match (&moved, followed) {
        (_, Some(moved)) => project.at(&moved.to),
        // What moves forward needn't be followed.
        (Some(moved), None)
            if moved.by == MergeSide::Theirs
                && may_be_forward
                && project.base_path().is_none()
                && projects.is_forward(project)? =>
        {
            project.at(&moved.to)
        }
        _ => projects.first(project),
    };
    let elsewhere = followed.map(|moved| &*moved.from);
    let tell_moved = |error| tell_moved(error, branch, theirs, moved.as_ref());
    let sides = several::sides(&first, branch, theirs, elsewhere, load).map_err(tell_moved)?;
    branch_of(sides.ours()).map_err(|error| MergeBranchError::NotABranch(Box::new(error)))?;
    let commits = [sides.ours().commit(), sides.theirs().commit()];
    let mut projects = projects.again(project, commits)?;
    if let Some(path) = elsewhere {
        projects = projects.without(path);
    }
    let mut bases = sides.bases().map(Loaded::commit);
    let base = bases.next().filter(|_| bases.next().is_none());
    drop(bases);
    if base == Some(sides.theirs().commit()) {
        return Err(MergeBranchError::UpToDate {
            branch: branch.to_owned(),
            theirs: theirs.to_owned(),
        });
    }
    let base_path = sides.ours().base_path().to_owned();
    let mut others: Vec<String> = projects.changed_beside(&base_path).cloned().collect();
    if options.only_this_project && !others.is_empty() {
        return Err(MergeBranchError::OtherProjects {
            theirs: theirs.to_owned(),
            base_paths: others,
        });
    }
    let settlements = Settlements::new(options, project.base_path())?;
    let mut to_merge: Vec<&String> = projects.merged_beside(&base_path).collect();
    let Raising { raised, not_raised } = match options.target {
        Some(target) if !options.only_this_project => {
            let merged = to_merge.iter().map(|path| path.as_str());
            let merged: Vec<&str> = merged.chain([&*base_path]).chain(elsewhere).collect();
            to_raise(project, commits, &merged, target)?
        }
        _ => Raising::default(),
    };
    to_merge.extend(&raised);
    others.retain(|path| !to_merge.contains(&path));
    let taken = projects.taken_beside(&base_path);
    let taken = taken.filter(|path| !raised.contains(path));
    let taken = taken_beside(project, taken, theirs, commits)?;
    let version = sides.theirs().version().number();
    let is_forward =
        base == Some(sides.ours().commit()) && version == sides.target() && raised.is_empty();
    if is_forward && !options.always_commit {
        settlements.refuse_unused(Vec::new)?;
        refuse_unadopted(sides.theirs(), theirs)?;
        let mut merging = Merging::forward(sides, theirs).taking(taken);
        merging.is_one_of_several = projects.is_any_of_several();
        return Ok(merging);
    }
    let mut beside = Vec::new();
    for base_path in to_merge {
        let [ours, theirs] = commits.map(|commit| commit.to_string());
        let sides = several::sides(&project.beside(base_path), &ours, &theirs, None, load);
        let sides = sides.map_err(tell_moved);
        beside.push(sides.map_err(|error| error.in_project(base_path))?);
    }
    let documents = merge_project(&sides, [branch, theirs], &settlements, options)?;
    let of_beside = beside.iter().map(|sides| {
        let merged = merge_project(sides, [branch, theirs], &settlements, options);
        merged.map_err(|error| error.in_project(sides.ours().base_path()))
    });
    let of_beside = of_beside.collect::<Result<Vec<_>, _>>()?;
    let files = merge_files(&sides, &beside, options.git.as_ref(), &|path| {
        settlements.of_file(path)
    })?;
    let of_all = || std::iter::once(&documents).chain(&of_beside);
    settlements.refuse_unused(|| {
        let is_one_of_several = projects.is_any_of_several() || !of_beside.is_empty();
        let of_documents = of_all().flat_map(|merged| &merged.conflicts);
        let of_documents = of_documents.map(|conflict| {
            let address = if is_one_of_several {
                conflict.address_in_repository()
            } else {
                conflict.address()
            };
            address.to_string()
        });
        let of_files = files.conflicts.iter().map(|conflict| conflict.path.clone());
        of_documents.chain(of_files).collect()
    })?;
    let rows = if options.rows {
        let all = std::iter::once(&sides).chain(&beside).zip(of_all());
        all.flat_map(|(sides, merged)| rows::rows(sides, merged))
            .collect()
    } else {
        Vec::new()
    };
    let conflicts = of_all().flat_map(|merged| merged.conflicts.iter().cloned());
    let conflicts: Vec<MergeConflict> = conflicts.collect();
    let mut merging = Merging {
        draft: None,
        target: sides.target(),
        conflicts,
        file_conflicts: files.conflicts,
        rows,
        changed: Vec::new(),
        is_forward: false,
        base_path,
        is_one_of_several: projects.is_any_of_several(),
        beside: Vec::new(),
        taken: others,
        not_raised,
    };
    if merging.has_conflicts() {
        return Ok(merging);
    }
    merging.changed = documents.names();
    let mut draft = draft(sides, documents.outcomes, theirs, files.files)?;
    for (sides, merged) in beside.into_iter().zip(of_beside) {
        let base_path = sides.ours().base_path().to_owned();
        merging.beside.push(MergedBeside {
            base_path: base_path.clone(),
            target: sides.target(),
            changed: merged.names(),
        });
        let of_project = self::draft(sides, merged.outcomes, theirs, Vec::new());
        let of_project = of_project.map_err(|error| error.in_project(&base_path))?;
        draft.beside.push(of_project);
    }
    merging.draft = Some(draft);
    Ok(merging.taking(taken))
}

/// Says of a project that one side has no more where it is now, and which side that is, as they were called.
fn tell_moved(
    mut error: MergeBranchError,
    branch: &str,
    theirs: &str,
    moved: Option<&Moved>,
) -> MergeBranchError {
    if let MergeBranchError::Sides(MergeSidesError::ProjectGone {
        side,
        revision,
        other,
        base_path,
        moved_to,
    }) = &mut error
    {
        let (called, other_called) = match side {
            MergeSide::Theirs => (theirs, branch),
            _ => (branch, theirs),
        };
        *revision = called.to_owned();
        *other = other_called.to_owned();
        let here = moved.filter(|moved| moved.by == *side && moved.from == *base_path);
        *moved_to = here.map(|moved| moved.to.clone());
    }
    error
}

/// What becomes of the documents of one project.
fn merge_project(
    sides: &MergeSides,
    [ours, theirs]: [&str; 2],
    settlements: &Settlements<'_>,
    options: &MergeOptions,
) -> Result<MergedDocuments, MergeBranchError> {
    refuse_unadopted(sides.theirs(), theirs)?;
    let mut documents = merge_documents(sides, settlements, options.follow_renames)?;
    if !documents.not_lifted.is_empty() {
        return Err(MergeBranchError::NotLifted {
            documents: documents.not_lifted,
            ours: ours.to_owned(),
            theirs: theirs.to_owned(),
        });
    }
    documents.conflicts.iter_mut().for_each(several::tell_open);
    Ok(documents)
}

/// The other projects that only theirs changed, and that the store knows: it follows, as after a move forward.
fn taken_beside<'p>(
    project: &Project,
    base_paths: impl Iterator<Item = &'p String>,
    theirs: &str,
    [_, commit]: [ObjectId; 2],
) -> Result<Vec<Draft>, MergeBranchError> {
    let mut taken = Vec::new();
    for base_path in base_paths {
        let loaded = load_known(&project.beside(base_path), base_path, commit);
        let loaded = loaded.map_err(|error| MergeBranchError::from(error).in_project(base_path))?;
        taken.extend(loaded.map(|loaded| Draft {
            merged_in: Some(MergedIn::forward(commit, theirs)),
            ..Draft::of(loaded)
        }));
    }
    Ok(taken)
}

/// A project at its own version in a commit; `None` where there is no store that knows it.
fn load_known(
    project: &Project,
    base_path: &str,
    commit: ObjectId,
) -> Result<Option<Loaded>, LoadError> {
    let Some(store) = project.store() else {
        return Ok(None);
    };
    match store.read(&project.key(base_path)) {
        Err(store::Error::Absent { .. }) => return Ok(None),
        read => {
            if read?.version()?.is_none() {
                return Ok(None);
            }
        }
    }
    let commit = commit.to_string();
    let version = project.load_migrated(&commit)?.version().number();
    let target = Some(version);
    project.load(&commit, LoadOptions { target }).map(Some)
}

/// Refuses a side that says it is past an import whose rows are still in the store: the base, lifted, has them, so that they would seem
/// to have been removed there.
fn refuse_unadopted(theirs: &Loaded, named: &str) -> Result<(), MergeBranchError> {
    let refused = unadopted(theirs);
    refused.map_err(|source| MergeBranchError::Theirs {
        theirs: named.to_owned(),
        source: Box::new(source),
    })
}

fn unadopted(theirs: &Loaded) -> Result<(), CommitError> {
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
    named: &str,
    files: Vec<OtherFile>,
) -> Result<Draft, MergeBranchError> {
    let untouched = sides.untouched();
    let names = sides.names().into_iter();
    let names = names.filter(|name| !untouched.contains(name));
    let modes = names.filter_map(|name| Some((name.clone(), mode(&sides, name)?)));
    let modes = modes.collect();
    let merged_in = MergedIn {
        theirs: sides.theirs().commit(),
        named: named.to_owned(),
        files,
        is_forward: false,
        untouched: untouched.iter().copied().cloned().collect(),
        removed_changes: removed_changes(&sides)?,
    };
    let mut crossed: Vec<u32> = Vec::new();
    for loaded in sides.bases().chain([sides.theirs()]) {
        crossed.extend(&loaded.plan().unknown_versions);
    }
    let (base, ours, theirs) = sides.into_parts();
    let mut draft = Draft::of(ours);
    draft.modes = modes;
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
