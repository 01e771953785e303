use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use ocl_migrate::store::{Error, Row, SqliteStore, Store};

use super::{buzzes, filled, fizz, project, quick};

#[test]
fn a_backup_is_one_plain_file_and_comes_back() {
    let (directory, store) = filled();
    let to = directory.path().join("backups/one.db");
    store.backup(&to, false).expect("a backup");
    let entries = fs::read_dir(to.parent().expect("a parent")).expect("a directory");
    assert_eq!(entries.count(), 1);
    store
        .put_documents(&project(), &[Row::new("late", "", "", 1)])
        .expect("a row");
    let mut before = store.read(&project()).expect("readable");

    store.restore(&to).expect("restored");
    let rows = [buzzes(), vec![fizz()]].concat();
    let found = store.read(&project()).expect("readable").all_documents();
    assert_eq!(found.expect("rows"), rows);
    let found = before
        .documents("late")
        .expect("a reader from before sees the old");
    assert_eq!(found.len(), 1);
    drop(before);
    store
        .put_documents(&project(), &[Row::new("late", "", "", 1)])
        .expect("writable again");

    let elsewhere = SqliteStore::with_options(directory.path().join("new/state.db"), quick());
    elsewhere.restore(&to).expect("restored where none was");
    let found = elsewhere
        .read(&project())
        .expect("readable")
        .all_documents();
    assert_eq!(found.expect("rows"), rows);
    elsewhere
        .put_documents(&project(), &rows)
        .expect("writable");
}

#[test]
fn a_backup_overwrites_only_when_told() {
    let (directory, store) = filled();
    let to = directory.path().join("backup.db");
    fs::write(&to, "somebody's").expect("a file");
    let refused = |result: Result<(), Error>| {
        assert!(matches!(result, Err(Error::Exists { .. })), "{result:?}");
    };
    refused(store.backup(&to, false));
    assert_eq!(fs::read(&to).expect("the file"), b"somebody's");
    store.backup(&to, true).expect("told so");
    assert!(SqliteStore::new(&to).read(&project()).is_ok());
    refused(store.backup(store.path(), true));
    let in_use = SqliteStore::new(directory.path().join("other.db"));
    in_use.init(&project()).expect("a store");
    let _user = in_use.write(&project()).expect("a user");
    refused(store.backup(in_use.path(), true));
}

#[test]
fn only_stores_are_restored() {
    let (directory, store) = filled();
    let from = directory.path().join("from");
    fs::write(&from, "text ".repeat(1000)).expect("a file");
    let result = store.restore(&from);
    assert!(matches!(result, Err(Error::NotAStore { .. })), "{result:?}");
    let result = store.restore(&directory.path().join("nowhere"));
    assert!(matches!(result, Err(Error::Absent { .. })), "{result:?}");
    let result = store.restore(store.path());
    assert!(matches!(result, Err(Error::Invalid { .. })), "{result:?}");

    let backup = directory.path().join("backup.db");
    store.backup(&backup, false).expect("a backup");
    let broken = rusqlite::Connection::open(&backup).expect("a connection");
    broken
        .execute_batch("PRAGMA foreign_keys = OFF; DELETE FROM projects")
        .expect("rows of no project");
    drop(broken);
    let result = store.restore(&backup);
    assert!(matches!(result, Err(Error::Corrupt { .. })), "{result:?}");
    let found = store.read(&project()).expect("readable").documents("fizz");
    assert_eq!(found.expect("rows"), [fizz()]);
}

/// SQLite would apply a `-wal` to whatever file it finds beside it.
#[test]
fn leftovers_of_another_store_are_never_adopted() {
    let (directory, store) = filled();
    let backup = directory.path().join("backup.db");
    store.backup(&backup, false).expect("a backup");
    let path = directory.path().join("lost.db");
    fs::write(directory.path().join("lost.db-wal"), "frames").expect("a file");
    let lost = SqliteStore::with_options(&path, quick());
    for result in [lost.init(&project()).map(drop), lost.restore(&backup)] {
        assert!(matches!(result, Err(Error::Corrupt { .. })), "{result:?}");
    }
    let result = store.backup(&path, true);
    assert!(matches!(result, Err(Error::Exists { .. })), "{result:?}");
    assert!(!path.exists());
}

#[test]
fn a_restore_waits_for_writers() {
    let (directory, store) = filled();
    let backup = directory.path().join("backup.db");
    store.backup(&backup, false).expect("a backup");
    let write = store.write(&project()).expect("a transaction");
    let result = store.restore(&backup);
    assert!(matches!(result, Err(Error::Locked { .. })), "{result:?}");
    drop(write);
    store.restore(&backup).expect("nobody writes any more");
}

/// Both rows are always written together; no copy may ever see them apart.
#[test]
fn backups_taken_while_others_write_are_one_moment() {
    let (directory, store) = filled();
    let pair = |n: u32| {
        let content = n.to_string().repeat(3000);
        ["one", "two"].map(|slug| Row::new("buzz", slug, content.as_str(), 1))
    };
    store.put_documents(&project(), &pair(0)).expect("rows");
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for n in 1..u32::MAX {
                if done.load(Ordering::SeqCst) {
                    return;
                }
                store.put_documents(&project(), &pair(n)).expect("rows");
            }
        });
        for n in 0..10 {
            let to = directory.path().join(format!("{n}.db"));
            store.backup(&to, false).expect("a backup");
            let rows = SqliteStore::new(to)
                .read(&project())
                .and_then(|mut read| read.documents("buzz"));
            let rows = rows.unwrap_or_default();
            let same = matches!(&rows[..], [one, two] if one.content == two.content);
            // The writer must end before a failure can be told.
            if !same || n == 9 {
                done.store(true, Ordering::SeqCst);
                assert!(same, "{rows:?}");
            }
        }
    });
}
