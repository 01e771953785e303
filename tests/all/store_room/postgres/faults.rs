//! Servers that refuse, or are set up otherwise: a clear error, and nothing lost.

use std::net::TcpListener;

use ocl_migrate::store::{Error, Options, PostgresAddress, ServerStore, Store, WriteTransaction};

use crate::store_room::{TIME, fizz, project, quick};
use crate::support::postgres::{
    PASSWORD, database_name, own_postgres, postgres, server_store, sql, until,
};

#[test]
fn a_wrong_password_is_told_and_never_shown() {
    let Some(server) = postgres() else { return };
    let Some(cluster) = server.cluster() else {
        return;
    };
    let address = server.database();
    server_store(&address, quick()).init(&project()).unwrap();
    let (name, port) = (database_name(&address), cluster.port());
    let on_tcp = format!("postgres://ocl@127.0.0.1:{port}/{name}");
    let with = |password: Option<&str>| {
        let address = PostgresAddress::parse(&on_tcp).unwrap();
        let address = match password {
            Some(password) => address.password(password),
            None => address,
        };
        let store = ServerStore::postgres(address, quick()).unwrap();
        let version = store.read(&project()).and_then(|mut read| read.version());
        (version, format!("{store:?}"))
    };
    let (version, shown) = with(Some(PASSWORD));
    assert_eq!(version.unwrap(), Some(0));
    assert!(!shown.contains(PASSWORD), "{shown}");
    for wrong in [Some("not the right one"), None] {
        let error = with(wrong).0.unwrap_err();
        assert!(matches!(error, Error::Denied { .. }), "{error:?}");
        let shown = format!("{error} {error:?}");
        assert!(
            shown.contains("password") && !shown.contains("right one"),
            "{shown}"
        );
    }
}

#[test]
fn a_server_that_is_not_there_is_told_at_once() {
    // Nobody listens there.
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let address = format!("postgres://ocl@127.0.0.1:{port}/db");
    let store = server_store(&address, Options::default());
    for result in [
        store.read(&project()).map(drop),
        store.init(&project()).map(drop),
        store.projects().map(drop),
    ] {
        let error = result.unwrap_err();
        assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
        assert!(error.to_string().contains("onnection refused"), "{error}");
        assert!(error.unusable().is_none(), "readers don't go on without it");
    }
}

#[test]
fn a_server_without_tls_is_refused_where_it_is_asked_for() {
    let Some(server) = postgres() else { return };
    let Some(cluster) = server.cluster() else {
        return;
    };
    let port = cluster.port();
    for mode in ["require", "verify-full"] {
        let address = format!("postgres://ocl@127.0.0.1:{port}/postgres?sslmode={mode}");
        let address = PostgresAddress::parse(&address).unwrap().password(PASSWORD);
        let opened = ServerStore::postgres(address, quick());
        let error = opened.and_then(|store| store.projects()).unwrap_err();
        // A machine without root certificates says so before it connects.
        let told = error.to_string();
        assert!(
            told.contains("sslmode=disable") || told.contains("no root certificates"),
            "{told}"
        );
    }
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
    let connect = |host: &str, parameters: &str| {
        let address = format!("postgres://ocl@{host}:{port}/postgres?{parameters}");
        let address = PostgresAddress::parse(&address).unwrap().password(PASSWORD);
        let store = ServerStore::postgres(address, quick()).unwrap();
        match store.projects() {
            Err(Error::Absent { .. }) => Ok(()),
            other => Err(other.unwrap_err().to_string()),
        }
    };
    connect("127.0.0.1", "sslmode=require").unwrap();
    connect("127.0.0.1", "").unwrap();
    connect(
        "127.0.0.1",
        &format!("sslmode=verify-full&sslrootcert={root}"),
    )
    .unwrap();
    connect("127.0.0.1", &format!("sslrootcert={root}")).unwrap();
    let other_name = connect("localhost", &format!("sslrootcert={root}")).unwrap_err();
    assert!(other_name.contains("certificate"), "{other_name}");
    let missing = PostgresAddress::parse("postgres://h/db?sslrootcert=/nowhere.pem").unwrap();
    let error = ServerStore::postgres(missing, quick()).unwrap_err();
    assert!(error.to_string().contains("/nowhere.pem"), "{error}");
}

#[test]
fn a_database_that_does_not_exist_or_is_dropped_in_mid_run_is_told() {
    let Some(server) = postgres() else { return };
    let address = server.database();
    let store = server_store(&address, quick());
    store.init(&project()).unwrap();
    let mut write = store.write(&project()).unwrap();
    let name = database_name(&address);
    server.sql("postgres", &format!("DROP DATABASE {name} WITH (FORCE)"));
    let error = write.put_intent_of_nothing().unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    drop(write);
    let error = store.read(&project()).map(drop).unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    assert!(error.to_string().contains("does not exist"), "{error}");
}

/// A statement that reaches the server, whatever the store holds.
trait Touch {
    fn put_intent_of_nothing(&mut self) -> Result<(), Error>;
}

impl Touch for Box<dyn WriteTransaction + '_> {
    fn put_intent_of_nothing(&mut self) -> Result<(), Error> {
        self.record_snapshot("fizz", 2, &[fizz()], TIME).map(drop)
    }
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
    assert_eq!(
        store.read(&project()).unwrap().all_documents().unwrap(),
        [fizz()]
    );
    for result in [
        store.write(&project()).map(drop),
        store.put_documents(&project(), &[fizz()]),
        store
            .init(&ocl_migrate::store::ProjectKey::new("other"))
            .map(drop),
    ] {
        let error = result.unwrap_err();
        assert!(matches!(error, Error::ReadOnly { .. }), "{error:?}");
    }
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
