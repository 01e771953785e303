//! Everything that can go wrong in a store, by what to do about it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::model::{ProjectKey, Row};

/// Why a store refused or failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no store: callers may go on as if they had none.
    #[error("there is no store at {}", path.display())]
    Absent {
        /// Where it would be.
        path: PathBuf,
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
    #[error("{} is read-only: {why}", path.display())]
    ReadOnly {
        /// The store's file.
        path: PathBuf,
        /// What needed writing.
        why: &'static str,
    },

    /// No space is left.
    #[error("no space is left to write {}; nothing was changed", path.display())]
    Full {
        /// The store's file.
        path: PathBuf,
    },

    /// The file was written by a newer release.
    #[error("{} has the tables of version {found}, and this release knows up to {known}: use a newer one", path.display())]
    Newer {
        /// The store's file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The newest version known here.
        known: u32,
    },

    /// The file is something else.
    #[error("{} is not a store: {why}; it was left alone", path.display())]
    NotAStore {
        /// The file.
        path: PathBuf,
        /// What it looks like.
        why: String,
    },

    /// The store's data can't be right.
    #[error("{} is damaged ({why}): replace it by a backup", path.display())]
    Corrupt {
        /// The store's file.
        path: PathBuf,
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
    /// The same error, where it says that there is no store to use: [`Error::NotAStore`], [`Error::Corrupt`], and
    /// [`Error::NoPermission`] unless the store is needed. Readers go on without a store then, and say so; writers stop. What may be over soon, as [`Error::Locked`], is none of these, nor is
    /// a store that others can use, as with [`Error::Newer`].
    pub fn unusable(&self) -> Option<Error> {
        match self {
            Error::NotAStore { path, why } => Some(Error::NotAStore {
                path: path.clone(),
                why: why.clone(),
            }),
            Error::Corrupt { path, why } => Some(Error::Corrupt {
                path: path.clone(),
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

fn name_of(kind: &str, slug: &str) -> String {
    match slug {
        "" => kind.to_owned(),
        slug => [kind, slug].join("/"),
    }
}
