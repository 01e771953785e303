//! Every released version of the tables opens.

use std::fs;
use std::path::{Path, PathBuf};

use ocl_migrate::store::{
    Error, Inspect as _, Intent, IntentImport, ProjectKey, Scope, SqliteStore, Store, StoredCatalog,
};
use serde_json::json;

use super::{TIME, buzzes, fizz, project, quick};
use crate::support::scratch;

/// Fills a store with at least one row of everything.
fn fill(store: &SqliteStore) -> Result<(), Error> {
    store.init(&project())?;
    store.init(&ProjectKey::of_tenant("t", "other"))?;
    store.put_documents(&project(), &[fizz()])?;
    store.put_documents(&project(), &buzzes())?;
    store.put_lookup(&Scope::Project(project()), "names", "x", &json!("own"))?;
    store.put_lookup(
        &Scope::Tenant(String::new()),
        "names",
        "y",
        &json!({"a": 1.10}),
    )?;
    let mut write = store.write(&project())?;
    write.take("fizz", 3, &[fizz()], TIME)?;
    write.take("fuzz", 2, &[], TIME)?;
    write.begin_effect("fizz", 3, "move", TIME)?;
    write.record_effect("fizz", 3, "moved", TIME)?;
    write.put_intent(&intent())?;
    write.raise_version(3)?;
    write.commit()?;
    store.put_catalog(&catalog()).map(drop)
}

fn catalog() -> StoredCatalog {
    StoredCatalog {
        digest: "ab".repeat(32),
        version: 4,
        content: "steps".to_owned(),
    }
}

fn check(store: &SqliteStore, schema: u32) -> Result<(), Error> {
    // The first version had no catalogs.
    let catalogs = if schema == 1 { vec![] } else { vec![catalog()] };
    assert_eq!(store.catalogs(1)?, catalogs);
    let mut read = store.read(&project())?;
    assert_eq!(read.version()?, Some(3));
    assert_eq!(read.all_documents()?, buzzes());
    assert_eq!(read.snapshots("fizz", 3)?, Some(vec![fizz()]));
    assert_eq!(read.snapshots("fuzz", 2)?, Some(vec![]));
    assert_eq!(read.snapshots("buzz", 4)?, None);
    assert_eq!(read.recorded_imports()?[1].time, TIME);
    // The first two had no effects.
    let effects = read.effects()?;
    let outcomes: Vec<_> = effects.iter().map(|it| it.outcome.as_deref()).collect();
    assert_eq!(
        outcomes,
        if schema < 3 {
            vec![]
        } else {
            vec![Some("moved")]
        }
    );
    assert_eq!(read.lookup("names", "x")?, Some(json!("own")));
    assert_eq!(
        read.lookup("names", "y")?,
        serde_json::from_str("{\"a\":1.1}").ok()
    );
    let intents: Vec<_> = read
        .intents()?
        .into_iter()
        .map(|(_, intent)| intent)
        .collect();
    assert_eq!(intents, [intent()]);
    assert_eq!(store.projects()?.len(), 2);
    Ok(())
}

fn intent() -> Intent {
    Intent {
        ref_name: "refs/heads/main".to_owned(),
        old: None,
        new: "1".repeat(40),
        target: 4,
        imports: vec![IntentImport {
            kind: "buzz".to_owned(),
            import_version: 4,
            rows: buzzes(),
            hash: "sha256:x".to_owned(),
        }],
        created: TIME,
    }
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/stores")
}

#[test]
fn every_released_store_opens() {
    let directory = scratch::folder();
    let mut versions = 0;
    for entry in fs::read_dir(fixtures()).expect("the fixtures") {
        let fixture = entry.expect("an entry").path();
        if fixture
            .extension()
            .is_none_or(|extension| extension != "db")
        {
            continue;
        }
        versions += 1;
        let name = fixture.file_name().expect("a name");
        let path = directory.path().join(name);
        fs::copy(&fixture, &path).expect("a copy");
        let store = SqliteStore::with_options(&path, quick());
        let schema = store.status().expect("readable").schema;
        assert_eq!(name.to_string_lossy(), format!("v{schema}.db"));
        check(&store, schema).expect("readable as it is");
        let bytes = fs::read(&path).expect("the copy");
        assert_eq!(
            bytes,
            fs::read(&fixture).expect("the fixture"),
            "unchanged by reading"
        );
        store
            .write(&project())
            .expect("writable")
            .commit()
            .expect("brought up to date");
        check(&store, schema).expect("readable up to date");
    }
    let newest = new_store(directory.path())
        .status()
        .expect("readable")
        .schema;
    assert_eq!(versions, newest, "a fixture for each released version");
}

/// Writes the fixture of the newest version, once, when it is released: `cargo test -- --ignored record_release`.
#[test]
#[ignore = "writes a fixture"]
fn record_release() {
    let directory = scratch::folder();
    let store = new_store(directory.path());
    let schema = store.status().expect("readable").schema;
    let fixture = fixtures().join(format!("v{schema}.db"));
    store
        .backup(&fixture, false)
        .expect("a released fixture is never overwritten");
}

#[test]
fn a_newer_store_is_refused_and_left_alone() {
    let directory = scratch::folder();
    let store = new_store(directory.path());
    rusqlite::Connection::open(store.path())
        .and_then(|connection| connection.execute_batch("PRAGMA user_version = 77"))
        .expect("a newer store");
    let before = fs::read(store.path()).expect("the file");
    let results = [
        store.read(&project()).map(drop),
        store.write(&project()).map(drop),
        store.init(&project()).map(drop),
        store.restore(&fixtures().join("v1.db")).map(drop),
        store.backup(&directory.path().join("backup.db"), false),
    ];
    for result in results {
        let error = result.expect_err("a newer store");
        assert!(matches!(error, Error::Newer { found: 77, .. }), "{error:?}");
    }
    assert_eq!(fs::read(store.path()).expect("the file"), before);
}

fn new_store(directory: &Path) -> SqliteStore {
    let store = SqliteStore::with_options(directory.join("state.db"), quick());
    fill(&store).expect("a filled store");
    store
}
