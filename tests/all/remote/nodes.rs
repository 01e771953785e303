//! Several nodes with a mirror each, on one database and one remote, some of which are killed.

use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use crate::serve::client::Running;
use crate::serve::nodes::{FILES, Killing, NODES, add_one, expect_each_once, read};
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
    let log = |revision: &str| {
        let log = remote.git(&["log", "--format=%s", revision]);
        log.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    // What the store has to record of a push that was killed is settled after minutes: so the import comes first.
    add_one(&log, &nodes, "begin", &AtomicUsize::new(0));
    // What a killed node's Git leaves in its mirror is in nobody's way for long.
    let commits = Killing {
        nodes: &nodes,
        log: &log,
        commits: COMMITS,
        pause: Duration::from_millis(400),
        start: &start,
        beside: &|| {},
    }
    .run();
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
