//! `rename-thing`: another name for a thing, in one commit.

use insta::assert_snapshot;

use crate::support::Sandbox;

const RENAME: [&str; 4] = ["rename-thing", "variable", "Service.Host", "Db Server"];

#[test]
fn a_dry_run_shows_the_diff_and_writes_nothing() {
    let repo = Sandbox::new("uses");
    let before = repo.shell("git rev-parse main && git status --porcelain");
    assert_snapshot!(repo.run_plain(&[&RENAME[..], &["--into", "main", "--dry-run"]].concat()));
    assert_snapshot!(
        "dry_run_json",
        repo.pretty_plain(&[&RENAME[..], &["--into", "main", "--dry-run"]].concat())
    );
    assert_eq!(
        repo.shell("git rev-parse main && git status --porcelain"),
        before
    );
}

/// The branch is checked out: its files follow. Whoever used the old name uses the new one, in one commit.
#[test]
fn one_commit_renames_it_everywhere() {
    let repo = Sandbox::new("uses");
    let before = repo.run_plain(&["uses", "Service.Host"]);
    let done = repo.run_plain(&[&RENAME[..], &["--into", "main", "-m", "Rename it"]].concat());
    assert_snapshot!(done.replace(repo.shell("git rev-parse --short=10 main").trim(), "COMMIT"));
    assert_eq!(
        repo.run_plain(&["uses", "Db Server"]),
        before.replace("Service.Host", "Db Server")
    );
    assert_snapshot!(
        "in_git",
        repo.shell("git show --format=%s --stat main && git status --porcelain")
    );
    // A work tree with changes of its own is left alone.
    repo.shell("echo '' >> .octopus/variables.ocl");
    let at = repo.shell("git rev-parse main");
    let words = [
        "variable", "Spare", "Other", "--into", "main", "-m", "Again",
    ];
    let refused = repo.run_plain(&[&["rename-thing"], &words[..]].concat());
    assert!(refused.contains(".octopus/variables.ocl"), "{refused}");
    assert!(refused.ends_with("--- exit 1"), "{refused}");
    assert_eq!(repo.shell("git rev-parse main"), at);
}

/// A branch at version 5 is migrated by the same commit, with the consent that every such commit needs.
#[test]
fn an_old_branch_is_migrated_with_it() {
    let repo = Sandbox::new("uses");
    repo.run_plain(&["store", "init"]);
    let words = |more: &[&'static str]| {
        let words = [
            "rename-thing",
            "runbook",
            "backup",
            "nightly",
            "--into",
            "old",
        ];
        [&words[..], more].concat()
    };
    let refused = repo.run_plain(&words(&["-m", "Rename it"]));
    assert!(refused.contains("--accept-unknown 11,12"), "{refused}");
    assert_snapshot!(repo.run_plain(&words(&["--dry-run", "--accept-unknown", "11,12"])));
}

#[test]
fn what_is_in_the_way_is_told() {
    let repo = Sandbox::new("uses");
    let run = |words: &[&str]| {
        let words = [&["rename-thing"], words, &["--into", "main", "--dry-run"]].concat();
        repo.run_plain(&words) + "\n"
    };
    let all = [
        run(&["variable", "Service", "Service.host"]),
        run(&["variable", "Servic", "Other"]),
        run(&["variabel", "Service", "Other"]),
        run(&["variable", "Missing", "Other"]),
        run(&["runbook", "backup", "a:b"]),
        repo.run_plain(&["rename-thing", "variable", "A", "B", "--into", "main"]),
        repo.run_plain(&[
            "rename-thing",
            "variable",
            "Spare",
            "B",
            "--into",
            "broken",
            "-m",
            "B",
        ]),
    ];
    assert_snapshot!(all.concat());
    let error = repo.command(&[
        "--format",
        "json",
        "rename-thing",
        "variable",
        "Service",
        "Service.Host",
        "--into",
        "main",
        "-m",
        "B",
    ]);
    let text = String::from_utf8(error.stderr).unwrap();
    let error: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert_snapshot!(
        "refused_json",
        serde_json::to_string_pretty(&error).unwrap()
    );
}

/// Nothing defines an environment here: the references change, and that is said.
#[test]
fn what_lives_in_the_server_is_renamed_where_it_is_referred_to() {
    let repo = Sandbox::new("uses");
    assert_snapshot!(repo.run_plain(&[
        "rename-thing",
        "environment",
        "production",
        "live",
        "--into",
        "main",
        "--dry-run",
    ]));
}
