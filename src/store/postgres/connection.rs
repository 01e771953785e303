//! The driver, behind the traits of a server's store.

use std::any::Any;
use std::collections::HashMap;
use std::time::Duration;

use postgres::types::{FromSql, IsNull, ToSql, Type, private::BytesMut, to_sql_checked};
use postgres::{Client, NoTls, SimpleQueryMessage, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::address::PostgresAddress;
use super::{failure, tables, tls};
use crate::store::error::Error;
use crate::store::server::connection::{
    Cell, Connection, Dialect, Failure, Kind, Layout, Record, Value,
};

/// The oldest release that the store was made for, as the server numbers them.
const OLDEST: u32 = 13_00_00;

/// What a new connection is told: a connection whose other side has vanished ends within a minute, so that its project's row
/// is free again; and a commit is on the disk when it returns, whatever the role's default.
const SETUP: &str = "
    SELECT current_setting('server_version_num'), current_setting('server_version'), current_setting('crdb_version', true);
    SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3;
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

/// PostgreSQL as a dialect.
pub(super) struct Postgres {
    address: PostgresAddress,
    tls: Option<MakeRustlsConnect>,
    begin_writing: String,
}

impl Postgres {
    pub(super) fn new(address: PostgresAddress, lock_timeout: Duration) -> Result<Postgres, Error> {
        Ok(Postgres {
            tls: tls::connector(&address.tls)?,
            address,
            begin_writing: begin_writing(lock_timeout),
        })
    }
}

impl Dialect for Postgres {
    fn connect(&self) -> Result<Box<dyn Connection>, Failure> {
        let mut client = connect(&self.address, self.tls.as_ref())?;
        let told = client.simple_query(SETUP).map_err(failure::of_connecting)?;
        let version = told.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => {
                Some((row.get(0)?.parse().ok()?, row.get(1)?, row.get(2)))
            }
            _ => None,
        });
        match version {
            // It speaks PostgreSQL's protocol, and calls itself one.
            Some((_, _, Some(cockroach))) if !cockroach.is_empty() => {
                return Err(Failure::new(
                    Kind::Unsupported,
                    format!(
                        "it is {cockroach}, and its address says PostgreSQL: begin it with cockroach://"
                    ),
                ));
            }
            Some((number, name, _)) => check_version(number, name)?,
            None => return Err(Failure::new(Kind::Unsupported, "it states no version")),
        }
        Ok(Box::new(Kept::new(client).that_begins_at_once()))
    }

    fn begin_writing(&self) -> &str {
        &self.begin_writing
    }

    fn begin_reading(&self) -> &str {
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    }

    fn server(&self, connection: &mut dyn Connection) -> Result<String, Failure> {
        let sql = "SELECT convert_to(current_setting('server_version'), 'UTF8')";
        match connection.query(sql, &[])?.pop() {
            Some(mut record) => Ok(format!("PostgreSQL {}", record.text()?)),
            None => Err(Failure::new(Kind::Unsupported, "it states no version")),
        }
    }

    fn layout(&self) -> &'static Layout {
        &tables::LAYOUT
    }
}

/// The statements that begin a transaction which writes.
pub(super) fn begin_writing(lock_timeout: Duration) -> String {
    // 0 would mean for ever, and the server counts in an `int`.
    let milliseconds = lock_timeout.as_millis().clamp(1, i32::MAX as u128);
    format!("BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = {milliseconds}")
}

pub(super) fn connect(
    address: &PostgresAddress,
    tls: Option<&MakeRustlsConnect>,
) -> Result<Client, Failure> {
    let client = match tls {
        Some(tls) => address.config.connect(tls.clone()),
        None => address.config.connect(NoTls),
    };
    client.map_err(failure::of_connecting)
}

fn check_version(number: u32, name: &str) -> Result<(), Failure> {
    if number >= OLDEST {
        return Ok(());
    }
    let needed = OLDEST / 10_000;
    Err(Failure::new(
        Kind::Unsupported,
        format!("it is PostgreSQL {name}, and {needed} or newer is needed"),
    ))
}

/// A connection. A statement is prepared when it comes for the second time: the first time would be two round trips, and from
/// then on the server needn't read and plan it again, which is most of its work for ours.
pub(super) struct Kept {
    client: Client,
    /// None: it came once.
    statements: HashMap<String, Option<Statement>>,
    /// Questions that begin transactions, with their names in the session; none: it came once. None at all where a transaction
    /// begins in a round trip of its own.
    first: Option<HashMap<String, Option<String>>>,
}

impl Kept {
    pub(super) fn new(client: Client) -> Kept {
        Kept {
            client,
            statements: HashMap::new(),
            first: None,
        }
    }

    /// Lets a transaction begin together with its first question.
    fn that_begins_at_once(self) -> Kept {
        let first = Some(HashMap::new());
        Kept { first, ..self }
    }

    /// The statement, prepared; none where it comes for the first time.
    fn prepared(
        &mut self,
        sql: &str,
        parameters: &[Value<'_>],
    ) -> Result<Option<Statement>, postgres::Error> {
        match self.statements.get_mut(sql) {
            None => {
                self.statements.insert(sql.to_owned(), None);
                Ok(None)
            }
            Some(Some(statement)) => Ok(Some(statement.clone())),
            Some(none) => {
                let types: Vec<Type> = parameters.iter().map(kind).collect();
                let statement = self.client.prepare_typed(sql, &types)?;
                Ok(Some(none.insert(statement).clone()))
            }
        }
    }

    /// What a statement's error says. Where the session that knew the statements is gone, they are prepared anew.
    fn failed(&mut self, error: postgres::Error) -> Failure {
        let failure = failure::of_statement(error);
        if failure.kind == Kind::Lost {
            self.statements.clear();
            if let Some(first) = &mut self.first {
                first.clear();
            }
        }
        failure
    }
}

impl Connection for Kept {
    fn query(&mut self, sql: &str, parameters: &[Value<'_>]) -> Result<Vec<Record>, Failure> {
        let prepared = self.prepared(sql, parameters);
        let rows = prepared.and_then(|prepared| match prepared {
            Some(statement) => self.client.query(&statement, &untyped(parameters)),
            None => self.client.query_typed(sql, &typed(parameters)),
        });
        let rows = rows.map_err(|error| self.failed(error))?.into_iter();
        rows.map(|row| {
            let cells = (0..row.len()).map(|column| row.try_get::<_, Cell>(column));
            let cells = cells.collect::<Result<_, _>>();
            let cells = cells.map_err(|error| Failure::new(Kind::Unreadable, error.to_string()));
            Ok(Record::new(cells?))
        })
        .collect()
    }

    fn execute(&mut self, sql: &str, parameters: &[Value<'_>]) -> Result<u64, Failure> {
        let prepared = self.prepared(sql, parameters);
        let changed = prepared.and_then(|prepared| match prepared {
            Some(statement) => self.client.execute(&statement, &untyped(parameters)),
            None => self.client.execute_typed(sql, &typed(parameters)),
        });
        changed.map_err(|error| self.failed(error))
    }

    fn insert(&mut self, sql: &str, parameters: &[Value<'_>]) -> Result<i64, Failure> {
        let inserted = self.query(&[sql, " RETURNING id"].concat(), parameters)?;
        match inserted.into_iter().next() {
            Some(mut record) => record.integer(),
            None => Err(Failure::new(Kind::Other, "a row was not inserted")),
        }
    }

    /// In one round trip from the third time on. Several statements at once take no parameters, so the question is prepared under a
    /// name of ours, and its parameters are written out.
    fn begin_with(
        &mut self,
        begin: &str,
        sql: &str,
        parameters: &[Value<'_>],
    ) -> Result<Vec<Record>, Failure> {
        let named = self.first.as_ref().map(|first| first.get(sql).cloned());
        let text = match named {
            // It begins by itself; or the question comes for the first time.
            None | Some(None) => {
                self.batch(begin)?;
                if let Some(first) = &mut self.first {
                    first.insert(sql.to_owned(), None);
                }
                return self.query(sql, parameters);
            }
            Some(Some(None)) => {
                let first = self.first.iter().flatten();
                let name = format!("oclm_{}", first.filter(|it| it.1.is_some()).count());
                let types = parameters.iter().map(kind);
                let types: Vec<String> = types.map(|kind| kind.name().to_owned()).collect();
                let types = types.join(", ");
                self.batch(&format!("{begin}; PREPARE {name} ({types}) AS {sql}"))?;
                let question = ask(&name, parameters);
                if let Some(first) = &mut self.first {
                    first.insert(sql.to_owned(), Some(name));
                }
                question
            }
            Some(Some(Some(name))) => format!("{begin}; {}", ask(&name, parameters)),
        };
        let told = self.client.simple_query(&text);
        let told = told.map_err(|error| self.failed(error))?;
        told.iter()
            .filter_map(|message| match message {
                SimpleQueryMessage::Row(row) => Some(row),
                _ => None,
            })
            .map(|row| {
                let cells = (0..row.len()).map(|column| number(row.get(column)));
                Ok(Record::new(cells.collect::<Result<_, _>>()?))
            })
            .collect()
    }

    fn batch(&mut self, sql: &str) -> Result<(), Failure> {
        let done = self.client.batch_execute(sql);
        done.map_err(|error| self.failed(error))
    }

    fn driver(&mut self) -> &mut dyn Any {
        &mut self.client
    }
}

/// A question that has a name, with parameters: digits alone come from outside.
fn ask(name: &str, parameters: &[Value<'_>]) -> String {
    let parameters = parameters.iter().map(|value| match value {
        Value::Null => "NULL".to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Bytes(bytes) => format!("decode('{}', 'hex')", crate::text::hex(bytes)),
    });
    let parameters: Vec<String> = parameters.collect();
    format!("EXECUTE {name} ({})", parameters.join(", "))
}

/// A number, as the server writes it where nobody asks for its bytes.
fn number(text: Option<&str>) -> Result<Cell, Failure> {
    match text.map(str::parse) {
        None => Ok(Cell::Null),
        Some(Ok(number)) => Ok(Cell::Integer(number)),
        Some(Err(_)) => Err(Failure::new(
            Kind::Unreadable,
            "text where a number should be",
        )),
    }
}

fn typed<'a>(parameters: &'a [Value<'a>]) -> Vec<(&'a (dyn ToSql + Sync), Type)> {
    let types = parameters.iter().map(kind);
    untyped(parameters).into_iter().zip(types).collect()
}

fn untyped<'a>(parameters: &'a [Value<'a>]) -> Vec<&'a (dyn ToSql + Sync)> {
    let untyped = |value: &'a Value<'a>| -> &'a (dyn ToSql + Sync) { value };
    parameters.iter().map(untyped).collect()
}

fn kind(value: &Value<'_>) -> Type {
    match value {
        // What it stands for is known from where it stands.
        Value::Null => Type::UNKNOWN,
        Value::Integer(_) => Type::INT8,
        Value::Bytes(_) => Type::BYTEA,
    }
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Integer(number) => number.to_sql(kind, out),
            Value::Bytes(bytes) => bytes.to_sql(kind, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        // Each value is sent as of the type it is.
        true
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Cell {
    fn from_sql(
        kind: &Type,
        raw: &'a [u8],
    ) -> Result<Cell, Box<dyn std::error::Error + Sync + Send>> {
        match *kind {
            Type::INT8 => i64::from_sql(kind, raw).map(Cell::Integer),
            Type::INT4 => i32::from_sql(kind, raw).map(|number| Cell::Integer(number.into())),
            _ => Ok(Cell::Bytes(raw.to_vec())),
        }
    }

    fn from_sql_null(_: &Type) -> Result<Cell, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Cell::Null)
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::INT4 | Type::BYTEA)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_is_too_old_is_refused() {
        check_version(13_00_01, "13.1").expect("old enough");
        check_version(18_00_06, "18.6").expect("new");
        let refused = check_version(12_00_22, "12.22").expect_err("too old");
        assert_eq!(refused.kind, Kind::Unsupported);
        assert_eq!(
            refused.why,
            "it is PostgreSQL 12.22, and 13 or newer is needed"
        );
    }
}
