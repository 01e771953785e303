//! Several nodes with a mirror each, on one database and one remote, some of which are killed.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, sleep};
use std::time::Duration;

use crate::serve::client::Running;
use crate::serve::nodes::{
    FILES, NODES, WRITERS, add_one, expect_each_once, read, unlock, write_through,
};
use crate::support::host::{Host, Protocol};
use crate::support::postgres::postgres;
use crate::support::{Repo, Sandbox};

const COMMITS: usize = 4;

#[test]
fn nodes_of_one_remote_that_are_killed_lose_nothing_and_do_nothing_twice() {
    let Some(server) = postgres() else { return };
    let store = server.database();
    let sandbox = Sandbox::empty();
    sandbox.shell(FILES);
    sandbox.shell("git clone -q --bare . remote.git");
    let remote = Repo::at(&sandbox.path().join("remote.git"));
    let host = Host::new(sandbox.path(), Protocol::Git);
    for words in [&["init"][..], &["put", "buzz", "buzz.ocl"]] {
        let words = [&["--catalog", "newer", "--store", &store, "store"], words].concat();
        assert!(sandbox.command(&words).status.success());
    }
    let url = host.url("remote.git");
    let start = |node: usize| {
        let config = format!("node{node}.hcl");
        let text = format!(
            "project \"default\" {{\n  remote = \"{url}\"\n  mirror = \"node{node}.git\"\n  fetch_every = \"1s\"\n  \
             catalog = \"newer\"\n  store = \"{store}\"\n  writable = true\n}}\n"
        );
        std::fs::write(sandbox.path().join(&config), text).unwrap();
        Running::start(sandbox.path(), &[], &["--config", &config])
    };
    let nodes: Vec<Mutex<Running>> = (0..NODES).map(|node| Mutex::new(start(node))).collect();
    let (unknown, kills) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let is_over = AtomicBool::new(false);
    let log = |revision: &str| {
        let log = remote.git(&["log", "--format=%s", revision]);
        log.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    // What the store has to record of a push that was killed is settled after minutes: so the import comes first.
    add_one(&log, &nodes, "begin", &unknown);
    let commits = thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (nodes, unknown, log) = (&nodes, &unknown, &log);
                scope.spawn(move || write_through(COMMITS, log, nodes, writer, unknown))
            })
            .collect();
        scope.spawn(|| {
            for node in (0..NODES).cycle() {
                sleep(Duration::from_millis(400));
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
                nodes[node].lock().unwrap().kill();
                kills.fetch_add(1, Ordering::Relaxed);
                unlock(&sandbox, &format!("node{node}.git"));
                let again = start(node);
                *nodes[node].lock().unwrap() = again;
            }
        });
        // A writer that fails ends the others' waiting, too.
        let ended: Vec<_> = writers.into_iter().map(|writer| writer.join()).collect();
        is_over.store(true, Ordering::Relaxed);
        let ended: Option<Vec<usize>> = ended.into_iter().map(Result::ok).collect();
        ended.expect("a writer failed").iter().sum::<usize>()
    });
    let (kills, unknown) = (kills.into_inner(), unknown.into_inner());
    assert!(
        kills > 0 && unknown > 0,
        "{kills} kills, {unknown} requests cut off"
    );
    expect_each_once(log("shared"), commits);
    let fresh = "/v1/projects/default/status?ref=shared&fresh";
    let status = nodes[0].lock().unwrap().get(fresh);
    assert_eq!(status.json()["project_version"], 3, "{}", status.text());
    let (_, count) = read(nodes[0].lock().unwrap().address).unwrap();
    assert_eq!(count, commits + 1);
    // What the store held came in once.
    let buzz = [
        "log",
        "--format=%s",
        "--diff-filter=A",
        "shared",
        "--",
        ".config/buzz.ocl",
    ];
    assert_eq!(remote.git(&buzz).lines().count(), 1);
    remote.git(&["fsck", "--strict"]);
}
