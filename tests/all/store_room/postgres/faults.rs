//! Servers that refuse, or are set up otherwise: a clear error, and nothing lost.

use std::sync::atomic::Ordering;

use ocl_migrate::store::{Error, Store};

use crate::store_room::servers::faults::{Cut, Proxy};
use crate::store_room::servers::refusals;
use crate::store_room::{buzzes, fizz, project, quick};
use crate::support::postgres::{database_name, own_postgres, postgres, server_store, sql};
use crate::support::servers::{DatabaseServer as _, SmallDisk};
use crate::support::until;

#[test]
fn a_connection_in_use_begins_and_locks_in_one_message_and_loses_nothing_at_any() {
    let Some(server) = postgres() else { return };
    let run = |cut: Cut| {
        let address = server.place();
        let store = server_store(&address, quick());
        store.init(&project()).unwrap();
        let (proxy, proxied) = Proxy::start(server, &address, cut)?;
        for _ in 0..3 {
            proxied.put_documents(&project(), &[fizz()]).unwrap();
        }
        let before = proxy.seen.load(Ordering::SeqCst);
        let put = proxied.put_documents(&project(), &buzzes()[..1]);
        let messages = proxy.seen.load(Ordering::SeqCst) - before;
        let found = store.read(&project()).unwrap().all_documents().unwrap();
        Some((before, messages, put, found.contains(&buzzes()[0])))
    };
    let Some((before, messages, put, is_there)) = run(Cut::Never) else {
        return;
    };
    put.unwrap();
    // Begin and lock, remove, insert, commit.
    assert_eq!((messages, is_there), (4, true));
    for number in before..before + messages {
        for cut in [Cut::Before(number), Cut::After(number)] {
            let (_, _, put, is_there) = run(cut).unwrap();
            match (number - before, put) {
                // Nothing had happened yet, so it is done anew.
                (0, Ok(())) => assert!(is_there, "{cut:?}"),
                (1 | 2, Err(Error::Unreachable { .. })) => assert!(!is_there, "{cut:?}"),
                (3, Err(Error::OutcomeUnknown { .. })) => {
                    assert_eq!(is_there, cut == Cut::After(number), "{cut:?}");
                }
                (_, put) => panic!("{cut:?}: {put:?}"),
            }
        }
    }
}

#[test]
fn a_server_that_is_not_there_is_told_at_once() {
    refusals::a_server_that_is_not_there_is_told_at_once(&["postgres://ocl@127.0.0.1:PORT/db"]);
}

#[test]
fn a_server_with_tls_must_prove_its_name_unless_told_otherwise() {
    let Some(server) = own_postgres() else { return };
    let Some(cluster) = server.cluster() else {
        return;
    };
    let folder = cluster.folder();
    let made = std::process::Command::new("sh")
        .args([
            "-c",
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout data/server.key -out data/server.crt \
               -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE &&
             chown --reference=data data/server.key data/server.crt && chmod 600 data/server.key && cp data/server.crt root.pem",
        ])
        .current_dir(folder)
        .output()
        .unwrap();
    if !made.status.success() {
        return crate::support::skipped("no certificate can be made here");
    }
    server.sql("postgres", "ALTER SYSTEM SET ssl = on");
    server.sql("postgres", "SELECT pg_reload_conf()");
    until("TLS is on", || server.sql("postgres", "SHOW ssl") == "on");
    let port = cluster.port();
    let root = folder.join("root.pem").display().to_string();
    drop(
        refusals::a_server_with_tls_must_prove_its_name_unless_told_otherwise(&server, port, &root),
    );
}

#[test]
fn a_server_that_takes_no_changes_reads_and_says_so() {
    let Some(server) = postgres() else { return };
    let address = server.database();
    let store = server_store(&address, quick());
    store.init(&project()).unwrap();
    store.put_documents(&project(), &[fizz()]).unwrap();
    let name = database_name(&address);
    sql(
        &address,
        &format!("ALTER DATABASE {name} SET default_transaction_read_only = on"),
    );
    let store = server_store(&address, quick());
    refusals::a_server_that_takes_no_changes_reads_and_says_so(&store);
}

#[test]
fn too_many_connections_are_waited_for_and_told() {
    let Some(server) = postgres() else { return };
    let address = server.database();
    let owner = server_store(&address, quick());
    owner.init(&project()).unwrap();
    let name = database_name(&address);
    server.sql(
        "postgres",
        &format!(
            "CREATE ROLE few_{name} LOGIN SUPERUSER; ALTER DATABASE {name} CONNECTION LIMIT 1"
        ),
    );
    // The limit isn't the superuser's, so somebody else asks.
    server.sql("postgres", &format!("ALTER ROLE few_{name} NOSUPERUSER"));
    sql(
        &address,
        &format!("GRANT ALL ON ALL TABLES IN SCHEMA public TO few_{name}"),
    );
    let theirs = address.replacen("ocl@", &format!("few_{name}@"), 1);
    let store = server_store(&theirs, quick());
    drop(owner);
    until("the owner's connections are closed", || {
        let count = format!("SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}'");
        server.sql("postgres", &count) == "0"
    });
    let read = store.read(&project()).unwrap();
    let error = store.read(&project()).map(drop).unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    assert!(
        error.to_string().contains("too many connections"),
        "{error}"
    );
    drop(read);
    let _again = store.read(&project()).unwrap();
}

/// The tables alone are there: a server whose own disk is full stops, which is another test's.
#[test]
fn a_full_disk_is_told_and_what_was_acknowledged_stays() {
    let Some(server) = own_postgres() else { return };
    let folder = server.cluster().unwrap().folder().join("small");
    std::fs::create_dir(&folder).unwrap();
    let Some(disk) = SmallDisk::mount(&folder, 16, "postgres") else {
        return;
    };
    let place = folder.display();
    server.sql(
        "postgres",
        &format!("CREATE TABLESPACE small LOCATION '{place}'"),
    );
    let address = server.database();
    let name = database_name(&address);
    server.sql(
        "postgres",
        &format!("ALTER DATABASE {name} SET TABLESPACE small"),
    );
    refusals::a_full_disk_is_told_and_what_was_acknowledged_stays(
        &server, &address, &disk, 200_000,
    );
}
