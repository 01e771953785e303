//! Looking into a server's store, and its tables' versions.

use super::connection::Value;
use super::schema;
use super::session::{self, Session};
use super::{BEGIN, ServerStore, keys};
use crate::store::error::Error;
use crate::store::limits;
use crate::store::location::Location;
use crate::store::model::{
    LookupEntry, Migration, ProjectKey, ProjectStatus, ProjectVersion, Scope, ServerTables, Status,
    TablesStep,
};
use crate::store::traits::Inspect;

impl Inspect for ServerStore {
    fn location(&self) -> Location {
        self.place.location()
    }

    fn status(&self) -> Result<Status, Error> {
        let (mut lease, schema) = self.reading()?;
        let failed = self.place.failed("read its projects");
        let mut projects = Vec::new();
        for found in session::projects(lease.connection()).map_err(&failed)? {
            let ProjectVersion { project, version } = found;
            let (_, found) = session::find(lease.connection(), None, &project).map_err(&failed)?;
            let mut session = Session::new(lease, self.place.clone(), found);
            projects.push(ProjectStatus {
                version,
                documents: session.counts()?.into_iter().collect(),
                imports: session.recorded_imports()?,
                effects: session.effects()?,
                intents: session.intents()?,
                project,
            });
            lease = session.lease;
        }
        Ok(Status { schema, projects })
    }

    fn tenants(&self) -> Result<Vec<String>, Error> {
        let (mut lease, _) = self.reading()?;
        session::tenants(lease.connection()).map_err(self.place.failed("read its tenants"))
    }

    fn lookups(&self, scope: &Scope) -> Result<Vec<LookupEntry>, Error> {
        limits::check_scope(scope)?;
        let (mut lease, _) = self.reading()?;
        session::lookups(lease.connection(), &self.place, scope)
    }

    fn rename(&self, project: &ProjectKey, to: &ProjectKey) -> Result<(), Error> {
        limits::check_project(to)?;
        let failed = self.place.failed("rename a project");
        self.at_once(|| {
            let (Session { mut lease, .. }, project_id) = self.session_for_writing(project)?;
            let tenant_id = self.add_tenant(&mut lease, &to.tenant)?;
            let key = keys::key(&[&to.name]);
            let (tenant_id, key) = (Value::Integer(tenant_id), Value::Bytes(&key));
            let connection = lease.connection();
            let taken = connection.query(
                "SELECT 1 FROM oclm_projects WHERE tenant_id = $1 AND name_key = $2",
                &[tenant_id, key],
            );
            if !taken.map_err(&failed)?.is_empty() {
                return Err(Error::ProjectExists {
                    project: to.clone(),
                });
            }
            let renamed = connection.execute(
                "UPDATE oclm_projects SET tenant_id = $1, name_key = $2, name = $3 WHERE id = $4",
                &[
                    tenant_id,
                    key,
                    Value::Bytes(to.name.as_bytes()),
                    Value::Integer(project_id),
                ],
            );
            renamed.map_err(&failed)?;
            Ok((lease, ()))
        })
    }

    fn server(&self) -> Result<Option<ServerTables>, Error> {
        let (_lease, tables) = self.open(BEGIN, |connection| {
            connection.batch(self.dialect.begin_reading())?;
            let steps = connection.query(
                "SELECT version, action, program, time FROM oclm_history ORDER BY version",
                &[],
            )?;
            let steps = steps.into_iter().map(|mut record| {
                Ok(TablesStep {
                    version: record.number()?,
                    action: record.text()?,
                    program: record.text()?,
                    time: record.integer()?,
                })
            });
            Ok(ServerTables {
                history: steps.collect::<Result<_, _>>()?,
                server: self.dialect.server(connection)?,
            })
        })?;
        Ok(Some(tables))
    }

    fn migrate(&self, to: Option<u32>, dry_run: bool) -> Result<Migration, Error> {
        let schemas = schema::up_to(to, &self.place, self.schemas)?;
        let tables = match self.open_tables(self.dialect.begin_reading()) {
            Ok((_lease, tables)) => tables,
            Err(Error::Absent { .. }) if dry_run => return Ok(schema::plan(None, schemas)),
            Err(Error::Absent { .. }) => return self.install(schemas),
            Err(error) => return Err(error),
        };
        let in_parts = self.dialect.is_changed_in_parts();
        match schema::check(&tables, true, &self.place, schemas, in_parts) {
            Ok(_) => return Ok(schema::plan(tables.version, schemas)),
            Err(Error::Outdated { .. }) if dry_run => {
                return Ok(schema::plan(tables.version, schemas));
            }
            // Whoever made them was broken off.
            Err(Error::Outdated { .. }) if tables.version.is_none() => {
                return self.install(schemas);
            }
            Err(Error::Outdated { .. }) => {}
            Err(Error::Newer { found, known, .. }) if to.is_some() => {
                let why = format!("they are those of version {found}, and there is no way down");
                return Err(self.place.no_such_version(known, why));
            }
            Err(error) => return Err(error),
        }
        let failed = self.place.failed("change its tables");
        // Who else migrates waits here, and finds nothing to do.
        let versions = "SELECT version FROM oclm_history ORDER BY version FOR UPDATE";
        self.change_tables(
            |connection| connection.query(versions, &[]).map(drop),
            |connection, ()| {
                let tables = session::tables(connection).map_err(&failed)?;
                let plan = schema::plan(tables.version, schemas);
                if !plan.statements.is_empty() {
                    schema::carry_out(&*self.dialect, connection, &plan, schemas)
                        .map_err(&failed)?;
                }
                Ok(plan)
            },
        )
    }

    fn validate(&self) -> Result<Vec<String>, Error> {
        let (lease, tables) = self.open_tables(self.dialect.begin_reading())?;
        drop(lease);
        self.check_version(&tables, true)?;
        let whole = schema::newest(self.schemas).whole;
        let (_lease, differences) = self.open("compare its tables", |connection| {
            connection.batch(self.dialect.begin_writing())?;
            (self.dialect.layout().differences)(connection, whole)
        })?;
        Ok(differences)
    }
}
