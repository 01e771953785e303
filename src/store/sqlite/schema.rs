//! The versions of the file's own tables, kept in `PRAGMA user_version`.

use rusqlite::Connection;

use super::place::Place;
use crate::store::error::Error;

/// `PRAGMA application_id` of a store: "OCLM".
const APPLICATION_ID: i64 = 0x4f43_4c4d;

/// One released version of the tables.
#[derive(Debug)]
pub(super) struct Schema {
    /// Positive, without gaps.
    pub(super) version: u32,
    /// Makes it from the version before (the first: from an empty file); sets `user_version` itself.
    pub(super) upgrade: &'static str,
    /// `CREATE TEMP VIEW`s that show the newest tables over this version's, so that an old file is read as it is.
    pub(super) as_newest: &'static str,
}

macro_rules! no_effects {
    () => {
        "CREATE TEMP VIEW effects AS
            SELECT NULL AS project_id, NULL AS kind, NULL AS import_version, NULL AS effect, NULL AS outcome, NULL AS time
            WHERE FALSE"
    };
}

/// Every released version, oldest first.
pub(super) const SCHEMAS: &[Schema] = &[
    Schema {
        version: 1,
        upgrade: include_str!("schema_v1.sql"),
        as_newest: concat!(
            "CREATE TEMP VIEW catalogs AS SELECT NULL AS digest, NULL AS version, NULL AS content WHERE FALSE;",
            no_effects!()
        ),
    },
    Schema {
        version: 2,
        upgrade: include_str!("schema_v2.sql"),
        as_newest: no_effects!(),
    },
    Schema {
        version: 3,
        upgrade: include_str!("schema_v3.sql"),
        as_newest: "",
    },
];

pub(super) fn newest(schemas: &[Schema]) -> u32 {
    schemas.last().map_or(0, |schema| schema.version)
}

/// The version of the file's tables, if it is a store of a version known here.
pub(super) fn identify(
    place: &Place,
    connection: &Connection,
    schemas: &[Schema],
) -> Result<u32, Error> {
    let failed = place.failed("read the file's version");
    let pragma = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let application_id = pragma("PRAGMA application_id").map_err(&failed)?;
    let user_version = pragma("PRAGMA user_version").map_err(&failed)?;
    if application_id != APPLICATION_ID {
        let tables = pragma("SELECT count(*) FROM sqlite_schema").map_err(&failed)?;
        let length = std::fs::metadata(&place.path).map_or(0, |file| file.len());
        return Err(place.not_a_store(match tables {
            // SQLite takes a file of one byte for an empty database.
            0 if length == 1 => "it is no SQLite database",
            0 => "it is empty",
            _ => "it is a database of something else",
        }));
    }
    let version = u32::try_from(user_version).unwrap_or(0);
    if version > newest(schemas) {
        return Err(Error::Newer {
            store: place.path.clone().into(),
            found: version,
            known: newest(schemas),
        });
    }
    if version == 0 {
        return Err(place.corrupt("it states no version of its tables"));
    }
    Ok(version)
}

/// Refuses a file that lacks a table, an index or a trigger of its version.
pub(super) fn check_whole(
    place: &Place,
    connection: &Connection,
    schemas: &[Schema],
) -> Result<(), Error> {
    let failed = place.failed("compare its tables");
    let version = identify(place, connection, schemas)?;
    let whole = Connection::open_in_memory().map_err(&failed)?;
    for schema in schemas.iter().filter(|schema| schema.version <= version) {
        whole.execute_batch(schema.upgrade).map_err(&failed)?;
    }
    let parts = |connection: &Connection| {
        let sql = "SELECT type || ' ' || name FROM main.sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY rowid";
        let mut statement = connection.prepare(sql)?;
        let parts = statement.query_map([], |row| row.get::<_, String>(0))?;
        parts.collect::<rusqlite::Result<Vec<String>>>()
    };
    let (found, whole) = (
        parts(connection).map_err(&failed)?,
        parts(&whole).map_err(&failed)?,
    );
    match whole.iter().find(|part| !found.contains(part)) {
        Some(missing) => Err(place.corrupt(format!("it lacks the {missing}"))),
        None => Ok(()),
    }
}

/// Brings the tables from a version to the newest; within the caller's transaction.
pub(super) fn upgrade(
    place: &Place,
    connection: &Connection,
    from: u32,
    schemas: &[Schema],
) -> Result<(), Error> {
    for schema in schemas.iter().filter(|schema| schema.version > from) {
        connection
            .execute_batch(schema.upgrade)
            .map_err(place.failed("bring its tables up to date"))?;
    }
    Ok(())
}

/// Lets a connection read an older version's tables by the newest ones' names, without writing to the file.
pub(super) fn view_as_newest(
    place: &Place,
    connection: &Connection,
    version: u32,
    schemas: &[Schema],
) -> Result<(), Error> {
    match schemas.iter().find(|schema| schema.version == version) {
        Some(schema) => connection
            .execute_batch(schema.as_newest)
            .map_err(place.failed("read the tables of an older version")),
        None => Err(place.corrupt("it states a version of its tables that was never released")),
    }
}
