//! What Git has under way with a remote, which may have to end before it is done.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What is under way. Clones are the same.
#[derive(Clone, Default)]
pub(super) struct Talks(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    running: usize,
    must_end: bool,
}

/// One of them.
pub(super) struct Talk(Talks);

impl Talks {
    pub(super) fn begin(&self) -> Talk {
        self.state().running += 1;
        Talk(self.clone())
    }

    /// Ends all of them, and those to come. Waits for that, for so long at most.
    pub(super) fn end(&self, limit: Duration) {
        let mut state = self.state();
        state.must_end = true;
        let waited = self
            .0
            .changed
            .wait_timeout_while(state, limit, |it| it.running > 0);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    pub(super) fn must_end(&self) -> bool {
        self.state().must_end
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Talk {
    pub(super) fn must_end(&self) -> bool {
        self.0.must_end()
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        self.0.state().running -= 1;
        self.0.0.changed.notify_all();
    }
}
