//! Moving the refs of a remote: by a push of Git's own program, with a lease.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use super::mirror::Mirror;
use super::report::{Pushed, pushed};
use crate::git::error::{Error, Result};
use crate::git::local_refs::LocalRefs;
use crate::git::move_ref::{MoveOutcome, MoveRef, NotMoved, PastMove, RefUpdate, Visibility};
use crate::git::object_id::{ObjectId, ObjectKind};
use crate::git::ref_name::check_branch_name;

/// How long a push may go on at the remote once its client is gone, unless somebody says otherwise: its hooks may still run.
const SETTLE_TIME: Duration = Duration::from_secs(600);

/// Moves the branches of a remote, of which there is a mirror here: by `git push` with a lease, so that a branch moves only from where
/// it was seen. The mirror's branch follows.
///
/// A push whose answer is lost may have moved the branch, or may yet do so: [`MoveOutcome::Unknown`]. What became of it is asked of the
/// remote: it is settled once a branch there leads to the commit, once the branch is elsewhere than the push would have found it, or
/// once [the time](RemoteRefs::with_settle_time) is over for which a remote may go on.
///
/// ```no_run
/// use std::path::Path;
/// use std::sync::Arc;
/// use ocl_migrate::catalog::Catalog;
/// use ocl_migrate::git::{GitProgram, Mirror, RemoteRefs, RemoteUrl};
/// use ocl_migrate::project::Project;
///
/// let url = RemoteUrl::parse("ssh://git@example.com/shop.git")?;
/// let mirror = Mirror::open(Path::new("/var/lib/shop.git"), &url, GitProgram::default())?;
/// mirror.fetch()?; // whenever the branches shall be those of now
/// let project = Project::builder(mirror.repository().clone(), Arc::new(Catalog::builtin()))
///     .refs(Arc::new(RemoteRefs::new(mirror)))
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct RemoteRefs {
    mirror: Mirror,
    settle_time: Duration,
    /// Whether the last push got an answer. One that comes after another tries before it sends something, so that a remote that
    /// is down, or lets nobody in, leaves nothing to be settled.
    is_answered: AtomicBool,
}

impl RemoteRefs {
    /// For the branches of a mirror's remote.
    pub fn new(mirror: Mirror) -> RemoteRefs {
        RemoteRefs {
            mirror,
            settle_time: SETTLE_TIME,
            is_answered: AtomicBool::new(false),
        }
    }

    /// With another time for which the remote may go on with a push whose client is gone; the default is ten minutes.
    pub fn with_settle_time(self, settle_time: Duration) -> RemoteRefs {
        RemoteRefs {
            settle_time,
            ..self
        }
    }

    /// The mirror.
    pub fn mirror(&self) -> &Mirror {
        &self.mirror
    }

    fn prepare(&self, update: &RefUpdate) -> Result<()> {
        check_branch_name(&update.name)?;
        let reader = self.mirror.repository().reader();
        reader.expect(update.new, ObjectKind::Commit).map(drop)
    }

    /// Pushes, or only asks whether a push would do; with what Git says besides.
    fn push(&self, update: &RefUpdate, is_dry: bool) -> Result<(Pushed, String)> {
        let expected = update.expected.map(|id| id.to_string()).unwrap_or_default();
        let lease = format!("--force-with-lease={}:{expected}", update.name);
        let refspec = format!("{}:{}", update.new, update.name);
        let mut arguments = vec!["push", "--porcelain", "--no-verify", &*lease];
        arguments.extend(["--no-follow-tags", "--recurse-submodules=no"]);
        if is_dry {
            arguments.push("--dry-run");
        }
        arguments.extend(["--", self.mirror.url().as_str(), &*refspec]);
        let told = self.mirror.git(&arguments)?;
        let pushed = pushed(&told.stdout, &refspec);
        Ok((pushed, told.reason()))
    }

    /// What an answer means, with what Git said besides.
    fn outcome(&self, update: &RefUpdate, answer: Pushed, said: String) -> MoveOutcome {
        match answer {
            Pushed::Moved => {
                self.follow(update);
                MoveOutcome::Moved
            }
            Pushed::Stale => self.stale(update),
            Pushed::Refused(summary) => self.refused(update, &summary, &said),
            Pushed::Unknown => MoveOutcome::Unknown(self.mirror.failed(said)),
        }
    }

    /// Lets the mirror's branch follow. The branch has moved, whatever becomes of this: the next fetch makes up for it.
    fn follow(&self, update: &RefUpdate) {
        let held = self.mirror.hold();
        let moved = LocalRefs::new(self.mirror.repository().clone()).move_ref(update);
        drop(held);
        match moved {
            MoveOutcome::Moved => {}
            MoveOutcome::NotMoved(NotMoved::Stale { found }) if found == Some(update.new) => {}
            _ => {
                if let Err(error) = self.mirror.fetch() {
                    tracing::warn!(branch = update.name, %error, "the mirror doesn't have a branch yet that was pushed");
                }
            }
        }
    }

    /// The branch isn't where it was seen: the mirror shows where it is from now on.
    fn stale(&self, update: &RefUpdate) -> MoveOutcome {
        match self.found(update) {
            // Sent before, by an attempt whose answer was lost.
            Some(found) if found == Some(update.new) => MoveOutcome::Moved,
            found => NotMoved::Stale {
                found: found.flatten(),
            }
            .into(),
        }
    }

    /// Where the branch is at the remote; `None`: that can't be told.
    fn found(&self, update: &RefUpdate) -> Option<Option<ObjectId>> {
        self.mirror.fetch().ok()?;
        self.mirror.value_of(&update.name).ok()
    }

    /// The remote refuses: what it says, unless it is that somebody was faster, after the lease was looked at.
    fn refused(&self, update: &RefUpdate, summary: &str, said: &str) -> MoveOutcome {
        if !summary.contains("declined") {
            match self.found(update) {
                Some(found) if found == Some(update.new) => return MoveOutcome::Moved,
                Some(found) if found != update.expected => {
                    return NotMoved::Stale { found }.into();
                }
                _ => {}
            }
        }
        let reason = match said {
            "" => summary.to_owned(),
            said => format!("{summary}; {said}"),
        };
        NotMoved::Failed(Error::RefusedByRemote {
            remote: self.mirror.url().to_string(),
            name: update.name.clone(),
            reason,
        })
        .into()
    }

    /// Whether a push that was begun then can't go on any more.
    fn is_over(&self, past: &PastMove) -> bool {
        let begun = u64::try_from(past.begun).unwrap_or_default();
        let over =
            SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(begun) + self.settle_time);
        over.is_some_and(|over| SystemTime::now() > over)
    }
}

impl MoveRef for RemoteRefs {
    /// Pushes a branch (`refs/heads/...`). It fails with [`Error::InvalidRefName`]; [`Error::ObjectNotFound`] or [`Error::WrongKind`] if
    /// the new value isn't a commit of the mirror; [`Error::RefusedByRemote`]; [`Error::Remote`] if the remote couldn't be asked before
    /// anything was sent.
    fn move_ref(&self, update: &RefUpdate) -> MoveOutcome {
        if let Err(error) = self.prepare(update) {
            return NotMoved::Failed(error).into();
        }
        if !self.is_answered.load(Ordering::Relaxed) {
            match self.push(update, true) {
                Ok((Pushed::Moved, _)) => {}
                // Nothing was sent.
                Ok((Pushed::Unknown, said)) => {
                    return NotMoved::Failed(self.mirror.failed(said)).into();
                }
                Ok((answer, said)) => return self.outcome(update, answer, said),
                Err(error) => return NotMoved::Failed(error).into(),
            }
        }
        let (answer, said) = match self.push(update, false) {
            Ok(told) => told,
            // It never ran.
            Err(error) => return NotMoved::Failed(error).into(),
        };
        self.is_answered
            .store(answer != Pushed::Unknown, Ordering::Relaxed);
        self.outcome(update, answer, said)
    }

    fn visibility(&self, past: &PastMove) -> Visibility {
        let reader = self.mirror.repository().reader();
        // What the mirror has, the remote had.
        if let Ok(true) = reader.is_reachable(past.new) {
            return Visibility::Visible;
        }
        let settled = || -> Result<Option<bool>> {
            self.mirror.fetch_unless_failing()?;
            if self.mirror.repository().reader().is_reachable(past.new)? {
                return Ok(Some(true));
            }
            // The remote takes a push only from where its client saw the branch.
            let is_elsewhere = self.mirror.value_of(&past.name)? != past.expected;
            Ok((is_elsewhere || self.is_over(past)).then_some(false))
        };
        match settled() {
            Ok(Some(true)) => Visibility::Visible,
            Ok(Some(false)) => Visibility::NotVisible,
            Ok(None) => Visibility::Unknown(self.mirror.failed(format!(
                "it may still be at work on the push of {} to {}: for {} s after that began",
                past.new,
                past.name,
                self.settle_time.as_secs()
            ))),
            Err(error) => Visibility::Unknown(error),
        }
    }
}

impl fmt::Debug for RemoteRefs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RemoteRefs").field(&self.mirror).finish()
    }
}
