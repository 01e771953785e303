//! The laws of every store, and what is this one's own.

use std::thread;
use std::time::Duration;

use ocl_migrate::store::{
    Error, Inspect, Options, ProjectKey, Row, Scope, ServerStore, Store, StoredCatalog, conformance,
};
use serde_json::json;

use crate::store_room::{TIME, buzzes, fizz, project, quick};
use crate::support::postgres::{postgres, server_store, sql};

/// A store of its own, in a database of its own.
fn fresh(options: Options) -> Option<(ServerStore, String)> {
    let address = postgres()?.database();
    Some((server_store(&address, options), address))
}

#[test]
fn postgres_keeps_the_laws() {
    let Some(server) = postgres() else { return };
    let database = server.database();
    let new = || -> Box<dyn Store> { Box::new(server_store(&server.schema(&database), quick())) };
    conformance::check(&new).unwrap_or_else(|broken| panic!("{broken}"));
}

/// Operations in any order against a model, as for the other stores: fewer, as each is a round trip.
#[test]
fn any_operations_keep_the_laws_in_postgres() {
    use proptest::prelude::*;
    use proptest::test_runner::{Config, TestRunner};
    let Some(server) = postgres() else { return };
    let database = server.database();
    let config = Config {
        cases: 12,
        failure_persistence: None,
        ..Config::default()
    };
    let operations = prop::collection::vec(super::super::laws::any_operation(), 1..16);
    TestRunner::new(config)
        .run(&operations, |operations| {
            let store = server_store(&server.schema(&database), quick());
            super::super::laws::run(&store, &operations);
            Ok(())
        })
        .unwrap();
}

#[test]
fn tenants_never_see_each_others_rows() {
    let Some((store, _)) = fresh(quick()) else {
        return;
    };
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

#[test]
fn names_are_told_apart_byte_by_byte_and_may_be_as_long_as_they_may() {
    let Some((store, _)) = fresh(quick()) else {
        return;
    };
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

#[test]
fn the_largest_values_come_out_as_they_went_in() {
    let Some((store, _)) = fresh(Options::default()) else {
        return;
    };
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

#[test]
fn the_servers_settings_change_no_answer() {
    let Some((store, address)) = fresh(quick()) else {
        return;
    };
    store.init(&project()).unwrap();
    store.put_documents(&project(), &[fizz()]).unwrap();
    let name = crate::support::postgres::database_name(&address);
    sql(
        &address,
        &format!(
            "ALTER DATABASE {name} SET timezone = 'Asia/Kathmandu';
             ALTER DATABASE {name} SET standard_conforming_strings = off;
             ALTER DATABASE {name} SET bytea_output = 'escape';
             ALTER DATABASE {name} SET datestyle = 'German, DMY';
             ALTER DATABASE {name} SET synchronous_commit = off;
             ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'"
        ),
    );
    let store = server_store(&address, quick());
    let mut write = store.write(&project()).unwrap();
    write.take("fizz", 3, &[fizz()], TIME).unwrap();
    write.commit().unwrap();
    let mut read = store.read(&project()).unwrap();
    assert_eq!(read.snapshots("fizz", 3).unwrap(), Some(vec![fizz()]));
    assert_eq!(store.validate().unwrap(), Vec::<String>::new());
}

/// Both have the row of one project to hold, and one waits: nobody is refused, and nothing happens twice.
#[test]
fn writers_of_one_project_wait_in_any_number() {
    let Some((store, _)) = fresh(Options::default()) else {
        return;
    };
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

#[test]
fn what_is_done_by_all_at_once_is_done_once() {
    let Some((store, address)) = fresh(Options::default()) else {
        return;
    };
    let catalog = StoredCatalog {
        digest: "b".repeat(64),
        version: 7,
        content: "steps".to_owned(),
    };
    let news = thread::scope(|scope| {
        let threads: Vec<_> = (0..12)
            .map(|number| {
                // Each with connections of its own, as processes have them.
                let store = server_store(&address, Options::default());
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

#[test]
fn sixty_four_threads_leave_a_few_connections_behind() {
    let Some((store, address)) = fresh(Options::default()) else {
        return;
    };
    for number in 0..8 {
        store.init(&ProjectKey::new(format!("p{number}"))).unwrap();
    }
    thread::scope(|scope| {
        for number in 0..64 {
            let store = &store;
            scope.spawn(move || {
                let project = ProjectKey::new(format!("p{}", number % 8));
                for _ in 0..10 {
                    // Reading while it writes, as a commit may.
                    let mut read = store.read(&project).unwrap();
                    let mut write = store.write(&project).unwrap();
                    assert!(read.version().unwrap() <= write.version().unwrap());
                    write.raise_version(number + 1).unwrap();
                    write.commit().unwrap();
                }
            });
        }
    });
    let name = crate::support::postgres::database_name(&address);
    let count = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}' AND application_name = 'ocl-migrate'"
    );
    // Closed connections are gone a moment later.
    crate::support::postgres::until("few connections", || {
        sql(&address, &count).parse::<u32>().unwrap() <= 16
    });
    let versions = store.projects().unwrap().into_iter();
    assert!(versions.map(|it| it.version).eq(57..=64));
}

#[test]
fn a_writer_that_waits_too_long_is_told_which_store_is_locked() {
    let Some((store, address)) = fresh(quick()) else {
        return;
    };
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

/// A deadlock that the store is not at fault for, as somebody else's statements take part: tried again, and done.
#[test]
fn a_deadlock_is_tried_again() {
    let Some((store, address)) = fresh(Options::default()) else {
        return;
    };
    store.init(&project()).unwrap();
    store.put_documents(&project(), &[fizz()]).unwrap();
    let mut other = postgres_client(&address);
    other
        .batch_execute(
            "SET deadlock_timeout = '20s'; BEGIN; SELECT 1 FROM oclm_documents FOR UPDATE",
        )
        .unwrap();
    thread::scope(|scope| {
        // Holds the project's row and waits for the document's.
        let writer = scope.spawn(|| store.put_documents(&project(), &[fizz()]));
        crate::support::postgres::until("the writer waits", || {
            sql(
                &address,
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'",
            ) != "0"
        });
        // The other waits for the project's row: the one that waits for longer, the writer, is given up.
        other
            .batch_execute("SELECT 1 FROM oclm_projects FOR UPDATE")
            .unwrap();
        thread::sleep(Duration::from_millis(50));
        other.batch_execute("COMMIT").unwrap();
        writer.join().unwrap().unwrap();
    });
    let found = store.read(&project()).unwrap().all_documents().unwrap();
    assert_eq!(found, [fizz()]);
}

fn postgres_client(address: &str) -> postgres::Client {
    postgres::Client::connect(address, postgres::NoTls).unwrap()
}
