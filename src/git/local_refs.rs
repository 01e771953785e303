//! Moving the refs of a local repository.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::checkouts::{Checkout, to_follow};
use super::error::{Error, Result};
use super::fault::{FaultPoint, Faults};
use super::flush;
use super::loose_refs::{self, RefValue};
use super::move_ref::{MoveOutcome, MoveRef, NotMoved, PastMove, RefUpdate, Visibility};
use super::object_id::{ObjectId, ObjectKind};
use super::ref_lock::RefLock;
use super::ref_name::check_branch_name;
use super::reflog::{self, ReflogLine};
use super::repository::Repository;
use super::work_trees::{KeptFile, WorkTrees};

/// The time for which the lock of another process is waited for: ten times what Git waits, whose locks last
/// milliseconds.
const LOCK_TIMEOUT: Duration = Duration::from_secs(1);

/// Moves the branches of a repository, as `git update-ref` does: under Git's own lock, one value to the next, with the
/// reflog that `core.logAllRefUpdates` asks for. Hooks aren't run.
///
/// A work tree that has the branch checked out follows it [if something lets it](LocalRefs::with_work_trees); else that is
/// not asked: see [`LocalRefs::checked_out_at`].
#[derive(Debug, Clone)]
pub struct LocalRefs {
    repository: Repository,
    lock_timeout: Duration,
    work_trees: Option<Arc<dyn WorkTrees>>,
    faults: Faults,
}

impl LocalRefs {
    /// For the branches of `repository`.
    pub fn new(repository: Repository) -> LocalRefs {
        LocalRefs {
            repository,
            lock_timeout: LOCK_TIMEOUT,
            work_trees: None,
            faults: Faults::default(),
        }
    }

    /// With another limit on the time to wait for a lock that another process holds; the default is one second.
    pub fn with_lock_timeout(self, lock_timeout: Duration) -> LocalRefs {
        LocalRefs {
            lock_timeout,
            ..self
        }
    }

    /// The same, for branches too that are checked out: their work trees follow by this.
    pub fn with_work_trees(self, work_trees: Arc<dyn WorkTrees>) -> LocalRefs {
        LocalRefs {
            work_trees: Some(work_trees),
            ..self
        }
    }

    /// The same, with steps that a test lets fail.
    #[cfg(feature = "fault-injection")]
    pub fn with_faults(self, hook: super::fault::FaultHook) -> LocalRefs {
        let faults = Faults { hook: Some(hook) };
        LocalRefs { faults, ..self }
    }

    /// The work tree that has the branch (its full name) checked out, if there is one: moving the branch would leave that
    /// work tree behind.
    ///
    /// # Errors
    /// If the work trees can't be listed.
    pub fn checked_out_at(&self, branch: &str) -> Result<Option<PathBuf>> {
        let found = self.repository.checkouts(branch)?.into_iter().next();
        Ok(found.map(|checkout| checkout.work_tree))
    }

    /// Refuses to go on unless the ref is where the caller saw it, or can be made.
    fn check_unmoved(&self, update: &RefUpdate, ref_path: &Path) -> Result<(), NotMoved> {
        self.faults.before(FaultPoint::ReadRef, ref_path)?;
        let found = self.value_of(&update.name)?;
        if found != update.expected {
            return Err(NotMoved::Stale { found });
        }
        if found.is_none() {
            self.refuse_clash(&update.name)?;
        }
        Ok(())
    }

    /// What a branch points to; `None`: there is none.
    fn value_of(&self, name: &str) -> Result<Option<ObjectId>> {
        match self.repository.refs().find(name)? {
            None => Ok(None),
            Some(RefValue::Id { id, .. }) => Ok(Some(id)),
            Some(RefValue::Symbolic(target)) => Err(Error::SymbolicRef {
                name: name.to_owned(),
                target,
            }),
            Some(RefValue::Broken(reason)) => Err(Error::Corrupt {
                what: name.to_owned(),
                git_dir: self.repository.git_dir().to_owned(),
                reason,
            }),
        }
    }

    /// The ref that keeps `name` from being made: a folder of its name, or below it.
    fn ref_in_the_way(&self, name: &str) -> Result<Option<String>> {
        let refs = self.repository.refs();
        for (end, _) in name.match_indices('/').skip(2) {
            let folder = &name[..end];
            if refs.find(folder)?.is_some() {
                return Ok(Some(folder.to_owned()));
            }
        }
        let loose = refs
            .loose_refs(&[name])?
            .into_iter()
            .next()
            .map(|(below, _)| below);
        let below = match loose {
            Some(below) => Some(below),
            None => {
                let prefix = format!("{name}/");
                let packed = refs.packed_refs()?;
                packed
                    .with_prefix(prefix.as_bytes())
                    .next()
                    .map(|packed| packed.name.to_vec())
            }
        };
        Ok(below.map(|below| String::from_utf8_lossy(&below).into_owned()))
    }

    fn refuse_clash(&self, name: &str) -> Result<()> {
        match self.ref_in_the_way(name)? {
            None => Ok(()),
            Some(existing) => Err(Error::RefNameClash {
                name: name.to_owned(),
                existing,
            }),
        }
    }

    /// Brings the work tree that has the branch checked out, if there is one, to the new commit.
    fn follow(&self, update: &RefUpdate) -> Result<Option<Followed<'_>>> {
        let Some(work_trees) = self.work_trees() else {
            return Ok(None);
        };
        let Some(checkout) = to_follow(self.repository.checkouts(&update.name)?)? else {
            return Ok(None);
        };
        let point = FaultPoint::UpdateWorkTree;
        self.faults.before(point, &checkout.work_tree)?;
        let kept = work_trees.follow(&checkout, update.expected, update.new)?;
        Ok(Some(Followed {
            work_trees,
            checkout,
            kept,
        }))
    }

    /// Logs the move for the branch, and for a `HEAD` that stands on it, as Git does: before it.
    fn log(&self, update: &RefUpdate, followed: Option<&Checkout>) -> Result<()> {
        let line = ReflogLine {
            old: update.expected,
            new: update.new,
            committer: &update.committer,
            message: &update.message,
        }
        .encode()?;
        let create = self.begins_reflogs();
        let mut logs = vec![self.repository.common_dir().join("logs").join(&update.name)];
        let own = self.repository.git_dir();
        let git_dir = followed.map_or(own, |checkout| &checkout.git_dir);
        let head = git_dir.join("HEAD");
        if loose_refs::read(&head)? == Some(RefValue::Symbolic(update.name.clone())) {
            logs.push(git_dir.join("logs/HEAD"));
        }
        for path in logs {
            self.faults.before(FaultPoint::AppendReflog, &path)?;
            reflog::append(&path, &line, create)
                .map_err(|error| Error::io("write", &path, error))?;
        }
        Ok(())
    }

    /// Whether `core.logAllRefUpdates` wants logs for branches: so in repositories with a work tree unless it says no.
    fn begins_reflogs(&self) -> bool {
        let gix = self.repository.to_thread_local();
        let config = gix.config_snapshot();
        match config.string("core.logAllRefUpdates") {
            Some(value) if value.eq_ignore_ascii_case(b"always") => true,
            Some(_) => config.boolean("core.logAllRefUpdates").unwrap_or(false),
            None => !self.repository.is_bare(),
        }
    }

    /// Flushes the folders of a ref, up to `refs`.
    fn flush_folders(&self, ref_path: &Path) -> Result<()> {
        let top = self.repository.common_dir().join("refs");
        for folder in ref_path
            .ancestors()
            .skip(1)
            .take_while(|folder| folder.starts_with(&top))
        {
            self.faults.before(FaultPoint::FlushRefDirectory, folder)?;
            flush::folder(folder).map_err(|error| Error::io("flush", folder, error))?;
        }
        Ok(())
    }
}

impl LocalRefs {
    /// Takes the lock and writes the new value into it.
    fn prepare(&self, update: &RefUpdate) -> Result<RefLock, NotMoved> {
        check_branch_name(&update.name)?;
        self.repository
            .reader()
            .expect(update.new, ObjectKind::Commit)?;
        let ref_path = self.repository.refs().file_of(&update.name);
        // All is asked again under the lock: here for messages that say more than a lock that can't be taken.
        self.check_unmoved(update, &ref_path)?;
        self.faults.before(FaultPoint::LockRef, &ref_path)?;
        let mut lock = RefLock::acquire(&ref_path, self.lock_timeout)?;
        self.check_unmoved(update, &ref_path)?;
        let lock_path = lock.lock_path().to_owned();
        let failed = |action, error| Error::io(action, &lock_path, error);
        self.faults.before(FaultPoint::WriteRef, &lock_path)?;
        lock.write(format!("{}\n", update.new).as_bytes())
            .map_err(|error| failed("write", error))?;
        self.faults.before(FaultPoint::FlushRef, &lock_path)?;
        lock.flush().map_err(|error| failed("flush", error))?;
        Ok(lock)
    }

    /// What comes between the work tree and the one step that moves the ref.
    fn announce(&self, update: &RefUpdate, followed: Option<&Checkout>) -> Result<()> {
        self.log(update, followed)?;
        let ref_path = self.repository.refs().file_of(&update.name);
        self.faults.before(FaultPoint::PublishRef, &ref_path)
    }
}

impl MoveRef for LocalRefs {
    /// Moves a branch (`refs/heads/...`). It fails with [`Error::InvalidRefName`]; [`Error::Locked`] if another process
    /// holds the ref's lock; [`Error::RefNameClash`]; [`Error::SymbolicRef`]; [`Error::ObjectNotFound`] or
    /// [`Error::WrongKind`] if the new value isn't a commit that is there; and, where a work tree has to follow, with
    /// [`Error::NotClean`], [`Error::InProgress`], [`Error::SeveralWorkTrees`], [`Error::NotFollowed`] or
    /// [`Error::LeftStaged`]. [`MoveOutcome::Unknown`] is a move that the disk
    /// hasn't confirmed.
    fn move_ref(&self, update: &RefUpdate) -> MoveOutcome {
        let lock = match self.prepare(update) {
            Ok(lock) => lock,
            Err(reason) => return reason.into(),
        };
        let followed = match self.follow(update) {
            Ok(followed) => followed,
            Err(error) => return NotMoved::Failed(error).into(),
        };
        let not_moved = |error| NotMoved::Failed(go_back(followed.as_ref(), update, error)).into();
        let checkout = followed.as_ref().map(|followed| &followed.checkout);
        if let Err(error) = self.announce(update, checkout) {
            return not_moved(error);
        }
        let ref_path = self.repository.refs().file_of(&update.name);
        if let Err(error) = lock.publish() {
            let error = Error::io("rename", &ref_path, error);
            // A file system may fail to say that it has done it.
            return match self.value_of(&update.name) {
                Ok(found) if found != Some(update.new) => not_moved(error),
                _ => MoveOutcome::Unknown(error),
            };
        }
        match self.flush_folders(&ref_path) {
            Ok(()) => MoveOutcome::Moved,
            Err(source) => MoveOutcome::Unknown(Error::MovedButNotFlushed {
                name: update.name.clone(),
                new: update.new,
                source: Box::new(source),
            }),
        }
    }

    /// Whether a branch of the repository leads to the commit; unknown where one that may do so can't be read.
    fn visibility(&self, past: &PastMove) -> Visibility {
        match self.repository.reader().is_reachable(past.new) {
            Ok(true) => Visibility::Visible,
            Ok(false) => Visibility::NotVisible,
            Err(error) => Visibility::Unknown(error),
        }
    }

    fn work_trees(&self) -> Option<&dyn WorkTrees> {
        self.work_trees.as_deref()
    }
}

/// A work tree that has followed.
struct Followed<'r> {
    work_trees: &'r dyn WorkTrees,
    checkout: Checkout,
    kept: Vec<KeptFile>,
}

/// Brings a work tree back to where its branch is, which could not be moved for this reason.
fn go_back(followed: Option<&Followed>, update: &RefUpdate, reason: Error) -> Error {
    let Some(followed) = followed else {
        return reason;
    };
    let Followed {
        work_trees,
        checkout,
        kept,
    } = followed;
    match work_trees.go_back(checkout, update.expected, update.new, kept) {
        Ok(()) => reason,
        Err(error) => Error::LeftStaged {
            work_tree: checkout.work_tree.clone(),
            reason: error.to_string(),
            source: Box::new(reason),
        },
    }
}
