//! What to do about SQL that is wrong.

use super::table::{TABLES, TableInfo};
use crate::text::{list, nearest};

/// What to do about a message of SQLite's, if that is known.
pub(super) fn hint(message: &str) -> Option<String> {
    if let Some(name) = message.strip_prefix("no such table: ") {
        return Some(table_hint(name));
    }
    if let Some(name) = message.strip_prefix("no such column: ") {
        return Some(column_hint(name));
    }
    let word = message.strip_prefix("near \"")?.split('"').next()?;
    match &*word.to_ascii_lowercase() {
        "commit" => Some("`commit` is a word of SQL: for the column, write \"commit\"".into()),
        "values" => Some("`values` is a word of SQL: the values are in `leaves`".into()),
        _ => None,
    }
}

fn table_hint(name: &str) -> String {
    let names = TABLES.map(|table| table.name);
    let all = list(names);
    match nearest(name, names) {
        Some(near) => format!("did you mean `{near}`? The tables are {all}"),
        None => format!("the tables are {all}"),
    }
}

fn column_hint(name: &str) -> String {
    let column = name.rsplit('.').next().unwrap_or(name).trim_matches('"');
    let of_table = |table: &TableInfo| {
        let names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
        format!("{}: {}", table.name, names.join(", "))
    };
    let all: Vec<String> = TABLES.iter().map(of_table).collect();
    let all = all.join("; ");
    let columns = TABLES.iter().flat_map(|table| table.columns);
    match nearest(column, columns.map(|column| column.name)) {
        Some(near) if near != column => {
            format!("did you mean `{near}`? A text stands in single quotes. The columns are {all}")
        }
        _ => format!("a text stands in single quotes. The columns are {all}"),
    }
}
