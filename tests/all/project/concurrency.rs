//! Writers and readers that meet, in threads and in processes: nobody's change is lost, and no import comes up empty.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Barrier, Mutex};
use std::thread;

use crate::support::{World, explain, request};
use ocl_migrate::plan::PlanError;
use ocl_migrate::project::{
    CommitError, DocumentOutcome, Draft, DraftError, LoadError, Loaded, NewBranch, Project, Remedy,
};

/// Fizz comes from the server at 3 and changes at 4; Buzz changes at 5.
const CATALOG: &str = "fizz: 3 import, 4 modify; buzz: 5 modify";

/// The same server before it learnt of 4 and 5.
const OLDER: &str = "fizz: 3 import; buzz: 2 modify";

fn world(branches: usize) -> World {
    let world = World::new(CATALOG);
    for branch in 0..branches {
        world.branch(&format!("b{branch}"), 2, &[("buzz.ocl", "count = 0")]);
    }
    world.row("fizz", "a = 1", 3);
    world
}

fn text_of(loaded: &Loaded, name: &str) -> String {
    let document = loaded.document(name).unwrap();
    String::from_utf8(loaded.content(document).unwrap().unwrap()).unwrap()
}

fn count_in(text: &str) -> u32 {
    let line = text.lines().next().unwrap();
    line.strip_prefix("count = ").unwrap().parse().unwrap()
}

/// Adds one to the branch's count, loading again as often as it is told to. `None`: the branch is too new.
fn add_one(project: &Project, branch: &str) -> Option<u32> {
    for attempt in 1..=1000 {
        let loaded = match project.load_migrated(branch) {
            Err(LoadError::Plan(PlanError::BranchAhead { .. })) => return None,
            other => other.unwrap(),
        };
        let count = count_in(&text_of(&loaded, "buzz")) + 1;
        let mut draft = loaded.edit();
        draft.put("buzz", format!("count = {count}")).unwrap();
        match draft.commit(request("One more")) {
            Ok(_) => return Some(attempt),
            Err(error) => assert_eq!(error.remedy(), Remedy::LoadAgain, "{error}"),
        }
    }
    panic!("a thousand attempts at {branch}");
}

#[test]
fn a_project_can_be_shared() {
    fn shared<T: Send + Sync>() {}
    shared::<Project>();
    shared::<Loaded>();
    shared::<Draft>();
}

#[test]
fn of_two_rivals_on_one_branch_exactly_one_wins() {
    const ROUNDS: u32 = 40;
    let world = world(1);
    let project = world.project();
    for round in 0..ROUNDS {
        let rivals: Vec<Draft> = ["left", "right"]
            .map(|side| {
                let mut draft = project.load_migrated("b0").unwrap().edit();
                draft
                    .put("buzz", format!("count = {round}\nside = \"{side}\""))
                    .unwrap();
                draft
            })
            .into();
        let start = Barrier::new(2);
        let results: Vec<_> = thread::scope(|scope| {
            let compete = |draft| {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    Draft::commit(draft, request("Rival"))
                })
            };
            let threads: Vec<_> = rivals.iter().map(compete).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        let won = results.iter().filter(|result| result.is_ok()).count();
        assert_eq!(won, 1, "round {round}: {results:?}");
        for error in results.iter().filter_map(|result| result.as_ref().err()) {
            assert_eq!(error.remedy(), Remedy::LoadAgain, "{error}");
        }
    }
    let commits: u32 = world
        .repo
        .git(&["rev-list", "--count", "b0"])
        .parse()
        .unwrap();
    assert_eq!(commits, ROUNDS + 1);
}

#[test]
fn a_load_that_began_before_a_rivals_commit_still_imports() {
    let world = world(2);
    let loaded = world.load("b1");
    add_one(&world.project(), "b0").unwrap();
    // The row has left the table, and this load has not asked for a document yet.
    assert!(!world.store_text().contains("table"));
    let fizz = loaded.document("fizz").unwrap();
    assert!(matches!(fizz.outcome, DocumentOutcome::Imported { .. }));
    assert_eq!(text_of(&loaded, "fizz"), "a = 1\nv4 = true");
    // And it can be committed: the snapshot holds what the table held.
    let mut draft = loaded.edit();
    draft.put("buzz", "count = 1").unwrap();
    let _ = draft.commit(request("Late")).unwrap();
    assert_eq!(world.repo.text("b0"), world.repo.text("b1"));
}

#[test]
fn branches_import_the_same_document_at_once_while_others_read() {
    const BRANCHES: usize = 6;
    let world = world(BRANCHES);
    let (project, is_done) = (world.project(), AtomicBool::new(false));
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut reads = 0;
            while !is_done.load(Ordering::SeqCst) || reads == 0 {
                for branch in 0..BRANCHES {
                    let loaded = project.load_migrated(&format!("b{branch}")).unwrap();
                    assert_eq!(
                        text_of(&loaded, "fizz"),
                        "a = 1\nv4 = true",
                        "{}",
                        explain(&loaded)
                    );
                    reads += 1;
                }
            }
        });
        let writers: Vec<_> = (0..BRANCHES)
            .map(|branch| {
                let project = project.clone();
                scope.spawn(move || add_one(&project, &format!("b{branch}")).unwrap())
            })
            .collect();
        for writer in writers {
            writer.join().unwrap();
        }
        is_done.store(true, Ordering::SeqCst);
        reader.join().unwrap();
    });
    for branch in 0..BRANCHES {
        assert_eq!(
            world.repo.text(&format!("b{branch}")),
            world.repo.text("b0")
        );
    }
    assert_eq!(
        world.store_text(),
        "version 5\nsnapshot 3 fizz in shape 3: a = 1"
    );
}

#[test]
fn thousands_of_commits_end_where_a_model_says() {
    const BRANCHES: usize = 8;
    const COMMITS_PER_THREAD: u32 = 500;
    let mut world = world(BRANCHES);
    let newer = world.project();
    world.server(OLDER);
    let older = world.project();
    world.server(CATALOG);
    // The model: how often each branch was counted up.
    let counted = Mutex::new(BTreeMap::<String, u32>::new());
    let refused = AtomicU32::new(0);
    thread::scope(|scope| {
        for writer in 0..4_u32 {
            let project = if writer == 0 {
                older.clone()
            } else {
                newer.clone()
            };
            let (counted, refused) = (&counted, &refused);
            scope.spawn(move || {
                let mut random = writer + 1;
                for _ in 0..COMMITS_PER_THREAD {
                    random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    let branch = format!("b{}", (random >> 16) as usize % BRANCHES);
                    match add_one(&project, &branch) {
                        Some(_) => *counted.lock().unwrap().entry(branch).or_default() += 1,
                        None => _ = refused.fetch_add(1, Ordering::SeqCst),
                    }
                }
            });
        }
    });
    let counted = counted.into_inner().unwrap();
    let total: u32 = counted.values().sum();
    assert_eq!(total + refused.into_inner(), 4 * COMMITS_PER_THREAD);
    for (branch, count) in &counted {
        let loaded = world.load(branch);
        assert_eq!(count_in(&text_of(&loaded, "buzz")), *count, "{branch}");
        assert_eq!(text_of(&loaded, "fizz"), "a = 1\nv4 = true", "{branch}");
        let commits: u32 = world
            .repo
            .git(&["rev-list", "--count", branch])
            .parse()
            .unwrap();
        assert_eq!(commits, count + 1, "{branch}");
    }
    assert_eq!(
        world.store_text(),
        "version 5\nsnapshot 3 fizz in shape 3: a = 1"
    );
    world.repo.git(&["fsck", "--strict"]);
}

// ---- Processes ----

const FOLDER: &str = "OCL_MIGRATE_TEST_FOLDER";
const BRANCHES_OF_PROCESS: &str = "OCL_MIGRATE_TEST_BRANCHES";
const ROUNDS_OF_PROCESS: u32 = 25;

/// Does nothing unless it is started for it.
#[test]
fn one_of_several_processes() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let project = World::at(&PathBuf::from(folder), CATALOG).project();
    let branches = std::env::var(BRANCHES_OF_PROCESS).unwrap();
    for _ in 0..ROUNDS_OF_PROCESS {
        for branch in branches.split(' ') {
            add_one(&project, branch).unwrap();
        }
    }
}

#[test]
fn several_processes_commit_to_the_same_and_to_other_branches() {
    let world = world(4);
    let children: Vec<_> = ["b0 b1", "b0 b2", "b3 b0"]
        .map(|branches| {
            Command::new(std::env::current_exe().unwrap())
                .args([
                    "--exact",
                    "project::concurrency::one_of_several_processes",
                    "--nocapture",
                ])
                .env(FOLDER, world.path())
                .env(BRANCHES_OF_PROCESS, branches)
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .into();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    for (branch, processes) in [("b0", 3), ("b1", 1), ("b2", 1), ("b3", 1)] {
        let loaded = world.load(branch);
        assert_eq!(
            count_in(&text_of(&loaded, "buzz")),
            processes * ROUNDS_OF_PROCESS,
            "{branch}"
        );
        assert_eq!(text_of(&loaded, "fizz"), "a = 1\nv4 = true");
    }
    assert_eq!(
        world.store_text(),
        "version 5\nsnapshot 3 fizz in shape 3: a = 1"
    );
}

#[test]
fn of_two_who_begin_the_same_branch_exactly_one_wins() {
    let world = World::new(CATALOG);
    world.row("fizz", "a = 1", 3);
    let project = world.project();
    let mut drafts = [0, 1].map(|_| {
        project
            .draft_new_branch("new", NewBranch::default())
            .unwrap()
    });
    drafts[0].put("buzz", "count = 0").unwrap();
    drafts[1].put("buzz", "count = 1").unwrap();
    let _ = drafts[0].commit(request("First")).unwrap();
    let late = drafts[1].commit(request("Second")).unwrap_err();
    // To load it again wouldn't help: it would be begun twice.
    assert!(
        matches!(&late, CommitError::Draft(DraftError::BranchExists { branch }) if branch == "refs/heads/new"),
        "{late}"
    );
    assert!(world.repo.text("new").contains("count = 0"));
}
