//! A store in a server's own database, whatever the database: one set of statements. What differs between databases is behind
//! [`Dialect`] and [`Connection`].

pub(in crate::store) mod address;
mod attempts;
pub(in crate::store) mod connection;
mod inspect;
mod keys;
mod lookups;
mod place;
mod pool;
mod schema;
mod session;
mod transaction;
pub(in crate::store) mod version;

use std::fmt;
use std::sync::Arc;

use self::attempts::Attempts;
use self::connection::{Connection, Dialect, Failure, Kind, Value};
use self::place::Place;
use self::pool::{Lease, Pool};
use self::schema::Present;
use self::session::{Session, Tables};
use self::transaction::{ServerRead, ServerWrite};
use self::version::Schema;
use super::error::Error;
use super::limits;
use super::model::{LookupEntry, Migration, ProjectKey, ProjectVersion, Row, Scope, StoredCatalog};
use super::options::Options;
use super::traits::{Inspect, ReadTransaction, Store, WriteTransaction};

/// What is being done when a transaction doesn't begin.
const BEGIN: &str = "begin a transaction";

/// A store in a database server, which any number of processes on any number of machines share.
///
/// Made by `ServerStore::postgres` (of CockroachDB too) or `ServerStore::mysql`, which connect to nothing yet. Clones share their connections, which are kept: each open
/// transaction has one for itself, so the server must allow as many as there are threads that read or write at a time.
///
/// A writer holds its project's row, and others wait; readers see one moment and wait for nobody. A deadlock or a
/// serialization failure is tried again where a transaction is opened, and in the methods that are a transaction of their own,
/// until [`Options::busy_timeout`] is over; within a transaction it is [`Error::Locked`]. Where the connection breaks during a
/// commit, that is [`Error::OutcomeUnknown`].
///
/// The tables are made by [`Store::init`], and changed by [`Inspect::migrate`](super::Inspect::migrate) alone: tables of an older
/// release are [`Error::Outdated`], those of a newer one [`Error::Newer`] unless they say that this release may read them.
///
/// The methods block, and must not be called on a worker thread of Tokio, where the driver panics: a server with Tokio calls
/// them in `spawn_blocking`.
#[derive(Clone)]
pub struct ServerStore {
    dialect: Arc<dyn Dialect>,
    schemas: &'static [Schema],
    pool: Pool,
    place: Place,
    options: Options,
}

impl fmt::Debug for ServerStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerStore")
            .field("address", &self.place.address)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl ServerStore {
    pub(super) fn new(dialect: Arc<dyn Dialect>, address: String, options: Options) -> ServerStore {
        let place = Place {
            address,
            busy_timeout: options.busy_timeout,
        };
        ServerStore {
            schemas: dialect.layout().schemas,
            dialect,
            pool: Pool::default(),
            place,
            options,
        }
    }

    /// The same store, seen by a next release whose tables have one column more. For tests.
    #[cfg(feature = "fault-injection")]
    #[doc(hidden)]
    #[must_use]
    pub fn of_next_release(self) -> ServerStore {
        let schemas = self.dialect.layout().next;
        ServerStore { schemas, ..self }
    }

    /// The same store, seen by the first release. For tests.
    #[cfg(feature = "fault-injection")]
    #[doc(hidden)]
    #[must_use]
    pub fn of_first_release(self) -> ServerStore {
        ServerStore {
            schemas: &self.schemas[..1],
            ..self
        }
    }

    /// Opens a transaction by its first statements, which are repeated as long as that helps: nothing has happened yet.
    fn open<T>(
        &self,
        doing: &'static str,
        first: impl Fn(&mut dyn Connection) -> Result<T, Failure>,
    ) -> Result<(Lease, T), Error> {
        let mut attempts = Attempts::new(self.place.busy_timeout);
        loop {
            let (failure, was_kept) = match self.pool.lend(&*self.dialect) {
                Err(failure) => (failure, false),
                Ok(mut lease) => match first(lease.connection()) {
                    Ok(found) => return Ok((lease, found)),
                    Err(failure) => (failure, lease.is_kept),
                },
            };
            match failure.kind {
                // The server was restarted, say: the other kept ones are of no use either.
                Kind::Lost if was_kept => self.pool.clear(),
                Kind::Transient | Kind::Busy if attempts.again() => {}
                Kind::MissingTable => match self.missing_tables()? {
                    // Somebody has just made them.
                    Present::Some { missing } if missing.is_empty() && attempts.again() => {}
                    present => return Err(self.diagnose(present, failure)),
                },
                _ => return Err(self.place.failed(doing)(failure)),
            }
        }
    }

    /// Opens a transaction by what begins it, and asks which tables these are.
    fn open_tables(&self, begin: &str) -> Result<(Lease, Tables), Error> {
        self.open(BEGIN, |connection| {
            connection.batch(begin)?;
            session::tables(connection)
        })
    }

    /// Refuses tables of another version than a reader, or a writer, can use.
    fn check_version(&self, tables: &Tables, writes: bool) -> Result<u32, Error> {
        let in_parts = self.dialect.is_changed_in_parts();
        schema::check(tables, writes, &self.place, self.schemas, in_parts)
    }

    /// A transaction that reads, on tables that can be read.
    fn reading(&self) -> Result<(Lease, u32), Error> {
        let (lease, tables) = self.open_tables(self.dialect.begin_reading())?;
        let version = self.check_version(&tables, false)?;
        Ok((lease, version))
    }

    /// A transaction that writes what belongs to no project.
    fn writing(&self) -> Result<Lease, Error> {
        let (lease, tables) = self.open_tables(self.dialect.begin_writing())?;
        self.check_version(&tables, true)?;
        Ok(lease)
    }

    fn session_for_reading(&self, project: &ProjectKey) -> Result<Session, Error> {
        let (lease, (tables, found)) = self.open(BEGIN, |connection| {
            session::find(connection, Some(self.dialect.begin_reading()), project)
        })?;
        self.check_version(&tables, false)?;
        Ok(Session::new(lease, self.place.clone(), found))
    }

    fn session_for_writing(&self, project: &ProjectKey) -> Result<(Session, i64), Error> {
        limits::check_project(project)?;
        let (mut lease, found) = self.open(BEGIN, |connection| {
            session::find_and_hold(connection, self.dialect.begin_writing(), project)
        })?;
        let unknown = || Error::UnknownProject {
            project: project.clone(),
        };
        let Some((tables, found)) = found else {
            let tables = session::tables(lease.connection());
            let tables = tables.map_err(self.place.failed("read its version"))?;
            self.check_version(&tables, true)?;
            return Err(unknown());
        };
        self.check_version(&tables, true)?;
        let project_id = found.project_id.ok_or_else(unknown)?;
        let session = Session::new(lease, self.place.clone(), found);
        Ok((session, project_id))
    }

    /// Does something that is a transaction of its own, again where another transaction was in the way.
    fn at_once<T>(&self, attempt: impl Fn() -> Result<(Lease, T), Error>) -> Result<T, Error> {
        let mut attempts = Attempts::new(self.place.busy_timeout);
        loop {
            let done = attempt().and_then(|(lease, done)| {
                let committed = lease.commit();
                committed.map_err(|failure| self.place.commit_failed(failure))?;
                Ok(done)
            });
            match done {
                Err(Error::Locked { .. }) if attempts.again() => {}
                done => return done,
            }
        }
    }

    /// Why a statement found no table, or not its columns.
    fn diagnose(&self, present: Present, failure: Failure) -> Error {
        match present {
            Present::None => Error::Absent {
                store: self.place.location(),
            },
            Present::Foreign(tables) => self.foreign(&tables),
            Present::HalfMade => self.half_made(),
            Present::Some { missing } if missing.is_empty() => self.place.corrupt(failure.why),
            Present::Some { missing } => self.lacking(&missing),
        }
    }

    fn lacking(&self, missing: &[&str]) -> Error {
        let are = if missing.len() == 1 { "is" } else { "are" };
        let why = format!("of its tables, {} {are} missing", missing.join(", "));
        self.place.corrupt(why)
    }

    fn foreign(&self, tables: &[String]) -> Error {
        Error::NotAStore {
            store: self.place.location(),
            why: format!(
                "something else has the tables {} there, and there is no oclm_history beside them",
                tables.join(", ")
            ),
        }
    }

    fn half_made(&self) -> Error {
        Error::Outdated {
            store: self.place.location(),
            found: schema::HALF_MADE,
            known: schema::newest(self.schemas).version,
        }
    }

    fn missing_tables(&self) -> Result<Present, Error> {
        let (lease, present) = self.open("look for its tables", |connection| {
            connection.batch(self.dialect.begin_reading())?;
            self.present(connection)
        })?;
        drop(lease);
        Ok(present)
    }

    fn present(&self, connection: &mut dyn Connection) -> Result<Present, Failure> {
        let present = Present::of((self.dialect.layout().names)(connection)?);
        let has_history = |missing: &[&str]| !missing.contains(&"oclm_history");
        let is_half_made = matches!(&present, Present::Some { missing } if has_history(missing))
            && self.dialect.is_changed_in_parts()
            && session::tables(connection)?.version.is_none();
        Ok(if is_half_made {
            Present::HalfMade
        } else {
            present
        })
    }

    /// Changes the tables, while others who would wait; on connections that nobody uses afterwards.
    fn change_tables<T>(
        &self,
        first: impl Fn(&mut dyn Connection) -> Result<T, Failure>,
        change: impl Fn(&mut dyn Connection, T) -> Result<Migration, Error>,
    ) -> Result<Migration, Error> {
        let alone = ServerStore {
            pool: Pool::default(),
            ..self.clone()
        };
        alone.at_once(|| {
            let (mut lease, found) = alone.open("change its tables", |connection| {
                self.dialect.hold_tables(connection)?;
                connection.batch(self.dialect.begin_writing())?;
                first(connection)
            })?;
            let done = change(lease.connection(), found)?;
            Ok((lease, done))
        })
    }

    /// Makes the tables where there are none. Returns what was done.
    fn install(&self, schemas: &'static [Schema]) -> Result<Migration, Error> {
        let plan = schema::plan(None, schemas);
        let present = |connection: &mut dyn Connection| self.present(connection);
        self.change_tables(present, |connection, present| {
            match present {
                Present::None | Present::HalfMade => {}
                Present::Foreign(tables) => return Err(self.foreign(&tables)),
                // Somebody else was faster; theirs are as good.
                Present::Some { .. } => {
                    let statements = Vec::new();
                    return Ok(Migration {
                        statements,
                        ..plan.clone()
                    });
                }
            }
            schema::carry_out(&*self.dialect, connection, &plan, schemas).map_err(|failure| {
                match failure.kind {
                    // Made by somebody else in this moment.
                    Kind::TableExists => self.place.locked(),
                    _ => self.place.failed("make its tables")(failure),
                }
            })?;
            Ok(plan.clone())
        })
    }

    /// The number of a tenant, which is made where it isn't known.
    fn add_tenant(&self, lease: &mut Lease, tenant: &str) -> Result<i64, Error> {
        let failed = self.place.failed("add the tenant");
        let key = keys::key(&[tenant]);
        let connection = lease.connection();
        let found = connection.query(
            "SELECT id FROM oclm_tenants WHERE name_key = $1",
            &[Value::Bytes(&key)],
        );
        if let Some(mut found) = found.map_err(&failed)?.pop() {
            return found.integer().map_err(&failed);
        }
        let added = connection.insert(
            "INSERT INTO oclm_tenants (name_key, name) VALUES ($1, $2)",
            &[Value::Bytes(&key), Value::Bytes(tenant.as_bytes())],
        );
        added.map_err(&failed)
    }

    fn init_project(&self, project: &ProjectKey) -> Result<bool, Error> {
        self.at_once(|| {
            let mut lease = self.writing()?;
            let tenant_id = self.add_tenant(&mut lease, &project.tenant)?;
            let failed = self.place.failed("initialise the project");
            let key = keys::key(&[&project.name]);
            let connection = lease.connection();
            let found = connection.query(
                "SELECT 1 FROM oclm_projects WHERE tenant_id = $1 AND name_key = $2",
                &[Value::Integer(tenant_id), Value::Bytes(&key)],
            );
            let is_new = found.map_err(&failed)?.is_empty();
            if is_new {
                let added = connection.execute(
                    "INSERT INTO oclm_projects (tenant_id, name_key, name) VALUES ($1, $2, $3)",
                    &[
                        Value::Integer(tenant_id),
                        Value::Bytes(&key),
                        Value::Bytes(project.name.as_bytes()),
                    ],
                );
                added.map_err(&failed)?;
            }
            Ok((lease, is_new))
        })
    }
}

impl Store for ServerStore {
    fn read(&self, project: &ProjectKey) -> Result<Box<dyn ReadTransaction>, Error> {
        let session = self.session_for_reading(project)?;
        Ok(Box::new(ServerRead { session }))
    }

    fn write(&self, project: &ProjectKey) -> Result<Box<dyn WriteTransaction + '_>, Error> {
        let (session, project_id) = self.session_for_writing(project)?;
        let options = self.options.clone();
        Ok(Box::new(ServerWrite::new(session, project_id, options)))
    }

    fn check(&self) -> Result<(), Error> {
        let (lease, version) = self.reading()?;
        drop(lease);
        // Older ones have fewer.
        if version < schema::newest(self.schemas).version {
            return Ok(());
        }
        match self.missing_tables()? {
            Present::Some { missing } if !missing.is_empty() => Err(self.lacking(&missing)),
            _ => Ok(()),
        }
    }

    fn init(&self, project: &ProjectKey) -> Result<bool, Error> {
        limits::check_project(project)?;
        match self.init_project(project) {
            Err(
                Error::Absent { .. }
                | Error::Outdated {
                    found: schema::HALF_MADE,
                    ..
                },
            ) => {
                self.install(self.schemas)?;
                self.init_project(project)
            }
            done => done,
        }
    }

    fn projects(&self) -> Result<Vec<ProjectVersion>, Error> {
        let (mut lease, _) = self.reading()?;
        session::projects(lease.connection()).map_err(self.place.failed("read its projects"))
    }

    fn put_documents(&self, project: &ProjectKey, rows: &[Row]) -> Result<(), Error> {
        limits::check_rows(rows)?;
        self.at_once(|| {
            let (mut session, project_id) = self.session_for_writing(project)?;
            for row in rows {
                transaction::put_document(&mut session, project_id, row)?;
            }
            Ok((session.lease, ()))
        })
    }

    fn remove_document(&self, project: &ProjectKey, kind: &str, slug: &str) -> Result<bool, Error> {
        self.at_once(|| {
            let (mut session, project_id) = self.session_for_writing(project)?;
            let removed = transaction::remove_document(&mut session, project_id, kind, slug)?;
            Ok((session.lease, removed))
        })
    }

    fn put_lookups(&self, scope: &Scope, entries: &[LookupEntry]) -> Result<(), Error> {
        limits::check_scope(scope)?;
        let values = limits::check_lookups(entries)?;
        self.set_lookups(scope, entries, &values)
    }

    fn remove_lookup(&self, scope: &Scope, table: &str, key: &str) -> Result<bool, Error> {
        limits::check_scope(scope)?;
        self.unset_lookup(scope, table, key)
    }

    fn lookup_entries(&self, project: &ProjectKey) -> Result<Vec<LookupEntry>, Error> {
        Inspect::lookups(self, &Scope::Project(project.clone()))
    }

    fn put_catalog(&self, catalog: &StoredCatalog) -> Result<bool, Error> {
        limits::check_catalog(catalog)?;
        let failed = self.place.failed("write a catalog");
        let is_there = |connection: &mut dyn Connection| {
            let found = connection.query(
                "SELECT 1 FROM oclm_catalogs WHERE digest = $1",
                &[Value::Bytes(catalog.digest.as_bytes())],
            );
            Ok(!found.map_err(&failed)?.is_empty())
        };
        // Nearly always it is there, and nobody has to wait.
        let (mut lease, _) = self.reading()?;
        if is_there(lease.connection())? {
            return Ok(false);
        }
        drop(lease);
        self.at_once(|| {
            let mut lease = self.writing()?;
            let is_new = !is_there(lease.connection())?;
            if is_new {
                let added = lease.connection().execute(
                    "INSERT INTO oclm_catalogs (digest, version, content) VALUES ($1, $2, $3)",
                    &[
                        Value::Bytes(catalog.digest.as_bytes()),
                        Value::Integer(catalog.version.into()),
                        Value::Bytes(catalog.content.as_bytes()),
                    ],
                );
                added.map_err(&failed)?;
            }
            Ok((lease, is_new))
        })
    }

    fn catalogs(&self, least_version: u32) -> Result<Vec<StoredCatalog>, Error> {
        let failed = self.place.failed("read its catalogs");
        let (mut lease, _) = self.reading()?;
        let found = lease.connection().query(
            "SELECT digest, version, content FROM oclm_catalogs WHERE version >= $1 ORDER BY version, digest",
            &[Value::Integer(least_version.into())],
        );
        let read = |mut record: connection::Record| {
            Ok(StoredCatalog {
                digest: record.text()?,
                version: record.number()?,
                content: record.text()?,
            })
        };
        let found = found.map_err(&failed)?.into_iter();
        found.map(read).collect::<Result<_, _>>().map_err(failed)
    }
}
