//! `preview`: what migrating would change.

use crate::support::Sandbox;

#[test]
fn a_plan_and_a_diff_per_document() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["preview", "old"]), @r#"
    --- stdout
    refs/heads/old (b107edaf29), .config: version 3 -> 6
        4  modify  fizz  run
           Fizz has a color, no longer a colour
        5  import  team  unknown: depends on what is in the store
           Teams come out of the database; what Git holds stays
        6  modify  team  unknown: depends on the shape in the store
           Every team has a lead: its first member, if it has any
        6  modify  fizz  run; one-way
           A width is text with a unit

      schema_version.ocl: 3 -> 6

    diff --git a/.config/fizz.ocl b/.config/fizz.ocl
    --- a/.config/fizz.ocl
    +++ b/.config/fizz.ocl
    @@ -1,5 +1,5 @@
    -colour = "red"
    +color = "red"
     
     size {
    -    width = 100
    +    width = "100px"
     }

    1 of 1 document would change, 2 lines added, 2 removed
    --- stderr
    warning: nothing was imported: there is no store to import team from
    --- exit 0
    "#);
}

#[test]
fn without_the_plan_the_rest_is_the_same() {
    let repo = Sandbox::new("versions");
    for options in [&[][..], &["--stat"], &["--by-step"]] {
        let preview = [&["preview", "old"], options].concat();
        let whole = repo.run(&preview);
        let (head, rest) = whole.split_once("\n    ").expect("a plan");
        let (_, rest) = rest.split_once("\n\n").expect("the plan ends");
        let without = repo.run(&[&preview[..], &["--no-plan"]].concat());
        assert_eq!(without, format!("{head}\n\n{rest}"), "{options:?}");
    }
}

#[test]
fn files_with_carriage_returns_keep_them() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["preview", "feature/teams"]), @r#"
    --- stdout
    refs/heads/feature/teams (95741ebcaa), .config: version 4 -> 6
        5  import  team  unknown: depends on what is in the store; passes over team/red in Git
           Teams come out of the database; what Git holds stays
        6  modify  team  run; one-way
           Every team has a lead: its first member, if it has any
        6  modify  fizz  run; one-way
           A width is text with a unit

      schema_version.ocl: 4 -> 6

    diff --git a/.config/fizz.ocl b/.config/fizz.ocl
    --- a/.config/fizz.ocl
    +++ b/.config/fizz.ocl
    @@ -1,5 +1,5 @@
     color = "red"
     
     size {
    -    width = 100
    +    width = "100px"
     }
    diff --git a/.config/teams/red.ocl b/.config/teams/red.ocl
    --- a/.config/teams/red.ocl
    +++ b/.config/teams/red.ocl
    @@ -1,2 +1,3 @@
     name = "Red"
    +lead = "ann"
     members = ["ann", "bob"]

    2 of 2 documents would change, 2 lines added, 1 removed
    --- stderr
    warning: nothing was imported: there is no store to import team from
    --- exit 0
    "#);
}

#[test]
fn counted_instead_of_shown() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["preview", "--stat", "old"]), @"
    --- stdout
    refs/heads/old (b107edaf29), .config: version 3 -> 6
        4  modify  fizz  run
           Fizz has a color, no longer a colour
        5  import  team  unknown: depends on what is in the store
           Teams come out of the database; what Git holds stays
        6  modify  team  unknown: depends on the shape in the store
           Every team has a lead: its first member, if it has any
        6  modify  fizz  run; one-way
           A width is text with a unit

      schema_version.ocl: 3 -> 6

      .config/fizz.ocl  +2 -2

    1 of 1 document would change, 2 lines added, 2 removed
    --- stderr
    warning: nothing was imported: there is no store to import team from
    --- exit 0
    ");
}

/// What the server keeps itself at a lower version isn't as it was.
#[test]
fn what_is_left_out_is_counted_apart() {
    let repo = Sandbox::empty();
    repo.run_plain(&["demo", "demo"]);
    let text = repo.run_plain(&["--repo", "demo", "preview", "main", "--to", "8", "--stat"]);
    let told = "  as they are: deployment_process and deployment_settings\n  left out: runbook/back-up-database and runbook/rotate-keys\n";
    assert!(text.contains(told), "{text}");
}

#[test]
fn every_changed_line_under_its_step() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["preview", "--by-step", "old"]), @r#"
    --- stdout
    refs/heads/old (b107edaf29), .config: version 3 -> 6
        4  modify  fizz  run
           Fizz has a color, no longer a colour
        5  import  team  unknown: depends on what is in the store
           Teams come out of the database; what Git holds stays
        6  modify  team  unknown: depends on the shape in the store
           Every team has a lead: its first member, if it has any
        6  modify  fizz  run; one-way
           A width is text with a unit

      schema_version.ocl: 3 -> 6

    step 4 color: Fizz has a color, no longer a colour
    diff --git a/.config/fizz.ocl b/.config/fizz.ocl
    --- a/.config/fizz.ocl
    +++ b/.config/fizz.ocl
    @@ -1,4 +1,4 @@
    -colour = "red"
    +color = "red"
     
     size {
         width = 100

    step 6 width: A width is text with a unit
    diff --git a/.config/fizz.ocl b/.config/fizz.ocl
    --- a/.config/fizz.ocl
    +++ b/.config/fizz.ocl
    @@ -1,5 +1,5 @@
     color = "red"
     
     size {
    -    width = 100
    +    width = "100px"
     }

    1 of 1 document would change, 2 lines added, 2 removed
    --- stderr
    warning: nothing was imported: there is no store to import team from
    --- exit 0
    "#);
}

#[test]
fn only_as_far_as_asked() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["preview", "--to", "4", "old"]), @r#"
    --- stdout
    refs/heads/old (b107edaf29), .config: version 3 -> 4
        4  modify  fizz  run
           Fizz has a color, no longer a colour

      schema_version.ocl: 3 -> 4

    diff --git a/.config/fizz.ocl b/.config/fizz.ocl
    --- a/.config/fizz.ocl
    +++ b/.config/fizz.ocl
    @@ -1,4 +1,4 @@
    -colour = "red"
    +color = "red"
     
     size {
         width = 100

    1 of 1 document would change, 1 line added, 1 removed
    --- exit 0
    "#);
    insta::assert_snapshot!(repo.run(&["preview", "--to", "3", "main"]), @"
    --- stdout
    refs/heads/main (2ad8a259b8), .config: version 6 -> 3
        6  modify  fizz  refuse: this step can't be undone
           A width is text with a unit
           one-way: `convert` of `width` may give two values the same result
        6  modify  team  refuse: this step can't be undone
           Every team has a lead: its first member, if it has any
           one-way: `default` writes values that may also have been there before
        5  import  team  undo, the server keeps the documents itself again; leaves out team/blue
           Teams come out of the database; what Git holds stays
        4  modify  fizz  undo
           Fizz has a color, no longer a colour

      schema_version.ocl: 6 -> 3

    0 of 2 documents would change, 0 lines added, 0 removed; 1 left out; 1 can't be migrated
    --- stderr
    warning: the result is without team/blue: at version 3 the server keeps it itself, and edits since then are in this branch only
    error: .config/fizz.ocl: step 6 width (0006_width/step.hcl): this step is one-way: `convert` of `width` may give two values the same result
    hint: see why: ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz explain main fizz --to 3
    --- exit 1
    ");
    for format in ["text", "json"] {
        let down = [
            "downgrade",
            "main",
            "--to",
            "5",
            "-m",
            "Down",
            "--format",
            format,
        ];
        let said = repo.run(&down);
        assert!(said.contains(" explain main fizz --to 5"), "{said}");
    }
    insta::assert_snapshot!(repo.run(&["preview", "--to", "7", "main"]), @"
    --- stderr
    error: version 7 is above this server's version 6
    hint: see which versions there are: ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz plan --branch-version 0
    --- exit 1
    ");
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
    insta::assert_snapshot!(repo.run(&["preview", "broken"]), @r#"
    --- stdout
    refs/heads/broken (2b5f198c78), .config: version 4 -> 6
        5  import  team  unknown: depends on what is in the store; passes over team/green in Git
           Teams come out of the database; what Git holds stays
        6  modify  team  run; one-way
           Every team has a lead: its first member, if it has any
        6  modify  fizz  run; one-way
           A width is text with a unit

      schema_version.ocl: 4 -> 6

    diff --git a/.config/teams/green.ocl b/.config/teams/green.ocl
    --- a/.config/teams/green.ocl
    +++ b/.config/teams/green.ocl
    @@ -1 +1,2 @@
     name = "Green"
    +lead = "-"

    1 of 2 documents would change, 1 line added, 0 removed; 1 can't be migrated
    --- stderr
    warning: nothing was imported: there is no store to import team from
    error: this string is not closed on its line: a `"` is missing (write line ends in it as `\n`, or use a heredoc)
     --> .config/fizz.ocl:1:9
      |
    1 | color = "red
      |         ^
    hint: see why: ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz explain broken fizz
    --- exit 1
    "#);
}

#[test]
fn an_uninitialised_branch_imports_everything() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["preview", "empty"]), @"
    --- stdout
    refs/heads/empty (09aef29476), .config: version uninitialised -> 6
        1  import  fizz  unknown: depends on what is in the store
           Fizz comes out of the database
        4  modify  fizz  unknown: depends on the shape in the store
           Fizz has a color, no longer a colour
        5  import  team  unknown: depends on what is in the store
           Teams come out of the database; what Git holds stays
        6  modify  team  unknown: depends on the shape in the store
           Every team has a lead: its first member, if it has any
        6  modify  fizz  unknown: depends on the shape in the store
           A width is text with a unit

      schema_version.ocl: uninitialised -> 6

    0 of 0 documents would change, 0 lines added, 0 removed
    --- stderr
    warning: nothing was imported: there is no store to import fizz and team from
    --- exit 0
    ");
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
    insta::assert_snapshot!(repo.pretty(&["preview", "old"]), @r#"
    {
      "format_version": 1,
      "ref": "refs/heads/old",
      "commit": "b107edaf29555b54a603eb4084862fee787c740d",
      "base_path": ".config",
      "branch_version": 3,
      "target_version": 6,
      "documents": [
        {
          "document": "fizz",
          "path": "fizz.ocl",
          "outcome": "changed",
          "diff": "diff --git a/.config/fizz.ocl b/.config/fizz.ocl\n--- a/.config/fizz.ocl\n+++ b/.config/fizz.ocl\n@@ -1,5 +1,5 @@\n-colour = \"red\"\n+color = \"red\"\n \n size {\n-    width = 100\n+    width = \"100px\"\n }\n"
        }
      ],
      "warnings": [
        "nothing was imported: there is no store to import team from"
      ]
    }
    "#);
}
