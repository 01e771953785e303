//! Projects whose repository lives elsewhere: their mirrors, and when those are fetched.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use serde_json::json;

use super::webhook::Webhook;
use crate::cli::failure::Failure;
use crate::git::{self, GitProgram, Mirror, MoveRef, RemoteRefs, RemoteUrl};

/// So many mirrors are fetched at once.
const FETCHERS: usize = 4;

/// What a project says of its remote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RemoteConfig {
    pub(super) url: RemoteUrl,
    pub(super) mirror: PathBuf,
    /// How long a mirror is left as it is.
    pub(super) every: Duration,
    /// How long Git may talk to the remote, and when it fetches all that there is.
    pub(super) limit: Duration,
    pub(super) first_limit: Duration,
    pub(super) webhook: Option<Webhook>,
}

/// A project's remote.
#[derive(Clone)]
pub(super) struct Remote {
    pub(super) mirror: Mirror,
    refs: Arc<RemoteRefs>,
    every: Duration,
    pub(super) webhook: Option<Webhook>,
}

/// All mirrors of a service, by their folders, also of projects that share one, and of what was served before it was read again.
#[derive(Clone, Default)]
pub(super) struct Remotes(Arc<Shared>);

#[derive(Default)]
struct Shared {
    mirrors: Mutex<BTreeMap<PathBuf, Opened>>,
    /// Those of what was served before, in which something may still be under way.
    before: Mutex<Vec<Mirror>>,
    turns: Mutex<Vec<Turn>>,
    changed: Condvar,
    /// Whether the service ends: what is opened later talks to nobody.
    has_ended: AtomicBool,
}

/// A mirror that is open, and how long Git may talk to its remote.
#[derive(Clone)]
struct Opened {
    mirror: Mirror,
    refs: Arc<RemoteRefs>,
    limit: Duration,
}

/// When a mirror is fetched next.
struct Turn {
    mirror: Mirror,
    every: Duration,
    due: Instant,
    is_running: bool,
}

impl RemoteConfig {
    /// Whether its mirror is there; an error where something else is.
    pub(super) fn is_mirrored(&self) -> Result<bool, Failure> {
        Ok(Mirror::is_there(&self.mirror, &self.url)?)
    }
}

impl Remote {
    /// What moves the remote's branches.
    pub(super) fn refs(&self) -> Arc<dyn MoveRef> {
        self.refs.clone()
    }

    /// How many seconds ago the mirror was as the remote.
    pub(super) fn age(&self) -> Option<u64> {
        let fetched = self.mirror.state().fetched?;
        Some(
            SystemTime::now()
                .duration_since(fetched)
                .unwrap_or_default()
                .as_secs(),
        )
    }

    /// What readers of the mirror should know: how old it is, where that isn't as it should be.
    pub(super) fn warning(&self) -> Option<String> {
        let state = self.mirror.state();
        let Some(failure) = state.failure else {
            return left_out(&state.left_out);
        };
        let age = match self.age() {
            Some(age) => format!("this is as it was {age} s ago"),
            None => "nothing was fetched yet".into(),
        };
        Some(format!("the remote can't be fetched, so {age}: {failure}"))
    }
}

impl Remotes {
    /// A project's remote. A mirror that was never fetched is fetched now, as it would be read as one without branches.
    pub(super) fn open(&self, config: RemoteConfig) -> Result<Remote, Failure> {
        let Opened { mirror, refs, .. } = self.mirror(&config)?;
        if mirror.state().fetched.is_none() {
            mirror.fetch_within(config.first_limit)?;
        }
        Ok(Remote {
            mirror,
            refs,
            every: config.every,
            webhook: config.webhook,
        })
    }

    fn mirror(&self, config: &RemoteConfig) -> Result<Opened, git::Error> {
        let mut mirrors = lock(&self.0.mirrors);
        if let Some(known) = mirrors.get(&config.mirror)
            && *known.mirror.url() == config.url
            && known.limit == config.limit
            && Mirror::is_there(&config.mirror, &config.url)?
        {
            return Ok(known.clone());
        }
        let program = GitProgram::default();
        let mirror = Mirror::open_within(&config.mirror, &config.url, program, config.limit)?;
        if self.0.has_ended.load(Ordering::Relaxed) {
            mirror.end();
        }
        let opened = Opened {
            refs: Arc::new(RemoteRefs::new(mirror.clone())),
            mirror,
            limit: config.limit,
        };
        if let Some(before) = mirrors.insert(config.mirror.clone(), opened.clone()) {
            lock(&self.0.before).push(before.mirror);
        }
        Ok(opened)
    }

    /// Ends what Git does for all of them, which would go on without this process.
    pub(super) fn end(&self) {
        let opened = lock(&self.0.mirrors);
        self.0.has_ended.store(true, Ordering::Relaxed);
        let mut mirrors = std::mem::take(&mut *lock(&self.0.before));
        mirrors.extend(opened.values().map(|it| it.mirror.clone()));
        drop(opened);
        // Each takes a while.
        thread::scope(|scope| {
            for mirror in &mirrors {
                scope.spawn(|| mirror.end());
            }
        });
    }

    /// Begins to fetch, on threads of its own that end with the process.
    pub(super) fn start(&self) -> io::Result<()> {
        for _ in 0..FETCHERS {
            let shared = self.0.clone();
            let fetcher = thread::Builder::new().name("fetcher".into());
            fetcher.spawn(move || shared.fetch_for_ever())?;
        }
        Ok(())
    }

    /// Fetches these from now on, and no others. Each that is new is fetched at once.
    pub(super) fn serve<'r>(&self, remotes: impl Iterator<Item = &'r Remote>) {
        let mut turns = lock(&self.0.turns);
        let mut before = std::mem::take(&mut *turns);
        for remote in remotes {
            let folder = remote.mirror.repository().git_dir();
            if let Some(turn) = turns.iter_mut().find(|turn| turn.is_of(folder)) {
                turn.every = turn.every.min(remote.every);
                continue;
            }
            let known = before.iter().position(|turn| turn.is_of(folder));
            let known = known.map(|place| before.swap_remove(place));
            turns.push(Turn {
                mirror: remote.mirror.clone(),
                every: remote.every,
                due: known.as_ref().map_or_else(Instant::now, |turn| turn.due),
                is_running: known.is_some_and(|turn| turn.is_running),
            });
        }
        self.0.changed.notify_all();
    }

    /// Lets a mirror be fetched as soon as may be.
    pub(super) fn wake(&self, remote: &Remote) {
        let folder = remote.mirror.repository().git_dir();
        for turn in &mut *lock(&self.0.turns) {
            if turn.is_of(folder) {
                turn.due = Instant::now();
            }
        }
        self.0.changed.notify_all();
    }

    /// Metrics: name, help and value.
    pub(super) fn gauges(&self) -> Vec<(&'static str, &'static str, u64)> {
        let mirrors: Vec<Mirror> = lock(&self.0.turns)
            .iter()
            .map(|it| it.mirror.clone())
            .collect();
        if mirrors.is_empty() {
            return Vec::new();
        }
        let now = SystemTime::now();
        let (mut fetches, mut failures, mut failing, mut oldest) = (0, 0, 0, 0);
        for mirror in mirrors {
            let state = mirror.state();
            fetches += state.fetches;
            failures += state.failures;
            failing += u64::from(state.failure.is_some());
            let age = state
                .fetched
                .and_then(|fetched| now.duration_since(fetched).ok());
            oldest = oldest.max(age.map_or(0, |age| age.as_secs()));
        }
        vec![
            (
                "ocl_migrate_remote_fetches",
                "Fetches of remotes that succeeded.",
                fetches,
            ),
            (
                "ocl_migrate_remote_fetches_failed",
                "Fetches of remotes that failed.",
                failures,
            ),
            (
                "ocl_migrate_remotes_failing",
                "Remotes whose last fetch failed.",
                failing,
            ),
            (
                "ocl_migrate_remote_oldest_seconds",
                "How long ago the mirror that is oldest was fetched.",
                oldest,
            ),
        ]
    }
}

impl Turn {
    fn is_of(&self, folder: &std::path::Path) -> bool {
        self.mirror.repository().git_dir() == folder
    }

    fn fails(&self) -> bool {
        self.mirror.state().failure.is_some()
    }
}

impl Shared {
    fn fetch_for_ever(&self) {
        let mut turns = lock(&self.turns);
        loop {
            let now = Instant::now();
            // Remotes that are gone take all of a limit each: one fetcher is left for those that are there.
            let may_fail = turns
                .iter()
                .filter(|turn| turn.is_running && turn.fails())
                .count()
                + 1
                < FETCHERS;
            let next = turns
                .iter_mut()
                .filter(|turn| !turn.is_running && (may_fail || !turn.fails()));
            let Some(turn) = next.min_by_key(|turn| turn.due) else {
                turns = self
                    .changed
                    .wait(turns)
                    .unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            if let Some(rest) = turn
                .due
                .checked_duration_since(now)
                .filter(|rest| !rest.is_zero())
            {
                let woken = self.changed.wait_timeout(turns, rest);
                turns = woken.unwrap_or_else(PoisonError::into_inner).0;
                continue;
            }
            turn.is_running = true;
            // Who wakes it meanwhile wants one that begins later.
            turn.due = now + turn.every;
            let mirror = turn.mirror.clone();
            drop(turns);
            fetch(&mirror);
            turns = lock(&self.turns);
            let folder = mirror.repository().git_dir();
            if let Some(turn) = turns.iter_mut().find(|turn| turn.is_of(folder)) {
                turn.is_running = false;
            }
            self.changed.notify_all();
        }
    }
}

/// Fetches, and logs where that begins to fail, or is well again.
fn fetch(mirror: &Mirror) {
    let before = mirror.state().failure;
    let line = match (mirror.fetch(), before) {
        (Ok(()), None) => return,
        (Ok(()), Some(_)) => json!({"event": "fetched-again", "remote": mirror.url().as_str()}),
        (Err(_), _) if mirror.has_ended() => return,
        (Err(error), before) => {
            let error = error.to_string();
            if before.as_ref() == Some(&error) {
                return;
            }
            json!({"event": "not-fetched", "error": error})
        }
    };
    // A closed stderr is not an error.
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// What readers should know of branches that the mirror doesn't have.
fn left_out(names: &[String]) -> Option<String> {
    if names.is_empty() {
        return None;
    }
    let names: Vec<_> = names
        .iter()
        .map(|name| crate::text::visible_line(name))
        .collect();
    let shown = crate::text::some_of(&names, 5);
    Some(format!(
        "the remote has branches that lead to no commit, so they are left out here: {shown}"
    ))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
