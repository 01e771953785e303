//! The protocol by which a commit becomes visible and the store follows.
//!
//! Invariant: the ref update is the only moment at which the commit becomes visible, and the intent that lets others
//! finish the work is durable before it.

use std::sync::Arc;

use super::compute::check_work_tree;
use super::error::CommitError;
use super::model::{Committed, CommittedBeside, Prepared, PreparedBeside, StoreOutcome};
use super::protocol::{Look, Protocol, examine, refuse_rows_gone};
use super::record::StoreEffect;
use super::several::{Outcomes, publish_several, refuse_several_imports};
use super::write::Written;
use crate::git::ObjectId;
use crate::project::read::loaded::Loaded;
use crate::project::read::newer::leave_steps;
use crate::project::write::draft::Draft;
use crate::project::write::settle::{Settlement, settle};
use crate::store::{self, Store};

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
        let Outcomes {
            store,
            beside,
            settled,
        } = match self.loaded().project().store().cloned() {
            None => {
                for draft in self.prepared.drafts() {
                    refuse_rows_gone(&draft.loaded)?;
                }
                self.move_ref()?;
                Outcomes::without_store(&self.prepared)
            }
            Some(store) => self.publish_with(store)?,
        };
        let others = self.prepared.draft.beside.iter().zip(beside);
        let beside = others.map(|(draft, store)| CommittedBeside {
            base_path: draft.loaded.base_path().to_owned(),
            version: draft.loaded.plan().target,
            store,
        });
        let beside = beside.collect();
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
            base_path: self.loaded().base_path().to_owned(),
            beside,
        })
    }

    fn loaded(&self) -> &Loaded {
        &self.prepared.draft.loaded
    }

    fn publish_with(&self, store: Arc<dyn Store>) -> Result<Outcomes, CommitError> {
        let loaded = self.loaded();
        // Before anybody can see the version that they lead to.
        leave_steps(loaded.project().catalog(), &*store)?;
        let drafts: Vec<&Draft> = self.prepared.drafts().collect();
        let protocols = drafts.iter();
        let protocols = protocols.map(|draft| Protocol::new(self, draft, &*store));
        let protocols: Vec<Protocol<'_>> = protocols.collect();
        let [only] = protocols.as_slice() else {
            return publish_several(self, &protocols);
        };
        let alone = |store| Outcomes {
            store,
            beside: Vec::new(),
            settled: Vec::new(),
        };
        let look = only.look()?;
        match look {
            Look::NoStore => refuse_rows_gone(loaded)?,
            Look::UnknownProject | Look::NothingToRecord => {}
            Look::ToRecord => {
                let (store, settled) = only.run()?;
                return Ok(Outcomes {
                    settled,
                    ..alone(store)
                });
            }
        }
        self.move_ref()?;
        Ok(alone(look.outcome()))
    }
}

impl Prepared<'_> {
    /// What publishing would make the store do, as it is now: what `--dry-run` shows. `None` where there is no store
    /// that knows the project. All of it happens in a transaction that is rolled back.
    ///
    /// # Errors
    /// What [`Written::publish`] would refuse because of the store.
    pub fn store_effect(&self) -> Result<Option<StoreEffect>, CommitError> {
        refuse_several_imports(self.drafts())?;
        self.store_effect_of(self.draft)
    }

    /// The same of the other projects that a merge changes.
    ///
    /// # Errors
    /// As for [`store_effect`](Prepared::store_effect).
    pub fn beside(&self) -> Result<Vec<PreparedBeside>, CommitError> {
        let beside = self.draft.beside.iter().map(|draft| {
            let loaded = &draft.loaded;
            let effect = self.store_effect_of(draft);
            Ok(PreparedBeside {
                base_path: loaded.base_path().to_owned(),
                version: loaded.plan().target,
                effect: effect.map_err(|error| error.in_project(loaded))?,
            })
        });
        beside.collect()
    }

    fn store_effect_of(&self, draft: &Draft) -> Result<Option<StoreEffect>, CommitError> {
        let loaded = &draft.loaded;
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
        let effect = examine(draft, &mut *write)?;
        write.rollback();
        unsettled.allow(effect).map(Some)
    }
}
