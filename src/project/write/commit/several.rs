//! Publishing a commit that changes several projects: a merge.
//!
//! A store has one transaction for each project, and the ref moves in one of them. The project whose rows leave the store is that one,
//! so that at most one may take rows. Of the others only versions rise: their intents are durable before the ref moves, and settled
//! right after it, as the next writer would.

use super::error::CommitError;
use super::model::{Prepared, StoreOutcome};
use super::protocol::{First, Look, Protocol, after, refuse_rows_gone};
use super::record::StoreEffect;
use super::write::Written;
use crate::project::read::loaded::Loaded;
use crate::project::write::draft::Draft;
use crate::project::write::settled::SettledIntent;
use crate::store::{self, IntentId};

/// What became of the store, for each project.
pub(super) struct Outcomes {
    pub(super) store: StoreOutcome,
    /// In the order of the drafts beside.
    pub(super) beside: Vec<StoreOutcome>,
    pub(super) settled: Vec<SettledIntent>,
}

impl Outcomes {
    pub(super) fn without_store(prepared: &Prepared<'_>) -> Outcomes {
        let beside = prepared.drafts().skip(1);
        Outcomes {
            store: StoreOutcome::None,
            beside: beside.map(|_| StoreOutcome::None).collect(),
            settled: Vec::new(),
        }
    }
}

/// An intent that is written, of the project at a place.
struct Begun {
    at: usize,
    id: IntentId,
    effect: StoreEffect,
}

/// The first of the protocols is that of the project that was asked for.
pub(super) fn publish_several(
    written: &Written<'_>,
    protocols: &[Protocol<'_>],
) -> Result<Outcomes, CommitError> {
    refuse_several_imports(written.prepared.drafts())?;
    let of = |at: usize, error: CommitError| match at {
        0 => error,
        _ => error.in_project(protocols[at].loaded()),
    };
    let (mut outcomes, mut to_record) = (Vec::new(), Vec::new());
    for (at, protocol) in protocols.iter().enumerate() {
        let look = protocol.look().map_err(|error| of(at, error))?;
        match look {
            Look::NoStore => refuse_rows_gone(protocol.loaded()).map_err(|error| of(at, error))?,
            Look::ToRecord => to_record.push(at),
            Look::UnknownProject | Look::NothingToRecord => {}
        }
        outcomes.push(look.outcome());
    }
    let (mut settled, mut begun) = (Vec::new(), Vec::<Begun>::new());
    for at in to_record {
        match protocols[at].first_transaction() {
            Ok(First {
                settled: others,
                intent,
            }) => {
                settled.extend(others);
                begun.extend(intent.map(|(id, effect)| Begun { at, id, effect }));
            }
            Err(error) => {
                settle_begun(protocols, begun);
                return Err(after(settled, of(at, error)));
            }
        }
    }
    let taking = begun.iter().position(|begun| begun.effect.takes_rows());
    let moving = taking.or(begun.len().checked_sub(1));
    match moving.map(|moving| begun.swap_remove(moving)) {
        None => {
            let moved = written.move_ref();
            moved.map_err(|error| after(settled.clone(), error))?;
        }
        Some(Begun { at, id, effect }) => match protocols[at].second_transaction(id, effect) {
            Ok(outcome) => outcomes[at] = outcome,
            Err(error) => {
                // Whoever writes next finds out whether the ref has moved.
                if !matches!(error, CommitError::Unconfirmed { .. }) {
                    settle_begun(protocols, begun);
                }
                return Err(after(settled, of(at, error)));
            }
        },
    }
    for Begun { at, id, effect } in begun {
        outcomes[at] = protocols[at].follow(id, effect);
    }
    let mut outcomes = outcomes.into_iter();
    Ok(Outcomes {
        store: outcomes.next().unwrap_or(StoreOutcome::None),
        beside: outcomes.collect(),
        settled,
    })
}

/// Drops the intents, or applies them if the ref has moved. Those that stay for want of a working store are the next writer's.
fn settle_begun(protocols: &[Protocol<'_>], begun: Vec<Begun>) {
    for Begun { at, id, effect } in begun {
        protocols[at].follow(id, effect);
    }
}

/// Refuses to take the rows of more than one project out of the store.
pub(super) fn refuse_several_imports<'d>(
    drafts: impl Iterator<Item = &'d Draft>,
) -> Result<(), CommitError> {
    let drafts: Vec<&Draft> = drafts.collect();
    if drafts.len() < 2 {
        return Ok(());
    }
    let mut base_paths = Vec::new();
    for draft in drafts {
        let loaded = &draft.loaded;
        if takes_rows(loaded).map_err(|error| error.in_project(loaded))? {
            base_paths.push(loaded.base_path().to_owned());
        }
    }
    if base_paths.len() < 2 {
        return Ok(());
    }
    Err(CommitError::SeveralImports { base_paths })
}

fn takes_rows(loaded: &Loaded) -> Result<bool, CommitError> {
    let project = loaded.project();
    let Some(store) = project.store() else {
        return Ok(false);
    };
    let mut read = match store.read(&project.key(loaded.base_path())) {
        Err(store::Error::Absent { .. }) => return Ok(false),
        read => read?,
    };
    let Some(version) = read.version()? else {
        return Ok(false);
    };
    let target = loaded.plan().target;
    Ok(StoreEffect::of(loaded, target, &mut *read, version)?.takes_rows())
}
