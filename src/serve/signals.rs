//! What the process is told from outside.

use std::io;

/// Signals that are heard from now on, so that none that comes before somebody waits for it is lost or ends the process.
pub(super) struct Signals {
    pub(super) stop: Stop,
    pub(super) hangup: Hangup,
}

impl Signals {
    /// Within a runtime. Where nothing can be reloaded, SIGHUP does what it always does.
    pub(super) fn new(can_reload: bool) -> io::Result<Signals> {
        Ok(Signals {
            stop: Stop::new()?,
            hangup: Hangup::new(can_reload)?,
        })
    }
}

#[cfg(unix)]
mod system {
    use std::io;
    use std::sync::Arc;

    use tokio::signal::unix::{Signal, SignalKind, signal};

    use crate::serve::service::Service;

    /// SIGTERM and SIGINT.
    pub(crate) struct Stop {
        terminate: Signal,
        interrupt: Signal,
    }

    impl Stop {
        pub(super) fn new() -> io::Result<Stop> {
            Ok(Stop {
                terminate: signal(SignalKind::terminate())?,
                interrupt: signal(SignalKind::interrupt())?,
            })
        }

        pub(crate) async fn wait(&mut self) {
            tokio::select! {
                _ = self.terminate.recv() => {}
                _ = self.interrupt.recv() => {}
            }
        }
    }

    /// SIGHUP.
    pub(crate) struct Hangup(Option<Signal>);

    impl Hangup {
        pub(super) fn new(can_reload: bool) -> io::Result<Hangup> {
            let hangup = can_reload.then(|| signal(SignalKind::hangup()));
            hangup.transpose().map(Hangup)
        }

        /// Reloads on each, one after the other.
        pub(crate) async fn reload(self, service: Arc<dyn Service>) {
            let Some(mut hangup) = self.0 else { return };
            while hangup.recv().await.is_some() {
                let service = service.clone();
                // One that panics has said so.
                let _ = tokio::task::spawn_blocking(move || service.reload()).await;
            }
        }
    }
}

#[cfg(not(unix))]
mod system {
    use std::io;
    use std::sync::Arc;

    use crate::serve::service::Service;

    pub(crate) struct Stop;

    impl Stop {
        pub(super) fn new() -> io::Result<Stop> {
            Ok(Stop)
        }

        pub(crate) async fn wait(&mut self) {
            let _ = tokio::signal::ctrl_c().await;
        }
    }

    pub(crate) struct Hangup;

    impl Hangup {
        pub(super) fn new(_: bool) -> io::Result<Hangup> {
            Ok(Hangup)
        }

        pub(crate) async fn reload(self, _: Arc<dyn Service>) {}
    }
}

pub(super) use system::{Hangup, Stop};
