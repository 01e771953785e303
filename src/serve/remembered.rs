//! Answers to writes, kept by their idempotency keys for a while: in memory, so that they end with the process.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hyper::StatusCode;

/// So many are kept.
const MOST: usize = 1_024;

/// They have so many bytes together.
const BYTES: usize = 16 << 20;

/// For so long.
const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

type Key = [u8; 32];

/// An answer as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) status: StatusCode,
    pub(super) media_type: &'static str,
    pub(super) exit_code: u8,
    pub(super) told: Vec<u8>,
    pub(super) body: Vec<u8>,
}

/// What is known of a key.
pub(super) enum Found {
    /// Nothing: whoever asked writes, and says what came of it.
    New(Running),
    /// The same request was answered.
    Same(Arc<Kept>),
    /// The same request is being answered.
    Running,
    /// Another request had the key.
    Other,
}

/// The answers.
#[derive(Default)]
pub(super) struct Remembered(Arc<Mutex<Entries>>);

#[derive(Default)]
struct Entries {
    by_key: HashMap<Key, Entry>,
    /// In the order in which they were answered.
    answered: VecDeque<(Instant, Key)>,
    bytes: usize,
}

struct Entry {
    /// What tells one request from another.
    request: Key,
    answer: Option<Arc<Kept>>,
}

/// A request that is being answered. Where nothing is kept of it, its key is free again.
pub(super) struct Running {
    entries: Arc<Mutex<Entries>>,
    key: Option<Key>,
}

impl Remembered {
    pub(super) fn begin(&self, key: Key, request: Key) -> Found {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.forget(Instant::now());
        match entries.by_key.get(&key) {
            Some(entry) if entry.request != request => return Found::Other,
            Some(Entry {
                answer: Some(answer),
                ..
            }) => return Found::Same(answer.clone()),
            Some(_) => return Found::Running,
            None => {}
        }
        let entry = Entry {
            request,
            answer: None,
        };
        entries.by_key.insert(key, entry);
        Found::New(Running {
            entries: self.0.clone(),
            key: Some(key),
        })
    }
}

impl Running {
    /// Keeps the answer.
    pub(super) fn keep(mut self, answer: Kept) {
        let Some(key) = self.key.take() else {
            return;
        };
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        entries.bytes += size(&answer);
        entries.answered.push_back((now, key));
        if let Some(entry) = entries.by_key.get_mut(&key) {
            entry.answer = Some(Arc::new(answer));
        }
        entries.forget(now);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(key) = self.key.take() {
            let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
            entries.by_key.remove(&key);
        }
    }
}

impl Entries {
    /// Forgets the oldest, as long as there are too many.
    fn forget(&mut self, now: Instant) {
        while let Some((at, key)) = self.answered.front() {
            let is_old = now.saturating_duration_since(*at) > LIFETIME;
            if !is_old && self.answered.len() <= MOST && self.bytes <= BYTES {
                return;
            }
            let entry = self.by_key.remove(key);
            let answer = entry.and_then(|entry| entry.answer);
            self.bytes -= answer.map_or(0, |answer| size(&answer));
            self.answered.pop_front();
        }
    }
}

fn size(answer: &Kept) -> usize {
    answer.body.len() + answer.told.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(bytes: usize) -> Kept {
        Kept {
            status: StatusCode::OK,
            media_type: "application/json",
            exit_code: 0,
            told: Vec::new(),
            body: vec![b'x'; bytes],
        }
    }

    fn begin(answers: &Remembered, key: u8) -> Option<Running> {
        match answers.begin([key; 32], [0; 32]) {
            Found::New(running) => Some(running),
            _ => None,
        }
    }

    #[test]
    fn the_same_request_is_answered_once() {
        let answers = Remembered::default();
        let running = begin(&answers, 1).unwrap();
        assert!(matches!(answers.begin([1; 32], [0; 32]), Found::Running));
        assert!(matches!(answers.begin([1; 32], [9; 32]), Found::Other));
        running.keep(kept(1));
        assert!(matches!(answers.begin([1; 32], [0; 32]), Found::Same(it) if *it == kept(1)));
        assert!(matches!(answers.begin([1; 32], [9; 32]), Found::Other));
        // What came to nothing leaves its key.
        drop(begin(&answers, 2).unwrap());
        assert!(begin(&answers, 2).is_some());
    }

    #[test]
    fn only_so_much_is_kept() {
        let answers = Remembered::default();
        for key in 0..10 {
            begin(&answers, key).unwrap().keep(kept(BYTES / 4));
        }
        let known = (0..10).filter(|key| begin(&answers, *key).is_none());
        assert_eq!(known.collect::<Vec<u8>>(), [6, 7, 8, 9]);
        assert_eq!(answers.0.lock().unwrap().bytes, BYTES);
    }
}
