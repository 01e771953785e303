//! Servers that go away, refuse, or break off, at every place: a clear error, and nothing lost.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use ocl_migrate::project::{CommitPoint, Remedy, StoreOutcome};
use ocl_migrate::store::{Error, Options, PostgresAddress, ServerStore, Store, WriteTransaction};

use crate::store_room::{TIME, buzzes, fizz, project, quick};
use crate::support::postgres::{
    Cluster, PASSWORD, database_name, own_postgres, postgres, server_store, sql, until,
};
use crate::support::{World, explain, request, store_text};

/// Fizz comes from the server at 3 and changes at 4; Buzz changes at 5.
const CATALOG: &str = "fizz: 3 import, 4 modify; buzz: 5 modify";
const DONE: &str = "version 5\nsnapshot 3 fizz in shape 3: a = 1";

/// Two branches that both have still to import, and a store that knows the row.
fn world(store: &ServerStore) -> World {
    let world = World::without_store(CATALOG);
    for branch in ["one", "two"] {
        world.branch(branch, 2, &[("buzz.ocl", "b = 1")]);
    }
    store.init(&world.key()).unwrap();
    let row = ocl_migrate::store::Row::new("fizz", "", "a = 1", 3);
    store.put_documents(&world.key(), &[row]).unwrap();
    world
}

fn text_of(world: &World, store: &ServerStore) -> String {
    store_text(store, &world.key(), &world.catalog)
}

fn fizz_of(world: &World, store: &ServerStore, branch: &str) -> String {
    let project = world.project_with(|builder| builder.store(Arc::new(store.clone())));
    let loaded = project.load_migrated(branch).unwrap();
    let fizz = loaded.document("fizz").unwrap();
    assert!(fizz.error().is_none(), "{}", explain(&loaded));
    String::from_utf8(loaded.content(fizz).unwrap().unwrap()).unwrap()
}

/// After a commit to `one` that something happened to: every branch imports the same, and the next writer finishes the work.
fn assert_nothing_is_lost(world: &World, store: &ServerStore, what: &str) {
    for branch in ["one", "two"] {
        assert_eq!(
            fizz_of(world, store, branch),
            "a = 1\nv4 = true",
            "{what}: {branch}"
        );
    }
    let project = world.project_with(|builder| builder.store(Arc::new(store.clone())));
    let committed = (0..3).find_map(|_| {
        let mut draft = project.load_migrated("two").unwrap().edit();
        draft.put("buzz", "b = 3").unwrap();
        match draft.commit(request("Next")) {
            Ok(committed) => Some(committed),
            Err(error) => {
                assert_eq!(error.remedy(), Remedy::LoadAgain, "{what}: {error}");
                None
            }
        }
    });
    let committed = committed.unwrap_or_else(|| panic!("{what}: three times told to load again"));
    assert!(
        !matches!(committed.store, StoreOutcome::Pending { .. }),
        "{what}"
    );
    assert_eq!(text_of(world, store), DONE, "{what}");
    for branch in ["one", "two"] {
        assert_eq!(
            fizz_of(world, store, branch),
            "a = 1\nv4 = true",
            "{what}: {branch}"
        );
    }
    world.repo.git(&["fsck", "--strict"]);
}

/// Commits to `one`. A commit that fails has not moved the branch, and one that succeeds has.
fn commit_to_one(world: &World, store: ServerStore, what: &str) -> Option<StoreOutcome> {
    let project = world.project_with(|builder| builder.store(Arc::new(store)));
    let committed = project
        .load_migrated("one")
        .map_err(|error| error.to_string())
        .and_then(|loaded| {
            let mut draft = loaded.edit();
            draft.put("buzz", "b = 2").unwrap();
            draft
                .commit(request("One"))
                .map_err(|error| error.to_string())
        });
    let moved = world.repo.files("one").contains_key(".octopus/fizz.ocl");
    assert_eq!(moved, committed.is_ok(), "{what}: {committed:?}");
    committed.ok().map(|committed| committed.store)
}

// ---- Connections that are cut off ----

#[test]
fn a_connection_killed_at_every_step_of_a_commit_loses_nothing() {
    let Some(server) = postgres() else { return };
    for point in CommitPoint::ALL {
        let address = server.database();
        let store = server_store(&address, Options::default());
        let world = world(&store);
        let name = database_name(&address).to_owned();
        let project = world.project_with(|builder| {
            builder
                .store(Arc::new(server_store(&address, Options::default())))
                .commit_hook(Arc::new(move |at| {
                    if at == point {
                        server.sql(
                            "postgres",
                            &format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"),
                        );
                    }
                    Ok(())
                }))
        });
        let mut draft = project.load_migrated("one").unwrap().edit();
        draft.put("buzz", "b = 2").unwrap();
        let committed = draft.commit(request("One"));
        let moved = world.repo.files("one").contains_key(".octopus/fizz.ocl");
        assert_eq!(moved, committed.is_ok(), "{point}: {committed:?}");
        if let Err(error) = &committed {
            assert!(error.to_string().contains("was lost"), "{point}: {error}");
        }
        if point == CommitPoint::RefMoved {
            let store = &committed.as_ref().unwrap().store;
            assert!(matches!(store, StoreOutcome::Pending { .. }), "{store:?}");
        }
        assert_nothing_is_lost(&world, &store, &point.to_string());
    }
}

/// Stands between a client and a server's socket, and cuts the client off at one of the messages that it sends.
struct Proxy {
    port: u16,
    /// How many messages have come from clients.
    seen: Arc<AtomicUsize>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Cut {
    Never,
    /// The server never gets the message of this number.
    Before(usize),
    /// The server gets it, and its answer gets lost.
    After(usize),
}

impl Proxy {
    fn start(cluster: &Cluster, cut: Cut) -> Proxy {
        let socket = cluster
            .folder()
            .join(format!(".s.PGSQL.{}", cluster.port()));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(AtomicUsize::new(0));
        let count = seen.clone();
        // Ends with the process.
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = UnixStream::connect(&socket) else {
                    return;
                };
                let count = count.clone();
                thread::spawn(move || pass_on(client, server, cut, &count));
            }
        });
        Proxy { port, seen }
    }

    fn store(&self, address: &str) -> ServerStore {
        let (_, name) = address.rsplit_once('/').unwrap();
        let mark = if name.contains('?') { '&' } else { '?' };
        let port = self.port;
        let address = format!("postgres://ocl@127.0.0.1:{port}/{name}{mark}sslmode=disable");
        server_store(&address, Options::default())
    }
}

/// The client waits for each answer, so what it sends at once is one message, or begins one.
fn pass_on(mut client: TcpStream, mut server: UnixStream, cut: Cut, count: &AtomicUsize) {
    let (mut to_client, mut from_server) =
        (client.try_clone().unwrap(), server.try_clone().unwrap());
    let is_deaf = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let deaf = is_deaf.clone();
    thread::spawn(move || {
        let mut buffer = [0; 1 << 16];
        while let Ok(length @ 1..) = from_server.read(&mut buffer) {
            if deaf.load(Ordering::SeqCst) || to_client.write_all(&buffer[..length]).is_err() {
                break;
            }
        }
        let _ = to_client.shutdown(std::net::Shutdown::Both);
    });
    let mut buffer = [0; 1 << 16];
    while let Ok(length @ 1..) = client.read(&mut buffer) {
        let number = count.fetch_add(1, Ordering::SeqCst);
        if cut == Cut::Before(number) {
            break;
        }
        if cut == Cut::After(number) {
            is_deaf.store(true, Ordering::SeqCst);
        }
        if server.write_all(&buffer[..length]).is_err() {
            break;
        }
        if cut == Cut::After(number) {
            // Long enough for it to be done.
            thread::sleep(Duration::from_millis(30));
            break;
        }
    }
    let _ = client.shutdown(std::net::Shutdown::Both);
    let _ = server.shutdown(std::net::Shutdown::Both);
}

#[test]
fn a_connection_cut_at_every_message_of_a_commit_loses_nothing() {
    let Some(server) = postgres() else { return };
    let Some(cluster) = server.cluster() else {
        return;
    };
    let database = server.database();
    let run = |cut: Cut| {
        let address = server.schema(&database);
        let store = server_store(&address, Options::default());
        let world = world(&store);
        let proxy = Proxy::start(cluster, cut);
        let outcome = commit_to_one(&world, proxy.store(&address), &format!("{cut:?}"));
        assert_nothing_is_lost(&world, &store, &format!("{cut:?}"));
        (proxy.seen.load(Ordering::SeqCst), outcome)
    };
    let (messages, whole) = run(Cut::Never);
    assert!(
        matches!(whole, Some(StoreOutcome::Followed(_))),
        "{whole:?}"
    );
    assert!(messages > 20, "{messages} messages are no commit");
    let (mut failed, mut pending) = (0, 0);
    for number in 0..messages {
        for cut in [Cut::Before(number), Cut::After(number)] {
            match run(cut).1 {
                None => failed += 1,
                Some(StoreOutcome::Pending { .. }) => pending += 1,
                Some(_) => {}
            }
        }
    }
    assert!(failed > 20, "only {failed} failed");
    assert!(
        pending >= 2,
        "COMMIT not sent, and its answer lost: {pending}"
    );
}

#[test]
fn an_answer_to_commit_that_gets_lost_is_an_unknown_outcome() {
    let Some(server) = postgres() else { return };
    let Some(cluster) = server.cluster() else {
        return;
    };
    let address = server.database();
    let store = server_store(&address, quick());
    store.init(&project()).unwrap();
    let raise = |proxied: &ServerStore| {
        let mut write: Box<dyn WriteTransaction> = proxied.write(&project()).unwrap();
        write.raise_version(7).unwrap();
        write.commit()
    };
    let counting = Proxy::start(cluster, Cut::Never);
    let proxied = counting.store(&address);
    drop(proxied.write(&project()).unwrap());
    raise(&proxied).unwrap();
    // The last message is COMMIT; a new proxy counts from 0, and there is no ROLLBACK of a transaction before.
    let commit = counting.seen.load(Ordering::SeqCst) - 3 - 1;
    sql(&address, "UPDATE oclm_projects SET version = 0");
    let lost = Proxy::start(cluster, Cut::After(commit));
    let error = raise(&lost.store(&address)).unwrap_err();
    assert!(matches!(error, Error::OutcomeUnknown { .. }), "{error:?}");
    assert_eq!(Remedy::of_store(&error), Remedy::CheckOutcome);
    let version = || store.read(&project()).unwrap().version().unwrap();
    assert_eq!(version(), Some(7), "it was done");
    sql(&address, "UPDATE oclm_projects SET version = 0");
    let unsent = Proxy::start(cluster, Cut::Before(commit));
    let error = raise(&unsent.store(&address)).unwrap_err();
    assert!(matches!(error, Error::OutcomeUnknown { .. }), "{error:?}");
    assert_eq!(version(), Some(0), "it was not done");
}

#[test]
fn kept_connections_that_were_cut_off_are_replaced() {
    let Some(server) = postgres() else { return };
    let address = server.database();
    let store = server_store(&address, quick());
    store.init(&project()).unwrap();
    for _ in 0..3 {
        // Several are kept.
        let reads: Vec<_> = (0..4).map(|_| store.read(&project()).unwrap()).collect();
        drop(reads);
        let name = database_name(&address);
        server.sql(
            "postgres",
            &format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
            ),
        );
        store.put_documents(&project(), &buzzes()).unwrap();
        assert_eq!(
            store.read(&project()).unwrap().all_documents().unwrap(),
            buzzes()
        );
    }
    // In the middle of a transaction it is an error, and the next one works.
    let mut write = store.write(&project()).unwrap();
    let name = database_name(&address);
    server.sql(
        "postgres",
        &format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"),
    );
    let error = write.take("buzz", 3, &buzzes(), TIME).unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    assert!(matches!(write.raise_version(9), Err(Error::Aborted)));
    assert!(matches!(write.commit(), Err(Error::Aborted)));
    assert_eq!(
        store.write(&project()).unwrap().all_documents().unwrap(),
        buzzes()
    );
}

// ---- Servers that refuse ----

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

// ---- Servers that stop ----

#[test]
fn a_server_stopped_the_hard_way_in_the_middle_of_commits_loses_nothing() {
    let Some(server) = own_postgres() else { return };
    let Some(cluster) = server.cluster() else {
        return;
    };
    for point in [
        CommitPoint::FirstBegun,
        CommitPoint::FirstCommitted,
        CommitPoint::RowsTaken,
        CommitPoint::RefMoved,
        CommitPoint::SecondCommitted,
    ] {
        let address = server.database();
        let store = server_store(&address, Options::default());
        let world = world(&store);
        thread::scope(|scope| {
            let (reached, crash) = std::sync::mpsc::channel();
            let (crashed, go_on) = std::sync::mpsc::channel::<()>();
            let go_on = std::sync::Mutex::new(go_on);
            scope.spawn(move || {
                if crash.recv().is_ok() {
                    cluster.crash();
                    let _ = crashed.send(());
                }
            });
            let project = world.project_with(|builder| {
                builder
                    .store(Arc::new(server_store(&address, Options::default())))
                    .commit_hook(Arc::new(move |at| {
                        if at == point {
                            let _ = reached.send(());
                            let _ = go_on.lock().unwrap().recv();
                        }
                        Ok(())
                    }))
            });
            let mut draft = project.load_migrated("one").unwrap().edit();
            draft.put("buzz", "b = 2").unwrap();
            let committed = draft.commit(request("One"));
            let moved = world.repo.files("one").contains_key(".octopus/fizz.ocl");
            assert_eq!(moved, committed.is_ok(), "{point}: {committed:?}");
        });
        assert_nothing_is_lost(&world, &store, &point.to_string());
    }
}
