//! `status`: where every ref stands.

use crate::support::Sandbox;

#[test]
fn every_branch_and_tag_is_listed_with_its_version() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["status"]), @"");
}

#[test]
fn all_includes_refs_that_are_neither_branch_nor_tag() {
    let repo = Sandbox::new("versions");
    assert!(!repo.run(&["status"]).contains("refs/pull/1/head"));
    assert!(repo.run(&["status", "--all"]).contains("refs/pull/1/head"));
}

#[test]
fn a_revision_may_be_anything_that_git_resolves() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["status", "main", "v1^{commit}", "refs/pull/1/head"]), @"");
    insta::assert_snapshot!(repo.run(&["status", "nowhere"]), @"");
}

#[test]
fn json_is_a_line_per_ref_and_base_path() {
    let repo = Sandbox::new("versions");
    let lines = repo.json(&["status", "old", "several", "empty", "twice", "future"]);
    insta::assert_json_snapshot!(lines, @"");
}

#[test]
fn a_base_path_narrows_the_list() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["--base-path", ".config/one", "status", "several", "main"]), @"");
}
