//! What a database's failures mean for a store.

use std::time::Duration;

use super::connection::{Failure, Kind};
use crate::store::error::Error;
use crate::store::location::Location;

/// A store's place, for saying where something went wrong.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) address: String,
    pub(super) busy_timeout: Duration,
}

impl Place {
    pub(super) fn location(&self) -> Location {
        Location::Server(self.address.clone())
    }

    pub(super) fn locked(&self) -> Error {
        Error::Locked {
            store: self.address.clone(),
            waited: self.busy_timeout,
        }
    }

    pub(super) fn no_such_version(&self, wanted: u32, why: String) -> Error {
        Error::NoSuchVersion {
            store: self.location(),
            wanted,
            why,
        }
    }

    pub(super) fn corrupt(&self, why: impl Into<String>) -> Error {
        Error::Corrupt {
            store: self.location(),
            why: why.into(),
        }
    }

    /// Turns what the database says while doing something into an error that says what to do.
    pub(super) fn failed(&self, doing: &'static str) -> impl Fn(Failure) -> Error {
        let place = self.clone();
        move |failure| place.classify(doing, failure)
    }

    fn classify(&self, doing: &'static str, Failure { kind, why }: Failure) -> Error {
        let store = self.location();
        match kind {
            Kind::Transient | Kind::LockTimeout => self.locked(),
            Kind::Lost => Error::Unreachable {
                store,
                why: format!("the connection was lost ({why})"),
            },
            Kind::Unreachable | Kind::Busy => Error::Unreachable { store, why },
            Kind::Denied => Error::Denied { store, why },
            Kind::ReadOnly => Error::ReadOnly {
                store,
                why: "the server takes no changes: it is a replica, or transactions there are read-only by default",
            },
            Kind::Full => Error::Full { store },
            Kind::MissingTable | Kind::Unreadable => self.corrupt(why),
            Kind::TableExists => Error::NotAStore { store, why },
            Kind::Unsupported => Error::Unsupported { store, why },
            Kind::AlreadyThere | Kind::Other => Error::Database {
                doing,
                source: why.into(),
            },
        }
    }

    /// A failed COMMIT: where the connection broke, nobody knows whether it was done.
    pub(super) fn commit_failed(&self, failure: Failure) -> Error {
        match failure.kind {
            Kind::Lost => Error::OutcomeUnknown {
                store: self.location(),
                why: failure.why,
            },
            _ => self.classify("commit", failure),
        }
    }
}
