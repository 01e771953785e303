//! What a client may ask for, and for how long.

use std::num::NonZeroUsize;
use std::thread;
use std::time::Duration;

/// What a client may ask for, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Connections at once; further ones wait to be accepted.
    pub(crate) connections: usize,
    /// Answers that are made at once.
    pub(crate) answers: usize,
    /// Requests that wait for their turn; further ones are refused.
    pub(crate) waiting: usize,
    /// Until a request's head is there, and how long a connection may be idle.
    pub(crate) head_time: Duration,
    /// Bytes of what is sent to be written.
    pub(crate) body_bytes: usize,
    /// Bytes of what is kept to be used again: documents, of all projects together, and answers.
    pub(crate) cache_bytes: u64,
    /// Until an answer begins.
    pub(crate) answer_time: Duration,
    /// How long a client may take nothing of an answer.
    pub(crate) stall_time: Duration,
    /// How long requests may take to end once the service stops.
    pub(crate) stop_time: Duration,
}

/// Lines of a request's head.
pub(super) const HEADERS: usize = 64;

/// Bytes of a request's head; `hyper` takes no less than 8 KiB.
pub(super) const HEAD_BYTES: usize = 32 << 10;

/// Bytes that a connection holds for its client, as far as the system keeps to it. It asks for more only once about a third of them is
/// taken, so this bounds how slow a client may be: with more, one that takes 20 KB a second would seem to take nothing.
pub(super) const SEND_BYTES: u32 = 128 << 10;

/// Bytes of a path with its query.
pub(super) const TARGET_BYTES: usize = 8 << 10;

/// Threads of those who write to remotes: such a one works little and waits long. No more run at once.
pub(super) const REMOTE_WRITES: usize = 64;

/// How many wait for what is new in remotes, of all and of one: each takes a thread, also after its client has gone.
pub(super) const REFRESHES: usize = 16;
pub(super) const REFRESHES_OF_ONE: usize = 4;

/// What a remote's writers have of the places to wait: one of so many parts.
pub(super) const PARTS: usize = 4;

impl Limits {
    /// What answers have of what is kept.
    pub(super) fn kept_bytes(&self) -> u64 {
        self.cache_bytes / 8
    }

    /// What documents have of it.
    pub(crate) fn document_bytes(&self) -> u64 {
        self.cache_bytes - self.kept_bytes()
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections: 512,
            answers: thread::available_parallelism().map_or(2, NonZeroUsize::get),
            waiting: 256,
            head_time: Duration::from_secs(15),
            body_bytes: 16 << 20,
            cache_bytes: 256 << 20,
            answer_time: Duration::from_secs(120),
            stall_time: Duration::from_secs(30),
            stop_time: Duration::from_secs(20),
        }
    }
}
