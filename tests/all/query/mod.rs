//! SQL over refs and values.

mod corpus;
mod cost;
mod effective;
mod hostile;
mod pushed;
mod tables;
mod uses;

use ocl_migrate::project::Project;
use ocl_migrate::query::{Query, QueryError, QueryOptions, QueryValue};

/// A query over all branches and tags.
fn query(project: &Project) -> Query {
    project.query(QueryOptions::default()).unwrap()
}

/// The rows of a query, each value as text.
fn rows(query: &Query, sql: &str) -> Vec<Vec<String>> {
    try_rows(query, sql).unwrap_or_else(|error| panic!("{sql}\n{error}"))
}

fn try_rows(query: &Query, sql: &str) -> Result<Vec<Vec<String>>, QueryError> {
    let mut all = Vec::new();
    query.prepare(sql)?.run(|row| {
        all.push(row.iter().map(text).collect());
        Ok::<(), QueryError>(())
    })?;
    Ok(all)
}

/// The same on a line each.
fn lines(query: &Query, sql: &str) -> Vec<String> {
    let rows = rows(query, sql).into_iter();
    rows.map(|row| row.join(" | ")).collect()
}

fn text(value: &QueryValue<'_>) -> String {
    match value {
        QueryValue::Null => "NULL".into(),
        QueryValue::Integer(number) => number.to_string(),
        QueryValue::Real(number) => number.to_string(),
        QueryValue::Text(text) => text.clone().into_owned(),
        QueryValue::Blob(bytes) => format!("{bytes:?}"),
    }
}
