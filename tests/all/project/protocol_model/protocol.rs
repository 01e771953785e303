//! What a writer does, step by step: the protocol itself, and the mistakes that one could make in it.

use super::explore::Step;
use super::state::{At, Commit, Push, Role, State, Told};

/// The protocol, right or with one mistake in it.
#[derive(Clone, Copy, Default)]
pub struct Protocol {
    pub mistake: Option<Mistake>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mistake {
    /// The intent is dropped although it isn't known whether the ref moved.
    DropsTheIntentWhenUnknown,
    /// The caller is told that the branch hasn't moved, and it isn't known.
    TellsNotMovedWhenUnknown,
    /// The caller is told that the branch has moved, and it isn't known.
    TellsMovedWhenUnknown,
    /// Nobody settles what others left.
    NeverSettles,
    /// Settling looks for a commit on this machine's own branches.
    SettlesByLocalBranches,
    /// Settling takes "can't be told" for "not visible".
    DropsWhatCannotBeTold,
    /// Settling takes "can't be told" for "visible".
    AppliesWhatCannotBeTold,
    /// "Not visible" is answered while the move is still on its way.
    AnswersTooEarly,
    /// Another row is taken than the one that an unsettled intent would take.
    IgnoresUnsettledIntents,
    /// The row leaves the table in the first transaction, with the intent.
    TakesRowsBeforeTheRefMoves,
    /// The second transaction is committed before the ref moves.
    RecordsBeforeTheRefMoves,
    /// The second transaction raises the project's version and leaves the row alone.
    RaisesTheVersionAlone,
    /// The second transaction leaves the row in the table, too.
    CopiesTheRow,
    /// The ref is moved without an intent although the store has something to record.
    AlwaysMovesAlone,
    /// Whoever has nothing to record doesn't ask whether the import is what was loaded.
    MovesAloneWithoutComparing,
    /// The first transaction doesn't ask whether the import is what was loaded.
    DoesNotCompare,
    /// The second transaction doesn't ask whether the intent is still there.
    DoesNotLookForItsIntent,
    /// The second transaction doesn't ask whether the row is still the same.
    DoesNotCompareRows,
    /// The intent is dropped although the second transaction couldn't be committed.
    DropsTheIntentWhenTheStoreFails,
    /// Settling removes a row that was edited since.
    RemovesEditedRows,
    /// A commit to a fork takes a row that no branch holds.
    TakesRowsThatNoBranchHolds,
}

impl Protocol {
    pub fn with(mistake: Mistake) -> Protocol {
        let mistake = Some(mistake);
        Protocol { mistake }
    }

    fn makes(self, mistake: Mistake) -> bool {
        self.mistake == Some(mistake)
    }

    /// Every next step of a writer.
    pub fn steps_of(self, state: &State, writer: usize) -> Vec<Step> {
        let is_free = state.holder.is_none();
        match state.writers[writer].at {
            At::Load => vec![self.load(state, writer)],
            At::Look => vec![self.look(state, writer)],
            At::FirstTransaction if is_free => self.first_transaction(state, writer),
            At::SecondTransaction if is_free => vec![self.second_transaction(state, writer)],
            At::Adopt if is_free => self.adopt(state, writer),
            At::Move | At::MoveAlone => self.move_ref(state, writer),
            At::Record => self.record(state, writer),
            _ => Vec::new(),
        }
    }

    fn load(self, state: &State, writer: usize) -> Step {
        let mut next = state.clone();
        self.fetch(&mut next, state.writers[writer].branch);
        let branch = &state.branches[state.writers[writer].branch];
        let me = &mut next.writers[writer];
        me.depth = branch.history.len();
        me.imported = if branch.is_at_target {
            None
        } else {
            state.source()
        };
        me.row = None;
        me.told = Told::Nothing;
        me.at = match me.role {
            Role::Commits => At::Look,
            Role::Adopts => At::Adopt,
        };
        Step::of(writer, "loads", next)
    }

    /// Lets this machine's own repository know a branch.
    fn fetch(self, next: &mut State, branch: usize) {
        if self.makes(Mistake::SettlesByLocalBranches) {
            next.branches[branch].fetched = next.branches[branch].history.len();
        }
    }

    /// Most commits have nothing to record, and need no write transaction then.
    fn look(self, state: &State, writer: usize) -> Step {
        let mut next = state.clone();
        let nothing_to_record = state.project_at_target && state.intents.is_empty();
        next.writers[writer].at = if self.makes(Mistake::AlwaysMovesAlone) {
            At::MoveAlone
        } else if !nothing_to_record {
            At::FirstTransaction
        } else if self.makes(Mistake::MovesAloneWithoutComparing) || !has_changed(state, writer) {
            At::MoveAlone
        } else {
            At::Load
        };
        Step::of(writer, "looks whether there is anything to record", next)
    }

    /// Settles what others left, compares, and writes the intent.
    fn first_transaction(self, state: &State, writer: usize) -> Vec<Step> {
        let settled = self.settle(state).into_iter();
        let steps = settled.map(|mut next| {
            let outcome = self.prepare(&mut next, writer);
            Step::of(writer, outcome, next)
        });
        steps.collect()
    }

    fn prepare(self, next: &mut State, writer: usize) -> &'static str {
        if has_changed(next, writer) && !self.makes(Mistake::DoesNotCompare) {
            next.writers[writer].at = At::Load;
            return "finds in its first transaction that the import has changed";
        }
        if next.project_at_target {
            next.writers[writer].at = At::MoveAlone;
            return "finds in its first transaction that there is nothing to record";
        }
        let branch = &next.branches[next.writers[writer].branch];
        let holds_the_row = !branch.is_at_target || branch.content.is_some();
        if !holds_the_row && !self.makes(Mistake::TakesRowsThatNoBranchHolds) {
            next.writers[writer].at = At::Done;
            next.writers[writer].told = Told::NotMoved;
            return "is refused, as the row is in no branch";
        }
        if self.is_disputed(next) {
            next.writers[writer].at = At::Load;
            return "is refused, as an intent isn't settled";
        }
        let row = next.table;
        next.writers[writer].row = row;
        next.writers[writer].at = At::SecondTransaction;
        let intent = next.intent_of(writer);
        next.intents.push(intent);
        if self.makes(Mistake::TakesRowsBeforeTheRefMoves) {
            next.record(row);
        }
        "writes its intent in its first transaction"
    }

    /// Whether an intent that couldn't be settled takes another row than the one in the table.
    fn is_disputed(self, state: &State) -> bool {
        let mut intents = state.intents.iter();
        !self.makes(Mistake::IgnoresUnsettledIntents)
            && intents.any(|intent| intent.row != state.table)
    }

    /// Settles the intents, as far as can be told: perhaps nobody can be asked.
    fn settle(self, state: &State) -> Vec<State> {
        let with_answers = self.settle_with(state, true);
        if state.intents.is_empty() {
            return vec![with_answers];
        }
        vec![with_answers, self.settle_with(state, false)]
    }

    /// Applies the intents whose commit is visible, drops those whose commit isn't, and leaves the others.
    pub fn settle_with(self, state: &State, has_answers: bool) -> State {
        let mut next = state.clone();
        if self.makes(Mistake::NeverSettles) {
            return next;
        }
        for intent in &state.intents {
            let visible = self.visibility(state, intent.commit, has_answers);
            if visible.is_some() {
                next.drop_intent(*intent);
            }
            if visible == Some(true) {
                next.record(intent.row);
                if self.makes(Mistake::RemovesEditedRows) {
                    next.table = None;
                }
            }
        }
        next
    }

    /// Whether a commit is visible where the refs live; `None`: that can't be told now.
    fn visibility(self, state: &State, commit: Commit, has_answers: bool) -> Option<bool> {
        if self.makes(Mistake::SettlesByLocalBranches) {
            return Some(state.is_fetched(commit));
        }
        let may_become_visible =
            state.is_on_the_way(commit) && !self.makes(Mistake::AnswersTooEarly);
        let answer = match state.is_visible(commit) {
            _ if !has_answers => None,
            true => Some(true),
            false if may_become_visible => None,
            false => Some(false),
        };
        match answer {
            None if self.makes(Mistake::DropsWhatCannotBeTold) => Some(false),
            None if self.makes(Mistake::AppliesWhatCannotBeTold) => Some(true),
            answer => answer,
        }
    }

    /// Takes the row and deletes the intent; nobody sees that before the commit.
    fn second_transaction(self, state: &State, writer: usize) -> Step {
        let mut next = state.clone();
        let intent = state.intent_of(writer);
        if !state.intents.contains(&intent) && !self.makes(Mistake::DoesNotLookForItsIntent) {
            next.writers[writer].at = At::Load;
            return Step::of(writer, "finds its intent gone", next);
        }
        let is_taken = self.makes(Mistake::TakesRowsBeforeTheRefMoves);
        if state.table != intent.row && !is_taken && !self.makes(Mistake::DoesNotCompareRows) {
            next.drop_intent(intent);
            next.writers[writer].at = At::Load;
            return Step::of(writer, "finds the row changed", next);
        }
        next.holder = Some(writer);
        next.writers[writer].at = At::Move;
        if self.makes(Mistake::RecordsBeforeTheRefMoves) {
            next.record(intent.row);
            next.drop_intent(intent);
        }
        Step::of(writer, "takes the row in its second transaction", next)
    }

    /// Moved, not moved, or unknown.
    fn move_ref(self, state: &State, writer: usize) -> Vec<Step> {
        let commit = state.commit_of(writer);
        let branch = state.writers[writer].branch;
        let mut steps = Vec::new();

        let mut moved = state.clone();
        let is_there = state.branches[branch].history.last() == Some(&commit);
        let is_stale = !moved.move_branch(Push { branch, commit });
        if is_there || !is_stale {
            self.fetch(&mut moved, branch);
            let me = &mut moved.writers[writer];
            if me.at == At::Move {
                me.at = At::Record;
            } else {
                (me.at, me.told) = (At::Done, Told::Moved);
            }
            steps.push(Step::of(writer, "moves the branch", moved));
        }

        let mut not_moved = state.clone();
        roll_back(&mut not_moved, writer);
        let me = &mut not_moved.writers[writer];
        let why = if is_stale {
            me.at = At::Load;
            "finds that the branch has moved"
        } else {
            (me.at, me.told) = (At::Done, Told::NotMoved);
            "may not move the branch"
        };
        steps.push(Step::of(writer, why, not_moved));

        steps.extend(self.lose_the_answer(state, writer));
        steps
    }

    /// The connection is lost or the client is killed. The move may still happen, and later.
    fn lose_the_answer(self, state: &State, writer: usize) -> Vec<Step> {
        let mut lost = state.clone();
        lost.failures += 1;
        let (branch, commit) = (state.writers[writer].branch, state.commit_of(writer));
        lost.on_the_way.push(Push { branch, commit });

        let mut dead = lost.clone();
        dead.release(writer);
        dead.writers[writer].at = At::Dead;

        let mut unknown = lost;
        if self.makes(Mistake::DropsTheIntentWhenUnknown) {
            roll_back(&mut unknown, writer);
        }
        // The second transaction is rolled back, and the intent stays.
        unknown.release(writer);
        unknown.writers[writer].at = At::Done;
        unknown.writers[writer].told = match self.mistake {
            Some(Mistake::TellsNotMovedWhenUnknown) => Told::NotMoved,
            Some(Mistake::TellsMovedWhenUnknown) => Told::Moved,
            _ => Told::Unknown,
        };
        let mut steps = Vec::new();
        if !state.writers[writer].begins_again {
            let mut again = unknown.clone();
            again.writers[writer].at = At::Load;
            again.writers[writer].begins_again = true;
            steps.push(Step::of(
                writer,
                "isn't told whether the branch moved, and begins again",
                again,
            ));
        }
        steps.push(Step::of(
            writer,
            "isn't told whether the branch moved",
            unknown,
        ));
        steps.push(Step::of(writer, "dies while it moves the branch", dead));
        steps
    }

    /// Commits the second transaction. If that fails, the commit stands, and the intent too.
    fn record(self, state: &State, writer: usize) -> Vec<Step> {
        let intent = state.intent_of(writer);
        let mut told = state.clone();
        told.release(writer);
        told.writers[writer].at = At::Done;
        told.writers[writer].told = Told::Moved;

        let mut recorded = told.clone();
        recorded.drop_intent(intent);
        recorded.record(intent.row);
        match self.mistake {
            Some(Mistake::DoesNotCompareRows) => recorded.table = None,
            Some(Mistake::RaisesTheVersionAlone) => {
                (recorded.table, recorded.snapshot) = (state.table, state.snapshot);
            }
            Some(Mistake::CopiesTheRow) => recorded.table = state.table,
            _ => {}
        }
        let mut pending = told;
        pending.failures += 1;
        if self.makes(Mistake::DropsTheIntentWhenTheStoreFails) {
            pending.drop_intent(intent);
        }
        vec![
            Step::of(writer, "commits its second transaction", recorded),
            Step::of(writer, "can't commit its second transaction", pending),
        ]
    }

    /// Lets the store catch up with a branch, as a person says.
    fn adopt(self, state: &State, writer: usize) -> Vec<Step> {
        let settled = self.settle(state).into_iter();
        let steps = settled.map(|mut next| {
            let me = &next.writers[writer];
            let branch = &next.branches[me.branch];
            let is_as_loaded = branch.is_at_target && branch.history.len() == me.depth;
            next.writers[writer].at = At::Done;
            if !is_as_loaded || next.project_at_target || self.is_disputed(&next) {
                return Step::of(writer, "has nothing to adopt", next);
            }
            let row = next.table;
            next.record(row);
            Step::of(writer, "adopts the branch", next)
        });
        steps.collect()
    }
}

/// Whether the import isn't what was loaded.
fn has_changed(state: &State, writer: usize) -> bool {
    let imported = state.writers[writer].imported;
    imported.is_some() && imported != state.source()
}

/// The ref has not moved: the second transaction is rolled back, if there is one, and the intent dropped.
fn roll_back(next: &mut State, writer: usize) {
    if next.writers[writer].at == At::Move {
        let intent = next.intent_of(writer);
        next.drop_intent(intent);
        next.release(writer);
    }
}
