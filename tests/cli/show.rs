//! `show`: the migrated documents.

use crate::support::Sandbox;

#[test]
fn one_document_comes_as_it_is() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["show", "old", "fizz"]), @"");
    insta::assert_snapshot!(repo.run(&["show", "--raw", "old", ".config/fizz.ocl"]), @"");
}

#[test]
fn several_documents_have_headings() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["show", "main"]), @"");
}

#[test]
fn json_holds_the_plain_view() {
    let repo = Sandbox::new("versions");
    insta::assert_json_snapshot!(repo.json(&["show", "feature/teams"])[0], @"");
    insta::assert_json_snapshot!(repo.json(&["show", "--raw", "feature/teams", "fizz"])[0], @"");
    insta::assert_json_snapshot!(repo.json(&["show", "broken"])[0], @"");
}

#[test]
fn an_unknown_document_names_those_that_there_are() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["show", "main", "team/red"]), @"");
}
