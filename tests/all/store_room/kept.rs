//! A store that keeps its connections: nobody may notice by anything but the time it takes.

use std::fs;
#[cfg(target_os = "linux")]
use std::path::Path;
use std::thread;

use ocl_migrate::store::{Error, ProjectKey, Row, SqliteStore, Store};
use rusqlite::Connection;
use tempfile::TempDir;

use super::{TIME, buzzes, filled, fizz, project, quick};

/// A store with one project that keeps its connections, and has some.
fn keeping() -> (TempDir, SqliteStore) {
    let (directory, store) = filled();
    let store = SqliteStore::with_options(store.path(), quick().keep_connections(true));
    rows(&store).expect("readable");
    store.put_documents(&project(), &[fizz()]).expect("a row");
    (directory, store)
}

fn late() -> Row {
    Row::new("late", "", "", 1)
}

fn rows(store: &SqliteStore) -> Result<Vec<Row>, Error> {
    store.read(&project())?.all_documents()
}

/// How often this process has a file open.
#[cfg(target_os = "linux")]
fn handles(path: &Path) -> usize {
    let open = fs::read_dir("/proc/self/fd").expect("the open files");
    open.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
        .filter(|target| target == path)
        .count()
}

#[cfg(target_os = "linux")]
#[test]
fn connections_are_used_again_and_closed_with_the_last_clone() {
    let (_directory, store) = keeping();
    let kept = handles(store.path());
    assert_eq!(kept, 2, "one to read, one to write");
    let clone = store.clone();
    for _ in 0..20 {
        rows(&store).expect("readable");
        clone.put_documents(&project(), &[fizz()]).expect("a row");
    }
    assert_eq!(handles(store.path()), kept);
    let path = store.path().to_owned();
    drop(store);
    assert_eq!(handles(&path), kept);
    drop(clone);
    assert_eq!(handles(&path), 0);
    let wal = path.with_file_name("state.db-wal");
    assert!(!wal.exists(), "the file is complete without it");
}

#[test]
fn what_was_not_committed_is_in_no_later_transaction() {
    let (_directory, store) = keeping();
    let mut write = store.write(&project()).expect("a transaction");
    write.take("fizz", 3, &[fizz()], TIME).expect("taken");
    write.raise_version(7).expect("raised");
    drop(write);
    let mut write = store.write(&project()).expect("a transaction");
    assert_eq!(write.version().expect("a version"), Some(0));
    assert_eq!(write.documents("fizz").expect("rows"), [fizz()]);
    assert_eq!(write.snapshots("fizz", 3).expect("none"), None);
    write.rollback();
    let refused = store.write(&ProjectKey::new("unknown")).map(drop);
    assert!(matches!(refused, Err(Error::UnknownProject { .. })));
    store.put_documents(&project(), &[late()]).expect("a row");
}

#[test]
fn what_others_write_is_seen() {
    let (_directory, store) = keeping();
    let other = SqliteStore::with_options(store.path(), quick());
    for n in 0..5 {
        let row = Row::new("fizz", "", format!("x = {n}"), 2);
        let written = std::slice::from_ref(&row);
        other.put_documents(&project(), written).expect("a row");
        let found = store.read(&project()).expect("readable").documents("fizz");
        assert_eq!(found.expect("rows"), [row]);
    }
}

/// SQLite would apply the `-wal` of the file before to the new one, and remove the `-wal` of the new one.
#[cfg(unix)]
#[test]
fn a_file_that_replaces_the_store_in_use_is_refused_and_neither_is_damaged() {
    let (directory, store) = keeping();
    let other = SqliteStore::with_options(directory.path().join("other.db"), quick());
    other.init(&project()).expect("a store");
    other.put_documents(&project(), &[late()]).expect("a row");
    let (path, moved) = (store.path().to_owned(), directory.path().join("moved.db"));
    let mut running = store.write(&project()).expect("a transaction");
    fs::rename(&path, &moved).expect("moved");
    fs::rename(other.path(), &path).expect("replaced");

    for result in [
        rows(&store).map(drop),
        store.put_documents(&project(), &[late()]),
    ] {
        let error = result.expect_err("refused");
        assert!(matches!(error, Error::Corrupt { .. }), "{error:?}");
        let message = error.to_string();
        assert!(
            message.contains("replaced while it was in use"),
            "{message}"
        );
    }
    running.raise_version(5).expect("raised");
    running
        .commit()
        .expect("it goes to the file that it began on");
    drop(store);

    let integrity = |path| {
        let connection = Connection::open(path).expect("a database");
        connection.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0))
    };
    assert_eq!(integrity(&path).expect("a verdict"), "ok");
    assert_eq!(integrity(&moved).expect("a verdict"), "ok");
    let new = SqliteStore::with_options(&path, quick());
    assert_eq!(rows(&new).expect("readable"), [late()]);
    let before = SqliteStore::with_options(&moved, quick());
    assert_eq!(rows(&before).expect("readable").len(), 3);
    let version = before.read(&project()).expect("readable").version();
    assert_eq!(
        version.expect("a version"),
        Some(5),
        "what was committed is in the file that was moved"
    );
}

#[cfg(unix)]
#[test]
fn a_store_that_was_deleted_is_gone() {
    let (_directory, store) = keeping();
    fs::remove_file(store.path()).expect("deleted");
    for result in [
        rows(&store).map(drop),
        store.put_documents(&project(), &[late()]),
    ] {
        assert!(matches!(result, Err(Error::Absent { .. })), "{result:?}");
    }
}

#[test]
fn a_restore_is_seen_by_kept_connections() {
    let (directory, store) = keeping();
    let backup = directory.path().join("backup.db");
    store.backup(&backup, false).expect("a backup");
    store.put_documents(&project(), &[late()]).expect("a row");
    assert_eq!(rows(&store).expect("readable").len(), 4);
    let other = SqliteStore::with_options(store.path(), quick());
    other.restore(&backup).expect("restored");
    assert_eq!(rows(&store).expect("readable").len(), 3);
    store.put_documents(&project(), &[late()]).expect("a row");
    assert_eq!(rows(&store).expect("readable").len(), 4);
    let buzz = store.read(&project()).expect("readable").documents("buzz");
    assert_eq!(buzz.expect("rows"), buzzes());
}

#[test]
fn threads_share_a_store() {
    let (_directory, store) = keeping();
    let patient = quick().busy_timeout(std::time::Duration::from_secs(60));
    let store = SqliteStore::with_options(store.path(), patient.keep_connections(true));
    thread::scope(|scope| {
        for thread in 0..8 {
            let store = &store;
            scope.spawn(move || {
                let own = ProjectKey::new(format!("project-{thread}"));
                store.init(&own).expect("a project");
                for n in 1..=20 {
                    let mut write = store.write(&own).expect("a transaction");
                    assert_eq!(write.raise_version(n).expect("raised"), n);
                    write.commit().expect("room on the disk");
                    let version = store.read(&own).and_then(|mut read| read.version());
                    assert_eq!(version.expect("readable"), Some(n));
                }
            });
        }
    });
}
