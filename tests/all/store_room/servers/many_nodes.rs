//! Many processes on one server, which is stopped the hard way again and again.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use ocl_migrate::project::{Committed, Loaded, Project, Remedy, StoreOutcome};
use ocl_migrate::store::{Options, ProjectKey, Row, ServerStore, Store};

use crate::support::servers::{DatabaseServer, store_at};
use crate::support::{World, request, store_text};

/// Fizz comes from the server at 3 and changes at 4; Buzz changes at 5.
const CATALOG: &str = "fizz: 3 import, 4 modify; buzz: 5 modify";

const FOLDER: &str = "OCL_MIGRATE_TEST_FOLDER";
const ADDRESS: &str = "OCL_MIGRATE_TEST_ADDRESS";
const NODE: &str = "OCL_MIGRATE_TEST_NODE";
const NODES: &str = "OCL_MIGRATE_TEST_NODES";
const PROJECTS: &str = "OCL_MIGRATE_TEST_PROJECTS";

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
fn add_one(project: &Project, branch: &str, before: impl Fn()) -> Committed {
    for _ in 0..3000 {
        before();
        // The server may be away.
        if let Ok(loaded) = project.load_migrated(branch) {
            let count = count_of(&loaded);
            let mut draft = loaded.edit();
            draft.put("buzz", format!("count = {}", count + 1)).unwrap();
            match draft.commit(request("One more")) {
                Ok(committed) => return committed,
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
    let folder = PathBuf::from(folder);
    let world = World::at(&folder, CATALOG);
    let number = |name| std::env::var(name).unwrap().parse::<u32>().unwrap();
    let (node, nodes, projects) = (number(NODE), number(NODES), number(PROJECTS));
    let store = store_at(&std::env::var(ADDRESS).unwrap(), Options::default());
    let mut acknowledged = std::fs::File::create(acknowledged_by(&folder, node)).unwrap();
    let wait = || {
        while is_to_wait(&folder).exists() {
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    // Each begins elsewhere, and all meet.
    for number in 0..projects {
        let number = (number + node * projects / nodes) % projects;
        let project = project(&world, &store, number);
        for branch in branches(number, node) {
            let committed = add_one(&project, &branch, wait);
            let is_pending = matches!(committed.store, StoreOutcome::Pending { .. });
            let line = format!("{number} {branch} {} {is_pending}\n", committed.commit);
            acknowledged.write_all(line.as_bytes()).unwrap();
        }
    }
}

/// Where a node notes which of its commits were acknowledged.
fn acknowledged_by(folder: &Path, node: u32) -> PathBuf {
    folder.join(format!("acknowledged-{node}"))
}

/// While there is such a file, nodes begin no commit.
fn is_to_wait(folder: &Path) -> PathBuf {
    folder.join("wait")
}

pub fn nodes_on_a_server_that_crashes_lose_nothing_and_do_nothing_twice(
    server: &dyn DatabaseServer,
) {
    let Some(server) = server.own() else { return };
    let nodes = Nodes {
        world: World::without_store(CATALOG),
        address: server.database(),
        nodes: 6,
        projects: 12,
    };
    let mut crashes = 0;
    nodes.lose_nothing(Duration::from_millis(250), || {
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

/// Processes that commit to the same projects of one repository, with the store at an address.
pub struct Nodes {
    world: World,
    address: String,
    nodes: u32,
    projects: u32,
}

/// A commit that was acknowledged to its node.
pub struct Acknowledged {
    project: u32,
    branch: String,
    commit: String,
    /// The store has still to follow.
    is_pending: bool,
}

impl Nodes {
    /// Four of them, and so many projects that imports go on for a while.
    pub fn at(address: String) -> Nodes {
        Nodes {
            world: World::without_store(CATALOG),
            address,
            nodes: 4,
            projects: 24,
        }
    }

    fn store(&self) -> ServerStore {
        store_at(&self.address, Options::default())
    }

    /// Lets them commit, while something happens every now and then.
    pub fn lose_nothing(&self, every: Duration, mut happens: impl FnMut()) {
        let (store, world) = (self.store(), &self.world);
        for number in 0..self.projects {
            store.init(&key(number)).unwrap();
            let row = Row::new("fizz", "", format!("a = {number}"), 3);
            store.put_documents(&key(number), &[row]).unwrap();
            world.branch(&format!("p{number}"), 2, &[("buzz.ocl", "count = 0")]);
            for node in 0..self.nodes {
                let [shared, own] = branches(number, node);
                world.repo.git(&["branch", &own, &shared]);
            }
        }
        let mut nodes: Vec<_> = (0..self.nodes)
            .map(|node| {
                Command::new(std::env::current_exe().unwrap())
                    .args([
                        "--exact",
                        "store_room::servers::many_nodes::one_of_several_nodes",
                        "--nocapture",
                    ])
                    .env(FOLDER, world.path())
                    .env(ADDRESS, &self.address)
                    .env(NODE, node.to_string())
                    .env(NODES, self.nodes.to_string())
                    .env(PROJECTS, self.projects.to_string())
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
        self.assert_all_is_done_once();
    }

    fn assert_all_is_done_once(&self) {
        let (store, world) = (self.store(), &self.world);
        let acknowledged = self.acknowledged();
        self.assert_is_kept(&acknowledged);
        for number in 0..self.projects {
            let project = project(world, &store, number);
            let fizz = format!("a = {number}");
            for node in 0..self.nodes {
                let [shared, own] = branches(number, node);
                for (branch, count) in [(shared, self.nodes), (own, 1)] {
                    let loaded = project.load_migrated(&branch).unwrap();
                    assert_eq!(count_of(&loaded), count, "{branch}");
                    let theirs = acknowledged.iter().filter(|it| it.branch == branch);
                    assert_eq!(theirs.count() as u32, count, "{branch}");
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
            let _ = add_one(&project, &own, || {});
            assert_eq!(
                store_text(&store, &key(number), &world.catalog),
                format!("version 5\nsnapshot 3 fizz in shape 3: {fizz}")
            );
        }
        world.repo.git(&["fsck", "--strict"]);
    }

    /// What they were told so far.
    pub fn acknowledged(&self) -> Vec<Acknowledged> {
        let files = (0..self.nodes).map(|node| acknowledged_by(self.world.path(), node));
        let texts = files.map(|file| std::fs::read_to_string(file).unwrap_or_default());
        let lines: Vec<String> = texts
            .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
            .collect();
        let read = |line: &String| {
            let words: Vec<&str> = line.split(' ').collect();
            Acknowledged {
                project: words[0].parse().unwrap(),
                branch: words[1].to_owned(),
                commit: words[2].to_owned(),
                is_pending: words[3] == "true",
            }
        };
        lines.iter().map(read).collect()
    }

    /// Lets them begin no commit for a moment.
    pub fn while_they_wait(&self, look: impl FnOnce()) {
        let file = is_to_wait(self.world.path());
        std::fs::write(&file, "").unwrap();
        look();
        std::fs::remove_file(&file).unwrap();
    }

    /// What was acknowledged is on its branch, and in the store unless that has still to follow; and what a branch has imported,
    /// the store has taken, or knows from an intent that it has to.
    pub fn assert_is_kept(&self, acknowledged: &[Acknowledged]) {
        let store = self.store();
        for number in 0..self.projects {
            let mut read = store.read(&key(number)).unwrap();
            let taken = read.snapshots("fizz", 3).unwrap();
            let row = Row::new("fizz", "", format!("a = {number}"), 3);
            let in_table = read.documents("fizz").unwrap();
            match &taken {
                Some(rows) => assert_eq!((rows, &in_table), (&vec![row], &vec![]), "p{number}"),
                None => assert_eq!(in_table, [row], "p{number}"),
            }
            let follows = taken.is_some() && read.version().unwrap() == Some(5);
            let intents = read.intents().unwrap();
            let is_intended = |commit: &str| intents.iter().any(|(_, it)| it.new == commit);
            for it in acknowledged.iter().filter(|it| it.project == number) {
                let (branch, commit) = (&it.branch, &it.commit);
                let is_kept = follows || it.is_pending && is_intended(commit);
                assert!(is_kept, "{branch}: the store knows nothing of {commit}");
                let range = format!("{commit}..{branch}");
                let newer = self
                    .world
                    .repo
                    .git(&["rev-list", "--ancestry-path", &range]);
                let tip = self.world.repo.tip(branch).unwrap();
                assert!(&tip == commit || !newer.is_empty(), "{branch}: no {commit}");
            }
            for branch in (0..self.nodes).flat_map(|node| branches(number, node)) {
                let commits = self.world.repo.git(&["rev-list", &branch]);
                let has_imported = commits.lines().count() > 1;
                let is_told = follows || commits.lines().any(is_intended);
                assert!(is_told || !has_imported, "{branch} is ahead of the store");
            }
        }
    }
}
