//! Opening connections, and beginning transactions on them.
//!
//! Invariant: the store's file is opened by SQLite alone. Closing any other handle on it would drop the locks
//! that SQLite holds for this process.

use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::files::{self, TemporaryFile};
use super::place::Place;
use super::schema::{self, Schema};
use crate::store::error::Error;

const RETRY: Duration = Duration::from_millis(10);

/// A connection in a read transaction that has begun.
pub(super) struct Reading {
    pub(super) connection: Connection,
    /// Of the file's tables.
    pub(super) version: u32,
    /// Whether it is on a copy in memory, which sees nothing that is written later.
    pub(super) is_copy: bool,
}

/// Begins a read transaction on a new connection.
pub(super) fn for_reading(place: &Place, schemas: &[Schema]) -> Result<Reading, Error> {
    ensure_present(place)?;
    let begun = open(place, &place.path, OpenFlags::SQLITE_OPEN_READ_ONLY).and_then(|connection| {
        let version = begin_reading(place, &connection, schemas)?;
        Ok((connection, version, false))
    });
    let (connection, version, is_copy) = match begun {
        // A database in WAL mode needs its -shm file, which can't be made in a directory that is read-only.
        Err(Error::ReadOnly { .. } | Error::File { .. }) => {
            let connection = copy_in_memory(place)?;
            let version = begin_reading(place, &connection, schemas)?;
            (connection, version, true)
        }
        begun => begun?,
    };
    schema::view_as_newest(place, &connection, version, schemas)?;
    Ok(Reading {
        connection,
        version,
        is_copy,
    })
}

/// Begins a read transaction; gives the version of the file's tables.
pub(super) fn begin_reading(
    place: &Place,
    connection: &Connection,
    schemas: &[Schema],
) -> Result<u32, Error> {
    connection
        .execute_batch("BEGIN")
        .map_err(place.failed("begin a transaction"))?;
    // The first read fixes the moment that the transaction sees.
    schema::identify(place, connection, schemas)
}

/// A new connection in a transaction that excludes other writers, on tables of the newest version.
pub(super) fn for_writing(place: &Place, schemas: &[Schema]) -> Result<Connection, Error> {
    let connection = open_for_writing(place, schemas)?;
    begin_writing(place, &connection, schemas)?;
    Ok(connection)
}

/// Begins a transaction that excludes other writers, after bringing the tables to the newest version.
pub(super) fn begin_writing(
    place: &Place,
    connection: &Connection,
    schemas: &[Schema],
) -> Result<(), Error> {
    let failed = place.failed("begin a transaction");
    connection
        .execute_batch("BEGIN IMMEDIATE")
        .map_err(&failed)?;
    let version = schema::identify(place, connection, schemas)?;
    if version < schema::newest(schemas) {
        schema::upgrade(place, connection, version, schemas)?;
        connection
            .execute_batch("COMMIT; BEGIN IMMEDIATE")
            .map_err(&failed)?;
    }
    Ok(())
}

/// A connection that may write, outside of a transaction. The file is known to be a store.
pub(super) fn open_for_writing(place: &Place, schemas: &[Schema]) -> Result<Connection, Error> {
    ensure_present(place)?;
    let connection = open(place, &place.path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    schema::identify(place, &connection, schemas)?;
    configure(place, &connection)?;
    Ok(connection)
}

/// Makes an empty store, unless there is a file. It appears complete or not at all.
pub(super) fn create(place: &Place, schemas: &[Schema]) -> Result<(), Error> {
    if is_present(place)? {
        return Ok(());
    }
    files::create_parent(&place.path)?;
    let temporary = TemporaryFile::beside(&place.path)?;
    let connection = open(place, temporary.path(), OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    configure(place, &connection)?;
    let failed = place.failed("create its tables");
    connection
        .execute_batch("BEGIN IMMEDIATE")
        .map_err(&failed)?;
    schema::upgrade(place, &connection, 0, schemas)?;
    connection.execute_batch("COMMIT").map_err(&failed)?;
    // The last connection moves everything from the -wal into the file.
    connection.close().map_err(|(_, error)| failed(error))?;
    match temporary.publish(&place.path, false) {
        // Somebody else was faster; theirs is as good.
        Err(Error::Exists { .. }) => Ok(()),
        published => published,
    }
}

/// Opens a file that exists.
pub(super) fn open(place: &Place, path: &Path, flags: OpenFlags) -> Result<Connection, Error> {
    let failed = place.failed("open");
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(&failed)?;
    connection
        .busy_timeout(place.busy_timeout)
        .map_err(&failed)?;
    // Until it is known to be a store, not a byte of it changes: its -wal stays as it is, too.
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
        .map_err(&failed)?;
    connection
        .execute_batch("PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY")
        .map_err(&failed)?;
    Ok(connection)
}

/// Looks for damage, in time that grows with the file.
pub(super) fn check_integrity(
    place: &Place,
    connection: &Connection,
    schemas: &[Schema],
) -> Result<(), Error> {
    let failed = place.failed("check");
    let verdict: String = connection
        .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
        .map_err(&failed)?;
    if verdict != "ok" {
        // The first line may only say which database it was.
        let lines = verdict.lines().filter(|line| !line.starts_with("***"));
        return Err(place.corrupt(lines.collect::<Vec<_>>().join("; ")));
    }
    // Rows that refer to a table that isn't there follow from that.
    schema::check_whole(place, connection, schemas)?;
    let mut foreign_keys = connection
        .prepare("PRAGMA foreign_key_check")
        .map_err(&failed)?;
    if foreign_keys.exists([]).map_err(&failed)? {
        return Err(place.corrupt("it holds rows of projects that it doesn't know"));
    }
    Ok(())
}

/// Whether there is a file. One that left its companions behind can't be replaced: SQLite would apply them to the
/// new one.
pub(super) fn is_present(place: &Place) -> Result<bool, Error> {
    refuse(place)?;
    let exists =
        |path: &Path| fs::exists(path).map_err(|error| place.file_error("look for", error));
    if exists(&place.path)? {
        return Ok(true);
    }
    match left_behind(place)? {
        Some(error) => Err(error),
        None => exists(&place.path),
    }
}

/// What a file that is gone has left, which may hold what was written last.
fn left_behind(place: &Place) -> Result<Option<Error>, Error> {
    for suffix in ["-wal", "-journal"] {
        let holds_something = match fs::metadata(files::companion(&place.path, suffix)) {
            Ok(metadata) => metadata.len() > 0,
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => return Err(place.file_error("look for", error)),
        };
        let is_there = || {
            let exists = fs::exists(&place.path);
            exists.map_err(|error| place.file_error("look for", error))
        };
        // Looks again, as somebody may just have made a store.
        if holds_something && !is_there()? {
            let why = ["the file is gone, and its ", suffix, " is still there"].concat();
            return Ok(Some(place.corrupt(why)));
        }
    }
    Ok(None)
}

fn configure(place: &Place, connection: &Connection) -> Result<(), Error> {
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)
        .map_err(place.failed("configure"))?;
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON",
        )
        .map_err(place.failed("configure"))
}

/// The file's metadata.
pub(super) fn ensure_present(place: &Place) -> Result<Metadata, Error> {
    refuse(place)?;
    match fs::metadata(&place.path) {
        Ok(metadata) if metadata.is_file() => Ok(metadata),
        Ok(metadata) if metadata.is_dir() => Err(place.not_a_store("it is a folder")),
        Ok(_) => Err(place.not_a_store("it is not a file")),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(left_behind(place)?
            .unwrap_or_else(|| Error::Absent {
                store: place.path.clone().into(),
            })),
        Err(error) => Err(place.file_error("look for", error)),
    }
}

fn refuse(place: &Place) -> Result<(), Error> {
    match place.refused {
        Some(why) => Err(place.not_a_store(why)),
        None => Ok(()),
    }
}

/// Refuses a file that is neither a store, whole or damaged, nor empty.
pub(super) fn ensure_replaceable(place: &Place, schemas: &[Schema]) -> Result<(), Error> {
    ensure_present(place)?;
    let metadata = fs::metadata(&place.path);
    if metadata.is_ok_and(|metadata| metadata.len() == 0) {
        return Ok(());
    }
    // Nothing may appear beside the file.
    let connection = open(
        place,
        Path::new(&immutable_uri(&place.path)),
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI,
    )?;
    match schema::identify(place, &connection, schemas) {
        Ok(_) | Err(Error::Newer { .. } | Error::Corrupt { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Copies a file that can't be locked. Whoever could write it would have to make a `-wal` first, and to change
/// the file before removing that: if neither is seen, the copy is one moment.
fn copy_in_memory(place: &Place) -> Result<Connection, Error> {
    let deadline = Instant::now() + place.busy_timeout;
    loop {
        let before = quiet_state(place)?;
        let failed = place.failed("read");
        let source = open(
            place,
            Path::new(&immutable_uri(&place.path)),
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI,
        )?;
        let mut copy = Connection::open_in_memory().map_err(&failed)?;
        let step = Backup::new(&source, &mut copy)
            .and_then(|backup| backup.step(-1))
            .map_err(&failed);
        let after = quiet_state(place)?;
        if before.is_some() && before == after {
            return match step? {
                StepResult::Done => Ok(copy),
                _ => Err(place.locked()),
            };
        }
        if Instant::now() >= deadline {
            return Err(Error::ReadOnly {
                store: place.path.clone().into(),
                why: "it is in use or was not closed cleanly, and reading it then needs to write beside it",
            });
        }
        std::thread::sleep(RETRY);
    }
}

/// Length and time of a file that no `-wal` adds to.
fn quiet_state(place: &Place) -> Result<Option<(u64, SystemTime)>, Error> {
    let look = |path: &Path| match fs::metadata(path) {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(place.file_error("look for", error)),
    };
    if look(&files::companion(&place.path, "-wal"))?.is_some_and(|wal| wal.len() > 0) {
        return Ok(None);
    }
    let Some(file) = look(&place.path)? else {
        return Ok(None);
    };
    let modified = file
        .modified()
        .map_err(|error| place.file_error("look for", error))?;
    Ok(Some((file.len(), modified)))
}

fn immutable_uri(path: &Path) -> OsString {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                uri.push(char::from(*byte));
            }
            byte => {
                const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
                uri.push('%');
                uri.push(char::from(DIGITS[usize::from(byte >> 4)]));
                uri.push(char::from(DIGITS[usize::from(byte & 15)]));
            }
        }
    }
    uri.push_str("?immutable=1");
    uri.into()
}
