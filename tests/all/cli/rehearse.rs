//! `rehearse`: every ref migrated in memory, and what came of it.

use crate::support::Sandbox;

#[test]
fn refs_with_one_result_are_told_together_the_worst_first() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["rehearse"]), @r#"
    --- stdout
    1 project can't be migrated
      fizz: this string is not closed on its line: a `"` is missing (write line ends in it as `\n`, or use a heredoc)
      in refs/heads/broken:
        this string is not closed on its line: a `"` is missing (write line ends in it as `\n`, or use a heredoc)
         --> .config/fizz.ocl:1:9
          |
        1 | color = "red
          |         ^
      refs/heads/broken

    1 project can't be migrated
      the branch is at version 99, and this server only knows versions up to 6: upgrade the server
      refs/heads/future

    1 project can't be migrated
      `version` is set twice: keep the right one
      in refs/heads/twice:
        `version` is set twice: keep the right one
         --> .config/schema_version.ocl:2:1
          |
        2 | version = 5
          | ^
      refs/heads/twice

    1 project can't be migrated
      the version of fizz.ocl is unknown, as there is no marker: state it in schema_version.ocl, as `version = N`
      refs/heads/unmarked

    2 projects at version 3 change
      fizz changes in step 4 color
      fizz changes in step 6 width
      in each: 1 document; lines: 2 added, 2 removed
      refs/heads/old and refs/tags/v1

    1 project at version 4 changes
      fizz changes in step 6 width
      team changes in step 6 lead
      in each: 2 documents; lines: 2 added, 1 removed
      refs/heads/feature/teams

    1 project at version 3 changes
      fizz changes in step 4 color
      in each: 1 document; lines: 1 added, 1 removed
      refs/heads/several .config/one

    4 projects have nothing to do
      refs/heads/empty, refs/heads/main, refs/heads/several .config/two and refs/tags/v2

    11 refs with 12 projects: 4 failed, 0 losing a value, 4 changed, 4 without a change to documents
    6 documents would change; lines: 8 added, 6 removed
    --- stderr
    warning: nothing was imported: there is no store to import fizz and team from (1 project)
    warning: nothing was imported: there is no store to import team from (5 projects)
    --- exit 1
    "#);
}

#[test]
fn many_branches_with_one_problem_read_as_one_problem() {
    let repo = Sandbox::new("versions");
    // The same mistake at other places, in documents of other names, among other documents.
    repo.shell(
        "for n in 1 2 3 4 5 6 7 8 9; do
            git checkout -q -b wrong/$n v1 && git rm -q .config/fizz.ocl && mkdir -p .config/teams
            { seq 1 $n | sed 's/.*/a_& = 1/'; echo 'name = \"cut off'; } > .config/teams/team-$n.ocl
            printf 'version = 4' > .config/schema_version.ocl
            git add -A && git commit -qm $n; done",
    );
    insta::assert_snapshot!(repo.run(&["rehearse", "wrong/*"]), @r#"
    --- stdout
    9 refs can't be migrated
      team: this string is not closed on its line: a `"` is missing (write line ends in it as `\n`, or use a heredoc)
      in refs/heads/wrong/1:
        this string is not closed on its line: a `"` is missing (write line ends in it as `\n`, or use a heredoc)
         --> .config/teams/team-1.ocl:2:8
          |
        2 | name = "cut off
          |        ^
      refs/heads/wrong/1, refs/heads/wrong/2, refs/heads/wrong/3, refs/heads/wrong/4, refs/heads/wrong/5 and 4 more

    9 refs: 9 failed, 0 losing a value, 0 changed, 0 without a change to documents
    0 documents would change; lines: 0 added, 0 removed
    --- stderr
    warning: nothing was imported: there is no store to import team from (9 refs)
    --- exit 1
    "#);
}

#[test]
fn patterns_choose_refs_and_one_that_fits_none_is_an_error() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["rehearse", "refs/pull/*/head", "v[12]"]), @"
    --- stdout
    2 refs at version 3 change
      fizz changes in step 4 color
      fizz changes in step 6 width
      in each: 1 document; lines: 2 added, 2 removed
      refs/pull/1/head and refs/tags/v1

    1 ref has nothing to do
      refs/tags/v2

    3 refs: 0 failed, 0 losing a value, 2 changed, 1 without a change to documents
    2 documents would change; lines: 4 added, 4 removed
    --- stderr
    warning: nothing was imported: there is no store to import team from (2 refs)
    --- exit 0
    ");
    insta::assert_snapshot!(repo.run(&["rehearse", "release/*"]), @"
    --- stderr
    error: no ref matches the pattern `release/*`: patterns are compared with full names, and with names without refs/heads/ or refs/tags/, and `*` stops at `/`
    hint: see what there is: ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz status --all
    --- exit 1
    ");
    insta::assert_snapshot!(repo.run(&["rehearse", "feat*"]), @"
    --- stderr
    error: no ref matches the pattern `feat*`, but `feat*/*` fits: patterns are compared with full names, and with names without refs/heads/ or refs/tags/, and `*` stops at `/`
    hint: did you mean that? ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz rehearse 'feat*/*'
    --- exit 1
    ");
    insta::assert_snapshot!(repo.run(&["rehearse", "tea*"]), @"
    --- stderr
    error: no ref matches the pattern `tea*`, but `*/tea*` fits: patterns are compared with full names, and with names without refs/heads/ or refs/tags/, and `*` stops at `/`
    hint: did you mean that? ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz rehearse '*/tea*'
    --- exit 1
    ");
    insta::assert_snapshot!(repo.run(&["rehearse", "nowhere"]), @"
    --- stderr
    error: 'nowhere' is not a branch, tag or commit of REPO/.git: no ref or object has this name; see git branch --all and git tag
    hint: see what there is: ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz status --all
    --- exit 1
    ");
}

#[test]
fn it_fails_only_if_a_ref_fails() {
    let repo = Sandbox::new("versions");
    assert!(
        repo.run(&["rehearse", "main", "old"])
            .ends_with("--- exit 0")
    );
    assert!(repo.run(&["rehearse", "broken"]).ends_with("--- exit 1"));
    // Nothing is asked of what lies at the target already.
    assert!(
        repo.run(&["rehearse", "--to", "4", "broken"])
            .ends_with("--- exit 0")
    );
}

#[test]
fn all_includes_refs_that_are_neither_branch_nor_tag_and_several_repositories_are_one_table() {
    let (one, two) = (Sandbox::new("versions"), Sandbox::new("versions"));
    let two = two.path().to_str().unwrap();
    let text = one.run(&["rehearse", "--all", "--list", "--also-repo", two]);
    let listed = |repository: &str| {
        let start = format!("  {repository} refs/");
        text.lines().filter(|line| line.starts_with(&start)).count()
    };
    assert_eq!((listed("REPO"), listed(two)), (13, 13), "{text}");
    assert!(text.contains("24 refs with 26 projects: "), "{text}");
}

#[test]
fn json_is_a_line_per_ref_and_base_path_and_a_last_one() {
    let repo = Sandbox::new("versions");
    let text = repo.pretty(&["rehearse", "old", "several", "broken", "future"]);
    let text = text.replace(&repo.path().display().to_string(), "REPO");
    insta::assert_snapshot!(text, @r#"
    {
      "format_version": 1,
      "repository": "REPO",
      "ref": "refs/heads/old",
      "commit": "b107edaf29555b54a603eb4084862fee787c740d",
      "base_path": ".config",
      "branch_version": 3,
      "target_version": 6,
      "outcome": "changed",
      "group": 2,
      "documents": 1,
      "changed": [
        {
          "document": "fizz",
          "outcome": "changed",
          "added": 2,
          "removed": 2
        }
      ],
      "failures": [],
      "losses": [],
      "warnings": [
        "nothing was imported: there is no store to import team from"
      ]
    }
    {
      "format_version": 1,
      "repository": "REPO",
      "ref": "refs/heads/several",
      "commit": "397b7bbba86595fc60084b2319562a50122d4035",
      "base_path": ".config/one",
      "branch_version": 3,
      "target_version": 6,
      "outcome": "changed",
      "group": 3,
      "documents": 1,
      "changed": [
        {
          "document": "fizz",
          "outcome": "changed",
          "added": 1,
          "removed": 1
        }
      ],
      "failures": [],
      "losses": [],
      "warnings": [
        "nothing was imported: there is no store to import team from"
      ]
    }
    {
      "format_version": 1,
      "repository": "REPO",
      "ref": "refs/heads/several",
      "commit": "397b7bbba86595fc60084b2319562a50122d4035",
      "base_path": ".config/two",
      "branch_version": 6,
      "target_version": 6,
      "outcome": "unchanged",
      "group": 4,
      "documents": 0,
      "changed": [],
      "failures": [],
      "losses": []
    }
    {
      "format_version": 1,
      "repository": "REPO",
      "ref": "refs/heads/broken",
      "commit": "2b5f198c78935e0bcbb09043a1d0a6c32aebc664",
      "base_path": ".config",
      "branch_version": 4,
      "target_version": 6,
      "outcome": "failed",
      "group": 0,
      "documents": 2,
      "changed": [
        {
          "document": "team/green",
          "outcome": "changed",
          "added": 1,
          "removed": 0
        }
      ],
      "failures": [
        {
          "document": "fizz",
          "error": "this string is not closed on its line: a `\"` is missing (write line ends in it as `\\n`, or use a heredoc)\n --> .config/fizz.ocl:1:9\n  |\n1 | color = \"red\n  |         ^"
        }
      ],
      "losses": [],
      "warnings": [
        "nothing was imported: there is no store to import team from"
      ]
    }
    {
      "format_version": 1,
      "repository": "REPO",
      "ref": "refs/heads/future",
      "commit": "cf82f61f386c012cc1781b9adcfc4c0b8cd9fa82",
      "base_path": ".config",
      "branch_version": null,
      "target_version": 6,
      "outcome": "failed",
      "group": 1,
      "documents": 0,
      "changed": [],
      "failures": [
        {
          "document": null,
          "error": "the branch is at version 99, and this server only knows versions up to 6: upgrade the server"
        }
      ],
      "losses": []
    }
    {
      "format_version": 1,
      "summary": {
        "repositories": 1,
        "refs": 4,
        "projects": 5,
        "failed": 2,
        "loses": 0,
        "changed": 2,
        "unchanged": 1,
        "documents_changed": 3,
        "lines_added": 4,
        "lines_removed": 3,
        "groups": [
          {
            "outcome": "failed",
            "branch_version": null,
            "about": [
              "fizz: this string is not closed on its line: a `\"` is missing (write line ends in it as `\\n`, or use a heredoc)"
            ],
            "projects": 1,
            "documents_changed": 1,
            "lines_added": 1,
            "lines_removed": 0
          },
          {
            "outcome": "failed",
            "branch_version": null,
            "about": [
              "the branch is at version 99, and this server only knows versions up to 6: upgrade the server"
            ],
            "projects": 1,
            "documents_changed": 0,
            "lines_added": 0,
            "lines_removed": 0
          },
          {
            "outcome": "changed",
            "branch_version": 3,
            "about": [
              "fizz changes in step 4 color",
              "fizz changes in step 6 width"
            ],
            "projects": 1,
            "documents_changed": 1,
            "lines_added": 2,
            "lines_removed": 2
          },
          {
            "outcome": "changed",
            "branch_version": 3,
            "about": [
              "fizz changes in step 4 color"
            ],
            "projects": 1,
            "documents_changed": 1,
            "lines_added": 1,
            "lines_removed": 1
          },
          {
            "outcome": "unchanged",
            "branch_version": null,
            "about": [],
            "projects": 1,
            "documents_changed": 0,
            "lines_added": 0,
            "lines_removed": 0
          }
        ]
      }
    }
    "#);
}

#[test]
fn numbers_agree_with_preview() {
    let repo = Sandbox::new("versions");
    for name in ["old", "feature/teams"] {
        let preview = repo.run(&["preview", "--stat", name]);
        let rehearsed = repo.run(&["rehearse", name]);
        let changed = |text: &str| {
            let line = text.lines().find(|line| line.contains(" would change"));
            let (_, lines) = line.unwrap().split_once(" would change").unwrap();
            let numbers = lines.split(|c: char| !c.is_ascii_digit());
            numbers
                .filter(|part| !part.is_empty())
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(changed(&preview), changed(&rehearsed), "{name}");
    }
}

/// Documents that a step can't be undone for fail; below their import, they are left out.
#[test]
fn to_a_version_below_the_branches() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["rehearse", "main", "old", "--to", "4"]), @"
    --- stdout
    1 ref can't be migrated
      fizz: step 6 width: this step is one-way: `convert` of `width` may give two values the same result
      in refs/heads/main:
        .config/fizz.ocl: step 6 width (0006_width/step.hcl): this step is one-way: `convert` of `width` may give two values the same result
      refs/heads/main

    1 ref at version 3 changes
      fizz changes in step 4 color
      in each: 1 document; lines: 1 added, 1 removed
      refs/heads/old

    2 refs: 1 failed, 0 losing a value, 1 changed, 0 without a change to documents
    1 document would change; lines: 1 added, 1 removed
    --- stderr
    warning: the result is without team/blue: at version 4 the server keeps it itself, and edits since then are in this branch only (1 ref)
    --- exit 1
    ");
    insta::assert_snapshot!(repo.run(&["rehearse", "old", "feature/teams", "--to", "1", "--format", "json"]), @r#"
    --- stdout
    {"format_version":1,"repository":"REPO","ref":"refs/heads/old","commit":"b107edaf29555b54a603eb4084862fee787c740d","base_path":".config","branch_version":3,"target_version":1,"outcome":"unchanged","group":1,"documents":1,"changed":[],"failures":[],"losses":[]}
    {"format_version":1,"repository":"REPO","ref":"refs/heads/feature/teams","commit":"95741ebcaa9fdd087190f9e11eabec8204167246","base_path":".config","branch_version":4,"target_version":1,"outcome":"changed","group":0,"documents":2,"changed":[{"document":"fizz","outcome":"changed","added":1,"removed":1}],"failures":[],"losses":[]}
    {"format_version":1,"summary":{"repositories":1,"refs":2,"projects":2,"failed":0,"loses":0,"changed":1,"unchanged":1,"documents_changed":1,"lines_added":1,"lines_removed":1,"groups":[{"outcome":"changed","branch_version":4,"about":["fizz changes in step 4 color"],"projects":1,"documents_changed":1,"lines_added":1,"lines_removed":1},{"outcome":"unchanged","branch_version":null,"about":[],"projects":1,"documents_changed":0,"lines_added":0,"lines_removed":0}]}}
    --- exit 0
    "#);
}

/// What a ref has outside of an empty folder is its own: its warnings don't come from another ref.
#[test]
fn what_is_said_of_a_ref_depends_on_no_other() {
    let repo = Sandbox::empty();
    repo.shell(
        "git checkout -q --orphan plain && echo a > README && git add -A && git commit -qm 'Nothing there'
        git checkout -q --orphan shouting && git rm -qrf . && mkdir .Config && echo a > .Config/x && git add -A
        git commit -qm 'A folder with a similar name' && git checkout -q --orphan zoo && git rm -qrf . && mkdir .CONFIG
        echo a > .CONFIG/x && git add -A && git commit -qm 'Another one' && git checkout -qd",
    );
    let said = |refs: &[&str]| {
        let arguments: Vec<&str> = ["rehearse", "--format", "json"]
            .into_iter()
            .chain(refs.iter().copied())
            .collect();
        let text = repo.run(&arguments);
        let lines = text.lines().filter(|line| line.contains("\"ref\""));
        lines.map(str::to_owned).collect::<Vec<String>>()
    };
    let names = ["refs/heads/plain", "refs/heads/shouting", "refs/heads/zoo"];
    let alone: Vec<String> = names.iter().flat_map(|name| said(&[*name])).collect();
    assert_eq!(alone.len(), 3);
    assert!(!alone[0].contains(".Config"), "{}", alone[0]);
    assert!(alone[1].contains("\\\".Config\\\""), "{}", alone[1]);
    assert!(alone[2].contains("\\\".CONFIG\\\""), "{}", alone[2]);
    assert_eq!(said(&names), alone);
    assert_eq!(said(&["refs/heads/*"]), alone);
}

#[test]
fn refs_of_which_only_the_marker_moves() {
    let repo = Sandbox::empty();
    repo.shell("mkdir .config && echo 'version = 5' > .config/schema_version.ocl && git add . && git commit -qm one");
    let one = repo.run(&["rehearse"]);
    assert!(
        one.contains("1 ref has no document to change, only the marker\n  refs/heads/main\n"),
        "{one}"
    );
    repo.shell(
        "git switch -qc current; echo 'version = 6' > .config/schema_version.ocl && git commit -qam two",
    );
    let two = repo.run(&["rehearse"]);
    assert!(
        two.contains("2 refs have no document to change, 1 of them only the marker\n"),
        "{two}"
    );
}
