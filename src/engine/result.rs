//! The result of a document's steps, and what they ask: the server, and other documents' results.
//!
//! Results are shared through the cache, where threads wait for each other. They never wait in a circle, since a result needs
//! others of lower [`Rank`] only: of a document that a step reads, only the steps before that step have run.

use std::sync::{Arc, PoisonError};

use super::answers::{Answers, Lookups};
use super::cache::Key;
use super::content::ContentId;
use super::entry::{Entry, Original};
use super::lift::Lift;
use super::reading::{
    Reading, dialect_before, is_undone, refuse_skipped_import, shape_before, steps_before,
};
use super::recorded::{Outcome, Recorded};
use super::source::Source;
use crate::catalog::{Lookup, ReadDocument};
use crate::migrate::{Context, Extent, Input, MigrationError, MigrationErrorKind, Part, run};
use crate::plan::{Direction, Origin};

/// The result of all of an entry's steps.
///
/// # Errors
/// If there is no text to run them on. A step that fails is a result, not an error.
pub(super) fn result_of<S: Source>(
    lift: &Lift<S>,
    entry: &Entry<Lift<S>>,
) -> Result<Arc<Recorded>, MigrationError> {
    result_before(lift, entry, None, None)
}

/// Calls `run` with what the steps of an entry may ask, to run them in another way.
pub(super) fn with_context<S: Source, T>(
    lift: &Lift<S>,
    entry: &Entry<Lift<S>>,
    run: impl FnOnce(&dyn Context) -> T,
) -> T {
    let rank = Rank::of(lift, entry.direction, None);
    run(&StepAnswers { lift, rank })
}

/// The bytes of a document before its migration.
fn original_bytes<S: Source>(
    lift: &Lift<S>,
    entry: &Entry<Lift<S>>,
) -> Result<Arc<[u8]>, MigrationError> {
    match &entry.original {
        Original::Held(place) => lift.source().read(*place).map_err(|error| {
            MigrationError::before_any_step(MigrationErrorKind::Read(error.to_string()))
        }),
        Original::Stored { row, .. } => Ok(row.content.as_bytes().into()),
        Original::OfStep(text) => Ok(text.as_bytes().into()),
        Original::Refused(reason) => Err(MigrationError::before_any_step(reason.clone())),
        Original::Past(_) => unreachable!("it is migrated in the past that holds it"),
    }
}

/// The result of an entry's steps, or of those before a step that reads the document. `outer` is the rank of the result that
/// needs this one.
fn result_before<S: Source>(
    lift: &Lift<S>,
    entry: &Entry<Lift<S>>,
    before_step: Option<usize>,
    outer: Option<Rank>,
) -> Result<Arc<Recorded>, MigrationError> {
    let catalog = lift.source().catalog();
    let plan = lift.plan();
    let shape = plan.shape_of(entry.origin);
    let content = match &entry.original {
        Original::Held(place) => match &lift.source().held().documents[*place].content {
            Ok(content) => *content,
            Err(reason) => {
                let kind = MigrationErrorKind::Read(reason.clone());
                return Err(MigrationError::before_any_step(kind));
            }
        },
        Original::Stored { row, .. } => row.id,
        Original::OfStep(text) => ContentId::of_text(text.as_bytes()),
        Original::Past(past) => {
            let place = past
                .position(&entry.name)
                .expect("entries are made from the documents of that past");
            return result_before(past, &past.entries()[place], before_step, outer);
        }
        Original::Refused(reason) => {
            return Err(MigrationError::before_any_step(reason.clone()));
        }
    };
    let rank = Rank::of(lift, entry.direction, before_step);
    if outer.is_some_and(|outer| rank >= outer) {
        return Err(MigrationError::before_any_step(MigrationErrorKind::Step {
            message: "it depends on itself: a step that it needs reads it".to_owned(),
            place: "the document".to_owned(),
            position: None,
        }));
    }
    let direction = entry.direction;
    let steps = steps_before(catalog, plan, direction, &entry.steps, before_step);
    let extent = if steps.len() < entry.steps.len() {
        Extent::Part
    } else {
        Extent::All
    };
    let key = Key {
        catalog: catalog.digest(),
        content,
        name: entry.name.clone(),
        shape,
        target: plan.target,
        imported: entry.origin != Origin::Git,
        // After all steps it is the whole result, whoever asks.
        before_step: before_step.filter(|_| extent == Extent::Part),
    };
    let answers = StepAnswers { lift, rank };
    let compute = |context: &dyn Context| -> Outcome {
        let bytes = original_bytes(lift, entry)?;
        let input = Input {
            kind: entry.name.kind(),
            slug: entry.name.slug(),
            shape,
            bytes: &bytes,
        };
        run(catalog, direction, (&steps, extent), input, context)
    };
    Ok(lift.source().cache().get(key, &answers, compute))
}

/// Orders results, so that each is computed from lower ones.
///
/// Steps that are run count more than those that are undone: a step that is run may read a document that was migrated down to
/// the target. A step that is undone reads only documents that are migrated down as well, since all others are in a shape below
/// it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    is_up: bool,
    steps: usize,
}

impl Rank {
    fn of<S: Source>(lift: &Lift<S>, direction: Direction, before_step: Option<usize>) -> Rank {
        let all = usize::MAX;
        match direction {
            Direction::Up => Rank {
                is_up: true,
                steps: before_step.unwrap_or(all),
            },
            Direction::Down => {
                let catalog = lift.source().catalog();
                let undone = before_step.filter(|step| is_undone(catalog, lift.plan(), *step));
                Rank {
                    is_up: false,
                    steps: undone.map_or(all, |step| catalog.steps().len() - step),
                }
            }
        }
    }
}

/// What the steps of one document may ask.
struct StepAnswers<'l, S> {
    lift: &'l Lift<S>,
    rank: Rank,
}

impl<S: Source> Context for StepAnswers<'_, S> {
    fn lookup(&self) -> &dyn Lookup {
        self
    }

    fn documents(&self, kind: &str, before_step: usize) -> Result<Vec<ReadDocument>, String> {
        self.reading(kind, before_step)?.documents()
    }

    fn reached(&self, step: usize, part: &Part<'_>) {
        self.lift.source().reached(step, part);
    }
}

impl<S: Source> Answers for StepAnswers<'_, S> {
    fn answers_id(&self, lookups: &Lookups) -> Result<ContentId, String> {
        self.lift.source().answers_id(lookups)
    }

    fn documents_id(&self, kind: &str, before_step: usize) -> Result<ContentId, String> {
        Ok(self.reading(kind, before_step)?.id())
    }
}

impl<S: Source> Lookup for StepAnswers<'_, S> {
    fn lookup(&self, table: &str, key: &str) -> Result<Option<serde_json::Value>, String> {
        Ok(self.lift.source().lookup(table, key)?.value.clone())
    }
}

impl<S: Source> StepAnswers<'_, S> {
    /// The documents of a kind just before a step, found once per lift.
    fn reading(&self, kind: &str, before_step: usize) -> Result<Arc<Reading>, String> {
        let key = (kind.to_owned(), before_step);
        let known = || {
            let readings = &self.lift.readings;
            readings.lock().unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(reading) = known().get(&key) {
            return Ok(reading.clone());
        }
        let reading = Arc::new(self.read(kind, before_step)?);
        known().insert(key, reading.clone());
        Ok(reading)
    }

    fn read(&self, kind: &str, before_step: usize) -> Result<Reading, String> {
        let (lift, catalog) = (self.lift, self.lift.source().catalog());
        refuse_skipped_import(catalog, lift.plan(), kind, before_step)?;
        refuse_folder(lift, kind)?;
        let mut results = Vec::new();
        for entry in lift.entries() {
            if entry.name.kind() != kind {
                continue;
            }
            let Some(shape) = shape_of(lift, entry, before_step)? else {
                continue;
            };
            let failed = |error: &MigrationError| match &error.kind {
                MigrationErrorKind::Read(_) => format!("{}: {error}", entry.name),
                MigrationErrorKind::Parse(wrong) => format!(
                    "it reads `{}`, which isn't OCL: {}:{}:{}: {}",
                    entry.name,
                    lift.path_before(entry).unwrap_or_default(),
                    wrong.line(),
                    wrong.column(),
                    wrong.message()
                ),
                _ => format!(
                    "it reads `{}`, which can't be migrated: {error}",
                    entry.name
                ),
            };
            let recorded = result_before(lift, entry, Some(before_step), Some(self.rank));
            let recorded = recorded.map_err(|error| failed(&error))?;
            if let Err(error) = &recorded.outcome {
                return Err(failed(error));
            }
            let direction = match &entry.original {
                Original::Past(past) => past.plan().direction(),
                _ => entry.direction,
            };
            let dialect = dialect_before(catalog, lift.plan(), direction, shape, before_step);
            results.push((entry.name.clone(), dialect, recorded));
        }
        Ok(Reading::new(catalog, results))
    }
}

/// Refuses a folder in the place of a single document, which isn't there without being absent.
fn refuse_folder<S: Source>(lift: &Lift<S>, kind: &str) -> Result<(), String> {
    let (catalog, held) = (lift.source().catalog(), lift.source().held());
    let Some(kind) = catalog.kind(kind) else {
        return Ok(());
    };
    let path = catalog.path_at(kind, lift.plan().branch_version);
    if path.is_collection() {
        return Ok(());
    }
    let path = path.as_str();
    let others = held.unclaimed.iter().chain(&held.nested);
    let mut within = others.filter_map(|other| other.strip_prefix(path));
    if within.any(|rest| rest.is_empty() || rest.starts_with('/')) {
        return Err(format!("it reads `{}`, and {path} is a folder", kind.name));
    }
    Ok(())
}

/// The original shape of a document that a step reads; `None` if it doesn't exist just before that step.
fn shape_of<S: Source>(
    lift: &Lift<S>,
    entry: &Entry<Lift<S>>,
    before_step: usize,
) -> Result<Option<u32>, String> {
    let (plan, origin) = match &entry.original {
        Original::Past(past) => {
            // Above the remove that brings it back it doesn't exist.
            let mut returns = lift.plan().returns.iter();
            if returns.any(|back| back.kind == entry.name.kind() && back.step <= before_step) {
                return Ok(None);
            }
            (past.plan(), Origin::Git)
        }
        _ => (lift.plan(), entry.origin),
    };
    shape_before(
        lift.source().catalog(),
        plan,
        before_step,
        &entry.name,
        origin,
    )
}
