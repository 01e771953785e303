//! `diff`: what really differs between two refs.

use crate::support::Sandbox;

#[test]
fn values_that_differ_whatever_the_versions() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["diff", "old", "main"]), @r#"
    --- stdout
    refs/heads/old (b107edaf29), .config: version 3 -> 6
    refs/heads/main (2ad8a259b8), .config: version 6, up to date

    fizz
      ~ size.width: "100px" -> "100"

    + team/blue
      + name = "Blue"
      + lead = ""

    2 documents differ: 1 value changed, 2 added, 0 removed
    --- stderr
    warning: nothing was imported: there is no store to import team from
    --- exit 0
    "#);
    insta::assert_snapshot!(repo.run(&["diff", "old..feature/teams", "--stat", "--exit-code"]), @r#"
    --- stdout
    refs/heads/old (b107edaf29), .config: version 3 -> 6
    refs/heads/feature/teams (95741ebcaa), .config: version 4 -> 6

    + team/red  +4

    1 document differs: 0 values changed, 4 added, 0 removed
    --- stderr
    warning: nothing was imported: there is no store to import team from
    --- exit 3
    "#);
    insta::assert_snapshot!(repo.run(&["diff", "old", "feature/teams", "--text"]), @r#"
    --- stdout
    diff --git a/.config/teams/red.ocl b/.config/teams/red.ocl
    new file mode 100644
    --- /dev/null
    +++ b/.config/teams/red.ocl
    @@ -0,0 +1,3 @@
    +name = "Red"
    +lead = "ann"
    +members = ["ann", "bob"]
    --- stderr
    warning: nothing was imported: there is no store to import team from
    --- exit 0
    "#);
    insta::assert_snapshot!(repo.run(&["diff", "v1", "old", "--exit-code"]), @r#"
    --- stdout
    refs/tags/v1 (b107edaf29), .config: version 3 -> 6
    refs/heads/old (b107edaf29), .config: version 3 -> 6

    nothing differs
    --- stderr
    warning: nothing was imported: there is no store to import team from
    --- exit 0
    "#);
}

#[test]
fn the_other_side_is_head_unless_it_is_said() {
    let repo = Sandbox::new("versions");
    repo.shell("git switch -q --detach main");
    let commit = repo.shell("git rev-parse HEAD");
    let named = format!("refs/heads/main ({})", &commit[..10]);
    let unnamed = |text: String| text.replace(&named, &commit[..10]);
    let expected = unnamed(repo.run(&["diff", "old", "main"]));
    for arguments in [
        &["diff", "old"][..],
        &["diff", "old.."],
        &["diff", "old", "HEAD"],
    ] {
        assert_eq!(repo.run(arguments), expected, "{arguments:?}");
    }
    let one = unnamed(repo.run(&["diff", "old", "main", "fizz"]));
    assert_eq!(repo.run(&["diff", "old", ".config/fizz.ocl"]), one);
    assert_eq!(
        repo.run(&["diff", "..old"]).lines().count(),
        expected.lines().count()
    );
}

#[test]
fn a_selector_narrows_it() {
    let repo = Sandbox::new("versions");
    let narrowed = repo.run(&["diff", "old", "feature/teams", "team/red", "members"]);
    insta::assert_snapshot!(narrowed, @r#"
    --- stdout
    refs/heads/old (b107edaf29), .config: version 3 -> 6
    refs/heads/feature/teams (95741ebcaa), .config: version 4 -> 6

    + team/red
      + members[0] = "ann"
      + members[1] = "bob"

    1 document differs: 0 values changed, 2 added, 0 removed
    --- stderr
    warning: nothing was imported: there is no store to import team from
    --- exit 0
    "#);
    assert_eq!(
        repo.run(&["diff", "old", "feature/teams", "team/red members"]),
        narrowed
    );
    insta::assert_snapshot!(repo.run(&["diff", "old", "feature/teams", "team/red", "member"]), @r#"
    --- stdout
    refs/heads/old (b107edaf29), .config: version 3 -> 6
    refs/heads/feature/teams (95741ebcaa), .config: version 4 -> 6
    --- stderr
    error: `member` selects nothing: there is no `member`; did you mean `members`?
    hint: if that is what you mean: ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz diff old feature/teams team/red members
    --- exit 1
    "#);
    // Where both have one text, the selector is looked at all the same.
    insta::assert_snapshot!(repo.run(&["diff", "old", "feature/teams", "fizz", "siz.width"]), @r#"
    --- stdout
    refs/heads/old (b107edaf29), .config: version 3 -> 6
    refs/heads/feature/teams (95741ebcaa), .config: version 4 -> 6
    --- stderr
    error: `siz.width` selects nothing: there is no `siz`; did you mean `size.width`?
    hint: if that is what you mean: ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz diff old feature/teams fizz size.width
    --- exit 1
    "#);
    insta::assert_snapshot!(repo.run(&["diff", "old", "feature/teams", "fizz", "size["]), @r#"
    --- stderr
    error: expected `"` in the selector, found the end (at character 6 of `size[`)
    hint: see how it is called: ocl-migrate help diff
    --- exit 2
    "#);
    insta::assert_snapshot!(repo.run(&["diff", "old", "feature/teams", "fizz", "size", "--text"]), @r#"
    --- stderr
    error: --text compares whole documents, and a selector selects values: use one of them
    hint: see how it is called: ocl-migrate help diff
    --- exit 2
    "#);
}

#[test]
fn a_misspelt_second_ref_leads_to_the_ref() {
    let repo = Sandbox::new("versions");
    let told = repo.run(&["diff", "old", "mian"]);
    assert!(
        told.contains("error: `mian` is neither a branch, tag or commit nor a document"),
        "{told}"
    );
    let hint = "hint: did you mean main? ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz diff old main\n";
    assert!(told.contains(hint), "{told}");
}

#[test]
fn words_that_are_neither_refs_nor_documents_or_both() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["diff", "old", "fiz"]), @r#"
    --- stderr
    error: `fiz` is neither a branch, tag or commit nor a document; the documents are fizz and team/blue
    --- exit 1
    "#);
    insta::assert_snapshot!(repo.run(&["diff", "old", "main", "fiz"]), @r#"
    --- stderr
    error: there is no document `fiz` here; there are fizz and team/blue
    hint: did you mean fizz? ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz diff old main fizz
    --- exit 1
    "#);
    insta::assert_snapshot!(repo.run(&["diff", "odl", "main"]), @r#"
    --- stderr
    error: 'odl' is not a branch, tag or commit of REPO/.git: no ref or object has this name; see git branch --all and git tag
    hint: did you mean old? ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz diff old main
    --- exit 1
    "#);
    repo.shell("git branch fizz main");
    insta::assert_snapshot!(repo.run(&["diff", "old", "fizz"]), @r#"
    --- stderr
    error: `fizz` is a document and a ref: write old..fizz for the ref, and old..HEAD fizz for the document
    hint: see how it is called: ocl-migrate help diff
    --- exit 2
    "#);
    assert!(repo.run(&["diff", "old..fizz"]).ends_with("exit 0"));
    assert!(
        repo.run(&["diff", "old..fizz", "a", "b", "c"])
            .ends_with("exit 2")
    );
}

#[test]
fn since_a_branch_left_another() {
    let repo = Sandbox::new("versions");
    repo.shell(
        "git checkout -q main && git checkout -q -b topic && sed -i 's/red/green/' .config/fizz.ocl && git commit -qam topic
        git checkout -q main && sed -i 's/100/200/' .config/fizz.ocl && git commit -qam main",
    );
    insta::assert_snapshot!(repo.run(&["diff", "main...topic"]), @r#"
    --- stdout
    2ad8a259b8, .config: version 6, up to date
    refs/heads/topic (ac2d2e6b64), .config: version 6, up to date

    fizz
      ~ color: "red" -> "green"

    1 document differs: 1 value changed, 0 added, 0 removed
    --- exit 0
    "#);
    assert!(repo.run(&["diff", "main..topic"]).contains("size.width"));
    insta::assert_snapshot!(repo.run(&["diff", "main...old"]), @r#"
    --- stderr
    error: main and old have no commit in common: compare them as they are, with `..`
    --- exit 1
    "#);
}

#[test]
fn a_document_that_cannot_be_lifted_is_an_error_and_the_others_go_on() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["diff", "broken", "main"]), @r#"
    --- stdout
    refs/heads/broken (2b5f198c78), .config: version 4 -> 6
    refs/heads/main (2ad8a259b8), .config: version 6, up to date

    + team/blue
      + name = "Blue"
      + lead = ""

    - team/green
      - name = "Green"
      - lead = "-"

    2 documents differ: 0 values changed, 2 added, 2 removed, as far as it can be read
    --- stderr
    error: this string is not closed on its line: a `"` is missing (write line ends in it as `\n`, or use a heredoc)
     --> .config/fizz.ocl:1:9
      |
    1 | color = "red
      |         ^
    warning: nothing was imported: there is no store to import team from
    --- exit 1
    "#);
    let lines = repo.pretty(&["diff", "broken", "main"]);
    assert!(
        lines.contains(r#""error": "#) && lines.contains(r#""sides": ["#),
        "{lines}"
    );
    assert!(lines.contains(r#""document": "team/blue""#), "{lines}");
}

#[test]
fn long_texts_are_compared_by_lines_and_moves_are_told() {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir .octopus; cd .octopus; printf 'version = 14' > schema_version.ocl
        step() { printf 'step \"%s\" {\\n    name = \"%s\"\\n\\n    action {\\n        properties = {\\n            Octopus.Action.Script.ScriptBody = <<-EOT\\n                one\\n                %s\\n                three\\n            EOT\\n        }\\n    }\\n}\\n\\n' \"$1\" \"$1\" \"$2\"; }
        { step a 2; step b 2; step c 2; } > deployment_process.ocl
        git add -A; git commit -qm one; git branch one
        { step b two; step a 2; step d 2; } > deployment_process.ocl
        printf '' > deployment_settings.ocl
        git add -A; git commit -qm two",
    );
    insta::assert_snapshot!(repo.run_plain(&["diff", "one"]), @r#"
    --- stdout
    refs/heads/one (08e9c40aa2), .octopus: version 14, up to date
    refs/heads/main (7a55a36b31), .octopus: version 14, up to date

    deployment_process
      ~ step["b"].action["b"].properties["Octopus.Action.Script.ScriptBody"]:
           @@ -1,3 +1,3 @@
                one
           -    2
           +    two
                three
      > step["a"]: 0 -> 1
      + step["d"].name = "d"
      + step["d"].action["d"].properties["Octopus.Action.Script.ScriptBody"]:
           @@ -0,0 +1,3 @@
           +    one
           +    2
           +    three
      - step["c"].name = "c"
      - step["c"].action["c"].properties["Octopus.Action.Script.ScriptBody"]:
           @@ -1,3 +0,0 @@
           -    one
           -    2
           -    three
      step["c"] may be step["d"] now: 1 of 2 values are the same

    + deployment_settings

    2 documents differ: 1 value changed, 2 added, 2 removed, 1 block moved
    --- exit 0
    "#);
    let json = repo.command(&["--format", "json", "diff", "one"]);
    insta::assert_snapshot!(String::from_utf8(json.stdout).unwrap(), @r#"
    {"format_version":1,"document":"deployment_process","address":"step[\"b\"].action[\"b\"].properties[\"Octopus.Action.Script.ScriptBody\"]","change":"changed","old":"    one\n    2\n    three","new":"    one\n    two\n    three"}
    {"format_version":1,"document":"deployment_process","address":"step[\"a\"]","change":"moved","from":0,"to":1}
    {"format_version":1,"document":"deployment_process","address":"step[\"d\"].name","change":"added","new":"d","whole":"step[\"d\"]"}
    {"format_version":1,"document":"deployment_process","address":"step[\"d\"].action[\"d\"].properties[\"Octopus.Action.Script.ScriptBody\"]","change":"added","new":"    one\n    2\n    three","whole":"step[\"d\"]"}
    {"format_version":1,"document":"deployment_process","address":"step[\"c\"].name","change":"removed","old":"c","whole":"step[\"c\"]"}
    {"format_version":1,"document":"deployment_process","address":"step[\"c\"].action[\"c\"].properties[\"Octopus.Action.Script.ScriptBody\"]","change":"removed","old":"    one\n    2\n    three","whole":"step[\"c\"]"}
    {"format_version":1,"document":"deployment_process","address":"step[\"d\"]","change":"possible_rename","old_address":"step[\"c\"]","same":1,"of":2}
    {"format_version":1,"document":"deployment_settings","address":"","change":"added","whole":""}
    "#);
}
