//! One project's part of publishing a commit: its intent, its rows, and the ref.

use super::error::CommitError;
use super::fault::CommitPoint;
use super::model::StoreOutcome;
use super::record::{StoreEffect, compare};
use super::write::Written;
use crate::git::{MoveOutcome, NotMoved, RefUpdate};
use crate::project::open::Project;
use crate::project::read::loaded::Loaded;
use crate::project::write::draft::Draft;
use crate::project::write::draft_error::DraftError;
use crate::project::write::run_effects::Occasion;
use crate::project::write::settle::{Settlement, settle};
use crate::project::write::settled::SettledIntent;
use crate::store::{self, Intent, IntentId, ProjectKey, Store, WriteTransaction};
use crate::text::first_line;

impl Written<'_> {
    /// Moves the branch, only if it still is where it was loaded.
    pub(super) fn move_ref(&self) -> Result<(), CommitError> {
        let commit = self.commit();
        let request = &self.prepared.request;
        let branch = &self.prepared.branch;
        let expected = self.prepared.draft.expected;
        let summary = first_line(&request.message);
        let message = match (&self.prepared.draft.merged_in, expected) {
            (Some(merged_in), _) if merged_in.is_forward => {
                format!("merge {}: Fast-forward", merged_in.named)
            }
            (Some(_), _) => format!("commit (merge): {summary}"),
            (None, Some(_)) => format!("commit: {summary}"),
            (None, None) => format!("commit (initial): {summary}"),
        };
        let update = RefUpdate {
            name: branch.clone(),
            expected,
            new: commit,
            message,
            committer: request.committer.clone(),
        };
        match self
            .prepared
            .draft
            .loaded
            .project()
            .refs()
            .move_ref(&update)
        {
            MoveOutcome::Moved => Ok(()),
            MoveOutcome::NotMoved(NotMoved::Stale { found: Some(_) }) if expected.is_none() => {
                let branch = branch.clone();
                Err(DraftError::BranchExists { branch }.into())
            }
            MoveOutcome::NotMoved(NotMoved::Stale { found }) => Err(CommitError::BranchMoved {
                branch: branch.clone(),
                expected,
                found,
            }),
            MoveOutcome::NotMoved(NotMoved::Failed(error)) => Err(error.into()),
            MoveOutcome::Unknown(source) => Err(CommitError::Unconfirmed {
                branch: branch.clone(),
                commit,
                source: Box::new(source),
            }),
        }
    }
}

/// What a first look at the store says.
pub(super) enum Look {
    NoStore,
    UnknownProject,
    NothingToRecord,
    ToRecord,
}

impl Look {
    /// What becomes of the store where it has nothing to record.
    pub(super) fn outcome(&self) -> StoreOutcome {
        match self {
            Look::NoStore | Look::UnknownProject => StoreOutcome::None,
            Look::NothingToRecord | Look::ToRecord => StoreOutcome::Unchanged,
        }
    }
}

/// What the first transaction has done.
pub(super) struct First {
    pub(super) settled: Vec<SettledIntent>,
    /// The intent; `None` where the store has nothing to record.
    pub(super) intent: Option<(IntentId, StoreEffect)>,
}

/// Publishing a commit, for one of the projects that it changes.
pub(super) struct Protocol<'p> {
    written: &'p Written<'p>,
    draft: &'p Draft,
    store: &'p dyn Store,
    key: ProjectKey,
}

impl<'p> Protocol<'p> {
    pub(super) fn new(
        written: &'p Written<'p>,
        draft: &'p Draft,
        store: &'p dyn Store,
    ) -> Protocol<'p> {
        Protocol {
            written,
            draft,
            store,
            key: draft.loaded.project().key(draft.loaded.base_path()),
        }
    }

    pub(super) fn loaded(&self) -> &'p Loaded {
        &self.draft.loaded
    }

    fn project(&self) -> &'p Project {
        self.loaded().project()
    }

    /// Whether the store has anything to do with this commit: without a write transaction, as most commits are to
    /// branches that are where the project is.
    pub(super) fn look(&self) -> Result<Look, CommitError> {
        let mut read = match self.store.read(&self.key) {
            Err(store::Error::Absent { .. }) => return Ok(Look::NoStore),
            other => other?,
        };
        let Some(version) = read.version()? else {
            compare(self.loaded(), &mut *read)?;
            return Ok(Look::UnknownProject);
        };
        if version < self.target() || !read.intents()?.is_empty() {
            return Ok(Look::ToRecord);
        }
        compare(self.loaded(), &mut *read)?;
        Ok(Look::NothingToRecord)
    }

    pub(super) fn run(&self) -> Result<(StoreOutcome, Vec<SettledIntent>), CommitError> {
        let First { settled, intent } = self.first_transaction()?;
        let Some((id, effect)) = intent else {
            self.written
                .move_ref()
                .map_err(|error| after(settled.clone(), error))?;
            return Ok((StoreOutcome::Unchanged, settled));
        };
        match self.second_transaction(id, effect) {
            Ok(outcome) => Ok((outcome, settled)),
            Err(error) => Err(after(settled, error)),
        }
    }

    /// Settles what others left, compares, and writes the intent.
    pub(super) fn first_transaction(&self) -> Result<First, CommitError> {
        let faults = self.project().faults();
        let mut write = self.store.write(&self.key)?;
        faults.at(CommitPoint::FirstBegun)?;
        let (refs, effects) = (self.project().refs(), self.project().effects());
        let Settlement { settled, unsettled } =
            settle(&mut *write, &self.key, refs, Some(effects), self.time())?;
        faults.at(CommitPoint::Settled)?;
        let examined = examine(self.draft, &mut *write);
        let mut effect = match examined.and_then(|effect| unsettled.allow(effect)) {
            Ok(effect) => effect,
            Err(refusal) => {
                // What was settled stays settled.
                if !settled.is_empty() {
                    write.commit()?;
                }
                return Err(after(settled, refusal));
            }
        };
        if effect.is_empty() {
            if !settled.is_empty() {
                write.commit()?;
            }
            return Ok(First {
                settled,
                intent: None,
            });
        }
        let id = write.put_intent(&self.intent(&effect))?;
        effect.begin_effects(&mut *write, self.time())?;
        faults.at(CommitPoint::IntentWritten)?;
        write.commit()?;
        faults.at(CommitPoint::FirstCommitted)?;
        let intent = Some((id, effect));
        Ok(First { settled, intent })
    }

    /// Takes the rows, moves the ref, and commits.
    pub(super) fn second_transaction(
        &self,
        id: IntentId,
        mut effect: StoreEffect,
    ) -> Result<StoreOutcome, CommitError> {
        let write = match self.take_and_move(id, &mut effect) {
            Ok(write) => write,
            // The intent stays: whoever writes next finds out whether the ref has moved.
            Err(error @ CommitError::Unconfirmed { .. }) => return Err(error),
            Err(error) => {
                self.drop_intent(id);
                return Err(error);
            }
        };
        let faults = self.project().faults();
        let committed = faults.at(CommitPoint::RefMoved);
        let committed = committed
            .map_err(CommitError::from)
            .and_then(|()| Ok(write.commit()?));
        if let Err(error) = committed {
            let error = Box::new(error);
            for effect in &mut effect.effects {
                effect.outcome = None;
            }
            return Ok(StoreOutcome::Pending { effect, error });
        }
        faults.at(CommitPoint::SecondCommitted)?;
        Ok(StoreOutcome::Followed(effect))
    }

    /// Lets the store follow after the ref has moved, as the next writer would; its intent is written.
    pub(super) fn follow(&self, id: IntentId, effect: StoreEffect) -> StoreOutcome {
        match self.settle_own(id) {
            Ok(()) => StoreOutcome::Followed(effect),
            Err(error) => {
                let error = Box::new(error);
                StoreOutcome::Pending { effect, error }
            }
        }
    }

    fn settle_own(&self, id: IntentId) -> Result<(), CommitError> {
        let mut write = self.store.write(&self.key)?;
        let (refs, effects) = (self.project().refs(), self.project().effects());
        let settlement = settle(&mut *write, &self.key, refs, Some(effects), self.time())?;
        let stays = write.intents()?.iter().any(|(found, _)| *found == id);
        write.commit()?;
        match settlement.unsettled.reason().filter(|_| stays) {
            Some(reason) => Err(reason.into()),
            None => Ok(()),
        }
    }

    /// The second transaction with all its changes, after the ref has moved. With an error it is rolled back, and the
    /// ref has not moved unless that is [`CommitError::Unconfirmed`].
    fn take_and_move(
        &self,
        id: IntentId,
        effect: &mut StoreEffect,
    ) -> Result<Box<dyn WriteTransaction + '_>, CommitError> {
        let faults = self.project().faults();
        let mut write = self.store.write(&self.key)?;
        faults.at(CommitPoint::SecondBegun)?;
        if !write.intents()?.iter().any(|(found, _)| *found == id) {
            return Err(CommitError::Overtaken);
        }
        let occasion = Occasion {
            project: &self.key,
            branch: &self.written.prepared.branch,
            commit: &self.written.commit().to_string(),
            time: self.time(),
        };
        effect.run_effects(self.project().effects(), occasion, &mut *write)?;
        faults.at(CommitPoint::EffectsRun)?;
        for import in &effect.imports {
            let taken = write.take(
                &import.kind,
                import.import_version,
                &import.rows,
                self.time(),
            );
            match taken {
                Err(store::Error::RowsChanged(changed)) => {
                    let changed = vec![changed.to_string()];
                    return Err(CommitError::ImportChanged { changed });
                }
                other => other?,
            }
        }
        write.raise_version(self.target())?;
        write.delete_intent(id)?;
        faults.at(CommitPoint::RowsTaken)?;
        match self.written.move_ref() {
            Ok(()) => Ok(write),
            Err(error) => {
                write.rollback();
                if !matches!(error, CommitError::Unconfirmed { .. }) {
                    faults.at(CommitPoint::RolledBack)?;
                }
                Err(error)
            }
        }
    }

    /// The ref has not moved. One that stays for want of a working store is dropped by the next writer.
    fn drop_intent(&self, id: IntentId) {
        let dropped = self.store.write(&self.key).and_then(|mut write| {
            write.delete_intent(id)?;
            write.commit()
        });
        drop(dropped);
    }

    fn intent(&self, effect: &StoreEffect) -> Intent {
        let draft = self.written.prepared.draft;
        Intent {
            ref_name: self.written.prepared.branch.clone(),
            old: draft.expected.map(|commit| commit.to_string()),
            new: self.written.commit().to_string(),
            target: self.target(),
            imports: effect.imports.clone(),
            created: self.time(),
        }
    }

    fn target(&self) -> u32 {
        self.loaded().plan().target
    }

    fn time(&self) -> i64 {
        self.written.prepared.request.committer.seconds
    }
}

/// Refuses what was loaded with a store's rows or answers where there is none any more.
pub(super) fn refuse_rows_gone(loaded: &Loaded) -> Result<(), CommitError> {
    let asked = loaded.asked().into_iter();
    let was_answered = || asked.into_iter().any(|asked| asked.answer.is_some());
    let mut lifts = loaded.lift().with_pasts();
    if lifts.any(|lift| !lift.imports().is_empty()) || was_answered() {
        let changed = vec!["the store is gone".to_owned()];
        return Err(CommitError::ImportChanged { changed });
    }
    Ok(())
}

/// Compares with what the load saw, and finds what the store has to do now.
pub(super) fn examine(
    draft: &Draft,
    write: &mut dyn WriteTransaction,
) -> Result<StoreEffect, CommitError> {
    let loaded = &draft.loaded;
    let target = loaded.plan().target;
    compare(loaded, write)?;
    let Some(version) = write.version()? else {
        let project = loaded.project().key(loaded.base_path());
        return Err(store::Error::UnknownProject { project }.into());
    };
    let effect = StoreEffect::of(loaded, target, write, version)?;
    effect.refuse_in_no_branch(loaded.plan().branch_version)?;
    Ok(effect.without_removed(draft))
}

pub(super) fn after(settled: Vec<SettledIntent>, error: CommitError) -> CommitError {
    if settled.is_empty() {
        return error;
    }
    CommitError::AfterSettling {
        settled,
        source: Box::new(error),
    }
}
