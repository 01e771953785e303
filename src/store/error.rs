//! Everything that can go wrong in a store, by what to do about it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::location::Location;
use super::model::{ProjectKey, Row};

/// Why a store refused or failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no store: callers may go on as if they had none.
    #[error("there is no store at {store}")]
    Absent {
        /// Where it would be.
        store: Location,
    },

    /// The store has never heard of the project, which is not the same as having no rows for it.
    #[error(
        "the store doesn't know the project {project}: initialise the project in the store first, which says \
         that the rows put there are all there is to import"
    )]
    UnknownProject {
        /// The project asked for.
        project: ProjectKey,
    },

    /// A project would get the name of another one.
    #[error("the store knows the project {project} already, and one doesn't take another's place")]
    ProjectExists {
        /// The project that has the name.
        project: ProjectKey,
    },

    /// The rows of a kind are not the expected ones any more: load again.
    #[error("the store's rows changed meanwhile: {0}; load again")]
    RowsChanged(RowsChanged),

    /// The import has a snapshot, which is never overwritten.
    #[error(
        "the import of {kind} at version {import_version} is recorded already; a snapshot is never overwritten"
    )]
    AlreadyRecorded {
        /// The document kind.
        kind: String,
        /// The version of the import step.
        import_version: u32,
    },

    /// A row would leave `documents` though no snapshot holds it.
    #[error(
        "the row {} is in no snapshot, so it stays in the table: record its import first",
        name_of(kind, slug)
    )]
    NotInSnapshot {
        /// The document kind.
        kind: String,
        /// The slug; empty for a singleton.
        slug: String,
    },

    /// A value that the store doesn't take.
    #[error("{what} can't be stored: {why}")]
    Invalid {
        /// Which value.
        what: String,
        /// What is wrong with it, and the limit.
        why: String,
    },

    /// An earlier operation of the write transaction failed: nothing of it is kept.
    #[error(
        "an earlier operation of this transaction failed, so all of it was given up: begin again"
    )]
    Aborted,

    /// Somebody else holds the store: try again.
    #[error("{store} is locked by another user of it (waited {waited:?}): try again")]
    Locked {
        /// Which store.
        store: String,
        /// How long this call waited.
        waited: Duration,
    },

    /// The store can't be written, or can't be read without writing.
    #[error("{store} is read-only: {why}")]
    ReadOnly {
        /// The store.
        store: Location,
        /// What needed writing.
        why: &'static str,
    },

    /// No space is left.
    #[error("no space is left to write {store}: what was begun is taken back")]
    Full {
        /// The store.
        store: Location,
    },

    /// The tables were made by a newer release.
    #[error(
        "{store} has the tables of version {found}, and this release knows up to {known}: use a newer one"
    )]
    Newer {
        /// The store.
        store: Location,
        /// Its version.
        found: u32,
        /// The newest version known here.
        known: u32,
    },

    /// What is there is something else.
    #[error("{store} is not a store: {why}; it was left alone")]
    NotAStore {
        /// Where the store should be.
        store: Location,
        /// What it looks like.
        why: String,
    },

    /// The store's data can't be right.
    #[error("{store} is damaged ({why}): replace it by a backup")]
    Corrupt {
        /// The store.
        store: Location,
        /// What was found.
        why: String,
    },

    /// The store's file may not be read by this user.
    #[error(
        "{} can't be read: {source}; let its owner give you permission to use it",
        path.display()
    )]
    NoPermission {
        /// The store's file.
        path: PathBuf,
        /// Whether the store must be used, or readers may go on without it: see
        /// [`Options::needed`](super::Options::needed).
        is_needed: bool,
        /// The system's reason.
        source: std::io::Error,
    },

    /// A backup's target exists.
    #[error("{} exists and was not overwritten", path.display())]
    Exists {
        /// The target.
        path: PathBuf,
    },

    /// A backup's target, or the backup to restore, is the store's own file or a link to it.
    #[error("{} is the store itself, and the store can't be its own backup: name another file", path.display())]
    OwnBackup {
        /// The file, as it was named.
        path: PathBuf,
    },

    /// The system failed an operation on a file.
    #[error("could not {doing} {}: {source}", path.display())]
    File {
        /// What was tried.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },

    /// The address of a server's database can't be understood, or asks for what isn't there.
    #[error("the store's address can't be used: {why}")]
    Address {
        /// What is wrong with it, and what would be right.
        why: String,
    },

    /// The server can't be reached, or went away in the middle; nothing of the transaction is kept.
    #[error("{store} can't be reached: {why}")]
    Unreachable {
        /// The store.
        store: Location,
        /// What the system or the server says.
        why: String,
    },

    /// The server lets this user not do this, or not in.
    #[error("{store} refuses this user: {why}")]
    Denied {
        /// The store.
        store: Location,
        /// What the server says.
        why: String,
    },

    /// The server itself is of a kind or a version that can't hold a store.
    #[error("{store} can't hold a store: {why}")]
    Unsupported {
        /// The store.
        store: Location,
        /// What it is, and what is needed.
        why: String,
    },

    /// A server's tables are those of an older release. Opening a server's database never changes them.
    #[error(
        "{store} has {}, and this release uses those of version {known}: bring them up to date first",
        tables_of(*found)
    )]
    Outdated {
        /// The store.
        store: Location,
        /// Its version.
        found: u32,
        /// The version that is used here.
        known: u32,
    },

    /// Tables can't become those of the version that was asked for.
    #[error("{store} can't get the tables of version {wanted}: {why}")]
    NoSuchVersion {
        /// The store.
        store: Location,
        /// The version asked for.
        wanted: u32,
        /// What is in the way.
        why: String,
    },

    /// The connection was lost while committing.
    #[error(
        "the connection to {store} was lost while committing, so it isn't known whether the change is there ({why}): look before you repeat it"
    )]
    OutcomeUnknown {
        /// The store.
        store: Location,
        /// What the system or the server says.
        why: String,
    },

    /// A store that should become, or be, a copy of another one holds something else.
    #[error(
        "{store} holds something else than what is to be copied: {what}; nothing of it was replaced"
    )]
    CopyDiffers {
        /// The store.
        store: Location,
        /// What differs.
        what: String,
    },

    /// Anything else that the database behind the store says.
    #[error("the store could not {doing}: {source}")]
    Database {
        /// What was tried.
        doing: &'static str,
        /// The database's reason.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Error {
    /// Whether a transaction refused something before it touched anything, so that it can go on.
    #[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
    pub(super) fn is_refusal(&self) -> bool {
        matches!(
            self,
            Error::RowsChanged(_)
                | Error::AlreadyRecorded { .. }
                | Error::NotInSnapshot { .. }
                | Error::Invalid { .. }
        )
    }

    /// The same error, where it says that there is no store to use: [`Error::NotAStore`], [`Error::Corrupt`], and
    /// [`Error::NoPermission`] unless the store is needed. Readers go on without a store then, and say so; writers stop. What may be over soon, as [`Error::Locked`], is none of these, nor is
    /// a store that others can use, as with [`Error::Newer`].
    pub fn unusable(&self) -> Option<Error> {
        match self {
            Error::NotAStore { store, why } => Some(Error::NotAStore {
                store: store.clone(),
                why: why.clone(),
            }),
            Error::Corrupt { store, why } => Some(Error::Corrupt {
                store: store.clone(),
                why: why.clone(),
            }),
            Error::NoPermission {
                path,
                is_needed: false,
                source,
            } => Some(Error::NoPermission {
                path: path.clone(),
                is_needed: false,
                source: source.kind().into(),
            }),
            _ => None,
        }
    }
}

/// Version 0 is what a database that changes tables one by one has where their making was broken off.
fn tables_of(version: u32) -> String {
    match version {
        0 => "tables that were made in part".to_owned(),
        version => format!("the tables of version {version}"),
    }
}

/// How the rows of one kind differ from the expected ones, by slug.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowsChanged {
    /// The document kind.
    pub kind: String,
    /// Rows with another content or shape than expected.
    pub edited: Vec<String>,
    /// Rows nobody expected.
    pub added: Vec<String>,
    /// Expected rows that aren't there.
    pub removed: Vec<String>,
}

impl RowsChanged {
    /// How `found` differs from `expected`, both rows of one kind in any order; none if it doesn't.
    pub(super) fn between(kind: &str, expected: &[Row], found: &[Row]) -> Option<Self> {
        let (expected, found) = (by_slug(expected), by_slug(found));
        let mut changed = Self {
            kind: kind.to_owned(),
            ..Self::default()
        };
        for (slug, row) in &expected {
            match found.get(slug) {
                None => changed.removed.push((*slug).to_owned()),
                Some(other) if other != row => changed.edited.push((*slug).to_owned()),
                Some(_) => {}
            }
        }
        let added = found.keys().filter(|slug| !expected.contains_key(*slug));
        changed.added.extend(added.map(|slug| (*slug).to_owned()));
        let differs = [&changed.edited, &changed.added, &changed.removed]
            .iter()
            .any(|slugs| !slugs.is_empty());
        differs.then_some(changed)
    }
}

impl fmt::Display for RowsChanged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (what, slugs) in [
            ("edited", &self.edited),
            ("added", &self.added),
            ("removed", &self.removed),
        ] {
            for slug in slugs {
                write!(f, "{separator}{} was {what}", name_of(&self.kind, slug))?;
                separator = ", ";
            }
        }
        Ok(())
    }
}

fn by_slug(rows: &[Row]) -> BTreeMap<&str, &Row> {
    rows.iter().map(|row| (row.slug.as_str(), row)).collect()
}

pub(super) fn name_of(kind: &str, slug: &str) -> String {
    match slug {
        "" => kind.to_owned(),
        slug => [kind, slug].join("/"),
    }
}
