//! What isn't a store, or is damaged, in the store's place: reading goes on without it and says so, writing is refused, and a
//! backup can take its place.

use std::fs;
use std::path::PathBuf;

use rusqlite::Connection;

use crate::support::{Sandbox, skipped};

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
    hint: look at it: ls -l REPO/.git/ocl-migrate/state.db
        to replace it by a backup, and keep it beside: ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz store restore FILE --force
        without one, begin anew: mv -n REPO/.git/ocl-migrate/state.db REPO/.git/ocl-migrate/state.db.old && mv -n REPO/.git/ocl-migrate/state.db-wal REPO/.git/ocl-migrate/state.db.old-wal && mv -n REPO/.git/ocl-migrate/state.db-shm REPO/.git/ocl-migrate/state.db.old-shm && ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz store init
    --- exit 1
    ");
    insta::assert_snapshot!(repo.run(&["store", "restore", "backup.db"]), @"
    --- stderr
    error: REPO/.git/ocl-migrate/state.db is not a store: it is no SQLite database; it was left alone
    hint: look at it: ls -l REPO/.git/ocl-migrate/state.db
        to replace it by a backup, and keep it beside: ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz store restore backup.db --force
    --- exit 1
    ");
    insta::assert_snapshot!(repo.run(&["store", "restore", "fizz.ocl", "--force"]), @"
    --- stderr
    error: fizz.ocl is not a store: it is no SQLite database; it was left alone
    hint: look at it: ls -l fizz.ocl
        name another backup: ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz store restore FILE
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

#[test]
fn a_backup_of_a_damaged_store_names_the_store() {
    for (name, repo) in broken() {
        let done = repo.run(&["store", "backup", "copy.db"]);
        assert!(
            done.contains("error: REPO/.git/ocl-migrate/state.db is "),
            "{name}: {done}"
        );
        assert!(!repo.path().join("copy.db").exists(), "{name}");
    }
}

/// Damage in a table that nothing here reads: the same check as before a restore finds it.
#[test]
fn damage_that_no_reading_meets_is_found_by_doctor_and_before_a_backup() {
    let repo = repository();
    let whole = repo.run(&["doctor"]);
    assert!(!whole.contains("damaged"), "{whole}");
    let store = Connection::open(file(&repo)).unwrap();
    let number = |sql| store.query_row(sql, [], |row| row.get::<_, i64>(0));
    let size = number("PRAGMA page_size").unwrap() as usize;
    let page =
        number("SELECT rootpage FROM sqlite_schema WHERE name = 'lookups'").unwrap() as usize;
    drop(store);
    let mut bytes = fs::read(file(&repo)).unwrap();
    bytes[(page - 1) * size..][..64].fill(0xAA);
    fs::write(file(&repo), &bytes).unwrap();

    let doctor = repo.run(&["doctor"]);
    let told = "problem: a part of the store is damaged, so what it holds can't be relied on: REPO/.git/ocl-migrate/state.db is \
                damaged (";
    assert!(doctor.contains(told), "{doctor}");
    assert!(doctor.contains("store restore FILE --force"), "{doctor}");
    // Who has no backup is told how to go on, too.
    let anew = "without one, begin anew: mv -n REPO/.git/ocl-migrate/state.db REPO/.git/ocl-migrate/state.db.old";
    assert!(doctor.contains(anew), "{doctor}");
    let done = repo.run(&["store", "list"]);
    assert!(done.contains(anew) && done.contains("store init"), "{done}");
    assert!(doctor.ends_with("--- exit 1"), "{doctor}");
    let before = repo.shell("ls -A . .git/ocl-migrate");
    let done = repo.run(&["store", "backup", "copy.db"]);
    let told = "error: REPO/.git/ocl-migrate/state.db is damaged (";
    assert!(done.contains(told), "{done}");
    assert_eq!(repo.shell("ls -A . .git/ocl-migrate"), before);

    // Nor is it copied over: what can be saved of it is kept.
    let done = repo.run(&["store", "restore", "backup.db"]);
    assert!(done.contains(told), "{done}");
    assert!(done.contains("store restore backup.db --force\n"), "{done}");
    let done = repo.run(&["store", "restore", "backup.db", "--force"]);
    let kept = repo.path().join(format!("{STORE}.replaced-1"));
    assert!(done.contains("state.db.replaced-1"), "{done}");
    assert_eq!(fs::read(&kept).unwrap(), bytes);
    assert!(
        repo.run(&["doctor"])
            .contains("replaced-1 is what a restore of the store replaced")
    );
    fs::remove_file(kept).unwrap();
    assert_eq!(repo.run(&["doctor"]), whole);

    fs::write(repo.path().join("copied.db"), &bytes).unwrap();
    let done = repo.run(&["store", "restore", "copied.db"]);
    assert!(done.contains("error: copied.db is damaged ("), "{done}");
}

/// A user who may read the repository, but not a store in it that belongs to another one.
#[cfg(unix)]
struct Reader {
    repo: Sandbox,
    is_root: bool,
}

#[cfg(unix)]
impl Reader {
    /// Without permission for this file or folder; `None` where no such user can be had.
    fn without(path: &str) -> Option<Reader> {
        let repo = repository();
        repo.shell(&format!("chmod 755 .; chmod 700 {path}"));
        let is_root = repo.shell("id -u").trim() == "0";
        if !is_root {
            repo.shell(&format!("chmod 0 {path}"));
            return Some(Reader { repo, is_root });
        }
        repo.shell("chown -R 65534:65534 .");
        repo.shell(&format!("chown -R 0:0 {path}"));
        let program = env!("CARGO_BIN_EXE_ocl-migrate");
        let can_run = format!(
            "setpriv --reuid=65534 --regid=65534 --clear-groups '{program}' --version || true"
        );
        let can_run = !repo.shell(&can_run).is_empty();
        can_run.then_some(Reader { repo, is_root })
    }

    fn run(&self, arguments: &str) -> String {
        let user = if self.is_root {
            "setpriv --reuid=65534 --regid=65534 --clear-groups"
        } else {
            ""
        };
        let program = env!("CARGO_BIN_EXE_ocl-migrate");
        let catalog = crate::support::project().join("fixtures/catalogs/fizz");
        let told = self.repo.shell(&format!(
            "{user} '{program}' --catalog '{}' {arguments} 2>&1; echo \"--- exit $?\"",
            catalog.display()
        ));
        let top = self.repo.path().to_str().unwrap();
        told.replace(top, "REPO")
            .replace(crate::support::project().to_str().unwrap(), "PROJECT")
    }
}

#[cfg(unix)]
impl Drop for Reader {
    fn drop(&mut self) {
        self.repo
            .shell("chmod -R u+rwX .git/ocl-migrate || chmod -R u+rwX .git");
    }
}

#[cfg(unix)]
#[test]
fn without_permission_for_the_own_store_reading_goes_on() {
    for path in [".git/ocl-migrate", STORE] {
        let Some(reader) = Reader::without(path) else {
            skipped("no other user can be had here");
            return;
        };
        for command in [
            "show main",
            "preview main",
            "plan main",
            "status",
            "rehearse",
            "explain main fizz",
        ] {
            let done = reader.run(command);
            assert!(done.ends_with("--- exit 0\n"), "{path}: {command}: {done}");
            assert!(
                done.contains("warning: the store can't be used"),
                "{path}: {command}: {done}"
            );
            assert!(
                done.contains("state.db can't be read: "),
                "{path}: {command}: {done}"
            );
        }
        let doctor = reader.run("doctor");
        assert!(
            doctor.contains("problem: the store can't be used"),
            "{path}: {doctor}"
        );
        assert!(
            doctor.contains("let the store's owner give you permission"),
            "{path}: {doctor}"
        );
        for command in [
            "upgrade old -m x",
            "commit old -m x --put fizz=fizz.ocl",
            "adopt old",
            "store put fizz fizz.ocl",
            "store init",
            "store status",
        ] {
            let done = reader.run(command);
            assert!(done.ends_with("--- exit 1\n"), "{path}: {command}: {done}");
            assert!(
                done.contains("error: REPO/.git/ocl-migrate/state.db can't be read: "),
                "{path}: {command}: {done}"
            );
            assert!(
                done.contains("hint: see whose it is: ls -ld REPO/.git/ocl-migrate"),
                "{path}: {command}: {done}"
            );
        }
        // A store that somebody names is meant to be used.
        let named = reader.run(&format!("--store {STORE} show main"));
        assert!(named.ends_with("--- exit 1\n"), "{path}: {named}");
        assert!(
            named.contains("state.db can't be read: "),
            "{path}: {named}"
        );
    }
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

/// Git's own check would stop at the same file.
#[cfg(unix)]
#[test]
fn objects_without_permission_are_no_damage() {
    let Some(reader) = Reader::without(".git/objects") else {
        crate::support::skipped("no other user can be had here");
        return;
    };
    let told = reader.run("preview main");
    assert!(told.contains("! -readable"), "{told}");
    assert!(!told.contains("fsck"), "{told}");
    assert!(told.contains("--- exit 1"), "{told}");
}

#[cfg(unix)]
#[test]
fn who_may_write_is_told_where_objects_cannot_be_written() {
    let Some(reader) = Reader::without(".git/objects") else {
        crate::support::skipped("no other user can be had here");
        return;
    };
    reader.repo.shell("chmod -R a+rX,a-w .git/objects");
    assert!(reader.run("preview main").ends_with("--- exit 0\n"));
    let told = reader.run("upgrade old -m Migrate");
    let denied = "error: can't write a blob in REPO/.git: ";
    assert!(
        told.contains(denied) && told.contains("Permission denied"),
        "{told}"
    );
    let hint = "hint: see who may write it: find REPO/.git -type d ! -writable -o ! -readable\n";
    assert!(told.contains(hint), "{told}");
    assert!(told.ends_with("--- exit 1\n"), "{told}");
    // It names the folder, and no object: those are never written again.
    let folders = reader
        .repo
        .shell("find .git -type d ! -perm -u+w | head -n 1");
    assert_eq!(folders, ".git/objects\n");
}

/// Without a backup there is a way out too, which throws nothing away.
#[test]
fn the_hint_begins_a_store_anew_where_something_else_lies() {
    let ways: [(&str, &str); 2] = [
        (
            "rm STORE; mkdir STORE; echo mine > STORE/file",
            "cat STORE.old/file",
        ),
        ("echo mine > STORE", "cat STORE.old"),
    ];
    for (spoil, kept) in ways {
        for command in [&["store", "init"][..], &["doctor"]] {
            let repo = repository();
            repo.shell(&spoil.replace("STORE", STORE));
            let before = repo.run(&["show", "main"]);
            assert!(before.ends_with("--- exit 0"), "{before}");
            let told = repo.run(command);
            let anew = told.find("mv -n ").unwrap_or_else(|| panic!("{told}"));
            let anew = told[anew..].lines().next().unwrap();
            let (moved, init) = anew.rsplit_once(" && ").unwrap();
            repo.shell(&moved.replace("REPO", "."));
            assert!(init.ends_with(" store init"), "{told}");
            let done = repo.run(&["store", "init"]);
            assert!(done.ends_with("--- exit 0"), "{done}");
            assert_eq!(repo.shell(&kept.replace("STORE", STORE)), "mine\n");
            let after = repo.run(&["show", "main"]);
            assert!(!after.contains("warning"), "{after}");
        }
    }
    // A folder that the user named is not in a store's place.
    let repo = repository();
    repo.shell("mkdir folder");
    let told = repo.run(&["--store", "folder", "doctor"]);
    assert!(
        told.contains("name a file in it: --store folder/store.db"),
        "{told}"
    );
}

/// A link is not followed for whoever only reads: nothing of another store is shown, and nothing stops.
#[cfg(unix)]
#[test]
fn reading_goes_on_where_the_store_is_a_link_out_of_the_repository() {
    let other = repository();
    for is_whole in [true, false] {
        let repo = repository();
        fs::remove_file(file(&repo)).unwrap();
        let target = if is_whole {
            file(&other)
        } else {
            "/nowhere/state.db".into()
        };
        std::os::unix::fs::symlink(&target, file(&repo)).unwrap();
        for command in [
            &["show", "main"][..],
            &["preview", "main"],
            &["status"],
            &["rehearse"],
        ] {
            let done = repo.run(command);
            assert!(done.ends_with("--- exit 0"), "{command:?}: {done}");
            let told = "state.db is not a store: it leads out of the repository; it was left alone";
            assert!(done.contains(told), "{command:?}: {done}");
        }
        let doctor = repo.run(&["doctor"]);
        assert!(
            doctor.contains("problem: the store can't be used"),
            "{doctor}"
        );
        assert!(
            doctor.contains(&format!("    or take the link away: rm REPO/{STORE}\n")),
            "{doctor}"
        );
        for command in [
            &["upgrade", "old", "-m", "x"][..],
            &["adopt", "old"],
            &["store", "init"],
            &["store", "status"],
        ] {
            let done = repo.run(command);
            assert!(
                done.contains("leads out of the repository: to use the store there"),
                "{command:?}: {done}"
            );
            assert!(done.ends_with("--- exit 1"), "{command:?}: {done}");
        }
    }
}

/// SQLite takes a file of one byte for an empty database.
#[test]
fn a_backup_of_no_byte_or_one() {
    let repo = repository();
    for (content, why) in [("", "it is empty"), ("x", "it is no SQLite database")] {
        fs::write(repo.path().join("backup"), content).unwrap();
        let done = repo.run(&["store", "restore", "backup", "--force"]);
        assert!(
            done.contains(&format!("backup is not a store: {why};")),
            "{done}"
        );
    }
}

/// What only a commit would ask for is missed before.
#[test]
fn a_store_that_lacks_a_table_is_damaged() {
    for part in [
        "table effects",
        "table lookups",
        "trigger snapshots_never_leave",
    ] {
        let repo = Sandbox::new("versions");
        repo.run(&["store", "init"]);
        repo.run(&["store", "backup", "whole.db"]);
        let store = rusqlite::Connection::open(repo.path().join(".git/ocl-migrate/state.db"));
        let drop_it = format!("PRAGMA foreign_keys = OFF; DROP {part}");
        store.unwrap().execute_batch(&drop_it).unwrap();
        for command in [
            &["store", "validate"][..],
            &["doctor"],
            &["store", "backup", "b.db"],
        ] {
            let told = repo.run(command);
            assert!(told.contains("damaged ("), "{told}");
            assert!(told.contains(part.split(' ').nth(1).unwrap()), "{told}");
            assert!(told.contains("--- exit 1"), "{told}");
        }
        repo.run(&["store", "restore", "whole.db", "--force"]);
        let told = repo.run(&["store", "validate"]);
        assert!(told.contains("is as it should be"), "{told}");
    }
}

/// A store whose file is gone, and whose -wal may hold what was written last.
#[test]
fn a_file_that_is_gone_beside_its_wal_is_told_by_whoever_reads() {
    let repo = repository();
    let wal = repo.path().join(format!("{STORE}-wal"));
    fs::remove_file(file(&repo)).unwrap();
    fs::write(&wal, "what was written last").unwrap();
    let gone = "state.db is damaged (the file is gone, and its -wal is still there)";
    for command in [
        &["preview", "main"][..],
        &["doctor"],
        &["store", "list"],
        &["store", "init"],
        &["upgrade", "main", "-m", "Migrate"],
    ] {
        let told = repo.run(command);
        assert!(told.contains(gone), "{command:?}\n{told}");
    }
    // Without a backup, what is left moves away.
    let doctor = repo.pretty(&["doctor"]);
    let doctor: serde_json::Value = serde_json::from_str(&doctor).unwrap();
    let findings = doctor["findings"].as_array().unwrap();
    let finding = findings.iter().find(|it| it["check"] == "store_unusable");
    let mend = finding.unwrap()["mend"].as_str().unwrap().to_owned();
    let anew =
        "mv -n REPO/.git/ocl-migrate/state.db-wal REPO/.git/ocl-migrate/state.db.old-wal && ";
    assert!(mend.contains(anew), "{mend}");
    let told = repo.run(&["store", "init"]);
    assert!(told.contains(anew), "{told}");
    fs::rename(&wal, repo.path().join("kept")).unwrap();
    let told = repo.run(&["store", "init"]);
    assert!(told.ends_with("--- exit 0"), "{told}");
}

/// Reading leaves one of no bytes.
#[test]
fn an_empty_wal_of_a_file_that_is_gone_is_nothing() {
    let repo = repository();
    fs::remove_file(file(&repo)).unwrap();
    fs::write(repo.path().join(format!("{STORE}-wal")), "").unwrap();
    let told = repo.run(&["store", "init"]);
    assert!(told.ends_with("--- exit 0"), "{told}");
    let told = repo.run(&["store", "list"]);
    assert!(told.ends_with("--- exit 0"), "{told}");
}

/// The backup is all right: it is the store's own file that is in the way.
#[test]
fn a_named_store_that_is_no_store_is_replaced_by_a_backup_with_force() {
    let repo = repository();
    fs::write(repo.path().join("bad.db"), "text ".repeat(999)).unwrap();
    let told = repo.run(&["--store", "bad.db", "store", "restore", "backup.db"]);
    assert!(told.contains("store restore backup.db --force\n"), "{told}");
    assert!(!told.contains("name another backup"), "{told}");
    let told = repo.run(&[
        "--store",
        "bad.db",
        "store",
        "restore",
        "backup.db",
        "--force",
    ]);
    assert!(told.ends_with("--- exit 0"), "{told}");
}

#[cfg(unix)]
#[test]
fn what_is_no_file_in_the_stores_place_moves_away() {
    let repo = repository();
    repo.shell(&format!("rm {STORE}*; mkfifo {STORE}"));
    let moved =
        "mv -n REPO/.git/ocl-migrate/state.db REPO/.git/ocl-migrate/state.db.old && ocl-migrate";
    for command in [&["doctor"][..], &["store", "list"]] {
        let told = repo.run(command);
        assert!(told.contains(moved), "{told}");
        assert!(!told.contains("--force"), "{told}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_repository_is_named_as_it_can_be_pasted() {
    let repo = repository();
    repo.shell(&format!(
        "mkdir kept; mv {STORE} kept/lnk.db; ln -s ../../kept/lnk.db {STORE}"
    ));
    let told = repo.run(&["doctor"]);
    assert!(told.contains("--store REPO/kept/lnk.db doctor\n"), "{told}");
}

/// The file that could not be written is told, and not the one that was to take its place.
#[cfg(unix)]
#[test]
fn who_may_not_install_the_merge_driver_is_told_of_the_file_that_it_writes() {
    for (folder, file) in [
        (".git/info", "attributes"),
        (".git/hooks", "pre-merge-commit"),
    ] {
        let Some(reader) = Reader::without(folder) else {
            skipped("no other user can be had here");
            return;
        };
        reader.repo.shell(&format!("chmod 555 {folder}"));
        let told = reader.run("merge-driver --install");
        reader.repo.shell(&format!("chmod 755 {folder}"));
        let expected =
            format!("error: REPO/{folder}/{file}: Permission denied (os error 13)\nhint:");
        assert!(told.contains(&expected), "{told}");
        assert!(!told.contains("tmp"), "{told}");
    }
}

#[test]
fn doctors_commands_are_about_the_project_that_was_chosen() {
    let repo = Sandbox::empty();
    repo.shell(
        "set -e; mkdir -p app/.config; printf 'version = 3' > app/.config/schema_version.ocl
        git add -A; git commit -qm 'At 3'",
    );
    let there = |arguments: &[&str]| {
        repo.run(
            &[
                &["--base-path", "app/.config", "--project", "shop"],
                arguments,
            ]
            .concat(),
        )
    };
    assert!(there(&["store", "init"]).ends_with("--- exit 0"));
    fs::write(file(&repo), "text ".repeat(999)).unwrap();
    let told = there(&["doctor"]);
    let (_, anew) = told.split_once("begin anew: ").unwrap();
    let (moved, init) = anew.lines().next().unwrap().split_once(" && ").unwrap();
    repo.shell(&moved.replace("REPO", &repo.path().display().to_string()));
    let words: Vec<&str> = init.split(' ').skip(1).collect();
    let words: Vec<&str> = match &*words {
        ["--catalog", _, rest @ ..] => rest.to_vec(),
        all => all.to_vec(),
    };
    let done = repo.run(&words);
    assert!(done.ends_with("--- exit 0"), "{init}: {done}");
    let told = there(&["store", "list"]);
    assert!(told.contains("the store knows the project shop"), "{told}");
}
