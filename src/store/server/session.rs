//! What can be asked within a transaction, whether it may write or not.

use serde::de::DeserializeOwned;

use super::connection::{Connection, Failure, Kind, Record, Value};
use super::keys;
use super::place::Place;
use super::pool::Lease;
use crate::store::error::Error;
use crate::store::laws::Noted;
use crate::store::model::{
    Intent, IntentId, IntentImport, LookupEntry, ProjectKey, ProjectVersion, RecordedEffect,
    RecordedImport, Row, Scope,
};

/// A transaction, and the project it is about.
pub(super) struct Session {
    pub(super) lease: Lease,
    pub(super) place: Place,
    tenant_id: Option<i64>,
    project_id: Option<i64>,
    /// The project's version, as this transaction sees it.
    pub(super) version: Option<u32>,
}

/// The versions of the tables, and what they are of.
pub(super) struct Tables {
    pub(super) version: Option<u32>,
    pub(super) readable_by: Option<u32>,
}

/// The first statement of a reader, which may begin the transaction too: which tables these are, and the project.
pub(super) fn find(
    connection: &mut dyn Connection,
    begin: Option<&str>,
    project: &ProjectKey,
) -> Result<(Tables, Found), Failure> {
    let sql = "SELECT history.version, history.readable_by, tenants.id, projects.id, projects.version
         FROM (SELECT max(version) AS version, max(readable_by) AS readable_by FROM oclm_history) AS history
         LEFT JOIN oclm_tenants AS tenants ON tenants.name_key = $1
         LEFT JOIN oclm_projects AS projects ON projects.tenant_id = tenants.id AND projects.name_key = $2";
    let (tenant, name) = (keys::key(&[&project.tenant]), keys::key(&[&project.name]));
    let parameters = [Value::Bytes(&tenant), Value::Bytes(&name)];
    let found = match begin {
        Some(begin) => connection.begin_with(begin, sql, &parameters),
        None => connection.query(sql, &parameters),
    };
    let mut found = only(&mut found?)?;
    let tables = tables_of(&mut found)?;
    let tenant_id = found.integer_or_null()?;
    let project_id = found.integer_or_null()?;
    let version = match project_id {
        Some(_) => Some(found.number()?),
        None => None,
    };
    let found = Found {
        tenant_id,
        project_id,
        version,
    };
    Ok((tables, found))
}

/// The first statement of a writer, with what begins the transaction: others wait from here on. None where the project isn't known.
pub(super) fn find_and_hold(
    connection: &mut dyn Connection,
    begin: &str,
    project: &ProjectKey,
) -> Result<Option<(Tables, Found)>, Failure> {
    let mut found = connection.begin_with(
        begin,
        "SELECT (SELECT max(version) FROM oclm_history), (SELECT max(readable_by) FROM oclm_history),
           tenant_id, id, version
         FROM oclm_projects
         WHERE tenant_id = (SELECT id FROM oclm_tenants WHERE name_key = $1) AND name_key = $2 FOR UPDATE",
        &[
            Value::Bytes(&keys::key(&[&project.tenant])),
            Value::Bytes(&keys::key(&[&project.name])),
        ],
    )?;
    let Some(mut found) = found.pop() else {
        return Ok(None);
    };
    let tables = tables_of(&mut found)?;
    let found = Found {
        tenant_id: found.integer_or_null()?,
        project_id: Some(found.integer()?),
        version: Some(found.number()?),
    };
    Ok(Some((tables, found)))
}

/// Which tables these are.
pub(super) fn tables(connection: &mut dyn Connection) -> Result<Tables, Failure> {
    let mut found = connection.query(
        "SELECT max(version), max(readable_by) FROM oclm_history",
        &[],
    )?;
    tables_of(&mut only(&mut found)?)
}

/// A project and its tenant, by their numbers.
pub(super) struct Found {
    pub(super) tenant_id: Option<i64>,
    pub(super) project_id: Option<i64>,
    pub(super) version: Option<u32>,
}

fn tables_of(record: &mut Record) -> Result<Tables, Failure> {
    let mut version = || -> Result<Option<u32>, Failure> {
        let number = record.integer_or_null()?;
        Ok(number.and_then(|number| u32::try_from(number).ok()))
    };
    Ok(Tables {
        version: version()?,
        readable_by: version()?,
    })
}

fn only(records: &mut Vec<Record>) -> Result<Record, Failure> {
    records
        .pop()
        .ok_or_else(|| Failure::new(Kind::Unreadable, "a row is missing"))
}

impl Session {
    pub(super) fn new(lease: Lease, place: Place, found: Found) -> Session {
        Session {
            lease,
            place,
            tenant_id: found.tenant_id,
            project_id: found.project_id,
            version: found.version,
        }
    }

    pub(super) fn documents(&mut self, kind: &str) -> Result<Vec<Row>, Error> {
        self.list(
            "SELECT kind, slug, content, shape FROM oclm_documents WHERE project_id = $1 AND kind = $2 ORDER BY slug",
            &[Value::Bytes(kind.as_bytes())],
            row,
        )
    }

    pub(super) fn all_documents(&mut self) -> Result<Vec<Row>, Error> {
        self.list(
            "SELECT kind, slug, content, shape FROM oclm_documents WHERE project_id = $1 ORDER BY kind, slug",
            &[],
            row,
        )
    }

    /// How many rows each kind has.
    pub(super) fn counts(&mut self) -> Result<Vec<(String, u32)>, Error> {
        self.list(
            "SELECT kind, count(*) FROM oclm_documents WHERE project_id = $1 GROUP BY kind",
            &[],
            |record| Ok((record.text()?, record.number()?)),
        )
    }

    pub(super) fn snapshots(
        &mut self,
        kind: &str,
        import_version: u32,
    ) -> Result<Option<Vec<Row>>, Error> {
        // A row without content says that there was nothing.
        let found = self.list(
            "SELECT kind, slug, content, shape FROM oclm_snapshots
             WHERE project_id = $1 AND kind = $2 AND import_version = $3 ORDER BY slug",
            &[
                Value::Bytes(kind.as_bytes()),
                Value::Integer(import_version.into()),
            ],
            |record| {
                let (kind, slug) = (record.text()?, record.text()?);
                Ok(match record.text_or_null()? {
                    Some(content) => Some(Row::new(kind, slug, content, record.number()?)),
                    None => None,
                })
            },
        )?;
        if found.is_empty() {
            return Ok(None);
        }
        Ok(Some(found.into_iter().flatten().collect()))
    }

    /// The project's version; `None` where the store doesn't know the project.
    pub(super) fn version(&self) -> Result<Option<u32>, Error> {
        Ok(self.version)
    }

    pub(super) fn is_recorded(&mut self, kind: &str, import_version: u32) -> Result<bool, Error> {
        let found = self.list(
            "SELECT 1 FROM oclm_snapshots WHERE project_id = $1 AND kind = $2 AND import_version = $3 LIMIT 1",
            &[
                Value::Bytes(kind.as_bytes()),
                Value::Integer(import_version.into()),
            ],
            |_| Ok(()),
        )?;
        Ok(!found.is_empty())
    }

    /// Whether the table holds exactly this row.
    pub(super) fn is_in_table(&mut self, row: &Row) -> Result<bool, Error> {
        let found = self.list(
            "SELECT 1 FROM oclm_documents
             WHERE project_id = $1 AND document_key = $2 AND content = $3 AND shape = $4",
            &[
                Value::Bytes(&keys::of_row(row)),
                Value::Bytes(row.content.as_bytes()),
                Value::Integer(row.shape.into()),
            ],
            |_| Ok(()),
        )?;
        Ok(!found.is_empty())
    }

    /// Whether any snapshot of the project holds exactly this row.
    pub(super) fn is_in_snapshot(&mut self, row: &Row) -> Result<bool, Error> {
        let found = self.list(
            "SELECT 1 FROM oclm_snapshots
             WHERE project_id = $1 AND kind = $2 AND document_key = $3 AND content = $4 AND shape = $5 LIMIT 1",
            &[
                Value::Bytes(row.kind.as_bytes()),
                Value::Bytes(&keys::of_row(row)),
                Value::Bytes(row.content.as_bytes()),
                Value::Integer(row.shape.into()),
            ],
            |_| Ok(()),
        )?;
        Ok(!found.is_empty())
    }

    pub(super) fn recorded_imports(&mut self) -> Result<Vec<RecordedImport>, Error> {
        self.list(
            "SELECT kind, import_version, count(content), min(time) FROM oclm_snapshots
             WHERE project_id = $1 GROUP BY kind, import_version ORDER BY kind, import_version",
            &[],
            |record| {
                Ok(RecordedImport {
                    kind: record.text()?,
                    import_version: record.number()?,
                    documents: record.number()?,
                    time: record.integer()?,
                })
            },
        )
    }

    pub(super) fn lookup(
        &mut self,
        table: &str,
        key: &str,
    ) -> Result<Option<serde_json::Value>, Error> {
        let failed = self.place.failed("read the lookups");
        let found = self.lease.connection().query(
            "SELECT project_id, value FROM oclm_lookups WHERE entry_key = $1 AND (project_id = $2 OR tenant_id = $3)",
            &[
                Value::Bytes(&keys::key(&[table, key])),
                self.project_id.map_or(Value::Null, Value::Integer),
                self.tenant_id.map_or(Value::Null, Value::Integer),
            ],
        );
        let mut answer = None;
        for mut record in found.map_err(&failed)? {
            let is_own = record.integer_or_null().map_err(&failed)?.is_some();
            let json = record.text().map_err(&failed)?;
            if is_own || answer.is_none() {
                answer = Some(json);
            }
        }
        answer.map(|json| parse(&self.place, &json)).transpose()
    }

    pub(super) fn intents(&mut self) -> Result<Vec<(IntentId, Intent)>, Error> {
        let stored = self.list(
            "SELECT id, ref_name, old_commit, new_commit, target, time, imports FROM oclm_intents
             WHERE project_id = $1 ORDER BY id",
            &[],
            |record| {
                let id = IntentId(record.integer()?);
                let intent = Intent {
                    ref_name: record.text()?,
                    old: record.text_or_null()?,
                    new: record.text()?,
                    target: record.number()?,
                    created: record.integer()?,
                    imports: Vec::new(),
                };
                Ok((id, intent, record.text()?))
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

    pub(super) fn effects(&mut self) -> Result<Vec<RecordedEffect>, Error> {
        self.list(
            "SELECT kind, import_version, effect, outcome, time FROM oclm_effects
             WHERE project_id = $1 ORDER BY kind, import_version",
            &[],
            |record| {
                Ok(RecordedEffect {
                    kind: record.text()?,
                    import_version: record.number()?,
                    effect: record.text()?,
                    outcome: record.text_or_null()?,
                    time: record.integer()?,
                })
            },
        )
    }

    /// What is noted of the effect of an import.
    pub(super) fn effect(
        &mut self,
        kind: &str,
        import_version: u32,
    ) -> Result<Option<Noted>, Error> {
        let found = self.list(
            "SELECT effect, outcome FROM oclm_effects WHERE project_id = $1 AND kind = $2 AND import_version = $3",
            &[
                Value::Bytes(kind.as_bytes()),
                Value::Integer(import_version.into()),
            ],
            |record| {
                Ok(Noted {
                    effect: record.text()?,
                    has_outcome: record.text_or_null()?.is_some(),
                })
            },
        )?;
        Ok(found.into_iter().next())
    }

    /// The rows of a query about the project, whose number is the first parameter.
    fn list<T>(
        &mut self,
        sql: &str,
        parameters: &[Value<'_>],
        read: fn(&mut Record) -> Result<T, Failure>,
    ) -> Result<Vec<T>, Error> {
        let Some(project_id) = self.project_id else {
            return Ok(Vec::new());
        };
        let parameters = [&[Value::Integer(project_id)], parameters].concat();
        list(self.lease.connection(), sql, &parameters, read)
            .map_err(self.place.failed("read its rows"))
    }
}

fn list<T>(
    connection: &mut dyn Connection,
    sql: &str,
    parameters: &[Value<'_>],
    read: fn(&mut Record) -> Result<T, Failure>,
) -> Result<Vec<T>, Failure> {
    let found = connection.query(sql, parameters)?.into_iter();
    found.map(|mut record| read(&mut record)).collect()
}

/// Every known project, by tenant and name.
pub(super) fn projects(connection: &mut dyn Connection) -> Result<Vec<ProjectVersion>, Failure> {
    list(
        connection,
        "SELECT tenants.name, projects.name, projects.version
         FROM oclm_projects AS projects JOIN oclm_tenants AS tenants ON tenants.id = projects.tenant_id
         ORDER BY tenants.name, projects.name",
        &[],
        |record| {
            Ok(ProjectVersion {
                project: ProjectKey {
                    tenant: record.text()?,
                    name: record.text()?,
                },
                version: record.number()?,
            })
        },
    )
}

/// The tenants' names.
pub(super) fn tenants(connection: &mut dyn Connection) -> Result<Vec<String>, Failure> {
    let sql = "SELECT name FROM oclm_tenants ORDER BY name";
    list(connection, sql, &[], Record::text)
}

/// The entries that a project or a tenant has itself, by table and key.
pub(super) fn lookups(
    connection: &mut dyn Connection,
    place: &Place,
    scope: &Scope,
) -> Result<Vec<LookupEntry>, Error> {
    let failed = place.failed("read the lookups");
    let read = |record: &mut Record| Ok((record.text()?, record.text()?, record.text()?));
    let stored = match scope {
        Scope::Project(project) => list(
            connection,
            "SELECT lookup_table, lookup_key, value FROM oclm_lookups
             WHERE project_id = (
               SELECT projects.id FROM oclm_projects AS projects JOIN oclm_tenants AS tenants ON tenants.id = projects.tenant_id
               WHERE tenants.name_key = $1 AND projects.name_key = $2)
             ORDER BY lookup_table, lookup_key",
            &[
                Value::Bytes(&keys::key(&[&project.tenant])),
                Value::Bytes(&keys::key(&[&project.name])),
            ],
            read,
        ),
        Scope::Tenant(tenant) => list(
            connection,
            "SELECT lookup_table, lookup_key, value FROM oclm_lookups
             WHERE tenant_id = (SELECT id FROM oclm_tenants WHERE name_key = $1) ORDER BY lookup_table, lookup_key",
            &[Value::Bytes(&keys::key(&[tenant]))],
            read,
        ),
    };
    let stored = stored.map_err(failed)?.into_iter();
    stored
        .map(|(table, key, json)| {
            let value = parse(place, &json)?;
            Ok(LookupEntry { table, key, value })
        })
        .collect()
}

fn row(record: &mut Record) -> Result<Row, Failure> {
    Ok(Row {
        kind: record.text()?,
        slug: record.text()?,
        content: record.text()?,
        shape: record.number()?,
    })
}

fn parse<T: DeserializeOwned>(place: &Place, json: &str) -> Result<T, Error> {
    serde_json::from_str(json)
        .map_err(|error| place.corrupt(format!("it holds JSON that can't be read: {error}")))
}
