//! What MariaDB and MySQL say of the store's tables.

use std::collections::BTreeMap;

use super::versions;
use crate::store::server::connection::{Connection, Failure, Kind, Layout};
use crate::store::server::version::statements;

/// The tables of this dialect.
pub(super) static LAYOUT: Layout = Layout {
    schemas: versions::SCHEMAS,
    #[cfg(feature = "fault-injection")]
    next: versions::NEXT,
    names,
    differences,
};

/// The names of the tables, and of the views, where the store's would be made.
fn names(connection: &mut dyn Connection) -> Result<Vec<String>, Failure> {
    let found = connection.query(
        "SELECT CAST(table_name AS BINARY) FROM information_schema.tables
         WHERE table_schema = DATABASE() AND table_name LIKE 'oclm\\_%' ORDER BY 1",
        &[],
    )?;
    found.into_iter().map(|mut record| record.text()).collect()
}

/// What differs from what statements make of nothing, which is tried with temporary tables: they hide the others of their names,
/// and are gone when this ends.
fn differences(connection: &mut dyn Connection, whole: &str) -> Result<Vec<String>, Failure> {
    let mut found = BTreeMap::new();
    for table in names(connection)? {
        let definition = definition(connection, &table)?;
        found.insert(table, definition);
    }
    let statements = statements(whole);
    let expected = expected(connection, &statements);
    let made: Vec<&str> = statements.iter().filter_map(|it| table_of(it)).collect();
    let dropped = format!("DROP TEMPORARY TABLE IF EXISTS {}", made.join(", "));
    connection.batch(&dropped)?;
    let expected = expected?;
    let mut differences = Vec::new();
    for (table, parts) in &expected {
        let Some(there) = found.get(table) else {
            differences.push(format!("table {table} is missing"));
            continue;
        };
        for (what, definition) in parts {
            match there.get(what) {
                None => {
                    differences.push(format!("{what} of {table} is missing: {definition}"));
                }
                Some(other) if other != definition => {
                    differences.push(format!(
                        "{what} of {table} is {other}, and should be {definition}"
                    ));
                }
                Some(_) => {}
            }
        }
        for (what, definition) in there {
            // An index more changes no answer, unless it allows one row alone.
            if !parts.contains_key(what) && !what.starts_with("index ") {
                differences.push(format!(
                    "{what} of {table} is there, and shouldn't be: {definition}"
                ));
            }
        }
    }
    for table in found.keys().filter(|table| !expected.contains_key(*table)) {
        differences.push(format!("table {table} is there, and shouldn't be"));
    }
    let triggers = connection.query(
        "SELECT CAST(trigger_name AS BINARY), CAST(event_object_table AS BINARY) FROM information_schema.triggers
         WHERE event_object_schema = DATABASE() AND event_object_table LIKE 'oclm\\_%' ORDER BY 2, 1",
        &[],
    )?;
    for mut trigger in triggers {
        let (name, table) = (trigger.text()?, trigger.text()?);
        differences.push(format!(
            "trigger {name} of {table} is there, and shouldn't be"
        ));
    }
    Ok(differences)
}

/// What each table should be made of.
fn expected(
    connection: &mut dyn Connection,
    statements: &[String],
) -> Result<BTreeMap<String, Parts>, Failure> {
    let mut expected = BTreeMap::new();
    for statement in statements {
        let Some(table) = table_of(statement) else {
            connection.batch(statement)?;
            continue;
        };
        // A temporary table has no foreign keys: they are taken from the statement.
        let (foreign, own): (Vec<&str>, Vec<&str>) = statement
            .lines()
            .partition(|line| line.contains(" FOREIGN KEY "));
        let own = own.join("\n");
        connection.batch(&own.replacen(
            "CREATE TABLE IF NOT EXISTS",
            "CREATE TEMPORARY TABLE",
            1,
        ))?;
        expected.insert(table.to_owned(), foreign);
    }
    let mut tables = BTreeMap::new();
    for (table, foreign) in expected {
        let mut parts = definition(connection, &table)?;
        parts.extend(foreign.into_iter().filter_map(part));
        tables.insert(table, parts);
    }
    Ok(tables)
}

/// What a table is made of: each part by what it is, and how it is defined.
type Parts = BTreeMap<String, String>;

fn definition(connection: &mut dyn Connection, table: &str) -> Result<Parts, Failure> {
    // A table's name can't be a parameter; these begin with ours and came from the server.
    let table = table.replace('`', "``");
    let shown = connection.query(&format!("SHOW CREATE TABLE `{table}`"), &[])?;
    let mut shown = shown.into_iter();
    let mut row = shown
        .next()
        .ok_or_else(|| Failure::new(Kind::Unreadable, "a table has no definition"))?;
    let _name = row.text()?;
    let text = row.text()?;
    Ok(text.lines().skip(1).filter_map(part).collect())
}

/// A line of a definition: a column, a key, a constraint, or what is after the last one. Without the marks of quotation, and
/// without what two tables of one definition may differ in.
fn part(line: &str) -> Option<(String, String)> {
    let line = line.trim().trim_end_matches(',').replace('`', "");
    if let Some(options) = line.strip_prefix(')') {
        let options = options.split_whitespace();
        let options = options.filter(|option| !option.starts_with("AUTO_INCREMENT="));
        return Some(("kind".to_owned(), options.collect::<Vec<_>>().join(" ")));
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    let (what, definition) = match words[..] {
        ["PRIMARY", "KEY", ..] => ("primary key".to_owned(), &words[2..]),
        ["UNIQUE", "KEY", name, ..] => (format!("constraint {name}"), &words[3..]),
        ["KEY", name, ..] => (format!("index {name}"), &words[2..]),
        ["CONSTRAINT", name, ..] => (format!("constraint {name}"), &words[2..]),
        [name, ..] => (format!("column {name}"), &words[1..]),
        [] => return None,
    };
    Some((what, definition.join(" ")))
}

fn table_of(statement: &str) -> Option<&str> {
    let name = statement.strip_prefix("CREATE TABLE IF NOT EXISTS ")?;
    name.split_whitespace().next()
}
