//! Running a query.

use std::borrow::Cow;
use std::sync::{Arc, PoisonError};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, Statement};

use super::error::QueryError;
use super::guard::{self, LARGEST, Refused};
use super::hint::hint;
use super::options::QueryOptions;
use super::problem::QueryProblem;
use super::shared::Shared;
use super::sources::Sources;
use crate::project::Project;

/// Rows of so many values need no memory of their own.
const FEW: usize = 8;

/// Runs queries over refs, documents, values and their history. Begins with [`Project::query`].
///
/// What was read for one query is kept for the next.
pub struct Query {
    // The connection's tables hold on to `shared` too.
    connection: Connection,
    shared: Arc<Shared>,
    refused: Refused,
    max_rows: Option<u64>,
}

/// A query whose SQL was understood.
pub struct Prepared<'q> {
    query: &'q Query,
    sql: &'q str,
    statement: Statement<'q>,
    columns: Vec<String>,
}

/// A value that a query computes.
#[derive(Debug, Clone, PartialEq)]
pub enum QueryValue<'r> {
    /// NULL
    Null,
    /// An integer.
    Integer(i64),
    /// A number that the query computed. None of the tables holds one.
    Real(f64),
    /// A text. Bytes that aren't UTF-8 are given as `U+FFFD`.
    Text(Cow<'r, str>),
    /// Bytes.
    Blob(&'r [u8]),
}

/// A line of what SQLite plans for a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanLine {
    /// How deep it stands, from 0.
    pub depth: usize,
    /// What is done: `leaves, told: ref =, address GLOB` for a table that is told these conditions, and gives no other rows.
    pub text: String,
}

impl Project {
    /// Begins with queries: [`Query`]. Refs are listed by their names alone; everything else is read when a query asks for it.
    ///
    /// # Errors
    /// Where the refs can't be read, a pattern fits none, or a revision isn't there.
    pub fn query(&self, options: QueryOptions) -> Result<Query, QueryError> {
        let sources = Sources::new(self, &options)?;
        let shared = Arc::new(Shared::new(sources, options.timeout));
        let opened = guard::open(&shared, options.max_memory);
        let (connection, refused) = opened.map_err(|error| defect(&error))?;
        Ok(Query {
            connection,
            shared,
            refused,
            max_rows: options.max_rows,
        })
    }
}

impl Query {
    /// The tables' own, for what looks through all of them without SQL.
    #[cfg(feature = "serve")]
    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Understands some SQL: one `SELECT`.
    ///
    /// # Errors
    /// [`QueryError::Sql`], [`QueryError::Refused`].
    pub fn prepare<'q>(&'q self, sql: &'q str) -> Result<Prepared<'q>, QueryError> {
        self.shared.begin();
        // To SQLite the text would end there.
        if let Some(offset) = sql.find('\0') {
            return Err(wrong(sql, "there is a NUL in it", Some(offset)));
        }
        let statement = self.connection.prepare(sql);
        let statement = statement.map_err(|error| self.error(sql, error))?;
        let refuse = |what: &str| QueryError::Refused { what: what.into() };
        if !statement.readonly() {
            return Err(refuse("changing anything"));
        }
        if statement.column_count() == 0 {
            return Err(wrong(sql, "there is no `SELECT` in it", None));
        }
        if statement.parameter_count() > 0 {
            let message = "it has a parameter (`?`, `:name`), and there is nothing to put there";
            return Err(wrong(sql, message, None));
        }
        let columns = statement.column_names();
        Ok(Prepared {
            query: self,
            sql,
            columns: columns.map(str::to_owned).collect(),
            statement,
        })
    }

    /// What SQLite plans for a query, and what it tells the tables. Nothing is run.
    ///
    /// # Errors
    /// As for [`prepare`](Query::prepare).
    pub fn explain(&self, sql: &str) -> Result<Vec<PlanLine>, QueryError> {
        self.prepare(sql)?;
        let explained = format!("EXPLAIN QUERY PLAN {sql}");
        let failed = |error| self.error(&explained, error);
        let mut statement = self.connection.prepare(&explained).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        let mut depths = std::collections::HashMap::from([(0, 0)]);
        let mut lines = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            let line = (|| {
                let (id, parent): (i64, i64) = (row.get(0)?, row.get(1)?);
                Ok((id, parent, row.get::<_, String>(3)?))
            })();
            let (id, parent, text) = line.map_err(failed)?;
            let depth = depths.get(&parent).copied().unwrap_or(0);
            depths.insert(id, depth + 1);
            lines.push(PlanLine {
                depth,
                text: in_words(&text),
            });
        }
        Ok(lines)
    }

    /// What couldn't be read so far, each once. Told only once.
    pub fn problems(&self) -> Vec<QueryProblem> {
        self.shared.sources().take_problems()
    }

    /// What a reader of the refs that were read should know, each once. Told only once.
    pub fn warnings(&self) -> Vec<QueryProblem> {
        self.shared.sources().take_warnings()
    }

    fn error(&self, sql: &str, error: rusqlite::Error) -> QueryError {
        if let Some(fault) = self.shared.take_fault() {
            return fault;
        }
        let refused = self.refused.lock();
        let refused = refused.unwrap_or_else(PoisonError::into_inner).take();
        let (code, message, offset) = match error {
            rusqlite::Error::SqlInputError {
                error, msg, offset, ..
            } => (error.code, msg, usize::try_from(offset).ok()),
            rusqlite::Error::SqliteFailure(error, message) => {
                let message = message.unwrap_or_else(|| error.to_string());
                (error.code, message, None)
            }
            rusqlite::Error::MultipleStatement => {
                let message = "there is more than one statement in it";
                return wrong(sql, message, None);
            }
            error => return defect(&error),
        };
        match code {
            ErrorCode::AuthorizationForStatementDenied => QueryError::Refused {
                what: refused.unwrap_or(message),
            },
            ErrorCode::OperationInterrupted => self.shared.timed_out(),
            ErrorCode::OutOfMemory => QueryError::OutOfMemory,
            ErrorCode::TooBig => QueryError::TooLarge {
                most: LARGEST as u64,
            },
            // SQLite says so before it asks what may be done.
            _ if message.ends_with(" may not be modified") => QueryError::Refused {
                what: "changing anything".into(),
            },
            _ => match refused {
                Some(what) => QueryError::Refused { what },
                None => wrong(sql, &message, offset),
            },
        }
    }
}

impl Prepared<'_> {
    /// The names of the columns. Two may have one name.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Runs the query, and gives each row to `visit`. Returns how many there were.
    ///
    /// What can't be read of single refs and documents doesn't end it: see [`Query::problems`].
    ///
    /// # Errors
    /// [`QueryError`], and those of `visit`.
    pub fn run<E: From<QueryError>>(
        mut self,
        mut visit: impl FnMut(&[QueryValue<'_>]) -> Result<(), E>,
    ) -> Result<u64, E> {
        let (query, sql) = (self.query, self.sql);
        query.shared.begin();
        let failed = |error| E::from(query.error(sql, error));
        let count = self.columns.len();
        let mut rows = self.statement.query([]).map_err(failed)?;
        let mut given = 0;
        while let Some(row) = rows.next().map_err(failed)? {
            if query.max_rows.is_some_and(|most| given >= most) {
                let most = given;
                return Err(QueryError::TooManyRows { most }.into());
            }
            let (mut few, mut many) = ([const { QueryValue::Null }; FEW], Vec::new());
            let values = match few.get_mut(..count) {
                Some(few) => few,
                None => {
                    many.resize_with(count, || QueryValue::Null);
                    &mut many
                }
            };
            for (column, value) in values.iter_mut().enumerate() {
                *value = QueryValue::of(row.get_ref(column).map_err(failed)?);
            }
            visit(values)?;
            given += 1;
        }
        Ok(given)
    }
}

impl<'r> QueryValue<'r> {
    fn of(value: ValueRef<'r>) -> QueryValue<'r> {
        match value {
            ValueRef::Null => QueryValue::Null,
            ValueRef::Integer(number) => QueryValue::Integer(number),
            ValueRef::Real(number) => QueryValue::Real(number),
            // Nearly all texts are UTF-8, and that is found out faster than what isn't.
            ValueRef::Text(bytes) => QueryValue::Text(match std::str::from_utf8(bytes) {
                Ok(text) => Cow::Borrowed(text),
                Err(_) => String::from_utf8_lossy(bytes),
            }),
            ValueRef::Blob(bytes) => QueryValue::Blob(bytes),
        }
    }
}

fn wrong(sql: &str, message: &str, offset: Option<usize>) -> QueryError {
    QueryError::Sql {
        message: message.to_owned(),
        sql: sql.to_owned(),
        offset,
        hint: hint(message),
    }
}

fn defect(error: &rusqlite::Error) -> QueryError {
    QueryError::Defect(error.to_string())
}

/// A line of SQLite's plan, with what a table of ours was told in words.
fn in_words(text: &str) -> String {
    let Some((scan, told)) = text.split_once(" VIRTUAL TABLE INDEX ") else {
        return text.to_owned();
    };
    let (arguments, told) = told.split_once(':').unwrap_or((told, ""));
    let arguments: u32 = arguments.parse().unwrap_or(0);
    let arguments = ["revision", "selector"]
        .iter()
        .enumerate()
        .filter(|(bit, _)| arguments & (1 << bit) != 0)
        .map(|(_, name)| format!("{name} ="));
    let told = Some(told.to_owned()).filter(|told| !told.is_empty());
    let told: Vec<String> = arguments.chain(told).collect();
    if told.is_empty() {
        format!("{scan}, all of it")
    } else {
        format!("{scan}, told: {}", told.join(", "))
    }
}
