//! What the tables of a query share.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::error::QueryError;
use super::sources::Sources;
use crate::project::Project;

/// What the tables of a query share: their sources, the time that is left, and why it failed.
pub(super) struct Shared {
    project: Project,
    sources: Mutex<Sources>,
    timeout: Option<Duration>,
    deadline: Mutex<Option<Instant>>,
    fault: Mutex<Option<QueryError>>,
    ids: Mutex<HashMap<String, i64>>,
}

impl Shared {
    pub(super) fn new(sources: Sources, timeout: Option<Duration>) -> Shared {
        Shared {
            project: sources.project().clone(),
            sources: Mutex::new(sources),
            timeout,
            deadline: Mutex::new(None),
            fault: Mutex::new(None),
            ids: Mutex::default(),
        }
    }

    /// A query runs in one thread: nobody waits for it.
    pub(super) fn sources(&self) -> MutexGuard<'_, Sources> {
        lock(&self.sources)
    }

    /// From now on the time runs.
    pub(super) fn begin(&self) {
        *lock(&self.fault) = None;
        *lock(&self.deadline) = self
            .timeout
            .and_then(|time| Instant::now().checked_add(time));
    }

    /// Whether the time is over, or nobody waits for the answer any more.
    pub(super) fn is_over(&self) -> bool {
        if self.project.is_given_up() {
            return true;
        }
        let deadline = *lock(&self.deadline);
        deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    pub(super) fn timed_out(&self) -> QueryError {
        QueryError::TimedOut {
            after: self.timeout.unwrap_or_default(),
        }
    }

    /// Ends the query if the time is over. What reads documents asks this: SQLite can't stop it.
    pub(super) fn check_time(&self) -> Result<(), QueryError> {
        if self.is_over() {
            return Err(self.timed_out());
        }
        Ok(())
    }

    /// A number for what a text says: the same whenever it is asked for, and for no other text.
    pub(super) fn id_of(&self, text: String) -> i64 {
        let mut ids = lock(&self.ids);
        let next = i64::try_from(ids.len()).unwrap_or(i64::MAX);
        *ids.entry(text).or_insert(next)
    }

    /// Notes why the query failed: SQLite hands on no more than a text. The first reason counts.
    pub(super) fn fail(&self, error: QueryError) {
        lock(&self.fault).get_or_insert(error);
    }

    pub(super) fn take_fault(&self) -> Option<QueryError> {
        lock(&self.fault).take()
    }
}

/// What is kept is put in whole: a panic elsewhere leaves nothing half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
