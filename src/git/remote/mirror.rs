//! A bare repository that holds the branches and tags of a remote.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::folder::{ADDRESS, Found, OWN_FOLDER, look, make};
use super::left_locks;
use super::program::{ENDED, TIME_TO_CLEAN_UP, Told};
use super::talks::Talks;
use super::url::RemoteUrl;
use crate::git::error::{Error, Result};
use crate::git::git_program::GitProgram;
use crate::git::loose_refs::RefValue;
use crate::git::object_id::ObjectId;
use crate::git::ref_name::check_branch_name;
use crate::git::ref_store::Followed;
use crate::git::repository::Repository;

/// How long Git may talk to the remote, unless somebody says otherwise.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// A remote that has just failed isn't asked again by those who can do without.
const PAUSE: Duration = Duration::from_secs(5);

/// A file whose time is that of the last fetch.
const FETCHED: &str = "fetched";

/// Everything that is mirrored.
const REFSPECS: [&str; 2] = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];

/// A mirror of a remote repository: its branches and tags in a bare repository of this machine, as they were when they were last
/// fetched. Cheap to clone; clones, other mirrors in the same folder and other processes may fetch at once.
///
/// Git's own program talks to the remote, with the machine's configuration: its credential helpers and SSH's keys are who may read and
/// push. It asks no person, and runs no hooks of the mirror's.
#[derive(Clone)]
pub struct Mirror {
    inner: Arc<Inner>,
}

struct Inner {
    repository: Repository,
    folder: PathBuf,
    url: RemoteUrl,
    program: GitProgram,
    time_limit: Duration,
    talks: Talks,
    failure: Mutex<Option<Failure>>,
    left_out: Mutex<Vec<String>>,
    asked_for_head: Mutex<bool>,
    fetches: AtomicU64,
    failures: AtomicU64,
}

/// Why the last fetch failed.
#[derive(Clone)]
struct Failure {
    reason: String,
    at: Instant,
}

/// How fresh a mirror is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FetchState {
    /// When the last fetch that succeeded began, by whichever process; `None`: there was none.
    pub fetched: Option<SystemTime>,
    /// Why the last fetch by this process failed, if it did.
    pub failure: Option<String>,
    /// How many fetches of this process succeeded.
    pub fetches: u64,
    /// How many failed.
    pub failures: u64,
    /// The remote's branches that are none, as they lead to something else than a commit: the last fetch by this process left
    /// them out.
    pub left_out: Vec<String>,
}

impl Mirror {
    /// The mirror in a folder, which is made if it isn't there or is empty. Nothing is fetched yet.
    ///
    /// # Errors
    /// [`Error::NotItsMirror`] if the folder holds something else, or the mirror of another remote; [`Error::Io`].
    pub fn open(folder: &Path, url: &RemoteUrl, program: GitProgram) -> Result<Mirror> {
        Mirror::open_within(folder, url, program, TIME_LIMIT)
    }

    /// The same with another limit on the time for which Git may talk to the remote; the default is a minute.
    ///
    /// # Errors
    /// As for [`open`](Mirror::open).
    pub fn open_within(
        folder: &Path,
        url: &RemoteUrl,
        program: GitProgram,
        time_limit: Duration,
    ) -> Result<Mirror> {
        if let Found::Nothing = look(folder, url)? {
            make(folder, url, &program)?;
        }
        let repository = Repository::discover(folder)?;
        Ok(Mirror {
            inner: Arc::new(Inner {
                folder: repository.common_dir().to_owned(),
                repository,
                url: url.clone(),
                program,
                time_limit,
                talks: Talks::default(),
                failure: Mutex::default(),
                left_out: Mutex::default(),
                asked_for_head: Mutex::default(),
                fetches: AtomicU64::new(0),
                failures: AtomicU64::new(0),
            }),
        })
    }

    /// Whether [`open`](Mirror::open) would find a mirror of this remote there; `false`: it would make one.
    ///
    /// # Errors
    /// As for [`open`](Mirror::open).
    pub fn is_there(folder: &Path, url: &RemoteUrl) -> Result<bool> {
        Ok(matches!(look(folder, url)?, Found::ItsMirror))
    }

    /// The bare repository.
    pub fn repository(&self) -> &Repository {
        &self.inner.repository
    }

    /// The remote.
    pub fn url(&self) -> &RemoteUrl {
        &self.inner.url
    }

    /// How fresh it is.
    pub fn state(&self) -> FetchState {
        let failure = self.failure().map(|failure| failure.reason);
        FetchState {
            fetched: self.fetched(),
            failure,
            fetches: self.inner.fetches.load(Ordering::Relaxed),
            failures: self.inner.failures.load(Ordering::Relaxed),
            left_out: self.left_out().clone(),
        }
    }

    /// Brings the mirror to where the remote is now: branches and tags that are gone there go here too. Who waits here for a fetch that
    /// began later than the call is content with that one, and fails if it failed.
    ///
    /// # Errors
    /// [`Error::Remote`] if the remote can't be reached, or refuses; [`Error::Io`].
    pub fn fetch(&self) -> Result<()> {
        self.fetch_within(self.inner.time_limit)
    }

    /// The same with another limit on the time for which Git may talk to the remote: a first fetch brings all that there is.
    ///
    /// # Errors
    /// As for [`fetch`](Mirror::fetch).
    pub fn fetch_within(&self, limit: Duration) -> Result<()> {
        let (asked, began) = (SystemTime::now(), Instant::now());
        let held = self.hold()?;
        // One that failed meanwhile counts too, or each who waits would wait for a failure of its own.
        if let Some(failure) = self.failure().filter(|failure| began <= failure.at) {
            return Err(self.failed(failure.reason));
        }
        let now = SystemTime::now();
        // A clock that was set back makes a time of the future, which tells nothing.
        let is_fetched = self
            .fetched()
            .is_some_and(|began| asked <= began && began <= now);
        let fetched = if is_fetched {
            Ok(())
        } else {
            self.fetch_held(now, limit)
        };
        let (count, failure) = match &fetched {
            Ok(()) => (&self.inner.fetches, None),
            Err(error) => {
                let (reason, at) = (error.to_string(), Instant::now());
                (&self.inner.failures, Some(Failure { reason, at }))
            }
        };
        if !is_fetched {
            count.fetch_add(1, Ordering::Relaxed);
        }
        *self.known_failure() = failure;
        drop(held);
        fetched
    }

    /// Ends what Git has under way with the remote, with all that it has started there and here, and lets nothing begin any more: what
    /// runs then fails, and a push may have moved its branch. Without it, that goes on when the process ends.
    pub fn end(&self) {
        self.inner.talks.end(TIME_TO_CLEAN_UP * 2);
    }

    /// Whether it was [ended](Mirror::end).
    pub fn has_ended(&self) -> bool {
        self.inner.talks.must_end()
    }

    /// [Fetches](Mirror::fetch), unless the remote has failed a moment ago: who would wait for each of many answers holds up others.
    pub(super) fn fetch_unless_failing(&self) -> Result<()> {
        match self.failure() {
            Some(failure) if failure.at.elapsed() < PAUSE => {
                let reason = format!("{}; it is asked again in a few seconds", failure.reason);
                Err(self.failed(reason))
            }
            _ => self.fetch(),
        }
    }

    /// What a branch points to here.
    pub(super) fn value_of(&self, name: &str) -> Result<Option<ObjectId>> {
        let found = self.repository().refs().find(name)?;
        Ok(found.and_then(|value| match value {
            RefValue::Id { id, .. } => Some(id),
            RefValue::Symbolic(_) | RefValue::Broken(_) => None,
        }))
    }

    /// Runs Git in the mirror.
    pub(super) fn git(&self, arguments: &[&str]) -> Result<Told> {
        self.git_within(self.inner.time_limit, arguments)
    }

    fn git_within(&self, limit: Duration, arguments: &[&str]) -> Result<Told> {
        let Inner {
            program,
            folder,
            talks,
            ..
        } = &*self.inner;
        let talk = talks.begin();
        if talk.must_end() {
            return Err(self.failed(ENDED));
        }
        let at_work = left_locks::at_work(folder)?;
        let told = program.talk(folder, at_work, arguments, limit, &talk);
        told.map_err(|error| self.failed(format!("`git` can't be run: {error}")))
    }

    /// Keeps others from fetching: what they were told by the remote before may be older than what is known here.
    pub(super) fn hold(&self) -> Result<File> {
        let path = self.inner.folder.join(OWN_FOLDER).join(ADDRESS);
        let held = File::open(&path).and_then(|file| file.lock().map(|()| file));
        held.map_err(|error| Error::io("lock", &path, error))
    }

    pub(super) fn failed(&self, reason: impl Into<String>) -> Error {
        Error::Remote {
            remote: self.inner.url.to_string(),
            source: reason.into().into(),
        }
    }

    fn failure(&self) -> Option<Failure> {
        self.known_failure().clone()
    }

    fn known_failure(&self) -> MutexGuard<'_, Option<Failure>> {
        let known = self.inner.failure.lock();
        known.unwrap_or_else(PoisonError::into_inner)
    }

    fn left_out(&self) -> MutexGuard<'_, Vec<String>> {
        let known = self.inner.left_out.lock();
        known.unwrap_or_else(PoisonError::into_inner)
    }

    fn fetched(&self) -> Option<SystemTime> {
        let path = self.inner.folder.join(OWN_FOLDER).join(FETCHED);
        fs::metadata(path).and_then(|file| file.modified()).ok()
    }

    fn fetch_held(&self, began: SystemTime, limit: Duration) -> Result<()> {
        let left_out = self.fetch_commits(limit)?;
        for name in &left_out {
            // One that was a commit before.
            if self.value_of(name)?.is_some() {
                self.expect(&["update-ref", "-d", name])?;
            }
        }
        *self.left_out() = left_out;
        self.follow_head()?;
        let path = self.inner.folder.join(OWN_FOLDER).join(FETCHED);
        let stamped = File::options().create(true).append(true).open(&path);
        stamped
            .and_then(|file| file.set_modified(began))
            .map_err(|error| Error::io("write", &path, error))
    }

    /// Fetches all that leads where it may, and returns the names of the other branches: a fetch with one of those fails.
    fn fetch_commits(&self, limit: Duration) -> Result<Vec<String>> {
        let url = self.inner.url.as_str();
        let mut left_out: Vec<String> = Vec::new();
        loop {
            let mut arguments = vec![
                "fetch",
                "--quiet",
                "--prune",
                "--no-tags",
                "--no-write-fetch-head",
            ];
            arguments.extend(["--no-recurse-submodules", "--", url]);
            arguments.extend(REFSPECS);
            let without: Vec<String> = left_out.iter().map(|name| format!("^{name}")).collect();
            arguments.extend(without.iter().map(String::as_str));
            let told = self.git_within(limit, &arguments)?;
            if told.is_success() {
                return Ok(left_out);
            }
            let mut others = told.no_commits();
            others.retain(|name| !left_out.contains(name));
            if others.is_empty() {
                if self.has_unlocked(&told)? {
                    continue;
                }
                return Err(self.failed(told.reason()));
            }
            left_out.append(&mut others);
        }
    }

    /// Lets `HEAD` lead to the branch that it leads to there. That is asked once, and again where that branch is gone.
    fn follow_head(&self) -> Result<()> {
        let mut is_asked = self
            .inner
            .asked_for_head
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let refs = self.repository().refs();
        let leads_nowhere = !matches!(refs.follow("HEAD")?, Some(Followed::Ref { .. }));
        if *is_asked && !leads_nowhere {
            return Ok(());
        }
        let url = self.inner.url.as_str();
        let told = self.expect(&["ls-remote", "--symref", "--", url, "HEAD"])?;
        let target = told.stdout.lines().find_map(|line| {
            let target = line.strip_prefix("ref: ")?;
            target.strip_suffix("\tHEAD")
        });
        // A remote may have no branch yet, or a HEAD that leads to none.
        if let Some(target) = target.filter(|target| check_branch_name(target).is_ok()) {
            self.expect(&["symbolic-ref", "HEAD", target])?;
        }
        *is_asked = true;
        Ok(())
    }

    /// Whether Git failed at a lock that was left, which is gone now. The mirror is held.
    fn has_unlocked(&self, told: &Told) -> Result<bool> {
        Ok(told.is_locked_out() && left_locks::remove(self.repository(), &self.inner.folder)?)
    }

    fn expect(&self, arguments: &[&str]) -> Result<Told> {
        let mut told = self.git(arguments)?;
        if self.has_unlocked(&told)? {
            told = self.git(arguments)?;
        }
        if told.is_success() {
            Ok(told)
        } else {
            Err(self.failed(told.reason()))
        }
    }
}

impl std::fmt::Debug for Mirror {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mirror")
            .field("folder", &self.inner.folder)
            .field("url", &self.inner.url)
            .finish_non_exhaustive()
    }
}
