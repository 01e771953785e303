//! Everything of one store into another, of whatever kind.

use std::sync::atomic::{AtomicU32, Ordering};

use ocl_migrate::store::{
    Error, Inspect, Intent, IntentImport, Options, ProjectKey, Row, Scope, SqliteStore, Store,
    StoredCatalog, copy,
};
use serde_json::json;
use tempfile::TempDir;

use super::{TIME, buzzes, fizz, quick};
use crate::support::scratch;

fn keys() -> [ProjectKey; 3] {
    [
        ProjectKey::new("shop"),
        ProjectKey::of_tenant("t", "bar"),
        ProjectKey::of_tenant("t", "shop"),
    ]
}

/// Two tenants and a third one of lookups alone, with all that a store can hold.
fn fill(store: &dyn Store) {
    for (number, key) in (0..).zip(keys()) {
        store.init(&key).unwrap();
        let row = Row::new("fuzz", "", format!("x = {number}\0"), 1);
        store.put_documents(&key, &[row, fizz()]).unwrap();
        let scope = Scope::Project(key.clone());
        let value = serde_json::from_str("12345678901234567890.10").unwrap();
        store.put_lookup(&scope, "names", "ä", &value).unwrap();
        let mut write = store.write(&key).unwrap();
        write.take("fizz", 3, &[fizz()], TIME - 1).unwrap();
        write.record_snapshot("buzz", 4, &buzzes(), TIME).unwrap();
        write.record_snapshot("none", 5, &[], TIME + 1).unwrap();
        for old in [None, Some("0".repeat(40))] {
            let import = IntentImport {
                kind: "buzz".to_owned(),
                import_version: 6,
                rows: buzzes(),
                hash: "h".to_owned(),
            };
            let intent = Intent {
                ref_name: "refs/heads/main".to_owned(),
                old,
                new: "1".repeat(40),
                target: 6,
                imports: vec![import],
                created: TIME,
            };
            write.put_intent(&intent).unwrap();
        }
        write.raise_version(5 + number).unwrap();
        write.commit().unwrap();
    }
    for tenant in ["", "t", "alone"] {
        let scope = Scope::Tenant(tenant.to_owned());
        store
            .put_lookup(&scope, "names", "x", &json!(tenant))
            .unwrap();
    }
    let catalog = StoredCatalog {
        digest: "c".repeat(64),
        version: 6,
        content: "steps".to_owned(),
    };
    store.put_catalog(&catalog).unwrap();
}

/// All of it as text; the numbers of intents differ from store to store.
fn shown(store: &dyn Inspect) -> String {
    let mut text = format!(
        "{:?} {:?}\n",
        store.tenants().unwrap(),
        store.catalogs(0).unwrap()
    );
    for known in store.projects().unwrap() {
        let mut read = store.read(&known.project).unwrap();
        text += &format!("{known:?} {:?}\n", read.all_documents().unwrap());
        for import in read.recorded_imports().unwrap() {
            let rows = read.snapshots(&import.kind, import.import_version).unwrap();
            text += &format!("{import:?} {rows:?}\n");
        }
        for (_, intent) in read.intents().unwrap() {
            text += &format!("{intent:?}\n");
        }
        let scope = Scope::Project(known.project.clone());
        text += &format!("{:?}\n", store.lookups(&scope).unwrap());
    }
    for tenant in store.tenants().unwrap() {
        text += &format!("{:?}\n", store.lookups(&Scope::Tenant(tenant)).unwrap());
    }
    text
}

fn sqlite(folder: &TempDir, name: &str) -> SqliteStore {
    SqliteStore::with_options(folder.path().join(name), quick())
}

#[test]
fn a_copy_holds_all_and_can_be_made_again() {
    let folder = scratch::folder();
    let (from, to) = (sqlite(&folder, "from.db"), sqlite(&folder, "to.db"));
    fill(&from);
    let copied = copy(&from, &to).unwrap();
    assert_eq!((copied.projects, copied.already), (keys().to_vec(), vec![]));
    assert_eq!(shown(&to), shown(&from));
    let again = copy(&from, &to).unwrap();
    assert_eq!((again.projects, again.already), (vec![], keys().to_vec()));
    assert_eq!(shown(&to), shown(&from));
}

#[cfg(unix)]
#[test]
fn a_store_goes_to_a_server_and_back() {
    use crate::support::postgres::{postgres, server_store};
    let Some(server) = postgres() else { return };
    let folder = scratch::folder();
    let (from, back) = (sqlite(&folder, "from.db"), sqlite(&folder, "back.db"));
    fill(&from);
    let middle = server_store(&server.database(), Options::default());
    copy(&from, &middle).unwrap();
    assert_eq!(shown(&middle), shown(&from));
    copy(&middle, &back).unwrap();
    assert_eq!(shown(&back), shown(&from));
}

#[test]
fn an_interrupted_copy_goes_on_where_it_ended() {
    let folder = scratch::folder();
    let from = sqlite(&folder, "from.db");
    fill(&from);
    // The snapshots of the project of this number never arrive.
    for number in 0..3 {
        let path = folder.path().join(format!("to{number}.db"));
        let commits = AtomicU32::new(0);
        let options = quick().on_commit(move || {
            if commits.fetch_add(1, Ordering::SeqCst) == number {
                return Err(Error::Aborted);
            }
            Ok(())
        });
        let interrupted = SqliteStore::with_options(&path, options);
        let error = copy(&from, &interrupted).unwrap_err();
        assert!(matches!(error, Error::Aborted), "{error:?}");
        let to = SqliteStore::with_options(&path, quick());
        let copied = copy(&from, &to).unwrap();
        assert_eq!(copied.already.len(), number as usize);
        assert_eq!(shown(&to), shown(&from));
    }
}

#[test]
fn nothing_that_differs_is_replaced() {
    let folder = scratch::folder();
    let from = sqlite(&folder, "from.db");
    fill(&from);
    let [shop, ..] = keys();
    let mine = Row::new("fuzz", "mine", "x = 9", 1);
    let refused = |name: &str, change: &dyn Fn(&SqliteStore)| {
        let to = sqlite(&folder, name);
        to.init(&shop).unwrap();
        change(&to);
        let error = copy(&from, &to).unwrap_err();
        assert!(matches!(error, Error::CopyDiffers { .. }), "{error:?}");
        (to, error.to_string())
    };
    let (to, row) = refused("row.db", &|to| {
        to.put_documents(&shop, std::slice::from_ref(&mine))
            .unwrap();
    });
    assert!(
        row.contains("project shop: its table has a fuzz/mine"),
        "{row}"
    );
    assert_eq!(
        to.read(&shop).unwrap().all_documents().unwrap(),
        std::slice::from_ref(&mine)
    );
    let (_, version) = refused("version.db", &|to| {
        let mut write = to.write(&shop).unwrap();
        write.raise_version(9).unwrap();
        write.commit().unwrap();
    });
    assert!(
        version.contains("at version 9, and 5 in the source"),
        "{version}"
    );
    let (_, lookup) = refused("lookup.db", &|to| {
        let scope = Scope::Tenant("alone".to_owned());
        to.put_lookup(&scope, "names", "x", &json!("mine")).unwrap();
    });
    assert!(
        lookup.contains("tenant \"alone\": its lookup names \"x\""),
        "{lookup}"
    );
    // Other projects may be there.
    let other = sqlite(&folder, "other.db");
    other.init(&ProjectKey::new("other")).unwrap();
    copy(&from, &other).unwrap();
    assert_eq!(other.projects().unwrap().len(), 4);
    // And what isn't there can't be copied.
    let error = copy(&sqlite(&folder, "absent.db"), &other).unwrap_err();
    assert!(matches!(error, Error::Absent { .. }), "{error:?}");
}
