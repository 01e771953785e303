//! `commit --set`, `--set-json` and `--unset`, and `restore` of one value.

use crate::support::Sandbox;

const COMMIT: [&str; 4] = ["commit", "old", "-m", "Wider"];

/// Branches at several versions, and a store with nothing to import.
fn with_store() -> Sandbox {
    let repo = Sandbox::new("versions");
    repo.run(&["store", "init"]);
    repo
}

fn commit(repo: &Sandbox, options: &[&str]) -> String {
    repo.run(&[&COMMIT[..], options].concat())
}

#[test]
fn one_value_is_changed_in_the_shape_that_is_written() {
    let repo = with_store();
    // What differs from the migrated document is that value.
    insta::assert_snapshot!(commit(&repo, &["--dry-run", "--migration-message", "Migrate", "--set", "fizz size.width=200px"]), @"");
    insta::assert_snapshot!(commit(&repo, &["--set", "fizz size.width=200px"]), @"");
    insta::assert_snapshot!(repo.run(&["diff", "old~1", "old", "fizz"]), @"");
}

#[test]
fn what_may_not_be_meant_is_told() {
    let repo = with_store();
    let warnings = |options: &[&str]| {
        let all = commit(&repo, &[&["--dry-run"], options].concat());
        let (_, told) = all.split_once("--- stderr\n").unwrap_or_default();
        told.to_owned()
    };
    insta::assert_snapshot!(warnings(&["--set", "fizz size.with=200"]), @"");
    insta::assert_snapshot!(warnings(&["--set", "fizz size.depth=200"]), @"");
    insta::assert_snapshot!(warnings(&["--set", "fizz size.width=[1]"]), @"");
    insta::assert_snapshot!(warnings(&["--set-json", "fizz size.width=[1]"]), @"");
    insta::assert_snapshot!(warnings(&["--set", "fizz size.width=7"]), @"");
    insta::assert_snapshot!(commit(&repo, &["--format", "json", "--dry-run", "--set", "fizz size.depth=200"]), @"");
}

#[test]
fn what_can_not_be_meant_is_refused() {
    let repo = with_store();
    let before = repo.shell("git rev-parse old");
    insta::assert_snapshot!(commit(&repo, &["--set", "fizz siz.width=1"]), @"");
    insta::assert_snapshot!(commit(&repo, &["--set", "fizz size=1"]), @"");
    insta::assert_snapshot!(commit(&repo, &["--set", "fizz size.width"]), @"");
    insta::assert_snapshot!(commit(&repo, &["--set", "fizz size.width=1", "--unset", ".config/fizz.ocl **.width"]), @"");
    insta::assert_snapshot!(commit(&repo, &["--set", "fizz size.width=1", "--unset", ".config/fizz.ocl size.width"]), @"");
    insta::assert_snapshot!(commit(&repo, &["--set", "fizz size.width=1", "--remove", "fizz"]), @"");
    insta::assert_snapshot!(commit(&repo, &["--unset", "fiz size.width"]), @"");
    assert_eq!(repo.shell("git rev-parse old"), before);
}

#[test]
fn one_value_is_restored_in_todays_shape() {
    let repo = with_store();
    let committed = commit(
        &repo,
        &[
            "--set",
            "fizz size.width=200px",
            "--set",
            "fizz size.depth=1",
        ],
    );
    insta::assert_snapshot!(committed, @"");
    let restore =
        |words: &[&str]| repo.run(&[&["restore", "old", "--from", "old~1"], words].concat());
    insta::assert_snapshot!(restore(&["fizz", "size.width"]), @"");
    assert_eq!(
        restore(&["fizz size.width"]),
        restore(&["fizz", "size.width"])
    );
    insta::assert_snapshot!(restore(&["fizz", "size.depth", "-m", "Without depth"]), @"");
    insta::assert_snapshot!(repo.run(&["diff", "old~2", "old", "fizz"]), @"");
    insta::assert_snapshot!(restore(&["fizz", "size.heigth"]), @"");
    insta::assert_snapshot!(restore(&["fizz", "size.depth"]), @"");
}
