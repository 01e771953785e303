//! What PostgreSQL's errors are, by what can be done about them.

use std::error::Error as _;

use postgres::error::{DbError, SqlState};

use crate::store::server::connection::{Failure, Kind};

/// An error of a statement.
pub(super) fn of_statement(error: postgres::Error) -> Failure {
    match error.as_db_error() {
        Some(database) => Failure::new(kind(database), words(database)),
        None if error.is_closed() || is_about_the_network(&error) => {
            Failure::new(Kind::Lost, causes(&error))
        }
        None => Failure::new(Kind::Other, causes(&error)),
    }
}

/// An error of connecting.
pub(super) fn of_connecting(error: postgres::Error) -> Failure {
    match error.as_db_error() {
        Some(database) => Failure::new(
            match kind(database) {
                Kind::Lost | Kind::Other => Kind::Unreachable,
                kind => kind,
            },
            words(database),
        ),
        None => {
            let why = causes(&error);
            if why.contains("password missing") {
                return Failure::new(Kind::Denied, "it wants a password, and none was given");
            }
            Failure::new(Kind::Unreachable, [&why, advice(&why)].concat())
        }
    }
}

/// What to do where the two sides don't agree on TLS. The driver tells these cases only by their words.
fn advice(why: &str) -> &'static str {
    if why.contains("does not support TLS") {
        "; to go without in a network that you trust, end the address with ?sslmode=disable"
    } else if why.contains("UnknownIssuer") || why.contains("CaUsedAsEndEntity") {
        "; to name the certificate that it goes back to, end the address with ?sslrootcert=FILE"
    } else {
        ""
    }
}

/// By SQLSTATE: the classes in which all are alike, and single states.
fn kind(error: &DbError) -> Kind {
    let code = error.code();
    match *code {
        SqlState::T_R_SERIALIZATION_FAILURE
        | SqlState::T_R_DEADLOCK_DETECTED
        | SqlState::UNIQUE_VIOLATION => Kind::Transient,
        // The second is a time-out of the server's own for statements.
        SqlState::LOCK_NOT_AVAILABLE | SqlState::QUERY_CANCELED => Kind::LockTimeout,
        SqlState::TOO_MANY_CONNECTIONS | SqlState::CANNOT_CONNECT_NOW => Kind::Busy,
        // CockroachDB doesn't know whether it committed; another session than the one that prepared the statement.
        SqlState::T_R_STATEMENT_COMPLETION_UNKNOWN
        | SqlState::INVALID_SQL_STATEMENT_NAME
        | SqlState::DUPLICATE_PSTATEMENT
        | SqlState::ADMIN_SHUTDOWN
        | SqlState::CRASH_SHUTDOWN
        | SqlState::DATABASE_DROPPED
        | SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT => Kind::Lost,
        SqlState::INSUFFICIENT_PRIVILEGE => Kind::Denied,
        SqlState::READ_ONLY_SQL_TRANSACTION => Kind::ReadOnly,
        SqlState::DISK_FULL => Kind::Full,
        SqlState::UNDEFINED_TABLE => Kind::MissingTable,
        SqlState::DUPLICATE_TABLE | SqlState::DUPLICATE_OBJECT => Kind::TableExists,
        SqlState::DATA_CORRUPTED
        | SqlState::INDEX_CORRUPTED
        | SqlState::DATATYPE_MISMATCH
        | SqlState::UNDEFINED_COLUMN => Kind::Unreadable,
        // The last is a document that is larger than CockroachDB takes by default; its words say which setting to raise.
        SqlState::FEATURE_NOT_SUPPORTED
        | SqlState::INVALID_SCHEMA_NAME
        | SqlState::PROGRAM_LIMIT_EXCEEDED => Kind::Unsupported,
        _ => match code.code().get(..2) {
            Some("08") => Kind::Lost,
            Some("28") => Kind::Denied,
            _ => Kind::Other,
        },
    }
}

/// The server's words, its advice included.
fn words(error: &DbError) -> String {
    let mut words = error.message().to_owned();
    for more in [error.detail(), error.hint()].into_iter().flatten() {
        words.push_str(": ");
        words.push_str(more);
    }
    if matches!(
        *error.code(),
        SqlState::INVALID_SQL_STATEMENT_NAME | SqlState::DUPLICATE_PSTATEMENT
    ) {
        words.push_str(
            ": it is another session's, so a pooler between must give each client its own",
        );
    }
    words
}

/// The driver's words, down to the cause.
fn causes(error: &postgres::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push_str(": ");
        words.push_str(&error.to_string());
        cause = error.source();
    }
    words
}

fn is_about_the_network(error: &postgres::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.is::<std::io::Error>() {
            return true;
        }
        cause = error.source();
    }
    false
}
