//! A cache bounded in bytes that counts how often it could answer.

use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};

use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

/// How often a memory could answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MemoryFigures {
    /// Results that were remembered.
    pub hits: u64,
    /// Results that had to be computed or read.
    pub misses: u64,
    /// What is held now, in bytes, about.
    pub bytes: u64,
}

/// What a remembered thing takes, in bytes, about, its key aside.
pub(crate) trait Weigh {
    fn weight(&self) -> usize;
}

/// What a key and the cache's own bookkeeping take, in bytes, about.
const OVERHEAD: usize = 160;

/// Parts with a lock each. Few, since a thing must fit into its part; a number of our own, since asking the system how many
/// threads may run takes longer than all look-ups of a command.
const SHARDS: usize = 8;

/// Holds things by key, as many as fit into a number of bytes; shared between threads.
pub(crate) struct Bounded<K, V> {
    /// `None` where nothing may be remembered.
    held: Option<Cache<K, V, ByBytes>>,
    hits: AtomicU64,
    misses: AtomicU64,
}

#[derive(Clone)]
struct ByBytes;

impl<K, V: Weigh> Weighter<K, V> for ByBytes {
    fn weight(&self, _: &K, value: &V) -> u64 {
        (OVERHEAD + value.weight()) as u64
    }
}

impl<K: Eq + Hash + Clone, V: Weigh + Clone> Bounded<K, V> {
    /// Remembers at most about this many bytes, and expects things of `usual` bytes.
    pub(crate) fn new(bytes: u64, usual: u64) -> Bounded<K, V> {
        let expected = usize::try_from(bytes / usual).unwrap_or(usize::MAX);
        Bounded {
            held: (bytes > 0).then(|| {
                let options = OptionsBuilder::new()
                    .shards(SHARDS)
                    .estimated_items_capacity(expected)
                    .weight_capacity(bytes)
                    .build()
                    .expect("both capacities are given");
                Cache::with_options(
                    options,
                    ByBytes,
                    DefaultHashBuilder::default(),
                    DefaultLifecycle::default(),
                )
            }),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        }
    }

    pub(crate) fn get(&self, key: &K) -> Option<V> {
        self.get_if(key, |_| true)
    }

    /// What is held under the key, if it still holds true.
    pub(crate) fn get_if(&self, key: &K, holds: impl FnOnce(&V) -> bool) -> Option<V> {
        let held = self.held.as_ref().and_then(|held| held.get(key));
        let found = held.filter(holds);
        let counter = if found.is_some() {
            &self.hits
        } else {
            &self.misses
        };
        counter.fetch_add(1, Ordering::Relaxed);
        found
    }

    pub(crate) fn insert(&self, key: K, value: V) {
        if let Some(held) = &self.held {
            held.insert(key, value);
        }
    }

    pub(crate) fn figures(&self) -> MemoryFigures {
        MemoryFigures {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            bytes: self.held.as_ref().map_or(0, Cache::weight),
        }
    }
}
