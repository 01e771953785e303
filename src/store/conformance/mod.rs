//! The laws of a store as a test suite, to run against any implementation.
//!
//! ```
//! use ocl_migrate::store::{MemoryStore, conformance};
//!
//! conformance::check(&|| Box::new(MemoryStore::new())).expect("the laws of a store hold");
//! ```

mod catalogs;
mod concurrency;
mod documents;
mod effects;
mod intents;
mod law;
mod projects;
mod snapshots;

use std::fmt;

use self::law::Law;
use super::traits::Store;

/// Checks the laws of [`store`](super) one by one, each on a store of its own.
///
/// `new` makes an empty store that knows no project. Give it a short time-out: one law waits for it.
///
/// # Errors
/// Every law that was broken, and how.
pub fn check(new: &dyn Fn() -> Box<dyn Store>) -> Result<(), Broken> {
    let groups: [&[Law]; 7] = [
        projects::LAWS,
        documents::LAWS,
        snapshots::LAWS,
        effects::LAWS,
        intents::LAWS,
        catalogs::LAWS,
        concurrency::LAWS,
    ];
    let broken: Vec<_> = groups
        .into_iter()
        .flatten()
        .filter_map(|law| {
            let how = (law.check)(new().as_ref()).err()?;
            Some((law.says, how.0))
        })
        .collect();
    if broken.is_empty() {
        Ok(())
    } else {
        Err(Broken { laws: broken })
    }
}

/// The laws that a store breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    laws: Vec<(&'static str, String)>,
}

impl Broken {
    /// Each law, and how it was broken.
    pub fn laws(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.laws.iter().map(|(law, how)| (*law, how.as_str()))
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} laws of a store are broken", self.laws.len())?;
        for (law, how) in self.laws() {
            write!(f, "\n- {law}: {how}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Broken {}
