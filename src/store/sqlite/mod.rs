//! The default store: one SQLite file.

mod backup;
mod contents;
mod files;
mod open;
mod place;
mod pool;
mod queries;
mod restored;
mod schema;
mod status;
#[cfg(test)]
mod tests;
mod transaction;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};

use self::place::Place;
use self::pool::Pool;
use self::queries::Session;
pub use self::restored::{Kept, Restored};
use self::schema::{SCHEMAS, Schema};
use self::transaction::{SqliteRead, SqliteWrite};
use super::error::Error;
use super::limits;
use super::model::{LookupEntry, ProjectKey, ProjectVersion, Row, Scope, StoredCatalog};
use super::options::Options;
use super::traits::{Inspect, ReadTransaction, Store, WriteTransaction};

/// A store in one SQLite file.
///
/// The file is in WAL mode: readers and one writer at a time don't wait for each other, in any number of threads
/// and processes. A commit is on the disk when it returns (`synchronous=FULL`). It must lie on a local disk:
/// WAL mode doesn't work over a network.
///
/// Each transaction opens the file anew, so that one that was moved or replaced in between is read as it is. A server that
/// commits often makes one store with [`Options::keep_connections`], and clones it: that is several times as fast.
///
/// Making a `SqliteStore` touches nothing. The file is created by [`Store::init`] (for its owner alone) or by
/// [`SqliteStore::restore`]; everything else fails with [`Error::Absent`] where there is none.
///
/// The file's tables have a version. A newer one is refused with [`Error::Newer`]; an older one is read as it is,
/// and brought up to date, in one transaction, by whoever writes next.
///
/// Reading works on files and directories that can't be written. Where they can, SQLite's own `-wal` and `-shm`
/// files may appear beside the store, and belong to it.
///
/// ```
/// use ocl_migrate::store::{ProjectKey, Row, SqliteStore, Store};
///
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("state.db");
/// let store = SqliteStore::new(path);
/// let project = ProjectKey::new(".octopus");
/// store.init(&project)?;
/// let row = Row::new("fizz", "", "name = \"Fizz\"\n", 2);
/// store.put_documents(&project, &[row.clone()])?;
///
/// let mut transaction = store.write(&project)?;
/// transaction.take("fizz", 3, &[row.clone()], 1_700_000_000)?;
/// transaction.raise_version(3)?;
/// transaction.commit()?;
///
/// let mut read = store.read(&project)?;
/// assert_eq!(read.documents("fizz")?, []);
/// assert_eq!(read.snapshots("fizz", 3)?, Some(vec![row]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct SqliteStore {
    place: Place,
    options: Options,
    pool: Pool,
    schemas: &'static [Schema],
}

impl SqliteStore {
    /// The store in a file, which need not exist yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self::with_options(path, Options::default())
    }

    /// The same with [`Options`].
    pub fn with_options(path: impl Into<PathBuf>, options: Options) -> Self {
        Self {
            place: Place {
                path: path.into(),
                busy_timeout: options.busy_timeout,
                is_needed: options.needed,
                refused: None,
            },
            pool: if options.keep_connections {
                Pool::keeping()
            } else {
                Pool::default()
            },
            options,
            schemas: SCHEMAS,
        }
    }

    /// Opens nothing: everything fails with [`Error::NotAStore`] for this reason, so that readers go on without the store.
    #[cfg(feature = "cli")]
    pub(crate) fn refused(mut self, why: &'static str) -> Self {
        self.place.refused = Some(why);
        self
    }

    /// The store's file.
    pub fn path(&self) -> &Path {
        &self.place.path
    }

    fn session_for_reading(&self, project: &ProjectKey) -> Result<Session, Error> {
        let (connection, _) = self.pool.reading(&self.place, self.schemas)?;
        Session::new(connection, self.place.clone(), project)
    }

    fn session_for_writing(&self, project: &ProjectKey) -> Result<(Session, i64), Error> {
        limits::check_project(project)?;
        let connection = self.pool.writing(&self.place, self.schemas)?;
        let session = Session::new(connection, self.place.clone(), project)?;
        match session.project_id() {
            Some(project_id) => Ok((session, project_id)),
            None => Err(Error::UnknownProject {
                project: project.clone(),
            }),
        }
    }

    fn commit(&self, connection: &Connection) -> Result<(), Error> {
        connection
            .execute_batch("COMMIT")
            .map_err(self.place.failed("commit"))
    }
}

impl Store for SqliteStore {
    fn read(&self, project: &ProjectKey) -> Result<Box<dyn ReadTransaction>, Error> {
        let session = self.session_for_reading(project)?;
        Ok(Box::new(SqliteRead { session }))
    }

    fn write(&self, project: &ProjectKey) -> Result<Box<dyn WriteTransaction + '_>, Error> {
        let (session, project_id) = self.session_for_writing(project)?;
        Ok(Box::new(SqliteWrite::new(
            session,
            project_id,
            self.options.clone(),
        )))
    }

    fn init(&self, project: &ProjectKey) -> Result<bool, Error> {
        limits::check_project(project)?;
        open::create(&self.place, self.schemas)?;
        let connection = self.pool.writing(&self.place, self.schemas)?;
        let failed = self.place.failed("initialise the project");
        add_tenant(&connection, &project.tenant).map_err(&failed)?;
        let added = connection
            .execute(
                "INSERT INTO projects (tenant_id, name)
                 SELECT id, ?2 FROM tenants WHERE name = ?1
                 ON CONFLICT (tenant_id, name) DO NOTHING",
                params![project.tenant, project.name],
            )
            .map_err(&failed)?;
        self.commit(&connection)?;
        Ok(added > 0)
    }

    fn projects(&self) -> Result<Vec<ProjectVersion>, Error> {
        let (connection, _) = self.pool.reading(&self.place, self.schemas)?;
        queries::projects(&self.place, &connection)
    }

    fn put_documents(&self, project: &ProjectKey, rows: &[Row]) -> Result<(), Error> {
        limits::check_rows(rows)?;
        let (session, project_id) = self.session_for_writing(project)?;
        let failed = self.place.failed("write a row");
        for row in rows {
            session
                .connection
                .prepare_cached(
                    "INSERT INTO documents (project_id, kind, slug, content, shape) VALUES (?1, ?2, ?3, ?4, ?5)
                     ON CONFLICT (project_id, kind, slug)
                     DO UPDATE SET content = excluded.content, shape = excluded.shape",
                )
                .and_then(|mut insert| {
                    insert.execute(params![project_id, row.kind, row.slug, row.content, row.shape])
                })
                .map_err(&failed)?;
        }
        self.commit(&session.connection)
    }

    fn remove_document(&self, project: &ProjectKey, kind: &str, slug: &str) -> Result<bool, Error> {
        let (session, project_id) = self.session_for_writing(project)?;
        let removed = session
            .connection
            .execute(
                "DELETE FROM documents WHERE project_id = ?1 AND kind = ?2 AND slug = ?3",
                params![project_id, kind, slug],
            )
            .map_err(self.place.failed("remove a row"))?;
        self.commit(&session.connection)?;
        Ok(removed > 0)
    }

    fn put_lookups(&self, scope: &Scope, entries: &[LookupEntry]) -> Result<(), Error> {
        limits::check_scope(scope)?;
        let values = limits::check_lookups(entries)?;
        let failed = self.place.failed("write a lookup");
        let (connection, owner, put) = match scope {
            Scope::Project(project) => {
                let (session, project_id) = self.session_for_writing(project)?;
                let put = "INSERT INTO lookups (project_id, lookup_table, key, value) VALUES (?1, ?2, ?3, ?4)
                           ON CONFLICT (project_id, lookup_table, key) WHERE project_id IS NOT NULL
                           DO UPDATE SET value = excluded.value";
                (session.connection, project_id, put)
            }
            Scope::Tenant(tenant) => {
                let connection = self.pool.writing(&self.place, self.schemas)?;
                add_tenant(&connection, tenant).map_err(&failed)?;
                let select = "SELECT id FROM tenants WHERE name = ?1";
                let tenant_id = connection.query_row(select, params![tenant], |row| row.get(0));
                let tenant_id = tenant_id.map_err(&failed)?;
                let put = "INSERT INTO lookups (tenant_id, lookup_table, key, value) VALUES (?1, ?2, ?3, ?4)
                           ON CONFLICT (tenant_id, lookup_table, key) WHERE tenant_id IS NOT NULL
                           DO UPDATE SET value = excluded.value";
                (connection, tenant_id, put)
            }
        };
        for (LookupEntry { table, key, .. }, json) in entries.iter().zip(&values) {
            connection
                .prepare_cached(put)
                .and_then(|mut put| put.execute(params![owner, table, key, json]))
                .map_err(&failed)?;
        }
        self.commit(&connection)
    }

    fn remove_lookup(&self, scope: &Scope, table: &str, key: &str) -> Result<bool, Error> {
        let failed = self.place.failed("remove a lookup");
        let (connection, removed) = match scope {
            Scope::Project(project) => {
                let (session, project_id) = self.session_for_writing(project)?;
                let removed = session.connection.execute(
                    "DELETE FROM lookups WHERE project_id = ?1 AND lookup_table = ?2 AND key = ?3",
                    params![project_id, table, key],
                );
                (session.connection, removed)
            }
            Scope::Tenant(tenant) => {
                limits::check_scope(scope)?;
                let connection = self.pool.writing(&self.place, self.schemas)?;
                let removed = connection.execute(
                    "DELETE FROM lookups
                     WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND lookup_table = ?2 AND key = ?3",
                    params![tenant, table, key],
                );
                (connection, removed)
            }
        };
        let removed = removed.map_err(failed)?;
        self.commit(&connection)?;
        Ok(removed > 0)
    }

    fn lookup_entries(&self, project: &ProjectKey) -> Result<Vec<LookupEntry>, Error> {
        Inspect::lookups(self, &Scope::Project(project.clone()))
    }

    fn put_catalog(&self, catalog: &StoredCatalog) -> Result<bool, Error> {
        limits::check_catalog(catalog)?;
        // Nearly always it is there, and nobody has to wait.
        let (connection, _) = self.pool.reading(&self.place, self.schemas)?;
        let is_there = connection
            .query_row(
                "SELECT count(*) FROM catalogs WHERE digest = ?1",
                params![catalog.digest],
                |row| row.get::<_, i64>(0),
            )
            .map_err(self.place.failed("look for a catalog"))?;
        drop(connection);
        if is_there > 0 {
            return Ok(false);
        }
        let connection = self.pool.writing(&self.place, self.schemas)?;
        let added = connection
            .execute(
                "INSERT INTO catalogs (digest, version, content) VALUES (?1, ?2, ?3)
                 ON CONFLICT (digest) DO NOTHING",
                params![catalog.digest, catalog.version, catalog.content],
            )
            .map_err(self.place.failed("write a catalog"))?;
        self.commit(&connection)?;
        Ok(added > 0)
    }

    fn catalogs(&self, least_version: u32) -> Result<Vec<StoredCatalog>, Error> {
        let (connection, _) = self.pool.reading(&self.place, self.schemas)?;
        queries::list(
            &self.place,
            &connection,
            "SELECT digest, version, content FROM catalogs WHERE version >= ?1 ORDER BY version, digest",
            params![least_version],
            stored_catalog,
        )
    }

    fn check(&self) -> Result<(), Error> {
        let (connection, _) = self.pool.reading(&self.place, self.schemas)?;
        open::check_integrity(&self.place, &connection, self.schemas)
    }
}

fn stored_catalog(row: &rusqlite::Row<'_>) -> rusqlite::Result<StoredCatalog> {
    Ok(StoredCatalog {
        digest: row.get(0)?,
        version: row.get(1)?,
        content: row.get(2)?,
    })
}

fn add_tenant(connection: &Connection, tenant: &str) -> rusqlite::Result<usize> {
    connection.execute(
        "INSERT INTO tenants (name) VALUES (?1) ON CONFLICT (name) DO NOTHING",
        params![tenant],
    )
}
