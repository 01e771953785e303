//! Imports with effects, seen from a program that has none.

use crate::support::Sandbox;

/// The catalog "fizz", whose import of teams has an effect, and a team in the store.
fn sandbox() -> Sandbox {
    let repo = Sandbox::new("versions");
    let fizz = crate::support::project().join("fixtures/catalogs/fizz");
    repo.shell(&format!("cp -r '{}' catalog", fizz.display()));
    let step = "description = \"Teams\"\ndocument = \"team\"\nimport {\n  on_existing = \"keep\"\n  effect = \"update_references\"\n}\n";
    std::fs::write(repo.path().join("catalog/0005_teams/step.hcl"), step).unwrap();
    repo.shell("printf 'name = \"Red\"\\n' > team.ocl; git switch -q --detach main");
    run(&repo, &["store", "init"]);
    run(
        &repo,
        &["store", "put", "team/red", "team.ocl", "--shape", "5"],
    );
    repo
}

fn run(repo: &Sandbox, arguments: &[&str]) -> String {
    let global = ["--catalog", "catalog", "--base-path", ".config"];
    repo.run_plain(&[&global, arguments].concat())
}

#[test]
fn it_is_named_and_nothing_is_committed_that_would_run_it() {
    let repo = sandbox();
    let planned = run(&repo, &["plan", "old"]);
    assert!(
        planned.contains("run, from the table; with the effect update_references"),
        "{planned}"
    );
    let dry = run(&repo, &["upgrade", "old", "-m", "Migrate", "--dry-run"]);
    assert!(
        dry.contains(
            "the effect update_references would run (import of team at version 5), which this program doesn't have: commit through the \
             server that does"
        ),
        "{dry}"
    );
    let dry = [
        "upgrade",
        "old",
        "-m",
        "Migrate",
        "--dry-run",
        "--format",
        "json",
    ];
    let dry = run(&repo, &dry);
    assert!(dry.contains("\"is_unknown\":true"), "{dry}");
    insta::assert_snapshot!(run(&repo, &["upgrade", "old", "-m", "Migrate"]), @"
    --- stderr
    error: the import of team at version 5 has the effect update_references, which this program doesn't have: commit through the server that does
    --- exit 1
    ");
    let adopted = run(&repo, &["adopt", "main"]);
    assert!(
        adopted.contains("which this program doesn't have"),
        "{adopted}"
    );
    let status = run(&repo, &["store", "status"]);
    assert!(status.contains("team: 1 document in the table"), "{status}");
    assert!(!status.contains("effect"), "{status}");
    // Reading needs none.
    assert!(run(&repo, &["preview", "old"]).ends_with("exit 0"));
}

#[test]
fn a_name_with_a_blank_is_refused() {
    let repo = sandbox();
    repo.shell("sed -i 's/update_references/update references/' catalog/0005_*/step.hcl");
    let refused = run(&repo, &["status"]);
    assert!(
        refused.contains("the name of an effect has no blanks"),
        "{refused}"
    );
}

/// A branch that is checked out and has no commit yet.
#[test]
fn a_project_is_converted_where_no_commit_is() {
    let repo = Sandbox::empty();
    repo.shell("git init -q --initial-branch main fresh; printf 'name = \"Red\"\\n' > team.ocl");
    let run = |arguments: &[&str]| {
        repo.run(&[&["-C", "fresh", "--base-path", ".config"], arguments].concat())
    };
    run(&["store", "init"]);
    let put = run(&["store", "put", "team/red", "../team.ocl", "--shape", "5"]);
    assert!(put.contains("exit 0"), "{put}");
    let upgraded = run(&["upgrade", "main", "--new", "-m", "Convert"]);
    assert!(
        upgraded.contains("team/red left the database"),
        "{upgraded}"
    );
    assert_eq!(
        repo.shell("cd fresh && git status --short && git ls-tree -r --name-only main && git log --format=%s"),
        ".config/schema_version.ocl\n.config/teams/red.ocl\nConvert\n"
    );
    let again = run(&["upgrade", "main", "--new", "-m", "Convert"]);
    assert!(again.contains("exit 1"), "{again}");
}
