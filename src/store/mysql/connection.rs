//! The driver, behind the traits of a server's store.

use std::any::Any;
use std::time::Duration;

use mysql::prelude::Queryable as _;
use mysql::{Conn, DriverError, OptsBuilder, SslOpts};

use super::address::{CONNECT_TIMEOUT, MysqlAddress, Tls};
use super::{failure, server, tables};
use crate::store::error::Error;
use crate::store::server::connection::{
    Cell, Connection, Dialect, Failure, Kind, Layout, Record, Value,
};

/// How long the other side may be silent where it should acknowledge.
#[cfg(target_os = "linux")]
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(30);
/// More than the statements that a store has.
const STATEMENTS: usize = 64;

/// MariaDB or MySQL as a dialect.
pub(super) struct Mysql {
    options: OptsBuilder,
    /// None where the address asks for no encryption.
    ssl: Option<SslOpts>,
    may_be_plain: bool,
    is_only_writer: bool,
    setup: String,
    lock_seconds: u64,
}

impl Mysql {
    pub(super) fn new(address: MysqlAddress, lock_timeout: Duration) -> Result<Mysql, Error> {
        let ssl = match &address.tls {
            Tls::None => None,
            Tls::Preferred | Tls::Unverified => {
                let any = SslOpts::default().with_danger_accept_invalid_certs(true);
                Some(any.with_danger_skip_domain_validation(true))
            }
            Tls::Verified { roots: None } => Some(SslOpts::default()),
            Tls::Verified { roots: Some(file) } => {
                std::fs::File::open(file).map_err(|error| Error::Address {
                    why: format!("its sslrootcert {} can't be used: {error}", file.display()),
                })?;
                Some(SslOpts::default().with_root_cert_path(Some(file.clone())))
            }
        };
        if ssl.is_some() {
            // The driver takes the process's provider, and would panic where none is chosen and several are built in.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        // Counted in whole seconds, and 0 would be at once.
        let lock_seconds = lock_timeout.as_millis().div_ceil(1000).clamp(1, 31_536_000);
        let lock_seconds = u64::try_from(lock_seconds).unwrap_or(1);
        let host = if address.host.contains(':') {
            format!("[{}]", address.host)
        } else {
            address.host
        };
        let options = OptsBuilder::new()
            .ip_or_hostname(Some(host))
            .tcp_port(address.port)
            .socket(address.socket)
            .prefer_socket(false)
            .user(address.user)
            .pass(address.password)
            .db_name(Some(address.database))
            .tcp_connect_timeout(Some(CONNECT_TIMEOUT))
            .tcp_keepalive_time_ms(Some(30_000))
            .stmt_cache_size(STATEMENTS);
        #[cfg(any(target_os = "linux", target_os = "macos"))]
        let options = options
            .tcp_keepalive_probe_interval_secs(Some(10))
            .tcp_keepalive_probe_count(Some(3));
        #[cfg(target_os = "linux")]
        let options = options.tcp_user_timeout_ms(u32::try_from(TCP_USER_TIMEOUT.as_millis()).ok());
        Ok(Mysql {
            options,
            may_be_plain: address.tls == Tls::Preferred,
            ssl,
            is_only_writer: address.is_only_writer,
            setup: server::setup(lock_seconds),
            lock_seconds,
        })
    }

    fn connect_as(&self, ssl: Option<SslOpts>) -> mysql::Result<Conn> {
        Conn::new(self.options.clone().ssl_opts(ssl))
    }
}

impl Dialect for Mysql {
    fn connect(&self) -> Result<Box<dyn Connection>, Failure> {
        let connected = match self.connect_as(self.ssl.clone()) {
            Err(mysql::Error::DriverError(DriverError::TlsNotSupported)) if self.may_be_plain => {
                self.connect_as(None)
            }
            connected => connected,
        };
        let mut connection = Kept(connected.map_err(failure::of_connecting)?);
        let facts = server::facts(&mut connection)?;
        server::check(&facts, self.is_only_writer)?;
        connection.batch(&self.setup)?;
        Ok(Box::new(connection))
    }

    fn begin_writing(&self) -> &str {
        "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION READ WRITE"
    }

    fn begin_reading(&self) -> &str {
        // By default a snapshot is made by the first statement that reads, and only of what that isolation level keeps.
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"
    }

    fn server(&self, connection: &mut dyn Connection) -> Result<String, Failure> {
        Ok(server::facts(connection)?.name())
    }

    fn layout(&self) -> &'static Layout {
        &tables::LAYOUT
    }

    /// A statement that changes tables ends the transaction that it is in.
    fn is_changed_in_parts(&self) -> bool {
        true
    }

    /// By a lock with a name, as those on rows end with each such statement.
    fn hold_tables(&self, connection: &mut dyn Connection) -> Result<(), Failure> {
        let seconds = i64::try_from(self.lock_seconds).unwrap_or(i64::MAX);
        let held = connection.query(
            "SELECT GET_LOCK(CONCAT('oclm.', SHA1(DATABASE())), ?)",
            &[Value::Integer(seconds)],
        )?;
        match held.into_iter().next().map(|mut it| it.integer_or_null()) {
            Some(Ok(Some(1))) => Ok(()),
            _ => Err(Failure::new(
                Kind::LockTimeout,
                "somebody else changes its tables",
            )),
        }
    }
}

/// A connection, which prepares each statement once.
struct Kept(Conn);

impl Connection for Kept {
    fn query(&mut self, sql: &str, parameters: &[Value<'_>]) -> Result<Vec<Record>, Failure> {
        let rows: Vec<mysql::Row> = self
            .0
            .exec(in_their_words(sql), values(parameters))
            .map_err(failure::of_statement)?;
        let rows = rows.into_iter().map(|row| {
            let cells = row.unwrap().into_iter().map(cell);
            Ok(Record::new(cells.collect::<Result<_, _>>()?))
        });
        rows.collect()
    }

    fn execute(&mut self, sql: &str, parameters: &[Value<'_>]) -> Result<u64, Failure> {
        let done = self.0.exec_drop(in_their_words(sql), values(parameters));
        done.map_err(failure::of_statement)?;
        Ok(self.0.affected_rows())
    }

    fn insert(&mut self, sql: &str, parameters: &[Value<'_>]) -> Result<i64, Failure> {
        self.execute(sql, parameters)?;
        i64::try_from(self.0.last_insert_id())
            .map_err(|_| Failure::new(Kind::Unreadable, "a number that is too large"))
    }

    fn batch(&mut self, sql: &str) -> Result<(), Failure> {
        let mut results = self.0.query_iter(sql).map_err(failure::of_statement)?;
        // What went wrong in a later statement is said with its result.
        while let Some(result) = results.iter() {
            for row in result {
                row.map_err(failure::of_statement)?;
            }
        }
        Ok(())
    }

    fn driver(&mut self) -> &mut dyn Any {
        &mut self.0
    }
}

/// A statement with `?` for each parameter. There is no `$` in one but before a parameter's number.
fn in_their_words(sql: &str) -> String {
    let mut parts = sql.split('$');
    let mut words = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        words.push('?');
        words.push_str(part.trim_start_matches(|character: char| character.is_ascii_digit()));
    }
    words
}

fn values(parameters: &[Value<'_>]) -> Vec<mysql::Value> {
    let value = |value: &Value<'_>| match value {
        Value::Null => mysql::Value::NULL,
        Value::Integer(number) => mysql::Value::Int(*number),
        Value::Bytes(bytes) => mysql::Value::Bytes(bytes.to_vec()),
    };
    parameters.iter().map(value).collect()
}

fn cell(value: mysql::Value) -> Result<Cell, Failure> {
    match value {
        mysql::Value::NULL => Ok(Cell::Null),
        mysql::Value::Int(number) => Ok(Cell::Integer(number)),
        mysql::Value::UInt(number) if i64::try_from(number).is_ok() => {
            Ok(Cell::Integer(number.cast_signed()))
        }
        mysql::Value::Bytes(bytes) => Ok(Cell::Bytes(bytes)),
        other => Err(Failure::new(
            Kind::Unreadable,
            format!("{} where a number or a text should be", other.as_sql(true)),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_question_marks() {
        let sql = "INSERT INTO t (a, b) VALUES ($1, $12)\n WHERE c = $3";
        assert_eq!(
            in_their_words(sql),
            "INSERT INTO t (a, b) VALUES (?, ?)\n WHERE c = ?"
        );
        assert_eq!(in_their_words("COMMIT"), "COMMIT");
    }
}
