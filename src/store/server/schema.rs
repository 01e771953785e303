//! The versions of the tables. Opening a server's database never changes them: `init` makes them where there are none, and
//! `migrate` brings them up to date.

use super::connection::{Connection, Dialect, Failure, Kind, Value};
use super::place::Place;
use super::session::Tables;
use super::version::Schema;
use crate::store::error::Error;
use crate::store::model::Migration;

/// The tables, by the names that the newest version gives them.
const TABLES: [&str; 9] = [
    "oclm_catalogs",
    "oclm_documents",
    "oclm_effects",
    "oclm_history",
    "oclm_intents",
    "oclm_lookups",
    "oclm_projects",
    "oclm_snapshots",
    "oclm_tenants",
];

pub(super) fn newest(schemas: &'static [Schema]) -> &'static Schema {
    schemas.last().expect("a dialect has a version")
}

/// Tables that are made only in part.
pub(super) const HALF_MADE: u32 = 0;

/// Refuses tables of another version than a reader, or a writer, can use.
pub(super) fn check(
    tables: &Tables,
    writes: bool,
    place: &Place,
    schemas: &'static [Schema],
    is_changed_in_parts: bool,
) -> Result<u32, Error> {
    let known = newest(schemas).version;
    let store = place.location();
    match tables.version {
        None if is_changed_in_parts => Err(Error::Outdated {
            store,
            found: HALF_MADE,
            known,
        }),
        None => Err(place.corrupt("its table oclm_history names no version")),
        Some(found) if found == known => Ok(found),
        Some(found) if found < known => Err(Error::Outdated {
            store,
            found,
            known,
        }),
        Some(found) if !writes && tables.readable_by.is_some_and(|least| least <= known) => {
            Ok(found)
        }
        Some(found) => Err(Error::Newer {
            store,
            found,
            known,
        }),
    }
}

/// The versions up to one that was asked for, or all of them.
pub(super) fn up_to(
    to: Option<u32>,
    place: &Place,
    schemas: &'static [Schema],
) -> Result<&'static [Schema], Error> {
    let Some(wanted) = to else { return Ok(schemas) };
    let index = schemas.iter().position(|schema| schema.version == wanted);
    index.map(|index| &schemas[..=index]).ok_or_else(|| {
        let why = format!("this release knows 1 to {}", newest(schemas).version);
        place.no_such_version(wanted, why)
    })
}

/// Which statements lead from a version to the newest of some.
pub(super) fn plan(found: Option<u32>, schemas: &'static [Schema]) -> Migration {
    let newest = newest(schemas);
    let statements = match found {
        None => vec![newest.whole],
        Some(found) => schemas
            .iter()
            .filter(|schema| schema.version > found)
            .flat_map(|schema| schema.upgrade.iter().copied())
            .collect(),
    };
    Migration {
        found,
        version: newest.version,
        statements,
    }
}

/// Carries a migration out in the caller's transaction, and writes into the history what was done: a new install is one step.
/// Each version's row comes after its statements, for databases in which each of them is a transaction of its own: where that
/// was broken off, they are done once more, and what is there already stays.
pub(super) fn carry_out(
    dialect: &dyn Dialect,
    connection: &mut dyn Connection,
    migration: &Migration,
    schemas: &'static [Schema],
) -> Result<(), Failure> {
    let (action, steps) = match migration.found {
        None => ("installed", &schemas[schemas.len() - 1..]),
        Some(found) => {
            let first = schemas.iter().position(|schema| schema.version > found);
            ("upgraded", &schemas[first.unwrap_or(schemas.len())..])
        }
    };
    for schema in steps {
        let statements = match migration.found {
            None => &[schema.whole],
            Some(_) => schema.upgrade,
        };
        for statement in statements {
            match dialect.change(connection, statement) {
                Err(failure) if failure.kind == Kind::AlreadyThere => {}
                done => done?,
            }
        }
        connection.execute(
            "INSERT INTO oclm_history (version, readable_by, action, program) VALUES ($1, $2, $3, $4)",
            &[
                Value::Integer(schema.version.into()),
                Value::Integer(schema.readable_by.into()),
                Value::Bytes(action.as_bytes()),
                Value::Bytes(env!("CARGO_PKG_VERSION").as_bytes()),
            ],
        )?;
    }
    Ok(())
}

/// Which of the store's tables there are.
pub(super) enum Present {
    None,
    /// Some, but not the one that says what they are.
    Foreign(Vec<String>),
    /// Who made them was broken off, or is still at it.
    HalfMade,
    Some {
        missing: Vec<&'static str>,
    },
}

impl Present {
    pub(super) fn of(mut found: Vec<String>) -> Present {
        found.retain(|name| TABLES.contains(&name.as_str()));
        if found.is_empty() {
            return Present::None;
        }
        let has_history = found.iter().any(|name| name == "oclm_history");
        // All others are nobody else's.
        if !has_history && found.len() + 1 < TABLES.len() {
            return Present::Foreign(found);
        }
        let is_missing = |name: &&str| !found.iter().any(|found| found == name);
        Present::Some {
            missing: TABLES.into_iter().filter(is_missing).collect(),
        }
    }
}
