//! Moving branches: only from where they were seen, under Git's lock, with Git's reflog.

use std::fs;
use std::time::Duration;

use crate::git::{
    Error, ErrorKind, LocalRefs, MoveOutcome, MoveRef, NotMoved, ObjectId, PastMove, RefUpdate,
    Result, Visibility,
};

use super::script::Sandbox;
use super::writing::ada;

pub(crate) fn update(name: &str, expected: Option<ObjectId>, new: ObjectId) -> RefUpdate {
    RefUpdate {
        name: name.to_owned(),
        expected,
        new,
        message: "commit: one\n  two".to_owned(),
        committer: ada(1_700_000_000),
    }
}

fn outcome(
    sandbox: &Sandbox,
    name: &str,
    expected: Option<ObjectId>,
    new: ObjectId,
) -> MoveOutcome {
    let refs = LocalRefs::new(sandbox.repository()).with_lock_timeout(Duration::from_millis(50));
    refs.move_ref(&update(name, expected, new))
}

/// Moves a ref that nobody else moves.
fn move_ref(
    sandbox: &Sandbox,
    name: &str,
    expected: Option<ObjectId>,
    new: ObjectId,
) -> Result<()> {
    match outcome(sandbox, name, expected, new) {
        MoveOutcome::Moved => Ok(()),
        MoveOutcome::NotMoved(NotMoved::Failed(error)) => Err(error),
        other => panic!("{name}: {other:?}"),
    }
}

fn two_commits() -> (Sandbox, ObjectId, ObjectId) {
    let sandbox = Sandbox::new("commit one; commit two; git branch b HEAD~1; git tag -a -m t v1");
    let (old, new) = (sandbox.id("main~1"), sandbox.id("main"));
    (sandbox, old, new)
}

#[test]
fn a_branch_moves_from_where_it_was_seen_loose_or_packed() {
    let (sandbox, old, new) = two_commits();
    for _ in 0..2 {
        move_ref(&sandbox, "refs/heads/b", Some(old), new).unwrap();
        assert_eq!(sandbox.id("b"), new);
        assert_eq!(sandbox.id("b@{1}"), old);
        assert_eq!(
            sandbox.git("reflog -1 --format='%gs|%gn|%ge' b"),
            "commit: one two|Ada Łovelace|ada@example.com"
        );
        sandbox.git("branch -f b main~1");
        sandbox.git("pack-refs --all");
        assert!(!sandbox.path("repo/.git/refs/heads/b").exists());
    }
    assert_eq!(sandbox.git("fsck --strict"), "");
    assert!(!sandbox.path("repo/.git/refs/heads/b.lock").exists());
}

#[test]
fn a_branch_that_moved_stays_and_says_where_it_is() {
    let (sandbox, old, new) = two_commits();
    let cases = [
        ("refs/heads/b", Some(new), Some(old)),
        ("refs/heads/b", None, Some(old)),
        ("refs/heads/gone", Some(old), None),
        ("refs/heads/b/below", Some(old), None),
    ];
    for (name, wrong, there) in cases {
        match outcome(&sandbox, name, wrong, new) {
            MoveOutcome::NotMoved(NotMoved::Stale { found }) => assert_eq!(found, there, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
    assert_eq!(sandbox.id("b"), old);
    assert_eq!(
        sandbox.run("find repo/.git/refs -name '*.lock' -o -name gone"),
        ""
    );
}

#[test]
fn a_new_branch_is_made_with_its_folders_and_its_reflog() {
    let (sandbox, old, new) = two_commits();
    fs::create_dir_all(sandbox.path("repo/.git/refs/heads/x/y/left/over")).unwrap();
    fs::create_dir_all(sandbox.path("repo/.git/logs/refs/heads/x/y/left/over")).unwrap();
    for name in ["refs/heads/x/y", "refs/heads/a/b/c", "refs/heads/caf\u{e9}"] {
        move_ref(&sandbox, name, None, old).unwrap();
        assert_eq!(sandbox.id(name), old);
        assert_eq!(
            sandbox
                .git(&format!("reflog --format=%H {name}"))
                .lines()
                .count(),
            1
        );
    }
    move_ref(&sandbox, "refs/heads/a/b/c", Some(old), new).unwrap();
    assert_eq!(
        sandbox.git("for-each-ref --contains main refs/heads/a --format='%(refname)'"),
        "refs/heads/a/b/c"
    );
}

#[test]
fn a_name_that_is_a_folder_of_refs_is_refused() {
    let (sandbox, old, _) = two_commits();
    sandbox.git("branch dir/one");
    for packed in [false, true] {
        if packed {
            sandbox.git("pack-refs --all");
        }
        for (name, existing) in [
            ("refs/heads/b/c/d", "refs/heads/b"),
            ("refs/heads/dir", "refs/heads/dir/one"),
        ] {
            match move_ref(&sandbox, name, None, old).unwrap_err() {
                Error::RefNameClash {
                    existing: found, ..
                } => assert_eq!(found, existing),
                other => panic!("{name}: {other}"),
            }
        }
    }
}

#[test]
fn only_branches_with_good_names_are_moved_and_only_to_commits() {
    let (sandbox, old, new) = two_commits();
    for name in [
        "b",
        "HEAD",
        "refs/heads/",
        "refs/heads/HEAD",
        "refs/heads/-x",
        "refs/heads/a..b",
        "refs/heads/a b",
        "refs/heads/x.lock",
        "refs/heads/.x",
        "refs/heads/x/",
        "refs/heads/x//y",
        "refs/heads/a@{b",
        "refs/heads/a\\b",
        "refs/heads/../../config",
        "refs/tags/v1",
        "refs/remotes/o/b",
    ] {
        let error = move_ref(&sandbox, name, None, new).unwrap_err();
        assert!(
            matches!(error, Error::InvalidRefName { .. }),
            "{name}: {error}"
        );
        let short = name
            .strip_prefix("refs/heads/")
            .filter(|_| name != "refs/heads/HEAD");
        if let Some(short) = short {
            let git = sandbox.try_run(&format!("git check-ref-format --branch '{short}'"));
            assert!(!git.status.success(), "Git allows {short}");
        }
    }
    let tag = sandbox.id("v1");
    for (id, kind) in [
        (tag, ErrorKind::Invalid),
        ("1".repeat(40).parse().unwrap(), ErrorKind::NotFound),
    ] {
        assert_eq!(
            move_ref(&sandbox, "refs/heads/b", Some(old), id)
                .unwrap_err()
                .kind(),
            kind
        );
    }
}

#[test]
fn a_commit_is_visible_behind_any_branch_or_that_cannot_be_told() {
    let (sandbox, old, new) = two_commits();
    let refs = LocalRefs::new(sandbox.repository());
    let visibility = |commit: ObjectId| {
        refs.visibility(&PastMove {
            name: "refs/heads/gone".to_owned(),
            expected: None,
            new: commit,
            begun: 1_700_000_000,
        })
    };
    for commit in [old, new] {
        let visible = visibility(commit);
        assert!(matches!(visible, Visibility::Visible), "{visible:?}");
    }
    let nowhere: ObjectId = "1".repeat(40).parse().unwrap();
    let hidden = visibility(nowhere);
    assert!(matches!(hidden, Visibility::NotVisible), "{hidden:?}");
    sandbox.git("reset -q --hard main~1");
    let hidden = visibility(new);
    assert!(matches!(hidden, Visibility::NotVisible), "{hidden:?}");
    // A branch that can't be read may lead to it; one that does is enough.
    fs::write(sandbox.path("repo/.git/refs/heads/broken"), "").unwrap();
    let unknown = visibility(new);
    assert!(matches!(unknown, Visibility::Unknown(_)), "{unknown:?}");
    let visible = visibility(old);
    assert!(matches!(visible, Visibility::Visible), "{visible:?}");
}

#[test]
fn a_symbolic_branch_and_a_damaged_one_are_refused() {
    let (sandbox, old, new) = two_commits();
    sandbox.git("symbolic-ref refs/heads/alias refs/heads/b");
    match move_ref(&sandbox, "refs/heads/alias", Some(old), new).unwrap_err() {
        Error::SymbolicRef { target, .. } => assert_eq!(target, "refs/heads/b"),
        other => panic!("{other}"),
    }
    fs::write(sandbox.path("repo/.git/refs/heads/b"), "").unwrap();
    let error = move_ref(&sandbox, "refs/heads/b", Some(old), new).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
}

#[test]
fn a_lock_left_behind_is_named_with_its_age_and_kept() {
    let (sandbox, old, new) = two_commits();
    let lock = sandbox.path("repo/.git/refs/heads/b.lock");
    fs::write(&lock, "").unwrap();
    let hour_ago = std::time::SystemTime::now() - Duration::from_secs(3600);
    fs::File::options()
        .write(true)
        .open(&lock)
        .unwrap()
        .set_modified(hour_ago)
        .unwrap();
    match move_ref(&sandbox, "refs/heads/b", Some(old), new).unwrap_err() {
        error @ Error::Locked { .. } => {
            let text = error.to_string();
            assert!(
                text.contains("refs/heads/b.lock has been held for 3600 s")
                    || text.contains("3601 s"),
                "{text}"
            );
            assert!(text.contains("delete that file"), "{text}");
        }
        other => panic!("{other}"),
    }
    assert!(lock.exists());
    assert_eq!(sandbox.id("b"), old);
}

#[test]
fn a_lock_of_a_moment_is_waited_for() {
    let (sandbox, old, new) = two_commits();
    let lock = sandbox.path("repo/.git/refs/heads/b.lock");
    fs::write(&lock, "").unwrap();
    let refs = LocalRefs::new(sandbox.repository()).with_lock_timeout(Duration::from_secs(20));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(100));
            fs::remove_file(&lock).unwrap();
        });
        let outcome = refs.move_ref(&update("refs/heads/b", Some(old), new));
        assert!(matches!(outcome, MoveOutcome::Moved), "{outcome:?}");
    });
    assert_eq!(sandbox.id("b"), new);
}

#[test]
fn reflogs_are_kept_where_the_configuration_wants_them() {
    for (config, bare, wanted) in [
        ("", "", true),
        ("git config core.logAllRefUpdates false", "", false),
        ("", "--bare", false),
        ("git config core.logAllRefUpdates true", "--bare", true),
        ("git config core.logAllRefUpdates always", "--bare", true),
    ] {
        let sandbox = Sandbox::empty();
        sandbox.run(&format!(
            "git init -q -b main {bare} repo; cd repo; {config}"
        ));
        let commit = sandbox
            .git("commit-tree -m x 4b825dc642cb6eb9a060e54bf8d69288fbee4904 2>/dev/null || true");
        let commit = if commit.is_empty() {
            sandbox.run("cd repo; git hash-object -t tree -w /dev/null >/dev/null; git commit-tree -m x 4b825dc642cb6eb9a060e54bf8d69288fbee4904")
        } else {
            commit
        };
        let name = if bare.is_empty() {
            "refs/heads/other"
        } else {
            "refs/heads/main"
        };
        move_ref(&sandbox, name, None, commit.parse().unwrap()).unwrap();
        let log = sandbox.repository().git_dir().join("logs").join(name);
        assert_eq!(log.exists(), wanted, "{config} {bare}");
        // HEAD stands on the branch in the bare repositories.
        let head_log = sandbox.repository().git_dir().join("logs/HEAD");
        assert_eq!(
            head_log.exists(),
            wanted && !bare.is_empty(),
            "{config} {bare}"
        );
    }
}

#[test]
fn of_many_who_move_one_branch_at_once_one_wins_each_time() {
    let sandbox = Sandbox::new(
        "for i in $(seq 9); do tick; git commit -q --allow-empty -m $i; done; git branch b HEAD~8; git pack-refs --all",
    );
    let ids: Vec<ObjectId> = (0..9)
        .rev()
        .map(|back| sandbox.id(&format!("main~{back}")))
        .collect();
    let repository = sandbox.repository();
    for step in ids.windows(2) {
        let outcomes: Vec<MoveOutcome> = std::thread::scope(|scope| {
            let movers: Vec<_> = (0..4)
                .map(|_| {
                    let refs = LocalRefs::new(repository.clone())
                        .with_lock_timeout(Duration::from_secs(20));
                    scope.spawn(move || {
                        refs.move_ref(&update("refs/heads/b", Some(step[0]), step[1]))
                    })
                })
                .collect();
            sandbox.git("pack-refs --all");
            movers
                .into_iter()
                .map(|mover| mover.join().unwrap())
                .collect()
        });
        let mut won = 0;
        for outcome in outcomes {
            match outcome {
                MoveOutcome::Moved => won += 1,
                MoveOutcome::NotMoved(NotMoved::Stale { .. }) => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(won, 1);
        assert_eq!(sandbox.id("b"), step[1]);
    }
    assert_eq!(sandbox.git("reflog --format=%H b").lines().count(), 9);
}

#[test]
fn a_checked_out_branch_is_found_in_every_work_tree() {
    let sandbox = Sandbox::new(
        "commit one; git branch free; git branch rebased; commit two; git worktree add -q -b linked ../linked
         git worktree add -q --detach ../detached; git init -q -b unborn ../other",
    );
    let refs = |dir: &str| {
        let repository = crate::git::Repository::discover(&sandbox.path(dir)).unwrap();
        LocalRefs::new(repository)
    };
    let at = |branch: &str| refs("repo").checked_out_at(branch).unwrap();
    let real = |dir: &str| Some(fs::canonicalize(sandbox.path(dir)).unwrap());
    assert_eq!(at("refs/heads/main"), real("repo"));
    assert_eq!(at("refs/heads/linked"), real("linked"));
    assert_eq!(at("refs/heads/free"), None);
    assert_eq!(at("refs/heads/rebased"), None);

    let elsewhere = |dir: &str, branch: &str| refs(dir).checked_out_at(branch).unwrap();
    assert_eq!(elsewhere("linked", "refs/heads/main"), real("repo"));
    assert_eq!(elsewhere("other", "refs/heads/unborn"), real("other"));

    sandbox.run("cd detached; git checkout -q rebased; commit r x=1; GIT_SEQUENCE_EDITOR='sed -i s/^pick/edit/' git rebase -q -i main 2>/dev/null");
    assert_eq!(at("refs/heads/rebased"), real("detached"));
    sandbox.run("cd detached; git rebase --abort; git checkout -q free; git bisect start -q; git checkout -q --detach");
    assert_eq!(at("refs/heads/free"), real("detached"));
    sandbox.run("git clone -q --bare repo bare");
    assert_eq!(elsewhere("bare", "refs/heads/main"), None);
}
