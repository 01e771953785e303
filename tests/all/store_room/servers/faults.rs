//! Connections that break off at every place, and servers that stop: nothing is lost.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use ocl_migrate::project::{CommitPoint, Remedy, StoreOutcome};
use ocl_migrate::store::{Error, Options, ServerStore, Store, WriteTransaction};

use crate::store_room::{TIME, buzzes, project, quick};
use crate::support::servers::DatabaseServer;
use crate::support::{World, explain, next_writer, request, store_text};

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
    println!("{what}");
    let (committed, _) = next_writer(&project);
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

pub fn a_connection_killed_at_every_step_of_a_commit_loses_nothing(
    server: &'static dyn DatabaseServer,
) {
    for point in CommitPoint::ALL {
        let address = server.database();
        let store = server.store(&address, Options::default());
        let world = world(&store);
        let cut = address.clone();
        let project = world.project_with(|builder| {
            builder
                .store(Arc::new(server.store(&address, Options::default())))
                .commit_hook(Arc::new(move |at| {
                    if at == point {
                        server.cut_off(&cut);
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
pub struct Proxy {
    /// How many messages have come from clients.
    pub seen: Arc<AtomicUsize>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cut {
    Never,
    /// The server never gets the message of this number.
    Before(usize),
    /// The server gets it, and its answer gets lost.
    After(usize),
}

impl Proxy {
    /// The proxy, and the store at an address through it. None where the server isn't this process's own.
    pub fn start(
        server: &dyn DatabaseServer,
        address: &str,
        cut: Cut,
    ) -> Option<(Proxy, ServerStore)> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (socket, through) = server.behind(address, port)?;
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
        Some((Proxy { seen }, server.store(&through, Options::default())))
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

pub fn a_connection_cut_at_every_message_of_a_commit_loses_nothing(server: &dyn DatabaseServer) {
    let run = |cut: Cut| {
        let address = server.place();
        let store = server.store(&address, Options::default());
        let world = world(&store);
        let (proxy, proxied) = Proxy::start(server, &address, cut)?;
        let outcome = commit_to_one(&world, proxied, &format!("{cut:?}"));
        assert_nothing_is_lost(&world, &store, &format!("{cut:?}"));
        Some((proxy.seen.load(Ordering::SeqCst), outcome))
    };
    let Some((messages, whole)) = run(Cut::Never) else {
        return;
    };
    assert!(
        matches!(whole, Some(StoreOutcome::Followed(_))),
        "{whole:?}"
    );
    assert!(messages > 20, "{messages} messages are no commit");
    let (failed, pending) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let next = AtomicUsize::new(0);
    // Mostly they wait: for locks, and for what the other side does when nobody answers.
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    let cut = match number % 2 {
                        0 => Cut::Before(number / 2),
                        _ => Cut::After(number / 2),
                    };
                    if number / 2 >= messages {
                        break;
                    }
                    match run(cut).and_then(|(_, outcome)| outcome) {
                        None => failed.fetch_add(1, Ordering::SeqCst),
                        Some(StoreOutcome::Pending { .. }) => {
                            pending.fetch_add(1, Ordering::SeqCst)
                        }
                        Some(_) => 0,
                    };
                }
            });
        }
    });
    let (failed, pending) = (failed.into_inner(), pending.into_inner());
    assert!(failed > 20, "only {failed} failed");
    assert!(
        pending >= 2,
        "COMMIT not sent, and its answer lost: {pending}"
    );
}

pub fn an_answer_to_commit_that_gets_lost_is_an_unknown_outcome(server: &dyn DatabaseServer) {
    let address = server.database();
    let store = server.store(&address, quick());
    store.init(&project()).unwrap();
    let raise = |proxied: &ServerStore| {
        let mut write: Box<dyn WriteTransaction> = proxied.write(&project()).unwrap();
        write.raise_version(7).unwrap();
        write.commit()
    };
    let Some((counting, proxied)) = Proxy::start(server, &address, Cut::Never) else {
        return;
    };
    let through = |cut| Proxy::start(server, &address, cut).unwrap().1;
    raise(&proxied).unwrap();
    // The last message is COMMIT; a new proxy counts from 0.
    let commit = counting.seen.load(Ordering::SeqCst) - 1;
    server.sql(&address, "UPDATE oclm_projects SET version = 0");
    let error = raise(&through(Cut::After(commit))).unwrap_err();
    assert!(matches!(error, Error::OutcomeUnknown { .. }), "{error:?}");
    assert_eq!(Remedy::of_store(&error), Remedy::CheckOutcome);
    let version = || store.read(&project()).unwrap().version().unwrap();
    assert_eq!(version(), Some(7), "it was done");
    server.sql(&address, "UPDATE oclm_projects SET version = 0");
    let error = raise(&through(Cut::Before(commit))).unwrap_err();
    assert!(matches!(error, Error::OutcomeUnknown { .. }), "{error:?}");
    assert_eq!(version(), Some(0), "it was not done");
}

pub fn kept_connections_that_were_cut_off_are_replaced(server: &dyn DatabaseServer) {
    let address = server.database();
    let store = server.store(&address, quick());
    store.init(&project()).unwrap();
    for _ in 0..3 {
        // Several are kept.
        let reads: Vec<_> = (0..4).map(|_| store.read(&project()).unwrap()).collect();
        drop(reads);
        server.cut_off(&address);
        store.put_documents(&project(), &buzzes()).unwrap();
        assert_eq!(
            store.read(&project()).unwrap().all_documents().unwrap(),
            buzzes()
        );
    }
    // In the middle of a transaction it is an error, and the next one works.
    let mut write = store.write(&project()).unwrap();
    server.cut_off(&address);
    let error = write.take("buzz", 3, &buzzes(), TIME).unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    assert!(matches!(write.raise_version(9), Err(Error::Aborted)));
    assert!(matches!(write.commit(), Err(Error::Aborted)));
    assert_eq!(
        store.write(&project()).unwrap().all_documents().unwrap(),
        buzzes()
    );
}

pub fn a_server_stopped_the_hard_way_in_the_middle_of_commits_loses_nothing(
    server: &dyn DatabaseServer,
) {
    let Some(server) = server.own() else { return };
    for point in [
        CommitPoint::FirstBegun,
        CommitPoint::FirstCommitted,
        CommitPoint::RowsTaken,
        CommitPoint::RefMoved,
        CommitPoint::SecondCommitted,
    ] {
        let address = server.database();
        let store = server.store(&address, Options::default());
        let world = world(&store);
        thread::scope(|scope| {
            let server = &server;
            let (reached, crash) = std::sync::mpsc::channel();
            let (crashed, go_on) = std::sync::mpsc::channel::<()>();
            let go_on = std::sync::Mutex::new(go_on);
            scope.spawn(move || {
                if crash.recv().is_ok() {
                    server.crash();
                    let _ = crashed.send(());
                }
            });
            let project = world.project_with(|builder| {
                builder
                    .store(Arc::new(server.store(&address, Options::default())))
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
