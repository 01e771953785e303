//! A server and its standby, which has what the server commits before the commit is acknowledged.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ocl_migrate::store::{Options, ProjectKey, Row, Store};

use crate::store_room::servers::many_nodes::Nodes;
use crate::store_room::servers::refusals;
use crate::store_room::{fizz, project, quick};
use crate::support::postgres::{own_postgres, server_store};
use crate::support::servers::database_name;
use crate::support::until;

#[test]
fn a_standby_reads_and_says_that_it_takes_no_changes() {
    let Some(server) = own_postgres() else { return };
    let Some(standby) = server.standby() else {
        return;
    };
    let address = server.database();
    let store = server_store(&address, Options::default());
    store.init(&project()).unwrap();
    store.put_documents(&project(), &[fizz()]).unwrap();
    let theirs = standby.address(database_name(&address));
    let theirs = server_store(&theirs, quick());
    // It has it, and shows it a moment later.
    until("the standby shows the row", || {
        let read = theirs.read(&project());
        read.is_ok_and(|mut read| read.all_documents().unwrap() == [fizz()])
    });
    refusals::a_server_that_takes_no_changes_reads_and_says_so(&theirs);
    // Who names both finds the one that takes changes.
    for both in [server.or(&standby, &address), standby.or(&server, &address)] {
        let store = server_store(&both, Options::default());
        store.put_documents(&project(), &[fizz()]).unwrap();
    }
}

#[test]
fn what_was_acknowledged_is_there_when_the_server_dies_and_its_standby_is_promoted() {
    let Some(server) = own_postgres() else { return };
    let Some(standby) = server.standby() else {
        return;
    };
    let database = server.database();
    let both = server.or(&standby, &database);
    let key = |writer: usize| ProjectKey::new(format!("p{writer}"));
    let row = |number: u32| Row::new("buzz", format!("b{number:05}"), "x = 1", 2);
    let store = server_store(&both, Options::default());
    for writer in 0..8 {
        store.init(&key(writer)).unwrap();
    }
    let (is_promoted, is_over) = (AtomicBool::new(false), AtomicBool::new(false));
    let began = Instant::now();
    // How many were acknowledged to each writer, and how many of those were begun after the promotion.
    let counts: [[AtomicUsize; 2]; 8] = Default::default();
    let all_have = |at: usize| {
        until("each writer was answered", || {
            let mut counts = counts.iter();
            counts.all(|count| count[at].load(Ordering::SeqCst) > 0)
        });
    };
    let acknowledged: Vec<Vec<Row>> = thread::scope(|scope| {
        let writers: Vec<_> = (0..8)
            .map(|writer| {
                let (is_promoted, is_over) = (&is_promoted, &is_over);
                let count = &counts[writer];
                let store = server_store(&both, Options::default());
                scope.spawn(move || {
                    let mut acknowledged = Vec::new();
                    for number in 0.. {
                        // Where the test has failed, nobody says so.
                        if is_over.load(Ordering::SeqCst) || began.elapsed().as_secs() > 180 {
                            break;
                        }
                        let begun_later = is_promoted.load(Ordering::SeqCst);
                        if store.put_documents(&key(writer), &[row(number)]).is_ok() {
                            acknowledged.push(row(number));
                            count[usize::from(begun_later)].fetch_add(1, Ordering::SeqCst);
                        }
                    }
                    acknowledged
                })
            })
            .collect();
        all_have(0);
        let cluster = server.cluster().unwrap();
        cluster.control(&["-m", "immediate", "stop"]);
        standby.cluster().unwrap().control(&["-w", "promote"]);
        is_promoted.store(true, Ordering::SeqCst);
        all_have(1);
        is_over.store(true, Ordering::SeqCst);
        writers.into_iter().map(|it| it.join().unwrap()).collect()
    });
    for (writer, acknowledged) in acknowledged.into_iter().enumerate() {
        let found = store.read(&key(writer)).unwrap().all_documents().unwrap();
        let lost: Vec<&Row> = acknowledged
            .iter()
            .filter(|row| found.binary_search(row).is_err())
            .collect();
        assert!(lost.is_empty(), "of project {writer} are lost: {lost:?}");
    }
}

#[test]
fn nodes_whose_server_is_killed_go_on_with_its_standby_and_lose_nothing() {
    let Some(server) = own_postgres() else { return };
    let Some(standby) = server.standby() else {
        return;
    };
    let nodes = Nodes::at(server.or(&standby, &server.database()));
    let mut before = None;
    nodes.lose_nothing(Duration::from_millis(5), || {
        if before.is_some() || nodes.acknowledged().len() < 20 {
            return;
        }
        server.cluster().unwrap().kill();
        nodes.while_they_wait(|| {
            // Until those that had begun have ended.
            thread::sleep(Duration::from_millis(300));
            let acknowledged = nodes.acknowledged();
            standby.cluster().unwrap().control(&["-w", "promote"]);
            nodes.assert_is_kept(&acknowledged);
            before = Some(acknowledged.len());
        });
    });
    let (before, all) = (before.expect("it was killed"), nodes.acknowledged().len());
    assert!(before + 20 < all, "{before} of {all} came before");
}
