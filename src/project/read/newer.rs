//! Branches above this server's version: read, and only read, with the steps that a newer server left in the store.

use std::sync::{Arc, Mutex, PoisonError};

use super::marker;
use super::memory::Base;
use super::{LoadError, Project};
use crate::catalog::{Catalog, PortableCatalog};
use crate::git::Reader;
use crate::store::{self, Store, StoredCatalog};

/// How many servers' steps are kept ready.
const MOST_KEPT: usize = 4;

/// Projects with newer servers' steps, by the steps' digest.
#[derive(Default)]
pub(super) struct NewerSteps {
    kept: Mutex<Vec<(String, Project)>>,
}

/// A project with the steps of a newer server.
pub(super) struct Newer {
    pub(super) project: Project,
    /// Identifies the steps.
    pub(super) digest: String,
}

impl Project {
    /// The same project with the steps of a newer server that knows a version, if the store has them.
    ///
    /// # Errors
    /// Where the store has such steps and they aren't what they say.
    pub(super) fn with_newer_steps(&self, version: u32) -> Result<Option<Newer>, LoadError> {
        let Some(store) = self.store() else {
            return Ok(None);
        };
        let stored = match store.catalogs(version) {
            Err(store::Error::Absent { .. }) => return Ok(None),
            other => other?,
        };
        for stored in stored {
            let newer = self.with_steps_of(stored)?;
            // Several kinds of servers may share a store.
            if newer.project.catalog().name() == self.catalog().name() {
                return Ok(Some(newer));
            }
        }
        Ok(None)
    }

    /// The same where no marker lies under a name that this server knows, and one lies under a name that a newer server
    /// has given it: with its version.
    ///
    /// # Errors
    /// Where Git or the store can't be read, or such a marker states no version.
    pub(super) fn with_newer_marker(
        &self,
        reader: &Reader,
        base: &Base,
    ) -> Result<Option<(Newer, u32)>, LoadError> {
        let Some(tree) = base.tree else {
            return Ok(None);
        };
        let mut next = self.catalog().server_version() + 1;
        while let Some(newer) = self.with_newer_steps(next)? {
            let catalog = newer.project.catalog();
            if let Some(marker) = marker::find(reader, catalog, &base.path, tree)?? {
                let version = marker.version;
                if version <= catalog.server_version() {
                    // One of a version that this server knows would lie where that has it.
                    return Ok((version >= next).then_some((newer, version)));
                }
                next = version;
                continue;
            }
            next = next.max(catalog.server_version()) + 1;
        }
        Ok(None)
    }

    fn with_steps_of(&self, stored: StoredCatalog) -> Result<Newer, LoadError> {
        let lock = || {
            let kept = &self.inner.newer_steps.kept;
            kept.lock().unwrap_or_else(PoisonError::into_inner)
        };
        let digest = stored.digest;
        if let Some((_, project)) = lock().iter().find(|(kept, _)| *kept == digest) {
            let project = project.clone();
            return Ok(Newer { project, digest });
        }
        let portable = PortableCatalog {
            digest: digest.clone(),
            version: stored.version,
            content: stored.content,
        };
        let catalog = Catalog::from_portable(&portable).map_err(|error| LoadError::NewerSteps {
            version: stored.version,
            digest: digest.clone(),
            error,
        })?;
        let project = self.with(Arc::new(catalog), self.inner.base_path.clone());
        let mut kept = lock();
        if kept.len() >= MOST_KEPT {
            kept.remove(0);
        }
        kept.push((digest.clone(), project.clone()));
        Ok(Newer { project, digest })
    }
}

impl Project {
    /// Leaves this server's steps in the store, for older servers on the same store: with them they read what this one
    /// writes. Every write does so by itself, before anything of its version can be seen; a server that calls this as it
    /// starts has them there sooner. Returns whether they are new there.
    ///
    /// # Errors
    /// Where the store can't be written.
    pub fn leave_steps(&self) -> Result<bool, store::Error> {
        match self.store() {
            Some(store) => leave_steps(self.catalog(), &**store),
            None => Ok(false),
        }
    }
}

/// Leaves a catalog's steps in a store that is there; a catalog put together in Rust has no text to leave. Returns whether
/// they are new there.
///
/// # Errors
/// Where the store can't be written.
pub fn leave_steps(catalog: &Catalog, store: &dyn Store) -> Result<bool, store::Error> {
    let Some(portable) = catalog.portable() else {
        return Ok(false);
    };
    if portable.version == 0 {
        return Ok(false);
    }
    let stored = StoredCatalog {
        digest: portable.digest,
        version: portable.version,
        content: portable.content,
    };
    match store.put_catalog(&stored) {
        Err(store::Error::Absent { .. }) => Ok(false),
        other => other,
    }
}
