//! Servers that refuse, or are set up otherwise: a clear error, and nothing lost.

use std::net::TcpListener;

use ocl_migrate::store::{Error, Inspect, MysqlAddress, Options, ProjectKey, ServerStore, Store};

use crate::store_room::{TIME, fizz, project, quick};
use crate::support::mariadb::{PASSWORD, mariadb, mysql_store, own_mariadb};
use crate::support::servers::{DatabaseServer, database_name};

#[test]
fn a_wrong_password_is_told_and_never_shown() {
    let Some(server) = mariadb() else { return };
    let Some(cluster) = server.cluster() else {
        return;
    };
    let address = server.database();
    server.store(&address, quick()).init(&project()).unwrap();
    let (name, port) = (database_name(&address), cluster.port());
    let on_tcp = format!("mysql://ocl@127.0.0.1:{port}/{name}");
    let with = |password: Option<&str>| {
        let address = MysqlAddress::parse(&on_tcp).unwrap();
        let address = match password {
            Some(password) => address.password(password),
            None => address,
        };
        let store = ServerStore::mysql(address, quick()).unwrap();
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
    for address in [
        format!("mysql://ocl@127.0.0.1:{port}/db"),
        "mysql://ocl@localhost/db?socket=/nowhere/s".to_owned(),
    ] {
        let store = mysql_store(&address, Options::default());
        for result in [
            store.read(&project()).map(drop),
            store.init(&project()).map(drop),
            store.projects().map(drop),
        ] {
            let error = result.unwrap_err();
            assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
            assert!(error.unusable().is_none(), "readers don't go on without it");
        }
    }
}

#[test]
fn a_database_that_does_not_exist_or_is_dropped_in_mid_run_is_told() {
    let Some(server) = mariadb() else { return };
    let address = server.database();
    let store = server.store(&address, quick());
    store.init(&project()).unwrap();
    let name = database_name(&address);
    let mut write = store.write(&project()).unwrap();
    // DROP waits for who reads or writes; they are cut off first.
    server.cut_off(&address);
    server.run(&format!("DROP DATABASE {name}"));
    let error = write
        .record_snapshot("fizz", 2, &[fizz()], TIME)
        .unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    drop(write);
    let error = store.read(&project()).map(drop).unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    assert!(error.to_string().contains("Unknown database"), "{error}");
}

#[test]
fn a_server_without_tls_is_refused_where_it_is_asked_for() {
    let Some(server) = mariadb() else { return };
    let Some(cluster) = server.cluster() else {
        return;
    };
    let port = cluster.port();
    for mode in ["require", "verify-full"] {
        let address = format!("mysql://ocl@127.0.0.1:{port}/mysql?sslmode={mode}");
        let address = MysqlAddress::parse(&address).unwrap().password(PASSWORD);
        let store = ServerStore::mysql(address, quick()).unwrap();
        let told = store.projects().unwrap_err().to_string();
        assert!(told.contains("sslmode=disable"), "{told}");
    }
}

#[test]
fn a_server_with_tls_must_prove_its_name_unless_told_otherwise() {
    let keys = tempfile::tempdir().unwrap();
    let made = std::process::Command::new("sh")
        .args([
            "-c",
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out root.pem \
               -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE &&
             chmod 755 . && chmod 644 key.pem",
        ])
        .current_dir(&keys)
        .output()
        .unwrap();
    if !made.status.success() {
        return crate::support::skipped("no certificate can be made here");
    }
    let root = keys.path().join("root.pem").display().to_string();
    let key = keys.path().join("key.pem").display().to_string();
    let Some(server) = own_mariadb(&[&format!("--ssl-cert={root}"), &format!("--ssl-key={key}")])
    else {
        return;
    };
    let Some(cluster) = server.cluster() else {
        return;
    };
    let port = cluster.port();
    server.run("ALTER USER ocl@'%' REQUIRE SSL");
    let connect = |host: &str, parameters: &str| {
        let address = format!("mysql://ocl@{host}:{port}/mysql?{parameters}");
        let address = MysqlAddress::parse(&address).unwrap().password(PASSWORD);
        let store = ServerStore::mysql(address, quick()).unwrap();
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
    let plain = connect("127.0.0.1", "sslmode=disable").unwrap_err();
    assert!(plain.contains("refuses this user"), "{plain}");
    let unknown = connect("127.0.0.1", "sslmode=verify-full").unwrap_err();
    assert!(unknown.contains("sslrootcert=FILE"), "{unknown}");
    let other_name = connect("localhost", &format!("sslrootcert={root}")).unwrap_err();
    assert!(other_name.contains("certificate"), "{other_name}");
    let missing = MysqlAddress::parse("mysql://h/db?sslrootcert=/nowhere.pem").unwrap();
    let error = ServerStore::mysql(missing, quick()).unwrap_err();
    assert!(error.to_string().contains("/nowhere.pem"), "{error}");
}

/// A replica takes changes from those alone who may change it.
#[test]
fn a_server_that_takes_no_changes_reads_and_says_so() {
    let Some(server) = own_mariadb(&[]) else {
        return;
    };
    let address = server.database();
    let owner = server.store(&address, quick());
    owner.init(&project()).unwrap();
    owner.put_documents(&project(), &[fizz()]).unwrap();
    let name = database_name(&address);
    server.run(&format!(
        "CREATE USER plain@localhost; GRANT ALL ON {name}.* TO plain@localhost; SET GLOBAL read_only = ON"
    ));
    let store = mysql_store(&address.replacen("root@", "plain@", 1), quick());
    assert_eq!(
        store.read(&project()).unwrap().all_documents().unwrap(),
        [fizz()]
    );
    for result in [
        store.write(&project()).map(drop),
        store.put_documents(&project(), &[fizz()]),
        store.init(&ProjectKey::new("other")).map(drop),
    ] {
        let error = result.unwrap_err();
        assert!(matches!(error, Error::ReadOnly { .. }), "{error:?}");
    }
}

#[test]
fn a_server_that_would_lose_something_is_refused_with_what_to_set() {
    let Some(server) = own_mariadb(&[]) else {
        return;
    };
    let address = server.database();
    for (change, told) in [
        (
            "SET GLOBAL max_allowed_packet = 16777216",
            "SET GLOBAL max_allowed_packet = 67108864",
        ),
        (
            "SET GLOBAL max_allowed_packet = 67108864; SET GLOBAL innodb_flush_log_at_trx_commit = 0",
            "SET GLOBAL innodb_flush_log_at_trx_commit = 1",
        ),
    ] {
        server.run(change);
        let error = server
            .store(&address, quick())
            .init(&project())
            .unwrap_err();
        assert!(matches!(error, Error::Unsupported { .. }), "{error:?}");
        assert!(error.to_string().contains(told), "{error}");
        // What it says to do helps.
        server.run(told);
        drop(server.store(&address, quick()).migrate(true).unwrap());
    }
}

/// A cluster of one node, which is what one is told from: the setting is the same in every node.
#[test]
fn a_node_of_a_galera_cluster_is_refused_unless_it_is_the_only_one_that_writes() {
    let provider = [
        "/usr/lib/galera/libgalera_smm.so",
        "/usr/lib64/galera-4/libgalera_smm.so",
    ];
    let Some(provider) = provider
        .into_iter()
        .find(|file| std::path::Path::new(file).exists())
    else {
        return crate::support::skipped("there is no Galera here");
    };
    let Some(server) = own_mariadb(&[
        "--wsrep-on=ON",
        &format!("--wsrep-provider={provider}"),
        "--wsrep-cluster-address=gcomm://",
        "--wsrep-new-cluster",
        "--wsrep-sst-method=skip",
        "--wsrep-provider-options=gmcast.listen_addr=tcp://127.0.0.1:0",
        "--wsrep-node-address=127.0.0.1",
        "--binlog-format=ROW",
        "--innodb-autoinc-lock-mode=2",
    ]) else {
        return;
    };
    let address = server.database();
    let store = server.store(&address, quick());
    for result in [store.init(&project()).map(drop), store.projects().map(drop)] {
        let error = result.unwrap_err();
        assert!(matches!(error, Error::Unsupported { .. }), "{error:?}");
        assert!(error.to_string().contains("?galera=only-writer"), "{error}");
    }
    let told = server.store(&format!("{address}&galera=only-writer"), quick());
    assert!(told.init(&project()).unwrap());
    told.put_documents(&project(), &[fizz()]).unwrap();
    let mut write = told.write(&project()).unwrap();
    write.take("fizz", 3, &[fizz()], TIME).unwrap();
    write.commit().unwrap();
    assert_eq!(server.sql(&address, "SELECT @@wsrep_on"), "1");
}
