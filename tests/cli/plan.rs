//! `plan`: which steps would run, which not, and why.

use crate::support::Sandbox;

#[test]
fn of_a_ref() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["plan", "feature/teams"]), @"");
    insta::assert_json_snapshot!(repo.json(&["plan", "feature/teams"])[0], @"");
}

#[test]
fn on_paper() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["plan", "--branch-version", "0", "--project-version", "1", "--shape", "fizz=4"]), @"");
    insta::assert_json_snapshot!(repo.json(&["plan", "--branch-version", "4", "--project-version", "4"])[0], @"");
    insta::assert_snapshot!(repo.run(&["plan", "--branch-version", "0", "--to", "4"]), @"");
}

#[test]
fn wrong_arguments_are_a_matter_of_usage() {
    let repo = Sandbox::new("versions");
    for arguments in [
        &["plan"][..],
        &["plan", "main", "--branch-version", "3"],
        &["plan", "--branch-version", "3", "--shape", "fizz"],
        &["plan", "--branch-version", "3", "--shape", "nothing=3"],
        &["plan", "main", "--shape", "fizz=3"],
        &["frobnicate"],
        &[],
    ] {
        let said = repo.run(arguments);
        assert!(said.ends_with("exit 2"), "{arguments:?}: {said}");
        assert!(!said.contains("--- stdout"), "{arguments:?}: {said}");
    }
}
