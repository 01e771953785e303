//! Servers that refuse, or are set up otherwise: a clear error, and nothing lost.

use ocl_migrate::store::{Error, Inspect, Store};

use crate::store_room::servers::refusals;
use crate::store_room::{fizz, project, quick};
use crate::support::mariadb::{mysql_store, own_mariadb};
use crate::support::scratch;
use crate::support::servers::{DatabaseServer, SmallDisk, database_name};

#[test]
fn a_server_that_is_not_there_is_told_at_once() {
    refusals::a_server_that_is_not_there_is_told_at_once(&[
        "mysql://ocl@127.0.0.1:PORT/db",
        "mysql://ocl@localhost/db?socket=/nowhere/s",
    ]);
}

#[test]
fn a_server_with_tls_must_prove_its_name_unless_told_otherwise() {
    let keys = scratch::folder();
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
    let connect =
        refusals::a_server_with_tls_must_prove_its_name_unless_told_otherwise(&server, port, &root);
    let plain = connect("127.0.0.1", "sslmode=disable").unwrap_err();
    assert!(plain.contains("refuses this user"), "{plain}");
    let unknown = connect("127.0.0.1", "sslmode=verify-full").unwrap_err();
    assert!(unknown.contains("sslrootcert=FILE"), "{unknown}");
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
    refusals::a_server_that_takes_no_changes_reads_and_says_so(&store);
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
        drop(server.store(&address, quick()).migrate(None, true).unwrap());
    }
}

#[test]
fn a_full_disk_is_told_and_what_was_acknowledged_stays() {
    let Some(server) = own_mariadb(&[]) else {
        return;
    };
    let address = server.database();
    let data = server.cluster().unwrap().folder().join("data");
    let folder = data.join(database_name(&address));
    let Some(disk) = SmallDisk::mount(&folder, 16, "mysql") else {
        return;
    };
    // With contents of more than a page, MariaDB 10.11 itself ends: that is a crash, which others test.
    refusals::a_full_disk_is_told_and_what_was_acknowledged_stays(&server, &address, &disk, 2_000);
}
