//! `commit --set`, `--set-json` and `--unset`, and `restore` of one value.

use crate::support::Sandbox;

const COMMIT: [&str; 4] = ["commit", "old", "-m", "Wider"];

/// Branches at several versions, and a store with nothing to import.
fn with_store() -> Sandbox {
    let repo = Sandbox::new("versions");
    repo.run(&["store", "init"]);
    repo
}

fn commit(repo: &Sandbox, options: &[&str]) -> String {
    repo.run(&[&COMMIT[..], options].concat())
}

#[test]
fn one_value_is_changed_in_the_shape_that_is_written() {
    let repo = with_store();
    // What differs from the migrated document is that value.
    insta::assert_snapshot!(commit(&repo, &["--dry-run", "--migration-message", "Migrate", "--set", "fizz size.width=200px"]), @r#"
    --- stdout
    refs/heads/old would move to version 6

    Migrate
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
    diff --git a/.config/schema_version.ocl b/.config/schema_version.ocl
    --- a/.config/schema_version.ocl
    +++ b/.config/schema_version.ocl
    @@ -1 +1 @@
    -version = 3
    \ No newline at end of file
    +version = 6
    \ No newline at end of file

    Wider
    diff --git a/.config/fizz.ocl b/.config/fizz.ocl
    --- a/.config/fizz.ocl
    +++ b/.config/fizz.ocl
    @@ -1,5 +1,5 @@
     color = "red"
     
     size {
    -    width = "100px"
    +    width = "200px"
     }
      the project would be at version 6 (it was 0)
    --- exit 0
    "#);
    insta::assert_snapshot!(commit(&repo, &["--set", "fizz size.width=200px"]), @r"
    --- stdout
    refs/heads/old is at eeca8961d6 now, at version 6
      the project is at version 6 (it was 0)
    --- exit 0
    ");
    insta::assert_snapshot!(repo.run(&["diff", "old~1", "old", "fizz"]), @r#"
    --- stdout
    b107edaf29, .config: version 3 -> 6
    refs/heads/old (eeca8961d6), .config: version 6, up to date

    fizz
      ~ size.width: "100px" -> "200px"

    1 document differs: 1 value changed, 0 added, 0 removed
    --- exit 0
    "#);
}

#[test]
fn what_may_not_be_meant_is_told() {
    let repo = with_store();
    let warnings = |options: &[&str]| {
        let all = commit(&repo, &[&["--dry-run"], options].concat());
        let (_, told) = all.split_once("--- stderr\n").unwrap_or_default();
        told.to_owned()
    };
    insta::assert_snapshot!(warnings(&["--set", "fizz size.with=200"]), @r"
    warning: fizz size.with was not there, and is added; there is size.width
    --- exit 0
    ");
    insta::assert_snapshot!(warnings(&["--set", "fizz size.depth=200"]), @r"
    warning: fizz size.depth was not there, and is added as a number: for a text put it in double quotes
    --- exit 0
    ");
    insta::assert_snapshot!(warnings(&["--set", "fizz size.width=[1]"]), @r"
    warning: fizz size.width stays a string: to write JSON in its place, use --set-json
    --- exit 0
    ");
    insta::assert_snapshot!(warnings(&["--set-json", "fizz size.width=[1]"]), @"");
    insta::assert_snapshot!(warnings(&["--set", "fizz size.width=7"]), @"");
    insta::assert_snapshot!(commit(&repo, &["--format", "json", "--dry-run", "--set", "fizz size.depth=200"]), @r#"
    --- stdout
    {"format_version":1,"branch":"refs/heads/old","dry_run":true,"commit":null,"migration_commit":null,"version":6,"commits":[{"message":"Wider","files":[{"document":"fizz","path":".config/fizz.ocl","diff":"diff --git a/.config/fizz.ocl b/.config/fizz.ocl\n--- a/.config/fizz.ocl\n+++ b/.config/fizz.ocl\n@@ -1,5 +1,6 @@\n-colour = \"red\"\n+color = \"red\"\n \n size {\n-    width = 100\n+    depth = 200\n+    width = \"100px\"\n }\n"},{"document":null,"path":".config/schema_version.ocl","diff":"diff --git a/.config/schema_version.ocl b/.config/schema_version.ocl\n--- a/.config/schema_version.ocl\n+++ b/.config/schema_version.ocl\n@@ -1 +1 @@\n-version = 3\n\\ No newline at end of file\n+version = 6\n\\ No newline at end of file\n"}]}],"store":"follows","project_version":6,"taken":[],"settled":[]}
    --- stderr
    {"format_version":1,"warning":{"message":"fizz size.depth was not there, and is added as a number: for a text put it in double quotes"}}
    --- exit 0
    "#);
}

#[test]
fn json_with_a_doubled_name_is_refused_with_both_places() {
    let repo = with_store();
    let before = repo.shell("git rev-parse old");
    for (option, value) in [
        ("--set-json", r#"fizz size.depth={"a": 1, "a": 2}"#),
        ("--set", r#"fizz size.depth={"a": 1, "a": 2}"#),
    ] {
        let text = commit(&repo, &[option, value]);
        let expected =
            r#""a" stands there twice at line 1 column 10, and before that at line 1 column 2"#;
        assert!(text.contains(expected), "{text}");
        assert!(text.ends_with("--- exit 2"), "{text}");
    }
    // A text stays a text, whatever it looks like.
    let text = commit(
        &repo,
        &["--dry-run", "--set", r#"fizz size.width={"a": 1, "a": 2}"#],
    );
    assert!(text.contains(r#"width = "{\"a\": 1, \"a\": 2}""#), "{text}");
    assert_eq!(repo.shell("git rev-parse old"), before);
}

#[test]
fn what_can_not_be_meant_is_refused() {
    let repo = with_store();
    let before = repo.shell("git rev-parse old");
    insta::assert_snapshot!(commit(&repo, &["--set", "fizz siz.width=1"]), @r"
    --- stderr
    error: fizz was not changed: `siz` selects nothing: there is no `siz`; did you mean `size`?
    hint: see what there is: ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz show old fizz
    --- exit 1
    ");
    insta::assert_snapshot!(commit(&repo, &["--set", "fizz size=1"]), @r"
    --- stderr
    error: fizz was not changed: `size` is a block, which has no value of its own: name a value in it
    --- exit 1
    ");
    insta::assert_snapshot!(commit(&repo, &["--set", "fizz size.width"]), @r"
    --- stderr
    error: invalid value 'fizz size.width' for '--set <DOC SELECTOR=VALUE>': write it as 'DOC SELECTOR=VALUE'

    For more information, try '--help'.
    --- exit 2
    ");
    insta::assert_snapshot!(commit(&repo, &["--set", "fizz size.width=1", "--unset", ".config/fizz.ocl **.width"]), @r"
    --- stderr
    error: fizz was not changed: `size.width` is changed twice: what it is to be can't be told
    hint: see how it is called: ocl-migrate help commit
    --- exit 2
    ");
    insta::assert_snapshot!(commit(&repo, &["--set", "fizz size.width=1", "--unset", ".config/fizz.ocl size.width"]), @r"
    --- stderr
    error: fizz was not changed: `size.width` is changed twice: what it is to be can't be told
    hint: see how it is called: ocl-migrate help commit
    --- exit 2
    ");
    insta::assert_snapshot!(commit(&repo, &["--set", "fizz size.width=1", "--remove", "fizz"]), @r"
    --- stderr
    error: fizz is named by --remove, and a value of it is to be changed: choose one
    hint: see how it is called: ocl-migrate help commit
    --- exit 2
    ");
    insta::assert_snapshot!(commit(&repo, &["--unset", "fiz size.width"]), @r"
    --- stderr
    error: there is no document `fiz` here; there is fizz
    hint: did you mean fizz? ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz commit old -m Wider --unset 'fizz size.width'
    --- exit 1
    ");
    assert_eq!(repo.shell("git rev-parse old"), before);
}

#[test]
fn one_value_is_restored_in_todays_shape() {
    let repo = with_store();
    let committed = commit(
        &repo,
        &[
            "--set",
            "fizz size.width=200px",
            "--set",
            "fizz size.depth=1",
        ],
    );
    insta::assert_snapshot!(committed, @r"
    --- stdout
    refs/heads/old is at be963133f2 now, at version 6
      the project is at version 6 (it was 0)
    --- stderr
    warning: fizz size.depth was not there, and is added as a number: for a text put it in double quotes
    --- exit 0
    ");
    let restore =
        |words: &[&str]| repo.run(&[&["restore", "old", "--from", "old~1"], words].concat());
    insta::assert_snapshot!(restore(&["fizz", "size.width"]), @r#"
    --- stdout
    refs/heads/old would move to version 6

    Restore
    diff --git a/.config/fizz.ocl b/.config/fizz.ocl
    --- a/.config/fizz.ocl
    +++ b/.config/fizz.ocl
    @@ -2,5 +2,5 @@
     
     size {
         depth = 1
    -    width = "200px"
    +    width = "100px"
     }
    --- stderr
    warning: nothing is written yet: say -m MESSAGE to commit this
    --- exit 0
    "#);
    assert_eq!(
        restore(&["fizz size.width"]),
        restore(&["fizz", "size.width"])
    );
    insta::assert_snapshot!(restore(&["fizz", "size.depth", "-m", "Without depth"]), @r"
    --- stdout
    refs/heads/old is at 2525b030c5 now, at version 6
    --- exit 0
    ");
    insta::assert_snapshot!(repo.run(&["diff", "old~2", "old", "fizz"]), @r#"
    --- stdout
    b107edaf29, .config: version 3 -> 6
    refs/heads/old (2525b030c5), .config: version 6, up to date

    fizz
      ~ size.width: "100px" -> "200px"

    1 document differs: 1 value changed, 0 added, 0 removed
    --- exit 0
    "#);
    insta::assert_snapshot!(restore(&["fizz", "size.heigth"]), @r"
    --- stderr
    error: the value in fizz of old~1 can't be restored: `size.heigth` selects nothing: there is no `heigth` in `size`; did you mean `size.width`?
    hint: if that is what you mean: ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz restore old --from old~1 fizz size.width
    --- exit 1
    ");
    insta::assert_snapshot!(restore(&["fizz", "size.depth"]), @r#"
    --- stdout
    refs/heads/old would move to version 6

    Restore
    diff --git a/.config/fizz.ocl b/.config/fizz.ocl
    --- a/.config/fizz.ocl
    +++ b/.config/fizz.ocl
    @@ -1,5 +1,6 @@
     color = "red"
     
     size {
    +    depth = 1
         width = "200px"
     }
    --- stderr
    warning: nothing is written yet: say -m MESSAGE to commit this
    --- exit 0
    "#);
}

#[test]
fn a_value_of_a_document_that_is_gone_comes_back_with_all_of_it() {
    let repo = with_store();
    repo.shell("git switch -q main && git rm -q .config/fizz.ocl && git commit -qm Gone");
    let text = repo.run(&["restore", "main", "--from", "main~1", "fizz", "color"]);
    assert!(
        text.contains("the branch doesn't have the document any more"),
        "{text}"
    );
    let (_, hint) = text
        .split_once("to restore all of it: ocl-migrate ")
        .unwrap();
    let command = hint.lines().next().unwrap();
    let words: Vec<&str> = command.split_whitespace().skip(2).collect();
    let text = repo.run(&[&words[..], &["-m", "Back"]].concat());
    assert!(text.ends_with("--- exit 0"), "{text}");
}
