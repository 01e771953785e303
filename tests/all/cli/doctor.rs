//! `doctor`: what is wrong, and how to mend it.

use crate::support::{Sandbox, everything_in};

/// A branch at version 6 into which a document came from one at version 3, whose marker lost the merge.
fn mixed() -> Sandbox {
    let repo = Sandbox::empty();
    repo.shell(
        "set -e; mkdir -p .config/teams
        printf 'version = 3' > .config/schema_version.ocl
        printf 'colour = \"red\"\\n' > .config/fizz.ocl
        git add -A && git commit -qm 'At version 3'
        git branch side
        printf 'version = 6' > .config/schema_version.ocl
        printf 'color = \"red\"\\n' > .config/fizz.ocl
        git commit -qam 'At version 6'
        git switch -q side
        printf 'colour = \"blue\"\\n' > .config/fizz.ocl
        git commit -qam 'Blue, still at version 3'
        git switch -q main
        git merge -q -X theirs --no-edit side
        printf 'version = 6' > .config/schema_version.ocl
        git add -A; git diff --cached --quiet || git commit -qm 'Version 6 again'
        git branch -q copy",
    );
    repo
}

#[test]
fn a_document_that_a_merge_brought_in_from_a_lower_version_is_found_and_mended() {
    let repo = mixed();
    insta::assert_snapshot!(repo.run(&["doctor"]));
    // What it says mends it.
    let catalog = crate::support::project().join("fixtures/catalogs/fizz");
    let finding = repo.pretty(&["doctor"]);
    let finding: serde_json::Value = serde_json::from_str(&finding).unwrap();
    let command = finding["findings"][0]["mend"].as_str().unwrap();
    let program = env!("CARGO_BIN_EXE_ocl-migrate");
    let scratch = repo.path().join("mended.ocl").display().to_string();
    let here = crate::support::project().display().to_string();
    let command = command
        .replace("/tmp/mended.ocl", &scratch)
        .replace("PROJECT", &here);
    repo.shell(&format!(
        "set -e; export OCL_MIGRATE_CATALOG='{}'; ocl-migrate() {{ '{program}' \"$@\"; }}
        git switch -q --detach; {command}",
        catalog.display()
    ));
    let mended = finding["findings"][0]["ref"].as_str().unwrap();
    let other = ["refs/heads/copy", "refs/heads/main"]
        .into_iter()
        .find(|name| *name != mended)
        .unwrap();
    repo.shell(&format!("git update-ref {other} {mended}"));
    let text = repo.run(&["doctor"]);
    assert!(text.contains("nothing is wrong"), "{text}");
}

#[test]
fn a_healthy_repository_has_no_findings() {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir -p .config; printf 'version = 6' > .config/schema_version.ocl
        printf 'color = \"red\"\\n' > .config/fizz.ocl
        git add -A && git commit -qm 'At version 6'",
    );
    insta::assert_snapshot!(repo.run(&["doctor"]), @"
    --- stdout
    1 ref looked at: nothing is wrong
    --- exit 0
    ");
}

#[test]
fn refs_store_and_locks_are_looked_at_and_nothing_is_written() {
    let repo = Sandbox::new("versions");
    repo.run(&["store", "init"]);
    repo.run(&["--project", "shop", "store", "init"]);
    repo.shell("touch -d '3 hours ago' .git/refs/heads/old.lock; touch .git/index.lock");
    let everything = || {
        let mut files = everything_in(repo.path());
        // SQLite's own.
        files.retain(|path, _| !path.to_string_lossy().contains("ocl-migrate"));
        files
    };
    let before = everything();
    let text = repo.run(&["doctor"]);
    assert_eq!(everything(), before);
    insta::assert_snapshot!(text);
}

#[test]
fn json_names_the_check_and_the_way_out() {
    let repo = mixed();
    insta::assert_snapshot!(repo.pretty(&["doctor"]));
}
