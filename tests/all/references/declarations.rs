//! `thing`, `reference` and `template` in a catalog: what is said where they are wrong.

use std::fs;

use insta::assert_snapshot;
use ocl_migrate::catalog::Catalog;

use crate::support::scratch;

fn errors(declarations: &str) -> String {
    let folder = scratch::folder();
    let head = "catalog \"test\" { base_path = \"\" }\ndocument \"fizz\" { path = \"fizz.ocl\" }\n";
    fs::write(
        folder.path().join("catalog.hcl"),
        format!("{head}{declarations}"),
    )
    .unwrap();
    Catalog::load(folder.path()).unwrap_err().to_string()
}

#[test]
fn unknown_kinds_and_languages_are_named() {
    assert_snapshot!(errors("thing \"room\" { defined_in = [\"fiz\"] }\nreference \"rom\" { at = \"a\" }\n\
        template \"octostash\" {\n  at = \"**\"\n  refers_to = \"rooms\"\n}\n"), @r#"
    the catalog has 4 problems

    there is no document kind `fiz`
     --> catalog.hcl:3:30
      |
    3 | thing "room" { defined_in = ["fiz"] }
      |                              ^^^^^
      = help: did you mean `fizz`?

    there is no thing `rom`
     --> catalog.hcl:4:11
      |
    4 | reference "rom" { at = "a" }
      |           ^^^^^
      = help: did you mean `room`?

    there is no template language `octostash`
     --> catalog.hcl:5:10
      |
    5 | template "octostash" {
      |          ^^^^^^^^^^^
      = help: did you mean `octostache`?

    there is no thing `rooms`
     --> catalog.hcl:7:15
      |
    7 |   refers_to = "rooms"
      |               ^^^^^^^
      = help: did you mean `room`?
    "#);
}

#[test]
fn what_is_missing_or_said_twice() {
    assert_snapshot!(errors("thing \"room\" { at = \"a\" }\nthing \"room\" {}\nreference \"room\" {}\n\
        reference \"room\" {\n  at = []\n  split = \"\"\n}\n"), @r#"
    the catalog has 5 problems

    `at` says how documents define it: `defined_in` is missing
     --> catalog.hcl:3:21
      |
    3 | thing "room" { at = "a" }
      |                     ^^^

    a second thing `room`
     --> catalog.hcl:4:1
      |
    4 | thing "room" {}
      | ^^^^^^^^^^^^

    `reference` doesn't say where: `at` is missing
     --> catalog.hcl:5:1
      |
    5 | reference "room" {}
      | ^^^^^^^^^^^^^^^^
      = help: write `at = ["path"]`

    `reference` doesn't say where: `at` is missing
     --> catalog.hcl:6:1
      |
    6 | reference "room" {
      | ^^^^^^^^^^^^^^^^
      = help: write `at = ["path"]`

    `split` is empty: leave it out
     --> catalog.hcl:8:11
      |
    8 |   split = ""
      |           ^^
    "#);
}

#[test]
fn what_cannot_be_read_has_its_place() {
    assert_snapshot!(errors("thing \"room\" {\n  defined_in = \"fizz\"\n  name = label\n  aliases = [\"a\"]\n}\n\
        reference \"room\" {\n  at = [\"a..b\", \"c[\\\"d\\\"][\\\"e\\\"]\"]\n  when = nothing\n}\n"), @r#"
    the catalog has 5 problems

    where the name stands can't be read
     --> catalog.hcl:5:10
      |
    5 |   name = label
      |          ^^^^^
      = help: write `name = slug`, `name = "attribute"` or a list of them

    `aliases` leads from strings to strings
     --> catalog.hcl:6:13
      |
    6 |   aliases = ["a"]
      |             ^^^^^
      = help: write `aliases = { "other name" = "name" }`

    expected a block type, an attribute, `*` or `**` in the selector, found `.`
     --> catalog.hcl:9:12
      |
    9 |   at = ["a..b", "c[\"d\"][\"e\"]"]
      |            ^

    after a name stands the key of one entry at most: `properties["key"]`
     --> catalog.hcl:9:17
      |
    9 |   at = ["a..b", "c[\"d\"][\"e\"]"]
      |                 ^^^^^^^^^^^^^^^^^

    unknown name `nothing`
      --> catalog.hcl:10:10
       |
    10 |   when = nothing
       |          ^^^^^^^
       = help: an attribute of the selected node is `self.nothing`
    "#);
}

/// A condition that nothing can make true or false.
#[test]
fn a_condition_is_no_list() {
    for when in ["[[]]", "[]", "{}", "\"yes\"", "1", "null"] {
        let errors = errors(&format!(
            "thing \"room\" {{}}\nreference \"room\" {{\n  at = \"a\"\n  when = {when}\n}}\n"
        ));
        assert!(errors.contains("`when` is a condition"), "{when}: {errors}");
    }
}

#[test]
fn what_only_documents_define_needs_documents() {
    assert_snapshot!(errors(
        "thing \"room\" {\n  built_in = \"hall\"\n  standalone = true\n}\n"
    ));
}
