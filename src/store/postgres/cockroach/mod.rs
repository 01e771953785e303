//! CockroachDB, by PostgreSQL's protocol and driver. Its statements are those that PostgreSQL has too, so that they can be run
//! where there is no CockroachDB; `tests/all/store_room/cockroach/statements.md` says of each why CockroachDB takes it.

mod tables;
mod versions;

use std::time::Duration;

use postgres::{Client, SimpleQueryMessage};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::address::PostgresAddress;
use super::connection::{Kept, begin_writing, connect};
use super::{failure, tls};
use crate::store::error::Error;
use crate::store::server::connection::{Connection, Dialect, Failure, Kind, Layout};
use crate::store::server::version::statements;

/// The oldest release in which READ COMMITTED is more than a preview: its locks are kept until the transaction ends, while those
/// of SERIALIZABLE transactions are a hint that may get lost.
const OLDEST: (u32, u32) = (24, 1);

/// Which level a transaction gets that asks for READ COMMITTED: a setting of the cluster lets it be SERIALIZABLE.
const LEVEL: &str = "BEGIN ISOLATION LEVEL READ COMMITTED; SHOW transaction_isolation; COMMIT";

/// What a new connection is told: a transaction in which nothing is said for ten minutes ends, so that its project's row is free
/// again.
const SETUP: &str = "SET idle_in_transaction_session_timeout = 600000";

/// CockroachDB as a dialect.
pub(super) struct Cockroach {
    address: PostgresAddress,
    tls: Option<MakeRustlsConnect>,
    begin_writing: String,
    /// Whether PostgreSQL will do, for tests.
    takes_postgres: bool,
}

impl Cockroach {
    pub(super) fn new(
        address: PostgresAddress,
        lock_timeout: Duration,
        takes_postgres: bool,
    ) -> Result<Cockroach, Error> {
        Ok(Cockroach {
            tls: tls::connector(&address.tls)?,
            address,
            begin_writing: begin_writing(lock_timeout),
            takes_postgres,
        })
    }
}

impl Dialect for Cockroach {
    fn connect(&self) -> Result<Box<dyn Connection>, Failure> {
        let mut client = connect(&self.address, self.tls.as_ref())?;
        let version = told(&mut client, "SELECT version()")?;
        if !self.takes_postgres {
            check_version(&version)?;
        }
        check_level(&told(&mut client, LEVEL)?)?;
        client
            .batch_execute(SETUP)
            .map_err(failure::of_connecting)?;
        Ok(Box::new(Kept::new(client)))
    }

    fn begin_writing(&self) -> &str {
        &self.begin_writing
    }

    fn begin_reading(&self) -> &str {
        // It may get SERIALIZABLE instead, which sees one moment too.
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    }

    fn server(&self, connection: &mut dyn Connection) -> Result<String, Failure> {
        let told = connection.query("SELECT convert_to(version(), 'UTF8')", &[])?;
        match told.into_iter().next() {
            Some(mut record) => Ok(name(&record.text()?)),
            None => Err(Failure::new(Kind::Unsupported, "it states no version")),
        }
    }

    fn layout(&self) -> &'static Layout {
        &tables::LAYOUT
    }

    /// Tables are not changed together with rows, nor in a transaction that is READ COMMITTED.
    fn is_changed_in_parts(&self) -> bool {
        true
    }

    /// Each statement by itself, and in a new transaction afterwards. There are no locks with names, but each statement may be
    /// done twice, and of two that write the history's row one begins again.
    fn change(&self, connection: &mut dyn Connection, text: &str) -> Result<(), Failure> {
        connection.batch("COMMIT")?;
        let mut changes = statements(text).into_iter();
        let changed = changes.try_for_each(|statement| connection.batch(&statement));
        connection.batch(&self.begin_writing)?;
        changed
    }
}

/// The one value that some statements return.
fn told(client: &mut Client, sql: &str) -> Result<String, Failure> {
    let messages = client.simple_query(sql).map_err(failure::of_connecting)?;
    let value = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    Ok(value.unwrap_or_default().to_owned())
}

/// `CockroachDB v24.1.0`, of `CockroachDB CCL v24.1.0 (x86_64-pc-linux-gnu, built 2024/05/15 ..)`.
fn name(version: &str) -> String {
    let words: Vec<&str> = version.split_whitespace().collect();
    match words[..] {
        ["CockroachDB", _, release, ..] => format!("CockroachDB {release}"),
        [product, release, ..] => format!("{product} {release}"),
        _ => version.to_owned(),
    }
}

fn check_version(version: &str) -> Result<(), Failure> {
    let unsupported = |why: String| Err(Failure::new(Kind::Unsupported, why));
    let name = name(version);
    let Some(release) = name.strip_prefix("CockroachDB v") else {
        return unsupported(format!(
            "it is {name}, and its address says CockroachDB: begin it with postgres://"
        ));
    };
    let mut numbers = release.split('.').map(|number| number.parse().ok());
    let mut number = || numbers.next().flatten().unwrap_or(0);
    if (number(), number()) >= OLDEST {
        return Ok(());
    }
    let (year, release) = OLDEST;
    unsupported(format!(
        "it is {name}, and v{year}.{release} or newer is needed"
    ))
}

fn check_level(level: &str) -> Result<(), Failure> {
    if level == "read committed" {
        return Ok(());
    }
    Err(Failure::new(
        Kind::Unsupported,
        format!(
            "a transaction that asks for READ COMMITTED gets {level}: let its administrator run \
             SET CLUSTER SETTING sql.txn.read_committed_isolation.enabled = true"
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_is_too_old_or_something_else_is_refused() {
        for good in [
            "CockroachDB CCL v24.1.0 (x86_64-pc-linux-gnu, built 2024/05/15 21:28:29, go1.22.2)",
            "CockroachDB OSS v26.1.0-beta.2 (aarch64)",
        ] {
            check_version(good).expect("new enough");
        }
        for (version, why) in [
            (
                "CockroachDB CCL v23.2.12 (x86_64-pc-linux-gnu)",
                "it is CockroachDB v23.2.12, and v24.1 or newer is needed",
            ),
            (
                "PostgreSQL 15.10 on x86_64-pc-linux-gnu, compiled by gcc",
                "it is PostgreSQL 15.10, and its address says CockroachDB: begin it with postgres://",
            ),
            (
                "",
                "it is , and its address says CockroachDB: begin it with postgres://",
            ),
        ] {
            let refused = check_version(version).expect_err("refused");
            assert_eq!(refused.kind, Kind::Unsupported);
            assert_eq!(refused.why, why);
        }
    }

    #[test]
    fn a_cluster_without_read_committed_is_refused_with_what_to_set() {
        check_level("read committed").expect("right");
        let refused = check_level("serializable").expect_err("refused");
        let setting = "sql.txn.read_committed_isolation.enabled = true";
        assert!(refused.why.ends_with(setting), "{}", refused.why);
    }
}
