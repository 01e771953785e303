//! `preview`: what migrating would change.

use crate::support::Sandbox;

#[test]
fn a_plan_and_a_diff_per_document() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["preview", "old"]), @"");
}

#[test]
fn files_with_carriage_returns_keep_them() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["preview", "feature/teams"]), @"");
}

#[test]
fn counted_instead_of_shown() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["preview", "--stat", "old"]), @"");
}

#[test]
fn every_changed_line_under_its_step() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["preview", "--by-step", "old"]), @"");
}

#[test]
fn only_as_far_as_asked() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["preview", "--to", "4", "old"]), @"");
    insta::assert_snapshot!(repo.run(&["preview", "--to", "3", "main"]), @"");
    insta::assert_snapshot!(repo.run(&["preview", "--to", "7", "main"]), @"");
}

#[test]
fn the_exit_code_tells_of_pending_changes_when_asked() {
    let repo = Sandbox::new("versions");
    assert!(repo.run(&["preview", "old"]).ends_with("exit 0"));
    assert!(
        repo.run(&["preview", "--exit-code", "old"])
            .ends_with("exit 3")
    );
    assert!(
        repo.run(&["preview", "--exit-code", "main"])
            .ends_with("exit 0")
    );
}

#[test]
fn one_bad_document_does_not_take_the_others_down() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["preview", "broken"]), @"");
}

#[test]
fn an_uninitialised_branch_imports_everything() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["preview", "empty"]), @"");
}

#[test]
fn refs_that_cannot_be_migrated_say_why_and_what_to_do() {
    let repo = Sandbox::new("versions");
    for branch in ["future", "unmarked", "twice", "several", "nowhere"] {
        insta::with_settings!({ snapshot_suffix => branch }, {
            insta::assert_snapshot!("refused", repo.run(&["preview", branch]));
        });
    }
}

#[test]
fn json_holds_a_diff_per_document() {
    let repo = Sandbox::new("versions");
    insta::assert_json_snapshot!(repo.json(&["preview", "old"])[0], @"");
}
