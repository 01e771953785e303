//! Looking into a store file.

use super::queries::{self, Session};
use super::{SqliteStore, limits};
use crate::store::error::Error;
use crate::store::model::{LookupEntry, ProjectStatus, ProjectVersion, Scope, Status};

impl SqliteStore {
    /// What the file holds, at one moment. Writes nothing.
    pub fn status(&self) -> Result<Status, Error> {
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

    /// The lookup entries that a project or a tenant has itself, by table and key. Writes nothing.
    pub fn lookups(&self, scope: &Scope) -> Result<Vec<LookupEntry>, Error> {
        limits::check_scope(scope)?;
        let (connection, _) = self.pool.reading(&self.place, self.schemas)?;
        queries::lookups(&self.place, &connection, scope)
    }
}
