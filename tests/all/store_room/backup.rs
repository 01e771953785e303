use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use ocl_migrate::store::{Error, Row, SqliteStore, Store};

use super::{buzzes, filled, fizz, project, quick};

#[test]
fn a_backup_is_one_plain_file_and_comes_back() {
    let (directory, store) = filled();
    let to = directory.path().join("backups/one.db");
    let result = store.backup(&to, false);
    assert!(matches!(result, Err(Error::File { .. })), "{result:?}");
    fs::create_dir(to.parent().expect("a parent")).expect("a directory");
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
    // Told or not, a file of somebody else's is never overwritten.
    for overwrite in [false, true] {
        let result = store.backup(&to, overwrite);
        assert!(matches!(result, Err(Error::NotAStore { .. })), "{result:?}");
        assert_eq!(fs::read(&to).expect("the file"), b"somebody's");
    }
    fs::write(&to, "").expect("an empty file");
    refused(store.backup(&to, false));
    for _ in 0..2 {
        store.backup(&to, true).expect("told so");
        assert!(SqliteStore::new(&to).read(&project()).is_ok());
    }
    let result = store.backup(store.path(), true);
    assert!(matches!(result, Err(Error::OwnBackup { .. })), "{result:?}");
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
    assert!(matches!(result, Err(Error::OwnBackup { .. })), "{result:?}");

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
    for result in [
        lost.init(&project()).map(drop),
        lost.restore(&backup).map(drop),
    ] {
        assert!(matches!(result, Err(Error::Corrupt { .. })), "{result:?}");
    }
    let result = store.backup(&path, true);
    assert!(matches!(result, Err(Error::Exists { .. })), "{result:?}");
    assert!(!path.exists());
}

/// Everything that lies beside a file, by the end of its name. (A `-shm` is an index that SQLite makes anew.)
fn beside(path: &Path) -> Vec<(String, Vec<u8>)> {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let entries = fs::read_dir(path.parent().unwrap()).unwrap();
    let mut found: Vec<_> = entries
        .map(|entry| entry.unwrap())
        .filter_map(|entry| {
            let whole = entry.file_name().into_string().unwrap();
            let end = whole.strip_prefix(&name)?.to_owned();
            if end.ends_with("-shm") {
                return None;
            }
            Some((end, fs::read(entry.path()).unwrap()))
        })
        .collect();
    found.sort();
    found
}

/// A store that was in use when its file was damaged: changes wait in its `-wal`, which would fit on the new file.
#[test]
fn what_is_no_store_is_replaced_only_when_told_and_kept_with_its_wal() {
    let (directory, store) = filled();
    let backup = directory.path().join("backup.db");
    store.backup(&backup, false).expect("a backup");
    let rows = [buzzes(), vec![fizz()]].concat();
    for number in 1..3 {
        // In another folder, as a process that died would leave it.
        let used = SqliteStore::with_options(directory.path().join("used.db"), quick());
        let _ = fs::remove_file(used.path());
        used.restore(&backup).expect("a copy");
        let user = rusqlite::Connection::open(used.path()).expect("a connection");
        user.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;
             UPDATE documents SET content = 'late'; DELETE FROM documents WHERE kind = 'fizz'",
        )
        .expect("changes");
        for end in ["", "-wal"] {
            let name = |path: &Path| format!("{}{end}", path.display());
            fs::copy(name(used.path()), name(store.path())).expect("a copy");
        }
        drop(user);
        let mut bytes = fs::read(store.path()).expect("the file");
        bytes[..100].fill(b'x');
        fs::write(store.path(), &bytes).expect("damage");
        let before = beside(store.path());

        let result = store.restore(&backup);
        assert!(matches!(result, Err(Error::NotAStore { .. })), "{result:?}");
        let text = directory.path().join("text");
        fs::write(&text, "no store").expect("a file");
        let result = store.restore_over(&text);
        assert!(matches!(result, Err(Error::NotAStore { .. })), "{result:?}");
        assert_eq!(beside(store.path()), before);

        let kept = store.restore_over(&backup).expect("replaced").kept;
        let kept = kept.expect("something was there");
        assert!(
            kept.ends_with(format!("state.db.replaced-{number}")),
            "{kept:?}"
        );
        assert_eq!(fs::read(&kept).expect("the old file"), bytes);
        let wal = before.iter().find(|(end, _)| end == "-wal").expect("one");
        assert_eq!(
            beside(&kept).iter().find(|(end, _)| end == "-wal"),
            Some(wal)
        );
        for _ in 0..2 {
            let mut read = store.read(&project()).expect("readable");
            assert_eq!(read.all_documents().expect("rows"), rows);
            drop(read);
            store.put_documents(&project(), &rows).expect("writable");
        }
    }
}

#[test]
fn a_lost_file_and_damage_within_are_replaced_too() {
    let (directory, store) = filled();
    let backup = directory.path().join("backup.db");
    store.backup(&backup, false).expect("a backup");
    let rows = [buzzes(), vec![fizz()]].concat();
    let is_back = |store: &SqliteStore| {
        let mut read = store.read(&project()).expect("readable");
        assert_eq!(read.all_documents().expect("rows"), rows);
    };

    let lost = SqliteStore::with_options(directory.path().join("lost.db"), quick());
    fs::write(directory.path().join("lost.db-wal"), "frames").expect("a file");
    let kept = lost.restore_over(&backup).expect("replaced").kept;
    assert_eq!(
        beside(&kept.expect("a name")),
        [("-wal".to_owned(), b"frames".to_vec())]
    );
    is_back(&lost);

    let mut bytes = fs::read(store.path()).expect("the file");
    bytes[4096..].fill(0xAA);
    fs::write(store.path(), bytes).expect("damage");
    assert!(store.read(&project()).is_err());
    let _ = store.restore_over(&backup).expect("restored");
    is_back(&store);
    // A store that can be used is restored into, and what it held is kept too.
    let late = Row::new("late", "", "", 1);
    store.put_documents(&project(), &[late]).expect("a row");
    let kept = store.restore_over(&backup).expect("restored").kept;
    is_back(&store);
    let kept = SqliteStore::with_options(kept.expect("a copy"), quick());
    let mut read = kept.read(&project()).expect("readable");
    assert_eq!(read.documents("late").expect("rows").len(), 1);

    let folder = SqliteStore::new(directory.path());
    let result = folder.restore_over(&backup);
    assert!(matches!(result, Err(Error::NotAStore { .. })), "{result:?}");
    #[cfg(unix)]
    {
        let link = directory.path().join("link.db");
        fs::write(directory.path().join("text"), "no store").expect("a file");
        std::os::unix::fs::symlink("text", &link).expect("a link");
        let linked = SqliteStore::with_options(&link, quick());
        let kept = linked.restore_over(&backup).expect("replaced").kept;
        assert!(kept.expect("a name").ends_with("text.replaced-1"));
        assert!(link.is_symlink());
        is_back(&linked);
    }
}

/// Whatever came into a store after its backup is in the copy beside it, and nothing is kept twice.
#[test]
fn a_restore_over_a_store_that_holds_more_keeps_it() {
    let (directory, store) = filled();
    let backup = directory.path().join("backup.db");
    store.backup(&backup, false).expect("a backup");
    for restored in [store.restore(&backup), store.restore_over(&backup)] {
        let restored = restored.expect("the same");
        assert!(!restored.changed, "{restored:?}");
        assert_eq!(restored.kept, None);
    }
    let is_copy = |(end, _): &(String, Vec<u8>)| end.starts_with(".replaced");
    assert!(!beside(store.path()).iter().any(is_copy));

    let holds_late = |store: &SqliteStore| {
        let mut read = store.read(&project()).expect("readable");
        !read.documents("late").expect("rows").is_empty()
    };
    // The last one holds what the second one does.
    for number in [1, 2, 2] {
        let late = Row::new("late", "", format!("number = {number}\n"), 1);
        store.put_documents(&project(), &[late]).expect("a row");
        let restored = store.restore(&backup).expect("restored");
        assert!(restored.changed);
        assert!(!holds_late(&store));
        let kept = restored.kept.expect("a copy");
        assert!(
            kept.ends_with(format!("state.db.replaced-{number}")),
            "{kept:?}"
        );
        assert!(holds_late(&SqliteStore::with_options(kept, quick())));
    }
    let kept = store.kept().expect("what was kept").into_iter();
    let kept: Vec<_> = kept.flat_map(|kept| kept.files).collect();
    let copies = [1, 2].map(|number| {
        store
            .path()
            .with_file_name(format!("state.db.replaced-{number}"))
    });
    assert_eq!(
        kept,
        copies.map(|copy| fs::canonicalize(copy).expect("a copy"))
    );
    // The row is the same, its text isn't.
    let changed = Row::new("fizz", "", "name = \"Late\"\n", fizz().shape);
    store.put_documents(&project(), &[changed]).expect("a row");
    assert!(store.restore(&backup).expect("restored").kept.is_some());

    let elsewhere = SqliteStore::with_options(directory.path().join("new.db"), quick());
    let restored = elsewhere.restore(&backup).expect("restored");
    assert!(restored.changed);
    assert_eq!(restored.kept, None);
}

/// While others write, each row is in the store, or in a copy of it.
#[test]
fn a_restore_loses_nothing_that_is_written_meanwhile() {
    let (directory, store) = filled();
    let patient = quick().busy_timeout(std::time::Duration::from_secs(60));
    let store = SqliteStore::with_options(store.path(), patient);
    let backup = directory.path().join("backup.db");
    store.backup(&backup, false).expect("a backup");
    let done = AtomicBool::new(false);
    let slugs = |store: &SqliteStore| {
        let rows = store
            .read(&project())
            .and_then(|mut it| it.documents("late"));
        let rows = rows.expect("rows").into_iter();
        rows.map(|row| row.slug).collect::<Vec<String>>()
    };
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut written = Vec::new();
            while !done.load(Ordering::SeqCst) {
                let slug = format!("n{}", written.len());
                let row = Row::new("late", slug.as_str(), "", 1);
                store.put_documents(&project(), &[row]).expect("a row");
                written.push(slug);
            }
            written
        });
        let restored: Vec<_> = (0..10).map(|_| store.restore(&backup)).collect();
        done.store(true, Ordering::SeqCst);
        let written = writer.join().expect("rows");
        let mut found = slugs(&store);
        for restored in restored {
            let kept = restored.expect("restored").kept;
            found.extend(kept.iter().flat_map(|kept| slugs(&SqliteStore::new(kept))));
        }
        for slug in written {
            assert!(found.contains(&slug), "{slug}");
        }
    });
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
