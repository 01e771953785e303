//! Servers that refuse, or are set up otherwise: a clear error, and nothing lost.

use ocl_migrate::store::{Error, Options, ProjectKey, Row, ServerStore, Store};

use crate::store_room::{TIME, fizz, project, quick};
use crate::support::servers::{ClosedPort, DatabaseServer, SmallDisk, database_name, store_at};
use crate::support::until;

pub fn a_wrong_password_is_told_and_never_shown(server: &dyn DatabaseServer) {
    let Some(port) = server.port() else { return };
    let address = server.database();
    server.store(&address, quick()).init(&project()).unwrap();
    let name = database_name(&address);
    let on_tcp = format!("{}://ocl@127.0.0.1:{port}/{name}", server.words().scheme);
    let right = server.password();
    let with = |password: Option<&str>| {
        let store = server.store_with(&on_tcp, password, quick()).unwrap();
        let version = store.read(&project()).and_then(|mut read| read.version());
        (version, format!("{store:?}"))
    };
    let (version, shown) = with(Some(right));
    assert_eq!(version.unwrap(), Some(0));
    assert!(!shown.contains(right), "{shown}");
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

/// Of addresses at which nobody listens; `PORT` stands for such a port.
pub fn a_server_that_is_not_there_is_told_at_once(addresses: &[&str]) {
    let closed = ClosedPort::new();
    let port = closed.number().to_string();
    for address in addresses {
        let store = store_at(&address.replace("PORT", &port), Options::default());
        for result in [
            store.read(&project()).map(drop),
            store.init(&project()).map(drop),
            store.projects().map(drop),
        ] {
            let error = result.unwrap_err();
            assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
            let is_by_port = address.contains("PORT");
            let told = error.to_string();
            assert!(!is_by_port || told.contains("onnection refused"), "{told}");
            assert!(error.unusable().is_none(), "readers don't go on without it");
        }
    }
}

pub fn a_database_that_does_not_exist_or_is_dropped_in_mid_run_is_told(
    server: &dyn DatabaseServer,
) {
    let address = server.database();
    let store = server.store(&address, quick());
    store.init(&project()).unwrap();
    let mut write = store.write(&project()).unwrap();
    server.drop_database(&address);
    let error = write
        .record_snapshot("fizz", 2, &[fizz()], TIME)
        .unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    drop(write);
    let error = store.read(&project()).map(drop).unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    let told = error.to_string();
    assert!(told.contains(server.words().no_database), "{told}");
}

pub fn a_server_without_tls_is_refused_where_it_is_asked_for(server: &dyn DatabaseServer) {
    let Some(port) = server.port() else { return };
    let words = server.words();
    for mode in ["require", "verify-full"] {
        let address = format!(
            "{}://ocl@127.0.0.1:{port}/{}?sslmode={mode}",
            words.scheme, words.database
        );
        let opened = server.store_with(&address, Some(server.password()), quick());
        let error = opened.and_then(|store| store.projects()).unwrap_err();
        let told = error.to_string();
        // A machine without root certificates says so before it connects, where they are the machine's.
        let has_no_roots = words.takes_roots_of_the_system && told.contains("no root certificates");
        assert!(told.contains("sslmode=disable") || has_no_roots, "{told}");
    }
}

/// Of a server with a certificate for 127.0.0.1 that goes back to the one in the file `root`, which is itself. Returns what
/// connecting with other parameters says.
pub fn a_server_with_tls_must_prove_its_name_unless_told_otherwise<'a>(
    server: &'a dyn DatabaseServer,
    port: u16,
    root: &str,
) -> impl Fn(&str, &str) -> Result<(), String> + 'a {
    let words = server.words();
    let connect = move |host: &str, parameters: &str| {
        let address = format!(
            "{}://ocl@{host}:{port}/{}?{parameters}",
            words.scheme, words.database
        );
        let store = server.store_with(&address, Some(server.password()), quick());
        match store.unwrap().projects() {
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
    let missing = format!("{}://h/db?sslrootcert=/nowhere.pem", words.scheme);
    let error = server.store_with(&missing, None, quick()).unwrap_err();
    assert!(error.to_string().contains("/nowhere.pem"), "{error}");
    connect
}

/// Of a store that holds a project with one row, by an address at which nothing can be changed.
pub fn a_server_that_takes_no_changes_reads_and_says_so(store: &ServerStore) {
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

/// `reader` is the address of somebody who may read alone, once `grant` lets them.
pub fn a_user_who_may_not_make_tables_is_told_so_and_one_who_may_only_read_reads(
    server: &dyn DatabaseServer,
    address: &str,
    reader: &str,
    grant: &str,
) {
    let store = server.store(address, quick());
    let theirs = server.store(reader, quick());
    let error = theirs.init(&project()).unwrap_err();
    assert!(matches!(error, Error::Denied { .. }), "{error:?}");
    let told = error.to_string();
    assert!(told.contains(server.words().not_permitted), "{told}");
    store.init(&project()).unwrap();
    store.put_documents(&project(), &[fizz()]).unwrap();
    server.sql(address, grant);
    assert_eq!(
        theirs.read(&project()).unwrap().all_documents().unwrap(),
        [fizz()]
    );
    let error = theirs.put_documents(&project(), &[fizz()]).unwrap_err();
    assert!(matches!(error, Error::Denied { .. }), "{error:?}");
}

/// Of an address whose tables are on a disk of a few megabytes, with rows of a size.
pub fn a_full_disk_is_told_and_what_was_acknowledged_stays(
    server: &dyn DatabaseServer,
    address: &str,
    disk: &SmallDisk,
    size: usize,
) {
    let store = server.store(address, quick());
    store.init(&project()).unwrap();
    let row = |number: u32| {
        let content = format!("text = \"{}\"", "x".repeat(size));
        Row::new("buzz", format!("b{number:04}"), content, 2)
    };
    store.put_documents(&project(), &[row(0)]).unwrap();
    disk.fill();
    // A table may have some room left within.
    let mut there = vec![row(0)];
    let error = (1..2000).find_map(|number| {
        let put = store.put_documents(&project(), &[row(number)]);
        if put.is_ok() {
            there.push(row(number));
        }
        put.err()
    });
    let error = error.expect("the disk is full");
    assert!(matches!(error, Error::Full { .. }), "{error:?}");
    let mut write = store.write(&project()).unwrap();
    let record = |version| write.record_snapshot("buzz", version, &there, TIME).err();
    let error = (3..1000).find_map(record).expect("the disk is full");
    assert!(matches!(error, Error::Full { .. }), "{error:?}");
    drop(write);
    let found = |store: &ServerStore| store.read(&project()).unwrap().all_documents().unwrap();
    assert_eq!(found(&store), there);
    disk.free();
    // A busy server may notice a little later.
    until("there is room again", || {
        store.put_documents(&project(), &[row(2000)]).is_ok()
    });
    there.push(row(2000));
    assert_eq!(found(&store), there);
}
