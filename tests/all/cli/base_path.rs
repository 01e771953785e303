//! A base path that no ref has, and a project that is about to begin at one.

use crate::support::{Sandbox, isolated};

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
            text.contains("REPO/.ocl-migrate.hcl:1 says so: did you mean .config? "),
            "{text}"
        );
    }
}

/// A script's variable that isn't set names nothing.
#[test]
fn an_empty_option_is_no_base_path() {
    let repo = Sandbox::new("versions");
    for option in ["--base-path", "--project"] {
        let told = repo.run(&[option, "", "store", "init"]);
        assert!(told.contains("a value is required for"), "{told}");
        assert!(told.ends_with("--- exit 2"), "{told}");
    }
    let told = repo.run(&["--base-path", ".", "store", "init"]);
    assert!(told.contains("knows the project . now"), "{told}");
}

/// The top of the repository has a name wherever it is told of.
#[test]
fn a_base_path_at_the_top_is_called_a_point() {
    let repo = Sandbox::empty();
    repo.shell(
        r#"set -e; mkdir -p c/0001_x flags sub/flags
        printf 'catalog "c" { base_path = "" }\ndocument "flag" { path = "flags/*.ocl" }\n' > c/catalog.hcl
        printf 'description = "x"\ndocument = "flag"\nmodify {\n  rename = { a = "b" }\n}\n' > c/0001_x/step.hcl
        printf 'version = 1\n' > schema_version.ocl; printf 'b = 1\n' > flags/f.ocl
        git add schema_version.ocl flags; git commit -qm One; git branch other; printf 'b = \n' > flags/f.ocl; git commit -qam Two"#,
    );
    let at = |arguments: &[&str]| repo.run_plain(&[&["--catalog", "c"], arguments].concat());
    let told = at(&["status", "main"]);
    assert!(told.contains("refs/heads/main  .  "), "{told}");
    let told = at(&["preview", "main"]);
    assert!(told.contains("), .: version 1"), "{told}");
    let told = at(&["doctor"]);
    assert!(!told.contains("--base-path ''"), "{told}");
}

/// Whoever reads the message didn't type it.
#[test]
fn a_wrong_base_path_is_told_with_who_says_it() {
    for (wrong, message) in [
        (
            "conf",
            "error: no ref has a project at \"conf\"; there is one at \".octopus\"\n",
        ),
        ("../x", "a base path is a folder in the repository"),
    ] {
        let repo = Sandbox::empty();
        repo.shell(&format!(
            "set -e; mkdir .octopus; echo 'version = 14' > .octopus/schema_version.ocl; git add -A; git commit -qm One
             printf '\\nbase_path = \"{wrong}\"\\n' > .ocl-migrate.hcl"
        ));
        let told = repo.run_plain(&["status"]);
        assert!(told.contains(message), "{told}");
        let hint = "\nhint: REPO/.ocl-migrate.hcl:2 says so: correct it there";
        assert!(told.contains(hint), "{told}");
        assert!(!told.contains("store init"), "{told}");
        repo.shell("rm .ocl-migrate.hcl");
        let done = isolated(env!("CARGO_BIN_EXE_ocl-migrate"), repo.path())
            .env("OCL_MIGRATE_BASE_PATH", wrong)
            .arg("status")
            .output();
        let told = String::from_utf8(done.unwrap().stderr).unwrap();
        let hint = "\nhint: OCL_MIGRATE_BASE_PATH says so: correct it there";
        assert!(told.contains(hint), "{told}");
        let typed = repo.run_plain(&["--base-path", wrong, "status"]);
        assert!(!typed.contains("says so"), "{typed}");
        if wrong == "conf" {
            let there = "hint: to look there: ocl-migrate status --base-path .octopus\n";
            assert!(typed.contains(there), "{typed}");
        }
    }
}
