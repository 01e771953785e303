//! Writers that die, really: a process of its own is killed at every step of a commit, and nothing may be lost.

use std::io;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::support::{Repo, World, explain, next_writer, request};
use ocl_migrate::git::{self, GitProgram, LocalRefs};
use ocl_migrate::project::{CommitError, CommitPoint, Committed, Project, Remedy, StoreOutcome};
use ocl_migrate::store::{self, Options, Row, SqliteStore, Store};

/// Fizz comes from the server at 3 and changes at 4; Buzz changes at 5.
const CATALOG: &str = "fizz: 3 import, 4 modify; buzz: 5 modify";

/// Two branches that both have still to import.
fn world() -> World {
    let world = World::new(CATALOG);
    for branch in ["one", "two"] {
        world.branch(branch, 2, &[("buzz.ocl", "b = 1")]);
    }
    world.row("fizz", "a = 1", 3);
    world
}

// ---- The process that dies ----

const FOLDER: &str = "OCL_MIGRATE_TEST_FOLDER";
const DIES_AT: &str = "OCL_MIGRATE_TEST_DIES_AT";

const BRANCH: &str = "OCL_MIGRATE_TEST_BRANCH";

/// Starts this test binary again, to commit to a branch and to die on the way.
fn start(world: &World, branch: &str, dies_at: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "project::crash::the_process_that_dies",
            "--nocapture",
        ])
        .env(FOLDER, world.path())
        .env(BRANCH, branch)
        .env(DIES_AT, dies_at)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn die(world: &World, at: &str) {
    let status = start(world, "one", at).wait().unwrap();
    assert!(was_killed(status), "it did not die at {at}: {status}");
}

#[cfg(unix)]
fn was_killed(status: ExitStatus) -> bool {
    std::os::unix::process::ExitStatusExt::signal(&status).is_some()
}

#[cfg(not(unix))]
fn was_killed(status: ExitStatus) -> bool {
    !status.success()
}

/// Does nothing unless it is started for it.
#[test]
fn the_process_that_dies() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let world = World::at(&PathBuf::from(folder), CATALOG);
    let dies_at = std::env::var(DIES_AT).unwrap();
    let branch = std::env::var(BRANCH).unwrap();
    let folder = world.path().to_owned();
    let project = world.project_with(|builder| {
        let dies_in_git = dies_at.strip_prefix("git ").map(str::to_owned);
        let refs = LocalRefs::new(world.repo.open());
        let refs = refs.with_work_trees(Arc::new(GitProgram::default()));
        let refs = refs.with_faults(Arc::new(move |point, _| {
            if Some(format!("{point:?}")) == dies_in_git {
                std::process::abort();
            }
            Ok(())
        }));
        let dies_at = dies_at.clone();
        builder
            .refs(Arc::new(refs))
            .commit_hook(Arc::new(move |point| {
                if dies_at == "hold" && point == CommitPoint::SecondBegun {
                    std::fs::write(folder.join("holding"), "").unwrap();
                    loop {
                        std::thread::sleep(Duration::from_millis(5));
                    }
                }
                if dies_at == "RolledBack" && point == CommitPoint::RowsTaken {
                    let world = World::at(&folder, CATALOG);
                    world.repo.commit("one", None, &[("rival", Some("here"))]);
                }
                if dies_at == format!("{point}") {
                    std::process::abort();
                }
                Ok(())
            }))
    });
    let mut draft = project.load_migrated(&branch).unwrap().edit();
    draft.put("buzz", "b = 2").unwrap();
    let _ = draft.commit(request("One")).unwrap();
}

// ---- What must hold afterwards ----

/// The document is in the table, in a snapshot or in Git.
fn assert_not_lost(world: &World, content: &str) {
    let stored = world.store_text().contains(content);
    let in_git = ["one", "two"].iter().any(|branch| {
        let files = world.repo.files(branch);
        files
            .get(".octopus/fizz.ocl")
            .is_some_and(|text| text.contains(content))
    });
    assert!(
        stored || in_git,
        "{content} is nowhere: {}",
        world.store_text()
    );
}

fn fizz_of(world: &World, branch: &str) -> String {
    let loaded = world.load(branch);
    let fizz = loaded.document("fizz").unwrap();
    assert!(fizz.error().is_none(), "{}", explain(&loaded));
    String::from_utf8(loaded.content(fizz).unwrap().unwrap()).unwrap()
}

const DONE: &str = "version 5\nsnapshot 3 fizz in shape 3: a = 1";

#[test]
fn a_writer_that_dies_anywhere_loses_nothing() {
    let git_points = [
        "git LockRef",
        "git WriteRef",
        "git FlushRef",
        "git PublishRef",
        "git FlushRefDirectory",
    ];
    let points = CommitPoint::ALL.iter().map(ToString::to_string);
    for point in points.chain(git_points.map(str::to_owned)) {
        let world = world();
        die(&world, &point);
        let moved = world.repo.files("one").contains_key(".octopus/fizz.ocl");
        let after_the_move = ["RefMoved", "SecondCommitted", "git FlushRefDirectory"];
        assert_eq!(moved, after_the_move.contains(&&*point), "{point}");
        assert_not_lost(&world, "a = 1");
        for branch in ["one", "two"] {
            assert_eq!(
                fizz_of(&world, branch),
                "a = 1\nv4 = true",
                "{point}: {branch}"
            );
        }

        let had_intent = world.store_text().contains("intent");
        let (committed, settled) = next_writer(&world.project());
        assert_eq!(settled.len(), usize::from(had_intent), "{point}");
        assert!(
            settled.iter().all(|intent| intent.applied == moved),
            "{point}: {settled:?}"
        );
        assert!(
            !matches!(committed.store, StoreOutcome::Pending { .. }),
            "{point}"
        );
        assert_eq!(world.store_text(), DONE, "{point}");
        for branch in ["one", "two"] {
            assert_eq!(
                fizz_of(&world, branch),
                "a = 1\nv4 = true",
                "{point}: {branch}"
            );
        }
        world.repo.git(&["fsck", "--strict"]);
    }
}

/// Makes `one` the branch of a work tree.
fn check_out_one(world: &World) -> PathBuf {
    let work_tree = world.path().join("work tree");
    let at = work_tree.to_str().unwrap();
    world.repo.git(&["worktree", "add", "-q", at, "one"]);
    work_tree
}

#[test]
fn a_writer_that_dies_beside_a_work_tree_leaves_it_as_it_was_or_with_the_change_staged() {
    let git_points = [
        "git LockRef",
        "git FlushRef",
        "git UpdateWorkTree",
        "git AppendReflog",
        "git PublishRef",
        "git FlushRefDirectory",
    ];
    let points = CommitPoint::ALL.iter().map(ToString::to_string);
    for point in points.chain(git_points.map(str::to_owned)) {
        if point == "RolledBack" {
            continue;
        }
        let world = world();
        let work_tree = Repo::at(&check_out_one(&world));
        die(&world, &point);
        let status = work_tree.git(&["status", "--porcelain"]);
        let is_staged = ["git AppendReflog", "git PublishRef"].contains(&&*point);
        let expected = if is_staged {
            "M  .octopus/buzz.ocl\nA  .octopus/fizz.ocl\nM  .octopus/schema_version.ocl"
        } else {
            ""
        };
        assert_eq!(status, expected, "{point}");
        assert_not_lost(&world, "a = 1");

        // What a user is told to do.
        let lock = world.repo.path().join("refs/heads/one.lock");
        let is_locked = ["FlushRef", "UpdateWorkTree", "AppendReflog", "PublishRef"];
        let is_locked = is_locked.iter().any(|held| point == format!("git {held}"));
        assert_eq!(lock.exists(), is_locked, "{point}");
        if is_locked {
            std::fs::remove_file(lock).unwrap();
        }
        if is_staged {
            // Another change has to wait; the same one goes on from what is staged.
            let refused = put_beside_the_work_tree(&world, "b = 4")
                .unwrap_err()
                .to_string();
            assert!(refused.contains(".octopus/buzz.ocl (staged)"), "{refused}");
        }
        if point == "git AppendReflog" {
            let _ = put_beside_the_work_tree(&world, "b = 2").unwrap();
            assert_eq!(work_tree.git(&["status", "--porcelain"]), "", "{point}");
        } else if is_staged {
            work_tree.git(&["stash", "-q", "--include-untracked"]);
        }
        let _ = next_writer(&world.project());
        let _ = put_beside_the_work_tree(&world, "b = 4").unwrap();
        assert_eq!(work_tree.git(&["status", "--porcelain"]), "", "{point}");
        assert_eq!(world.store_text(), DONE, "{point}");
        world.repo.git(&["fsck", "--strict"]);
    }
}

fn put_beside_the_work_tree(world: &World, text: &str) -> Result<Committed, CommitError> {
    let refs = LocalRefs::new(world.repo.open());
    let refs = refs.with_work_trees(Arc::new(GitProgram::default()));
    let project = world.project_with(|builder| builder.refs(Arc::new(refs)));
    let mut draft = project.load_migrated("one").unwrap().edit();
    draft.put("buzz", text)?;
    draft.commit(request("Buzz"))
}

#[test]
fn a_writer_that_dies_while_it_settles_for_another_loses_nothing() {
    use CommitPoint::{FirstCommitted, IntentWritten, RefMoved, RowsTaken, Settled};
    for first in ["FirstCommitted", "RefMoved"] {
        for second in [Settled, IntentWritten, FirstCommitted, RowsTaken, RefMoved] {
            let world = world();
            world.branch("three", 2, &[("buzz.ocl", "b = 1")]);
            die(&world, first);
            let status = start(&world, "three", &second.to_string()).wait().unwrap();
            // What the first one left may be all that the store had to do: the later points don't come then.
            assert!(
                was_killed(status) || status.success(),
                "{first}, {second}: {status}"
            );
            assert_not_lost(&world, "a = 1");
            let _ = next_writer(&world.project());
            assert_eq!(world.store_text(), DONE, "{first}, {second}");
            for branch in ["one", "two", "three"] {
                assert_eq!(
                    fizz_of(&world, branch),
                    "a = 1\nv4 = true",
                    "{first}, {second}"
                );
            }
        }
    }
}

#[test]
fn a_row_edited_after_the_crash_is_kept_and_reported() {
    for point in CommitPoint::ALL {
        let world = world();
        die(&world, &point.to_string());
        world.row("fizz", "a = 9", 3);
        let finished = point == CommitPoint::SecondCommitted;
        let moved = finished || point == CommitPoint::RefMoved;
        let (_, settled) = next_writer(&world.project());
        let left: Vec<_> = settled.iter().flat_map(|intent| &intent.left).collect();
        if moved {
            // The edit came too late to be imported; it stays in the table.
            assert_eq!(fizz_of(&world, "two"), "a = 1\nv4 = true", "{point}");
            assert_eq!(
                left,
                if finished { vec![] } else { vec!["fizz"] },
                "{point}"
            );
            let text = "version 5\ntable fizz in shape 3: a = 9\nsnapshot 3 fizz in shape 3: a = 1";
            assert_eq!(world.store_text(), text, "{point}");
        } else {
            assert_eq!(fizz_of(&world, "two"), "a = 9\nv4 = true", "{point}");
            assert!(left.is_empty(), "{point}");
            assert_eq!(world.store_text(), DONE.replace('1', "9"), "{point}");
        }
    }
}

#[test]
fn a_branch_merged_and_deleted_before_settling_still_counts() {
    let world = world();
    die(&world, "RefMoved");
    let main = world.branch("main", 5, &[("fizz.ocl", "a = 1\nv4 = true")]);
    let tree = world.repo.git(&["rev-parse", "one^{tree}"]);
    let merge = world.repo.git(&[
        "commit-tree",
        &tree,
        "-p",
        &main,
        "-p",
        "one",
        "-m",
        "merge",
    ]);
    world.repo.git(&["update-ref", "refs/heads/main", &merge]);
    world.repo.git(&["update-ref", "-d", "refs/heads/one"]);
    let (_, settled) = next_writer(&world.project());
    assert!(settled[0].applied);
    assert_eq!(world.store_text(), DONE);
}

#[test]
fn a_branch_forced_away_before_settling_never_happened() {
    let world = world();
    die(&world, "RefMoved");
    world.repo.git(&["update-ref", "refs/heads/one", "one~1"]);
    let (_, settled) = next_writer(&world.project());
    assert!(!settled[0].applied);
    assert_eq!(world.store_text(), DONE);
    assert_eq!(fizz_of(&world, "one"), "a = 1\nv4 = true");
}

#[test]
fn the_lock_file_of_a_dead_process_is_named() {
    let world = world();
    die(&world, "git PublishRef");
    let refused = world.put("one", "buzz", "b = 2").unwrap_err();
    assert!(
        matches!(refused.cause(), CommitError::Git(git::Error::Locked { .. })),
        "{refused}"
    );
    assert!(
        refused.to_string().contains("refs/heads/one.lock"),
        "{refused}"
    );
    assert_eq!(refused.remedy(), Remedy::Mend);
    assert!(
        !world.store_text().contains("intent"),
        "{}",
        world.store_text()
    );
    let lock_file = world.repo.path().join("refs/heads/one.lock");
    std::fs::remove_file(lock_file).unwrap();
    let _ = world.put("one", "buzz", "b = 2").unwrap();
    assert_eq!(world.store_text(), DONE);
}

#[test]
fn a_store_that_another_process_holds_is_waited_for_and_told_of() {
    let world = world();
    let mut holder = start(&world, "one", "hold");
    let deadline = Instant::now() + Duration::from_secs(20);
    while !world.path().join("holding").exists() {
        assert!(
            Instant::now() < deadline,
            "the other process doesn't hold the store"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
    let impatient = || {
        let options = Options::default().busy_timeout(Duration::from_millis(50));
        let store = SqliteStore::with_options(world.store_path(), options);
        world.project_with(|builder| builder.store(Arc::new(store)))
    };
    // Reading goes on meanwhile.
    let mut draft = impatient().load_migrated("two").unwrap().edit();
    draft.put("buzz", "b = 3").unwrap();
    let refused = draft.commit(request("Two")).unwrap_err();
    assert!(
        matches!(refused, CommitError::Store(store::Error::Locked { .. })),
        "{refused}"
    );
    assert_eq!(refused.remedy(), Remedy::LoadAgain);
    holder.kill().unwrap();
    holder.wait().unwrap();
    let _ = draft.commit(request("Two")).unwrap();
    assert_eq!(world.store_text(), DONE);
}

// ---- Failures in a process that lives on ----

fn project_with_hook(
    world: &World,
    hook: impl Fn(CommitPoint) -> io::Result<()> + Send + Sync + 'static,
) -> Project {
    world.project_with(|builder| builder.commit_hook(Arc::new(hook)))
}

fn commit_to_one(project: &Project) -> Result<Committed, CommitError> {
    let mut draft = project.load_migrated("one").unwrap().edit();
    draft.put("buzz", "b = 2")?;
    draft.commit(request("One"))
}

#[test]
fn a_full_disk_at_any_step_loses_nothing() {
    for point in CommitPoint::ALL {
        let world = world();
        let project = project_with_hook(&world, move |here| {
            if here == point {
                Err(io::Error::from(io::ErrorKind::StorageFull))
            } else {
                Ok(())
            }
        });
        let result = commit_to_one(&project);
        match point {
            CommitPoint::RolledBack => assert!(result.is_ok(), "nothing was rolled back"),
            CommitPoint::RefMoved => {
                let store = result.unwrap().store;
                assert!(matches!(store, StoreOutcome::Pending { .. }), "{store:?}");
            }
            _ => assert!(matches!(
                result.unwrap_err(),
                CommitError::Interrupted { .. }
            )),
        }
        assert_not_lost(&world, "a = 1");
        for branch in ["one", "two"] {
            assert_eq!(
                fizz_of(&world, branch),
                "a = 1\nv4 = true",
                "{point}: {branch}"
            );
        }
        next_writer(&world.project()).0.commit.to_string();
        assert_eq!(world.store_text(), DONE, "{point}");
    }
}

#[test]
fn a_ref_that_cannot_be_written_leaves_no_trace() {
    use git::FaultPoint;
    for point in [
        FaultPoint::LockRef,
        FaultPoint::ReadRef,
        FaultPoint::WriteRef,
        FaultPoint::FlushRef,
        FaultPoint::PublishRef,
        FaultPoint::FlushRefDirectory,
    ] {
        let world = world();
        let refs = LocalRefs::new(world.repo.open()).with_faults(Arc::new(move |here, _| {
            if here == point {
                Err(io::Error::from(io::ErrorKind::ReadOnlyFilesystem))
            } else {
                Ok(())
            }
        }));
        let before = (world.store_text(), world.repo.text("one"));
        let error =
            commit_to_one(&world.project_with(|builder| builder.refs(Arc::new(refs)))).unwrap_err();
        if point == FaultPoint::FlushRefDirectory {
            // The commit is seen; whether it lasts, the disk didn't say. The intent waits for that.
            assert!(matches!(error, CommitError::Unconfirmed { .. }), "{error}");
            assert_eq!(error.remedy(), Remedy::CheckOutcome);
            assert!(world.store_text().contains("intent"));
        } else {
            assert!(matches!(error, CommitError::Git(_)), "{error}");
            assert_eq!(
                (world.store_text(), world.repo.text("one")),
                before,
                "{point:?}"
            );
        }
        next_writer(&world.project()).0.commit.to_string();
        assert_eq!(world.store_text(), DONE, "{point:?}");
    }
}

#[test]
fn a_second_transaction_that_fails_is_finished_by_the_next_writer() {
    let world = world();
    let commits = AtomicU32::new(0);
    let options =
        Options::default().on_commit(move || match commits.fetch_add(1, Ordering::SeqCst) {
            1 => Err(store::Error::Full {
                store: store::Location::File("state.db".into()),
            }),
            _ => Ok(()),
        });
    let failing = SqliteStore::with_options(world.store_path(), options);
    let project = world.project_with(|builder| builder.store(Arc::new(failing)));
    let committed = commit_to_one(&project).unwrap();
    let StoreOutcome::Pending { effect, error } = &committed.store else {
        panic!("{committed:?}");
    };
    assert!(matches!(
        **error,
        CommitError::Store(store::Error::Full { .. })
    ));
    assert_eq!(effect.taken.len(), 1);
    assert_eq!(world.repo.tip("one"), Some(committed.commit.to_string()));
    assert!(world.store_text().starts_with("version 0\ntable fizz"));
    // Every branch still imports the same from the table.
    assert_eq!(fizz_of(&world, "two"), "a = 1\nv4 = true");
    let (_, settled) = next_writer(&world.project());
    assert!(settled[0].applied && settled[0].left.is_empty());
    assert_eq!(world.store_text(), DONE);
}

#[test]
fn a_row_that_changes_between_the_transactions_means_loading_again() {
    type Edit = fn(&World);
    let edits: [(&str, Edit); 3] = [
        ("edited", |world| world.row("fizz", "a = 2", 3)),
        ("added", |world| world.row("many/new", "a = 2", 3)),
        ("removed", |world| {
            world
                .store()
                .remove_document(&world.key(), "many", "old")
                .unwrap();
        }),
    ];
    const WITH_A_COLLECTION: &str = "fizz: 3 import, 4 modify; many[]: 3 import; buzz: 5 modify";
    for (what, edit) in edits {
        let mut world = world();
        world.server(WITH_A_COLLECTION);
        world.row("many/old", "m = 1", 3);
        let folder = world.path().to_owned();
        let project = project_with_hook(&world, move |point| {
            if point == CommitPoint::FirstCommitted {
                edit(&World::at(&folder, WITH_A_COLLECTION));
            }
            Ok(())
        });
        let error = commit_to_one(&project).unwrap_err();
        assert!(
            matches!(error, CommitError::ImportChanged { .. }),
            "{what}: {error}"
        );
        assert_eq!(error.remedy(), Remedy::LoadAgain);
        assert!(world.store_text().starts_with("version 0\ntable"), "{what}");
        assert!(!world.store_text().contains("intent"), "{what}");
        let _ = world.put("one", "buzz", "b = 2").unwrap();
        assert!(
            !world.store_text().contains("table"),
            "{what}: {}",
            world.store_text()
        );
    }
}

#[test]
fn a_writer_whose_intent_another_one_dropped_does_not_go_on() {
    let world = world();
    let before = world.repo.tip("one");
    let folder = world.path().to_owned();
    let project = project_with_hook(&world, move |point| {
        if point == CommitPoint::FirstCommitted {
            // Settles this one's intent, whose commit no branch leads to, leaves its own, and dies.
            let mut rival = start(&World::at(&folder, CATALOG), "two", "FirstCommitted");
            assert!(was_killed(rival.wait().unwrap()));
        }
        Ok(())
    });
    let error = commit_to_one(&project).unwrap_err();
    assert!(matches!(error, CommitError::Overtaken), "{error}");
    assert_eq!(error.remedy(), Remedy::LoadAgain);
    assert_eq!(world.repo.tip("one"), before);
    assert!(
        world
            .store_text()
            .ends_with("intent for refs/heads/two to 5 taking [\"fizz\"]")
    );
    let _ = world.put("one", "buzz", "b = 2").unwrap();
    assert_eq!(world.store_text(), DONE);
}

#[test]
fn an_import_or_an_answer_that_changes_before_the_first_transaction_means_loading_again() {
    let mut world = world();
    world.server("fizz: 3 import, 4 lookup; buzz: 5 modify");
    let scope = store::Scope::Project(world.key());
    let mut draft = world.edit("one");
    draft.put("buzz", "b = 2").unwrap();
    world
        .store()
        .put_lookup(&scope, "names", "prod", &"Ada".into())
        .unwrap();
    // Documents are migrated when they are first asked for, which is now.
    let prepared = draft.prepare(request("One")).unwrap();
    world
        .store()
        .put_lookup(&scope, "names", "prod", &"Grace".into())
        .unwrap();
    let error = prepared.write().unwrap().publish().unwrap_err();
    assert!(
        matches!(error, CommitError::LookupChanged { .. }),
        "{error}"
    );
    assert_eq!(error.remedy(), Remedy::LoadAgain);

    let mut draft = world.edit("one");
    draft.put("buzz", "b = 2").unwrap();
    world
        .store()
        .put_documents(&world.key(), &[Row::new("fizz", "", "a = 1", 4)])
        .unwrap();
    let error = draft.commit(request("One")).unwrap_err();
    assert!(
        matches!(error, CommitError::ImportChanged { .. }),
        "a shape counts too: {error}"
    );
    let _ = world.put("one", "buzz", "b = 2").unwrap();
}

/// A file system of its own; unmounted in the end.
pub struct SmallDisk(pub PathBuf);

impl SmallDisk {
    pub fn mount(at: PathBuf, size: &str) -> Option<SmallDisk> {
        std::fs::create_dir(&at).unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(&at)
            .stderr(Stdio::null())
            .status();
        mounted
            .is_ok_and(|status| status.success())
            .then_some(SmallDisk(at))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_disk_that_is_really_full() {
    let world = world();
    let Some(disk) = SmallDisk::mount(world.path().join("small"), "512k") else {
        crate::support::skipped("no file system can be mounted here");
        return;
    };
    let store = SqliteStore::new(disk.0.join("state.db"));
    store.init(&world.key()).unwrap();
    store
        .put_documents(&world.key(), &[Row::new("fizz", "", "a = 1", 3)])
        .unwrap();
    // Each takes as much as fits. A process that another test is about to start holds what was open here, and so the room
    // of files that are deleted by now, for a moment.
    let fillers = (0..10).map(|number| disk.0.join(format!("filler{number}")));
    let fillers: Vec<_> = fillers.collect();
    for filler in &fillers {
        assert!(std::fs::write(filler, "x".repeat(1 << 20)).is_err());
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let small = SqliteStore::new(disk.0.join("state.db"));
    let project = world.project_with(|builder| builder.store(Arc::new(small)));
    let commit_to = |branch: &str| {
        let mut draft = project.load_migrated(branch)?.edit();
        draft.put("buzz", "b = 2")?;
        draft.commit(request("Full"))
    };
    let result = commit_to("one");
    assert!(
        !matches!(&result, Ok(committed) if matches!(committed.store, StoreOutcome::Followed(_))),
        "the disk was not full: {result:?}"
    );
    for filler in fillers {
        std::fs::remove_file(filler).unwrap();
    }
    let _ = commit_to("two").unwrap();
    let text = crate::support::store_text(&store, &world.key(), &world.catalog);
    assert_eq!(text, DONE);
}
