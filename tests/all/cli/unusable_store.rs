//! What isn't a store, or is damaged, in the store's place: reading goes on without it and says so, writing is refused, and a
//! backup can take its place.

use std::fs;
use std::path::PathBuf;

use rusqlite::Connection;

use crate::support::Sandbox;

const STORE: &str = ".git/ocl-migrate/state.db";

/// A branch at version 3 and a store that knows the project; a backup of that, and a document to commit.
fn repository() -> Sandbox {
    let repo = Sandbox::empty();
    repo.shell(
        "set -e; mkdir -p .config; printf 'version = 3' > .config/schema_version.ocl
        printf 'colour = \"red\"\\n' > .config/fizz.ocl
        git add -A; git commit -qm 'At 3'; git branch old; printf 'color = \"blue\"\\n' > fizz.ocl",
    );
    for command in [&["store", "init"][..], &["store", "backup", "backup.db"]] {
        let done = repo.run(command);
        assert!(done.ends_with("--- exit 0"), "{done}");
    }
    repo
}

fn file(repo: &Sandbox) -> PathBuf {
    repo.path().join(STORE)
}

/// Every way in which a file is no store to use.
fn broken() -> Vec<(&'static str, Sandbox)> {
    let ways: [(&str, fn(&Sandbox)); 4] = [
        ("no database", |repo| {
            fs::write(file(repo), "text ".repeat(999)).unwrap()
        }),
        ("empty", |repo| fs::write(file(repo), "").unwrap()),
        ("of something else", |repo| {
            fs::remove_file(file(repo)).unwrap();
            let other = Connection::open(file(repo)).unwrap();
            other.execute_batch("CREATE TABLE t (x)").unwrap();
        }),
        ("all pages but the first", |repo| {
            let mut bytes = fs::read(file(repo)).unwrap();
            bytes[4096..].fill(0xAA);
            fs::write(file(repo), bytes).unwrap();
        }),
    ];
    let broken = ways.map(|(name, way)| {
        let repo = repository();
        way(&repo);
        (name, repo)
    });
    broken.into()
}

#[test]
fn reading_goes_on_and_says_so() {
    for (name, repo) in broken() {
        for command in [
            &["show", "main"][..],
            &["preview", "main"],
            &["plan", "main"],
            &["status"],
            &["rehearse"],
            &["explain", "main", "fizz"],
        ] {
            let done = repo.run(command);
            assert!(done.ends_with("--- exit 0"), "{name}: {command:?}: {done}");
            assert!(
                done.contains("warning: the store can't be used"),
                "{name}: {command:?}: {done}"
            );
            let json = repo.pretty(command);
            assert!(
                json.contains("the store can't be used"),
                "{name}: {command:?}: {json}"
            );
        }
        let doctor = repo.run(&["doctor"]);
        assert!(
            doctor.contains("problem: the store can't be used"),
            "{name}: {doctor}"
        );
    }
}

#[test]
fn the_result_is_the_one_without_a_store() {
    let mut without = String::new();
    for (name, repo) in broken() {
        let done = repo.command(&["--format", "json", "plan", "main"]).stdout;
        assert!(!done.is_empty());
        let plan = |repo: &Sandbox| {
            let shown = repo.pretty(&["plan", "main"]);
            let (plan, _) = shown.split_once("\"warnings\"").unwrap();
            plan.to_owned()
        };
        if without.is_empty() {
            let repo = repository();
            fs::remove_file(file(&repo)).unwrap();
            without = plan(&repo);
        }
        assert_eq!(plan(&repo), without, "{name}");
    }
}

#[test]
fn writing_is_refused_with_the_remedy() {
    for (name, repo) in broken() {
        let before = fs::read(file(&repo)).unwrap();
        for command in [
            &["upgrade", "old", "-m", "x"][..],
            &["upgrade", "old", "-m", "x", "--dry-run"],
            &["commit", "old", "-m", "x", "--put", "fizz=fizz.ocl"],
            &["adopt", "old"],
            &["store", "put", "fizz", "fizz.ocl"],
            &["store", "init"],
        ] {
            let done = repo.run(command);
            assert!(done.ends_with("--- exit 1"), "{name}: {command:?}: {done}");
            assert!(
                done.contains("store restore FILE --force"),
                "{name}: {command:?}: {done}"
            );
        }
        assert_eq!(fs::read(file(&repo)).unwrap(), before, "{name}");
    }
}

#[test]
fn messages() {
    let (_, repo) = broken().remove(0);
    insta::assert_snapshot!(repo.run(&["show", "main"]), @r#"
    --- stdout
    ==> .config/fizz.ocl <==
    color = "red"
    --- stderr
    warning: the store can't be used, so this was read without it, and nothing can be written; nothing was imported for team: REPO/.git/ocl-migrate/state.db is not a store: it is no SQLite database; it was left alone
    --- exit 0
    "#);
    insta::assert_snapshot!(repo.run(&["upgrade", "old", "-m", "x"]), @"
    --- stderr
    warning: the store can't be used, so this was read without it, and nothing can be written; nothing was imported for team: REPO/.git/ocl-migrate/state.db is not a store: it is no SQLite database; it was left alone
    error: REPO/.git/ocl-migrate/state.db is not a store: it is no SQLite database; it was left alone
    hint: look at it: ls -l REPO/.git/ocl-migrate/state.db; to replace it by a backup, and keep it beside: ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz store restore FILE --force
    --- exit 1
    ");
    insta::assert_snapshot!(repo.run(&["store", "restore", "backup.db"]), @"
    --- stderr
    error: REPO/.git/ocl-migrate/state.db is not a store: it is no SQLite database; it was left alone
    hint: look at it: ls -l REPO/.git/ocl-migrate/state.db; to replace it by a backup, and keep it beside: ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz store restore backup.db --force
    --- exit 1
    ");
    insta::assert_snapshot!(repo.run(&["store", "restore", "fizz.ocl", "--force"]), @"
    --- stderr
    error: fizz.ocl is not a store: it is no SQLite database; it was left alone
    hint: look at it: ls -l fizz.ocl; name another backup: ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz store restore FILE
    --- exit 1
    ");
    insta::assert_snapshot!(repo.run(&["store", "restore", "backup.db", "--force"]), @"
    --- stdout
    the store is as it was in backup.db; what was in its place is kept as REPO/.git/ocl-migrate/state.db.replaced-1
    --- exit 0
    ");
    let shown = repo.run(&["show", "main"]);
    assert!(!shown.contains("warning"), "{shown}");
    let kept = fs::read_to_string(repo.path().join(format!("{STORE}.replaced-1"))).unwrap();
    assert!(kept.starts_with("text text"), "{kept}");
}

/// What may be over soon, or others can use, is an error as before: the result would be another one.
#[test]
fn busy_and_newer_stores_stay_errors() {
    let repo = repository();
    let store = Connection::open(file(&repo)).unwrap();
    store.execute_batch("PRAGMA user_version = 99").unwrap();
    drop(store);
    for command in [&["show", "main"][..], &["status"]] {
        let done = repo.run(command);
        assert!(done.contains("use a newer"), "{done}");
        assert!(done.ends_with("--- exit 1"), "{done}");
    }
}
