//! What can be asked within a transaction, whether it may write or not.

use rusqlite::{Connection, OptionalExtension, Params, params};

use super::place::Place;
use super::pool::Lent;
use crate::store::error::Error;
use crate::store::laws::Noted;
use crate::store::model::{
    Intent, IntentId, IntentImport, LookupEntry, ProjectKey, ProjectVersion, RecordedEffect,
    RecordedImport, Row, Scope,
};

/// A connection in a transaction, and the project it is about.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) connection: Lent,
    pub(super) place: Place,
    tenant_id: Option<i64>,
    project_id: Option<i64>,
}

impl Session {
    pub(super) fn new(connection: Lent, place: Place, project: &ProjectKey) -> Result<Self, Error> {
        let tenant_id = tenant_id(&place, &connection, &project.tenant)?;
        let project_id = match tenant_id {
            Some(tenant_id) => connection
                .query_row(
                    "SELECT id FROM projects WHERE tenant_id = ?1 AND name = ?2",
                    params![tenant_id, project.name],
                    |row| row.get(0),
                )
                .optional()
                .map_err(place.failed("find the project"))?,
            None => None,
        };
        Ok(Self {
            connection,
            place,
            tenant_id,
            project_id,
        })
    }

    /// None where the store doesn't know the project.
    pub(super) fn project_id(&self) -> Option<i64> {
        self.project_id
    }

    pub(super) fn version(&self) -> Result<Option<u32>, Error> {
        self.connection
            .query_row(
                "SELECT version FROM projects WHERE id = ?1",
                params![self.project_id],
                |row| row.get(0),
            )
            .optional()
            .map_err(self.place.failed("read the project's version"))
    }

    pub(super) fn documents(&self, kind: &str) -> Result<Vec<Row>, Error> {
        self.list(
            "SELECT kind, slug, content, shape FROM documents
             WHERE project_id = ?1 AND kind = ?2 ORDER BY slug",
            params![self.project_id, kind],
            row,
        )
    }

    pub(super) fn all_documents(&self) -> Result<Vec<Row>, Error> {
        self.list(
            "SELECT kind, slug, content, shape FROM documents WHERE project_id = ?1 ORDER BY kind, slug",
            params![self.project_id],
            row,
        )
    }

    pub(super) fn snapshots(
        &self,
        kind: &str,
        import_version: u32,
    ) -> Result<Option<Vec<Row>>, Error> {
        if !self.is_recorded(kind, import_version)? {
            return Ok(None);
        }
        self.list(
            "SELECT kind, slug, content, shape FROM snapshots
             WHERE project_id = ?1 AND kind = ?2 AND import_version = ?3 AND content IS NOT NULL ORDER BY slug",
            params![self.project_id, kind, import_version],
            row,
        )
        .map(Some)
    }

    pub(super) fn is_recorded(&self, kind: &str, import_version: u32) -> Result<bool, Error> {
        self.connection
            .query_row(
                "SELECT EXISTS (SELECT 1 FROM snapshots WHERE project_id = ?1 AND kind = ?2 AND import_version = ?3)",
                params![self.project_id, kind, import_version],
                |row| row.get(0),
            )
            .map_err(self.place.failed("read the snapshots"))
    }

    /// Whether any snapshot of the project holds exactly this row.
    pub(super) fn is_in_snapshot(&self, row: &Row) -> Result<bool, Error> {
        self.connection
            .query_row(
                "SELECT EXISTS (SELECT 1 FROM snapshots
                 WHERE project_id = ?1 AND kind = ?2 AND slug = ?3 AND content = ?4 AND shape = ?5)",
                params![self.project_id, row.kind, row.slug, row.content, row.shape],
                |row| row.get(0),
            )
            .map_err(self.place.failed("read the snapshots"))
    }

    pub(super) fn recorded_imports(&self) -> Result<Vec<RecordedImport>, Error> {
        self.list(
            "SELECT kind, import_version, count(content), min(time) FROM snapshots
             WHERE project_id = ?1 GROUP BY kind, import_version ORDER BY kind, import_version",
            params![self.project_id],
            |row| {
                Ok(RecordedImport {
                    kind: row.get(0)?,
                    import_version: row.get(1)?,
                    documents: row.get(2)?,
                    time: row.get(3)?,
                })
            },
        )
    }

    pub(super) fn lookup(
        &self,
        table: &str,
        key: &str,
    ) -> Result<Option<serde_json::Value>, Error> {
        let value: Option<String> = self
            .connection
            .prepare_cached(
                "SELECT value FROM lookups
                 WHERE (project_id = ?1 OR tenant_id = ?2) AND lookup_table = ?3 AND key = ?4
                 ORDER BY project_id IS NULL LIMIT 1",
            )
            .and_then(|mut statement| {
                statement
                    .query_row(
                        params![self.project_id, self.tenant_id, table, key],
                        |row| row.get(0),
                    )
                    .optional()
            })
            .map_err(self.place.failed("read the lookups"))?;
        value.map(|json| parse(&self.place, &json)).transpose()
    }

    pub(super) fn intents(&self) -> Result<Vec<(IntentId, Intent)>, Error> {
        let stored = self.list(
            "SELECT id, ref_name, old_commit, new_commit, target, time, imports FROM intents
             WHERE project_id = ?1 ORDER BY id",
            params![self.project_id],
            |row| {
                let intent = Intent {
                    ref_name: row.get(1)?,
                    old: row.get(2)?,
                    new: row.get(3)?,
                    target: row.get(4)?,
                    imports: Vec::new(),
                    created: row.get(5)?,
                };
                Ok((IntentId(row.get(0)?), intent, row.get::<_, String>(6)?))
            },
        )?;
        stored
            .into_iter()
            .map(|(id, intent, imports)| {
                let imports: Vec<IntentImport> = parse(&self.place, &imports)?;
                Ok((id, Intent { imports, ..intent }))
            })
            .collect()
    }

    pub(super) fn effects(&self) -> Result<Vec<RecordedEffect>, Error> {
        self.list(
            "SELECT kind, import_version, effect, outcome, time FROM effects
             WHERE project_id = ?1 ORDER BY kind, import_version",
            params![self.project_id],
            |row| {
                Ok(RecordedEffect {
                    kind: row.get(0)?,
                    import_version: row.get(1)?,
                    effect: row.get(2)?,
                    outcome: row.get(3)?,
                    time: row.get(4)?,
                })
            },
        )
    }

    /// What is noted of the effect of an import.
    pub(super) fn effect(&self, kind: &str, import_version: u32) -> Result<Option<Noted>, Error> {
        self.connection
            .query_row(
                "SELECT effect, outcome IS NOT NULL FROM effects
                 WHERE project_id = ?1 AND kind = ?2 AND import_version = ?3",
                params![self.project_id, kind, import_version],
                |row| {
                    Ok(Noted {
                        effect: row.get(0)?,
                        has_outcome: row.get(1)?,
                    })
                },
            )
            .optional()
            .map_err(self.place.failed("read the effects"))
    }

    fn list<T>(
        &self,
        sql: &'static str,
        parameters: impl Params,
        read: fn(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, Error> {
        list(&self.place, &self.connection, sql, parameters, read)
    }
}

pub(super) fn list<T>(
    place: &Place,
    connection: &Connection,
    sql: &'static str,
    parameters: impl Params,
    read: fn(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, Error> {
    connection
        .prepare_cached(sql)
        .and_then(|mut statement| statement.query_map(parameters, read)?.collect())
        .map_err(place.failed("read its rows"))
}

pub(super) fn tenant_id(
    place: &Place,
    connection: &Connection,
    tenant: &str,
) -> Result<Option<i64>, Error> {
    connection
        .query_row(
            "SELECT id FROM tenants WHERE name = ?1",
            params![tenant],
            |row| row.get(0),
        )
        .optional()
        .map_err(place.failed("find the tenant"))
}

/// Every known project, by tenant and name.
pub(super) fn projects(
    place: &Place,
    connection: &Connection,
) -> Result<Vec<ProjectVersion>, Error> {
    list(
        place,
        connection,
        "SELECT tenants.name, projects.name, projects.version
         FROM projects JOIN tenants ON tenants.id = projects.tenant_id
         ORDER BY tenants.name, projects.name",
        [],
        |row| {
            Ok(ProjectVersion {
                project: ProjectKey {
                    tenant: row.get(0)?,
                    name: row.get(1)?,
                },
                version: row.get(2)?,
            })
        },
    )
}

/// The entries that a project or a tenant has itself, by table and key.
pub(super) fn lookups(
    place: &Place,
    connection: &Connection,
    scope: &Scope,
) -> Result<Vec<LookupEntry>, Error> {
    let (tenant, project) = match scope {
        Scope::Project(project) => (&project.tenant, Some(&project.name)),
        Scope::Tenant(tenant) => (tenant, None),
    };
    let stored: Vec<(String, String, String)> = list(
        place,
        connection,
        "SELECT lookup_table, key, value FROM lookups
         WHERE CASE WHEN ?2 IS NULL
           THEN tenant_id = (SELECT id FROM tenants WHERE name = ?1)
           ELSE project_id = (SELECT projects.id FROM projects JOIN tenants ON tenants.id = tenant_id
                              WHERE tenants.name = ?1 AND projects.name = ?2)
         END ORDER BY lookup_table, key",
        params![tenant, project],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    stored
        .into_iter()
        .map(|(table, key, json)| {
            let value = parse(place, &json)?;
            Ok(LookupEntry { table, key, value })
        })
        .collect()
}

fn row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    Ok(Row {
        kind: row.get(0)?,
        slug: row.get(1)?,
        content: row.get(2)?,
        shape: row.get(3)?,
    })
}

fn parse<T: serde::de::DeserializeOwned>(place: &Place, json: &str) -> Result<T, Error> {
    serde_json::from_str(json).map_err(|error| {
        place.corrupt(["it holds JSON that can't be read: ", &error.to_string()].concat())
    })
}
