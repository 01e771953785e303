//! Many processes on one server, which is stopped the hard way again and again.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use ocl_migrate::project::{Loaded, Project, Remedy};
use ocl_migrate::store::{Options, ProjectKey, Row, ServerStore, Store};

use crate::support::servers::{DatabaseServer, store_at};
use crate::support::{World, request, store_text};

/// Fizz comes from the server at 3 and changes at 4; Buzz changes at 5.
const CATALOG: &str = "fizz: 3 import, 4 modify; buzz: 5 modify";

const FOLDER: &str = "OCL_MIGRATE_TEST_FOLDER";
const ADDRESS: &str = "OCL_MIGRATE_TEST_ADDRESS";
const NODE: &str = "OCL_MIGRATE_TEST_NODE";

const NODES: u32 = 6;
const PROJECTS: u32 = 12;

fn key(project: u32) -> ProjectKey {
    ProjectKey::new(format!("p{project}"))
}

/// One branch for all nodes, and one for each.
fn branches(project: u32, node: u32) -> [String; 2] {
    [format!("p{project}"), format!("p{project}-{node}")]
}

fn project(world: &World, store: &ServerStore, number: u32) -> Project {
    world.project_with(|builder| builder.store(Arc::new(store.clone())).key(key(number)))
}

fn count_of(loaded: &Loaded) -> u32 {
    let buzz = loaded.document("buzz").unwrap();
    let text = String::from_utf8(loaded.content(buzz).unwrap().unwrap()).unwrap();
    let count = text
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("count = "));
    count.unwrap().parse().unwrap()
}

/// Adds one to a branch's count, for as long as it takes. Whether it was added is known: a commit that fails has not moved the
/// branch.
fn add_one(project: &Project, branch: &str) {
    for _ in 0..3000 {
        // The server may be away.
        if let Ok(loaded) = project.load_migrated(branch) {
            let count = count_of(&loaded);
            let mut draft = loaded.edit();
            draft.put("buzz", format!("count = {}", count + 1)).unwrap();
            match draft.commit(request("One more")) {
                Ok(_) => return,
                Err(error) => assert_ne!(error.remedy(), Remedy::ReportBug, "{error}"),
            }
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("no commit to {branch} in 3000 attempts");
}

/// Does nothing unless it is started for it.
#[test]
fn one_of_several_nodes() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let world = World::at(&PathBuf::from(folder), CATALOG);
    let node: u32 = std::env::var(NODE).unwrap().parse().unwrap();
    let store = store_at(&std::env::var(ADDRESS).unwrap(), Options::default());
    // Each begins elsewhere, and all meet.
    for number in 0..PROJECTS {
        let number = (number + node * PROJECTS / NODES) % PROJECTS;
        let project = project(&world, &store, number);
        for branch in branches(number, node) {
            add_one(&project, &branch);
        }
    }
}

pub fn nodes_on_a_server_that_crashes_lose_nothing_and_do_nothing_twice(
    server: &dyn DatabaseServer,
) {
    let Some(server) = server.own() else { return };
    let address = server.database();
    let mut crashes = 0;
    nodes_lose_nothing(&address, Duration::from_millis(250), || {
        if crashes < 5 {
            server.crash();
            crashes += 1;
        }
    });
    assert!(
        crashes >= 2,
        "the nodes were done before the server crashed"
    );
}

/// Processes that commit to the same projects at an address, while something happens every now and then.
fn nodes_lose_nothing(address: &str, every: Duration, mut happens: impl FnMut()) {
    let store = store_at(address, Options::default());
    let world = World::without_store(CATALOG);
    for number in 0..PROJECTS {
        store.init(&key(number)).unwrap();
        let row = Row::new("fizz", "", format!("a = {number}"), 3);
        store.put_documents(&key(number), &[row]).unwrap();
        world.branch(&format!("p{number}"), 2, &[("buzz.ocl", "count = 0")]);
        for node in 0..NODES {
            let [shared, own] = branches(number, node);
            world.repo.git(&["branch", &own, &shared]);
        }
    }
    let mut nodes: Vec<_> = (0..NODES)
        .map(|node| {
            Command::new(std::env::current_exe().unwrap())
                .args([
                    "--exact",
                    "store_room::servers::many_nodes::one_of_several_nodes",
                    "--nocapture",
                ])
                .env(FOLDER, world.path())
                .env(ADDRESS, address)
                .env(NODE, node.to_string())
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    while nodes
        .iter_mut()
        .any(|node| node.try_wait().unwrap().is_none())
    {
        std::thread::sleep(every);
        happens();
    }
    for node in nodes {
        let output = node.wait_with_output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{error}");
    }
    for number in 0..PROJECTS {
        let project = project(&world, &store, number);
        let fizz = format!("a = {number}");
        for node in 0..NODES {
            let [shared, own] = branches(number, node);
            for (branch, count) in [(shared, NODES), (own, 1)] {
                let loaded = project.load_migrated(&branch).unwrap();
                assert_eq!(count_of(&loaded), count, "{branch}");
                let files = world.repo.files(&branch);
                assert_eq!(
                    files[".octopus/fizz.ocl"],
                    format!("{fizz}\nv4 = true"),
                    "{branch}"
                );
            }
        }
        // An intent may have been left by the last crash; the next writer settles it.
        let [_, own] = branches(number, 0);
        add_one(&project, &own);
        assert_eq!(
            store_text(&store, &key(number), &world.catalog),
            format!("version 5\nsnapshot 3 fizz in shape 3: {fizz}")
        );
    }
    world.repo.git(&["fsck", "--strict"]);
}
