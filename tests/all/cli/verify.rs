//! `verify`, `snapshot` and `new`, on copies of the catalog "fizz" that are broken in one place each.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Sandbox, project};

/// A copy of the catalog to break.
pub(super) struct Copy {
    sandbox: Sandbox,
}

impl Copy {
    pub(super) fn new() -> Copy {
        let copy = Copy {
            sandbox: Sandbox::empty(),
        };
        copy_folder(&project().join("fixtures/catalogs/fizz"), &copy.path(""));
        copy
    }

    pub(super) fn path(&self, file: &str) -> PathBuf {
        self.sandbox.path().join("fizz").join(file)
    }

    /// Replaces the one place of a text in a file.
    pub(super) fn edit(self, file: &str, from: &str, to: &str) -> Copy {
        let text = fs::read_to_string(self.path(file)).unwrap();
        assert_eq!(text.matches(from).count(), 1, "{from} in {text}");
        self.write(file, &text.replace(from, to))
    }

    pub(super) fn write(self, file: &str, text: &str) -> Copy {
        fs::create_dir_all(self.path(file).parent().unwrap()).unwrap();
        fs::write(self.path(file), text).unwrap();
        self
    }

    pub(super) fn without(self, path: &str) -> Copy {
        let path = self.path(path);
        if path.is_dir() {
            fs::remove_dir_all(path).unwrap();
        } else {
            fs::remove_file(path).unwrap();
        }
        self
    }

    pub(super) fn run(&self, arguments: &[&str]) -> String {
        self.sandbox
            .run_plain(&[&["--catalog", "fizz"], arguments].concat())
    }

    pub(super) fn verify(&self) -> String {
        self.run(&["verify"])
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[test]
fn a_sound_catalog() {
    insta::assert_snapshot!(Copy::new().verify(), @"
    --- stdout
    step 6 lead is one-way: `default` writes values that may also have been there before
    step 6 width is one-way: `convert` of `width` may give two values the same result
    fizz 1 to 6: 6 cases, 4 snapshots, 23 migrations, 9 downgrades: sound
    --- exit 0
    ");
}

#[test]
fn the_built_in_catalog() {
    insta::assert_snapshot!(Sandbox::empty().run_plain(&["verify"]), @"
    --- stdout
    version 11 is an exception: nobody outside the server knows what it changed
    version 12 is an exception: nobody outside the server knows what it changed
    octopus 1 to 14: 73 cases, 14 snapshots, 192 migrations, 104 downgrades: sound
    --- exit 0
    ");
}

#[test]
fn a_step_that_does_something_else_than_its_case_says() {
    let copy = Copy::new().edit("0004_color/step.hcl", "\"color\"", "\"hue\"");
    insta::assert_snapshot!(copy.verify(), @r#"
    --- stdout
    error[case] step 4 color (0004_color/step.hcl): 0004_color/cases/colour: the result is not `after.ocl`
    diff --git a/after.ocl b/after.ocl
    --- a/after.ocl
    +++ b/after.ocl
    @@ -1 +1 @@
    -color = "red"
    +hue = "red"
    error[migration] v1 to v4: fizz.ocl does not become that of snapshots/v4 (and in 5 longer migrations)
    diff --git a/fizz.ocl b/fizz.ocl
    --- a/fizz.ocl
    +++ b/fizz.ocl
    @@ -1,4 +1,4 @@
    -color = "red"
    +hue = "red"
     script = <<-EOT
         echo one
     
    step 6 lead is one-way: `default` writes values that may also have been there before
    step 6 width is one-way: `convert` of `width` may give two values the same result
    fizz 1 to 6: 6 cases, 4 snapshots, 23 migrations, 9 downgrades: 2 errors
    --- exit 1
    "#);
}

#[test]
fn json_says_the_same() {
    let copy = Copy::new().edit("0004_color/step.hcl", "\"color\"", "\"hue\"");
    let printed = copy.run(&["--format", "json", "verify"]);
    let line = printed.lines().nth(1).unwrap();
    let value: serde_json::Value = serde_json::from_str(line).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&value).unwrap(), @r#"
    {
      "format_version": 1,
      "catalog": "fizz",
      "server_version": 6,
      "sound": false,
      "checked": {
        "cases": 6,
        "snapshots": 4,
        "migrations": 23,
        "ways_back": 9
      },
      "findings": [
        {
          "check": "case",
          "severity": "error",
          "subject": "step 4 color",
          "place": "0004_color/step.hcl",
          "message": "0004_color/cases/colour: the result is not `after.ocl`",
          "diff": "diff --git a/after.ocl b/after.ocl\n--- a/after.ocl\n+++ b/after.ocl\n@@ -1 +1 @@\n-color = \"red\"\n+hue = \"red\"\n"
        },
        {
          "check": "migration",
          "severity": "error",
          "subject": "v1 to v4",
          "place": null,
          "message": "fizz.ocl does not become that of snapshots/v4 (and in 5 longer migrations)",
          "diff": "diff --git a/fizz.ocl b/fizz.ocl\n--- a/fizz.ocl\n+++ b/fizz.ocl\n@@ -1,4 +1,4 @@\n-color = \"red\"\r\n+hue = \"red\"\r\n script = <<-EOT\r\n     echo one\r\n \r\n"
        }
      ],
      "exceptions": [],
      "one_way": [
        {
          "version": 6,
          "name": "lead",
          "document": "team",
          "reason": "`default` writes values that may also have been there before"
        },
        {
          "version": 6,
          "name": "width",
          "document": "fizz",
          "reason": "`convert` of `width` may give two values the same result"
        }
      ],
      "set_aside": []
    }
    "#);
}

#[test]
fn a_document_that_a_step_cannot_migrate() {
    let copy = Copy::new().edit(
        "0004_color/step.hcl",
        "rename = { colour = \"color\" }",
        "reject = \"no\"",
    );
    insta::assert_snapshot!(copy.verify(), @"
    --- stdout
    error[case] step 4 color (0004_color/step.hcl:5:3): 0004_color/cases/colour: it fails: step 4 color (0004_color/step.hcl:5:3): no (at the document)
    error[case] step 4 color (0004_color/step.hcl:5:3): 0004_color/cases/none: it fails: step 4 color (0004_color/step.hcl:5:3): no (at the document)
    error[migration] v1 to v4 (0004_color/step.hcl:5:3): fizz: step 4 color (0004_color/step.hcl:5:3): no (at the document) (and in 5 longer migrations)
    error[way_back] v4 down to v1 (0004_color/step.hcl:5:3): fizz: step 4 color (0004_color/step.hcl:5:3): no (at the document) (and in 1 longer downgrade)
    step 6 lead is one-way: `default` writes values that may also have been there before
    step 6 width is one-way: `convert` of `width` may give two values the same result
    fizz 1 to 6: 6 cases, 4 snapshots, 23 migrations, 9 downgrades: 4 errors
    --- exit 1
    ");
}

#[test]
fn a_snapshot_that_no_way_leads_to() {
    let copy = Copy::new().edit(
        "snapshots/v5/teams/red.ocl",
        "members = []",
        "members = [\"Eve\"]",
    );
    insta::assert_snapshot!(copy.verify(), @r#"
    --- stdout
    error[migration] v4 to v5: teams/red.ocl does not become that of snapshots/v5 (and in 2 longer migrations)
    diff --git a/teams/red.ocl b/teams/red.ocl
    --- a/teams/red.ocl
    +++ b/teams/red.ocl
    @@ -1,4 +1,4 @@
    -members = ["Eve"]
    +members = []
     notes = <<EOT
       as they are
     EOT
    error[migration] v5 to v6: teams/red.ocl does not become that of snapshots/v6
    diff --git a/teams/red.ocl b/teams/red.ocl
    --- a/teams/red.ocl
    +++ b/teams/red.ocl
    @@ -1,5 +1,5 @@
    -lead = "-"
    -members = []
    +lead = "Eve"
    +members = ["Eve"]
     notes = <<EOT
       as they are
     EOT
    step 6 lead is one-way: `default` writes values that may also have been there before
    step 6 width is one-way: `convert` of `width` may give two values the same result
    fizz 1 to 6: 6 cases, 4 snapshots, 23 migrations, 9 downgrades: 2 errors
    --- exit 1
    "#);
}

#[test]
fn a_version_without_a_snapshot() {
    insta::assert_snapshot!(Copy::new().without("snapshots/v4").verify(), @"
    --- stdout
    error[missing_snapshot] version 4: it has no snapshot: record one, or say under `exceptions` in server.hcl why not
    step 6 lead is one-way: `default` writes values that may also have been there before
    step 6 width is one-way: `convert` of `width` may give two values the same result
    fizz 1 to 6: 6 cases, 3 snapshots, 17 migrations, 5 downgrades: 1 error
    --- stderr
    hint: to record what is missing: ocl-migrate --catalog fizz snapshot
    --- exit 1
    ");
}

#[test]
fn an_exception_stands_for_a_snapshot() {
    let copy = Copy::new().without("snapshots/v4").write(
        "snapshots/server.hcl",
        "exceptions = { v4 = \"it was never released\" }\n",
    );
    insta::assert_snapshot!(copy.verify(), @"
    --- stdout
    version 4 is an exception: it was never released
    step 6 lead is one-way: `default` writes values that may also have been there before
    step 6 width is one-way: `convert` of `width` may give two values the same result
    fizz 1 to 6: 6 cases, 3 snapshots, 17 migrations, 5 downgrades: sound
    --- exit 0
    ");
}

#[test]
fn a_snapshot_with_the_marker_of_another_version() {
    let copy = Copy::new().write("snapshots/v5/schema_version.ocl", "version = 4");
    insta::assert_snapshot!(copy.verify(), @r"
    --- stdout
    error[snapshot] snapshots/v5 (snapshots/v5/schema_version.ocl): it states version 4
    error[migration] v4 to v5: schema_version.ocl does not become that of snapshots/v5 (and in 2 longer migrations)
    diff --git a/schema_version.ocl b/schema_version.ocl
    --- a/schema_version.ocl
    +++ b/schema_version.ocl
    @@ -1 +1 @@
    -version = 4
    \ No newline at end of file
    +version = 5
    \ No newline at end of file
    step 6 lead is one-way: `default` writes values that may also have been there before
    step 6 width is one-way: `convert` of `width` may give two values the same result
    fizz 1 to 6: 6 cases, 4 snapshots, 23 migrations, 9 downgrades: 2 errors
    --- exit 1
    ");
}

#[test]
fn a_step_without_a_case() {
    insta::assert_snapshot!(Copy::new().without("0004_color/cases").verify(), @"
    --- stdout
    error[missing_case] step 4 color (0004_color/step.hcl): it has no case: write 0004_color/cases/NAME/before.ocl, and after.ocl or error.txt
    step 6 lead is one-way: `default` writes values that may also have been there before
    step 6 width is one-way: `convert` of `width` may give two values the same result
    fizz 1 to 6: 4 cases, 4 snapshots, 23 migrations, 9 downgrades: 1 error
    --- exit 1
    ");
}

#[test]
fn a_rename_from_where_the_documents_lie_still() {
    let copy = Copy::new().edit(
        "catalog.hcl",
        "document \"team\"",
        "document \"buzz\" { path = \"buzz.ocl\" }\ndocument \"team\"",
    );
    copy.run(&["new", "rename", "buzz", "elsewhere"]);
    copy.run(&["snapshot"]);
    insta::assert_snapshot!(copy.verify(), @"
    --- stdout
    error[unreached] step 7 elsewhere (0007_elsewhere/step.hcl): `from` is the path that catalog.hcl still gives the kind, so this moves nothing: write the new path there
    step 6 lead is one-way: `default` writes values that may also have been there before
    step 6 width is one-way: `convert` of `width` may give two values the same result
    fizz 1 to 7: 6 cases, 5 snapshots, 32 migrations, 14 downgrades: 1 error
    --- exit 1
    ");
}

#[test]
fn documents_that_arrive_at_no_version() {
    let copy = Copy::new().write("snapshots/arrivals/v0/teams/a.ocl", "name = \"A\"\n");
    insta::assert_snapshot!(copy.verify(), @"
    --- stdout
    error[snapshot] snapshots/arrivals/v0: a snapshot's folder is `v` and its version, from 1 on: `v9`
    step 6 lead is one-way: `default` writes values that may also have been there before
    step 6 width is one-way: `convert` of `width` may give two values the same result
    fizz 1 to 6: 6 cases, 4 snapshots, 23 migrations, 9 downgrades: 1 error
    --- exit 1
    ");
}

#[test]
fn an_import_that_brings_nothing_in() {
    let copy = Copy::new().without("snapshots").without("0006_lead/cases");
    insta::assert_snapshot!(copy.verify(), @"
    --- stdout
    error[missing_case] step 6 lead (0006_lead/step.hcl): it has no case: write 0006_lead/cases/NAME/before.ocl, and after.ocl or error.txt
    error[missing_snapshot] version 1: it has no snapshot: record one, or say under `exceptions` in server.hcl why not
    error[missing_snapshot] version 4: it has no snapshot: record one, or say under `exceptions` in server.hcl why not
    error[missing_snapshot] version 5: it has no snapshot: record one, or say under `exceptions` in server.hcl why not
    error[missing_snapshot] version 6: it has no snapshot: record one, or say under `exceptions` in server.hcl why not
    error[unreached] step 1 import_fizz (0001_import_fizz/step.hcl): no snapshot has a document for this import to add: put one at snapshots/arrivals/v1/fizz.ocl
    error[unreached] step 5 teams (0005_teams/step.hcl): no snapshot has a document for this import to add: put one at snapshots/arrivals/v5/teams/NAME.ocl
    error[unreached] step 6 lead (0006_lead/step.hcl): no case and no snapshot has a document that this step runs on
    step 6 lead is one-way: `default` writes values that may also have been there before
    step 6 width is one-way: `convert` of `width` may give two values the same result
    fizz 1 to 6: 3 cases, 0 snapshots, 0 migrations, 0 downgrades: 8 errors
    --- stderr
    hint: with a document there, to record what is missing: ocl-migrate --catalog fizz snapshot
    --- exit 1
    ");
}

#[test]
fn a_path_that_nothing_reaches() {
    let copy = Copy::new().edit(
        "0006_width/step.hcl",
        "modify {",
        "modify {\n  in \"frame.size\" {\n    remove = [\"width\"]\n  }",
    );
    insta::assert_snapshot!(copy.verify(), @"
    --- stdout
    error[unreached] step 6 width (0006_width/step.hcl:7:3): no case and no snapshot has anything that this path selects
    step 6 lead is one-way: `default` writes values that may also have been there before
    step 6 width is one-way: `convert` of `width` may give two values the same result
    fizz 1 to 6: 6 cases, 4 snapshots, 23 migrations, 9 downgrades: 1 error
    --- exit 1
    ");
}

#[test]
fn a_name_that_nothing_has() {
    let copy = Copy::new().edit(
        "0006_width/step.hcl",
        "modify {",
        "modify {\n  in \"size\" {\n    remove = [\"widht\", \"colour\"]\n    rename = { heigth = \"height\" }\n    move = { width2 = \"parent.width2\" }\n    convert = { hight = value }\n  }",
    );
    insta::assert_snapshot!(copy.verify(), @"
    --- stdout
    error[unreached] step 6 width (0006_width/step.hcl:8:5): no case and no snapshot has `widht` where this `remove` looks for it: did you mean `width`?
    error[unreached] step 6 width (0006_width/step.hcl:8:5): no case and no snapshot has `colour` where this `remove` looks for it
    error[unreached] step 6 width (0006_width/step.hcl:9:5): no case and no snapshot has `heigth` where this `rename` looks for it: did you mean `height`?
    error[unreached] step 6 width (0006_width/step.hcl:10:5): no case and no snapshot has `width2` where this `move` looks for it: did you mean `width`?
    error[unreached] step 6 width (0006_width/step.hcl:11:5): no case and no snapshot has `hight` where this `convert` looks for it: did you mean `height`?
    step 6 lead is one-way: `default` writes values that may also have been there before
    step 6 width is one-way: `convert` of `width` may give two values the same result
    fizz 1 to 6: 6 cases, 4 snapshots, 23 migrations, 9 downgrades: 5 errors
    --- exit 1
    ");
}

#[test]
fn a_word_in_quotes_that_is_no_attribute() {
    let thing = "document \"fizz\" { path = \"fizz.ocl\" }";
    let declared = |name: &str| {
        let more =
            format!("{thing}\nthing \"team\" {{\n  defined_in = \"team\"\n  name = {name}\n}}");
        Copy::new().edit("catalog.hcl", thing, &more).verify()
    };
    let shown = declared("\"slug\"");
    let wanted = "warning[unreached] catalog.hcl (catalog.hcl:14:10): `name = \"slug\"` names an attribute `slug`, which no document of a snapshot has: the word `slug` stands without quotes\n";
    assert!(shown.contains(wanted), "{shown}");
    assert!(
        shown.ends_with("--- exit 0\n") || shown.ends_with("--- exit 0"),
        "{shown}"
    );
    for meant in ["slug", "\"lead\""] {
        let shown = declared(meant);
        assert!(
            !shown.contains("in quotes") && !shown.contains("without quotes"),
            "{shown}"
        );
    }
}

#[test]
fn a_block_that_is_to_be_converted() {
    let copy = Copy::new().edit(
        "0006_width/step.hcl",
        "modify {",
        "modify {\n  convert = { size = value }",
    );
    let shown = copy.verify();
    let wanted = "`size` is a block where this `convert` looks for it, and `convert` changes attributes: go into the block, with `in \"size\" { ... }`";
    assert!(shown.contains(wanted), "{shown}");
}

#[test]
fn a_misspelt_name_that_a_step_makes_itself_when_it_is_undone() {
    let copy = Copy::new().edit(
        "0006_width/step.hcl",
        "convert = { width = \"${value}px\" }",
        "rename = { hieght = \"height\" }",
    );
    let shown = copy.verify();
    let wanted = "has `hieght` where this `rename` looks for it: did you mean `height`?";
    assert!(shown.contains(wanted), "{shown}");
}

#[test]
fn a_snapshot_with_a_steps_own_default_tells_the_key() {
    let copy = Copy::new().without("snapshots/v6").edit(
        "0006_width/step.hcl",
        "convert = { width",
        "default = { depth = lookup(\"sizes\", \"depth\", \"1px\") }\n    convert = { width",
    );
    let shown = copy.run(&["snapshot", "6"]);
    let told = "the lookup table \"sizes\" has no key \"depth\", so the step used its own default: put the right value under \
                `lookups` in server.hcl";
    assert!(
        shown.contains(&format!("warning: v6: {told}\n--- exit 0")),
        "{shown}"
    );
    let shown = copy.run(&["snapshot", "6", "--format", "json"]);
    assert!(shown.contains(r#""outcome":"unchanged""#), "{shown}");
    let missing = r#""missing_lookups":[{"table":"sizes","key":"depth"}]"#;
    assert!(shown.contains(missing), "{shown}");
    assert!(
        shown.contains(&format!("v6: {}", told.replace('"', "\\\""))),
        "{shown}"
    );
}

#[test]
fn a_condition_that_never_holds_and_one_that_always_does() {
    let copy = Copy::new().edit(
        "0006_width/step.hcl",
        "  in \"size\" {",
        "  in \"size\" {\n    when = self.width == 7\n    remove = [\"height\"]\n  }\n  in \"size\" {\n    when = self.width != null",
    );
    insta::assert_snapshot!(copy.verify(), @"
    --- stdout
    error[unreached] step 6 width (0006_width/step.hcl:8:12): no case and no snapshot has anything for which this `when` is true
    warning[unreached] step 6 width (0006_width/step.hcl:12:12): this `when` is true in every case and snapshot that reaches it: none shows what it excludes
    step 6 lead is one-way: `default` writes values that may also have been there before
    step 6 width is one-way: its `when` reads what the step itself changes
    fizz 1 to 6: 6 cases, 4 snapshots, 23 migrations, 9 downgrades: 1 error, 1 warning
    --- exit 1
    ");
}

#[test]
fn a_value_that_is_lost() {
    let copy = Copy::new().edit(
        "0006_lead/step.hcl",
        "default = { lead = coalesce(self.members[0], \"-\") }",
        "set = { lead = \"Bob\", members = [] }",
    );
    insta::assert_snapshot!(copy.verify(), @r#"
    --- stdout
    error[case] step 6 lead (0006_lead/step.hcl): 0006_lead/cases/leads_already: the result is not `after.ocl`
    diff --git a/after.ocl b/after.ocl
    --- a/after.ocl
    +++ b/after.ocl
    @@ -1,2 +1,2 @@
     lead = "Bob"
    -members = ["Ann", "Bob"]
    +members = []
    error[case] step 6 lead (0006_lead/step.hcl): 0006_lead/cases/members: the result is not `after.ocl`
    diff --git a/after.ocl b/after.ocl
    --- a/after.ocl
    +++ b/after.ocl
    @@ -1,2 +1,2 @@
    -lead = "Ann"
    -members = ["Ann", "Bob"]
    +lead = "Bob"
    +members = []
    error[case] step 6 lead (0006_lead/step.hcl): 0006_lead/cases/nobody: the result is not `after.ocl`
    diff --git a/after.ocl b/after.ocl
    --- a/after.ocl
    +++ b/after.ocl
    @@ -1,2 +1,2 @@
    -lead = "-"
    +lead = "Bob"
     members = []
    error[loss] step 6 lead (0006_lead/step.hcl): nothing to v6: team/blue: step 6 lead overwrites members[0], which was "Somebody else", without reading it; pin its value in a `when`, read it, or set `overwrites = true`
    error[loss] step 6 lead (0006_lead/step.hcl): v4 to v6: team/blue: step 6 lead overwrites members[1], which was "Bob", without reading it; pin its value in a `when`, read it, or set `overwrites = true`
    error[migration] v5 to v6: teams/blue.ocl does not become that of snapshots/v6 (and in 3 longer migrations)
    diff --git a/teams/blue.ocl b/teams/blue.ocl
    --- a/teams/blue.ocl
    +++ b/teams/blue.ocl
    @@ -1,2 +1,2 @@
    -lead = "Ann"
    -members = ["Ann", "Bob"]
    +lead = "Bob"
    +members = []
    step 6 lead is one-way: `set` may overwrite values
    step 6 width is one-way: `convert` of `width` may give two values the same result
    fizz 1 to 6: 6 cases, 4 snapshots, 23 migrations, 9 downgrades: 6 errors
    --- exit 1
    "#);
}

#[test]
fn a_step_that_fails_on_its_own_result() {
    let copy = Copy::new().edit(
        "0004_color/step.hcl",
        "modify {\n",
        "modify {\n  in \"\" {\n    when   = self.colour == null\n    reject = \"there is no colour\"\n  }\n",
    );
    insta::assert_snapshot!(copy.verify(), @"
    --- stdout
    error[repeat] step 4 color (0004_color/step.hcl:7:5): 0004_color/cases/colour: run on its own result, the step fails: step 4 color (0004_color/step.hcl:7:5): there is no colour (at the document): let it accept that, or set `idempotent = false` and say why
    error[case] step 4 color (0004_color/step.hcl:7:5): 0004_color/cases/none: it fails: step 4 color (0004_color/step.hcl:7:5): there is no colour (at the document)
    error[repeat] step 4 color (0004_color/step.hcl): v1 to v4: fizz: run on its own result, the step fails: step 4 color (0004_color/step.hcl:7:5): there is no colour (at the document): let it accept that, or set `idempotent = false` and say why
    step 4 color is one-way: its `when` reads what the step itself changes
    step 6 lead is one-way: `default` writes values that may also have been there before
    step 6 width is one-way: `convert` of `width` may give two values the same result
    fizz 1 to 6: 6 cases, 4 snapshots, 23 migrations, 9 downgrades: 3 errors
    --- exit 1
    ");
}

#[test]
fn a_catalog_without_steps() {
    let sandbox = Sandbox::empty();
    let folder = sandbox.path().join("none");
    fs::create_dir(&folder).unwrap();
    let text =
        "catalog \"none\" { base_path = \".config\" }\ndocument \"fizz\" { path = \"fizz.ocl\" }\n";
    fs::write(folder.join("catalog.hcl"), text).unwrap();
    insta::assert_snapshot!(sandbox.run_plain(&["--catalog", "none", "verify"]), @"
    --- stdout
    none has no steps yet, so there is nothing to verify: sound
    --- exit 0
    ");
    insta::assert_snapshot!(sandbox.run_plain(&["--catalog", "none", "snapshot"]), @"
    --- stdout
    none has no steps yet, so there is nothing to record
    --- exit 0
    ");
}

#[test]
fn a_step_that_changes_its_own_result() {
    let copy = Copy::new().edit(
        "0006_width/step.hcl",
        "idempotent  = false\nreason      = \"a width that has its unit would get another\"\n",
        "",
    );
    insta::assert_snapshot!(copy.verify(), @r#"
    --- stdout
    error[repeat] step 6 width (0006_width/step.hcl): 0006_width/cases/size: run on its own result, the step changes it again: if it must, set `idempotent = false` and say why
    diff --git a/after.ocl b/after.ocl
    --- a/after.ocl
    +++ b/after.ocl
    @@ -1,4 +1,4 @@
     size {
         height = 1
    -    width = "10px"
    +    width = "10pxpx"
     }
    error[repeat] step 6 width (0006_width/step.hcl): v5 to v6: fizz: run on its own result, the step changes it again: if it must, set `idempotent = false` and say why
    diff --git a/fizz b/fizz
    --- a/fizz
    +++ b/fizz
    @@ -7,5 +7,5 @@
     
     size {
         height = 2
    -    width = "10px"
    +    width = "10pxpx"
     }
    step 6 lead is one-way: `default` writes values that may also have been there before
    step 6 width is one-way: `convert` of `width` may give two values the same result
    fizz 1 to 6: 6 cases, 4 snapshots, 23 migrations, 9 downgrades: 2 errors
    --- exit 1
    "#);
}

#[test]
fn an_import_that_refuses_what_branches_hold() {
    let copy = Copy::new().edit("0005_teams/step.hcl", "on_existing = \"keep\"", "");
    insta::assert_snapshot!(copy.verify(), @r#"
    --- stdout
    error[migration] v4 to v5: team/blue: both Git and the store's table hold it, and the import at version 5 doesn't say which to take: remove one of them, or let the import say `on_existing = "keep"` (and in 1 longer migration)
    step 6 lead is one-way: `default` writes values that may also have been there before
    step 6 width is one-way: `convert` of `width` may give two values the same result
    fizz 1 to 6: 6 cases, 4 snapshots, 23 migrations, 9 downgrades: 1 error
    --- exit 1
    "#);
}

#[test]
fn a_case_that_cannot_be_read() {
    let copy = Copy::new()
        .without("0004_color/cases/none/after.ocl")
        .write("0006_lead/cases/members/case.hcl", "slugs = \"red\"\n");
    insta::assert_snapshot!(copy.verify(), @"
    --- stdout
    error[case] 0004_color/cases/none: a case has either `after.ocl` or `error.txt`
    error[case] 0006_lead/cases/members/case.hcl: line 1: unknown attribute `slugs`: did you mean `slug`?
    step 6 lead is one-way: `default` writes values that may also have been there before
    step 6 width is one-way: `convert` of `width` may give two values the same result
    fizz 1 to 6: 4 cases, 4 snapshots, 23 migrations, 9 downgrades: 2 errors
    --- exit 1
    ");
}

#[test]
fn the_newest_snapshot_is_made_from_the_one_before() {
    let copy = Copy::new().without("snapshots/v6");
    insta::assert_snapshot!(copy.run(&["snapshot"]), @r#"
    --- stdout
    v6, made from v5
    diff --git a/fizz.ocl b/fizz.ocl
    --- a/fizz.ocl
    +++ b/fizz.ocl
    @@ -7,5 +7,5 @@
     
     size {
         height = 2
    -    width = 10
    +    width = "10px"
     }
    diff --git a/schema_version.ocl b/schema_version.ocl
    --- a/schema_version.ocl
    +++ b/schema_version.ocl
    @@ -1 +1 @@
    -version = 5
    \ No newline at end of file
    +version = 6
    \ No newline at end of file
    diff --git a/teams/blue.ocl b/teams/blue.ocl
    --- a/teams/blue.ocl
    +++ b/teams/blue.ocl
    @@ -1 +1,2 @@
    +lead = "Ann"
     members = ["Ann", "Bob"]
    diff --git a/teams/red.ocl b/teams/red.ocl
    --- a/teams/red.ocl
    +++ b/teams/red.ocl
    @@ -1,3 +1,4 @@
    +lead = "-"
     members = []
     notes = <<EOT
       as they are
    written to fizz/snapshots/v6
    --- exit 0
    "#);
    insta::assert_snapshot!(copy.run(&["snapshot"]), @"
    --- stdout
    v6 is there, and as it should be
    --- exit 0
    ");
    let made = fs::read(copy.path("snapshots/v6/fizz.ocl")).unwrap();
    let kept = project().join("fixtures/catalogs/fizz/snapshots/v6/fizz.ocl");
    assert_eq!(made, fs::read(kept).unwrap());
}

#[test]
fn an_old_snapshot_is_never_touched() {
    let copy = Copy::new().edit("0004_color/step.hcl", "\"color\"", "\"hue\"");
    let before = crate::support::everything_in(&copy.path("snapshots"));
    insta::assert_snapshot!(copy.run(&["snapshot", "4", "--replace"]), @"
    --- stderr
    error: the snapshot of version 4 is frozen: only that of version 6, the newest, can be made again
    --- exit 1
    ");
    assert_eq!(
        crate::support::everything_in(&copy.path("snapshots")),
        before
    );
}

#[test]
fn the_newest_snapshot_is_replaced_only_when_told() {
    let copy = Copy::new().edit("0006_lead/step.hcl", "\"-\"", "\"nobody\"");
    insta::assert_snapshot!(copy.run(&["snapshot"]), @r#"
    --- stdout
    v6 would become
    diff --git a/teams/red.ocl b/teams/red.ocl
    --- a/teams/red.ocl
    +++ b/teams/red.ocl
    @@ -1,4 +1,4 @@
    -lead = "-"
    +lead = "nobody"
     members = []
     notes = <<EOT
       as they are
    --- stderr
    error: the snapshot of version 6 exists and differs: --replace records it again, but keep it if the version was released
    --- exit 1
    "#);
    insta::assert_snapshot!(copy.run(&["snapshot", "--replace"]), @r#"
    --- stdout
    v6, made from v5
    diff --git a/fizz.ocl b/fizz.ocl
    --- a/fizz.ocl
    +++ b/fizz.ocl
    @@ -7,5 +7,5 @@
     
     size {
         height = 2
    -    width = 10
    +    width = "10px"
     }
    diff --git a/schema_version.ocl b/schema_version.ocl
    --- a/schema_version.ocl
    +++ b/schema_version.ocl
    @@ -1 +1 @@
    -version = 5
    \ No newline at end of file
    +version = 6
    \ No newline at end of file
    diff --git a/teams/blue.ocl b/teams/blue.ocl
    --- a/teams/blue.ocl
    +++ b/teams/blue.ocl
    @@ -1 +1,2 @@
    +lead = "Ann"
     members = ["Ann", "Bob"]
    diff --git a/teams/red.ocl b/teams/red.ocl
    --- a/teams/red.ocl
    +++ b/teams/red.ocl
    @@ -1,3 +1,4 @@
    +lead = "nobody"
     members = []
     notes = <<EOT
       as they are
    written to fizz/snapshots/v6
    --- exit 0
    "#);
    insta::assert_snapshot!(copy.run(&["snapshot", "7"]), @"
    --- stderr
    error: the catalog has no version 7; its newest is 6
    --- exit 1
    ");
}

#[test]
fn a_new_step_of_each_action_loads() {
    for (action, kind) in [
        ("modify", "fizz"),
        ("modify", "team"),
        ("remove", "fizz"),
        ("rename", "team"),
        ("dialect", "*"),
    ] {
        let copy = Copy::new();
        let made = copy.run(&["new", action, kind, "next_thing"]);
        assert!(
            made.contains("Made fizz/0007_next_thing"),
            "{action}: {made}"
        );
        let recorded = copy.run(&["snapshot"]);
        assert!(
            recorded.contains("v7, made from v6"),
            "{action}: {recorded}"
        );
        let verified = copy.verify();
        // Where the documents lie from now on is still to be said.
        let wanted = match action {
            "rename" => "so this moves nothing: write the new path there",
            _ => "sound",
        };
        assert!(verified.contains(wanted), "{action} {kind}: {verified}");
    }
    let copy = Copy::new().edit(
        "catalog.hcl",
        "document \"team\"",
        "document \"buzz\" { path = \"buzz.ocl\" }\ndocument \"team\"",
    );
    let made = copy.run(&["new", "import", "buzz", "buzz"]);
    let missing = "no snapshot has a document for this import to add";
    assert!(copy.verify().contains(missing));
    // What it names is where `verify` looks.
    let (_, named) = made.split_once("at this version under ").unwrap();
    let (named, _) = named.split_once('\n').unwrap();
    let folder = copy.sandbox.path().join(named);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("buzz.ocl"), "name = \"Buzz\"\n").unwrap();
    copy.run(&["snapshot"]);
    let verified = copy.verify();
    assert!(!verified.contains(missing), "{verified}");
}

#[test]
fn a_new_step_and_what_it_says() {
    let copy = Copy::new();
    insta::assert_snapshot!(copy.run(&["new", "modify", "team", "owner"]), @"
    --- stdout
    Made fizz/0007_owner. Next:
      1. write what it does into fizz/0007_owner/step.hcl, and what that means into its cases
      2. record the new version: ocl-migrate --catalog fizz snapshot
      3. check it all: ocl-migrate --catalog fizz verify
    --- exit 0
    ");
    insta::assert_snapshot!(fs::read_to_string(copy.path("0007_owner/step.hcl")).unwrap(), @r#"
    # One sentence, shown to users beside what the step changes.
    description = "Owner"
    document    = "team"

    modify {
      # An operation is an attribute; this one writes what is absent. The others: set, rename, remove, convert, label,
      # move, insert, reject.
      default = { new_attribute = "value" }

      # What is below the document is selected by a path of block types and dictionaries, and changed only where `when` holds:
      #
      # in "step.action" {
      #   when    = self.kind == "script"
      #   rename  = { body = "script" }
      #   convert = { timeout = "${value}s" }
      # }
    }

    # What `verify` calls one-way is undone by a body of its own, in the same language, on the way to a lower version:
    #
    # down {
    #   remove = ["new_attribute"]
    # }
    "#);
    insta::assert_snapshot!(copy.run(&["new", "modify", "team", "owner", "--rust"]), @r#"
    --- stdout
    Step::modify(8, "owner", "team", |edit, _context| {
        let root = edit.root();
        edit.set(root, "new_attribute", "value")?;
        Ok(())
    })
    .description("Owner")
    --- exit 0
    "#);
}

#[test]
fn a_new_step_at_a_version_of_its_author_s_choice() {
    let copy = Copy::new();
    // In a gap, where branches have gone past it.
    let made = copy.run(&["new", "modify", "fizz", "early", "--version", "2"]);
    insta::assert_snapshot!(made, @"
    --- stdout
    Made fizz/0002_early. Next:
      1. write what it does into fizz/0002_early/step.hcl, and what that means into its cases
      2. record the new version: ocl-migrate --catalog fizz snapshot
      3. check it all: ocl-migrate --catalog fizz verify
    --- stderr
    warning: branches that are at version 2 or above already never run this step
    --- exit 0
    ");
    let plan = copy.run(&["plan", "--branch-version", "1"]);
    assert!(plan.contains("    2  modify  fizz"), "{plan}");

    // Far above, and a second step there for another kind.
    let copy = Copy::new();
    let made = copy.run(&["new", "modify", "fizz", "far", "--version", "12"]);
    assert!(made.contains("Made fizz/0012_far. Next:"), "{made}");
    assert!(!made.contains("warning"), "{made}");
    let made = copy.run(&["new", "modify", "team", "too", "--version", "12"]);
    assert!(made.contains("Made fizz/0012_too. Next:"), "{made}");
    assert!(made.contains("--catalog fizz snapshot --replace"), "{made}");
    let recorded = copy.run(&["snapshot", "--replace"]);
    assert!(recorded.contains("v12, made from v6"), "{recorded}");
    let verified = copy.verify();
    assert!(verified.contains("fizz 1 to 12:"), "{verified}");
    assert!(verified.contains(": sound"), "{verified}");

    let rust = copy.run(&["new", "modify", "team", "rust", "--version", "8", "--rust"]);
    assert!(rust.contains("Step::modify(8, \"rust\""), "{rust}");
    let import = Copy::new().edit(
        "catalog.hcl",
        "document \"team\"",
        "document \"buzz\" { path = \"buzz.ocl\" }\ndocument \"team\"",
    );
    let made = import.run(&["new", "import", "buzz", "x", "--version", "12345"]);
    assert!(made.contains("snapshots/arrivals/v12345\n"), "{made}");
}

#[test]
fn a_new_step_at_a_version_that_is_taken() {
    let copy = Copy::new().edit(
        "catalog.hcl",
        "base_path = \".config\"",
        "base_path = \".config\"\n  unknown_versions = [8]",
    );
    let new =
        |action, kind, name, version| copy.run(&["new", action, kind, name, "--version", version]);
    insta::assert_snapshot!(new("modify", "team", "owner", "6"), @"
    --- stderr
    error: version 6 has a step for `team` already, `lead`: name another version, or leave --version out
    hint: see how it is called: ocl-migrate help new
    --- exit 2
    ");
    insta::assert_snapshot!(new("dialect", "*", "owner", "4"), @"
    --- stderr
    error: version 4 has a step for `fizz` already, `color`: name another version, or leave --version out
    hint: see how it is called: ocl-migrate help new
    --- exit 2
    ");
    insta::assert_snapshot!(new("modify", "team", "owner", "8"), @"
    --- stderr
    error: version 8 is one of the catalog's `unknown_versions`: take it off that list, or name another
    hint: see how it is called: ocl-migrate help new
    --- exit 2
    ");
    let refused = new("modify", "team", "owner", "0");
    assert!(refused.contains("0 is not in 1..=4294967295"), "{refused}");
    assert!(refused.ends_with("--- exit 2"), "{refused}");

    // A folder that is there is never written to, nor removed.
    let step = fs::read_to_string(copy.path("0004_color/step.hcl")).unwrap();
    insta::assert_snapshot!(new("modify", "team", "color", "4"), @"
    --- stderr
    error: fizz/0004_color is there already: give the step another name
    hint: see how it is called: ocl-migrate help new
    --- exit 2
    ");
    let now = fs::read_to_string(copy.path("0004_color/step.hcl")).unwrap();
    assert_eq!(now, step);
}

#[test]
fn no_version_is_above_the_highest() {
    let text = "description = \"Last\"\ndocument = \"fizz\"\nmodify {\n  remove = [\"x\"]\n}\n";
    let copy = Copy::new().write("4294967295_last/step.hcl", text);
    insta::assert_snapshot!(copy.run(&["new", "modify", "team", "owner"]), @"
    --- stderr
    error: there is no version above 4294967295: name a free one with --version
    hint: see how it is called: ocl-migrate help new
    --- exit 2
    ");
}

/// The marker is renamed from a path that the catalog says it had: without one, what to do is said before anything is made.
#[test]
fn a_new_rename_of_the_marker() {
    let copy = Copy::new();
    let made = copy.run(&["new", "rename", "schema_version", "marker"]);
    assert!(made.ends_with("--- exit 0"), "{made}");
    let step = fs::read_to_string(copy.path("0007_marker/step.hcl")).unwrap();
    assert!(
        step.contains("rename { from = \"schema-version.ocl\" }"),
        "{step}"
    );
    insta::assert_snapshot!(copy.run(&["new", "rename", "schema_version", "again"]), @r#"
    --- stderr
    error: the catalog says of no path that the marker lay there: in fizz/catalog.hcl, give the marker its new `path`, and put the one that it has now into `legacy_paths`: ["schema_version.ocl"]; then make the step
    --- exit 1
    "#);
    assert!(!copy.path("0008_again").exists());
    let rust = copy.run(&["new", "rename", "schema_version", "again", "--rust"]);
    assert!(rust.contains("legacy_paths"), "{rust}");
}

/// Nothing lies beside an unknown version without a step.
#[test]
fn unknown_versions_without_steps_need_no_snapshot() {
    let sandbox = Sandbox::empty();
    let text = "catalog \"x\" {\n  base_path = \".x\"\n  unknown_versions = [3]\n}\ndocument \"fizz\" { path = \"fizz.ocl\" }\n";
    fs::create_dir(sandbox.path().join("x")).unwrap();
    fs::write(sandbox.path().join("x/catalog.hcl"), text).unwrap();
    let verified = sandbox.run_plain(&["--catalog", "x", "verify"]);
    assert!(verified.ends_with("--- exit 0"), "{verified}");
}

#[test]
fn a_new_step_that_cannot_be() {
    let copy = Copy::new();
    insta::assert_snapshot!(copy.run(&["new", "modify", "teem", "owner"]), @"
    --- stderr
    error: the catalog has no document kind `teem`; it has fizz and team
    hint: see how it is called: ocl-migrate help new
    --- exit 2
    ");
    insta::assert_snapshot!(copy.run(&["new", "modify", "team", "a/b"]), @"
    --- stderr
    error: `a/b` can't name a step: use letters, digits, `_` and `-`
    hint: see how it is called: ocl-migrate help new
    --- exit 2
    ");
    insta::assert_snapshot!(copy.run(&["new", "dialect", "team", "x"]), @"
    --- stderr
    error: a dialect holds for every kind: write `new dialect '*' NAME`
    hint: see how it is called: ocl-migrate help new
    --- exit 2
    ");
    insta::assert_snapshot!(copy.run(&["new", "import", "team", "again"]), @"
    --- stderr
    error: `team` exists already: `lead` at version 6 comes before this import (a kind is imported before any other step, or after it was removed)
    hint: see how it is called: ocl-migrate help new
    --- exit 2
    ");
    let rust = copy.run(&["new", "import", "team", "again", "--rust"]);
    assert!(rust.contains("`team` exists already"), "{rust}");
    assert!(!copy.path("0007_again").exists());
    insta::assert_snapshot!(copy.sandbox.run_plain(&["new", "modify", "runbook", "x"]), @"
    --- stderr
    error: the built-in catalog can't grow: name your own catalog's folder with --catalog, or ask for --rust
    hint: see how it is called: ocl-migrate help new
    --- exit 2
    ");
    insta::assert_snapshot!(copy.sandbox.run_plain(&["snapshot"]), @"
    --- stderr
    error: the built-in catalog's snapshots are frozen: name another catalog's folder with --catalog
    hint: see how it is called: ocl-migrate help snapshot
    --- exit 2
    ");
}
