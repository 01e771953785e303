//! Branches above this server's version: read, and only read, with the steps that a newer server left in the store.

use super::base::Base;
use super::marker;
use super::session::Session;
use crate::catalog::Catalog;
use crate::git::Reader;
use crate::plan::PlanError;
use crate::project::error::LoadError;
use crate::project::open::Project;
use crate::store::{self, Store, StoredCatalog};

/// A project with the steps of a newer server.
pub(crate) struct Newer {
    pub(crate) project: Project,
    /// The version that was asked for, or that the marker states.
    pub(crate) version: u32,
    /// Identifies the steps.
    pub(crate) digest: String,
}

/// The project with the steps of a newer server that knows a version, if the store has them.
///
/// # Errors
/// Where the store has such steps and they aren't what they say.
pub(crate) fn with_newer_steps(
    project: &Project,
    session: &Session,
    version: u32,
) -> Result<Option<Newer>, LoadError> {
    for stored in session.catalogs(version)?.iter() {
        let catalog = project.newer_steps().catalog(stored)?;
        // Several kinds of servers may share a store.
        if catalog.name() == project.catalog().name() {
            return Ok(Some(Newer {
                project: project.with_catalog(catalog),
                version,
                digest: stored.digest.clone(),
            }));
        }
    }
    Ok(None)
}

/// The same where no marker lies under a name that this server knows, and one lies under a name that a newer server has given
/// it.
///
/// # Errors
/// Where Git or the store can't be read, or such a marker states no version.
pub(crate) fn with_newer_marker(
    project: &Project,
    session: &Session,
    reader: &Reader,
    base: &Base,
) -> Result<Option<Newer>, LoadError> {
    let Some(tree) = base.tree else {
        return Ok(None);
    };
    let mut next = project.catalog().server_version() + 1;
    let steps = |version| match with_newer_steps(project, session, version) {
        // Without a store, there are no such steps; loading says that it can't be used.
        Err(LoadError::Store(error)) if error.unusable().is_some() => Ok(None),
        newer => newer,
    };
    while let Some(newer) = steps(next)? {
        let catalog = newer.project.catalog();
        if let Some(marker) = marker::find(reader, catalog, &base.path, tree)?? {
            let version = marker.version;
            if version <= catalog.server_version() {
                // One of a version that this server knows would lie where that has it.
                let newer = Newer { version, ..newer };
                return Ok((version >= next).then_some(newer));
            }
            next = version;
            continue;
        }
        next = next.max(catalog.server_version()) + 1;
    }
    Ok(None)
}

/// Why a base path in which this server finds no marker is none of a project: a newer server has renamed the marker, and the version is
/// above this server's.
///
/// # Errors
/// As for [`with_newer_marker`].
pub(crate) fn above_server(
    project: &Project,
    reader: &Reader,
    base: &Base,
) -> Result<Option<PlanError>, LoadError> {
    let session = Session::new(project);
    let newer = with_newer_marker(project, &session, reader, base)?;
    let server = project.catalog().server_version();
    Ok(newer.map(|newer| PlanError::BranchAhead {
        branch: newer.version,
        server,
    }))
}

/// Leaves a catalog's steps in a store that is there, for older servers on the same store: with them they read what this one
/// writes. A catalog put together in Rust has no text to leave. Returns whether they are new there.
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
