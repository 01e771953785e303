//! Addresses of MariaDB and MySQL databases.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::store::error::Error;
use crate::store::server::address::{decode, has_scheme, is_on_this_machine};

/// How long connecting may take.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

const FORM: &str = "write mysql://USER@HOST:PORT/DATABASE";

/// Where a MariaDB or MySQL database is, and as whom to connect: `mysql://USER@HOST:PORT/DATABASE?sslmode=..`, or with `mariadb`.
///
/// The parameters are
/// - `socket`, a server's socket on this machine, instead of host and port;
/// - `sslmode` and `sslrootcert`, as in a `PostgresAddress`: `disable`, `prefer`, `require`
///   (encrypted, whoever answers) or `verify-full` (the server must prove its name, by a certificate that goes back to one of
///   Mozilla's roots or to one in the file `sslrootcert`). Unless it is given, a server on this machine gets `prefer`, and any
///   other `verify-full`;
/// - `galera`, which must be `only-writer` where the server is a node of a Galera cluster. Such a cluster loses commits that it
///   has acknowledged when several of its nodes write, so whoever names one says by it that all writers use this node.
///
/// Shown, it has no password.
#[derive(Clone)]
pub struct MysqlAddress {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) socket: Option<String>,
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
    pub(super) database: String,
    pub(super) tls: Tls,
    /// Whether a node of a Galera cluster is the only one that writers use.
    pub(super) is_only_writer: bool,
    shown: String,
    had_password: bool,
}

/// How the connection is protected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tls {
    /// Not at all.
    None,
    /// If the server can, whoever it is.
    Preferred,
    /// Whoever answers.
    Unverified,
    /// By a certificate that goes back to a known one, or to one in a file.
    Verified { roots: Option<PathBuf> },
}

impl MysqlAddress {
    /// Whether a text begins as an address of a MariaDB or MySQL database.
    pub fn is_one(text: &str) -> bool {
        has_scheme(text, &["mysql", "mariadb"])
    }

    /// Reads an address.
    ///
    /// # Errors
    /// [`Error::Address`], which shows no password.
    pub fn parse(text: &str) -> Result<MysqlAddress, Error> {
        let Some((scheme, rest)) = text.split_once("://").filter(|_| Self::is_one(text)) else {
            return Err(wrong("it isn't one of a MariaDB or MySQL database"));
        };
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        // A password may hold a slash or an @ that somebody forgot to encode: nothing before the last @ is shown.
        let (user, place) = match place.rsplit_once('@') {
            Some((user, place)) => (Some(user), place),
            None => (None, place),
        };
        let (name, password) = match user.map(|user| user.split_once(':').unwrap_or((user, ""))) {
            Some((name, password)) => (Some(name), Some(password)),
            None => (None, None),
        };
        let mut had_password = user.is_some_and(|user| user.contains(':'));
        let (host, database) = place.split_once('/').unwrap_or((place, ""));
        let (host, port) = host_and_port(host)?;
        let mut password = password.filter(|_| had_password).map(decode).transpose()?;
        let (mut mode, mut roots, mut socket, mut shown) = (None, None, None, Vec::new());
        let mut is_only_writer = false;
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let (key, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let value = decode(value)?;
            match key {
                "sslmode" => mode = Some(value),
                "sslrootcert" => roots = Some(PathBuf::from(value)),
                "socket" => socket = Some(value),
                "galera" if value == "only-writer" => is_only_writer = true,
                "password" => {
                    had_password = true;
                    password = Some(value);
                    continue;
                }
                _ => {
                    // What is written there may be a part of a password.
                    let what = Some(parameter).filter(|_| !had_password);
                    return Err(wrong(&format!(
                        "it has a parameter{} that isn't known: socket, sslmode, sslrootcert and galera=only-writer are",
                        what.map_or_else(String::new, |what| format!(" `{what}`"))
                    )));
                }
            }
            shown.push(parameter);
        }
        if database.is_empty() {
            return Err(wrong("it names no database"));
        }
        if host.is_empty() && socket.is_none() {
            return Err(wrong("it names no host"));
        }
        let tls = match (mode.as_deref(), roots) {
            _ if socket.is_some() => Tls::None,
            (Some("disable"), _) => Tls::None,
            (Some("prefer"), _) => Tls::Preferred,
            (None, None) if is_on_this_machine(host) => Tls::Preferred,
            (Some("require"), None) => Tls::Unverified,
            (None | Some("require" | "verify-full"), roots) => Tls::Verified { roots },
            (Some(other), _) => {
                return Err(wrong(&format!(
                    "the sslmode `{other}` isn't known: disable, prefer, require or verify-full"
                )));
            }
        };
        let user = name.map_or_else(String::new, |name| format!("{name}@"));
        let query = match &shown[..] {
            [] => String::new(),
            shown => format!("?{}", shown.join("&")),
        };
        Ok(MysqlAddress {
            host: host.to_owned(),
            port,
            socket,
            user: name.map(decode).transpose()?,
            password,
            database: decode(database)?,
            tls,
            is_only_writer,
            shown: format!("{}://{user}{place}{query}", scheme.to_ascii_lowercase()),
            had_password,
        })
    }

    /// Whether the address itself held a password, which others may have seen then.
    pub fn had_password(&self) -> bool {
        self.had_password
    }

    /// With a password.
    #[must_use]
    pub fn password(mut self, password: impl Into<String>) -> MysqlAddress {
        self.password = Some(password.into());
        self
    }

    /// With the password that the text of an option file (`~/.my.cnf`) has in its groups `client`, `client-mariadb` and
    /// `ocl-migrate`, the last one there, unless it is for another user. As it is, where there is none.
    #[must_use]
    pub fn password_from(self, file: &str) -> MysqlAddress {
        let (mut is_ours, mut user, mut password) = (false, None, None);
        for line in file.lines().map(str::trim) {
            if let Some(group) = line.strip_prefix('[') {
                let group = group.trim_end_matches(']').trim();
                is_ours = matches!(group, "client" | "client-mariadb" | "ocl-migrate");
            } else if is_ours && let Some((key, value)) = line.split_once('=') {
                match key.trim() {
                    "user" => user = Some(option_value(value)),
                    "password" => password = Some(option_value(value)),
                    _ => {}
                }
            }
        }
        let is_for_us = user.is_none() || user == self.user;
        match password.filter(|_| is_for_us) {
            Some(password) => self.password(password),
            None => self,
        }
    }
}

fn wrong(why: &str) -> Error {
    Error::Address {
        why: format!("{why}; {FORM}"),
    }
}

/// `host:port`, and a host that is a number of IPv6 in brackets.
fn host_and_port(text: &str) -> Result<(&str, u16), Error> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((host, after)) => (host, after.strip_prefix(':')),
            None => return Err(wrong("its host has no closing bracket")),
        },
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    match port.map(str::parse) {
        None => Ok((host, 3306)),
        Some(Ok(port)) => Ok((host, port)),
        // It may be a part of a password.
        Some(Err(_)) => Err(wrong("its port is no number")),
    }
}

/// A value of an option file: in quotes or not, a backslash before a character that would mean something else.
fn option_value(text: &str) -> String {
    let text = text.trim();
    let quoted = ['"', '\'']
        .into_iter()
        .find_map(|quote| text.strip_prefix(quote)?.split_once(quote));
    let text = match quoted {
        Some((inner, _)) => inner,
        None => text.split(" #").next().unwrap_or(text).trim_end(),
    };
    let mut value = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            value.push(character);
            continue;
        }
        match characters.next() {
            Some('b') => value.push('\u{8}'),
            Some('t') => value.push('\t'),
            Some('n') => value.push('\n'),
            Some('r') => value.push('\r'),
            Some('s') => value.push(' '),
            Some(other @ ('\\' | '"' | '\'')) => value.push(other),
            Some(other) => value.extend(['\\', other]),
            None => value.push('\\'),
        }
    }
    value
}

impl fmt::Display for MysqlAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for MysqlAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MysqlAddress").field(&self.shown).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> MysqlAddress {
        MysqlAddress::parse(text).expect("an address")
    }

    #[test]
    fn a_password_is_never_shown() {
        for (text, shown, password) in [
            ("mysql://me:secret@h/db", "mysql://me@h/db", "secret"),
            (
                "MariaDB://me@h:3307/db?password=secret&sslmode=require",
                "mariadb://me@h:3307/db?sslmode=require",
                "secret",
            ),
            ("mysql://me:se%40cret@h/db", "mysql://me@h/db", "se@cret"),
            ("mysql://me:s/ecr@et@h/db", "mysql://me@h/db", "s/ecr@et"),
        ] {
            let address = parsed(text);
            assert!(address.had_password());
            assert_eq!(address.to_string(), shown);
            assert_eq!(address.password.as_deref(), Some(password));
            let debug = format!("{address:?}");
            assert!(!debug.contains("cr"), "{debug}");
        }
        let plain = parsed("mysql://me@h/db");
        assert!(!plain.had_password());
        assert_eq!(plain.password, None);
        for wrong in [
            "mysql://me:secret@h/db?secret=secret",
            "mysql://me:secret@h:port/db",
            "mysql://me:secret@h",
            "mysql://me:%secret@h/db",
            "mysql://me:sec/ret",
        ] {
            let message = match MysqlAddress::parse(wrong) {
                Err(error) => error.to_string(),
                Ok(address) => address.to_string(),
            };
            assert!(!message.contains("ret"), "{wrong}: {message}");
        }
    }

    #[test]
    fn an_address_is_taken_apart() {
        let address = parsed("mysql://me@[::1]:3307/d%20b?galera=only-writer");
        assert_eq!((&*address.host, address.port), ("::1", 3307));
        assert_eq!(address.database, "d b");
        assert!(address.is_only_writer);
        assert_eq!(address.tls, Tls::Preferred);
        let address = parsed("mysql://me@/db?socket=/run/my%20sql");
        assert_eq!(address.socket.as_deref(), Some("/run/my sql"));
        assert_eq!((address.port, address.tls), (3306, Tls::None));
    }

    #[test]
    fn the_certificate_is_checked_unless_the_server_is_on_this_machine_or_the_address_says_so() {
        for (text, tls) in [
            ("mysql://h/db", Tls::Verified { roots: None }),
            ("mysql://h/db?sslmode=prefer", Tls::Preferred),
            ("mysql://h/db?sslmode=require", Tls::Unverified),
            ("mysql://h/db?sslmode=disable", Tls::None),
            ("mysql://127.0.0.1/db", Tls::Preferred),
            (
                "mysql://localhost/db?sslmode=verify-full&sslrootcert=a%20b.pem",
                Tls::Verified {
                    roots: Some("a b.pem".into()),
                },
            ),
        ] {
            assert_eq!(parsed(text).tls, tls, "{text}");
        }
    }

    #[test]
    fn an_option_file_is_read_as_the_servers_own_programs_read_it() {
        let file = "# a comment\n[mysqld]\npassword=no\n[client]\nuser = me\npassword = \"a#b\\\\c\" # so\n[mysql]\npassword=no";
        let password = |text, file: &str| parsed(text).password_from(file).password;
        assert_eq!(password("mysql://me@h/db", file).as_deref(), Some("a#b\\c"));
        assert_eq!(
            password("mysql://you@h/db", file),
            None,
            "it is somebody else's"
        );
        let later = "[client]\npassword=a\n[ocl-migrate]\npassword=b # late";
        assert_eq!(password("mysql://you@h/db", later).as_deref(), Some("b"));
        assert_eq!(password("mysql://you@h/db", "[client]\n"), None);
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for wrong in [
            "postgres://h/db",
            "mysql://h",
            "mysql://",
            "mysql:///db",
            "mysql://[::1/db",
            "mysql://h/db?nonsense=1",
            "mysql://h/db?galera=yes",
            "mysql://h/db?sslmode=maybe",
            "mysql://h/db?sslrootcert=%zz",
        ] {
            let refused = MysqlAddress::parse(wrong);
            assert!(matches!(refused, Err(Error::Address { .. })), "{wrong}");
        }
    }
}
