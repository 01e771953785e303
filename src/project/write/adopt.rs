//! Brings the store up to date with a branch at a higher version.

use super::commit::compute::branch_of;
use super::commit::error::CommitError;
use super::commit::record::StoreEffect;
use super::effect::Effects;
use super::run_effects::{self, Occasion};
use super::settle::{Settlement, settle};
use super::settled::SettledIntent;
use crate::git::RefTarget;
use crate::project::read::loaded::Loaded;
use crate::project::read::newer::leave_steps;
use crate::store::{self, WriteTransaction};

/// What adopting a branch would do. Nothing is written yet.
#[must_use = "nothing is written before `publish`"]
pub struct Adoption<'l> {
    loaded: &'l Loaded,
    branch: String,
    time: i64,
    effect: StoreEffect,
}

/// A branch that the store has caught up with.
#[must_use = "rows may have to be reported"]
#[derive(Debug)]
pub struct Adopted {
    /// What the store did.
    pub effect: StoreEffect,
    /// What writers that died had left, and what became of it.
    pub settled: Vec<SettledIntent>,
}

/// A transaction in which others' intents are settled, and what is still to be done in it.
struct CatchUp<'l> {
    write: Box<dyn WriteTransaction + 'l>,
    settled: Vec<SettledIntent>,
    effect: StoreEffect,
}

/// What the store would have to do to catch up with a branch: see [`Loaded::adopt`](crate::project::Loaded::adopt).
pub(crate) fn adopt(loaded: &Loaded, time: i64) -> Result<Adoption<'_>, CommitError> {
    loaded.refuse_newer()?;
    let branch = branch_of(loaded)?;
    let CatchUp { write, effect, .. } = catch_up(loaded, None, time)?;
    write.rollback();
    Ok(Adoption {
        loaded,
        branch,
        time,
        effect,
    })
}

/// Begins a transaction, and settles others' intents in it; without `effects`, one that is rolled back.
fn catch_up<'l>(
    loaded: &'l Loaded,
    effects: Option<&Effects>,
    time: i64,
) -> Result<CatchUp<'l>, CommitError> {
    let project = loaded.project();
    let key = project.key(loaded.base_path());
    let Some(store) = project.store() else {
        return Err(CommitError::NoStoreToAdopt);
    };
    let mut write = store.write(&key)?;
    let Settlement { settled, unsettled } =
        settle(&mut *write, &key, project.refs(), effects, time)?;
    let Some(version) = write.version()? else {
        return Err(store::Error::UnknownProject { project: key }.into());
    };
    let target = loaded.plan().branch_version;
    let effect = StoreEffect::of(loaded, target, &mut *write, version)?;
    let effect = unsettled.allow(effect)?;
    Ok(CatchUp {
        write,
        settled,
        effect,
    })
}

impl Adoption<'_> {
    /// What the store would do.
    pub fn effect(&self) -> &StoreEffect {
        &self.effect
    }

    /// Lets the store catch up.
    ///
    /// # Errors
    /// [`CommitError::BranchMoved`] and [`CommitError::ImportChanged`] if the branch or the rows are not what was shown.
    pub fn publish(self) -> Result<Adopted, CommitError> {
        let project = self.loaded.project();
        run_effects::refuse_unknown(self.loaded, self.effect.version)?;
        if let Some(store) = project.store() {
            leave_steps(project.catalog(), &**store)?;
        }
        let CatchUp {
            mut write,
            settled,
            mut effect,
        } = self.catch_up()?;
        if !effect.effects.is_empty() {
            // Durable before they run.
            effect.begin_effects(&mut *write, self.time)?;
            write.commit()?;
            let begun = effect.effects;
            CatchUp { write, effect, .. } = self.catch_up()?;
            effect.effects = begun;
            let occasion = Occasion {
                project: &project.key(self.loaded.base_path()),
                branch: &self.branch,
                commit: &self.loaded.commit().to_string(),
                time: self.time,
            };
            effect.run_effects(project.effects(), occasion, &mut *write)?;
        }
        for import in &effect.imports {
            write.take(&import.kind, import.import_version, &import.rows, self.time)?;
        }
        write.raise_version(effect.version)?;
        write.commit()?;
        Ok(Adopted { effect, settled })
    }

    /// A transaction in which the branch and the rows are what was shown.
    fn catch_up(&self) -> Result<CatchUp<'_>, CommitError> {
        let effects = self.loaded.project().effects();
        let catch_up = catch_up(self.loaded, Some(effects), self.time)?;
        self.refuse_moved()?;
        if catch_up.effect == self.effect {
            return Ok(catch_up);
        }
        let taken = catch_up.effect.taken.into_iter();
        let changed = taken.map(|row| row.document.to_string()).collect();
        Err(CommitError::ImportChanged { changed })
    }

    fn refuse_moved(&self) -> Result<(), CommitError> {
        let reader = self.loaded.project().repository().reader();
        let mut found = None;
        reader.for_each_ref(crate::git::RefScope::Branches, |name, target| {
            if let (true, RefTarget::Commit(commit)) = (name == self.branch, target) {
                found = Some(commit);
            }
            Ok::<(), crate::git::Error>(())
        })?;
        let expected = Some(self.loaded.commit());
        if found == expected {
            return Ok(());
        }
        Err(CommitError::BranchMoved {
            branch: self.branch.clone(),
            expected,
            found,
        })
    }
}
