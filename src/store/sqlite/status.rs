//! Looking into a store file.

use super::queries::{self, Session};
use super::{SqliteStore, limits, schema};
use crate::store::error::Error;
use crate::store::location::Location;
use crate::store::model::{
    LookupEntry, Migration, ProjectKey, ProjectStatus, ProjectVersion, Scope, ServerTables, Status,
};
use crate::store::traits::{Inspect, Store as _};

impl Inspect for SqliteStore {
    fn location(&self) -> Location {
        self.path().into()
    }

    fn status(&self) -> Result<Status, Error> {
        let (mut connection, schema) = self.pool.reading(&self.place, self.schemas)?;
        let mut statuses = Vec::new();
        for ProjectVersion { project, version } in queries::projects(&self.place, &connection)? {
            let session = Session::new(connection, self.place.clone(), &project)?;
            statuses.push(ProjectStatus {
                version,
                documents: queries::list(
                    &self.place,
                    &session.connection,
                    "SELECT kind, count(*) FROM documents WHERE project_id = ?1 GROUP BY kind",
                    [session.project_id()],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )?
                .into_iter()
                .collect(),
                imports: session.recorded_imports()?,
                effects: session.effects()?,
                intents: session.intents()?,
                project,
            });
            connection = session.connection;
        }
        Ok(Status {
            schema,
            projects: statuses,
        })
    }

    fn rename(&self, project: &ProjectKey, to: &ProjectKey) -> Result<(), Error> {
        limits::check_project(to)?;
        let (session, project_id) = self.session_for_writing(project)?;
        let connection = session.connection;
        let failed = self.place.failed("rename a project");
        super::add_tenant(&connection, &to.tenant).map_err(&failed)?;
        let renamed = connection.execute(
            "UPDATE projects SET name = ?3, tenant_id = (SELECT id FROM tenants WHERE name = ?2)
             WHERE id = ?1 AND NOT EXISTS (
               SELECT 1 FROM projects AS others JOIN tenants ON tenants.id = others.tenant_id
               WHERE tenants.name = ?2 AND others.name = ?3)",
            rusqlite::params![project_id, to.tenant, to.name],
        );
        if renamed.map_err(failed)? == 0 {
            return Err(Error::ProjectExists {
                project: to.clone(),
            });
        }
        self.commit(&connection)
    }

    fn server(&self) -> Result<Option<ServerTables>, Error> {
        Ok(None)
    }

    fn migrate(&self, to: Option<u32>, dry_run: bool) -> Result<Migration, Error> {
        let (connection, found) = self.pool.reading(&self.place, self.schemas)?;
        drop(connection);
        let newest = schema::newest(self.schemas);
        if let Some(wanted) = to.filter(|wanted| *wanted != newest) {
            return Err(Error::NoSuchVersion {
                store: self.location(),
                wanted,
                why: format!("those of a file are always of the newest version, which is {newest}"),
            });
        }
        let newer = self.schemas.iter().filter(|schema| schema.version > found);
        let migration = Migration {
            found: Some(found),
            version: newest,
            statements: newer.map(|schema| schema.upgrade).collect(),
        };
        if !dry_run && !migration.statements.is_empty() {
            drop(self.pool.writing(&self.place, self.schemas)?);
        }
        Ok(migration)
    }

    fn validate(&self) -> Result<Vec<String>, Error> {
        self.check()?;
        Ok(Vec::new())
    }

    fn tenants(&self) -> Result<Vec<String>, Error> {
        let (connection, _) = self.pool.reading(&self.place, self.schemas)?;
        let sql = "SELECT name FROM tenants ORDER BY name";
        queries::list(&self.place, &connection, sql, [], |row| row.get(0))
    }

    fn lookups(&self, scope: &Scope) -> Result<Vec<LookupEntry>, Error> {
        limits::check_scope(scope)?;
        let (connection, _) = self.pool.reading(&self.place, self.schemas)?;
        queries::lookups(&self.place, &connection, scope)
    }
}
