//! Whoever asks may go away before there is an answer: what is made for nobody ends, and gives its place back.

use std::sync::Arc;

use tokio::sync::oneshot::{self, Receiver};

/// Tells, from any thread, whether whoever asked has gone.
pub(crate) type IsGivenUp = Arc<dyn Fn() -> bool + Send + Sync>;

/// Somebody who waits, as long as this is kept.
pub(super) struct Asker(#[expect(dead_code, reason = "it counts that it is there")] Receiver<()>);

impl Asker {
    pub(super) fn new() -> (Asker, IsGivenUp) {
        let (sender, receiver) = oneshot::channel();
        (Asker(receiver), Arc::new(move || sender.is_closed()))
    }
}
