//! The two kinds of transaction.

use std::any::Any;

use super::connection::Value;
use super::keys;
use super::session::Session;
use crate::store::error::Error;
use crate::store::laws::{self, Begin};
use crate::store::limits;
use crate::store::model::{Intent, IntentId, Row};
use crate::store::options::Options;
use crate::store::read_through::read_through_session;
use crate::store::traits::WriteTransaction;

/// A read transaction.
pub(super) struct ServerRead {
    pub(super) session: Session,
}

/// A write transaction, which holds the project's row. What a database can't be told to keep as a law, this keeps: others
/// wait for the row before they write anything of the project.
pub(super) struct ServerWrite {
    session: Session,
    project_id: i64,
    options: Options,
    /// A failed statement may have ended the transaction.
    failed: bool,
    /// Whether an effect has the connection.
    is_lent: bool,
}

impl ServerWrite {
    pub(super) fn new(session: Session, project_id: i64, options: Options) -> ServerWrite {
        ServerWrite {
            session,
            project_id,
            options,
            failed: false,
            is_lent: false,
        }
    }

    fn change<T>(
        &mut self,
        change: impl FnOnce(&mut Session, i64) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if self.failed {
            return Err(Error::Aborted);
        }
        let changed = change(&mut self.session, self.project_id);
        changed.inspect_err(|error| self.failed = !error.is_refusal())
    }
}

read_through_session!(ServerRead);
read_through_session!(ServerWrite);

impl WriteTransaction for ServerWrite {
    fn put_intent(&mut self, intent: &Intent) -> Result<IntentId, Error> {
        let imports = limits::intent_imports(intent)?;
        self.change(|session, project_id| {
            let failed = session.place.failed("write an intent");
            let old = intent.old.as_ref();
            let id = session.lease.connection().insert(
                "INSERT INTO oclm_intents (project_id, ref_name, old_commit, new_commit, target, imports, time)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
                &[
                    Value::Integer(project_id),
                    Value::Bytes(intent.ref_name.as_bytes()),
                    old.map_or(Value::Null, |old| Value::Bytes(old.as_bytes())),
                    Value::Bytes(intent.new.as_bytes()),
                    Value::Integer(intent.target.into()),
                    Value::Bytes(imports.as_bytes()),
                    Value::Integer(intent.created),
                ],
            );
            id.map(IntentId).map_err(failed)
        })
    }

    fn delete_intent(&mut self, id: IntentId) -> Result<bool, Error> {
        self.change(|session, project_id| {
            let failed = session.place.failed("delete an intent");
            let deleted = session.lease.connection().execute(
                "DELETE FROM oclm_intents WHERE project_id = $1 AND id = $2",
                &[Value::Integer(project_id), Value::Integer(id.0)],
            );
            Ok(deleted.map_err(failed)? > 0)
        })
    }

    fn take(
        &mut self,
        kind: &str,
        import_version: u32,
        expected: &[Row],
        time: i64,
    ) -> Result<(), Error> {
        limits::check_import(kind, import_version, expected)?;
        self.change(|session, project_id| {
            let found = session.documents(kind)?;
            laws::check_take(kind, import_version, expected, &found, || {
                session.is_recorded(kind, import_version)
            })?;
            if found.is_empty() {
                return insert_snapshot(session, project_id, kind, import_version, &[], time);
            }
            let failed = session.place.failed("take the rows of an import");
            let connection = session.lease.connection();
            // Their contents stay in the database: while the project's row is held, every round trip counts.
            let copied = connection.execute(
                "INSERT INTO oclm_snapshots (import_version, time, project_id, kind, document_key, slug, content, shape)
                 SELECT $1, $2, project_id, kind, document_key, slug, content, shape
                 FROM oclm_documents WHERE project_id = $3 AND kind = $4",
                &[
                    Value::Integer(import_version.into()),
                    Value::Integer(time),
                    Value::Integer(project_id),
                    Value::Bytes(kind.as_bytes()),
                ],
            );
            let copied = copied.map_err(&failed)?;
            let removed = connection.execute(
                "DELETE FROM oclm_documents WHERE project_id = $1 AND kind = $2",
                &[
                    Value::Integer(project_id),
                    Value::Bytes(kind.as_bytes()),
                ],
            );
            let removed = removed.map_err(&failed)?;
            if copied != removed || copied != found.len() as u64 {
                return Err(session.place.corrupt(format!(
                    "of {} rows, {copied} were copied and {removed} removed: somebody writes without holding the project's row",
                    found.len()
                )));
            }
            Ok(())
        })
    }

    fn record_snapshot(
        &mut self,
        kind: &str,
        import_version: u32,
        rows: &[Row],
        time: i64,
    ) -> Result<bool, Error> {
        limits::check_import(kind, import_version, rows)?;
        self.change(|session, project_id| {
            if session.is_recorded(kind, import_version)? {
                return Ok(false);
            }
            insert_snapshot(session, project_id, kind, import_version, rows, time)?;
            Ok(true)
        })
    }

    fn remove_document_if(&mut self, row: &Row) -> Result<bool, Error> {
        self.change(|session, project_id| {
            let is_in_table = session.is_in_table(row)?;
            if !laws::leaves(row, is_in_table, || session.is_in_snapshot(row))? {
                return Ok(false);
            }
            remove_document(session, project_id, &row.kind, &row.slug)
        })
    }

    fn raise_version(&mut self, version: u32) -> Result<u32, Error> {
        self.change(|session, project_id| {
            let now = session.version.unwrap_or_default();
            if version <= now {
                return Ok(now);
            }
            let failed = session.place.failed("raise the project's version");
            let raised = session.lease.connection().execute(
                "UPDATE oclm_projects SET version = $1 WHERE id = $2",
                &[Value::Integer(version.into()), Value::Integer(project_id)],
            );
            raised.map_err(failed)?;
            session.version = Some(version);
            Ok(version)
        })
    }

    fn begin_effect(
        &mut self,
        kind: &str,
        import_version: u32,
        effect: &str,
        time: i64,
    ) -> Result<bool, Error> {
        limits::check_effect(kind, import_version, effect)?;
        self.change(|session, project_id| {
            let noted = session.effect(kind, import_version)?;
            let sql = match laws::begin_effect(kind, import_version, effect, noted.as_ref())? {
                Begin::Known => return Ok(true),
                Begin::Replace => {
                    "UPDATE oclm_effects SET effect = $1, time = $2
                     WHERE project_id = $3 AND kind = $4 AND import_version = $5"
                }
                Begin::Add => {
                    "INSERT INTO oclm_effects (effect, time, project_id, kind, import_version)
                     VALUES ($1, $2, $3, $4, $5)"
                }
            };
            let begun = session.lease.connection().execute(
                sql,
                &[
                    Value::Bytes(effect.as_bytes()),
                    Value::Integer(time),
                    Value::Integer(project_id),
                    Value::Bytes(kind.as_bytes()),
                    Value::Integer(import_version.into()),
                ],
            );
            let failed = session.place.failed("begin an effect");
            begun.map(|_| false).map_err(failed)
        })
    }

    fn connection(&mut self) -> Result<Option<&mut dyn Any>, Error> {
        if !self.is_lent {
            self.change(|session, _| {
                let failed = session.place.failed("begin an effect");
                let begun = session.lease.connection().batch(BEFORE_EFFECT);
                begun.map_err(failed)
            })?;
            self.is_lent = true;
        }
        Ok(Some(self.session.lease.connection().driver()))
    }

    fn record_effect(
        &mut self,
        kind: &str,
        import_version: u32,
        outcome: &str,
        time: i64,
    ) -> Result<(), Error> {
        limits::check_outcome(kind, import_version, outcome)?;
        let was_lent = std::mem::take(&mut self.is_lent);
        self.change(|session, project_id| {
            if was_lent {
                let ended = session.lease.connection().batch(AFTER_EFFECT);
                ended.map_err(session.place.failed("record an effect"))?;
            }
            let noted = session.effect(kind, import_version)?;
            laws::check_outcome(kind, import_version, noted.as_ref())?;
            let recorded = session.lease.connection().execute(
                "UPDATE oclm_effects SET outcome = $1, time = $2
                 WHERE project_id = $3 AND kind = $4 AND import_version = $5",
                &[
                    Value::Bytes(outcome.as_bytes()),
                    Value::Integer(time),
                    Value::Integer(project_id),
                    Value::Bytes(kind.as_bytes()),
                    Value::Integer(import_version.into()),
                ],
            );
            let failed = session.place.failed("record an effect");
            recorded.map(drop).map_err(failed)
        })
    }

    fn commit(self: Box<Self>) -> Result<(), Error> {
        if self.failed {
            return Err(Error::Aborted);
        }
        self.options.before_commit()?;
        let Session { lease, place, .. } = self.session;
        lease
            .commit()
            .map_err(|failure| place.commit_failed(failure))
    }
}

/// What an effect does lies between these. The second one fails where the effect has ended the transaction.
const BEFORE_EFFECT: &str = "SAVEPOINT oclm_effect";
const AFTER_EFFECT: &str = "RELEASE SAVEPOINT oclm_effect";

/// Puts a row in the place of what is there.
pub(super) fn put_document(session: &mut Session, project_id: i64, row: &Row) -> Result<(), Error> {
    remove_document(session, project_id, &row.kind, &row.slug)?;
    let failed = session.place.failed("write a row");
    let inserted = session.lease.connection().execute(
        "INSERT INTO oclm_documents (project_id, document_key, kind, slug, content, shape)
         VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            Value::Integer(project_id),
            Value::Bytes(&keys::of_row(row)),
            Value::Bytes(row.kind.as_bytes()),
            Value::Bytes(row.slug.as_bytes()),
            Value::Bytes(row.content.as_bytes()),
            Value::Integer(row.shape.into()),
        ],
    );
    inserted.map(|_| ()).map_err(failed)
}

/// Removes a row. Returns whether there was one.
pub(super) fn remove_document(
    session: &mut Session,
    project_id: i64,
    kind: &str,
    slug: &str,
) -> Result<bool, Error> {
    let failed = session.place.failed("remove a row");
    let removed = session.lease.connection().execute(
        "DELETE FROM oclm_documents WHERE project_id = $1 AND document_key = $2",
        &[
            Value::Integer(project_id),
            Value::Bytes(&keys::of_document(kind, slug)),
        ],
    );
    Ok(removed.map_err(failed)? > 0)
}

fn insert_snapshot(
    session: &mut Session,
    project_id: i64,
    kind: &str,
    import_version: u32,
    rows: &[Row],
    time: i64,
) -> Result<(), Error> {
    let failed = session.place.failed("record a snapshot");
    let connection = session.lease.connection();
    let mut insert = |slug: &str, content: Value<'_>, shape: Value<'_>| {
        let inserted = connection.execute(
            "INSERT INTO oclm_snapshots (project_id, kind, import_version, document_key, slug, content, shape, time)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            &[
                Value::Integer(project_id),
                Value::Bytes(kind.as_bytes()),
                Value::Integer(import_version.into()),
                Value::Bytes(&keys::of_document(kind, slug)),
                Value::Bytes(slug.as_bytes()),
                content,
                shape,
                Value::Integer(time),
            ],
        );
        inserted.map(|_| ()).map_err(&failed)
    };
    if rows.is_empty() {
        insert("", Value::Null, Value::Null)?;
    }
    for row in rows {
        let content = Value::Bytes(row.content.as_bytes());
        insert(&row.slug, content, Value::Integer(row.shape.into()))?;
    }
    Ok(())
}
