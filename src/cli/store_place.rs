//! Which store a command uses: a file, or a server's database.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::store::{Inspect, Location, Options, SqliteStore, Store};

use super::failure::Failure;

/// A store that was named, or found.
pub(super) enum NamedStore {
    File(SqliteStore),
    #[cfg(any(feature = "mysql", feature = "postgres"))]
    Server(crate::store::ServerStore),
}

impl NamedStore {
    /// The store of a name: an address, or else a file. Connects to nothing yet.
    pub(super) fn of(name: &Path, options: Options) -> Result<NamedStore, Failure> {
        match address(name) {
            Some(address) => server(address, options),
            None => {
                let file = SqliteStore::with_options(PathBuf::from(name), options);
                Ok(NamedStore::File(file))
            }
        }
    }

    pub(super) fn inspect(&self) -> &dyn Inspect {
        match self {
            NamedStore::File(store) => store,
            #[cfg(any(feature = "mysql", feature = "postgres"))]
            NamedStore::Server(store) => store,
        }
    }

    pub(super) fn shared(self) -> Arc<dyn Store> {
        match self {
            NamedStore::File(store) => Arc::new(store),
            #[cfg(any(feature = "mysql", feature = "postgres"))]
            NamedStore::Server(store) => Arc::new(store),
        }
    }
}

/// Whether a store is there at all. Of one that can't be told, yes: using it says why.
pub(super) fn is_missing(name: &Path) -> bool {
    if address(name).is_none() && !matches!(name.try_exists(), Ok(false)) {
        return false;
    }
    let named = NamedStore::of(name, Options::default());
    let found = named.map(|store| store.inspect().tenants());
    matches!(found, Ok(Err(crate::store::Error::Absent { .. })))
}

/// Where a store of a name is, for messages.
pub(super) fn location(name: &Path) -> Location {
    match address(name) {
        Some(address) => Location::Server(without_password(address)),
        None => name.into(),
    }
}

/// The name, where it is no file's but an address.
pub(super) fn address(name: &Path) -> Option<&str> {
    name.to_str().filter(|name| is_address(name))
}

/// Whether a name is no file's but an address, of whatever scheme.
pub(super) fn is_address(name: &str) -> bool {
    let scheme = name.split_once("://").map_or("", |(scheme, _)| scheme);
    // One letter alone is a drive's.
    scheme.len() > 1 && scheme.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// A word of a command line as it may be shown: without a password, where it is an address or names one.
pub(super) fn without_password(word: &str) -> String {
    let Some((scheme, rest)) = word.split_once("://") else {
        return word.to_owned();
    };
    let (place, query) = match rest.split_once('?') {
        Some((place, query)) => (place, Some(query)),
        None => (rest, None),
    };
    let place = match place.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split_once(':').map_or(user, |(name, _)| name);
            format!("{user}@{host}")
        }
        None => place.to_owned(),
    };
    let kept = query.map(|query| {
        let kept = query.split('&');
        let kept: Vec<&str> = kept.filter(|it| !it.starts_with("password=")).collect();
        kept.join("&")
    });
    match kept.filter(|kept| !kept.is_empty()) {
        Some(query) => format!("{scheme}://{place}?{query}"),
        None => format!("{scheme}://{place}"),
    }
}

/// The store of an address, where the program was built with its driver.
#[cfg_attr(
    not(any(feature = "mysql", feature = "postgres")),
    expect(unused_variables)
)]
fn server(address: &str, options: Options) -> Result<NamedStore, Failure> {
    #[cfg(feature = "postgres")]
    if crate::store::PostgresAddress::is_one(address) {
        return postgres(address, options);
    }
    #[cfg(feature = "mysql")]
    if crate::store::MysqlAddress::is_one(address) {
        return mysql(address, options);
    }
    let shown = without_password(address);
    let (scheme, _) = address.split_once("://").unwrap_or_default();
    let feature = match &*scheme.to_ascii_lowercase() {
        "postgres" | "postgresql" | "cockroach" | "cockroachdb" => "postgres",
        "mysql" | "mariadb" => "mysql",
        _ => {
            return Err(Failure::Usage(format!(
                "{shown} isn't the address of a database that can hold a store: write postgres://USER@HOST/DATABASE or \
                 mysql://USER@HOST/DATABASE"
            )));
        }
    };
    Err(Failure::Usage(format!(
        "{shown} is a server's database, and this program was built without its driver: build it with --features {feature}"
    )))
}

#[cfg(feature = "postgres")]
fn postgres(address: &str, options: Options) -> Result<NamedStore, Failure> {
    use crate::store::{PostgresAddress, ServerStore};
    let address = PostgresAddress::parse(address)?;
    if address.had_password() {
        let places = "PGPASSWORD or into the password file ~/.pgpass";
        return Err(visible_password(&address, places));
    }
    let address = match std::env::var_os("PGPASSWORD") {
        Some(password) => address.password(password.as_encoded_bytes()),
        None => match password_file(std::env::var_os("PGPASSFILE"), ".pgpass")? {
            Some(file) => address.password_from(&file),
            None => address,
        },
    };
    Ok(NamedStore::Server(ServerStore::postgres(address, options)?))
}

#[cfg(feature = "mysql")]
fn mysql(address: &str, options: Options) -> Result<NamedStore, Failure> {
    use crate::store::{MysqlAddress, ServerStore};
    let address = MysqlAddress::parse(address)?;
    if address.had_password() {
        let places = "MYSQL_PWD or into the option file ~/.my.cnf";
        return Err(visible_password(&address, places));
    }
    let address = match std::env::var("MYSQL_PWD") {
        Ok(password) => address.password(password),
        Err(_) => match password_file(None, ".my.cnf")? {
            Some(file) => address.password_from(&file),
            None => address,
        },
    };
    Ok(NamedStore::Server(ServerStore::mysql(address, options)?))
}

#[cfg(any(feature = "mysql", feature = "postgres"))]
fn visible_password(address: &dyn std::fmt::Display, places: &str) -> Failure {
    Failure::Usage(format!(
        "a password on a command line can be seen by everybody on this machine: write --store {address}, and put the \
         password into {places}"
    ))
}

/// A file with passwords, where there is one: the one named, or one in the user's own folder. One that others may read is refused,
/// as PostgreSQL's own programs do.
#[cfg(any(feature = "mysql", feature = "postgres"))]
fn password_file(named: Option<std::ffi::OsString>, name: &str) -> Result<Option<String>, Failure> {
    use etcetera::BaseStrategy as _;
    let path = match named {
        Some(file) => PathBuf::from(file),
        None => match etcetera::choose_base_strategy() {
            Ok(places) => places.home_dir().join(name),
            Err(_) => return Ok(None),
        },
    };
    let failed = |error| Failure::File {
        path: path.display().to_string(),
        error,
    };
    let metadata = match std::fs::metadata(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        metadata => metadata.map_err(failed)?,
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if metadata.is_file() && metadata.permissions().mode() & 0o077 != 0 {
            let path = path.display();
            return Err(Failure::Usage(format!(
                "others may read the password file {path}, so it isn't used: chmod 600 {path}"
            )));
        }
    }
    if !metadata.is_file() {
        return Ok(None);
    }
    std::fs::read_to_string(&path).map(Some).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_are_addresses() {
        assert_eq!(address("state.db".as_ref()), None);
        assert_eq!(address("C://state.db".as_ref()), None);
        assert_eq!(address("://".as_ref()), None);
        for named in ["mysql://h/db", "Postgres://h/db", "other://h"] {
            assert_eq!(address(named.as_ref()), Some(named));
        }
    }

    #[test]
    fn a_word_is_shown_without_its_password() {
        for (word, shown) in [
            ("state.db", "state.db"),
            (
                "--store=postgres://me:secret@h/db",
                "--store=postgres://me@h/db",
            ),
            ("postgres://me:s/e@c@h/db?password=x", "postgres://me@h/db"),
            (
                "postgres://h/db?a=1&password=x&b=2",
                "postgres://h/db?a=1&b=2",
            ),
        ] {
            assert_eq!(without_password(word), shown);
        }
    }
}
