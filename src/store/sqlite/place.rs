//! Where a store is, and what SQLite's failures mean there.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use rusqlite::ErrorCode;
use rusqlite::ffi;

use crate::store::error::Error;

/// A store's file, for opening it and for saying where something went wrong.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) path: PathBuf,
    pub(super) busy_timeout: Duration,
    pub(super) is_needed: bool,
    /// Why it isn't opened.
    pub(super) refused: Option<&'static str>,
}

impl Place {
    /// A file that somebody names for the same work: one that is opened whatever this one is.
    pub(super) fn named(&self, path: PathBuf) -> Place {
        Place {
            path,
            busy_timeout: self.busy_timeout,
            is_needed: true,
            refused: None,
        }
    }

    /// Turns what SQLite says while doing something into an error that says what to do.
    pub(super) fn failed(&self, doing: &'static str) -> impl Fn(rusqlite::Error) -> Error {
        let place = self.clone();
        move |error| place.classify(doing, error)
    }

    pub(super) fn corrupt(&self, why: impl Into<String>) -> Error {
        Error::Corrupt {
            store: self.path.clone().into(),
            why: why.into(),
        }
    }

    pub(super) fn not_a_store(&self, why: impl Into<String>) -> Error {
        Error::NotAStore {
            store: self.path.clone().into(),
            why: why.into(),
        }
    }

    pub(super) fn locked(&self) -> Error {
        Error::Locked {
            store: self.path.display().to_string(),
            waited: self.busy_timeout,
        }
    }

    pub(super) fn file_error(&self, doing: &'static str, source: io::Error) -> Error {
        if source.kind() == io::ErrorKind::PermissionDenied {
            return Error::NoPermission {
                path: self.path.clone(),
                is_needed: self.is_needed,
                source,
            };
        }
        Error::File {
            doing,
            path: self.path.clone(),
            source,
        }
    }

    /// The system's refusal to let this user read the file, which SQLite doesn't hand on. Asks without opening it.
    #[cfg(unix)]
    fn denied(&self) -> Option<io::Error> {
        use rustix::fs::{Access, access};
        use rustix::io::Errno;
        match access(&self.path, Access::READ_OK) {
            Err(Errno::ACCESS) => Some(Errno::ACCESS.into()),
            _ => None,
        }
    }

    #[cfg(not(unix))]
    fn denied(&self) -> Option<io::Error> {
        None
    }

    fn classify(&self, doing: &'static str, error: rusqlite::Error) -> Error {
        match &error {
            rusqlite::Error::SqliteFailure(failure, _)
            | rusqlite::Error::SqlInputError { error: failure, .. } => match failure.code {
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => self.locked(),
                ErrorCode::DiskFull => Error::Full {
                    store: self.path.clone().into(),
                },
                ErrorCode::ReadOnly => Error::ReadOnly {
                    store: self.path.clone().into(),
                    why: "the file or its directory can't be written",
                },
                ErrorCode::NotADatabase => self.not_a_store("it is no SQLite database"),
                ErrorCode::DatabaseCorrupt => self.corrupt(error.to_string()),
                ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied
                | ErrorCode::SystemIoFailure => self.file_error(
                    doing,
                    self.denied()
                        .unwrap_or_else(|| io::Error::other(error.to_string())),
                ),
                // The SQL here is right for the version that the file states, so the tables aren't.
                _ if failure.extended_code == ffi::SQLITE_ERROR => self.corrupt(error.to_string()),
                _ => Error::Database {
                    doing,
                    source: Box::new(error),
                },
            },
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::Utf8Error(..) => self.corrupt(error.to_string()),
            _ => Error::Database {
                doing,
                source: Box::new(error),
            },
        }
    }
}
