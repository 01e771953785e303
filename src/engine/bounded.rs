//! A cache bounded in bytes.

use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};

use quick_cache::sync::{Cache, DefaultLifecycle, GuardResult, PlaceholderGuard};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

/// How a cache was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CacheCounts {
    /// Look-ups that the cache answered.
    pub hits: u64,
    /// Look-ups whose value had to be computed or read.
    pub misses: u64,
    /// The approximate size of what is held now, in bytes.
    pub bytes: u64,
}

/// The approximate size of a cached value in bytes, without its key.
pub(crate) trait Weigh {
    fn weight(&self) -> usize;
}

/// The approximate size in bytes of a key and of the cache's own bookkeeping.
const OVERHEAD: usize = 160;

/// Each shard has its own lock. There are few, because a value must fit into its shard; the number is fixed, because asking the
/// system how many threads may run takes longer than all look-ups of a command.
const SHARDS: usize = 8;

/// A cache of values by key, bounded in bytes and shared between threads.
pub(crate) struct Bounded<K, V> {
    /// `None` if the bound is 0.
    held: Option<Cache<K, V, ByBytes>>,
    hits: AtomicU64,
    misses: AtomicU64,
}

#[derive(Clone)]
pub(crate) struct ByBytes;

/// What [`Bounded::claim`] found.
pub(crate) enum Claim<'c, K, V> {
    /// The value.
    Found(V),
    /// Nothing: the caller must compute the value, and others wait until it is put or the place is dropped.
    Mine(Place<'c, K, V>),
    /// Nothing, and the cache holds no values.
    Missing,
}

/// The place of a value that is being computed.
pub(crate) struct Place<'c, K, V>(
    PlaceholderGuard<'c, K, V, ByBytes, DefaultHashBuilder, DefaultLifecycle<K, V>>,
);

impl<K: Eq + Hash + Clone, V: Weigh + Clone> Place<'_, K, V> {
    /// Stores the value and hands it to the threads that wait.
    pub(crate) fn put(self, value: V) {
        // Fails if the key was removed or replaced meanwhile; the waiting threads get the value all the same.
        let _ = self.0.insert(value);
    }
}

impl<K, V: Weigh> Weighter<K, V> for ByBytes {
    fn weight(&self, _: &K, value: &V) -> u64 {
        (OVERHEAD + value.weight()) as u64
    }
}

impl<K: Eq + Hash + Clone, V: Weigh + Clone> Bounded<K, V> {
    /// Holds at most about this many bytes, and expects values of `usual` bytes.
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

    /// The value under a key, if it is held. Counts the look-up.
    pub(crate) fn get(&self, key: &K) -> Option<V> {
        let found = self.held.as_ref().and_then(|held| held.get(key));
        self.count(found.is_some());
        found
    }

    /// The value under a key, or the exclusive right to compute it. Waits if another thread is computing it. Doesn't count the
    /// look-up.
    pub(crate) fn claim(&self, key: &K) -> Claim<'_, K, V> {
        let Some(held) = &self.held else {
            return Claim::Missing;
        };
        match held.get_value_or_guard(key, None) {
            GuardResult::Value(value) => Claim::Found(value),
            GuardResult::Guard(guard) => Claim::Mine(Place(guard)),
            GuardResult::Timeout => Claim::Missing,
        }
    }

    pub(crate) fn insert(&self, key: K, value: V) {
        if let Some(held) = &self.held {
            held.insert(key, value);
        }
    }

    /// Counts a look-up.
    pub(crate) fn count(&self, is_hit: bool) {
        let counter = if is_hit { &self.hits } else { &self.misses };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn counts(&self) -> CacheCounts {
        CacheCounts {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            bytes: self.held.as_ref().map_or(0, Cache::weight),
        }
    }
}
