//! `explain`: one document's story.

use ocl_migrate::store::{ProjectKey, Row, SqliteStore, Store};

use crate::support::Sandbox;

#[test]
fn what_every_step_did_and_why_the_others_did_not_run() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["explain", "old", "fizz"]));
    insta::assert_snapshot!(
        "in_the_middle",
        repo.run(&["explain", "feature/teams", "team/red"])
    );
}

#[test]
fn a_document_may_be_named_by_its_path() {
    let repo = Sandbox::new("versions");
    let by_name = repo.run(&["explain", "main", "team/blue"]);
    assert_eq!(
        repo.run(&["explain", "main", ".config/teams/blue.ocl"]),
        by_name
    );
}

#[test]
fn where_it_failed() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["explain", "broken", "fizz"]));
}

#[test]
fn where_it_was_imported_from() {
    let repo = Sandbox::new("versions");
    repo.shell("printf 'name = \"Gold\"\\n' > gold.ocl");
    repo.run(&["store", "init"]);
    repo.run(&["store", "put", "team/gold", "gold.ocl", "--shape", "5"]);
    insta::assert_snapshot!(repo.run(&["explain", "old", "team/gold"]));
    // The command refuses such a row; a server's own table may hold one.
    let row = Row::new("team", "older", "name = \"Gold\"\n", 4);
    let store = SqliteStore::new(repo.path().join(".git/ocl-migrate/state.db"));
    store
        .put_documents(&ProjectKey::new(".config"), &[row])
        .unwrap();
    insta::assert_snapshot!(
        "import_refused",
        repo.run(&["explain", "old", "team/older"])
    );
    repo.run(&["store", "remove", "team/older"]);
    // Once a branch has taken it, Git holds it, and the store remembers.
    repo.shell("git switch -q --detach main");
    repo.run(&["upgrade", "old", "-m", "Migrate"]);
    let text = repo.run(&["explain", "old", "team/gold"]);
    assert!(
        text.contains("it left the server's database on 20"),
        "{text}"
    );
    assert!(text.contains("last written at version 6"), "{text}");
}

#[test]
fn json() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.pretty(&["explain", "old", "fizz"]));
}

/// What comes in at the import has its shape, and a step before that has nothing to run on: the plan says so too.
#[test]
fn a_step_before_the_import_of_a_document_finds_it_in_shape() {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir .octopus && cd .octopus && echo 'version = 5' > schema_version.ocl && git add . && git commit -qm one
         printf 'name = \"A\"\\n\\nprocess {\\n}\\n' > ../a.ocl",
    );
    repo.run_plain(&["store", "init"]);
    repo.run_plain(&["store", "put", "runbook/a", "a.ocl", "--shape", "9"]);
    let planned = repo.run_plain(&["plan", "main"]);
    let step = planned
        .lines()
        .find(|line| line.contains("6  dialect  runbook"))
        .unwrap_or_else(|| panic!("{planned}"));
    assert!(
        step.ends_with("skip: what is imported is in a newer shape already"),
        "{planned}"
    );
    let explained = repo.run_plain(&["explain", "main", "runbook/a"]);
    let told =
        "6  dialect  heredoc_end_tag: not run: its content is in the shape of version 9 already";
    assert!(explained.contains(told), "{explained}");
}

/// As `log`, `blame` and Git tell it.
#[test]
fn the_day_of_the_last_write_is_the_authors() {
    let repo = Sandbox::empty();
    repo.shell(
        r#"set -e; mkdir .octopus; printf 'version = 14' > .octopus/schema_version.ocl
        printf 'name = "A"\n' > .octopus/deployment_settings.ocl; git add -A
        GIT_AUTHOR_DATE='2024-01-31T23:30:00-05:00' GIT_COMMITTER_DATE='2024-03-01T00:00:00Z' git commit -qm One"#,
    );
    let told = repo.run_plain(&["explain", "main", "deployment_settings"]);
    assert!(
        told.contains("last written at version 14, on 2024-01-31 by Ann in "),
        "{told}"
    );
    let json = repo.run_plain(&["explain", "main", "deployment_settings", "--format", "json"]);
    assert!(
        json.contains(r#""seconds":1709251200,"authored":1706761800,"#),
        "{json}"
    );
}

#[test]
fn without_a_document_it_says_where_the_project_is() {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir -p app/.octopus && echo 'version = 14' > app/.octopus/schema_version.ocl && git add -A && git commit -qm One",
    );
    let told = repo.run_plain(&["explain", "main"]);
    assert!(told.contains("there is one at \"app/.octopus\""), "{told}");
    assert!(told.contains("--base-path app/.octopus\n"), "{told}");
    assert!(told.contains("error: main has no document\n"), "{told}");
}
