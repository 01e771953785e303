//! Trying again.

use std::time::{Duration, Instant};

/// Attempts with waits between them, longer and longer and of different lengths, until a time is over.
pub(super) struct Attempts {
    deadline: Instant,
    most: Duration,
}

impl Attempts {
    pub(super) fn new(timeout: Duration) -> Attempts {
        Attempts {
            deadline: Instant::now() + timeout,
            most: Duration::from_millis(2),
        }
    }

    /// Waits, and says whether to try again.
    pub(super) fn again(&mut self) -> bool {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return false;
        }
        let wait = self.most.mul_f64(fastrand::f64());
        std::thread::sleep(wait.min(left));
        self.most = (self.most * 2).min(Duration::from_millis(200));
        true
    }
}
