//! The store room as its users see it: both stores keep the laws, and the file behaves.

mod backup;
#[cfg(unix)]
mod cockroach;
mod copy;
mod files;
mod kept;
mod laws;
#[cfg(unix)]
mod mysql;
#[cfg(unix)]
mod postgres;
mod processes;
mod releases;
mod renaming;
#[cfg(unix)]
mod servers;

use std::time::Duration;

use ocl_migrate::store::{Options, ProjectKey, Row, SqliteStore, Store};
use tempfile::TempDir;

use crate::support::scratch;

const TIME: i64 = 1_700_000_000;

fn project() -> ProjectKey {
    ProjectKey::new(".octopus")
}

fn fizz() -> Row {
    Row::new("fizz", "", "name = \"Fizz\"\r\n", 2)
}

fn buzzes() -> Vec<Row> {
    vec![
        Row::new("buzz", "one", "x = 1", 2),
        Row::new("buzz", "two", "x = 2", 3),
    ]
}

fn quick() -> Options {
    Options::default().busy_timeout(Duration::from_millis(200))
}

/// A store with one project, whose table holds `fizz()` and `buzzes()`.
fn filled() -> (TempDir, SqliteStore) {
    let directory = scratch::folder();
    let store = SqliteStore::with_options(directory.path().join("state.db"), quick());
    store.init(&project()).expect("a new store");
    store.put_documents(&project(), &[fizz()]).expect("a row");
    store.put_documents(&project(), &buzzes()).expect("rows");
    (directory, store)
}
