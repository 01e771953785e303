//! Several nodes on one database and one repository: writers through all of them, and nodes that are killed.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::client::{Response, Running, try_ask};
use super::path;
use crate::support::Sandbox;
use crate::support::postgres::postgres;

pub const NODES: usize = 3;
const WRITERS: usize = 6;
const COMMITS: usize = 12;
const LONGEST: Duration = Duration::from_secs(60);

/// The messages of the commits that a revision has.
pub type Log<'l> = &'l (dyn Fn(&str) -> Vec<String> + Sync);

/// A catalog up to 2 and up to 3, and a branch at 1, below the import at 2.
pub const FILES: &str = r#"
set -e
for catalog in older newer; do
  mkdir -p $catalog/0001_color $catalog/0002_import_buzz
  cat > $catalog/catalog.hcl <<'EOF'
catalog "nodes" { base_path = ".config" }
marker {
  path      = "schema_version.ocl"
  attribute = "version"
}
document "fizz" { path = "fizz.ocl" }
document "buzz" { path = "buzz.ocl" }
EOF
  printf 'description = "One"\ndocument = "fizz"\nmodify { rename = { colour = "color" } }\n' > $catalog/0001_color/step.hcl
  printf 'description = "Two"\ndocument = "buzz"\nimport {}\n' > $catalog/0002_import_buzz/step.hcl
done
mkdir newer/0003_hue
printf 'description = "Three"\ndocument = "fizz"\nmodify { rename = { color = "hue" } }\n' > newer/0003_hue/step.hcl
printf 'name = "Buzz"\n' > buzz.ocl
mkdir .config
printf 'version = 1' > .config/schema_version.ocl
printf 'color = "red"\ncount = 0\n' > .config/fizz.ocl
git add .config && git commit -q -m begin && git branch shared
"#;

/// The commit of the branch, and its count.
pub fn read(address: SocketAddr) -> Option<(String, usize)> {
    let shown = try_ask(
        address,
        "GET",
        &path("show?ref=shared&document=fizz"),
        &[],
        "",
    )?;
    if shown.status != 200 {
        expect_passing(&shown);
        return None;
    }
    let shown = shown.json();
    let count = shown["documents"][0]["content"]["count"].to_string();
    let commit = shown["commit"].as_str().unwrap().to_owned();
    Some((commit, count.parse().unwrap()))
}

/// Fails at an answer that no second attempt would mend. A lock that a killed node has left is removed by and by, and
/// so is what its Git may still do in a mirror.
fn expect_passing(response: &Response) {
    let problem = response.json();
    if problem["code"] == "git-locked" || problem["code"] == "git-remote-failed" {
        return;
    }
    let may = ["load_again", "check_outcome"].map(Value::from);
    assert!(may.contains(&problem["remedy"]), "{problem}");
}

/// Adds one to the count, by whichever node answers. Whether that was done is known in the end, though the node may be killed meanwhile.
pub fn add_one(log: Log<'_>, nodes: &[Mutex<Running>], message: &str, unknown: &AtomicUsize) {
    let began = Instant::now();
    let mut is_known = true;
    for attempt in 0.. {
        assert!(began.elapsed() < Duration::from_secs(120), "{message}");
        let node = (message.len() + attempt) % NODES;
        let address = nodes[node].lock().unwrap().address;
        let Some((commit, count)) = read(address) else {
            sleep(Duration::from_millis(20));
            continue;
        };
        // What it did before, if anything, is in what was read, or can't be done any more once this is.
        if !is_known && log(&commit).iter().any(|it| it == message) {
            return;
        }
        let body = json!({
            "ref": "shared", "message": message, "set": [{"address": "fizz count", "value": count + 1}],
        });
        let tag = format!("\"{commit}\"");
        let headers = [("Content-Type", "application/json"), ("If-Match", &*tag)];
        let sent = try_ask(
            address,
            "POST",
            &path("commit"),
            &headers,
            &body.to_string(),
        );
        match sent {
            Some(done) if done.status == 200 => return,
            Some(refused) => {
                is_known &= refused.json()["remedy"] != "check_outcome";
                expect_passing(&refused);
            }
            // The node is dead.
            None => {
                unknown.fetch_add(1, Ordering::Relaxed);
                is_known = false;
            }
        }
    }
}

/// Writers who write through all nodes, while these are killed and started again, one after the other.
pub struct Killing<'k> {
    pub nodes: &'k [Mutex<Running>],
    pub log: Log<'k>,
    /// So many commits each writer makes at least.
    pub commits: usize,
    /// How long all nodes live.
    pub pause: Duration,
    /// Starts one again.
    pub start: &'k (dyn Fn(usize) -> Running + Sync),
    /// What is done all along beside.
    pub beside: &'k (dyn Fn() + Sync),
}

impl Killing<'_> {
    /// Returns how many commits were made. Some node was killed while it answered.
    pub fn run(&self) -> usize {
        let (unknown, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
        let (unknown, is_over) = (&unknown, &is_over);
        let (commits, kills) = thread::scope(|scope| {
            let writers: Vec<_> = (0..WRITERS)
                .map(|writer| {
                    scope.spawn(move || {
                        write_through(self.commits, self.log, self.nodes, writer, unknown)
                    })
                })
                .collect();
            scope.spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    (self.beside)();
                    sleep(Duration::from_millis(25));
                }
            });
            let killer = scope.spawn(move || {
                let mut kills = 0;
                for node in (0..NODES).cycle() {
                    sleep(self.pause);
                    if is_over.load(Ordering::Relaxed) {
                        break;
                    }
                    self.nodes[node].lock().unwrap().kill();
                    kills += 1;
                    let again = (self.start)(node);
                    *self.nodes[node].lock().unwrap() = again;
                }
                kills
            });
            // A writer that fails ends the others' waiting, too.
            let ended: Vec<_> = writers.into_iter().map(|writer| writer.join()).collect();
            is_over.store(true, Ordering::Relaxed);
            let ended: Option<Vec<usize>> = ended.into_iter().map(Result::ok).collect();
            let commits = ended.expect("a writer failed").iter().sum::<usize>();
            (commits, killer.join().unwrap())
        });
        let unknown = unknown.load(Ordering::Relaxed);
        assert!(
            kills > 0 && unknown > 0,
            "{kills} kills, {unknown} requests cut off"
        );
        commits
    }
}

/// Writes so many commits through all nodes, and until one was killed while it answered, and returns how many commits were made.
fn write_through(
    at_least: usize,
    log: Log<'_>,
    nodes: &[Mutex<Running>],
    writer: usize,
    unknown: &AtomicUsize,
) -> usize {
    let began = Instant::now();
    let goes_on = |number| {
        let is_cut_off = unknown.load(Ordering::Relaxed) > 0;
        number < at_least || (!is_cut_off && began.elapsed() < LONGEST)
    };
    let mut number = 0;
    while goes_on(number) {
        add_one(log, nodes, &format!("add {writer}-{number}"), unknown);
        number += 1;
        sleep(Duration::from_millis(30));
    }
    number
}

/// Fails unless each commit was made once.
pub fn expect_each_once(mut subjects: Vec<String>, commits: usize) {
    subjects.retain(|it| it.starts_with("add "));
    assert_eq!(subjects.len(), commits);
    subjects.sort();
    subjects.dedup();
    assert_eq!(subjects.len(), commits, "one was done twice");
}

fn subjects(sandbox: &Sandbox, revision: &str) -> Vec<String> {
    let log = sandbox.shell(&format!("git log --format=%s {revision}"));
    log.lines().map(str::to_owned).collect()
}

/// Removes the ref's lock, where a killed node has left it, as `doctor` says. Those that live hold it for a moment.
fn unlock(sandbox: &Sandbox, repository: &str) {
    let lock = sandbox
        .path()
        .join(repository)
        .join("refs/heads/shared.lock");
    let made = || lock.metadata().and_then(|found| found.modified()).ok();
    let (before, began) = (made(), Instant::now());
    while before.is_some() && made() == before {
        if began.elapsed() < Duration::from_secs(5) {
            sleep(Duration::from_millis(20));
            continue;
        }
        let said = sandbox.run_plain(&["--repo", repository, "--catalog", "newer", "doctor"]);
        assert!(said.contains("shared.lock"), "{said}");
        std::fs::remove_file(&lock).unwrap();
    }
}

#[test]
fn nodes_that_are_killed_lose_nothing_and_do_nothing_twice_while_an_older_one_reads() {
    let Some(server) = postgres() else { return };
    let address = server.database();
    let sandbox = Sandbox::empty();
    sandbox.shell(FILES);
    let run = |words: &[&str]| {
        let words = [&["--catalog", "newer", "--store", &address], words].concat();
        let said = sandbox.run_plain(&words);
        assert!(said.ends_with("exit 0"), "{said}");
        said
    };
    // The older release, as its project was before the newer one.
    let with_older = ["--catalog", "older", "--store", &address];
    let init = [&with_older[..], &["store", "init"]].concat();
    assert!(sandbox.command(&init).status.success());
    let put = [&with_older[..], &["store", "put", "buzz", "buzz.ocl"]].concat();
    assert!(sandbox.command(&put).status.success());
    let older = Running::start(sandbox.path(), &with_older, &[]);
    let start = || {
        let global = ["--catalog", "newer", "--store", &address];
        Mutex::new(Running::start(sandbox.path(), &global, &["--writable"]))
    };
    let nodes: Vec<Mutex<Running>> = (0..NODES).map(|_| start()).collect();
    let log = |revision: &str| subjects(&sandbox, revision);
    let commits = Killing {
        nodes: &nodes,
        log: &log,
        commits: COMMITS,
        pause: Duration::from_millis(150),
        start: &|_| {
            unlock(&sandbox, ".git");
            start().into_inner().unwrap()
        },
        beside: &|| {
            let shown = older.get(&path("show?ref=shared&document=fizz"));
            assert_eq!(shown.status, 200, "{}", shown.text());
            let content = &shown.json()["documents"][0]["content"];
            assert_eq!(content["color"], "red", "{}", shown.text());
        },
    }
    .run();
    expect_each_once(subjects(&sandbox, "shared"), commits);
    let (_, count) = read(nodes[0].lock().unwrap().address).unwrap();
    assert_eq!(count, commits);
    // What the store held came in once, and it has followed.
    let buzz = sandbox.shell("git log --format=%s --diff-filter=A shared -- .config/buzz.ocl");
    assert_eq!(buzz.lines().count(), 1, "{buzz}");
    let listed = run(&["store", "list", "--format", "json"]);
    assert_eq!(
        listed.matches("\"import_version\":2").count(),
        1,
        "{listed}"
    );
    assert!(listed.contains("\"table\":[]"), "{listed}");
    let status = nodes[0].lock().unwrap().get(&path("status?ref=shared"));
    assert_eq!(status.json()["project_version"], 3, "{}", status.text());
    sandbox.shell("git fsck --strict");
}
