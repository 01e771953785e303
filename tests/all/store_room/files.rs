use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use ocl_migrate::store::{Error, Inspect as _, ProjectKey, Row, Scope, SqliteStore, Store};
use serde_json::json;

use super::{TIME, buzzes, filled, fizz, project, quick};
use crate::support::scratch;

/// Every file's bytes, SQLite's own companions aside.
fn bytes(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(directory)
        .expect("a directory")
        .map(|entry| entry.expect("an entry"))
        .map(|entry| {
            (
                entry.file_name().to_string_lossy().into_owned(),
                entry.path(),
            )
        })
        .filter(|(name, _)| !name.ends_with("-wal") && !name.ends_with("-shm"))
        .map(|(name, path)| (name, fs::read(path).expect("a readable file")))
        .collect()
}

#[test]
fn invariant_3_reading_writes_nothing() {
    let (directory, store) = filled();
    let before = bytes(directory.path());
    assert_eq!(before.len(), 1);
    let mut read = store.read(&project()).expect("readable");
    read.version().expect("a version");
    read.documents("buzz").expect("rows");
    read.snapshots("buzz", 3).expect("none");
    read.lookup("table", "key").expect("none");
    read.intents().expect("none");
    drop(read);
    store.read(&ProjectKey::new("unknown")).expect("readable");
    store.projects().expect("readable");
    store.status().expect("readable");
    assert_eq!(bytes(directory.path()), before);
}

#[test]
fn an_absent_store_is_absent_and_stays_so() {
    let directory = scratch::folder();
    let path = directory.path().join("ocl-migrate/state.db");
    let store = SqliteStore::with_options(&path, quick());
    let absent = |result: Result<(), Error>| {
        assert!(
            matches!(result, Err(Error::Absent { store: found }) if found.file() == Some(&*path))
        );
    };
    absent(store.read(&project()).map(drop));
    absent(store.write(&project()).map(drop));
    absent(store.projects().map(drop));
    absent(store.status().map(drop));
    absent(store.put_documents(&project(), &[fizz()]));
    absent(store.backup(&directory.path().join("backup.db"), false));
    assert_eq!(fs::read_dir(&directory).expect("a directory").count(), 0);
}

#[cfg(unix)]
#[test]
fn a_new_store_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let directory = scratch::folder();
    let path = directory.path().join("ocl-migrate/state.db");
    let store = SqliteStore::new(&path);
    assert!(store.init(&project()).expect("a new store"));
    let _write = store.write(&project()).expect("a transaction");
    let mode = |path: &Path| fs::metadata(path).expect("it exists").permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().expect("a parent")), 0o700);
    assert_eq!(mode(&path.with_file_name("state.db-wal")), 0o600);
}

#[test]
fn files_that_are_something_else_are_left_alone() {
    let directory = scratch::folder();
    let text = directory.path().join("text");
    fs::write(
        &text,
        "this is no database, but long enough to look at".repeat(100),
    )
    .expect("a file");
    let empty = directory.path().join("empty");
    fs::write(&empty, "").expect("a file");
    let other = directory.path().join("other.db");
    rusqlite::Connection::open(&other)
        .and_then(|connection| connection.execute_batch("CREATE TABLE t (x)"))
        .expect("somebody's database");
    let before = bytes(directory.path());
    let cases = [
        (text, "it is no SQLite database"),
        (empty, "it is empty"),
        (other, "it is a database of something else"),
    ];
    for (path, why) in cases {
        let store = SqliteStore::with_options(&path, quick());
        let results = [
            store.read(&project()).map(drop),
            store.write(&project()).map(drop),
            store.init(&project()).map(drop),
        ];
        for result in results {
            let error = result.expect_err("not a store");
            assert!(matches!(error, Error::NotAStore { .. }), "{error:?}");
            assert!(error.to_string().contains(why), "{error}");
        }
    }
    assert_eq!(bytes(directory.path()), before);
    let error = SqliteStore::new(directory.path())
        .read(&project())
        .map(drop);
    assert!(matches!(error, Err(Error::NotAStore { .. })), "{error:?}");
}

#[test]
fn a_damaged_store_says_so() {
    let (_directory, store) = filled();
    let length = fs::metadata(store.path()).expect("a file").len();
    fs::OpenOptions::new()
        .write(true)
        .open(store.path())
        .and_then(|file| file.set_len(length / 2))
        .expect("a cut file");
    let mut results = vec![
        store.status().map(drop),
        store.restore(store.path()).map(drop),
    ];
    results.push(
        store
            .read(&project())
            .and_then(|mut read| read.all_documents())
            .map(drop),
    );
    for result in results {
        let error = result.expect_err("half a store");
        assert!(matches!(error, Error::Corrupt { .. }), "{error:?}");
        assert!(
            error.to_string().contains("replace it by a backup"),
            "{error}"
        );
    }
}

#[test]
fn content_that_cannot_be_is_damage() {
    let (_directory, store) = filled();
    let other = rusqlite::Connection::open(store.path()).expect("a connection");
    other
        .execute_batch("UPDATE documents SET content = CAST(x'ff' AS TEXT) WHERE kind = 'fizz'")
        .expect("bytes that are not UTF-8");
    let found = store.read(&project()).expect("readable").documents("fizz");
    assert!(matches!(found, Err(Error::Corrupt { .. })), "{found:?}");
    other
        .execute_batch("DROP TABLE documents")
        .expect("a lost table");
    let found = store.read(&project()).expect("readable").documents("fizz");
    assert!(matches!(found, Err(Error::Corrupt { .. })), "{found:?}");
}

/// The laws hold for whoever opens the file, by the names of what keeps them.
#[test]
fn the_tables_keep_the_laws_themselves() {
    let (_directory, store) = filled();
    let mut write = store.write(&project()).expect("a transaction");
    write.take("fizz", 3, &[fizz()], TIME).expect("taken");
    write.take("none", 3, &[], TIME).expect("nothing taken");
    write.raise_version(3).expect("a version");
    write.commit().expect("room on the disk");
    let other = rusqlite::Connection::open(store.path()).expect("a connection");
    other
        .execute_batch("PRAGMA foreign_keys = ON")
        .expect("checked keys");
    let cases = [
        (
            "UPDATE snapshots SET content = 'x'",
            "snapshots_never_change",
        ),
        ("DELETE FROM snapshots", "snapshots_never_leave"),
        (
            "UPDATE projects SET version = 2",
            "projects_version_never_falls",
        ),
        (
            "UPDATE projects SET version = 4294967296",
            "projects_version_valid",
        ),
        (
            "INSERT INTO snapshots VALUES (1, 'none', 3, 'x', 'y', 1, 0)",
            "snapshots_nothing_stands_alone",
        ),
        (
            "INSERT INTO snapshots VALUES (1, 'fizz', 3, '', NULL, NULL, 0)",
            "snapshots_nothing_stands_alone",
        ),
        (
            "INSERT INTO snapshots VALUES (1, 'x', 3, '', NULL, 1, 0)",
            "snapshots_nothing_has_no_shape",
        ),
        (
            "INSERT INTO snapshots VALUES (1, 'x', 3, 'y', NULL, NULL, 0)",
            "snapshots_nothing_has_no_slug",
        ),
        (
            "INSERT INTO documents VALUES (1, 'x', '', '', 0)",
            "documents_shape_valid",
        ),
        (
            "INSERT INTO documents VALUES (1, '', '', '', 1)",
            "documents_kind_valid",
        ),
        (
            "INSERT INTO documents VALUES (1, 'x' || char(0), '', '', 1)",
            "documents_kind_valid",
        ),
        (
            "INSERT INTO documents VALUES (1, 'x', 'a' || char(27), '', 1)",
            "documents_slug_valid",
        ),
        (
            "INSERT INTO documents VALUES (1, 'x', 'a' || char(133), '', 1)",
            "documents_slug_valid",
        ),
        (
            "INSERT INTO documents VALUES (1, 'x', CAST(zeroblob(5000) AS TEXT), '', 1)",
            "documents_slug_valid",
        ),
        (
            "INSERT INTO documents VALUES (99, 'x', '', '', 1)",
            "FOREIGN KEY",
        ),
        (
            "INSERT INTO lookups VALUES (1, 1, 'x', 'y', '1')",
            "lookups_one_owner",
        ),
        (
            "INSERT INTO lookups VALUES (NULL, 1, 'x', 'y', '{')",
            "lookups_value_valid",
        ),
        (
            "INSERT INTO intents VALUES (1, 1, 'r', NULL, 'n', 1, '{}', 0)",
            "intents_imports_valid",
        ),
        (
            "INSERT INTO projects (tenant_id, name) VALUES (1, '.octopus')",
            "UNIQUE",
        ),
    ];
    for (sql, law) in cases {
        let error = other.execute_batch(sql).expect_err(sql);
        assert!(error.to_string().contains(law), "{sql}: {error}");
    }
}

#[test]
fn status_and_lookups_show_what_is_there() {
    let (_directory, store) = filled();
    let mut write = store.write(&project()).expect("a transaction");
    write.take("fizz", 3, &[fizz()], TIME).expect("taken");
    write.raise_version(3).expect("a version");
    write.commit().expect("room on the disk");
    let other = ProjectKey::of_tenant("t", "other");
    store.init(&other).expect("a project");
    let status = store.status().expect("readable");
    assert_eq!(status.schema, 3);
    let [ours, theirs] = status.projects.as_slice() else {
        panic!("{status:?}");
    };
    assert_eq!((&ours.project, ours.version), (&project(), 3));
    assert_eq!(ours.documents, BTreeMap::from([("buzz".to_owned(), 2)]));
    assert_eq!(ours.imports.len(), 1);
    assert_eq!(ours.intents, []);
    assert_eq!((&theirs.project, theirs.version), (&other, 0));

    let scopes = [Scope::Tenant("t".to_owned()), Scope::Project(other)];
    for scope in &scopes {
        let value = json!(scope.to_string());
        store
            .put_lookup(scope, "names", "x", &value)
            .expect("a lookup");
        let [entry] = &store.lookups(scope).expect("readable")[..] else {
            panic!("one entry");
        };
        assert_eq!((entry.table.as_str(), entry.key.as_str()), ("names", "x"));
        assert_eq!(entry.value, value);
    }
    let none = store.lookups(&Scope::Project(project())).expect("readable");
    assert_eq!(none, []);
}

#[test]
fn a_kept_reader_sees_its_moment_whatever_happens() {
    let (_directory, store) = filled();
    let mut read = store.read(&project()).expect("readable");
    for n in 0..20 {
        let row = Row::new("buzz", "one", format!("x = {n}").repeat(1000), 2);
        store.put_documents(&project(), &[row]).expect("a row");
    }
    assert_eq!(read.documents("buzz").expect("rows"), buzzes());
}

/// Runs where the tests aren't root's, to whom nothing is read-only.
#[cfg(unix)]
#[test]
fn a_read_only_directory_can_be_read() {
    use std::os::unix::fs::PermissionsExt;
    let (directory, store) = filled();
    let set = |mode| {
        fs::set_permissions(&directory, fs::Permissions::from_mode(mode)).expect("our directory");
    };
    set(0o500);
    if fs::write(directory.path().join("probe"), "").is_ok() {
        crate::support::skipped("this user can write anywhere");
        return;
    }
    let before = bytes(directory.path());
    let read = || store.read(&project())?.documents("buzz");
    assert_eq!(read().expect("readable"), buzzes());
    assert_eq!(bytes(directory.path()), before);
    let write = store.put_documents(&project(), &[fizz()]);
    assert!(
        matches!(write, Err(Error::ReadOnly { .. } | Error::File { .. })),
        "{write:?}"
    );

    set(0o700);
    let writer = store.write(&project()).expect("a transaction");
    set(0o500);
    assert_eq!(read().expect("readable while in use"), buzzes());
    set(0o700);
    drop(writer);

    // What a crash leaves: rows that are only in the -wal, and no -shm.
    let copy = directory.path().join("crashed");
    fs::create_dir(&copy).expect("a directory");
    let keep_open = store.read(&project()).expect("readable");
    store
        .put_documents(&project(), &[Row::new("late", "", "", 1)])
        .expect("a row");
    for name in ["state.db", "state.db-wal"] {
        fs::copy(directory.path().join(name), copy.join(name)).expect("a copy");
    }
    drop(keep_open);
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o500)).expect("our directory");
    let crashed = SqliteStore::with_options(copy.join("state.db"), quick());
    let found = crashed.read(&project()).map(drop);
    assert!(matches!(found, Err(Error::ReadOnly { .. })), "{found:?}");
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o700)).expect("our directory");
    let found = crashed
        .read(&project())
        .expect("readable")
        .documents("late");
    assert_eq!(found.expect("rows").len(), 1);
}
