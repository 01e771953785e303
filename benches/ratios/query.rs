//! Queries: a million values, and refs that share documents.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use ocl_migrate::project::Project;
use ocl_migrate::query::{Query, QueryError, QueryOptions, QueryValue};
use rusqlite::Connection;

use crate::generate;
use crate::rows::{Row, row};

pub(crate) const ALL: &[Row] = &[
    ("query-million", a_million_values),
    ("query-shared", shared_documents),
];

const ROUNDS: usize = 5;

fn open(repository: &Path) -> Query {
    let project = Project::open(repository).unwrap();
    let options = QueryOptions {
        timeout: None,
        max_rows: None,
        ..QueryOptions::default()
    };
    project.query(options).unwrap()
}

/// Runs a query, looks at each value, and tells how many rows there were.
fn count(query: &Query, sql: &str) -> u64 {
    let prepared = query.prepare(sql).unwrap();
    let counted = prepared.run(|row: &[QueryValue<'_>]| {
        black_box(row);
        Ok::<(), QueryError>(())
    });
    counted.unwrap()
}

fn best(mut work: impl FnMut()) -> Duration {
    let round = |_| {
        let begin = Instant::now();
        work();
        begin.elapsed()
    };
    (0..ROUNDS).map(round).min().expect("at least one round")
}

/// The same rows from a table that holds them.
fn a_million_values() {
    let sql = "SELECT ref, document, address, value FROM leaves";
    let repository = generate::many_refs(17_000, 200);
    let query = open(&repository);
    let begin = Instant::now();
    let rows = count(&query, sql);
    let cold = begin.elapsed();
    let filled = Connection::open_in_memory().unwrap();
    filled
        .execute_batch(
            "CREATE TABLE leaves(ref TEXT, document TEXT, address TEXT, value TEXT); BEGIN",
        )
        .unwrap();
    let mut insert = filled
        .prepare("INSERT INTO leaves VALUES (?, ?, ?, ?)")
        .unwrap();
    let text = |value: &QueryValue<'_>| match value {
        QueryValue::Text(text) => Some(text.clone().into_owned()),
        _ => None,
    };
    let prepared = query.prepare(sql).unwrap();
    let inserted = prepared.run(|row| {
        let row: Vec<Option<String>> = row.iter().map(text).collect();
        insert.execute(rusqlite::params_from_iter(row)).unwrap();
        Ok::<(), QueryError>(())
    });
    assert_eq!(inserted.unwrap(), rows);
    filled.execute_batch("COMMIT").unwrap();
    let theirs = best(|| {
        let mut select = filled.prepare(sql).unwrap();
        let mut found = select.query([]).unwrap();
        let mut counted = 0;
        while let Some(row) = found.next().unwrap() {
            for column in 0..4 {
                black_box(row.get_ref(column).unwrap());
            }
            counted += 1;
        }
        assert_eq!(counted, rows);
    });
    let ours = best(|| assert_eq!(count(&query, sql), rows));
    let work = format!("`query`: {rows} values of 17,000 refs, warm");
    row(
        &work,
        ours,
        "the same rows from a filled table",
        theirs,
        1.5,
    );
    row("the same, cold", cold, "warm", ours, None);
}

/// Refs over few trees, against as many refs as there are trees.
fn shared_documents() {
    let sql = "SELECT count(*), count(DISTINCT value) FROM leaves WHERE address GLOB 'step*'";
    for trees in [20, 200] {
        let many = generate::many_refs(3_000, trees);
        let few = generate::many_refs(trees, trees);
        let cold = |repository: &Path| {
            best(|| {
                black_box(count(&open(repository), sql));
            })
        };
        let list = best(|| {
            let sql = "SELECT count(*) FROM refs WHERE version > 0";
            black_box(count(&open(&many), sql));
        });
        let work = format!("`query` of the values of 3,000 refs over {trees} trees");
        row(
            &work,
            cold(&many),
            "of one ref for each tree",
            cold(&few),
            None,
        );
        row("the same", cold(&many), "their `refs` alone", list, None);
    }
}
