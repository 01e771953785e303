//! What can't be reached from outside: versions of the tables that don't exist yet, and a full disk.

use super::*;
use crate::store::Error;

const V1: &str = include_str!("schema_v1.sql");

/// A version 2 that renames a column, and one that fails half-way.
const TWO: &[Schema] = &[
    Schema {
        version: 1,
        upgrade: V1,
        as_newest: "CREATE TEMP VIEW documents AS
            SELECT project_id, kind, slug, content, shape FROM main.documents;
            CREATE TEMP VIEW projects AS SELECT id, tenant_id, name, version + 100 AS version FROM main.projects",
    },
    Schema {
        version: 2,
        upgrade: "UPDATE projects SET version = version + 100; PRAGMA user_version = 2",
        as_newest: "",
    },
];
const BROKEN: &[Schema] = &[
    Schema {
        version: 1,
        upgrade: V1,
        as_newest: "",
    },
    Schema {
        version: 2,
        upgrade: "PRAGMA user_version = 2; DROP TABLE lookups; INSERT INTO nowhere VALUES (1)",
        as_newest: "",
    },
];

fn store(schemas: &'static [Schema]) -> (tempfile::TempDir, SqliteStore) {
    let directory = tempfile::tempdir().expect("a directory");
    let store = SqliteStore {
        schemas,
        ..SqliteStore::new(directory.path().join("state.db"))
    };
    (directory, store)
}

/// The version of the file's tables.
fn schema_of(store: &SqliteStore) -> u32 {
    let reading = store.pool.reading(&store.place, store.schemas);
    reading.expect("readable").1
}

fn project() -> ProjectKey {
    ProjectKey::new("p")
}

#[test]
fn versions_of_the_tables_have_no_gaps() {
    for (index, schema) in SCHEMAS.iter().enumerate() {
        assert_eq!(usize::try_from(schema.version), Ok(index + 1));
        let is_newest = schema.version == schema::newest(SCHEMAS);
        assert!(
            !is_newest || schema.as_newest.is_empty(),
            "the newest needs no views"
        );
    }
}

#[test]
fn walking_the_versions_ends_where_a_new_file_begins() {
    for steps in [SCHEMAS, TWO] {
        let layout = |store: &SqliteStore| -> Vec<String> {
            assert_eq!(schema_of(store), schema::newest(steps));
            let (connection, _) = store
                .pool
                .reading(&store.place, store.schemas)
                .expect("readable");
            let sql = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name";
            queries::list(&store.place, &connection, sql, [], |row| row.get(0)).expect("the tables")
        };
        let (_directory, fresh) = store(steps);
        fresh.init(&project()).expect("a new store");
        let (_directory, mut walked) = store(&steps[..1]);
        walked.init(&project()).expect("a new store");
        for known in 1..=steps.len() {
            walked.schemas = &steps[..known];
            walked.write(&project()).expect("brought up to date");
            assert_eq!(schema_of(&walked), steps[known - 1].version);
        }
        assert_eq!(layout(&fresh), layout(&walked));
    }
}

#[test]
fn an_older_file_is_read_as_it_is_and_upgraded_by_a_writer() {
    let (_directory, old) = store(&SCHEMAS[..1]);
    old.init(&project()).expect("a new store");
    let newer = SqliteStore {
        schemas: TWO,
        ..old.clone()
    };
    let version = |store: &SqliteStore| store.read(&project())?.version();
    assert_eq!(version(&newer).expect("readable"), Some(100));
    assert_eq!(schema_of(&newer), 1);
    assert_eq!(version(&old).expect("still of its version"), Some(0));

    drop(newer.write(&project()).expect("writable"));
    assert_eq!(version(&newer).expect("readable"), Some(100));
    assert_eq!(schema_of(&newer), 2);
    let refused = version(&old);
    assert!(
        matches!(
            refused,
            Err(Error::Newer {
                found: 2,
                known: 1,
                ..
            })
        ),
        "{refused:?}"
    );
}

#[test]
fn an_upgrade_that_fails_changes_nothing() {
    let (_directory, old) = store(&SCHEMAS[..1]);
    old.init(&project()).expect("a new store");
    let newer = SqliteStore {
        schemas: BROKEN,
        ..old.clone()
    };
    newer.write(&project()).map(drop).expect_err("half a step");
    assert_eq!(schema_of(&old), 1);
    let scope = Scope::Tenant(String::new());
    assert_eq!(old.lookups(&scope).expect("the table is there"), []);
}

#[test]
fn a_full_disk_is_told_and_changes_nothing() {
    let (_directory, store) = store(&SCHEMAS[..1]);
    store.init(&project()).expect("a new store");
    let row = Row::new("kind", "", "x".repeat(1 << 20), 1);
    let (session, project_id) = store
        .session_for_writing(&project())
        .expect("a transaction");
    session
        .connection
        .execute_batch("PRAGMA max_page_count = 40")
        .expect("a small disk");
    let mut write = Box::new(SqliteWrite::new(session, project_id, Options::default()));
    write.raise_version(3).expect("little needs no room");
    let full = write.record_snapshot("kind", 3, std::slice::from_ref(&row), 0);
    assert!(matches!(full, Err(Error::Full { .. })), "{full:?}");
    let next = write.raise_version(4);
    assert!(matches!(next, Err(Error::Aborted)), "{next:?}");
    let commit = write.commit();
    assert!(matches!(commit, Err(Error::Aborted)), "{commit:?}");
    let mut read = store.read(&project()).expect("readable");
    assert_eq!(read.version().expect("a version"), Some(0));
    assert_eq!(read.snapshots("kind", 3).expect("none"), None);
}
