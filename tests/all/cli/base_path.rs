//! A base path that no ref has, and a project that is about to begin at one.

use crate::support::Sandbox;

fn refused(repo: &Sandbox, arguments: &[&str]) -> bool {
    let mut words = vec!["--base-path", ".config/nowhere"];
    words.extend(arguments);
    let text = repo.run(&words);
    let refused =
        text.contains("no ref has a project at \".config/nowhere\"; there are some at \".config\"");
    assert!(!refused || text.ends_with("--- exit 1"), "{text}");
    refused
}

#[test]
fn every_command_refuses_a_base_path_that_no_ref_has() {
    let repo = Sandbox::new("versions");
    repo.shell("git switch -q --detach main; printf 'color = \"blue\"\\n' > fizz.ocl");
    for arguments in [
        &["preview", "main"][..],
        &["plan"],
        &["show", "main"],
        &["explain", "main", "fizz"],
        &["status"],
        &["status", "main"],
        &["rehearse"],
        &["doctor"],
        &["check"],
        &["check", "--all"],
        &["check", "main", "--base", "old", "--as", "github"],
        &["compare"],
        &["uses", "blue"],
        &["query", "SELECT 1"],
        &["adopt", "main"],
        &["upgrade", "main", "-m", "x"],
        &["downgrade", "main", "--to", "3", "-m", "x"],
        &["restore", "main", "--from", "old"],
        &["commit", "main", "-m", "x", "--put", "fizz=fizz.ocl"],
    ] {
        assert!(refused(&repo, arguments), "{arguments:?}");
    }
    // What begins a branch says that it is new.
    assert!(!refused(
        &repo,
        &[
            "commit",
            "new",
            "--new",
            "-m",
            "x",
            "--put",
            "fizz=fizz.ocl",
            "--dry-run"
        ]
    ));
}

#[test]
fn a_project_begins_where_the_store_was_told_of_it() {
    let repo = Sandbox::new("versions");
    repo.shell("git switch -q --detach main; printf 'color = \"blue\"\\n' > fizz.ocl");
    let at = |arguments: &[&str]| {
        let mut words = vec!["--base-path", ".config/nowhere"];
        words.extend(arguments);
        repo.run(&words)
    };
    at(&["store", "init"]);
    let begun = at(&["commit", "main", "-m", "Begin", "--put", "fizz=fizz.ocl"]);
    assert!(begun.contains("refs/heads/main is at"), "{begun}");
    let status = at(&["status"]);
    assert!(status.contains("current"), "{status}");
    // It was persisted, and now no ref has it any more.
    repo.shell("git update-ref refs/heads/main main~1");
    assert!(refused(&repo, &["status"]));
    // A commit that no ref leads to may have it.
    let lost = repo.shell("git fsck --lost-found 2> /dev/null | sed -n 's/dangling commit //p'");
    let shown = at(&["preview", lost.trim()]);
    assert!(shown.contains("version 6"), "{shown}");
}

#[test]
fn a_new_project_in_an_empty_repository() {
    let repo = Sandbox::empty();
    repo.shell("printf 'color = \"blue\"\\n' > fizz.ocl");
    let begin = [
        "--base-path",
        "teams/a",
        "commit",
        "main",
        "-m",
        "Begin",
        "--put",
        "fizz=fizz.ocl",
    ];
    let refused = repo.run(&begin);
    assert!(refused.contains("to begin it as a branch: "), "{refused}");
    assert!(refused.contains("--put fizz=fizz.ocl --new\n"), "{refused}");
    repo.run(&["--base-path", "teams/a", "store", "init"]);
    let begun = repo.run(&[&begin[..], &["--new"]].concat());
    assert!(begun.contains("refs/heads/main is at"), "{begun}");
    assert_eq!(repo.shell("git status --porcelain"), "?? fizz.ocl\n");
    assert_eq!(
        repo.shell("git ls-files teams"),
        "teams/a/fizz.ocl\nteams/a/schema_version.ocl\n"
    );
}

#[test]
fn a_mistyped_base_path_in_the_repositorys_settings() {
    let repo = Sandbox::new("versions");
    repo.shell("echo 'base_path = \".confi\"' > .ocl-migrate.hcl");
    for arguments in [&["status"][..], &["doctor"], &["preview", "main"]] {
        let text = repo.run(arguments);
        assert!(
            text.contains("no ref has a project at \".confi\"; there are some at \".config\""),
            "{text}"
        );
        assert!(
            text.contains("in the repository's .ocl-migrate.hcl"),
            "{text}"
        );
    }
}
