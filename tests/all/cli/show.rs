//! `show`: the migrated documents.

use crate::support::Sandbox;

#[test]
fn one_document_comes_as_it_is() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["show", "old", "fizz"]), @r#"
    --- stdout
    color = "red"

    size {
        width = "100px"
    }
    --- stderr
    warning: nothing was imported: there is no store to import team from
    --- exit 0
    "#);
    insta::assert_snapshot!(repo.run(&["show", "--raw", "old", ".config/fizz.ocl"]), @r#"
    --- stdout
    colour = "red"

    size {
        width = 100
    }
    --- exit 0
    "#);
}

#[test]
fn several_documents_have_headings() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["show", "main"]), @r#"
    --- stdout
    ==> .config/fizz.ocl <==
    color = "red"

    size {
        width = "100"
    }

    ==> .config/teams/blue.ocl <==
    name = "Blue"
    lead = ""
    --- exit 0
    "#);
}

#[test]
fn json_holds_the_plain_view() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.pretty(&["show", "feature/teams"]), @r#"
    {
      "format_version": 1,
      "ref": "refs/heads/feature/teams",
      "commit": "95741ebcaa9fdd087190f9e11eabec8204167246",
      "base_path": ".config",
      "branch_version": 4,
      "target_version": 6,
      "documents": [
        {
          "document": "fizz",
          "path": "fizz.ocl",
          "outcome": "changed",
          "content": {
            "color": "red",
            "size": [
              {
                "width": "100px"
              }
            ]
          }
        },
        {
          "document": "team/red",
          "path": "teams/red.ocl",
          "outcome": "changed",
          "kept": true,
          "content": {
            "name": "Red",
            "lead": "ann",
            "members": [
              "ann",
              "bob"
            ]
          }
        }
      ],
      "warnings": [
        "nothing was imported: there is no store to import team from"
      ]
    }
    "#);
    insta::assert_snapshot!(repo.pretty(&["show", "--raw", "feature/teams", "fizz"]), @r#"
    {
      "format_version": 1,
      "ref": "refs/heads/feature/teams",
      "commit": "95741ebcaa9fdd087190f9e11eabec8204167246",
      "base_path": ".config",
      "branch_version": 4,
      "target_version": 4,
      "documents": [
        {
          "document": "fizz",
          "path": "fizz.ocl",
          "outcome": "unchanged",
          "content": {
            "color": "red",
            "size": [
              {
                "width": 100
              }
            ]
          }
        }
      ]
    }
    "#);
    insta::assert_snapshot!(repo.pretty(&["show", "broken"]), @r#"
    {
      "format_version": 1,
      "ref": "refs/heads/broken",
      "commit": "2b5f198c78935e0bcbb09043a1d0a6c32aebc664",
      "base_path": ".config",
      "branch_version": 4,
      "target_version": 6,
      "documents": [
        {
          "document": "fizz",
          "path": "fizz.ocl",
          "outcome": "failed",
          "error": "this string is not closed on its line: a `\"` is missing (write line ends in it as `\\n`, or use a heredoc)\n --> .config/fizz.ocl:1:9\n  |\n1 | color = \"red\n  |         ^"
        },
        {
          "document": "team/green",
          "path": "teams/green.ocl",
          "outcome": "changed",
          "kept": true,
          "content": {
            "name": "Green",
            "lead": "-"
          }
        }
      ],
      "warnings": [
        "nothing was imported: there is no store to import team from"
      ]
    }
    "#);
}

#[test]
fn an_unknown_document_names_those_that_there_are() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["show", "main", "team/red"]), @"
    --- stderr
    error: there is no document `team/red` here; there are fizz and team/blue
    hint: did you mean team/blue? ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz show main team/blue
    --- exit 1
    ");
}
