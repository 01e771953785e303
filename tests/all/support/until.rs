//! Waiting for something, but not for ever.

use std::time::{Duration, Instant};

/// Waits until something holds, and fails if it doesn't for long.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
