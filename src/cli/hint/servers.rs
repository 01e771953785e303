//! What to do about a store in a server's database.

use crate::store;

use crate::cli::failure::quoted;
use crate::cli::invocation::Invocation;

/// What to do about the database, by its error.
pub(super) fn of_server(error: &store::Error, called: &Invocation) -> Option<String> {
    Some(match error {
        // Of what version they should be, only the history says.
        store::Error::Corrupt { why, .. } if why.contains("oclm_history") => format!(
            "to use a backup, restore it into an empty database: {}",
            called.other_store("STORE", "restore FILE")
        ),
        store::Error::Corrupt { .. } => {
            format!("see what is wrong: {}", called.store("validate")?)
        }
        store::Error::NotAStore { store, .. } if is_mysql(&store.to_string()) => {
            "name another database: --store mysql://USER@HOST/DATABASE".to_owned()
        }
        store::Error::NotAStore { .. } => {
            "name another database, or another schema in it: --store \
             'postgres://USER@HOST/DATABASE?options=-c%20search_path%3DSCHEMA'"
                .to_owned()
        }
        store::Error::ReadOnly { .. } => {
            "name the server that takes changes with --store".to_owned()
        }
        _ => return None,
    })
}

/// Whether an address is one of MariaDB or MySQL.
fn is_mysql(address: &str) -> bool {
    address.starts_with("mysql://") || address.starts_with("mariadb://")
}

/// What to do where a server gives no answer, or has no such database.
pub(super) fn unreachable(address: &str, why: &str) -> Option<String> {
    // It answers, and the error says what to do.
    if why.contains("end the address with") {
        return None;
    }
    let place = address.split('?').next().unwrap_or_default();
    let database = place.rsplit('/').next().unwrap_or_default();
    let is_missing = why.contains("does not exist") || why.contains("Unknown database");
    Some(match (is_mysql(address), is_missing) {
        (true, true) => {
            format!("make the database, as a user who may: CREATE DATABASE `{database}`")
        }
        (false, true) => {
            format!(
                "make the database, as a user who may: CREATE DATABASE \"{database}\" TEMPLATE template0"
            )
        }
        (true, false) => {
            let (host, port) = host_and_port(place, "3306");
            format!("see whether it answers: mariadb-admin --host {host} --port {port} ping")
        }
        (false, false) if address.starts_with("cockroach") => {
            let (host, port) = host_and_port(place, "26257");
            format!("see whether it answers: pg_isready -h {host} -p {port}")
        }
        (false, false) => format!("see whether it answers: pg_isready -d {}", quoted(address)),
    })
}

/// The host of an address, or the first of several, for a shell, and its port.
fn host_and_port<'a>(place: &'a str, usual: &'a str) -> (String, &'a str) {
    let host = place.rsplit('@').next().unwrap_or_default();
    let host = host.split_once("://").map_or(host, |(_, host)| host);
    let host = host.split(['/', ',']).next().unwrap_or_default();
    let (host, port) = host.rsplit_once(':').unwrap_or((host, usual));
    (quoted(host), port)
}

/// Where a password is taken from.
pub(super) fn password(address: &str) -> String {
    let places = if is_mysql(address) {
        "MYSQL_PWD, or else from the option file ~/.my.cnf"
    } else {
        "PGPASSWORD, or else from the password file ~/.pgpass"
    };
    format!("a password is taken from {places}")
}
