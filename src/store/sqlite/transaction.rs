//! The two kinds of transaction.

use std::any::Any;

use rusqlite::{ErrorCode, OptionalExtension, params};

use super::queries::Session;
use crate::store::error::Error;
use crate::store::laws::{self, Begin};
use crate::store::limits;
use crate::store::model::{Intent, IntentId, Row};
use crate::store::options::Options;
use crate::store::read_through::read_through_session;
use crate::store::traits::WriteTransaction;

/// A read transaction; giving its connection back ends it.
#[derive(Debug)]
pub(super) struct SqliteRead {
    pub(super) session: Session,
}

/// A write transaction; giving its connection back rolls it back.
#[derive(Debug)]
pub(super) struct SqliteWrite {
    session: Session,
    project_id: i64,
    options: Options,
    /// A failed statement may have left half a change, or made SQLite roll everything back.
    failed: bool,
    /// Whether an effect has the connection.
    is_lent: bool,
}

impl SqliteWrite {
    pub(super) fn new(session: Session, project_id: i64, options: Options) -> Self {
        Self {
            session,
            project_id,
            options,
            failed: false,
            is_lent: false,
        }
    }

    fn change<T>(
        &mut self,
        change: impl FnOnce(&Session, i64) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if self.failed {
            return Err(Error::Aborted);
        }
        change(&self.session, self.project_id)
            .inspect_err(|error| self.failed = !error.is_refusal())
    }
}

read_through_session!(SqliteRead);
read_through_session!(SqliteWrite);

impl WriteTransaction for SqliteWrite {
    fn put_intent(&mut self, intent: &Intent) -> Result<IntentId, Error> {
        let imports = limits::intent_imports(intent)?;
        self.change(|session, project_id| {
            session
                .connection
                .query_row(
                    "INSERT INTO intents (project_id, ref_name, old_commit, new_commit, target, imports, time)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING id",
                    params![
                        project_id,
                        intent.ref_name,
                        intent.old,
                        intent.new,
                        intent.target,
                        imports,
                        intent.created
                    ],
                    |row| row.get(0).map(IntentId),
                )
                .map_err(session.place.failed("write an intent"))
        })
    }

    fn delete_intent(&mut self, id: IntentId) -> Result<bool, Error> {
        self.change(|session, project_id| {
            session
                .connection
                .execute(
                    "DELETE FROM intents WHERE project_id = ?1 AND id = ?2",
                    params![project_id, id.0],
                )
                .map(|deleted| deleted > 0)
                .map_err(session.place.failed("delete an intent"))
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
            insert_snapshot(session, project_id, kind, import_version, expected, time)?;
            session
                .connection
                .execute(
                    "DELETE FROM documents WHERE project_id = ?1 AND kind = ?2",
                    params![project_id, kind],
                )
                .map_err(session.place.failed("take the rows of an import"))?;
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
            let failed = session.place.failed("remove a row");
            let is_there: Option<i64> = session
                .connection
                .query_row(
                    "SELECT 1 FROM documents
                     WHERE project_id = ?1 AND kind = ?2 AND slug = ?3 AND content = ?4 AND shape = ?5",
                    params![project_id, row.kind, row.slug, row.content, row.shape],
                    |row| row.get(0),
                )
                .optional()
                .map_err(&failed)?;
            if !laws::leaves(row, is_there.is_some(), || session.is_in_snapshot(row))? {
                return Ok(false);
            }
            session
                .connection
                .execute(
                    "DELETE FROM documents WHERE project_id = ?1 AND kind = ?2 AND slug = ?3",
                    params![project_id, row.kind, row.slug],
                )
                .map_err(&failed)?;
            Ok(true)
        })
    }

    fn raise_version(&mut self, version: u32) -> Result<u32, Error> {
        self.change(|session, project_id| {
            session
                .connection
                .query_row(
                    "UPDATE projects SET version = max(version, ?2) WHERE id = ?1 RETURNING version",
                    params![project_id, version],
                    |row| row.get(0),
                )
                .map_err(session.place.failed("raise the project's version"))
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
                    "UPDATE effects SET effect = ?4, time = ?5
                     WHERE project_id = ?1 AND kind = ?2 AND import_version = ?3"
                }
                Begin::Add => {
                    "INSERT INTO effects (project_id, kind, import_version, effect, time)
                     VALUES (?1, ?2, ?3, ?4, ?5)"
                }
            };
            session
                .connection
                .execute(sql, params![project_id, kind, import_version, effect, time])
                .map_err(session.place.failed("begin an effect"))?;
            Ok(false)
        })
    }

    fn connection(&mut self) -> Result<Option<&mut dyn Any>, Error> {
        if !self.is_lent {
            self.change(|session, _| {
                let begun = session.connection.execute_batch(BEFORE_EFFECT);
                begun.map_err(session.place.failed("begin an effect"))
            })?;
            self.is_lent = true;
        }
        Ok(Some(self.session.connection.driver()))
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
            let failed = session.place.failed("record an effect");
            if was_lent {
                let released = session.connection.execute_batch(AFTER_EFFECT);
                released.map_err(|error| match error.sqlite_error_code() {
                    // There is no such savepoint any more.
                    Some(ErrorCode::Unknown) => ended_by_effect(kind, import_version),
                    _ => failed(error),
                })?;
            }
            let noted = session.effect(kind, import_version)?;
            laws::check_outcome(kind, import_version, noted.as_ref())?;
            let recorded = session.connection.execute(
                "UPDATE effects SET outcome = ?4, time = ?5
                 WHERE project_id = ?1 AND kind = ?2 AND import_version = ?3",
                params![project_id, kind, import_version, outcome, time],
            );
            recorded.map(drop).map_err(failed)
        })
    }

    fn commit(self: Box<Self>) -> Result<(), Error> {
        if self.failed {
            return Err(Error::Aborted);
        }
        self.options.before_commit()?;
        self.session
            .connection
            .execute_batch("COMMIT")
            .map_err(self.session.place.failed("commit"))
    }
}

/// What an effect does lies between these. The second one fails where the effect has ended the transaction.
const BEFORE_EFFECT: &str = "SAVEPOINT effect";
const AFTER_EFFECT: &str = "RELEASE effect";

/// What is wrong where the transaction that an effect was lent is over before its outcome is recorded.
fn ended_by_effect(kind: &str, import_version: u32) -> Error {
    Error::Invalid {
        what: "the effect's outcome".to_owned(),
        why: format!(
            "the effect of the import of {kind} at version {import_version} ended the store's transaction: it may neither commit nor roll back"
        ),
    }
}

fn insert_snapshot(
    session: &Session,
    project_id: i64,
    kind: &str,
    import_version: u32,
    rows: &[Row],
    time: i64,
) -> Result<(), Error> {
    let failed = session.place.failed("record a snapshot");
    let mut insert = session
        .connection
        .prepare_cached(
            "INSERT INTO snapshots (project_id, kind, import_version, slug, content, shape, time)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )
        .map_err(&failed)?;
    let nothing = None::<&str>;
    if rows.is_empty() {
        insert
            .execute(params![
                project_id,
                kind,
                import_version,
                "",
                nothing,
                None::<u32>,
                time
            ])
            .map_err(&failed)?;
    }
    for row in rows {
        insert
            .execute(params![
                project_id,
                kind,
                import_version,
                row.slug,
                row.content,
                row.shape,
                time
            ])
            .map_err(&failed)?;
    }
    Ok(())
}
