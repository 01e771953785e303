//! What CockroachDB says of the store's tables. A definition is written otherwise than it was given, and there are no temporary
//! tables to compare with, so what is compared is what the statements name: columns with their types, and which constraints and
//! indexes there are.

use super::versions;
use crate::store::postgres::tables::{Parts, compared};
use crate::store::server::connection::{Connection, Failure, Layout, Record};
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
        "SELECT convert_to(CAST(table_name AS TEXT), 'UTF8') FROM information_schema.tables
         WHERE table_schema = current_schema() AND table_name LIKE 'oclm\\_%' ORDER BY table_name",
        &[],
    )?;
    found.into_iter().map(|mut record| record.text()).collect()
}

const COLUMNS: &str = "
    SELECT convert_to(CAST(table_name AS TEXT), 'UTF8'), convert_to(CAST(column_name AS TEXT), 'UTF8'),
      convert_to(CAST(data_type AS TEXT), 'UTF8'), convert_to(CAST(is_nullable AS TEXT), 'UTF8')
    FROM information_schema.columns WHERE table_schema = current_schema() AND table_name LIKE 'oclm\\_%'";

const CONSTRAINTS: &str = "
    SELECT convert_to(CAST(table_name AS TEXT), 'UTF8'), convert_to(CAST(constraint_name AS TEXT), 'UTF8'),
      convert_to(CAST(constraint_type AS TEXT), 'UTF8')
    FROM information_schema.table_constraints
    WHERE table_schema = current_schema() AND table_name LIKE 'oclm\\_%' AND constraint_name NOT LIKE '%\\_not\\_null'";

const INDEXES: &str = "
    SELECT convert_to(CAST(tablename AS TEXT), 'UTF8'), convert_to(CAST(indexname AS TEXT), 'UTF8')
    FROM pg_catalog.pg_indexes WHERE schemaname = current_schema() AND tablename LIKE 'oclm\\_%'";

/// What differs from what statements say.
fn differences(connection: &mut dyn Connection, whole: &str) -> Result<Vec<String>, Failure> {
    let found = found(connection)?;
    Ok(compared(&expected(whole), &found))
}

fn found(connection: &mut dyn Connection) -> Result<Parts, Failure> {
    let mut parts = Parts::new();
    let mut list = |sql, read: fn(&mut Record) -> Result<(String, String), Failure>| {
        for mut record in connection.query(sql, &[])? {
            let (what, definition) = read(&mut record)?;
            parts.insert(what, definition);
        }
        Ok(())
    };
    list(COLUMNS, |record| {
        let (table, column) = (record.text()?, record.text()?);
        let (kind, is_nullable) = (record.text()?, record.text()?);
        let not_null = if is_nullable == "NO" { " not null" } else { "" };
        Ok((
            format!("column {table}.{column}"),
            format!("{}{not_null}", kind.to_lowercase()),
        ))
    })?;
    list(CONSTRAINTS, |record| {
        let (table, name) = (record.text()?, record.text()?);
        Ok((format!("constraint {name} of {table}"), record.text()?))
    })?;
    list(INDEXES, |record| {
        let (table, name) = (record.text()?, record.text()?);
        Ok((format!("index {name} of {table}"), "an index".to_owned()))
    })?;
    Ok(parts)
}

/// What statements make, by their words: each column, constraint and index is named on a line of its own.
fn expected(whole: &str) -> Parts {
    let mut parts = Parts::new();
    for statement in statements(whole) {
        let words: Vec<&str> = statement.split_whitespace().collect();
        match words[..] {
            ["CREATE", "TABLE", "IF", "NOT", "EXISTS", table, ..] => {
                let lines = statement.lines().skip(1).map(str::trim);
                parts.extend(lines.filter_map(|line| part(table, line)));
            }
            [
                "CREATE",
                "INDEX",
                "IF",
                "NOT",
                "EXISTS",
                name,
                "ON",
                table,
                ..,
            ] => {
                parts.insert(format!("index {name} of {table}"), "an index".to_owned());
            }
            [
                "ALTER",
                "TABLE",
                table,
                "ADD",
                "COLUMN",
                "IF",
                "NOT",
                "EXISTS",
                ..,
            ] => {
                parts.extend(part(table, &words[8..].join(" ")));
            }
            _ => {}
        }
    }
    parts
}

fn part(table: &str, line: &str) -> Option<(String, String)> {
    let words: Vec<&str> = line.trim_end_matches(',').split_whitespace().collect();
    match words[..] {
        ["CONSTRAINT", name, kind, ..] => {
            let kind = match kind {
                "PRIMARY" => "PRIMARY KEY",
                "FOREIGN" => "FOREIGN KEY",
                kind => kind,
            };
            Some((format!("constraint {name} of {table}"), kind.to_owned()))
        }
        [name, kind, ..] => {
            let is_given = line.contains("NOT NULL");
            let not_null = if is_given { " not null" } else { "" };
            Some((
                format!("column {table}.{name}"),
                format!("{}{not_null}", kind.trim_end_matches(',').to_lowercase()),
            ))
        }
        _ => None,
    }
}
