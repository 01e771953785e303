//! Addresses of PostgreSQL databases.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr as _;
use std::time::Duration;

use postgres::config::{Host, SslMode};

use crate::store::error::Error;
use crate::store::server::address::{self, decode};

/// Where CockroachDB listens unless it is told otherwise.
const COCKROACH_PORT: u16 = 26257;
/// How long connecting may take, unless the address says otherwise.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the other side may be silent where it should acknowledge, unless the address says otherwise.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(30);

/// Where a PostgreSQL database is, and as whom to connect: `postgres://USER@HOST:PORT/DATABASE?sslmode=..`.
///
/// The parameters are those of PostgreSQL's own library, as far as the driver knows them, `options` among them. `sslmode` is
/// `disable`, `prefer`, `require` (encrypted, whoever answers) or `verify-full` (the server must prove its name, by a
/// certificate that the system trusts or the file `sslrootcert` holds). Unless it is given, a server on this machine gets
/// `prefer`, and any other `verify-full`.
///
/// One that begins with `cockroach` is a CockroachDB database's, whose port is 26257 unless it is given.
///
/// Shown, it has no password.
#[derive(Clone)]
pub struct PostgresAddress {
    pub(super) config: postgres::Config,
    pub(super) tls: Tls,
    pub(super) is_cockroach: bool,
    shown: String,
    had_password: bool,
}

/// How the connection is protected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tls {
    /// Not at all: nobody listens on a socket of this machine.
    None,
    /// Whoever answers; whether it is encrypted at all is for the driver's `sslmode`.
    Unverified,
    /// By a certificate of those in a file, or of the system's.
    Verified { roots: Option<PathBuf> },
}

impl PostgresAddress {
    /// Whether a text begins as an address of a PostgreSQL or a CockroachDB database.
    pub fn is_one(text: &str) -> bool {
        address::has_scheme(text, &["postgres", "postgresql"]) || is_cockroach(text)
    }

    /// Reads an address.
    ///
    /// # Errors
    /// [`Error::Address`], which shows no password.
    pub fn parse(text: &str) -> Result<PostgresAddress, Error> {
        let wrong = |why: String| Error::Address { why };
        let form = "write postgres://USER@HOST:PORT/DATABASE";
        let Some((scheme, rest)) = text.split_once("://").filter(|_| Self::is_one(text)) else {
            return Err(wrong(format!(
                "it isn't one of a PostgreSQL database: {form}"
            )));
        };
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        // A password may hold a slash or an @ that somebody forgot to encode: nothing before the last @ is shown.
        let (user, host) = match place.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, place),
        };
        let name = user.map(|user| user.split_once(':').map_or(user, |(name, _)| name));
        let mut had_password = user.is_some_and(|user| user.contains(':'));
        let (mut mode, mut roots, mut passed_on, mut shown_query) =
            (None, None, Vec::new(), Vec::new());
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let (key, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            match key {
                "sslmode" => mode = Some(value),
                "sslrootcert" => roots = Some(PathBuf::from(decode(value)?)),
                _ => passed_on.push(parameter),
            }
            if key == "password" {
                had_password = true;
            } else {
                shown_query.push(parameter);
            }
        }
        // The driver knows it in small letters alone.
        let scheme = scheme.to_ascii_lowercase();
        let is_cockroach = is_cockroach(text);
        let known = if is_cockroach { "postgres" } else { &*scheme };
        let mut config_text = format!("{known}://{place}");
        for (index, parameter) in passed_on.iter().enumerate() {
            config_text.push(if index == 0 { '?' } else { '&' });
            config_text.push_str(parameter);
        }
        let mut config = postgres::Config::from_str(&config_text).map_err(|error| {
            // The driver's words may repeat a part of the text, which may be a part of the password.
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            let cause = cause.filter(|_| !had_password);
            wrong(format!("{}; {form}", cause.unwrap_or(error.to_string())))
        })?;
        if config.get_dbname().is_none() {
            return Err(wrong(format!("it names no database: {form}")));
        }
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(wrong(format!("it names no host: {form}")));
        }
        if is_cockroach && config.get_ports().is_empty() {
            config.port(COCKROACH_PORT);
        }
        let is_here = config.get_hosts().iter().all(is_on_this_machine);
        let (driver_mode, tls) = match mode {
            Some("disable") => (SslMode::Disable, Tls::None),
            _ if config.get_hosts().iter().all(is_socket) && config.get_hostaddrs().is_empty() => {
                (SslMode::Disable, Tls::None)
            }
            Some("prefer" | "allow") => (SslMode::Prefer, Tls::Unverified),
            None if is_here && roots.is_none() => (SslMode::Prefer, Tls::Unverified),
            Some("require") if roots.is_none() => (SslMode::Require, Tls::Unverified),
            None | Some("require" | "verify-full") => (SslMode::Require, Tls::Verified { roots }),
            Some(other) => {
                return Err(wrong(format!(
                    "the sslmode `{}` isn't known: disable, prefer, require or verify-full",
                    decode(other)?
                )));
            }
        };
        config.ssl_mode(driver_mode);
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(TCP_USER_TIMEOUT);
        }
        if config.get_application_name().is_none() {
            config.application_name("ocl-migrate");
        }
        let user = name.map_or_else(String::new, |name| format!("{name}@"));
        let mut shown = format!("{scheme}://{user}{host}");
        if !shown_query.is_empty() {
            shown.push('?');
            shown.push_str(&shown_query.join("&"));
        }
        Ok(PostgresAddress {
            config,
            tls,
            is_cockroach,
            shown,
            had_password,
        })
    }

    /// Whether the address itself held a password, which others may have seen then.
    pub fn had_password(&self) -> bool {
        self.had_password
    }

    /// With a password.
    #[must_use]
    pub fn password(mut self, password: impl AsRef<[u8]>) -> PostgresAddress {
        self.config.password(password);
        self
    }

    /// With the first password that the text of a password file (`.pgpass`) has for this host, port, database and user. As it is,
    /// where there is none.
    #[must_use]
    pub fn password_from(self, file: &str) -> PostgresAddress {
        let host = match self.config.get_hosts().first() {
            Some(Host::Tcp(name)) => name.clone(),
            // PostgreSQL's own library calls all sockets so.
            _ => "localhost".to_owned(),
        };
        let port = self.config.get_ports().first().copied().unwrap_or(5432);
        let wanted = [
            host,
            port.to_string(),
            self.config.get_dbname().unwrap_or_default().to_owned(),
            self.config.get_user().unwrap_or_default().to_owned(),
        ];
        let found = file.lines().find_map(|line| {
            let mut fields = fields(line).into_iter();
            let matches = wanted.iter().all(|wanted| {
                let field = fields.next();
                field.is_some_and(|field| field == "*" || field == *wanted)
            });
            fields.next().filter(|_| matches && !line.starts_with('#'))
        });
        match found {
            Some(password) => self.password(password),
            None => self,
        }
    }
}

/// The fields of a line of a password file: a backslash before a colon or a backslash makes it a character of the field.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        let literal = match character {
            ':' => {
                fields.push(String::new());
                continue;
            }
            '\\' => characters.next().unwrap_or('\\'),
            other => other,
        };
        if let Some(field) = fields.last_mut() {
            field.push(literal);
        }
    }
    fields
}

fn is_cockroach(text: &str) -> bool {
    address::has_scheme(text, &["cockroach", "cockroachdb"])
}

fn is_socket(host: &Host) -> bool {
    match host {
        Host::Tcp(_) => false,
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

fn is_on_this_machine(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => address::is_on_this_machine(name),
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

impl fmt::Display for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PostgresAddress").field(&self.shown).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> PostgresAddress {
        PostgresAddress::parse(text).expect("an address")
    }

    #[test]
    fn a_password_is_never_shown() {
        for (text, shown) in [
            ("postgres://me:secret@h/db", "postgres://me@h/db"),
            (
                "postgresql://me@h:5433/db?password=secret&sslmode=require",
                "postgresql://me@h:5433/db?sslmode=require",
            ),
            ("postgres://me:se%40cret@h/db", "postgres://me@h/db"),
        ] {
            let address = parsed(text);
            assert!(address.had_password());
            assert_eq!(address.to_string(), shown);
            let debug = format!("{address:?}");
            assert!(!debug.contains("cret"), "{debug}");
        }
        assert!(!parsed("postgres://me@h/db").had_password());
        for wrong in [
            "postgres://me:secret@h/db?secret=secret",
            "postgres://me:secret@h:port/db",
            "postgres://me:secret@h",
            "postgres://me:sec/ret@h/db",
            "postgres://me:%secret@h/db",
        ] {
            let message = match PostgresAddress::parse(wrong) {
                Err(error) => error.to_string(),
                Ok(address) => address.to_string(),
            };
            assert!(!message.contains("ret"), "{wrong}: {message}");
        }
    }

    #[test]
    fn the_certificate_is_checked_unless_the_server_is_on_this_machine_or_the_address_says_so() {
        let system = || Tls::Verified { roots: None };
        for (text, mode, tls) in [
            ("postgres://h/db", SslMode::Require, system()),
            (
                "postgres://h/db?sslmode=prefer",
                SslMode::Prefer,
                Tls::Unverified,
            ),
            (
                "postgres://h/db?sslmode=require",
                SslMode::Require,
                Tls::Unverified,
            ),
            ("postgres://127.0.0.1/db", SslMode::Prefer, Tls::Unverified),
            (
                "postgres://localhost/db?sslmode=verify-full&sslrootcert=a%20b.pem",
                SslMode::Require,
                Tls::Verified {
                    roots: Some("a b.pem".into()),
                },
            ),
            (
                "postgres:///db?host=/run/postgresql",
                SslMode::Disable,
                Tls::None,
            ),
        ] {
            let address = parsed(text);
            assert_eq!(address.config.get_ssl_mode(), mode, "{text}");
            assert_eq!(address.tls, tls, "{text}");
        }
        let error = PostgresAddress::parse("postgres://h/db?sslmode=verify-ca");
        let error = error.expect_err("not known").to_string();
        assert!(error.contains("verify-full"), "{error}");
    }

    #[test]
    fn a_password_file_is_read_as_postgresql_reads_it() {
        let file =
            "# a comment\nother:*:*:*:no\nh:5433:*:me:no\nh:5432:db:me:a\\:b\\\\c\n*:*:*:*:late\n";
        let password = |text| {
            let address = parsed(text).password_from(file);
            let password = address.config.get_password().map(<[u8]>::to_vec);
            password.and_then(|password| String::from_utf8(password).ok())
        };
        assert_eq!(password("postgres://me@h/db"), Some("a:b\\c".to_owned()));
        assert_eq!(password("postgres://you@h/db"), Some("late".to_owned()));
        let none = parsed("postgres://me@h/db").password_from("other:*:*:*:no");
        assert_eq!(none.config.get_password(), None);
    }

    #[test]
    fn an_address_of_cockroachdb_has_its_port() {
        for (text, port) in [
            ("cockroach://root@h/db", 26257),
            ("CockroachDB://root@h:5432/db?sslmode=disable", 5432),
        ] {
            let address = parsed(text);
            assert!(address.is_cockroach);
            assert_eq!(address.config.get_ports(), [port]);
            assert!(address.to_string().starts_with("cockroach"));
        }
        assert!(!parsed("postgres://h/db").is_cockroach);
        assert!(PostgresAddress::is_one("cockroach://h/db"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for wrong in [
            "mysql://h/db",
            "postgres://h",
            "postgres://",
            "postgres:///db",
            "postgres://h/db?nonsense=1",
            "postgres://h/db?sslrootcert=%zz",
        ] {
            let refused = PostgresAddress::parse(wrong);
            assert!(matches!(refused, Err(Error::Address { .. })), "{wrong}");
        }
    }
}
