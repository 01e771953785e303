//! The result of a document's steps, and what they ask on their way: the server, and other documents' results.
//!
//! Results are shared through the cache, and threads wait for each other there. Two rules keep that from going round in a
//! circle. A step that reads documents needs of their steps only those before it, so results need ever fewer steps; where that
//! isn't so, as a step that is undone may need one that is run and the other way round, a chain that comes back to itself is an
//! error. And a thread waits only for results with fewer steps than all those that it is about to compute.

use std::sync::{Arc, PoisonError};

use super::answers::Answers;
use super::cache::{Key, Outcome, Recorded};
use super::content::ContentId;
use super::entry::{Entry, Original};
use super::lift::Lift;
use super::reading::{Reading, dialect_before, shape_before, steps_before};
use super::source::Source;
use crate::catalog::{Lookup, ReadDocument};
use crate::migrate::{Context, Input, MigrationError, MigrationErrorKind, Reached, run};
use crate::plan::{Direction, Origin};

/// The result of all of an entry's steps.
///
/// # Errors
/// Where there is nothing to run them on. That they fail is the result.
pub(super) fn result_of<S: Source>(
    lift: &Lift<S>,
    entry: &Entry<Lift<S>>,
) -> Result<Arc<Recorded>, MigrationError> {
    result_before(lift, entry, None, None)
}

/// Hands over what the steps of an entry may ask, to run them in another way.
pub(super) fn with_context<S: Source, T>(
    lift: &Lift<S>,
    entry: &Entry<Lift<S>>,
    run: impl FnOnce(&dyn Context) -> T,
) -> T {
    let link = Link::new(entry, None, None);
    run(&StepAnswers { lift, link: &link })
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

/// The result of an entry's steps, or of those before a step that reads the document. `outer` are the results that are being
/// computed for which this one is needed.
fn result_before<S: Source>(
    lift: &Lift<S>,
    entry: &Entry<Lift<S>>,
    before_step: Option<usize>,
    outer: Option<&Link<'_>>,
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
    let link = Link::new(entry, before_step, outer);
    if link.is_circle() {
        return Err(MigrationError::before_any_step(MigrationErrorKind::Step {
            message: "it depends on itself: a step that it needs reads it".to_owned(),
            place: "the document".to_owned(),
        }));
    }
    let key = Key {
        catalog: catalog.digest(),
        content,
        name: entry.name.clone(),
        shape,
        target: plan.target,
        imported: entry.origin != Origin::Git,
        before_step,
    };
    let answers = StepAnswers { lift, link: &link };
    let compute = |context: &dyn Context| -> Outcome {
        let bytes = original_bytes(lift, entry)?;
        let input = Input {
            kind: entry.name.kind(),
            slug: entry.name.slug(),
            shape,
            bytes: &bytes,
        };
        let direction = entry.direction;
        let steps = steps_before(catalog, plan, direction, &entry.steps, before_step);
        run(catalog, direction, &steps, input, context)
    };
    let wait = link.may_wait();
    Ok(lift.source().cache().get(key, &answers, wait, compute))
}

/// A result that is being computed, and those that need it.
struct Link<'o> {
    outer: Option<&'o Link<'o>>,
    /// Tells entries apart, also those of other lifts.
    entry: *const (),
    rank: Rank,
}

/// How many of a document's steps a result is about.
#[derive(Clone, Copy, PartialEq)]
struct Rank {
    direction: Direction,
    before_step: Option<usize>,
}

impl<'o> Link<'o> {
    fn new<P>(
        entry: &Entry<P>,
        before_step: Option<usize>,
        outer: Option<&'o Link<'o>>,
    ) -> Link<'o> {
        Link {
            outer,
            entry: std::ptr::from_ref(entry).cast(),
            rank: Rank {
                direction: entry.direction,
                before_step,
            },
        }
    }

    fn outer(&self) -> impl Iterator<Item = &Link<'_>> {
        std::iter::successors(self.outer, |link| link.outer)
    }

    fn is_circle(&self) -> bool {
        self.outer()
            .any(|link| (link.entry, link.rank) == (self.entry, self.rank))
    }

    fn may_wait(&self) -> bool {
        self.outer().all(|link| self.rank.is_below(link.rank))
    }
}

impl Rank {
    /// Whether this is about fewer steps than the other. Undone steps count less than those that are run.
    fn is_below(self, other: Rank) -> bool {
        match (self.direction, other.direction) {
            (Direction::Down, Direction::Up) => true,
            (Direction::Up, Direction::Down) => false,
            (Direction::Up, Direction::Up) => {
                let all = usize::MAX;
                self.before_step.unwrap_or(all) < other.before_step.unwrap_or(all)
            }
            (Direction::Down, Direction::Down) => self.before_step > other.before_step,
        }
    }
}

/// What the steps of one document may ask.
struct StepAnswers<'l, S> {
    lift: &'l Lift<S>,
    link: &'l Link<'l>,
}

impl<S: Source> Context for StepAnswers<'_, S> {
    fn lookup(&self) -> &dyn Lookup {
        self
    }

    fn documents(&self, kind: &str, before_step: usize) -> Result<Vec<ReadDocument>, String> {
        self.reading(kind, before_step)?.documents()
    }

    fn reached(&self, step: usize, block: usize, how: Reached) {
        self.lift.source().reached(step, block, how);
    }
}

impl<S: Source> Answers for StepAnswers<'_, S> {
    fn answer_id(&self, table: &str, key: &str) -> Result<ContentId, String> {
        Ok(self.lift.source().lookup(table, key)?.id)
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
    /// The documents of a kind just before a step, found once for a lift.
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
        let mut results = Vec::new();
        for entry in lift.entries() {
            if entry.name.kind() != kind {
                continue;
            }
            let Some(shape) = shape_of(lift, entry, before_step)? else {
                continue;
            };
            let failed = |error: &MigrationError| match error.kind {
                MigrationErrorKind::Read(_) => format!("{}: {error}", entry.name),
                _ => format!(
                    "it reads `{}`, which can't be migrated: {error}",
                    entry.name
                ),
            };
            let recorded = result_before(lift, entry, Some(before_step), Some(self.link));
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
        Ok(Reading::new(results))
    }
}

/// The shape of a document at first, which a step reads; `None` where it isn't there just before that step.
fn shape_of<S: Source>(
    lift: &Lift<S>,
    entry: &Entry<Lift<S>>,
    before_step: usize,
) -> Result<Option<u32>, String> {
    let (plan, origin) = match &entry.original {
        Original::Past(past) => {
            // Above the remove that brings it back it isn't there.
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
