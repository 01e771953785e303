//! The protocol by which a commit becomes visible and the store follows.
//!
//! Invariant: the ref update is the only moment at which the commit becomes visible, and the intent that lets others
//! finish the work is durable before it.

use std::sync::Arc;

use super::compute::check_work_tree;
use super::error::CommitError;
use super::fault::CommitPoint;
use super::model::{Committed, Prepared, StoreOutcome};
use super::record::{StoreEffect, compare};
use super::write::Written;
use crate::git::{MoveOutcome, NotMoved, ObjectId, RefUpdate};
use crate::project::open::Project;
use crate::project::read::loaded::Loaded;
use crate::project::read::newer::leave_steps;
use crate::project::write::run_effects::Occasion;
use crate::project::write::settle::{Settlement, settle};
use crate::project::write::settled::SettledIntent;
use crate::store::{self, Intent, IntentId, ProjectKey, Store, WriteTransaction};
use crate::text::first_line;

impl Written<'_> {
    /// The commit that the branch is to point to.
    pub fn commit(&self) -> ObjectId {
        *self
            .commits
            .last()
            .expect("`prepare` makes at least one commit")
    }

    /// Moves the branch to the commit, only if it still is where it was loaded, and lets the store follow.
    ///
    /// # Errors
    /// [`CommitError`], each with what helps. The ref has not moved then, except that after [`CommitError::Unconfirmed`] it
    /// may have.
    pub fn publish(self) -> Result<Committed, CommitError> {
        check_work_tree(self.loaded(), &self.prepared.branch, &[])?;
        let (store, settled) = match self.loaded().project().store().cloned() {
            None => (self.move_ref_alone()?, Vec::new()),
            Some(store) => self.publish_with(store)?,
        };
        let migration_commit = match self.commits.as_slice() {
            [migration, _] => Some(*migration),
            _ => None,
        };
        if let StoreOutcome::Pending { error, .. } = &store {
            tracing::warn!(branch = self.prepared.branch, %error, "committed, but the store has still to follow");
        }
        tracing::info!(
            branch = self.prepared.branch, commit = %self.commit(), version = self.prepared.version(), "committed",
        );
        Ok(Committed {
            commit: self.commit(),
            migration_commit,
            branch: self.prepared.branch.clone(),
            version: self.prepared.version(),
            store,
            settled,
        })
    }

    fn loaded(&self) -> &Loaded {
        &self.prepared.draft.loaded
    }

    fn move_ref_alone(&self) -> Result<StoreOutcome, CommitError> {
        let asked = || self.loaded().asked().into_iter();
        let was_answered = || asked().any(|asked| asked.answer.is_some());
        if !self.loaded().lift().imports().is_empty() || was_answered() {
            let changed = vec!["the store is gone".to_owned()];
            return Err(CommitError::ImportChanged { changed });
        }
        self.move_ref()?;
        Ok(StoreOutcome::None)
    }

    fn publish_with(
        &self,
        store: Arc<dyn Store>,
    ) -> Result<(StoreOutcome, Vec<SettledIntent>), CommitError> {
        let project = self.loaded().project();
        // Before anybody can see the version that they lead to.
        leave_steps(project.catalog(), &*store)?;
        let key = project.key(self.loaded().base_path());
        let protocol = Protocol {
            written: self,
            project,
            store: &*store,
            key: &key,
        };
        match protocol.look()? {
            Look::NoStore => Ok((self.move_ref_alone()?, Vec::new())),
            Look::UnknownProject => {
                self.move_ref()?;
                Ok((StoreOutcome::None, Vec::new()))
            }
            Look::NothingToRecord => {
                self.move_ref()?;
                Ok((StoreOutcome::Unchanged, Vec::new()))
            }
            Look::ToRecord => protocol.run(),
        }
    }

    fn move_ref(&self) -> Result<(), CommitError> {
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
        match self.loaded().project().refs().move_ref(&update) {
            MoveOutcome::Moved => Ok(()),
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

impl Prepared<'_> {
    /// What publishing would make the store do, as it is now: what `--dry-run` shows. `None` where there is no store
    /// that knows the project. All of it happens in a transaction that is rolled back.
    ///
    /// # Errors
    /// What [`Written::publish`] would refuse because of the store.
    pub fn store_effect(&self) -> Result<Option<StoreEffect>, CommitError> {
        let loaded = &self.draft.loaded;
        let project = loaded.project();
        let Some(store) = project.store() else {
            return Ok(None);
        };
        let key = project.key(loaded.base_path());
        let mut write = match store.write(&key) {
            Err(store::Error::Absent { .. } | store::Error::UnknownProject { .. }) => {
                return Ok(None);
            }
            other => other?,
        };
        let time = self.request.committer.seconds;
        let Settlement { unsettled, .. } = settle(&mut *write, &key, project.refs(), None, time)?;
        let effect = examine(loaded, self.version(), &mut *write)?;
        write.rollback();
        unsettled.allow(effect).map(Some)
    }
}

/// What a first look at the store says.
enum Look {
    NoStore,
    UnknownProject,
    NothingToRecord,
    ToRecord,
}

/// What the first transaction has done.
struct First {
    settled: Vec<SettledIntent>,
    /// The intent; `None` where the store has nothing to record.
    intent: Option<(IntentId, StoreEffect)>,
}

struct Protocol<'p> {
    written: &'p Written<'p>,
    project: &'p Project,
    store: &'p dyn Store,
    key: &'p ProjectKey,
}

impl Protocol<'_> {
    /// Whether the store has anything to do with this commit: without a write transaction, as most commits are to
    /// branches that are where the project is.
    fn look(&self) -> Result<Look, CommitError> {
        let mut read = match self.store.read(self.key) {
            Err(store::Error::Absent { .. }) => return Ok(Look::NoStore),
            other => other?,
        };
        let Some(version) = read.version()? else {
            compare(self.written.loaded(), &mut *read)?;
            return Ok(Look::UnknownProject);
        };
        if version < self.target() || !read.intents()?.is_empty() {
            return Ok(Look::ToRecord);
        }
        compare(self.written.loaded(), &mut *read)?;
        Ok(Look::NothingToRecord)
    }

    fn run(&self) -> Result<(StoreOutcome, Vec<SettledIntent>), CommitError> {
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
    fn first_transaction(&self) -> Result<First, CommitError> {
        let faults = self.project.faults();
        let mut write = self.store.write(self.key)?;
        faults.at(CommitPoint::FirstBegun)?;
        let (refs, effects) = (self.project.refs(), self.project.effects());
        let Settlement { settled, unsettled } =
            settle(&mut *write, self.key, refs, Some(effects), self.time())?;
        faults.at(CommitPoint::Settled)?;
        let examined = examine(self.written.loaded(), self.target(), &mut *write);
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
    fn second_transaction(
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
        let faults = self.project.faults();
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

    /// The second transaction with all its changes, after the ref has moved. With an error it is rolled back, and the
    /// ref has not moved unless that is [`CommitError::Unconfirmed`].
    fn take_and_move(
        &self,
        id: IntentId,
        effect: &mut StoreEffect,
    ) -> Result<Box<dyn WriteTransaction + '_>, CommitError> {
        let faults = self.project.faults();
        let mut write = self.store.write(self.key)?;
        faults.at(CommitPoint::SecondBegun)?;
        if !write.intents()?.iter().any(|(found, _)| *found == id) {
            return Err(CommitError::Overtaken);
        }
        let occasion = Occasion {
            project: self.key,
            branch: &self.written.prepared.branch,
            commit: &self.written.commit().to_string(),
            time: self.time(),
        };
        effect.run_effects(self.project.effects(), occasion, &mut *write)?;
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
        let dropped = self.store.write(self.key).and_then(|mut write| {
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
        self.written.prepared.version()
    }

    fn time(&self) -> i64 {
        self.written.prepared.request.committer.seconds
    }
}

/// Compares with what the load saw, and finds what the store has to do now.
fn examine(
    loaded: &Loaded,
    target: u32,
    write: &mut dyn WriteTransaction,
) -> Result<StoreEffect, CommitError> {
    compare(loaded, write)?;
    let Some(version) = write.version()? else {
        let project = loaded.project().key(loaded.base_path());
        return Err(store::Error::UnknownProject { project }.into());
    };
    let effect = StoreEffect::of(loaded, target, write, version)?;
    effect.refuse_in_no_branch(loaded.plan().branch_version)?;
    Ok(effect)
}

fn after(settled: Vec<SettledIntent>, error: CommitError) -> CommitError {
    if settled.is_empty() {
        return error;
    }
    CommitError::AfterSettling {
        settled,
        source: Box::new(error),
    }
}
