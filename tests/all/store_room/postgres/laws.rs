//! What this database's settings, and its locks, do not change.

use std::thread;
use std::time::Duration;

use ocl_migrate::store::{Error, Inspect, Options, ProjectKey, ServerStore, Store};

use crate::store_room::{TIME, fizz, project, quick};
use crate::support::postgres::{postgres, server_store, sql};

/// A store of its own, in a database of its own.
fn fresh(options: Options) -> Option<(ServerStore, String)> {
    let address = postgres()?.database();
    Some((server_store(&address, options), address))
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
    crate::support::until("few connections", || {
        sql(&address, &count).parse::<u32>().unwrap() <= 16
    });
    let versions = store.projects().unwrap().into_iter();
    assert!(versions.map(|it| it.version).eq(57..=64));
}

/// As behind a pooler that gives a client another session than the one before.
#[test]
fn a_session_that_has_forgotten_its_statements_is_told_and_the_next_transaction_goes_on() {
    let Some((store, _)) = fresh(quick()) else {
        return;
    };
    store.init(&project()).unwrap();
    store.put_documents(&project(), &[fizz()]).unwrap();
    let mut write = store.write(&project()).unwrap();
    for _ in 0..2 {
        assert_eq!(write.all_documents().unwrap(), [fizz()]);
    }
    let driver = write.connection().unwrap().unwrap();
    let client = driver.downcast_mut::<postgres::Client>().unwrap();
    client.batch_execute("DEALLOCATE ALL").unwrap();
    let error = write.all_documents().unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    assert!(error.to_string().contains("a pooler between"), "{error}");
    drop(write);
    store.put_documents(&project(), &[fizz()]).unwrap();
    // Before anything has happened, it is begun once more, on another connection.
    let mut write = store.write(&project()).unwrap();
    let driver = write.connection().unwrap().unwrap();
    let client = driver.downcast_mut::<postgres::Client>().unwrap();
    client.batch_execute("DEALLOCATE ALL").unwrap();
    drop(write);
    store.put_documents(&project(), &[fizz()]).unwrap();
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
        crate::support::until("the writer waits", || {
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
