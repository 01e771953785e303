//! Names of refs: environments, branches of a remote, and what hints make of them.

use std::fs;

use crate::support::Sandbox;

/// A project at every version, with a branch `new` and an environment of its name for another commit.
fn with_environments() -> Sandbox {
    let repo = Sandbox::new("versions");
    fs::write(
        repo.path().join(".ocl-migrate.hcl"),
        "environment \"main\" {\n  ref = \"old\"\n}\nenvironment \"production\" {\n  ref = \"refs/heads/old\"\n}\n",
    )
    .unwrap();
    repo
}

const SHADOWED: &str = "`main` is an environment of .ocl-migrate.hcl for another commit, and a ref of this repository: the ref is read";

#[test]
fn a_ref_comes_before_an_environment_of_its_name_everywhere() {
    let repo = with_environments();
    let value = |arguments: &[&str]| {
        let text = repo.run(arguments);
        assert_eq!(text.matches(SHADOWED).count(), 1, "{arguments:?}\n{text}");
        text
    };
    let named = value(&["compare", "--refs", "main", "production"]);
    assert_eq!(named, value(&["compare"]));
    value(&["export", "main", "--as", "json"]);
    value(&["doctor"]);
    value(&["doctor", "--format", "json"]);
    let commits = |sql: &str| value(&["query", "--csv", sql]);
    let tip = repo.shell("git rev-parse main");
    let rows = commits("SELECT \"commit\" FROM refs WHERE environment = 'main'");
    assert!(rows.contains(tip.trim()), "{rows}");
    // Where both name one commit, there is nothing to tell.
    fs::write(
        repo.path().join(".ocl-migrate.hcl"),
        "environment \"main\" {\n  ref = \"refs/heads/main\"\n}\n",
    )
    .unwrap();
    for arguments in [&["compare"][..], &["doctor"], &["preview", "main"]] {
        let text = repo.run(arguments);
        assert!(!text.contains("is an environment"), "{text}");
    }
}

#[test]
fn nothing_is_written_through_an_environment() {
    let repo = with_environments();
    for arguments in [
        &["commit", "production", "-m", "M", "--set", "fizz color=red"][..],
        &[
            "commit",
            "production",
            "-m",
            "M",
            "--new",
            "--from",
            "main",
            "--set",
            "fizz color=red",
        ],
        &["upgrade", "production", "-m", "M"],
        &["restore", "production", "--from", "main", "fizz"],
        &["adopt", "production"],
    ] {
        let text = repo.run(arguments);
        assert!(
            text.contains(
                "error: `production` is an environment, a name under which `refs/heads/old` is read"
            ),
            "{text}"
        );
        let command = arguments[0];
        assert!(
            text.contains("write to the branch that it names: ocl-migrate")
                && text.contains(&format!(" {command} old")),
            "{text}"
        );
    }
    assert!(!repo.shell("git branch").contains("production"));
}

#[test]
fn an_environment_that_is_no_branch_leads_to_a_new_one() {
    let repo = Sandbox::new("versions");
    repo.shell("echo 'environment \"production\" { ref = \"v1\" }' > .ocl-migrate.hcl");
    let text = repo.run(&["upgrade", "production", "-m", "M"]);
    let hint = "it names no branch; begin one there: git branch NAME v1 && ocl-migrate";
    assert!(text.contains(hint), "{text}");
    assert!(text.contains(" upgrade NAME -m M\n"), "{text}");
    // Read, it is as good as its ref.
    let restored = |from: &str| {
        let text = repo.run(&["restore", "main", "--from", from]);
        assert!(text.ends_with("--- exit 0"), "{text}");
        text.replace(from, "FROM")
    };
    assert_eq!(restored("production"), restored("v1"));
}

#[test]
fn in_a_fresh_clone_the_first_hint_works() {
    let origin = Sandbox::new("versions");
    let clone = Sandbox::empty();
    clone.shell(&format!("git clone -q '{}' clone", origin.path().display()));
    let run = |arguments: &[&str]| clone.run(&[&["-C", "clone"], arguments].concat());
    for arguments in [
        &["upgrade", "old", "-m", "Migrate"][..],
        &["restore", "old", "--from", "origin/main", "fizz"],
        &["commit", "old", "-m", "M", "--set", "fizz color=red"],
        &["merge", "origin/main", "--into", "old", "-m", "M"],
        &["rename-thing", "a", "b", "c", "--into", "old", "-m", "M"],
        &["adopt", "old"],
    ] {
        let text = run(arguments);
        assert!(
            text.contains(
                "make it a branch of yours: git -C clone branch old origin/old && ocl-migrate"
            ),
            "{text}"
        );
    }
    // A ref that is read is named as it is.
    let text = run(&["restore", "main", "--from", "old", "fizz"]);
    assert!(text.contains("did you mean origin/old?"), "{text}");
}

#[test]
fn a_parent_that_is_not_there_is_no_branch_to_begin() {
    let repo = Sandbox::new("versions");
    let text = repo.run(&[
        "commit",
        "fresh",
        "-m",
        "M",
        "--new",
        "--from",
        "nowhere",
        "--set",
        "fizz color=red",
    ]);
    assert!(text.contains("nowhere"), "{text}");
    assert!(!text.contains("--new --from HEAD"), "{text}");
    assert!(text.contains("see what there is: "), "{text}");
}

#[test]
fn an_option_that_stands_once_is_replaced_in_a_hint() {
    let repo = Sandbox::new("versions");
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
    let text = repo.run(&["query", "--max-rows=3", "--timeout", "60", endless]);
    let (_, hint) = text.split_once("to allow more: ").unwrap();
    assert_eq!(hint.matches("--max-rows").count(), 1, "{hint}");
    assert!(
        hint.contains("--timeout 60 ") && hint.contains("--max-rows 10000000"),
        "{hint}"
    );
}
