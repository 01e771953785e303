//! A bare repository that holds the branches and tags of a remote.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::program::Told;
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

/// What the program keeps in the mirror's folder: the remote's address, which is also the lock, and a file whose time is that of the
/// last fetch.
const OWN_FOLDER: &str = "ocl-migrate";
const ADDRESS: &str = "mirror-of";
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
    failure: Mutex<Option<Failure>>,
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
}

/// What is at the place of a mirror.
enum Found {
    Nothing,
    ItsMirror,
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
                failure: Mutex::default(),
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
        }
    }

    /// Brings the mirror to where the remote is now: branches and tags that are gone there go here too. Who waits here for a fetch that
    /// began later than the call is content with that one, and fails if it failed.
    ///
    /// # Errors
    /// [`Error::Remote`] if the remote can't be reached, or refuses; [`Error::Io`].
    pub fn fetch(&self) -> Result<()> {
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
            self.fetch_held(now)
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

    /// The same, unless the remote has failed a moment ago: who would wait for each of many answers holds up others.
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
        let Inner {
            program,
            folder,
            time_limit,
            ..
        } = &*self.inner;
        let told = program.talk(folder, arguments, *time_limit);
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

    fn fetched(&self) -> Option<SystemTime> {
        let path = self.inner.folder.join(OWN_FOLDER).join(FETCHED);
        fs::metadata(path).and_then(|file| file.modified()).ok()
    }

    fn fetch_held(&self, began: SystemTime) -> Result<()> {
        let url = self.inner.url.as_str();
        let mut arguments = vec![
            "fetch",
            "--quiet",
            "--prune",
            "--no-tags",
            "--no-write-fetch-head",
        ];
        arguments.extend(["--no-recurse-submodules", "--", url]);
        arguments.extend(REFSPECS);
        self.expect(&arguments)?;
        self.follow_head()?;
        let path = self.inner.folder.join(OWN_FOLDER).join(FETCHED);
        let stamped = File::options().create(true).append(true).open(&path);
        stamped
            .and_then(|file| file.set_modified(began))
            .map_err(|error| Error::io("write", &path, error))
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

    fn expect(&self, arguments: &[&str]) -> Result<Told> {
        let told = self.git(arguments)?;
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

/// What is at the place of a mirror; an error is what it can't be.
fn look(folder: &Path, url: &RemoteUrl) -> Result<Found> {
    let not_its = |reason: String| {
        Err(Error::NotItsMirror {
            folder: folder.to_owned(),
            remote: url.to_string(),
            reason,
        })
    };
    let mut entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            return not_its("it is not a folder".into());
        }
        Err(error) => return Err(Error::io("read", folder, error)),
    };
    let path = folder.join(OWN_FOLDER).join(ADDRESS);
    match fs::read_to_string(&path) {
        Ok(known) if known.trim_end() == url.as_str() => Ok(Found::ItsMirror),
        Ok(known) => {
            let known = crate::text::visible_line(known.trim_end()).into_owned();
            not_its(format!(
                "it is the mirror of {known}; name another folder, or delete this one if nothing but that is in it"
            ))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => match entries.next() {
            None => Ok(Found::Nothing),
            Some(_) => not_its(
                "there is something else in it; name a folder that isn't there yet, or is empty"
                    .into(),
            ),
        },
        Err(error) => Err(Error::io("read", &path, error)),
    }
}

/// Makes an empty mirror: beside its place, so that half of one is never found there.
fn make(folder: &Path, url: &RemoteUrl, program: &GitProgram) -> Result<()> {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    let mut name = folder.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}-{number}.new", std::process::id()));
    let beside = folder.with_file_name(name);
    let made = fill(&beside, url, program).and_then(|()| {
        fs::rename(&beside, folder).map_err(|error| Error::io("make", folder, error))
    });
    if made.is_err() {
        let _ = fs::remove_dir_all(&beside);
        // Somebody else may have been faster.
        if let Ok(Found::ItsMirror) = look(folder, url) {
            return Ok(());
        }
    }
    made
}

fn fill(folder: &Path, url: &RemoteUrl, program: &GitProgram) -> Result<()> {
    let own = folder.join(OWN_FOLDER);
    fs::create_dir_all(&own).map_err(|error| Error::io("make", &own, error))?;
    let made = program.make_bare(folder, TIME_LIMIT);
    made.map_err(|error| Error::io("make", folder, error))?;
    let path = own.join(ADDRESS);
    fs::write(&path, format!("{url}\n")).map_err(|error| Error::io("write", &path, error))
}
