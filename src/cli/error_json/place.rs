//! Where an error is, as far as it says so.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::catalog::{DocumentName, MarkerError, Problem};
use crate::git;
use crate::migrate::MigrationError;
use crate::project::{
    CommitError, DoubledDocument, DoubledIn, DraftError, FailedDocument, LiftFailure, LoadError,
    MergeBranchError, MergeSide, MergeSidesError, NotLifted, ReadError,
};
use crate::query::QueryError;
use crate::references::ThingPlace;
use crate::text::folder;
use crate::values::TakeError;

use crate::cli::failure::{Failure, Refusal, Unread};

/// A place. What isn't known, or doesn't apply, is left out.
#[derive(Debug, Default, Serialize)]
pub(super) struct Place {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) r#ref: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) document: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) step: Option<StepPlace>,
    /// Whether no ref has it, as a file at hand.
    #[serde(skip)]
    is_at_hand: bool,
}

/// A step, with the line that says so.
#[derive(Debug, Serialize)]
pub(super) struct StepPlace {
    version: u32,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
}

impl Place {
    fn file(path: impl Into<String>) -> Place {
        Place {
            file: Some(path.into()),
            ..Place::default()
        }
    }

    fn at(self, position: Option<(usize, usize)>) -> Place {
        let (line, column) = position.unzip();
        Place {
            line,
            column,
            ..self
        }
    }

    fn in_ref(self, revision: Option<&str>) -> Place {
        Place {
            r#ref: revision.map(str::to_owned),
            ..self
        }
    }

    fn document(name: impl ToString) -> Place {
        Place {
            document: Some(name.to_string()),
            ..Place::default()
        }
    }
}

/// The places that an error is about. The ref is the one that was asked for.
pub(super) fn places(failure: &Failure, revision: Option<&str>) -> Vec<Place> {
    let (of_ref, places) = match failure {
        Failure::Load(error) => (true, of_load(error)),
        Failure::Plan(_) => (true, Vec::new()),
        Failure::Commit(error) => (true, of_commit(error.cause())),
        Failure::Merge(error) => (true, of_merge(error)),
        Failure::Unread(unread) => (true, vec![of_unread(unread)]),
        Failure::Refused(Refusal::NothingToRestore, _) => (true, Vec::new()),
        Failure::Find {
            document, revision, ..
        } => {
            let place = Place::document(document).in_ref(revision.as_deref());
            (false, vec![place])
        }
        Failure::NoDocument { name, .. } => {
            (name.is_none(), name.iter().map(Place::document).collect())
        }
        Failure::NotExportable {
            revision,
            documents,
            ..
        } => {
            let places = documents.iter().map(Place::document);
            let places = places.map(|place| place.in_ref(Some(revision)));
            (false, places.collect())
        }
        Failure::FleetOutput { path, line, .. } => {
            let place = Place::file(path);
            let line = Some(*line);
            (false, vec![Place { line, ..place }])
        }
        // The store has no refs.
        Failure::Missing {
            document: Some(document),
            ..
        } => (false, vec![Place::document(document)]),
        Failure::NeverRead { document, .. } => (false, vec![Place::document(document)]),
        Failure::Query(error) => (false, of_query(error)),
        Failure::Catalog(error) => (false, error.problems.iter().map(of_problem).collect()),
        Failure::Settings(problem) => (false, vec![of_problem(problem)]),
        Failure::File { path, .. } => (false, vec![Place::file(path)]),
        Failure::Ocl { path, error } => {
            let position = Some((error.line(), error.column()));
            (false, vec![Place::file(path).at(position)])
        }
        Failure::Answers { path, position, .. } => (false, vec![Place::file(path).at(*position)]),
        _ => (false, Vec::new()),
    };
    let revision = not_a_revision(failure).or(revision.filter(|_| of_ref));
    let Some(revision) = revision else {
        return places;
    };
    let named = |place: Place| {
        let of_ref = (!place.is_at_hand).then(|| revision.to_owned());
        Place {
            r#ref: place.r#ref.clone().or(of_ref),
            ..place
        }
    };
    if places.is_empty() {
        vec![named(Place::default())]
    } else {
        places.into_iter().map(named).collect()
    }
}

/// What was named as a revision and isn't one: not always the branch that the command is about.
fn not_a_revision(failure: &Failure) -> Option<&str> {
    let error = match failure {
        Failure::Load(LoadError::Git(error)) => error,
        Failure::Commit(error) => match error.cause() {
            CommitError::Git(error)
            | CommitError::Load(LoadError::Git(error))
            | CommitError::Draft(DraftError::Load(LoadError::Git(error))) => error,
            _ => return None,
        },
        _ => return None,
    };
    match error {
        git::Error::RevisionNotFound { revision, .. }
        | git::Error::InvalidRevision { revision, .. } => Some(revision),
        git::Error::Ambiguous { prefix, .. } => Some(prefix),
        _ => None,
    }
}

fn of_problem(problem: &Problem) -> Place {
    let position = Some((problem.line, problem.column)).filter(|(line, _)| *line > 0);
    Place::file(&problem.file).at(position)
}

fn of_load(error: &LoadError) -> Vec<Place> {
    match error {
        LoadError::Marker(MarkerError {
            path,
            also_at,
            position,
            ..
        }) => {
            let first = Place::file(path).at(*position);
            [first]
                .into_iter()
                .chain(also_at.iter().map(Place::file))
                .collect()
        }
        LoadError::DocumentsWithoutMarker { marker, .. } => vec![Place::file(marker)],
        LoadError::LeftOut { paths, .. } => paths.iter().map(Place::file).collect(),
        LoadError::NotAFolder { base_path, .. } => vec![Place::file(base_path)],
        LoadError::NoSuchDocument { name, .. } => vec![Place::document(name)],
        _ => Vec::new(),
    }
}

fn of_commit(error: &CommitError) -> Vec<Place> {
    match error {
        CommitError::Load(error) => of_load(error),
        CommitError::Draft(error) => of_draft(error),
        CommitError::InProject { source, .. } => of_commit(source),
        CommitError::FailedDocuments { documents } => documents.iter().map(of_failed).collect(),
        CommitError::DoubledNames { documents } => documents.iter().map(of_doubled).collect(),
        CommitError::MissingLookups { lookups } => {
            let documents = lookups.iter().flat_map(|lookup| &lookup.documents);
            let documents: BTreeSet<&DocumentName> = documents.collect();
            documents.into_iter().map(Place::document).collect()
        }
        CommitError::ProjectElsewhere { base_paths, .. } => base_paths
            .iter()
            .map(|path| Place::file(folder(path)))
            .collect(),
        CommitError::StoreBehind { rows, .. } => rows.iter().map(Place::document).collect(),
        _ => Vec::new(),
    }
}

fn of_failed(
    FailedDocument {
        name, path, error, ..
    }: &FailedDocument,
) -> Place {
    of_migration(name, path.clone(), error)
}

fn of_unread(unread: &Unread) -> Place {
    let path = unread.path.clone();
    let place = match &unread.error {
        ReadError::Failed(name, error) => of_migration(name, path, error),
        ReadError::Removed(name) | ReadError::LeftOut { name, .. } | ReadError::Shape(name, _) => {
            Place {
                file: path,
                ..Place::document(name)
            }
        }
        ReadError::Load(_) => Place::default(),
    };
    place.in_ref(unread.revision.as_deref())
}

/// In the SQL itself.
fn of_query(error: &QueryError) -> Vec<Place> {
    let position = error.position();
    let place = position.map(|position| Place::default().at(Some(position)));
    place.into_iter().collect()
}

fn of_merge(error: &MergeBranchError) -> Vec<Place> {
    match error {
        MergeBranchError::Sides(error) => of_sides(error),
        MergeBranchError::NotLifted {
            documents,
            ours,
            theirs,
        } => {
            let of_document = |document: &NotLifted| -> Vec<Place> {
                let failures = document.failures.iter();
                let place = |(side, failure): &(MergeSide, LiftFailure)| Place {
                    r#ref: match side {
                        MergeSide::Base => None,
                        MergeSide::Ours => Some(ours.clone()),
                        MergeSide::Theirs => Some(theirs.clone()),
                    },
                    // The commit that both come from has no name.
                    is_at_hand: *side == MergeSide::Base,
                    ..of_failure(&document.name, &failure.path, failure.error.as_deref())
                };
                failures.map(place).collect()
            };
            documents.iter().flat_map(of_document).collect()
        }
        MergeBranchError::Document { name, .. } => vec![Place::document(name)],
        MergeBranchError::Theirs { theirs, source } => in_ref(theirs, of_commit(source.cause())),
        MergeBranchError::InProject { base_path, source } => match of_merge(source) {
            places if places.is_empty() => vec![Place::file(base_path)],
            places => places,
        },
        MergeBranchError::NoGitProgram { paths } => paths.iter().map(Place::file).collect(),
        MergeBranchError::NotUtf8 { path } => vec![Place::file(path)],
        _ => Vec::new(),
    }
}

fn of_sides(error: &MergeSidesError) -> Vec<Place> {
    match error {
        MergeSidesError::Load {
            revision, source, ..
        } => in_ref(revision, of_load(source)),
        MergeSidesError::Below { revision, .. } => in_ref(revision, Vec::new()),
        MergeSidesError::ProjectGone {
            revision,
            base_path,
            ..
        } => in_ref(revision, vec![Place::file(base_path)]),
        _ => Vec::new(),
    }
}

/// Places in a ref, or the ref alone.
fn in_ref(revision: &str, mut places: Vec<Place>) -> Vec<Place> {
    if places.is_empty() {
        places.push(Place::default());
    }
    let places = places.into_iter();
    places.map(|place| place.in_ref(Some(revision))).collect()
}

/// A document with its path, and where in it a migration failed, as far as it is known.
fn of_failure(name: &DocumentName, path: &Option<String>, error: Option<&MigrationError>) -> Place {
    match error {
        Some(error) => of_migration(name, path.clone(), error),
        None => Place {
            file: path.clone(),
            ..Place::document(name)
        },
    }
}

fn of_migration(name: &DocumentName, path: Option<String>, error: &MigrationError) -> Place {
    let step = error.step.as_ref().map(|step| StepPlace {
        version: step.version,
        name: step.name.clone(),
        place: step.place.clone(),
    });
    Place {
        file: path,
        step,
        ..Place::document(name).at(error.position())
    }
}

fn of_doubled(doubled: &DoubledDocument) -> Place {
    let first = doubled.name.positions.first();
    Place {
        file: Some(doubled.path.clone()),
        r#ref: match doubled.held_by {
            DoubledIn::Commit(commit) => Some(commit.to_string()),
            DoubledIn::Branch | DoubledIn::Put => None,
        },
        is_at_hand: doubled.held_by == DoubledIn::Put,
        ..Place::document(&doubled.document).at(first.map(|place| (place.line, place.column)))
    }
}

fn of_draft(error: &DraftError) -> Vec<Place> {
    match error {
        DraftError::Load(error) => of_load(error),
        DraftError::LoadFrom { revision, source } => in_ref(revision, of_load(source)),
        DraftError::NoProject { revision, .. } => in_ref(revision, vec![Place::default()]),
        DraftError::InvalidOcl { name, path, error } => {
            let file = Place {
                document: Some(name.to_string()),
                is_at_hand: true,
                ..Place::file(path)
            };
            vec![file.at(Some((error.line(), error.column())))]
        }
        DraftError::NothingToEdit {
            name, path, failed, ..
        } => vec![of_failure(name, path, failed.as_deref())],
        DraftError::NoSuchKind { name, .. } => vec![Place::document(name)],
        DraftError::Path { name, .. }
        | DraftError::NotInGit { name, .. }
        | DraftError::NotHeld { name, .. }
        | DraftError::NothingToRestoreInto { name, .. }
        | DraftError::Edit { name, .. }
        | DraftError::Value { name, .. } => vec![Place::document(name)],
        DraftError::NotRestored {
            name,
            seen_in,
            path,
            failed,
            ..
        } => {
            let place = of_failure(name, path, failed.as_deref());
            vec![place.in_ref(Some(seen_in))]
        }
        // What would hold it is missing on the branch.
        DraftError::ValueNotRestored {
            name,
            source: TakeError::NoHolder(_),
            ..
        } => vec![Place::document(name)],
        DraftError::ValueNotRestored { name, commit, .. } => {
            vec![Place::document(name).in_ref(Some(commit))]
        }
        DraftError::NotRenamed(error) => {
            let places = error.places.iter();
            let place = |it: &ThingPlace| Place {
                line: Some(it.line),
                ..Place::document(&it.document)
            };
            places.map(place).collect()
        }
        DraftError::OlderShape { .. }
        | DraftError::BranchExists { .. }
        | DraftError::NeedsParent { .. } => Vec::new(),
    }
}
