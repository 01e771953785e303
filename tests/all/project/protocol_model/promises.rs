//! What the commit protocol promises.

use super::protocol::Protocol;
use super::state::{At, Content, Role, State, Told};

/// Something that holds in every state.
#[derive(Clone, Copy)]
pub struct Promise {
    pub says: &'static str,
    pub holds: fn(Protocol, &State) -> bool,
}

/// Those that hold even if "not visible" is answered too early, so that a move arrives after its intent was dropped.
pub const WITHOUT_CERTAINTY: &[Promise] = &[
    ROW_IS_KEPT,
    BRANCHES_HOLD_D,
    VERSION_HAS_SNAPSHOT,
    STORE_FOLLOWS,
    ROW_LEAVES_FOR_A_BRANCH,
    NO_ROW_IS_STRANDED,
    TOLD_MOVED,
    TOLD_NOT_MOVED,
];

/// Those that hold beside them where the answer is right.
pub const WITH_CERTAINTY: &[Promise] =
    &[IMPORTS_ARE_ALIKE, IMPORTS_ARE_REMEMBERED, WORK_IS_FINISHED];

pub const ROW_IS_KEPT: Promise = Promise {
    says: "what the server's row held last is in the table or in the snapshot",
    holds: |_, state| {
        let last = if state.is_edited {
            Content::Edited
        } else {
            Content::Original
        };
        state.table == Some(last) || state.snapshot == Some(last)
    },
};

pub const BRANCHES_HOLD_D: Promise = Promise {
    says: "a branch that was migrated past the import holds D",
    holds: |_, state| {
        let mut branches = state.branches.iter();
        branches.all(|branch| branch.is_fork || !branch.is_at_target || branch.content.is_some())
    },
};

pub const VERSION_HAS_SNAPSHOT: Promise = Promise {
    says: "a project past the import has its snapshot",
    holds: |_, state| !state.project_at_target || state.snapshot.is_some(),
};

pub const STORE_FOLLOWS: Promise = Promise {
    says: "the store records only what a branch shows",
    holds: |_, state| {
        let is_untouched = !state.project_at_target && state.snapshot.is_none();
        is_untouched || state.branches.iter().any(|branch| branch.is_at_target)
    },
};

pub const ROW_LEAVES_FOR_A_BRANCH: Promise = Promise {
    says: "the row leaves the table for a branch that holds D, or because a person says so",
    holds: |_, state| {
        let is_held = state.branches.iter().any(|branch| branch.content.is_some());
        let mut writers = state.writers.iter();
        let is_adopted = writers.any(|writer| writer.role == Role::Adopts && writer.at == At::Done);
        state.table.is_some() || is_held || is_adopted
    },
};

pub const NO_ROW_IS_STRANDED: Promise = Promise {
    says: "a row stays in the table past its import only if something failed",
    holds: |_, state| !state.project_at_target || state.table.is_none() || state.failures > 0,
};

pub const TOLD_MOVED: Promise = Promise {
    says: "whoever is told that the branch moved finds the commit there",
    holds: |_, state| {
        let mut told = writers_told(state, Told::Moved);
        told.all(|writer| state.is_visible(state.commit_of(writer)))
    },
};

pub const TOLD_NOT_MOVED: Promise = Promise {
    says: "whoever is told that nothing happened can rely on it",
    holds: |_, state| {
        let mut told = writers_told(state, Told::NotMoved);
        told.all(|writer| {
            let commit = state.commit_of(writer);
            // An earlier attempt of the same writer, of which it wasn't told, may have made the same commit.
            let is_certain = !state.writers[writer].begins_again;
            !is_certain || !state.is_visible(commit) && !state.is_on_the_way(commit)
        })
    },
};

pub const IMPORTS_ARE_ALIKE: Promise = Promise {
    says: "all branches import the same",
    holds: |_, state| {
        let branches = state.branches.iter();
        let migrated = branches.filter(|branch| !branch.is_fork && branch.is_at_target);
        let mut contents = migrated
            .map(|branch| branch.content)
            // What the others will import.
            .chain(state.snapshot.map(Some));
        let first = contents.next();
        contents.all(|content| Some(content) == first)
    },
};

pub const IMPORTS_ARE_REMEMBERED: Promise = Promise {
    says: "what a commit takes is recorded as soon as the commit is visible, or an intent remembers it",
    holds: |_, state| {
        let mut visible = state.branches.iter().flat_map(|branch| &branch.history);
        state.project_at_target
            || visible.all(|commit| state.intents.iter().any(|intent| intent.commit == *commit))
    },
};

pub const WORK_IS_FINISHED: Promise = Promise {
    says: "once nobody is at work, the next writer finishes what is left",
    holds: |protocol, state| {
        let mut writers = state.writers.iter();
        let is_at_rest = state.on_the_way.is_empty()
            && writers.all(|writer| matches!(writer.at, At::Done | At::Dead));
        if !is_at_rest {
            return true;
        }
        let mut branches = state.branches.iter();
        let is_any_visible = branches.any(|branch| !branch.history.is_empty());
        let finished = protocol.settle_with(state, true);
        finished.intents.is_empty() && (finished.project_at_target || !is_any_visible)
    },
};

fn writers_told(state: &State, told: Told) -> impl Iterator<Item = usize> {
    let writers = state.writers.iter().enumerate();
    writers.filter_map(move |(index, writer)| (writer.told == told).then_some(index))
}
