//! The commit protocol as a model. Every way in which writers, crashes, lost answers and an edit
//! of the row can meet is tried, and every promise is held against every state on the way. Whoever changes the protocol
//! changes `protocol.rs` first.
//!
//! The first transaction is one step here, the second one has a step for its beginning, one for the move of the ref and
//! one for its commit: what happens within a transaction nobody sees before its commit, and a crash rolls it back.

mod explore;
mod promises;
mod protocol;
mod state;
mod world;

use explore::{Broken, explore};
use promises::*;
use protocol::{Mistake, Protocol};
use state::Kind::{BareFork, Fork, Old};
use state::Role::{Adopts, Commits};
use state::{Kind, Role, State};

/// Branches, and writers with the branch that each is about.
type World = (&'static [Kind], &'static [(Role, usize)]);

/// Explored whole.
const WORLDS_OF_TWO: &[World] = &[
    (&[Old], &[(Commits, 0), (Commits, 0)]),
    (&[Old, Old], &[(Commits, 0), (Commits, 1)]),
    (&[Old, Fork], &[(Commits, 0), (Commits, 1)]),
    (&[Old, BareFork], &[(Commits, 0), (Commits, 1)]),
    (&[Old, BareFork], &[(Commits, 0), (Adopts, 1)]),
];

/// Too large to be explored whole: as many failures as the test says.
const WORLDS_OF_THREE: &[World] = &[
    (
        &[Old, Old, Old],
        &[(Commits, 0), (Commits, 1), (Commits, 2)],
    ),
    (&[Old, Old], &[(Commits, 0), (Commits, 0), (Commits, 1)]),
    (&[Old, BareFork], &[(Commits, 0), (Commits, 1), (Adopts, 1)]),
];

fn all_promises() -> Vec<Promise> {
    [WITHOUT_CERTAINTY, WITH_CERTAINTY].concat()
}

/// Fails with the way to the first broken promise. Returns the number of states.
fn explore_worlds(
    protocol: Protocol,
    promises: &[Promise],
    worlds: &[World],
    most_failures: Option<u8>,
) -> usize {
    let mut states = 0;
    for (branches, writers) in worlds {
        match explore(
            protocol,
            promises,
            State::new(branches, writers),
            most_failures,
        ) {
            Ok(found) => states += found,
            Err(Broken { promise, way }) => {
                panic!("{branches:?}, {writers:?}: it is not true that {promise}\n{way}")
            }
        }
    }
    states
}

#[test]
fn two_writers_keep_every_promise_whatever_fails() {
    let states = explore_worlds(Protocol::default(), &all_promises(), WORLDS_OF_TWO, None);
    assert!(states > 90_000, "only {states} states were explored");
}

#[test]
fn three_writers_keep_every_promise_with_one_failure() {
    let states = explore_worlds(
        Protocol::default(),
        &all_promises(),
        WORLDS_OF_THREE,
        Some(1),
    );
    assert!(states > 150_000, "only {states} states were explored");
}

#[test]
#[ignore = "a minute and 3 GB: for whoever changes the protocol"]
fn three_writers_keep_every_promise_with_two_failures() {
    let states = explore_worlds(
        Protocol::default(),
        &all_promises(),
        WORLDS_OF_THREE,
        Some(2),
    );
    assert!(states > 1_000_000, "only {states} states were explored");
}

/// A remote may carry on with a move after its client died, and move the branch after everybody was told that it hasn't
/// moved. It is then as if somebody had pushed a fork: nothing is lost.
#[test]
fn a_move_that_arrives_after_it_was_given_up_loses_nothing() {
    let protocol = Protocol::with(Mistake::AnswersTooEarly);
    explore_worlds(protocol, WITHOUT_CERTAINTY, WORLDS_OF_TWO, None);
}

/// The model can fail: each promise is broken by some mistake.
#[test]
fn every_mistake_breaks_a_promise() {
    use Mistake::*;
    let mistakes: &[(Mistake, Promise)] = &[
        (DropsTheIntentWhenUnknown, IMPORTS_ARE_REMEMBERED),
        (TellsNotMovedWhenUnknown, TOLD_NOT_MOVED),
        (TellsMovedWhenUnknown, TOLD_MOVED),
        (NeverSettles, WORK_IS_FINISHED),
        (SettlesByLocalBranches, IMPORTS_ARE_REMEMBERED),
        (DropsWhatCannotBeTold, IMPORTS_ARE_REMEMBERED),
        (AppliesWhatCannotBeTold, STORE_FOLLOWS),
        (AnswersTooEarly, IMPORTS_ARE_REMEMBERED),
        (AnswersTooEarly, IMPORTS_ARE_ALIKE),
        (IgnoresUnsettledIntents, IMPORTS_ARE_ALIKE),
        (TakesRowsBeforeTheRefMoves, STORE_FOLLOWS),
        (RecordsBeforeTheRefMoves, STORE_FOLLOWS),
        (RaisesTheVersionAlone, VERSION_HAS_SNAPSHOT),
        (RaisesTheVersionAlone, BRANCHES_HOLD_D),
        (CopiesTheRow, NO_ROW_IS_STRANDED),
        (AlwaysMovesAlone, IMPORTS_ARE_REMEMBERED),
        (MovesAloneWithoutComparing, IMPORTS_ARE_ALIKE),
        (DoesNotCompare, IMPORTS_ARE_ALIKE),
        (DoesNotLookForItsIntent, IMPORTS_ARE_REMEMBERED),
        (DoesNotCompareRows, ROW_IS_KEPT),
        (DropsTheIntentWhenTheStoreFails, IMPORTS_ARE_REMEMBERED),
        (RemovesEditedRows, ROW_IS_KEPT),
        (TakesRowsThatNoBranchHolds, ROW_LEAVES_FOR_A_BRANCH),
    ];
    for (mistake, promise) in mistakes {
        let breaks = |(branches, writers): &World| {
            let start = State::new(branches, writers);
            explore(Protocol::with(*mistake), &[*promise], start, None).is_err()
        };
        let is_caught = WORLDS_OF_TWO.iter().any(breaks);
        assert!(is_caught, "{mistake:?} goes unnoticed: {}", promise.says);
    }
    for promise in all_promises() {
        let mut broken = mistakes.iter().map(|(_, broken)| broken.says);
        assert!(
            broken.any(|says| says == promise.says),
            "nothing breaks: {}",
            promise.says
        );
    }
}
