//! Whether two stores hold the same.

use rusqlite::{Connection, Result};

use super::place::Place;
use crate::store::error::Error;

/// Whether two databases have the same tables with the same rows, however these lie in the files.
pub(super) fn are_same(
    (place, one): (&Place, &Connection),
    (other_place, other): (&Place, &Connection),
) -> std::result::Result<bool, Error> {
    let of = tables(one).map_err(place.failed("read"))?;
    if of != tables(other).map_err(other_place.failed("read"))? {
        return Ok(false);
    }
    for (table, _) in &of {
        if !have_same_rows(one, other, table).map_err(place.failed("read"))? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The tables by name, each with its statement. Of two releases, they differ.
fn tables(connection: &Connection) -> Result<Vec<(String, String)>> {
    let mut statement = connection.prepare(
        "SELECT name, sql FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// Reads both in the order of their keys, which is that of an index: nothing is sorted.
fn have_same_rows(one: &Connection, other: &Connection, table: &str) -> Result<bool> {
    let mut keys =
        one.prepare("SELECT name FROM pragma_table_info(?1, 'main') WHERE pk > 0 ORDER BY pk")?;
    let keys = keys.query_map([table], |row| Ok(quoted(&row.get::<_, String>(0)?)))?;
    let mut keys: Vec<String> = keys.collect::<Result<_>>()?;
    if keys.is_empty() {
        keys.push("rowid".to_owned());
    }
    let sql = format!(
        "SELECT * FROM main.{} ORDER BY {}",
        quoted(table),
        keys.join(", ")
    );
    let (mut one, mut other) = (one.prepare(&sql)?, other.prepare(&sql)?);
    let columns = one.column_count();
    let (mut one, mut other) = (one.query([])?, other.query([])?);
    loop {
        match (one.next()?, other.next()?) {
            (None, None) => return Ok(true),
            (Some(row), Some(found)) => {
                for column in 0..columns {
                    if row.get_ref(column)? != found.get_ref(column)? {
                        return Ok(false);
                    }
                }
            }
            _ => return Ok(false),
        }
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
