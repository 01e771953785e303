//! The settings there are, and which have their value.

use std::collections::HashSet;

/// The settings, called as their options are.
pub(super) const KEYS: [&str; 7] = [
    "base_path",
    "catalog",
    "store",
    "project",
    "tenant",
    "format",
    "color",
];

/// The settings that have their value already.
pub(super) struct Said {
    pub(super) keys: HashSet<&'static str>,
}

impl Said {
    pub(super) fn has(&self, key: &str) -> bool {
        self.keys.contains(key)
    }

    pub(super) fn now(&mut self, key: &str) {
        self.keys
            .extend(KEYS.into_iter().find(|known| *known == key));
    }
}
