//! CockroachDB for the tests: a server that `OCL_TEST_COCKROACH` names, by an address whose user may make databases,
//! `cockroach://root@localhost:26257/?sslmode=disable` say, and whose password is in `PGPASSWORD`. None is started, as none is
//! packaged. What a store says to CockroachDB is said to PostgreSQL too, which understands all of it: that is no proof, but it
//! finds what would be wrong everywhere.

use std::path::PathBuf;
use std::sync::OnceLock;

use ocl_migrate::store::{Error, Options, PostgresAddress, ServerStore};

use super::postgres::{Postgres, postgres, sql};
use super::servers::{DatabaseServer, Words, database_name, new_database};
use super::skipped;

/// A server that a store takes for CockroachDB.
pub struct Cockroach {
    /// An address without a database, and what follows it.
    named: Option<(String, String)>,
    stand_in: Option<&'static dyn DatabaseServer>,
}

/// The server that is named; `None`, and said so, where there is none.
pub fn cockroach() -> Option<&'static Cockroach> {
    static SERVER: OnceLock<Option<Cockroach>> = OnceLock::new();
    let server = SERVER.get_or_init(|| {
        let address = std::env::var("OCL_TEST_COCKROACH").ok()?;
        let (authority, parameters) = address.split_once('?').unwrap_or((&*address, ""));
        let mark = if parameters.is_empty() { "" } else { "?" };
        Some(Cockroach {
            named: Some((
                authority.trim_end_matches('/').to_owned(),
                [mark, parameters].concat(),
            )),
            stand_in: None,
        })
    });
    if server.is_none() {
        skipped("there is no CockroachDB here; OCL_TEST_COCKROACH names one");
    }
    server.as_ref()
}

/// PostgreSQL in its place.
pub fn stand_in() -> Option<&'static Cockroach> {
    static SERVER: OnceLock<Option<Cockroach>> = OnceLock::new();
    let server = SERVER.get_or_init(|| {
        Some(Cockroach {
            named: None,
            stand_in: Some(postgres()?),
        })
    });
    server.as_ref()
}

/// A store that says to a PostgreSQL server what it would say to CockroachDB.
pub fn store_on(server: &Postgres, options: Options) -> (ServerStore, String) {
    let address = ours(server.database());
    (cockroach_store(&address, options), address)
}

/// The store at an address: at PostgreSQL's, where no CockroachDB is named.
pub fn cockroach_store(address: &str, options: Options) -> ServerStore {
    try_store(address, None, options).unwrap()
}

fn try_store(
    address: &str,
    password: Option<&str>,
    options: Options,
) -> Result<ServerStore, Error> {
    let parsed = PostgresAddress::parse(address)?;
    if let Some(named) = std::env::var_os("OCL_TEST_COCKROACH")
        && authority(&named.to_string_lossy()) == authority(address)
    {
        let password = std::env::var("PGPASSWORD").ok();
        let address = match password {
            Some(password) => parsed.password(password),
            None => parsed,
        };
        return ServerStore::postgres(address, options);
    }
    let address = match password {
        Some(password) => parsed.password(password),
        None => parsed,
    };
    ServerStore::cockroach_on_postgres(address, options)
}

fn authority(address: &str) -> &str {
    let rest = address.split_once("://").map_or("", |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or_default()
}

fn ours(address: String) -> String {
    address.replacen("postgres://", "cockroach://", 1)
}

fn theirs(address: &str) -> String {
    address.replacen("cockroach://", "postgres://", 1)
}

impl Cockroach {
    fn stand_in(&self) -> &'static dyn DatabaseServer {
        self.stand_in.expect("what isn't asked of a named server")
    }
}

impl DatabaseServer for Cockroach {
    fn database(&self) -> String {
        let Some((authority, parameters)) = &self.named else {
            return ours(self.stand_in().database());
        };
        let name = new_database();
        let system = format!("{authority}/defaultdb{parameters}");
        sql(&theirs(&system), &format!("CREATE DATABASE {name}"));
        format!("{authority}/{name}{parameters}")
    }

    fn place(&self) -> String {
        match self.stand_in {
            Some(server) => ours(server.place()),
            None => self.database(),
        }
    }

    fn behind(&self, address: &str, port: u16) -> Option<(PathBuf, String)> {
        let (socket, address) = self.stand_in?.behind(&theirs(address), port)?;
        Some((socket, ours(address)))
    }

    fn store(&self, address: &str, options: Options) -> ServerStore {
        cockroach_store(address, options)
    }

    fn sql(&self, address: &str, statements: &str) -> String {
        sql(&theirs(address), statements)
    }

    fn cut_off(&self, address: &str) {
        self.stand_in().cut_off(&theirs(address));
    }

    fn drop_database(&self, address: &str) {
        match (&self.named, self.stand_in) {
            (_, Some(server)) => server.drop_database(&theirs(address)),
            (Some((authority, parameters)), None) => {
                let system = format!("{authority}/defaultdb{parameters}");
                let name = database_name(address);
                sql(&theirs(&system), &format!("DROP DATABASE {name} CASCADE"));
            }
            (None, None) => {}
        }
    }

    fn port(&self) -> Option<u16> {
        self.stand_in?.port()
    }

    fn store_with(
        &self,
        address: &str,
        password: Option<&str>,
        options: Options,
    ) -> Result<ServerStore, Error> {
        try_store(address, password, options)
    }

    fn words(&self) -> Words {
        Words {
            scheme: "cockroach",
            ..self.stand_in().words()
        }
    }

    fn own(&self) -> Option<Box<dyn DatabaseServer>> {
        None
    }

    fn crash(&self) {
        self.stand_in().crash();
    }
}
