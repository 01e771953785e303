//! Makes the snapshots of new versions, each from the one before it.

use std::collections::BTreeSet;

use super::files::Files;
use super::memory_project::{MemoryProject, MemorySource};
use super::snapshots::Snapshots;
use crate::catalog::Catalog;
use crate::engine::{DocumentWarning, Lift, LookupKey};
use crate::report::FileDiff;

/// A snapshot that is to be written.
#[derive(Debug, Clone)]
pub struct NewSnapshot {
    /// Its version.
    pub version: u32,
    /// The version of the snapshot that it is made from; 0 for the first.
    pub from: u32,
    /// The files in the base path at that version.
    pub files: Files,
    /// The differences from the snapshot before.
    pub diffs: Vec<FileDiff>,
    /// The lookups without an answer: the files hold the steps' own defaults there.
    pub missing_lookups: BTreeSet<LookupKey>,
    /// The differences from the existing snapshot of this version, if there is one.
    pub replaces: Option<Vec<FileDiff>>,
}

impl NewSnapshot {
    /// Whether it is a project without documents, though a kind can be there.
    pub fn is_empty(&self, catalog: &Catalog) -> bool {
        let mut files = self.files.iter();
        let is_there = |name: &str| catalog.removed_before(name, self.version).is_none();
        let has_kind = catalog.kinds().iter().any(|kind| is_there(&kind.name));
        has_kind && !files.any(|(path, _)| catalog.classify(path, self.version).is_some())
    }
}

/// Why no snapshot can be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// An older snapshot is frozen: branches of that version can't change any more.
    #[error(
        "the snapshot of version {version} is frozen: only that of version {server}, the newest, can be made again"
    )]
    Frozen {
        /// The version that was asked for.
        version: u32,
        /// The catalog's newest.
        server: u32,
    },
    /// The catalog has no such version.
    #[error("the catalog has no version {version}; its newest is {server}")]
    NoSuchVersion {
        /// The version that was asked for.
        version: u32,
        /// The catalog's newest.
        server: u32,
    },
    /// The project can't be migrated.
    #[error("from version {from} to {version}: {message}")]
    Migration {
        /// The version that it was migrated from.
        from: u32,
        /// The version that it was migrated to.
        version: u32,
        /// The reason.
        message: String,
    },
}

impl Snapshots {
    /// The snapshots that are missing, and the newest even if it exists: each made from the one before it.
    ///
    /// `only` names one version.
    ///
    /// # Errors
    /// If a step fails on the project, or `only` names a version that is frozen or doesn't exist.
    pub fn record(
        &self,
        catalog: &Catalog,
        only: Option<u32>,
    ) -> Result<Vec<NewSnapshot>, RecordError> {
        let server = catalog.server_version();
        let expected = self.expected_versions(catalog);
        if let Some(version) = only {
            if !expected.contains(&version) {
                return Err(RecordError::NoSuchVersion { version, server });
            }
            if version != server && self.at(version).is_some() {
                return Err(RecordError::Frozen { version, server });
            }
        }
        let mut made: Vec<NewSnapshot> = Vec::new();
        let mut known = self.clone();
        known.versions.remove(&server);
        for version in expected {
            if known.at(version).is_some() || only.is_some_and(|only| only != version) {
                continue;
            }
            let snapshot = known.next(catalog, version, self.at(version))?;
            known.versions.insert(version, snapshot.files.clone());
            made.push(snapshot);
        }
        Ok(made)
    }

    fn next(
        &self,
        catalog: &Catalog,
        version: u32,
        present: Option<&Files>,
    ) -> Result<NewSnapshot, RecordError> {
        let nothing = Files::default();
        let (from, files) = self
            .versions
            .range(..version)
            .next_back()
            .map_or((0, &nothing), |(version, files)| (*version, files));
        let arrivals = self.arrivals(catalog);
        let new = arrivals
            .iter()
            .filter(|arrival| arrival.version > from && arrival.version <= version);
        let (imported, added): (Vec<_>, Vec<_>) = new.partition(|arrival| arrival.imported);
        let rows = imported.iter().map(|arrival| arrival.row.clone()).collect();
        let failed = |message: String| RecordError::Migration {
            from,
            version,
            message,
        };
        let project = MemoryProject::new(catalog, from, files)
            .lookups(&self.lookups)
            .rows(rows);
        let migrated = project
            .lift(version)
            .and_then(|lift| Ok((project.migrated(&lift)?, missing_lookups(&lift))));
        let (migrated, mut missing_lookups) =
            migrated.map_err(|error| failed(error.to_string()))?;
        missing_lookups.retain(|lookup| !self.is_stated_absent(lookup));
        if let Some(failure) = migrated.failure() {
            return Err(failed(failure));
        }
        let mut after = migrated.files;
        for arrival in added {
            if after.get(arrival.path).is_some() {
                let message = format!("{} exists already, but arrives again", arrival.row.name);
                return Err(failed(message));
            }
            after.insert(arrival.path, arrival.row.content.as_bytes());
        }
        Ok(NewSnapshot {
            version,
            from,
            diffs: differences(files, &after),
            missing_lookups,
            replaces: present.map(|present| differences(present, &after)),
            files: after,
        })
    }
}

/// The lookups that the steps of any document asked in vain.
fn missing_lookups(lift: &Lift<MemorySource<'_>>) -> BTreeSet<LookupKey> {
    let warnings = lift
        .documents()
        .flat_map(|document| lift.warnings(&document.name));
    warnings
        .filter_map(|warning| match warning {
            DocumentWarning::MissingLookup(lookup) => Some(lookup),
            DocumentWarning::DoubledName(_)
            | DocumentWarning::LeftBehind { .. }
            | DocumentWarning::NotParsed { .. } => None,
        })
        .collect()
}

/// A diff for each file that differs between the two sides, by path.
fn differences(before: &Files, after: &Files) -> Vec<FileDiff> {
    let mut paths: Vec<&str> = before
        .iter()
        .chain(after.iter())
        .map(|(path, _)| path)
        .collect();
    paths.sort_unstable();
    paths.dedup();
    let side = |files: &'_ Files, path: &str| files.get(path).map(<[u8]>::to_vec);
    let diffs = paths.into_iter().map(|path| {
        let (old, new) = (side(before, path), side(after, path));
        FileDiff::new(
            old.as_deref().map(|bytes| (path, bytes)),
            new.as_deref().map(|bytes| (path, bytes)),
        )
    });
    diffs.filter(|diff| !diff.is_empty()).collect()
}
