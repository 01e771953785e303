//! `store`: what it takes, what it refuses, and what it says of what comes next.

use ocl_migrate::store::{ProjectKey, Row, SqliteStore, Store};

use crate::support::Sandbox;

fn key() -> ProjectKey {
    ProjectKey::new(".config")
}

fn store(repo: &Sandbox) -> SqliteStore {
    SqliteStore::new(repo.path().join(".git/ocl-migrate/state.db"))
}

/// Records the import of teams, as a commit past version 5 does.
fn record_teams(repo: &Sandbox, rows: &[Row]) {
    let store = store(repo);
    let mut write = store.write(&key()).unwrap();
    write
        .record_snapshot("team", 5, rows, 1_700_000_000)
        .unwrap();
    write.raise_version(6).unwrap();
    write.commit().unwrap();
}

/// A store that knows the project, and files to put.
fn with_store() -> Sandbox {
    let repo = Sandbox::empty();
    repo.run(&["store", "init"]);
    repo.shell("printf 'name = \"Gold\"\\n' > gold.ocl; printf 'color = \"red\"\\n' > fizz.ocl");
    repo
}

#[test]
fn a_shape_that_no_import_takes_is_refused() {
    let repo = with_store();
    insta::assert_snapshot!(repo.run(&["store", "put", "team/gold", "gold.ocl", "--shape", "4"]), @"
    --- stderr
    error: nothing would ever read team/gold there: the import of `team` at version 5 refuses shape 4, which is below it
    hint: a server brings its own data to version 5 before it is imported: if FILE is in that shape, say so: ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz store put team/gold FILE --shape 5
    --- exit 1
    ");
    insta::assert_snapshot!(repo.run(&["store", "put", "team/gold", "gold.ocl", "--shape", "7"]), @"
    --- stderr
    error: nothing would ever read team/gold there: shape 7 is above version 6, the newest that this server knows
    hint: use a newer release or catalog
    --- exit 1
    ");
    let put = repo.run(&["store", "put", "team/gold", "gold.ocl", "--shape", "5"]);
    assert!(put.ends_with("--- exit 0"), "{put}");
    insta::assert_snapshot!(repo.run(&["store", "list"]), @"
    --- stdout
    table           team/gold  shape 5
    --- exit 0
    ");
}

#[test]
fn a_row_after_its_import_is_refused() {
    let repo = with_store();
    record_teams(&repo, &[]);
    insta::assert_snapshot!(repo.run(&["store", "put", "team/gold", "gold.ocl", "--shape", "6"]), @"
    --- stderr
    error: nothing would ever read team/gold there: the import of `team` at version 5 is recorded: every branch reads its snapshot, which never changes
    hint: put it into a branch: ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz commit BRANCH -m TEXT --put team/gold=FILE
    --- exit 1
    ");
    // That of fizz, which was never recorded, may still read one.
    let put = repo.run(&["store", "put", "fizz", "fizz.ocl", "--shape", "6"]);
    assert!(put.ends_with("--- exit 0"), "{put}");
}

#[test]
fn a_shape_that_is_taken_for_granted_is_told() {
    let repo = with_store();
    insta::assert_snapshot!(repo.run(&["store", "put", "team/gold", "gold.ocl"]), @"
    --- stdout
    the table holds team/gold in shape 6
    --- stderr
    warning: shape 6, the newest, is assumed, as there is no --shape: a server below version 6 can't import team/gold
    --- exit 0
    ");
}

/// Written by a server of its own, or by an earlier release.
#[test]
fn doctor_finds_rows_that_nothing_reads() {
    let repo = with_store();
    let rows = [
        Row::new("team", "bronze", "name = \"Bronze\"\n", 4),
        Row::new("team", "gold", "name = \"Gold\"\n", 4),
        Row::new("team", "silver", "name = \"Silver\"\n", 6),
        Row::new("fizz", "", "color = \"red\"\n", 9),
        Row::new("buzz", "", "", 1),
    ];
    store(&repo).put_documents(&key(), &rows).unwrap();
    insta::assert_snapshot!(repo.run(&["doctor"]), @"
    --- stdout
    problem: the store's table has buzz of .config, and nothing will ever read it: no step imports `buzz`
        take it out: ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz store get buzz > FILE && ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz store remove buzz
    problem: the store's table has team/bronze and team/gold of .config, and nothing will ever read them: the import of `team` at version 5 refuses shape 4, which is below it
        if it is in another shape than the store says: ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz store get team/bronze > FILE && ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz store put team/bronze FILE --shape N
    problem: the store's table has fizz of .config, and nothing will ever read it: shape 9 is above version 6, the newest that this server knows
        if it is in another shape than the store says: ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz store get fizz > FILE && ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz store put fizz FILE --shape N
    0 refs looked at: 3 problems, 0 notes
    --- exit 1
    ");
    // A kind that the catalog doesn't have can be looked at and taken out.
    for command in ["get", "remove"] {
        let done = repo.run(&["store", command, "buzz"]);
        assert!(done.ends_with("--- exit 0"), "{done}");
    }
    record_teams(&repo, &[]);
    repo.shell(
        "mkdir .config; printf 'version = 6' > .config/schema_version.ocl; git add .config; git commit -qm 'At 6'",
    );
    insta::assert_snapshot!(repo.run(&["doctor"]), @"
    --- stdout
    problem: the store's table has team/bronze and team/gold of .config, and nothing will ever read them: the import of `team` at version 5 refuses shape 4, which is below it
        if it is in another shape than the store says: ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz store get team/bronze > FILE && ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz store put team/bronze FILE --shape N
    problem: the store's table has fizz of .config, and nothing will ever read it: shape 9 is above version 6, the newest that this server knows
        if it is in another shape than the store says: ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz store get fizz > FILE && ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz store put fizz FILE --shape N
    problem: the store's table has team/silver of .config, and nothing will ever read it: the import of `team` at version 5 is recorded: every branch reads its snapshot, which never changes
        put it into a branch, or drop it: ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz store get team/silver > FILE && ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz commit BRANCH -m TEXT --put team/silver=FILE && ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz store remove team/silver
    1 ref looked at: 3 problems, 0 notes
    --- exit 1
    ");
    insta::assert_snapshot!(repo.pretty(&["doctor"]), @r#"
    {
      "format_version": 1,
      "refs": 1,
      "read": 1,
      "branches": 1,
      "findings": [
        {
          "check": "never_read",
          "severity": "problem",
          "message": "the store's table has team/bronze and team/gold of .config, and nothing will ever read them: the import of `team` at version 5 refuses shape 4, which is below it",
          "mend": "if it is in another shape than the store says: ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz store get team/bronze > FILE && ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz store put team/bronze FILE --shape N",
          "documents": [
            "team/bronze",
            "team/gold"
          ]
        },
        {
          "check": "never_read",
          "severity": "problem",
          "message": "the store's table has fizz of .config, and nothing will ever read it: shape 9 is above version 6, the newest that this server knows",
          "mend": "if it is in another shape than the store says: ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz store get fizz > FILE && ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz store put fizz FILE --shape N",
          "documents": [
            "fizz"
          ]
        },
        {
          "check": "never_read",
          "severity": "problem",
          "message": "the store's table has team/silver of .config, and nothing will ever read it: the import of `team` at version 5 is recorded: every branch reads its snapshot, which never changes",
          "mend": "put it into a branch, or drop it: ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz store get team/silver > FILE && ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz commit BRANCH -m TEXT --put team/silver=FILE && ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz store remove team/silver",
          "documents": [
            "team/silver"
          ]
        }
      ]
    }
    "#);
}

#[test]
fn after_init_branches_that_are_ahead_are_told() {
    let repo = Sandbox::empty();
    repo.shell(
        "set -e; mkdir .config; printf 'version = 3' > .config/schema_version.ocl; git add .config; git commit -qm 'At 3'
        git switch -qc 'feature/at-6' && printf 'version = 6' > .config/schema_version.ocl && git commit -qam 'At 6'
        git switch -qc unmarked && git rm -q .config/schema_version.ocl && mkdir .config && printf 'color = \"red\"\\n' > .config/fizz.ocl
        git add .config; git commit -qm 'No marker'",
    );
    insta::assert_snapshot!(repo.run(&["store", "init"]), @"
    --- stdout
    REPO/.git/ocl-migrate/state.db knows the project .config now
    --- stderr
    hint: feature/at-6 is at version 6, and the store has the project at 0: put what branches below still import (ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz store put DOC FILE --shape N), then let the store catch up with feature/at-6; `adopt` records for good what the imports that it has passed found: ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz adopt --dry-run feature/at-6 && ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz adopt feature/at-6
    hint: unmarked states no version, so it isn't known what it has passed: the version of .config/fizz.ocl is unknown, as there is no marker: state it in .config/schema_version.ocl, as `version = N`; see all: ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz status
    --- exit 0
    ");
    let adopted = repo.run(&["adopt", "feature/at-6"]);
    assert!(adopted.ends_with("--- exit 0"), "{adopted}");
    let again = repo.run(&["store", "init"]);
    assert!(!again.contains("adopt"), "{again}");
    let other = repo.run(&["--project", "other", "store", "init"]);
    assert!(other.contains("--project other adopt --dry-run"), "{other}");
}

#[test]
fn a_store_of_nothing_is_listed_as_such() {
    let repo = with_store();
    insta::assert_snapshot!(repo.run(&["store", "list"]), @"
    --- stdout
    the store knows the project .config, and holds nothing of it: no documents, no snapshots, no lookups
    --- exit 0
    ");
}

#[test]
fn a_text_with_a_doubled_name_is_refused_with_both_places() {
    let repo = Sandbox::empty();
    repo.run(&["store", "init"]);
    repo.shell("printf 'color = \"red\"\\nsize = 1\\ncolor = \"blue\"\\n' > fizz.ocl");
    insta::assert_snapshot!(repo.run(&["store", "put", "fizz", "fizz.ocl"]), @"
    --- stderr
    error: names occur more than once, and it isn't clear which one counts, so nothing is written: keep the right one of each, or replace or remove the document
    fizz.ocl: the attribute `color` occurs twice: at line 1, column 1 and line 3, column 1
    hint: mend it there, then: ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz store put fizz fizz.ocl
    --- exit 1
    ");
    assert!(repo.run(&["store", "list"]).contains("holds nothing of it"));
}

#[test]
fn what_the_store_has_not_is_not_found_and_the_nearest_is_named() {
    let repo = Sandbox::empty();
    repo.run(&["store", "init"]);
    repo.shell("printf 'color = \"red\"\\n' > fizz.ocl");
    repo.run(&["store", "put", "fizz", "fizz.ocl"]);
    repo.run(&["store", "lookup", "put", "names", "alpha", "a"]);
    let mut told = String::new();
    for command in [
        "store get nope",
        "store get fiz",
        "store get fizz --snapshot 9",
        "store remove fizzz",
        "store lookup get names alfa",
        "store lookup get name alpha",
        "store lookup remove names nothing-like-it",
    ] {
        let words: Vec<&str> = command.split(' ').collect();
        let done = repo.run(&words);
        assert!(done.ends_with("--- exit 1"), "{done}");
        let error = done.lines().find(|line| line.starts_with("error:"));
        told.push_str(&format!("{command}\n  {}\n", error.unwrap()));
    }
    insta::assert_snapshot!(told, @r#"
    store get nope
      error: the table has no document `nope`
    store get fiz
      error: the table has no document `fiz`; did you mean fizz?
    store get fizz --snapshot 9
      error: the snapshot of version 9 has no document `fizz`
    store remove fizzz
      error: the table has no document `fizzz`; did you mean fizz?
    store lookup get names alfa
      error: the table "names" has no key "alfa"; did you mean alpha?
    store lookup get name alpha
      error: there is no table "name"; did you mean names?
    store lookup remove names nothing-like-it
      error: the table "names" has no key "nothing-like-it"
    "#);
}

/// What `store lookup put t k -` says to these bytes, as `printf` writes them.
fn put_from_stdin(repo: &Sandbox, bytes: &str) -> String {
    let catalog = crate::support::project().join("fixtures/catalogs/fizz");
    repo.shell(&format!(
        "printf '{bytes}' | '{}' --catalog '{}' store lookup put t k - 2>&1; echo \"--- exit $?\"",
        env!("CARGO_BIN_EXE_ocl-migrate"),
        catalog.display()
    ))
}

#[test]
fn a_lookup_with_a_doubled_name_is_refused_at_every_depth() {
    let repo = with_store();
    let put = |value: &str| repo.run(&["store", "lookup", "put", "t", "k", value]);
    for value in [
        r#"{"a": 1, "a": 2}"#,
        r#"[1, {"x": [null, {"a": 1.5, "b": "", "a": true}]}]"#,
    ] {
        let text = put(value);
        assert!(
            text.contains(r#""a" stands there twice at line 1 column"#),
            "{text}"
        );
        assert!(text.ends_with("--- exit 2"), "{text}");
    }
    std::fs::write(
        repo.path().join("l.json"),
        "{\"t\": {\"k\":\n [{\"a\": 1, \"a\": 2}]}}",
    )
    .unwrap();
    let text = repo.run(&["store", "lookup", "load", "l.json"]);
    assert!(
        text.contains(r#"l.json: "a" stands there twice at line 2 column"#),
        "{text}"
    );
    assert!(text.ends_with("--- exit 1"), "{text}");
    let text = put_from_stdin(&repo, r#"{"a": [{"b": 1, "b": 2}]}"#);
    assert!(text.contains(r#""b" stands there twice"#), "{text}");
    assert!(repo.run(&["store", "list"]).contains("no lookups"));
    // What isn't JSON is text, and one name in two objects is no doubled one.
    for value in [r#"{"a": 1, "a": 2"#, r#"[{"a": 1}, {"a": {"a": -2}}]"#] {
        let text = put(value);
        assert!(text.ends_with("--- exit 0"), "{text}");
    }
}

#[test]
fn answers_are_loaded_all_or_none() {
    let repo = with_store();
    for (bad, why) in [
        (
            r#""b\nc": 2"#,
            r#"the key "b\nc" of the lookup table "feeds" can't be stored: it holds the control character U+000A"#,
        ),
        (
            &format!("\"b\": \"{}\"", "x".repeat(1 << 20)),
            r#"the value under the key "b" of the lookup table "feeds" can't be stored: it has 1048578 bytes, and 1048576 are allowed"#,
        ),
        (
            &format!("\"{}\": 2", "b".repeat(5000)),
            &format!(
                r#"the key "{}"… of the lookup table "feeds" can't be stored: it has 5000 bytes, and 4096 are allowed"#,
                "b".repeat(60)
            ),
        ),
    ] {
        let json = format!(r#"{{"feeds": {{"a": 1, {bad}, "z": 3}}}}"#);
        std::fs::write(repo.path().join("l.json"), json).unwrap();
        let told = repo.run(&["store", "lookup", "load", "l.json"]);
        assert!(told.contains(&format!("error: {why}\n")), "{told}");
        assert!(told.ends_with("--- exit 1"), "{told}");
        assert!(repo.run(&["store", "list"]).contains("no lookups"));
    }
    repo.shell(r#"echo '{"feeds": {"a": 1, "b": 2}, "f": {"a": 3}}' > l.json"#);
    let told = repo.run(&["store", "lookup", "load", "l.json"]);
    assert!(told.contains("3 answers put into 2 tables"), "{told}");
    let told = repo.run(&["store", "lookup", "get", "f", "a"]);
    assert!(told.contains("\n3\n"), "{told}");
}

#[test]
fn the_standard_input_of_a_lookup_must_be_json_in_utf_8() {
    let repo = with_store();
    let text = put_from_stdin(&repo, "{\"a\":\\n1,}\\n");
    assert!(
        text.contains("error: -: trailing comma at line 2 column 3"),
        "{text}"
    );
    assert!(text.ends_with("--- exit 1\n"), "{text}");
    let text = put_from_stdin(&repo, "[1,\\n\"a\\377\"]");
    assert!(
        text.contains("error: -: it isn't UTF-8 at line 2 column 3"),
        "{text}"
    );
    assert!(text.ends_with("--- exit 1\n"), "{text}");
    assert!(repo.run(&["store", "list"]).contains("no lookups"));
    let text = put_from_stdin(&repo, "\"text\"\\n");
    assert!(text.contains("t \"k\" is \"text\" now"), "{text}");
}

#[test]
fn the_store_is_never_its_own_backup() {
    let repo = with_store();
    let path = ".git/ocl-migrate/state.db";
    repo.shell(&format!("ln -s {path} link.db; ln {path} same.db"));
    let before = std::fs::read(repo.path().join(path)).unwrap();
    for file in [path, "link.db", "same.db"] {
        for command in [
            &["store", "backup", file][..],
            &["store", "backup", file, "--force"],
            &["store", "restore", file],
        ] {
            let text = repo.run(command);
            assert!(
                text.contains("the store can't be its own backup"),
                "{command:?} {text}"
            );
            let other = match command[1] {
                "backup" => "hint: name another file: ",
                _ => "hint: name another backup: ",
            };
            assert!(text.contains(other), "{command:?} {text}");
            assert!(text.ends_with("--- exit 1"), "{text}");
        }
    }
    assert_eq!(std::fs::read(repo.path().join(path)).unwrap(), before);
}

/// The store had more than the backup: that isn't lost, and is told.
#[test]
fn what_a_restore_replaces_is_kept_beside_and_named() {
    let repo = with_store();
    repo.run(&["store", "backup", "backup.db"]);
    let same = repo.pretty(&["store", "restore", "backup.db"]);
    let same: serde_json::Value = serde_json::from_str(&same).unwrap();
    assert_eq!(same["changed"], false, "{same}");
    assert!(same.get("kept").is_none(), "{same}");
    insta::assert_snapshot!(repo.run(&["store", "restore", "backup.db"]), @"
    --- stdout
    the store holds what is in backup.db already
    --- exit 0
    ");

    let put = ["store", "put", "team/gold", "gold.ocl", "--shape", "5"];
    repo.run(&put);
    insta::assert_snapshot!(repo.run(&["store", "restore", "backup.db"]), @"
    --- stdout
    the store is as it was in backup.db; what was in its place is kept as REPO/.git/ocl-migrate/state.db.replaced-1
    --- exit 0
    ");
    repo.shell("printf 'name = \"Gold\"\nlead = \"ann\"\n' > gold.ocl");
    repo.run(&put);
    let told = repo.pretty(&["store", "restore", "backup.db"]);
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["changed"], true, "{told}");
    let kept = told["kept"].as_str().unwrap();
    assert!(kept.ends_with("state.db.replaced-2"), "{told}");
    assert_eq!(told["subjects"][1], kept);
    for number in 1..3 {
        let kept = format!(".git/ocl-migrate/state.db.replaced-{number}");
        let text = repo.run(&["--store", &kept, "store", "get", "team/gold"]);
        assert!(text.contains("name = \"Gold\""), "{text}");
    }
    let text = repo.run(&["store", "get", "team/gold"]);
    assert!(text.ends_with("--- exit 1"), "{text}");
    // What is kept already isn't kept again.
    repo.run(&put);
    let told = repo.run(&["store", "restore", "backup.db"]);
    assert!(told.contains("state.db.replaced-2\n"), "{told}");
    assert!(
        !repo
            .path()
            .join(".git/ocl-migrate/state.db.replaced-3")
            .exists()
    );
}

/// A server leaves its steps in the store, which the backup doesn't have.
#[test]
fn the_same_restore_after_newer_steps_keeps_one_copy() {
    let repo = with_store();
    repo.run(&["store", "backup", "backup.db"]);
    let backup = rusqlite::Connection::open(repo.path().join("backup.db")).unwrap();
    let gone = backup.execute("DELETE FROM catalogs", []).unwrap();
    assert_eq!(gone, 1, "the steps that `store init` left");
    drop(backup);
    for _ in 0..3 {
        let told = repo.run(&["store", "restore", "backup.db"]);
        assert!(told.contains("state.db.replaced-1\n"), "{told}");
    }
    assert!(
        !repo
            .path()
            .join(".git/ocl-migrate/state.db.replaced-2")
            .exists()
    );
}

#[test]
fn what_restores_have_kept_is_told_by_doctor_until_it_is_removed() {
    let repo = with_store();
    let whole = repo.run(&["doctor"]);
    repo.run(&["store", "backup", "backup.db"]);
    repo.run(&["store", "put", "team/gold", "gold.ocl", "--shape", "5"]);
    repo.run(&["store", "restore", "backup.db"]);
    // One that was moved there as it was damaged has its parts.
    repo.shell("cd .git/ocl-migrate; echo x > state.db.replaced-12; echo x > state.db.replaced-12-wal; touch -d '50 hours ago' state.db.replaced-12; touch state.db.replaced-x state.db.replaced-3.mine");
    let told = repo.run(&["doctor"]);
    let first = "note: REPO/.git/ocl-migrate/state.db.replaced-1 is what a restore of the store replaced, written less than a day \
                 ago: nothing reads it\n    if nobody needs what it holds: rm REPO/.git/ocl-migrate/state.db.replaced-1\n";
    assert!(told.contains(first), "{told}");
    let second = "state.db.replaced-12 is what a restore of the store replaced, written 2 days ago: nothing reads it\n    if \
                  nobody needs what it holds: rm REPO/.git/ocl-migrate/state.db.replaced-12 \
                  REPO/.git/ocl-migrate/state.db.replaced-12-wal\n";
    assert!(told.contains(second), "{told}");
    assert_eq!(told.matches("what a restore").count(), 2, "{told}");
    assert!(told.ends_with("--- exit 0"), "{told}");
    let report: serde_json::Value = serde_json::from_str(&repo.pretty(&["doctor"])).unwrap();
    assert_eq!(report["findings"][0]["check"], "replaced_store", "{report}");
    for finding in report["findings"].as_array().unwrap() {
        let mend = finding["mend"].as_str().unwrap();
        let (_, remove) = mend.split_once(": ").unwrap();
        repo.shell(&remove.replace("REPO", repo.path().to_str().unwrap()));
    }
    assert_eq!(repo.run(&["doctor"]), whole);
}

#[test]
fn a_backup_replaces_only_a_store_or_an_empty_file() {
    let repo = with_store();
    let backup = |file: &str| repo.run(&["store", "backup", file, "--force"]);
    let config = repo.path().join(".git/config");
    let before = std::fs::read(&config).unwrap();
    insta::assert_snapshot!(backup(".git/config"), @"
    --- stderr
    error: .git/config is not a store: it is no SQLite database; it was left alone
    hint: look at it: ls -l .git/config
        name another file: ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz store backup FILE
    --- exit 1
    ");
    assert_eq!(std::fs::read(&config).unwrap(), before);
    repo.shell("touch empty.db; mkdir folder; touch used.db-wal");
    // Without --force it isn't offered where it would be refused.
    for file in [".git/config", "folder", "used.db"] {
        let text = repo.run(&["store", "backup", file]);
        assert!(!text.contains("--force"), "{text}");
        assert_eq!(
            text.contains("name another file"),
            file != "folder",
            "{text}"
        );
    }
    let text = repo.run(&["store", "backup", "empty.db"]);
    assert!(text.contains("to replace it: "), "{text}");
    for _ in 0..2 {
        let text = backup("empty.db");
        assert!(text.ends_with("--- exit 0"), "{text}");
    }
    assert!(backup("folder").contains("folder is not a store: it is a folder"));
    let text = backup("used.db");
    assert!(text.contains("used.db-wal exists"), "{text}");
    assert!(!text.contains("--force --force"), "{text}");
    assert!(text.contains("hint: name another file"), "{text}");
}

#[test]
fn a_backup_makes_no_folder() {
    let repo = with_store();
    insta::assert_snapshot!(repo.run(&["store", "backup", "nowhere/x/a.db"]), @"
    --- stderr
    error: could not write into the folder nowhere/x: No such file or directory (os error 2)
    hint: see what is there: ls -la .
    --- exit 1
    ");
    assert!(!repo.path().join("nowhere").exists());
}

/// Nobody means the catalog's base path where all projects lie elsewhere.
#[test]
fn the_project_is_named_where_no_ref_has_one_at_the_catalogs_base_path() {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir -p .config/web; printf 'version = 6' > .config/web/schema_version.ocl
        git add -A; git commit -qm Web; printf 'name = \"Gold\"\n' > gold.ocl",
    );
    insta::assert_snapshot!(repo.run(&["store", "init"]), @r#"
    --- stderr
    error: no ref has a project at ".config"; there is one at ".config/web"
    hint: name it: ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz store init --base-path .config/web
        to begin one at ".config": ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz store init --base-path .config
    --- exit 1
    "#);
    assert!(!repo.path().join(".git/ocl-migrate").exists());
    let done = repo.run(&["store", "init", "--base-path", ".config/web"]);
    assert!(done.contains("knows the project .config/web now"), "{done}");
    let put = repo.run(&["store", "put", "team/gold", "gold.ocl"]);
    let hint = "store put team/gold gold.ocl --base-path .config/web\n    to begin";
    assert!(put.contains(hint), "{put}");
    // Once it was begun, it is the project.
    let done = repo.run(&["store", "init", "--base-path", ".config"]);
    assert!(done.ends_with("--- exit 0"), "{done}");
    let put = repo.run(&["store", "put", "team/gold", "gold.ocl", "--shape", "5"]);
    assert!(put.ends_with("--- exit 0"), "{put}");
    // What is about the whole store needs no project.
    assert!(repo.run(&["store", "status"]).ends_with("--- exit 0"));
}

#[test]
fn a_table_that_no_step_asks_is_told_and_an_empty_name_is_refused() {
    let repo = with_store();
    repo.shell("echo '{\"feed\": {\"a\": \"b\"}, \"feeds\": {\"a\": \"b\"}}' > typo.json; echo '{\"feeds\": {\"\": \"b\"}}' > empty.json");
    let told = "warning: no step of this catalog asks a table \"feed\"; did you mean feeds?";
    for command in [
        &["store", "lookup", "put", "feed", "docker.io", "x"][..],
        &["store", "lookup", "load", "typo.json"],
    ] {
        let done = repo.run_plain(&[&["--project", ".config"], command].concat());
        assert_eq!(done.matches("warning").count(), 1, "{done}");
        assert!(done.contains(told), "{done}");
        assert!(done.ends_with("--- exit 0"), "{done}");
    }
    for command in [
        &["store", "lookup", "put", "feeds", "", "x"][..],
        &["store", "lookup", "put", "", "a", "x"],
        &["store", "lookup", "load", "empty.json"],
    ] {
        let done = repo.run_plain(&[&["--project", ".config"], command].concat());
        assert!(done.contains("empty"), "{done}");
        assert!(!done.ends_with("--- exit 0"), "{done}");
    }
}

#[test]
fn a_document_that_could_not_be_checked_out_is_refused() {
    let repo = with_store();
    insta::assert_snapshot!(repo.run(&["store", "put", "team/CON", "gold.ocl", "--shape", "5"]), @"
    --- stderr
    error: team/CON belongs at teams/CON.ocl, and `CON.ocl` is a device on Windows: choose another name
    hint: see how it is called: ocl-migrate help store put
    --- exit 2
    ");
    let put = repo.run(&["store", "put", "team/gold", "gold.ocl", "--shape", "5"]);
    assert!(put.ends_with("--- exit 0"), "{put}");
    insta::assert_snapshot!(repo.run(&["store", "put", "team/Gold", "gold.ocl", "--shape", "5"]), @"
    --- stderr
    error: team/Gold belongs at teams/Gold.ocl, and the table has team/gold, which can't lie beside it on every disk: choose another name
    hint: see how it is called: ocl-migrate help store put
    --- exit 2
    ");
    // The same again replaces it.
    let put = repo.run(&["store", "put", "team/gold", "gold.ocl", "--shape", "5"]);
    assert!(put.ends_with("--- exit 0"), "{put}");
}
