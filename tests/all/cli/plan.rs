//! `plan`: which steps would run, which not, and why.

use crate::support::Sandbox;

#[test]
fn of_a_ref() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["plan", "feature/teams"]), @"
    --- stdout
    refs/heads/feature/teams (95741ebcaa), .config: version 4 -> 6
        5  import  team  unknown: depends on what is in the store; passes over team/red in Git
           Teams come out of the database; what Git holds stays
        6  modify  team  run; one-way
           Every team has a lead: its first member, if it has any
        6  modify  fizz  run; one-way
           A width is text with a unit
    --- stderr
    warning: nothing was imported: there is no store to import team from
    --- exit 0
    ");
    insta::assert_snapshot!(repo.pretty(&["plan", "feature/teams"]), @r#"
    {
      "format_version": 1,
      "ref": "refs/heads/feature/teams",
      "commit": "95741ebcaa9fdd087190f9e11eabec8204167246",
      "base_path": ".config",
      "branch_version": 4,
      "project_version": null,
      "server_version": 6,
      "target_version": 6,
      "steps": [
        {
          "version": 5,
          "name": "teams",
          "document": "team",
          "action": "import",
          "decision": "unknown",
          "source": "unknown",
          "reason": "depends_on_store",
          "kept": [
            "team/red"
          ],
          "skipped_for": []
        },
        {
          "version": 6,
          "name": "lead",
          "document": "team",
          "action": "modify",
          "decision": "run",
          "source": null,
          "reason": null,
          "kept": [],
          "skipped_for": [],
          "one_way": "`default` writes values that may also have been there before"
        },
        {
          "version": 6,
          "name": "width",
          "document": "fizz",
          "action": "modify",
          "decision": "run",
          "source": null,
          "reason": null,
          "kept": [],
          "skipped_for": [],
          "one_way": "`convert` of `width` may give two values the same result"
        }
      ],
      "warnings": [
        "nothing was imported: there is no store to import team from"
      ]
    }
    "#);
}

#[test]
fn on_paper() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["plan", "--branch-version", "0", "--project-version", "1", "--shape", "fizz=4"]), @"
    --- stdout
        1  import  fizz  run, from the snapshot
           Fizz comes out of the database
        4  modify  fizz  skip: what is imported is in a newer shape already
           Fizz has a color, no longer a colour
        5  import  team  run, from the table
           Teams come out of the database; what Git holds stays
        6  modify  team  skip: what is imported is in a newer shape already
           Every team has a lead: its first member, if it has any
        6  modify  fizz  run; one-way
           A width is text with a unit
    --- exit 0
    ");
    insta::assert_snapshot!(repo.pretty(&["plan", "--branch-version", "4", "--project-version", "4"]), @r#"
    {
      "format_version": 1,
      "ref": null,
      "commit": null,
      "base_path": null,
      "branch_version": 4,
      "project_version": 4,
      "server_version": 6,
      "target_version": 6,
      "steps": [
        {
          "version": 5,
          "name": "teams",
          "document": "team",
          "action": "import",
          "decision": "run",
          "source": "table",
          "reason": null,
          "kept": [],
          "skipped_for": []
        },
        {
          "version": 6,
          "name": "lead",
          "document": "team",
          "action": "modify",
          "decision": "skip",
          "source": null,
          "reason": "already_in_shape",
          "kept": [],
          "skipped_for": [],
          "one_way": "`default` writes values that may also have been there before"
        },
        {
          "version": 6,
          "name": "width",
          "document": "fizz",
          "action": "modify",
          "decision": "run",
          "source": null,
          "reason": null,
          "kept": [],
          "skipped_for": [],
          "one_way": "`convert` of `width` may give two values the same result"
        }
      ]
    }
    "#);
    insta::assert_snapshot!(repo.run(&["plan", "--branch-version", "0", "--to", "4", "--shape", "fizz=6"]), @"
    --- stderr
    error: fizz: the store's content has shape 6, above the target version 4, and the step at version 6 can't be undone: `convert` of `width` may give two values the same result
    --- exit 1
    ");
}

#[test]
fn wrong_arguments_are_a_matter_of_usage() {
    let repo = Sandbox::new("versions");
    for arguments in [
        &["plan", "main", "--branch-version", "3"][..],
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
