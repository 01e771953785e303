//! Documents that come from the store: no commit has their values until one writes the import.

use crate::support::{Sandbox, World};
use ocl_migrate::history::{BlameOptions, HistoryOptions};
use serde_json::Value;

/// A branch at version 8, below the import of runbooks, whose store has one; and a function that commits at another time.
const BEGIN: &str = r#"
    set -e
    day=0
    commit() {
      day=$((day + 1))
      export GIT_AUTHOR_DATE="$((1700000000 + day * 60)) +0000" GIT_COMMITTER_DATE="$((1700000000 + day * 60)) +0000"
      git add -A && git commit -q -m "$1"
    }
    runbook() { # runbook NAME RETENTION
      mkdir -p .octopus/runbooks
      printf 'name = "%s"\n\nrun_retention_policy {\n%s\n}\n' "$1" "$2" > .octopus/runbooks/backup.ocl
    }
    version() { printf "version = $1" > .octopus/schema_version.ocl; }
    mkdir -p .octopus
    version 8
    printf 'variable "A" {\n    value "1" {}\n}\n' > .octopus/variables.ocl
    commit Begin
    printf 'name = "Backup"\n\nrun_retention_policy {\n    quantity_to_keep = 100\n}\n' > .git/row.ocl
"#;

/// Runs a script in such a repository, which then has a store, and a mirror without one in `plain`.
fn repository(script: &str) -> Sandbox {
    let repo = Sandbox::empty();
    repo.shell(BEGIN);
    let put = [
        "store",
        "put",
        "runbook/backup",
        ".git/row.ocl",
        "--shape",
        "9",
    ];
    for command in [&["store", "init"][..], &put] {
        assert!(repo.command(command).status.success(), "{command:?}");
    }
    let functions = BEGIN.split_once("    mkdir -p .octopus\n").unwrap().0;
    repo.shell(&format!(
        "{functions}\nday=1\n{script}\ngit clone -q --mirror . plain"
    ));
    repo
}

/// The import, as a commit writes it.
const IMPORTED: &str = "version 14; runbook Backup '    type = \"Default\"'; commit Migrate";

/// What a command prints on stdout.
fn out(repo: &Sandbox, arguments: &[&str]) -> String {
    let done = repo.command(arguments);
    let error = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{arguments:?}: {error}");
    String::from_utf8(done.stdout).unwrap()
}

/// With the store and without: the same.
fn either_way(repo: &Sandbox, arguments: &[&str]) -> String {
    let with = out(repo, arguments);
    let without = out(repo, &[&["--repo", "plain"], arguments].concat());
    assert_eq!(with, without, "{arguments:?}");
    with
}

fn json(text: &str) -> Vec<Value> {
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The subject of the commit that gave each value.
fn blamed(repo: &Sandbox, revision: &str) -> Vec<String> {
    let lines = json(&either_way(
        repo,
        &["--format", "json", "blame", revision, "runbook/backup"],
    ));
    let told = lines.iter().map(|line| {
        let subject = line["subject"].as_str().unwrap();
        format!(
            "{subject}: {} = {}",
            line["address"].as_str().unwrap(),
            line["value"]
        )
    });
    told.collect()
}

/// Each change: the commit's subject, its cause, and what changed.
fn logged(text: &str) -> Vec<String> {
    let lines = json(text);
    let told = lines.iter().map(|line| {
        let word = |key: &str| line[key].as_str().unwrap_or("nothing").to_owned();
        format!(
            "{} ({}): {} {}",
            word("subject"),
            word("cause"),
            word("change"),
            word("address")
        )
    });
    told.collect()
}

const LOG: [&str; 5] = ["--format", "json", "log", "main", "runbook/backup"];

#[test]
fn what_is_in_the_store_still_has_no_commit() {
    let repo = repository(
        "printf 'variable \"A\" {\n    value \"2\" {}\n}\n' > .octopus/variables.ocl; commit Edit",
    );
    insta::assert_snapshot!(
        "pending_blame",
        repo.run_plain(&["blame", "main", "runbook/backup"])
    );
    insta::assert_snapshot!(
        "pending_log",
        repo.run_plain(&["log", "main", "runbook/backup"])
    );
    for value in json(&out(
        &repo,
        &["--format", "json", "blame", "main", "runbook/backup"],
    )) {
        assert_eq!(value["commit"], Value::Null, "{value}");
        assert!(value.as_object().unwrap().contains_key("commit"), "{value}");
        let origin = serde_json::json!({ "from": "store", "source": "table", "import_version": 9 });
        assert_eq!(value["origin"], origin);
        assert!(value.get("author").is_none(), "{value}");
    }
    assert_eq!(out(&repo, &LOG), "");
    let migrations = [&LOG[..], &["--migrations"]].concat();
    assert_eq!(out(&repo, &migrations), "");
    let rows = "SELECT * FROM changes('main') WHERE document = 'runbook/backup'";
    assert_eq!(out(&repo, &["--format", "json", "query", rows]), "");
    for command in ["blame", "log"] {
        out(
            &repo,
            &[command, "main", "runbook/backup", "--html", "page.html"],
        );
        let page = std::fs::read_to_string(repo.path().join("page.html")).unwrap();
        let told = "No commit has given the values that it has now: the import at version 9 brings them in from the \
                    store\u{2019}s table.";
        assert!(page.contains(told), "{command}");
        assert!(!page.contains("Begin"), "{command}");
    }
}

#[test]
fn what_an_import_brought_in_belongs_to_the_commit_that_wrote_it() {
    let repo = repository(&format!(
        "{IMPORTED}; runbook Backup '    quantity_to_keep = 7\n    type = \"Count\"'; commit Edit"
    ));
    assert_eq!(
        blamed(&repo, "main"),
        [
            "Migrate: name = \"Backup\"",
            "Edit: run_retention_policy.quantity_to_keep = 7",
            "Edit: run_retention_policy.type = \"Count\"",
        ]
    );
    let edits = [
        "Edit (edit): added run_retention_policy.quantity_to_keep",
        "Edit (edit): changed run_retention_policy.type",
    ];
    assert_eq!(logged(&either_way(&repo, &LOG)), edits);
    let migrations = [&LOG[..], &["--migrations"]].concat();
    let imported = [
        "Migrate (migration): added name",
        "Migrate (migration): added run_retention_policy.type",
    ];
    let all = [edits, imported].concat();
    assert_eq!(logged(&either_way(&repo, &migrations)), all);
    let sql = "SELECT subject, cause, change, address FROM changes('main') WHERE document = 'runbook/backup'";
    let rows = json(&either_way(&repo, &["--format", "json", "query", sql]));
    let rows: String = rows
        .iter()
        .map(|line| format!("{}\n", line["row"]))
        .collect();
    assert_eq!(logged(&rows), all);
    let text = either_way(&repo, &["log", "main", "runbook/backup", "--migrations"]);
    assert!(
        text.contains("Cause:  migrated from version 8 to 14"),
        "{text}"
    );
    assert!(text.contains("+ runbook/backup, with 2 values"), "{text}");
    either_way(&repo, &["blame", "main", "runbook/backup"]);
}

/// As `upgrade` writes it: afterwards the store has a snapshot.
#[test]
fn an_upgrade_gives_what_it_imported() {
    let repo = repository("true");
    let upgrade = [
        "upgrade",
        "main",
        "-m",
        "Upgrade",
        "--accept-unknown",
        "11,12",
    ];
    assert!(repo.command(&upgrade).status.success());
    repo.shell("git reset -q --hard && rm -rf plain && git clone -q --mirror . plain");
    let given = [
        "Upgrade: name = \"Backup\"",
        "Upgrade: run_retention_policy.type = \"Default\"",
    ];
    assert_eq!(blamed(&repo, "main"), given);
    let hidden = repo.run_plain(&["log", "main", "runbook/backup"]);
    assert!(
        hidden.contains("1 commit only migrated it: see --migrations"),
        "{hidden}"
    );
}

/// Only the store knows what of it the import brought in.
#[test]
fn an_edit_in_the_commit_that_imports_is_told_where_the_store_knows() {
    let repo = repository("version 14; runbook 'Back up' '    type = \"Default\"'; commit Both");
    assert_eq!(
        logged(&out(&repo, &LOG)),
        [
            "Both (both): added name",
            "Both (both): added run_retention_policy.type"
        ]
    );
    let plain = [&["--repo", "plain"], &LOG[..], &["--migrations"]].concat();
    assert_eq!(
        logged(&out(&repo, &plain))[0],
        "Both (migration): added name"
    );
    blamed(&repo, "main");
    // Each value alone, whether the whole document is asked about or a part.
    let causes = |of: &str| -> Vec<String> {
        let rows =
            format!("SELECT address, cause FROM changes({of}) WHERE document = 'runbook/backup'");
        let rows = json(&out(&repo, &["--format", "json", "query", &rows]));
        let told = rows
            .iter()
            .map(|row| format!("{} {}", row["row"]["address"], row["row"]["cause"]));
        told.map(|told| told.replace('"', "")).collect()
    };
    let (name, policy) = ("name both", "run_retention_policy.type migration");
    assert_eq!(causes("'main'"), [name, policy]);
    assert_eq!(causes("'main', 'name'"), [name]);
    assert_eq!(causes("'main', 'run_retention_policy'"), [policy]);
    // A document that the store doesn't have was added by somebody.
    let repo = repository(
        "version 14; mkdir .octopus/runbooks; printf 'name = \"New\"\n' > .octopus/runbooks/new.ocl; commit New",
    );
    let log = ["--format", "json", "log", "main", "runbook/new"];
    assert_eq!(logged(&out(&repo, &log)), ["New (both): added name"]);
}

/// No commit ever had it: the one that passed the import without it left it out, and the store has what it would have been.
#[test]
fn a_commit_that_imports_and_leaves_a_document_out_is_told_where_the_store_knows() {
    let repo = repository("version 14; commit Drop");
    let removed = [
        "Drop (both): removed name",
        "Drop (both): removed run_retention_policy.type",
    ];
    assert_eq!(logged(&out(&repo, &LOG)), removed);
    let of_value = [&LOG[..], &["name"]].concat();
    assert_eq!(logged(&out(&repo, &of_value)), removed[..1]);
    let text = out(&repo, &["log", "main", "runbook/backup"]);
    assert!(text.contains("- runbook/backup, with 2 values"), "{text}");
    // A document that the store doesn't have is none that was left out.
    let log = repo.run_plain(&["log", "main", "runbook/other"]);
    assert!(log.contains("runbook/other"), "{log}");
    assert!(log.ends_with("--- exit 1"), "{log}");
}

#[test]
fn of_a_merge_the_side_that_imported_gave_the_values() {
    let repo = repository(&format!(
        "git switch -qc side; {IMPORTED}
         git switch -q main; printf 'variable \"A\" {{\n    value \"2\" {{}}\n}}\n' > .octopus/variables.ocl; commit Edit
         git merge -q --no-ff -m Merge side"
    ));
    let given = [
        "Migrate: name = \"Backup\"",
        "Migrate: run_retention_policy.type = \"Default\"",
    ];
    assert_eq!(blamed(&repo, "main"), given);
    assert_eq!(either_way(&repo, &LOG), "");
}

/// A branch that lost the document and its version: what it has now comes from the store, whoever wrote the same before.
#[test]
fn what_comes_from_the_store_again_has_no_commit() {
    let repo = repository(&format!(
        "{IMPORTED}; git rm -q -r .octopus/runbooks; version 8; commit Back"
    ));
    let blame = out(
        &repo,
        &["--format", "json", "blame", "main", "runbook/backup"],
    );
    for value in json(&blame) {
        assert_eq!(value["commit"], Value::Null, "{value}");
    }
    let migrations = [&LOG[..], &["--migrations"]].concat();
    assert_eq!(
        logged(&either_way(&repo, &migrations))[..2],
        [
            "Back (migration): removed name",
            "Back (migration): removed run_retention_policy.type"
        ]
    );
}

/// A row that can't be lifted is no commit's mistake.
#[test]
fn a_row_that_cannot_be_lifted_is_no_error_of_older_commits() {
    let world = World::new("fizz: 2 import, 3 reject");
    world.row("fizz", "broken = 1", 2);
    world.branch("main", 1, &[]);
    world.branch("main", 3, &[("fizz.ocl", "a = 1")]);
    let (log, blame) = (HistoryOptions::default(), BlameOptions::default());
    assert_eq!(told(&world, "fizz", log), ["migration: + a = 1"]);
    assert_eq!(given(&world, "fizz", blame), ["0: a = 1"]);
}

/// Causes and changes of each commit, the newest first, with those that only migrated.
pub(super) fn told(world: &World, document: &str, options: HistoryOptions) -> Vec<String> {
    let options = HistoryOptions {
        migrations: true,
        ..options
    };
    let project = world.project();
    let history = project.history("main", document, options).unwrap();
    let told = history.map(|change| {
        let change = change.unwrap();
        let changes = change.difference();
        let changes: Vec<String> = changes.changes().iter().map(ToString::to_string).collect();
        format!("{}: {}", change.cause().name(), changes.join("; "))
    });
    told.collect()
}

/// How many commits lie between the tip and the one that gave each value; `-` where none did.
pub(super) fn given(world: &World, document: &str, options: BlameOptions) -> Vec<String> {
    let commits = world.repo.git(&["rev-list", "main"]);
    let commits: Vec<&str> = commits.lines().collect();
    let blame = world.project().blame("main", document, options).unwrap();
    let given = blame.values().map(|value| {
        let id = value.commit.map(|commit| commit.id.to_string());
        let back = id.and_then(|id| commits.iter().position(|known| *known == id));
        format!(
            "{}: {}",
            back.map_or("-".to_owned(), |back| back.to_string()),
            value.leaf
        )
    });
    given.collect()
}

#[test]
fn renames_and_steps_after_the_import_change_nothing_of_it() {
    let world = World::new("fizz: 2 import, 3 modify, 4 rename, 5 modify");
    world.row("fizz", "a = 1", 2);
    world.branch("main", 1, &[]);
    assert_eq!(
        given(&world, "fizz", BlameOptions::default()),
        ["-: a = 1", "-: v3 = true", "-: v5 = true"]
    );
    world.branch("main", 2, &[("fizz-4.ocl", "a = 1")]);
    world.branch("main", 4, &[("fizz.ocl", "a = 1\nv3 = true")]);
    world.branch("main", 4, &[("fizz.ocl", "a = 2\nv3 = true")]);
    world
        .repo
        .commit("main", None, &[(".octopus/fizz-4.ocl", None)]);
    assert_eq!(
        given(&world, "fizz", BlameOptions::default()),
        ["1: a = 2", "3: v3 = true", "3: v5 = true"]
    );
    assert_eq!(
        told(&world, "fizz", HistoryOptions::default()),
        [
            "edit: ~ a: 1 -> 2",
            "migration: ",
            "migration: + a = 1; + v3 = true; + v5 = true",
        ]
    );
}

/// One that Git held, that a remove ended, and that an import brings in again.
#[test]
fn a_second_life_begins_with_the_commit_that_imports_it() {
    let world = World::new("fizz: 2 remove, 4 import, 5 modify");
    world.row("fizz", "a = 1", 4);
    world.branch("main", 1, &[("fizz.ocl", "a = 1\nv5 = true")]);
    assert_eq!(
        given(&world, "fizz", BlameOptions::default()),
        ["-: a = 1", "-: v5 = true"]
    );
    world.branch("main", 5, &[("fizz.ocl", "a = 1\nv5 = true")]);
    world.branch("main", 5, &[("fizz.ocl", "a = 3\nv5 = true")]);
    assert_eq!(
        given(&world, "fizz", BlameOptions::default()),
        ["0: a = 3", "1: v5 = true"]
    );
    assert_eq!(
        told(&world, "fizz", HistoryOptions::default()),
        ["edit: ~ a: 1 -> 3", "migration: + a = 1; + v5 = true"]
    );
}

/// Where there was no project at all, the import that begins it is a migration too, in a repository with code and in an empty one.
#[test]
fn a_conversion_to_git_is_a_migration() {
    let put = ["store", "put", "runbook/backup", "row.ocl", "--shape", "14"];
    let upgrade = [
        "upgrade",
        "main",
        "-m",
        "Convert",
        "--accept-unknown",
        "11,12",
    ];
    for (begin, new) in [
        ("git commit -q --allow-empty -m Code", false),
        ("git symbolic-ref HEAD refs/heads/other", true),
    ] {
        let repo = Sandbox::empty();
        repo.shell(&format!(
            "echo row.ocl > .git/info/exclude; echo 'name = \"Backup\"' > row.ocl; {begin}"
        ));
        let upgrade = [&upgrade[..], if new { &["--new"] } else { &[] }].concat();
        for command in [&["store", "init"][..], &put, &upgrade] {
            let done = repo.run_plain(command);
            assert!(done.ends_with("--- exit 0"), "{command:?}: {done}");
        }
        let text = out(&repo, &["log", "main", "runbook/backup", "--migrations"]);
        assert!(text.contains("Cause:  migrated to version 14"), "{text}");
        let log = [&LOG[..], &["--migrations"]].concat();
        assert_eq!(
            logged(&out(&repo, &log)),
            ["Convert (migration): added name"]
        );
        assert_eq!(out(&repo, &LOG), "");
        // A later edit is one.
        repo.shell("echo 'name = \"Other\"' > row.ocl");
        let edit = [
            "commit",
            "main",
            "-m",
            "Edit",
            "--put",
            "runbook/backup=row.ocl",
        ];
        let done = repo.run_plain(&edit);
        assert!(done.ends_with("--- exit 0"), "{done}");
        assert_eq!(logged(&out(&repo, &LOG)), ["Edit (edit): changed name"]);
    }
}
