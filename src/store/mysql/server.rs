//! What a server must be, and what a connection to it is told.

use crate::store::server::connection::{Connection, Failure, Kind};

/// The least `max_allowed_packet`: a document goes to the server in one piece, and an intent with all rows of its imports.
const LEAST_PACKET: u64 = 64 << 20;

/// What a server says of itself.
#[derive(Debug, Default)]
pub(super) struct Facts {
    version: String,
    max_allowed_packet: u64,
    flush_log_at_commit: u64,
    is_galera: bool,
}

impl Facts {
    fn is_mariadb(&self) -> bool {
        self.version.contains("MariaDB")
    }

    /// `10.11.19`, of `10.11.19-MariaDB-0+deb12u1`.
    fn release(&self) -> &str {
        self.version.split('-').next().unwrap_or_default()
    }

    pub(super) fn name(&self) -> String {
        let kind = if self.is_mariadb() {
            "MariaDB"
        } else {
            "MySQL"
        };
        format!("{kind} {}", self.release())
    }
}

/// By one statement, which every server understands: to ask for a variable that it doesn't have would be an error.
pub(super) fn facts(connection: &mut dyn Connection) -> Result<Facts, Failure> {
    let rows = connection.query(
        "SHOW VARIABLES WHERE Variable_name IN
         ('version', 'max_allowed_packet', 'innodb_flush_log_at_trx_commit', 'wsrep_on')",
        &[],
    )?;
    let mut facts = Facts {
        flush_log_at_commit: 1,
        ..Facts::default()
    };
    for mut row in rows {
        let (name, value) = (row.text()?, row.text()?);
        match &*name {
            "version" => facts.version = value,
            "max_allowed_packet" => facts.max_allowed_packet = value.parse().unwrap_or(0),
            "innodb_flush_log_at_trx_commit" => {
                facts.flush_log_at_commit = value.parse().unwrap_or(1);
            }
            "wsrep_on" => facts.is_galera = value == "ON",
            _ => {}
        }
    }
    Ok(facts)
}

/// Refuses a server that would lose something, or can't do what is needed.
pub(super) fn check(facts: &Facts, is_only_writer: bool) -> Result<(), Failure> {
    let unsupported = |why: String| Err(Failure::new(Kind::Unsupported, why));
    let (oldest, needed) = if facts.is_mariadb() {
        ([10, 6, 0], "MariaDB 10.6")
    } else {
        // The first whose CHECK constraints check.
        ([8, 0, 16], "MySQL 8.0.16")
    };
    let mut numbers = facts.release().split('.').map(|part| part.parse().ok());
    let mut number = || numbers.next().flatten().unwrap_or(0_u32);
    if [number(), number(), number()] < oldest {
        let name = facts.name();
        return unsupported(format!("it is {name}, and {needed} or newer is needed"));
    }
    let packet = facts.max_allowed_packet;
    if packet < LEAST_PACKET {
        return unsupported(format!(
            "its max_allowed_packet is {packet} bytes, too few for large documents: let its administrator run \
             SET GLOBAL max_allowed_packet = {LEAST_PACKET}, and write the same into its configuration"
        ));
    }
    if facts.flush_log_at_commit == 0 {
        return unsupported(
            "it may lose commits that it has acknowledged when it stops: let its administrator run \
             SET GLOBAL innodb_flush_log_at_trx_commit = 1, and write the same into its configuration"
                .to_owned(),
        );
    }
    if facts.is_galera && !is_only_writer {
        return unsupported(
            "it is a node of a Galera cluster, which loses acknowledged commits when several of its nodes write: let all \
             programs that write name this one node, and end the address with ?galera=only-writer"
                .to_owned(),
        );
    }
    Ok(())
}

/// What a new connection is told: nothing depends on the server's defaults. Names of 4,096 bytes are sorted by all of them. A
/// connection whose other side has vanished ends within ten minutes, so that its project's row is free again.
pub(super) fn setup(lock_seconds: u64) -> String {
    format!(
        "SET NAMES binary, SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', autocommit = 1,
         max_sort_length = 8192, wait_timeout = 600, innodb_lock_wait_timeout = {lock_seconds}, lock_wait_timeout = {lock_seconds}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(version: &str, change: fn(&mut Facts)) -> Option<String> {
        let mut facts = Facts {
            version: version.to_owned(),
            max_allowed_packet: LEAST_PACKET,
            flush_log_at_commit: 1,
            is_galera: false,
        };
        change(&mut facts);
        check(&facts, false).err().map(|failure| failure.why)
    }

    #[test]
    fn a_server_that_is_too_old_is_refused() {
        for version in [
            "10.6.0-MariaDB",
            "10.11.19-MariaDB-0+deb12u1",
            "8.0.16",
            "8.4.3-commercial",
            "11.8.2-MariaDB-log",
        ] {
            assert_eq!(refused(version, |_| {}), None, "{version}");
        }
        for (version, why) in [
            (
                "10.5.29-MariaDB",
                "it is MariaDB 10.5.29, and MariaDB 10.6 or newer is needed",
            ),
            (
                "8.0.11-TiDB-v7.5.0",
                "it is MySQL 8.0.11, and MySQL 8.0.16 or newer is needed",
            ),
            (
                "5.7.44-log",
                "it is MySQL 5.7.44, and MySQL 8.0.16 or newer is needed",
            ),
            ("", "it is MySQL , and MySQL 8.0.16 or newer is needed"),
        ] {
            assert_eq!(refused(version, |_| {}).as_deref(), Some(why));
        }
    }

    #[test]
    fn settings_that_would_lose_something_are_refused_with_what_to_set() {
        let small = refused("8.4.0", |facts| facts.max_allowed_packet = 16 << 20);
        assert!(small.is_some_and(|why| why.contains("SET GLOBAL max_allowed_packet = 67108864")));
        let lazy = refused("8.4.0", |facts| facts.flush_log_at_commit = 0);
        assert!(lazy.is_some_and(|why| why.contains("innodb_flush_log_at_trx_commit = 1")));
        let galera = refused("10.11.1-MariaDB", |facts| facts.is_galera = true);
        assert!(galera.is_some_and(|why| why.contains("?galera=only-writer")));
    }
}
