//! `compare`: which values differ between many refs, and environments as names for refs.

use crate::support::Sandbox;

#[test]
fn every_branch_and_what_cannot_be_compared() {
    let repo = Sandbox::new("versions");
    repo.shell("git branch -D several");
    insta::assert_snapshot!(repo.run(&["compare"]), @r#"
    --- stdout
    fizz
      size.width
        "100px"  feature/teams and old
        "100"    main

    team/blue
      name
        (none)  broken, feature/teams and old
        "Blue"  main
      lead
        (none)  broken, feature/teams and old
        ""      main

    team/green
      name
        "Green"  broken
        (none)   feature/teams, main and old
      lead
        "-"     broken
        (none)  feature/teams, main and old

    team/red
      name
        (none)  broken, main and old
        "Red"   feature/teams
      lead
        (none)  broken, main and old
        "ann"   feature/teams
      members[0]
        (none)  broken, main and old
        "ann"   feature/teams
      members[1]
        (none)  broken, main and old
        "bob"   feature/teams

    9 values differ in 4 documents between 4 refs, as far as it can be read
    --- stderr
    error: broken: this string is not closed on its line: a `"` is missing (write line ends in it as `\n`, or use a heredoc)
     --> .config/fizz.ocl:1:9
      |
    1 | color = "red
      |         ^
    error: twice: `version` is set twice: keep the right one
     --> .config/schema_version.ocl:2:1
      |
    2 | version = 5
      | ^
    error: future: the branch is at version 99, and this server only knows versions up to 6: upgrade the server
    error: unmarked: the version of .config/fizz.ocl is unknown, as there is no marker: state it in .config/schema_version.ocl, as `version = N`
    warning: broken, feature/teams and old: nothing was imported: there is no store to import team from
    left out, as it holds no project: empty
    --- exit 1
    "#);
    insta::assert_snapshot!(repo.run(&["compare", "--refs", "old", "v1"]), @r#"
    --- stdout
    nothing differs between 2 refs
    --- stderr
    warning: old and refs/tags/v1: nothing was imported: there is no store to import team from
    --- exit 0
    "#);
}

#[test]
fn some_refs_one_document_and_a_selector() {
    let repo = Sandbox::new("versions");
    let refs = ["--refs", "old", "main", "feature/*"];
    let compare = |words: &[&str]| repo.run(&[&["compare"], words, &refs].concat());
    insta::assert_snapshot!(compare(&["fizz"]), @r#"
    --- stdout
    fizz
      size.width
        "100px"  old and feature/teams
        "100"    main

    1 value differs in 1 document between 3 refs
    --- stderr
    warning: old and feature/teams: nothing was imported: there is no store to import team from
    --- exit 0
    "#);
    assert_eq!(compare(&[".config/fizz.ocl", "size"]), compare(&["fizz"]));
    assert_eq!(compare(&["fizz size.width"]), compare(&["fizz"]));
    insta::assert_snapshot!(compare(&["fizz", "siz"]), @r#"
    --- stderr
    error: `siz` selects nothing: there is no `siz`; did you mean `size`?
    hint: if that is what you mean: ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz compare fizz size --refs old main 'feature/*'
    --- exit 1
    "#);
    insta::assert_snapshot!(compare(&["fiz"]), @r#"
    --- stderr
    error: there is no document `fiz` here; there are fizz, team/blue and team/red
    hint: did you mean fizz? ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz compare fizz --refs old main 'feature/*'
    --- exit 1
    "#);
    // All of them have one text.
    insta::assert_snapshot!(repo.run(&["compare", "fizz", "siz", "--refs", "old", "feature/teams"]), @r#"
    --- stderr
    error: `siz` selects nothing: there is no `siz`; did you mean `size`?
    hint: if that is what you mean: ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz compare fizz size --refs old feature/teams
    --- exit 1
    "#);
    insta::assert_snapshot!(repo.run(&["compare", "--refs", "nothing/*"]), @r#"
    --- stderr
    error: no ref matches the pattern `nothing/*`: patterns are compared with full names, and with names without refs/heads/ or refs/tags/, and `*` stops at `/`
    hint: see what there is: ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz status --all
    --- exit 1
    "#);
    insta::assert_snapshot!(repo.pretty(&["compare", "fizz", "--refs", "old", "main", "broken"]), @r#"
    {
      "format_version": 1,
      "columns": [
        {
          "base_path": ".config",
          "refs": [
            {
              "ref": "refs/heads/old",
              "commit": "b107edaf29555b54a603eb4084862fee787c740d"
            }
          ]
        },
        {
          "base_path": ".config",
          "refs": [
            {
              "ref": "refs/heads/main",
              "commit": "2ad8a259b8df390ca91377db133ea1ceeacef281"
            }
          ]
        },
        {
          "base_path": ".config",
          "refs": [
            {
              "ref": "refs/heads/broken",
              "commit": "2b5f198c78935e0bcbb09043a1d0a6c32aebc664"
            }
          ]
        }
      ]
    }
    {
      "format_version": 1,
      "document": "fizz",
      "columns": [
        2
      ],
      "error": "this string is not closed on its line: a `\"` is missing (write line ends in it as `\\n`, or use a heredoc)\n --> .config/fizz.ocl:1:9\n  |\n1 | color = \"red\n  |         ^"
    }
    {
      "format_version": 1,
      "document": "fizz",
      "address": "size.width",
      "values": [
        {
          "value": "100px",
          "columns": [
            0
          ]
        },
        {
          "value": "100",
          "columns": [
            1
          ]
        }
      ]
    }
    "#);
}

#[test]
fn environments_are_names_for_refs() {
    let repo = Sandbox::new("versions");
    let settings = |text: &str| std::fs::write(repo.path().join(".ocl-migrate.hcl"), text).unwrap();
    settings(
        "environment \"production\" {\n  ref = \"main\"\n}\nenvironment \"staging\" {\n  ref = \"feature/teams\"\n}\n\
         environment \"gone\" {\n  ref = \"nowhere\"\n}\nenvironment \"old\" {\n  ref = \"main\"\n}\n",
    );
    insta::assert_snapshot!(repo.run(&["compare", "fizz"]), @r#"
    --- stdout
    fizz
      size.width
        "100"    production
        "100px"  staging and old

    1 value differs in 1 document between 3 refs
    --- stderr
    error: gone: 'nowhere' is not a branch, tag or commit of REPO/.git: no ref or object has this name; see git branch --all and git tag
    warning: staging and old: nothing was imported: there is no store to import team from
    warning: `old` is an environment of .ocl-migrate.hcl for another commit, and a ref of this repository: the ref is read; rename the environment
    --- exit 1
    "#);
    insta::assert_snapshot!(repo.run(&["compare", "fizz", "--refs", "staging", "main"]), @r#"
    --- stdout
    fizz
      size.width
        "100px"  staging
        "100"    main

    1 value differs in 1 document between 2 refs
    --- stderr
    warning: staging: nothing was imported: there is no store to import team from
    --- exit 0
    "#);
    let by_name = repo.run(&["diff", "production", "staging"]);
    assert_eq!(by_name, repo.run(&["diff", "main", "feature/teams"]));
    for command in ["status", "rehearse"] {
        let by_name = repo.run(&[command, "staging"]);
        assert!(by_name.contains("exit 0"), "{by_name}");
        assert_eq!(by_name, repo.run(&[command, "feature/teams"]));
    }
    // What Git knows by the name comes first.
    let stdout = |text: String| text.split("--- stderr").next().unwrap().to_owned();
    assert_eq!(
        stdout(repo.run(&["show", "old", "fizz"])),
        stdout(repo.run(&["show", "refs/heads/old", "fizz"]))
    );
    // A name for reading only: nothing is written through it.
    for words in [
        &["upgrade", "staging", "-m", "Migrate"][..],
        &["commit", "staging", "-m", "Migrate", "--remove", "fizz"],
        &["downgrade", "staging", "--to", "3", "-m", "Back"],
        &["restore", "staging", "--from", "old", "-m", "Back"],
        &["adopt", "staging"],
    ] {
        let said = repo.run(words);
        let expected = "`staging` is an environment, a name under which `feature/teams` is read";
        assert!(said.contains(expected), "{words:?}: {said}");
    }
    for (text, expected) in [
        (
            "environment {\n}\n",
            "`environment` takes one label: `environment \"NAME\" { ... }`",
        ),
        (
            "environment \"a\" {\n}\n",
            "an environment needs a ref: `ref = \"main\"`",
        ),
        (
            "environment \"a\" {\n  rf = \"b\"\n}\n",
            "there is no setting `rf` here",
        ),
        (
            "environment \"\" {\n  ref = \"b\"\n}\n",
            "an environment needs a name",
        ),
        (
            "environment \"a\" {\n  ref = \"b\"\n}\nenvironment \"a\" {\n  ref = \"c\"\n}\n",
            "there is an environment of this name above",
        ),
        (
            "environment \"a\" {\n  ref = [\"b\"]\n}\n",
            "the value must be a plain string, in quotes",
        ),
    ] {
        settings(text);
        let said = repo.run(&["compare"]);
        assert!(
            said.contains(expected) && said.ends_with("--- exit 1"),
            "{said}"
        );
    }
}

#[test]
fn refs_that_say_the_same_stand_in_one_column() {
    let repo = Sandbox::new("versions");
    repo.shell(
        "for n in $(seq 1 40); do git branch release/$n main; done; git branch odd feature/teams",
    );
    insta::assert_snapshot!(repo.run(&["compare", "fizz", "--refs", "release/*", "odd"]), @r#"
    --- stdout
    fizz
      size.width
        "100px"  odd
        "100"    release/1, release/10, release/11, release/12, release/13 and 35 more

    1 value differs in 1 document between 41 refs
    --- stderr
    warning: odd: nothing was imported: there is no store to import team from
    --- exit 0
    "#);
    let json = repo.command(&["--format", "json", "--catalog", "fixtures", "compare"]);
    assert!(!json.status.success());
    let lines = repo.pretty(&["compare", "fizz", "--refs", "release/*", "odd"]);
    assert_eq!(lines.matches("\"ref\": ").count(), 41);
    assert_eq!(lines.matches("\"base_path\": ").count(), 2);
}

/// No step looks at it, so that only comparing reads it.
#[test]
fn a_broken_text_that_all_refs_have_is_told() {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir .config; printf 'version = 6' > .config/schema_version.ocl
        printf 'color = \"red\"\nsize =\n' > .config/fizz.ocl
        git add -A && git commit -qm Broken; git branch copy",
    );
    let told = repo.run(&["compare", "--html", "page.html"]);
    insta::assert_snapshot!(told, @"
    --- stdout
    nothing differs between 2 refs, as far as it can be read
    --- stderr
    error: copy and main: expected a value (a string in quotes, a heredoc, a number, `true`, `false`, `null`, `[` or `{`), found the end of the line
     --> .config/fizz.ocl:2:7
      |
    2 | size =
      |       ^
    the page is in page.html
    --- exit 1
    ");
    let page = std::fs::read_to_string(repo.path().join("page.html")).unwrap();
    assert!(page.contains(".config/fizz.ocl:2"), "{page}");
    assert!(page.contains("Nothing differs between 2 refs, as far as it can be read"));
    assert!(page.contains("not compared</span>"), "{page}");
    let rows = repo.pretty(&["compare"]);
    let rows = serde_json::Deserializer::from_str(&rows).into_iter::<serde_json::Value>();
    let row = rows.last().unwrap().unwrap();
    assert_eq!(row["document"], "fizz");
    assert_eq!(row["columns"], serde_json::json!([0]));
    assert!(
        row["error"]
            .as_str()
            .unwrap()
            .contains(".config/fizz.ocl:2:7")
    );
    // A selector that selects nothing there, as nothing can be read, changes nothing.
    let selected = repo.run(&["compare", "fizz", "color"]);
    assert_eq!(selected, told.replace("the page is in page.html\n", ""));
}

/// Branches below the removal have it, so that its name is no mistake.
#[test]
fn a_kind_that_a_step_removed() {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir -p c/0001_a c/0002_b .f
        printf 'catalog \"f\" { base_path = \".f\" }\\ndocument \"kill\" { path = \"kill.ocl\" }\\n' > c/catalog.hcl
        printf 'description = \"i\"\\ndocument = \"kill\"\\nimport {}\\n' > c/0001_a/step.hcl
        printf 'description = \"r\"\\ndocument = \"kill\"\\none_way = \"gone\"\\nremove {}\\n' > c/0002_b/step.hcl
        printf 'version = 1' > .f/schema_version.ocl; printf 'k = 1\\n' > .f/kill.ocl; git add -A; git commit -qm 1",
    );
    let told = repo.run_plain(&["--catalog", "c", "compare", "kill"]);
    assert!(told.contains("kill was removed by a step"), "{told}");
    assert!(
        told.contains("see why: ocl-migrate --catalog c explain main kill"),
        "{told}"
    );
    let told = repo.run_plain(&["--catalog", "c", "compare", "kill", "--to", "1"]);
    assert!(told.ends_with("--- exit 0"), "{told}");
    repo.run_plain(&["--catalog", "c", "store", "init"]);
    let told = repo.run_plain(&["--catalog", "c", "store", "put", "kill", ".f/kill.ocl"]);
    assert!(
        told.contains("version 2 removes the kind") && !told.contains("commit BRANCH"),
        "{told}"
    );
}
