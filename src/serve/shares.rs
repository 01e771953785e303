//! What those have who wait for remotes: each remote a share, so that one that hangs holds up nobody but its own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Semaphore;

/// The shares, by remote.
pub(super) struct Shares {
    /// How many there may be at once: of all remotes, and of one.
    most: usize,
    most_of_one: usize,
    /// How many of one remote's may be carried out at once.
    at_once: usize,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    by_remote: HashMap<String, OfOne>,
}

struct OfOne {
    taken: usize,
    places: Arc<Semaphore>,
}

/// One that was taken, until it is dropped.
pub(super) struct Share {
    of: Arc<Shares>,
    remote: String,
    /// Where those of its remote are carried out.
    pub(super) places: Arc<Semaphore>,
}

impl Shares {
    pub(super) fn new(most: usize, most_of_one: usize, at_once: usize) -> Arc<Shares> {
        Arc::new(Shares {
            most,
            most_of_one,
            at_once,
            taken: Mutex::default(),
        })
    }

    /// Takes one; none: the remote, or all of them, have no more.
    pub(super) fn take(self: &Arc<Shares>, remote: String) -> Option<Share> {
        let mut taken = self.taken();
        if taken.all >= self.most {
            return None;
        }
        let of_one = taken
            .by_remote
            .entry(remote.clone())
            .or_insert_with(|| OfOne {
                taken: 0,
                places: Arc::new(Semaphore::new(self.at_once)),
            });
        if of_one.taken >= self.most_of_one {
            return None;
        }
        of_one.taken += 1;
        let places = of_one.places.clone();
        taken.all += 1;
        drop(taken);
        Some(Share {
            of: self.clone(),
            remote,
            places,
        })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut taken = self.of.taken();
        taken.all -= 1;
        if let Some(of_one) = taken.by_remote.get_mut(&self.remote) {
            of_one.taken -= 1;
            if of_one.taken == 0 {
                taken.by_remote.remove(&self.remote);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_remote_takes_more_than_its_share() {
        let shares = Shares::new(3, 2, 1);
        let take = |remote: &str| shares.take(remote.to_owned());
        let (one, two) = (take("a").unwrap(), take("a").unwrap());
        assert!(Arc::ptr_eq(&one.places, &two.places));
        assert!(take("a").is_none());
        let other = take("b").unwrap();
        assert!(!Arc::ptr_eq(&one.places, &other.places));
        // All are taken.
        assert!(take("c").is_none());
        drop(one);
        assert!(take("c").is_some());
        drop((two, other));
        assert!(shares.taken().by_remote.is_empty());
        assert_eq!(shares.taken().all, 0);
    }
}
