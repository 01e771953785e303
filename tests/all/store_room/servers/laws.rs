//! What a store keeps in every server's database.

use std::thread;

use ocl_migrate::store::{
    Error, Inspect, Options, ProjectKey, Row, Scope, ServerStore, Store, StoredCatalog, conformance,
};
use serde_json::json;

use crate::store_room::{TIME, buzzes, project, quick};
use crate::support::servers::DatabaseServer;

/// A store of its own.
fn fresh(server: &dyn DatabaseServer, options: Options) -> (ServerStore, String) {
    let address = server.place();
    (server.store(&address, options), address)
}

pub fn the_laws_hold(server: &dyn DatabaseServer) {
    let new = || -> Box<dyn Store> { Box::new(fresh(server, quick()).0) };
    conformance::check(&new).unwrap_or_else(|broken| panic!("{broken}"));
}

/// Operations in any order against a model, as for the other stores: fewer, as each is a round trip.
pub fn any_operations_keep_the_laws(server: &dyn DatabaseServer) {
    use proptest::prelude::*;
    use proptest::test_runner::{Config, TestRunner};
    let config = Config {
        cases: 12,
        failure_persistence: None,
        ..Config::default()
    };
    let operations = prop::collection::vec(super::super::laws::any_operation(), 1..16);
    TestRunner::new(config)
        .run(&operations, |operations| {
            let (store, _) = fresh(server, quick());
            super::super::laws::run(&store, &operations);
            Ok(())
        })
        .unwrap();
}

pub fn a_project_is_renamed_with_all_it_has(server: &dyn DatabaseServer) {
    super::super::renaming::check(&fresh(server, quick()).0);
}

pub fn tenants_never_see_each_others_rows(server: &dyn DatabaseServer) {
    let (store, _) = fresh(server, quick());
    let tenants = ["", "a", "A", "a ", "ä", "a\u{308}"];
    let key = |tenant: &str| ProjectKey::of_tenant(tenant, "p");
    for tenant in tenants {
        assert!(store.init(&key(tenant)).unwrap(), "{tenant:?}");
        let row = Row::new("fizz", "", format!("of {tenant}"), 1);
        store.put_documents(&key(tenant), &[row]).unwrap();
        let value = json!(tenant);
        let scope = Scope::Tenant(tenant.to_owned());
        store.put_lookup(&scope, "names", "who", &value).unwrap();
        let mut write = store.write(&key(tenant)).unwrap();
        let rows = write.documents("fizz").unwrap();
        assert_eq!(rows.len(), 1, "{tenant:?}");
        write.record_snapshot("fizz", 2, &rows, TIME).unwrap();
        write.commit().unwrap();
    }
    for tenant in tenants {
        let content = format!("of {tenant}");
        let mut read = store.read(&key(tenant)).unwrap();
        let contents =
            |rows: Vec<Row>| -> Vec<String> { rows.into_iter().map(|row| row.content).collect() };
        let table = contents(read.all_documents().unwrap());
        assert_eq!(table, std::slice::from_ref(&content));
        let snapshot = read.snapshots("fizz", 2).unwrap().unwrap();
        assert_eq!(contents(snapshot), [content]);
        assert_eq!(read.lookup("names", "who").unwrap(), Some(json!(tenant)));
        let entries = store.lookups(&Scope::Tenant(tenant.to_owned())).unwrap();
        assert_eq!(entries.len(), 1);
    }
    let mut sorted = tenants.map(str::to_owned);
    sorted.sort();
    assert_eq!(store.tenants().unwrap(), sorted, "byte by byte");
}

pub fn names_are_told_apart_byte_by_byte_and_may_be_as_long_as_they_may(
    server: &dyn DatabaseServer,
) {
    let (store, _) = fresh(server, quick());
    store.init(&project()).unwrap();
    let long = |end: &str| format!("{}{end}", "x".repeat(4096 - end.len()));
    let slugs = ["a", "A", "a ", "ä", "a\u{308}", &long("1"), &long("2")];
    let rows = slugs.map(|slug| Row::new("buzz", slug, slug, 1));
    store.put_documents(&project(), &rows).unwrap();
    let mut sorted = rows.to_vec();
    sorted.sort();
    let found = store.read(&project()).unwrap().all_documents().unwrap();
    assert_eq!(found, sorted);
    for row in rows {
        assert!(
            store
                .remove_document(&project(), "buzz", &row.slug)
                .unwrap()
        );
    }
}

pub fn the_largest_values_come_out_as_they_went_in(server: &dyn DatabaseServer) {
    let (store, _) = fresh(server, Options::default());
    store.init(&project()).unwrap();
    let row = Row::new("big", "", "\u{0}\u{e4}x\r\n".repeat(16 << 17), 1);
    assert!(row.content.len() >= 12 << 20);
    store
        .put_documents(&project(), std::slice::from_ref(&row))
        .unwrap();
    let mut write = store.write(&project()).unwrap();
    write
        .take("big", 2, std::slice::from_ref(&row), i64::MIN)
        .unwrap();
    write.raise_version(u32::MAX).unwrap();
    write.commit().unwrap();
    let mut read = store.read(&project()).unwrap();
    assert_eq!(read.snapshots("big", 2).unwrap(), Some(vec![row]));
    assert_eq!(read.recorded_imports().unwrap()[0].time, i64::MIN);
    let text = "x".repeat((1 << 20) - 2);
    let scope = Scope::Project(project());
    store.put_lookup(&scope, "t", "k", &json!(text)).unwrap();
    let catalog = StoredCatalog {
        digest: "a".repeat(64),
        version: 1,
        content: "y".repeat(1 << 20),
    };
    assert!(store.put_catalog(&catalog).unwrap());
    assert_eq!(store.catalogs(1).unwrap(), [catalog]);
}

/// Both have the row of one project to hold, and one waits: nobody is refused, and nothing happens twice.
pub fn writers_of_one_project_wait_in_any_number(server: &dyn DatabaseServer) {
    let (store, _) = fresh(server, Options::default());
    store.init(&project()).unwrap();
    const THREADS: u32 = 24;
    const EACH: u32 = 10;
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..EACH {
                    let mut write = store.write(&project()).unwrap();
                    let version = write.version().unwrap().unwrap();
                    write.raise_version(version + 1).unwrap();
                    write.commit().unwrap();
                }
            });
        }
    });
    let version = store.read(&project()).unwrap().version().unwrap();
    assert_eq!(version, Some(THREADS * EACH));
}

pub fn what_is_done_by_all_at_once_is_done_once(server: &dyn DatabaseServer) {
    let (store, address) = fresh(server, Options::default());
    let catalog = StoredCatalog {
        digest: "b".repeat(64),
        version: 7,
        content: "steps".to_owned(),
    };
    let news = thread::scope(|scope| {
        let threads: Vec<_> = (0..12)
            .map(|number| {
                // Each with connections of its own, as processes have them.
                let store = server.store(&address, Options::default());
                let catalog = &catalog;
                scope.spawn(move || {
                    let is_new = store.init(&project()).unwrap();
                    let of_tenant = ProjectKey::of_tenant("t", format!("p{}", number % 3));
                    store.init(&of_tenant).unwrap();
                    let scope = Scope::Tenant("t".to_owned());
                    store.put_lookup(&scope, "n", "k", &json!(number)).unwrap();
                    let is_first = store.put_catalog(catalog).unwrap();
                    (is_new, is_first)
                })
            })
            .collect();
        let results = threads.into_iter().map(|thread| thread.join().unwrap());
        results.collect::<Vec<_>>()
    });
    assert_eq!(news.iter().filter(|(is_new, _)| *is_new).count(), 1);
    assert_eq!(news.iter().filter(|(_, is_first)| *is_first).count(), 1);
    assert_eq!(store.projects().unwrap().len(), 4);
    assert_eq!(
        store.lookups(&Scope::Tenant("t".to_owned())).unwrap().len(),
        1
    );
    assert_eq!(
        store.server().unwrap().unwrap().history.len(),
        1,
        "installed once"
    );
}

pub fn a_writer_that_waits_too_long_is_told_which_store_is_locked(server: &dyn DatabaseServer) {
    let (store, address) = fresh(server, quick());
    store.init(&project()).unwrap();
    let held = store.write(&project()).unwrap();
    let error = store.write(&project()).map(drop).unwrap_err();
    assert!(
        matches!(&error, Error::Locked { store, .. } if *store == address),
        "{error:?}"
    );
    let error = store.put_documents(&project(), &buzzes()).unwrap_err();
    assert!(matches!(error, Error::Locked { .. }), "{error:?}");
    // Another project's writers don't wait.
    store.init(&ProjectKey::new("other")).unwrap();
    drop(store.write(&ProjectKey::new("other")).unwrap());
    drop(held);
    store.put_documents(&project(), &buzzes()).unwrap();
}
