//! What a step author reads when a catalog is wrong: the whole messages.
//!
//! Every case is a small valid catalog in which one file is replaced or added.

use std::collections::BTreeMap;
use std::fs;

use insta::assert_snapshot;
use ocl_migrate::catalog::{
    Catalog, CatalogParts, DocumentKind, Marker, OnExisting, PathPattern, Step,
};

const CATALOG: &str = r#"catalog "test" {
  base_path = ".octopus"
}

document "fizz" { path = "fizz.ocl" }
document "runbook" { path = "runbooks/**/*.ocl" }
"#;

const IMPORT: &str = r#"description = "Fizz moves to Git"
document    = "fizz"

import {}
"#;

/// The catalog's files by path.
struct Files(BTreeMap<String, Vec<u8>>);

fn valid() -> Files {
    Files(BTreeMap::new())
        .with("catalog.hcl", CATALOG)
        .with("0002_import_fizz/step.hcl", IMPORT)
}

impl Files {
    fn with(mut self, path: &str, text: impl AsRef<[u8]>) -> Files {
        self.0.insert(path.to_owned(), text.as_ref().to_vec());
        self
    }

    /// A step about Fizz with this body.
    fn step(self, folder: &str, body: &str) -> Files {
        let head = "description = \"A change\"\ndocument    = \"fizz\"\n\n";
        self.with(&format!("{folder}/step.hcl"), format!("{head}{body}\n"))
    }

    fn without(mut self, path: &str) -> Files {
        self.0.remove(path);
        self
    }

    fn load(&self) -> Result<Catalog, String> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (path, text) in &self.0 {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        Catalog::load(folder.path()).map_err(|error| error.to_string())
    }

    /// Everything that is said of the catalog.
    fn errors(&self) -> String {
        match self.load() {
            Ok(_) => panic!("nothing is wrong with this catalog"),
            Err(errors) => errors,
        }
    }
}

/// What is said of a `modify` body over Fizz.
fn modify(body: &str) -> String {
    let body = format!("modify {{\n{body}\n}}");
    valid().step("0003_change", &body).errors()
}

/// What is said of an expression.
fn expression(text: &str) -> String {
    modify(&format!("  set = {{ x = {text} }}"))
}

#[test]
fn the_catalog_that_the_cases_break_is_valid() {
    let catalog = valid().load().expect("a valid catalog");
    assert_eq!(catalog.server_version(), 2);
}

// The catalog as a whole.

#[test]
fn two_steps_with_one_version_and_kind() {
    assert_snapshot!(valid().step("0002_other", "modify { remove = [\"x\"] }").errors(), @r#"
    the catalog has a problem

    version 2 has two steps for `fizz`: `import_fizz` and `other`
     --> 0002_other/step.hcl:2:15
      |
    2 | document    = "fizz"
      |               ^^^^^^
      = help: give one of them a version of its own
    "#);
}

#[test]
fn two_steps_with_one_version_where_one_is_for_all_kinds() {
    let dialect = "description = \"d\"\ndocument = \"*\"\ndialect {}";
    assert_snapshot!(valid().with("0002_dialect/step.hcl", dialect).errors(), @r#"
    the catalog has a problem

    version 2 has two steps for `fizz`: `dialect` and `import_fizz`
     --> 0002_import_fizz/step.hcl:2:15
      |
    2 | document    = "fizz"
      |               ^^^^^^
      = help: give one of them a version of its own
    "#);
}

#[test]
fn an_unknown_document_kind() {
    let step = IMPORT.replace("\"fizz\"", "\"fizzz\"");
    assert_snapshot!(valid().with("0002_import_fizz/step.hcl", step).errors(), @r#"
    the catalog has a problem

    unknown document kind `fizzz`
     --> 0002_import_fizz/step.hcl:2:15
      |
    2 | document    = "fizzz"
      |               ^^^^^^^
      = help: did you mean `fizz`?
    "#);
    let step = IMPORT.replace("\"fizz\"", "\"deployment_process\"");
    assert_snapshot!(valid().with("0002_import_fizz/step.hcl", step).errors(), @r#"
    the catalog has a problem

    unknown document kind `deployment_process`
     --> 0002_import_fizz/step.hcl:2:15
      |
    2 | document    = "deployment_process"
      |               ^^^^^^^^^^^^^^^^^^^^
      = help: the catalog has fizz and runbook
    "#);
}

#[test]
fn reads_of_unknown_kinds_and_of_its_own() {
    let body = "reads = [\"runbok\", \"fizz\", \"runbook\"]\nmodify { remove = [\"x\"] }";
    assert_snapshot!(valid().step("0003_change", body).errors(), @r#"
    the catalog has 2 problems

    unknown document kind `runbok`
     --> 0003_change/step.hcl:4:10
      |
    4 | reads = ["runbok", "fizz", "runbook"]
      |          ^^^^^^^^
      = help: did you mean `runbook`?

    `reads` names `fizz`, the step's own kind
     --> 0003_change/step.hcl:4:20
      |
    4 | reads = ["runbok", "fizz", "runbook"]
      |                    ^^^^^^
      = help: that document is `document` in expressions
    "#);
}

#[test]
fn overlapping_paths() {
    let text = format!("{CATALOG}document \"drafts\" {{ path = \"runbooks/drafts/*.ocl\" }}\n");
    assert_snapshot!(valid().with("catalog.hcl", text).errors(), @r#"
    the catalog has a problem

    `drafts` (`runbooks/drafts/*.ocl`) overlaps with `runbook` (`runbooks/**/*.ocl`)
     --> catalog.hcl:7:28
      |
    7 | document "drafts" { path = "runbooks/drafts/*.ocl" }
      |                            ^^^^^^^^^^^^^^^^^^^^^^^
      = help: a document must belong to one kind: make the paths differ
    "#);
    let text = format!("{CATALOG}document \"all\" {{ path = \"*.ocl\" }}\n");
    assert_snapshot!(valid().with("catalog.hcl", text).errors(), @r#"
    the catalog has 2 problems

    `all` (`*.ocl`) overlaps with `fizz` (`fizz.ocl`)
     --> catalog.hcl:7:25
      |
    7 | document "all" { path = "*.ocl" }
      |                         ^^^^^^^
      = help: a document must belong to one kind: make the paths differ

    `all` (`*.ocl`) overlaps with the marker (`schema_version.ocl`)
     --> catalog.hcl:7:25
      |
    7 | document "all" { path = "*.ocl" }
      |                         ^^^^^^^
      = help: a document must belong to one kind: make the paths differ
    "#);
}

#[test]
fn paths_that_overlap_at_an_older_version() {
    let body = "rename { from = \"runbooks/fizz.ocl\" }";
    assert_snapshot!(valid().step("0003_move", body).errors(), @r#"
    the catalog has a problem

    `runbook` (`runbooks/**/*.ocl`) overlaps with `fizz` (`runbooks/fizz.ocl`) at version 2
     --> catalog.hcl:6:29
      |
    6 | document "runbook" { path = "runbooks/**/*.ocl" }
      |                             ^^^^^^^^^^^^^^^^^^^
      = help: a document must belong to one kind: make the paths differ
    "#);
}

#[test]
fn paths_that_leave_the_base_path() {
    let paths = |path: &str| {
        let text = CATALOG.replace("runbooks/**/*.ocl", path);
        valid().with("catalog.hcl", text).errors()
    };
    assert_snapshot!(paths("../runbooks/*.ocl"), @r#"
    the catalog has a problem

    "../runbooks/*.ocl" leaves its folder by the part `..`
     --> catalog.hcl:6:29
      |
    6 | document "runbook" { path = "../runbooks/*.ocl" }
      |                             ^^^^^^^^^^^^^^^^^^^
    "#);
    assert_snapshot!(paths("/runbooks/*.ocl"), @r#"
    the catalog has a problem

    "/runbooks/*.ocl" is absolute: write it without the `/`
     --> catalog.hcl:6:29
      |
    6 | document "runbook" { path = "/runbooks/*.ocl" }
      |                             ^^^^^^^^^^^^^^^^^
    "#);
    assert_snapshot!(paths(".git/*.ocl"), @r#"
    the catalog has a problem

    ".git/*.ocl" leads into Git's own folder
     --> catalog.hcl:6:29
      |
    6 | document "runbook" { path = ".git/*.ocl" }
      |                             ^^^^^^^^^^^^
    "#);
    assert_snapshot!(paths("a/*/*.ocl"), @r#"
    the catalog has a problem

    `a/*/*.ocl` has more than one wildcard: a slug could not be turned back into its path
     --> catalog.hcl:6:29
      |
    6 | document "runbook" { path = "a/*/*.ocl" }
      |                             ^^^^^^^^^^^
    "#);
    let text = CATALOG.replace(".octopus", "../octopus");
    assert_snapshot!(valid().with("catalog.hcl", text).errors(), @r#"
    the catalog has a problem

    the base path: "../octopus" leaves its folder by the part `..`
     --> catalog.hcl:2:15
      |
    2 |   base_path = "../octopus"
      |               ^^^^^^^^^^^^
    "#);
    assert_snapshot!(valid().step("0003_move", "rename { from = \"../fizz.ocl\" }").errors(), @r#"
    the catalog has a problem

    "../fizz.ocl" leaves its folder by the part `..`
     --> 0003_move/step.hcl:4:17
      |
    4 | rename { from = "../fizz.ocl" }
      |                 ^^^^^^^^^^^^^
    "#);
}

#[test]
fn a_marker_that_leaves_the_base_path_or_stands_there_twice() {
    let marker = "marker {\n  path = \"../v.ocl\"\n  attribute = \"version\"\n  legacy_paths = [\"a.ocl\", \"/b.ocl\", \"a.ocl\"]\n}\n";
    assert_snapshot!(valid().with("catalog.hcl", format!("{CATALOG}{marker}")).errors(), @r#"
    the catalog has 3 problems

    the marker: "../v.ocl" leaves its folder by the part `..`
     --> catalog.hcl:8:10
      |
    8 |   path = "../v.ocl"
      |          ^^^^^^^^^^

    the marker: "/b.ocl" is absolute: write it without the `/`
      --> catalog.hcl:10:28
       |
    10 |   legacy_paths = ["a.ocl", "/b.ocl", "a.ocl"]
       |                            ^^^^^^^^

    the marker: `a.ocl` stands here twice
      --> catalog.hcl:10:38
       |
    10 |   legacy_paths = ["a.ocl", "/b.ocl", "a.ocl"]
       |                                      ^^^^^^^
    "#);
}

#[test]
fn life_cycles_that_cannot_be() {
    let modify = "modify { remove = [\"x\"] }";
    let imported_late = valid().step("0001_change", modify);
    assert_snapshot!(imported_late.errors(), @"
    the catalog has a problem

    `fizz` is there already: `change` at version 1 comes before this import
     --> 0002_import_fizz/step.hcl:4:1
      |
    4 | import {}
      | ^^^^^^
      = help: a kind is imported before any other step, or after it was removed
    ");
    let imported_twice = valid().step("0004_again", "import {}");
    assert_snapshot!(imported_twice.errors(), @"
    the catalog has a problem

    `fizz` is there already: `import_fizz` at version 2 comes before this import
     --> 0004_again/step.hcl:4:1
      |
    4 | import {}
      | ^^^^^^
      = help: a kind is imported before any other step, or after it was removed
    ");
    let after_removal = valid()
        .step("0004_gone", "remove {}")
        .step("0005_change", modify);
    assert_snapshot!(after_removal.errors(), @r#"
    the catalog has a problem

    `fizz` is gone: `gone` at version 4 has removed it
     --> 0005_change/step.hcl:4:1
      |
    4 | modify { remove = ["x"] }
      | ^^^^^^
      = help: import it again first
    "#);
    let removed_twice = valid()
        .step("0004_gone", "remove {}")
        .step("0005_gone", "remove {}");
    assert_snapshot!(removed_twice.errors(), @"
    the catalog has a problem

    `fizz` is gone: `gone` at version 4 has removed it
     --> 0005_gone/step.hcl:4:1
      |
    4 | remove {}
      | ^^^^^^
      = help: import it again first
    ");
    let again = valid()
        .step("0004_gone", "remove {}")
        .step("0005_again", "import {}");
    assert!(again.load().is_ok());
}

#[test]
fn a_step_at_an_unknown_version() {
    let text = CATALOG.replace("\n}", "\n  unknown_versions = [2, 4]\n}");
    assert_snapshot!(valid().with("catalog.hcl", text).errors(), @"
    the catalog has a problem

    version 2 is listed under `unknown_versions`
     --> 0002_import_fizz/step.hcl
      = help: take it off that list, or give the step another version
    ");
}

#[test]
fn dialects() {
    let dialect = |kind: &str| format!("description = \"d\"\ndocument = \"{kind}\"\ndialect {{}}");
    let twice = valid()
        .with("0003_dialect/step.hcl", dialect("*"))
        .with("0004_dialect/step.hcl", dialect("*"));
    assert_snapshot!(twice.errors(), @"
    the catalog has a problem

    a second `dialect` step; the first is `dialect` at version 3
     --> 0004_dialect/step.hcl:3:1
      |
    3 | dialect {}
      | ^^^^^^^
      = help: there are two dialects, so one step between them
    ");
    assert_snapshot!(valid().with("0003_dialect/step.hcl", dialect("fizz")).errors(), @r#"
    the catalog has a problem

    a dialect holds for every kind, not for `fizz` alone
     --> 0003_dialect/step.hcl:2:12
      |
    2 | document = "fizz"
      |            ^^^^^^
      = help: write `document = "*"`
    "#);
    let all = "description = \"d\"\ndocument = \"*\"\nremove {}";
    assert_snapshot!(valid().with("0003_all/step.hcl", all).errors(), @r#"
    the catalog has a problem

    a `remove` step is about one kind
     --> 0003_all/step.hcl:2:12
      |
    2 | document = "*"
      |            ^^^
      = help: write one step for each kind
    "#);
}

#[test]
fn renames_that_do_not_fit() {
    let marker = |from: &str| {
        let text = format!(
            "description = \"d\"\ndocument = \"schema_version\"\nrename {{ from = \"{from}\" }}"
        );
        valid().with("0003_marker/step.hcl", text).errors()
    };
    assert_snapshot!(marker("old.ocl"), @r#"
    the catalog has a problem

    `old.ocl` is not among the marker's `legacy_paths`
     --> 0003_marker/step.hcl:3:1
      |
    3 | rename { from = "old.ocl" }
      | ^^^^^^
      = help: list it in `catalog.hcl`: branches still have their marker there
    "#);
    assert_snapshot!(marker("*.ocl"), @r#"
    the catalog has a problem

    the marker has one path
     --> 0003_marker/step.hcl:3:1
      |
    3 | rename { from = "*.ocl" }
      | ^^^^^^
      = help: write it without a wildcard
    "#);
    // Two renames in one version are both looked at.
    let runbook = "description = \"d\"\ndocument = \"runbook\"\nrename { from = \"runbook.ocl\" }";
    let two = valid()
        .step("0003_move", "rename { from = \"fizzes/*.ocl\" }")
        .with("0003_move_too/step.hcl", runbook);
    assert_snapshot!(two.errors(), @r#"
    the catalog has 2 problems

    `fizzes/*.ocl` and `fizz.ocl`, the path of `fizz`, differ in kind
     --> 0003_move/step.hcl:4:1
      |
    4 | rename { from = "fizzes/*.ocl" }
      | ^^^^^^
      = help: either both have a wildcard, or neither

    `runbook.ocl` and `runbooks/**/*.ocl`, the path of `runbook`, differ in kind
     --> 0003_move_too/step.hcl:3:1
      |
    3 | rename { from = "runbook.ocl" }
      | ^^^^^^
      = help: either both have a wildcard, or neither
    "#);
}

#[test]
fn the_marker_can_only_be_renamed() {
    let text = "description = \"d\"\ndocument = \"schema_version\"\nmodify { remove = [\"x\"] }";
    assert_snapshot!(valid().with("0003_marker/step.hcl", text).errors(), @r#"
    the catalog has a problem

    the marker can only be renamed, and this is `modify`
     --> 0003_marker/step.hcl:3:1
      |
    3 | modify { remove = ["x"] }
      | ^^^^^^
    "#);
}

#[test]
fn everything_is_reported_at_once() {
    let text = format!("{CATALOG}documnt \"x\" {{ path = \"x.ocl\" }}\n");
    let all = valid()
        .with("catalog.hcl", text)
        .step(
            "0003_change",
            "modify {\n  defualt = { x = 1 }\n  set = { y = upcase(self.y) }\n}",
        )
        .step("0003_other", "remove {}")
        .step("0005_again", "import { on_existing = \"replace\" }")
        .with("not_a_step/step.hcl", "description = 1\n")
        .with("0007_empty/step.hcl", "");
    assert_snapshot!(all.errors(), @r#"
    the catalog has 12 problems

    unknown operation `defualt`
     --> 0003_change/step.hcl:5:3
      |
    5 |   defualt = { x = 1 }
      |   ^^^^^^^
      = help: did you mean `default`?

    unknown function `upcase`
     --> 0003_change/step.hcl:6:15
      |
    6 |   set = { y = upcase(self.y) }
      |               ^^^^^^
      = help: the functions are listed in the reference of the step language

    version 3 has two steps for `fizz`: `change` and `other`
     --> 0003_other/step.hcl:2:15
      |
    2 | document    = "fizz"
      |               ^^^^^^
      = help: give one of them a version of its own

    `on_existing` is "keep" or "refuse"
     --> 0005_again/step.hcl:4:24
      |
    4 | import { on_existing = "replace" }
      |                        ^^^^^^^^^

    the step doesn't say which document it is about
     --> 0007_empty/step.hcl:1:1
      |
    1 |
      | ^
      = help: write `document = "kind"`

    the step has no description
     --> 0007_empty/step.hcl:1:1
      |
    1 |
      | ^
      = help: write `description = "..."`: it is shown to users beside what it changes

    the step does nothing
     --> 0007_empty/step.hcl:1:1
      |
    1 |
      | ^
      = help: give it import, modify, remove, rename or dialect

    unknown block `documnt`
     --> catalog.hcl:7:1
      |
    7 | documnt "x" { path = "x.ocl" }
      | ^^^^^^^^^^^
      = help: did you mean `document`?

    `not_a_step` is no name for a step's folder
     --> not_a_step/step.hcl
      = help: a step's folder is its version and its name: `0010_runbook_retention_type`

    the step doesn't say which document it is about
     --> not_a_step/step.hcl:1:1
      |
    1 | description = 1
      | ^
      = help: write `document = "kind"`

    the step does nothing
     --> not_a_step/step.hcl:1:1
      |
    1 | description = 1
      | ^
      = help: give it import, modify, remove, rename or dialect

    `description` is a string
     --> not_a_step/step.hcl:1:15
      |
    1 | description = 1
      |               ^
      = help: write `description = "..."`
    "#);
}

// `catalog.hcl`.

#[test]
fn a_catalog_without_its_file() {
    assert_snapshot!(valid().without("catalog.hcl").errors(), @"
    the catalog has a problem

    this file is missing
     --> catalog.hcl
    ");
    assert_snapshot!(valid().with("catalog.hcl", "").errors(), @r#"
    the catalog has 2 problems

    unknown document kind `fizz`
     --> 0002_import_fizz/step.hcl:2:15
      |
    2 | document    = "fizz"
      |               ^^^^^^
      = help: the catalog declares no document kinds

    there is no `catalog` block
     --> catalog.hcl:1:1
      |
    1 |
      | ^
      = help: begin with `catalog "name" { base_path = "..." }`
    "#);
}

#[test]
fn a_folder_that_is_not_there() {
    let error = Catalog::load(std::path::Path::new("/nowhere/steps")).expect_err("no such folder");
    assert_snapshot!(error.to_string(), @"
    the catalog has a problem

    the catalog's folder can't be read: No such file or directory (os error 2)
     --> /nowhere/steps
    ");
}

#[test]
fn what_does_not_belong_into_the_catalog_file() {
    let text = r#"base_path = ".octopus"
catalog {
  base_pth = ".octopus"
  unknown_versions = [0, -1, 1.5, "2", 4]
}
catalog "again" { base_path = "x" }
marker "m" {
  path = 1
  attributes = "version"
  inner {}
}
documents "fizz" { path = "fizz.ocl" }
document "a" "b" { path = "a.ocl" }
document "c" {}
document "d/e" { path = "d.ocl" }
document "schema_version" { path = "e.ocl" }
document "f" { path = "f.ocl" }
document "f" { path = "g.ocl" }
"#;
    assert_snapshot!(valid().with("catalog.hcl", text).errors(), @r#"
    the catalog has 20 problems

    expected a block: `catalog`, `marker` or `document`
     --> catalog.hcl:1:1
      |
    1 | base_path = ".octopus"
      | ^^^^^^^^^

    `catalog` takes one label, the catalog's name
     --> catalog.hcl:2:1
      |
    2 | catalog {
      | ^^^^^^^
      = help: write `catalog "name" { ... }`

    `catalog` lacks `base_path`
     --> catalog.hcl:2:1
      |
    2 | catalog {
      | ^^^^^^^
      = help: write `base_path = "..."` in it

    unknown attribute `base_pth`
     --> catalog.hcl:3:3
      |
    3 |   base_pth = ".octopus"
      |   ^^^^^^^^
      = help: did you mean `base_path`?

    a version is a positive whole number
     --> catalog.hcl:4:23
      |
    4 |   unknown_versions = [0, -1, 1.5, "2", 4]
      |                       ^

    a version is a positive whole number
     --> catalog.hcl:4:26
      |
    4 |   unknown_versions = [0, -1, 1.5, "2", 4]
      |                          ^^

    a version is a positive whole number
     --> catalog.hcl:4:30
      |
    4 |   unknown_versions = [0, -1, 1.5, "2", 4]
      |                              ^^^

    a version is a positive whole number
     --> catalog.hcl:4:35
      |
    4 |   unknown_versions = [0, -1, 1.5, "2", 4]
      |                                   ^^^

    a second `catalog` block
     --> catalog.hcl:6:1
      |
    6 | catalog "again" { base_path = "x" }
      | ^^^^^^^^^^^^^^^

    `marker` lacks `attribute`
     --> catalog.hcl:7:1
      |
    7 | marker "m" {
      | ^^^^^^^^^^
      = help: write `attribute = "..."` in it

    `marker` takes no label
     --> catalog.hcl:7:8
      |
    7 | marker "m" {
      |        ^^^

    `path` is a string
     --> catalog.hcl:8:10
      |
    8 |   path = 1
      |          ^
      = help: write `path = "..."`

    unknown attribute `attributes`
     --> catalog.hcl:9:3
      |
    9 |   attributes = "version"
      |   ^^^^^^^^^^
      = help: did you mean `attribute`?

    `marker` takes no blocks
      --> catalog.hcl:10:3
       |
    10 |   inner {}
       |   ^^^^^^^^

    unknown block `documents`
      --> catalog.hcl:12:1
       |
    12 | documents "fizz" { path = "fizz.ocl" }
       | ^^^^^^^^^^^^^^^^
       = help: did you mean `document`?

    `document` takes one label, the kind's name
      --> catalog.hcl:13:1
       |
    13 | document "a" "b" { path = "a.ocl" }
       | ^^^^^^^^^^^^^^^^
       = help: write `document "name" { ... }`

    `document` lacks `path`
      --> catalog.hcl:14:1
       |
    14 | document "c" {}
       | ^^^^^^^^^^^^
       = help: write `path = "..."` in it

    `d/e` can't be the name of a document kind
      --> catalog.hcl:15:10
       |
    15 | document "d/e" { path = "d.ocl" }
       |          ^^^^^
       = help: a name has letters, digits, `_` and `-`

    `schema_version` can't be the name of a document kind
      --> catalog.hcl:16:10
       |
    16 | document "schema_version" { path = "e.ocl" }
       |          ^^^^^^^^^^^^^^^^
       = help: this name is the marker's

    the document kind `f` stands here twice
      --> catalog.hcl:18:10
       |
    18 | document "f" { path = "g.ocl" }
       |          ^^^
    "#);
}

#[test]
fn unknown_versions_are_a_list() {
    let text = CATALOG.replace("\n}", "\n  unknown_versions = 4\n}");
    assert_snapshot!(valid().with("catalog.hcl", text).errors(), @"
    the catalog has a problem

    `unknown_versions` is a list of versions
     --> catalog.hcl:3:22
      |
    3 |   unknown_versions = 4
      |                      ^
      = help: write `unknown_versions = [11, 12]`
    ");
}

#[test]
fn an_attribute_that_stands_there_twice() {
    let text = CATALOG.replace("\n}", "\n  base_path = \"other\"\n}");
    assert_snapshot!(valid().with("catalog.hcl", text).errors(), @r#"
    the catalog has a problem

    this attribute stands in its block twice
     --> catalog.hcl:3:3
      |
    3 |   base_path = "other"
      |   ^
    "#);
}

// `step.hcl`.

#[test]
fn folders_that_name_no_step() {
    for folder in [
        "step",
        "10",
        "_name",
        "0_name",
        "0000_name",
        "1_",
        "x1_name",
        "99999999999_big",
        "1_a b",
    ] {
        let errors = valid().with(&format!("{folder}/step.hcl"), IMPORT).errors();
        assert!(
            errors.contains(&format!("`{folder}` is no name for a step's folder")),
            "{errors}"
        );
    }
    assert_snapshot!(valid().with("name_0003/step.hcl", IMPORT).errors(), @"
    the catalog has a problem

    `name_0003` is no name for a step's folder
     --> name_0003/step.hcl
      = help: a step's folder is its version and its name: `0010_runbook_retention_type`
    ");
    assert_snapshot!(valid().with("0003_empty/cases/readme", "").errors(), @"
    the catalog has a problem

    this file is missing
     --> 0003_empty/step.hcl
    ");
    assert_snapshot!(valid().with("0003_flat.hcl", IMPORT).errors(), @"
    the catalog has a problem

    this file belongs to no step
     --> 0003_flat.hcl
      = help: a step is a folder: `0010_name/step.hcl`
    ");
}

#[test]
fn a_step_without_its_parts() {
    assert_snapshot!(valid().with("0003_empty/step.hcl", "# nothing yet\n").errors(), @r#"
    the catalog has 3 problems

    the step doesn't say which document it is about
     --> 0003_empty/step.hcl:1:1
      |
    1 | # nothing yet
      | ^
      = help: write `document = "kind"`

    the step has no description
     --> 0003_empty/step.hcl:1:1
      |
    1 | # nothing yet
      | ^
      = help: write `description = "..."`: it is shown to users beside what it changes

    the step does nothing
     --> 0003_empty/step.hcl:1:1
      |
    1 | # nothing yet
      | ^
      = help: give it import, modify, remove, rename or dialect
    "#);
}

#[test]
fn a_step_with_two_bodies() {
    assert_snapshot!(valid().step("0003_two", "modify { remove = [\"x\"] }\n\nremove {}").errors(), @"
    the catalog has a problem

    a step has one body, and this is a second
     --> 0003_two/step.hcl:6:1
      |
    6 | remove {}
      | ^^^^^^
      = help: make it a step of its own
    ");
}

#[test]
fn misspelt_bodies_and_attributes() {
    assert_snapshot!(valid().step("0003_x", "modfy { remove = [\"x\"] }").errors(), @r#"
    the catalog has a problem

    unknown step body `modfy`
     --> 0003_x/step.hcl:4:1
      |
    4 | modfy { remove = ["x"] }
      | ^^^^^
      = help: did you mean `modify`?
    "#);
    assert_snapshot!(valid().step("0003_x", "transmogrify {}").errors(), @"
    the catalog has a problem

    unknown step body `transmogrify`
     --> 0003_x/step.hcl:4:1
      |
    4 | transmogrify {}
      | ^^^^^^^^^^^^
      = help: the body of a step is import, modify, remove, rename or dialect
    ");
    assert_snapshot!(valid().step("0003_x", "overwrite = true\nremove {}").errors(), @"
    the catalog has a problem

    unknown attribute `overwrite`
     --> 0003_x/step.hcl:4:1
      |
    4 | overwrite = true
      | ^^^^^^^^^
      = help: did you mean `overwrites`?
    ");
    assert_snapshot!(valid().step("0003_x", "rename { form = \"old.ocl\" }").errors(), @r#"
    the catalog has 2 problems

    `rename` lacks `from`
     --> 0003_x/step.hcl:4:1
      |
    4 | rename { form = "old.ocl" }
      | ^^^^^^
      = help: write `from = "..."` in it

    unknown attribute `form`
     --> 0003_x/step.hcl:4:10
      |
    4 | rename { form = "old.ocl" }
      |          ^^^^
      = help: did you mean `from`?
    "#);
    assert_snapshot!(valid().step("0003_x", "remove { x = 1 }").errors(), @"
    the catalog has a problem

    unknown attribute `x`
     --> 0003_x/step.hcl:4:10
      |
    4 | remove { x = 1 }
      |          ^
      = help: no attribute belongs here
    ");
    assert_snapshot!(valid().step("0003_x", "remove \"fizz\" {\n  inner {}\n}").errors(), @r#"
    the catalog has 2 problems

    `remove` takes no label
     --> 0003_x/step.hcl:4:8
      |
    4 | remove "fizz" {
      |        ^^^^^^

    `remove` takes no blocks
     --> 0003_x/step.hcl:5:3
      |
    5 |   inner {}
      |   ^^^^^^^^
    "#);
    assert_snapshot!(valid().step("0003_x", "modify \"step\" { remove = [\"x\"] }").errors(), @r#"
    the catalog has a problem

    `modify` takes no label
     --> 0003_x/step.hcl:4:8
      |
    4 | modify "step" { remove = ["x"] }
      |        ^^^^^^
      = help: what it changes is selected by `in "path" { ... }` inside it
    "#);
}

#[test]
fn values_of_wrong_types() {
    let text = r#"description   = ["a"]
document      = fizz
reads         = "runbook"
overwrites    = "yes"
idempotent    = false

import { on_existing = "replace" }
"#;
    assert_snapshot!(valid().with("0003_types/step.hcl", text).errors(), @r#"
    the catalog has 6 problems

    `description` is a string
     --> 0003_types/step.hcl:1:17
      |
    1 | description   = ["a"]
      |                 ^^^^^
      = help: write `description = "..."`

    `document` is a string
     --> 0003_types/step.hcl:2:17
      |
    2 | document      = fizz
      |                 ^^^^
      = help: write `document = "..."`

    `reads` is a list of strings
     --> 0003_types/step.hcl:3:17
      |
    3 | reads         = "runbook"
      |                 ^^^^^^^^^
      = help: write `reads = ["..."]`

    `overwrites` is true or false
     --> 0003_types/step.hcl:4:17
      |
    4 | overwrites    = "yes"
      |                 ^^^^^

    a step that isn't idempotent needs a reason
     --> 0003_types/step.hcl:5:17
      |
    5 | idempotent    = false
      |                 ^^^^^
      = help: write `reason = "..."`

    `on_existing` is "keep" or "refuse"
     --> 0003_types/step.hcl:7:24
      |
    7 | import { on_existing = "replace" }
      |                        ^^^^^^^^^
    "#);
}

// Syntax.

#[test]
fn hcl_syntax_errors() {
    assert_snapshot!(valid().step("0003_x", "modify {\n  remove = [\"x\"\n}").errors(), @"
    the catalog has a problem

    expected `]`
     --> 0003_x/step.hcl:6:1
      |
    6 | }
      | ^
    ");
    assert_snapshot!(valid().step("0003_x", "modify {").errors(), @"
    the catalog has a problem

    invalid block body; expected `}`, newline or identifier
     --> 0003_x/step.hcl:5:1
      |
    5 |
      | ^
    ");
    assert_snapshot!(valid().step("0003_x", "modify { set = { x = \"a } }").errors(), @r#"
    the catalog has a problem

    invalid block body; expected `}`, newline or identifier
     --> 0003_x/step.hcl:4:10
      |
    4 | modify { set = { x = "a } }
      |          ^
    "#);
    assert_snapshot!(valid().step("0003_x", "modify { \"né\" = = 1 }").errors(), @r#"
    the catalog has a problem

    invalid block body; expected `}`, newline or identifier
     --> 0003_x/step.hcl:4:10
      |
    4 | modify { "né" = = 1 }
      |          ^
    "#);
    assert_snapshot!(valid().step("0003_x", "\tmodify {\n\t\tset = { a = 1 +  }\n\t}").errors(), @r#"
    the catalog has a problem

    invalid expression; expected `"`, `[`, `{`, `-`, `!`, `(`, `_`, `<`, letter or digit
     --> 0003_x/step.hcl:5:20
      |
    5 |         set = { a = 1 +  }
      |                          ^
    "#);
    assert_snapshot!(valid().step("0003_x", "modify {\r\n  set = @\r\n}\r\n").errors(), @r#"
    the catalog has a problem

    invalid expression; expected `"`, `[`, `{`, `-`, `!`, `(`, `_`, `<`, letter or digit
     --> 0003_x/step.hcl:5:9
      |
    5 |   set = @
      |         ^
    "#);
    assert_snapshot!(valid().with("catalog.hcl", "catalog test {").errors(), @"
    the catalog has a problem

    invalid block body; expected `}`, newline or identifier
     --> catalog.hcl:1:15
      |
    1 | catalog test {
      |               ^
    ");
}

#[test]
fn a_file_that_is_not_utf8() {
    assert_snapshot!(valid().with("0003_x/step.hcl", b"description = \"\xff\"").errors(), @"
    the catalog has a problem

    this file is not UTF-8
     --> 0003_x/step.hcl
    ");
}

// Operations and selectors.

#[test]
fn misspelt_operations() {
    assert_snapshot!(modify("  defualt = { x = 1 }"), @"
    the catalog has a problem

    unknown operation `defualt`
     --> 0003_change/step.hcl:5:3
      |
    5 |   defualt = { x = 1 }
      |   ^^^^^^^
      = help: did you mean `default`?
    ");
    assert_snapshot!(modify("  transmogrify = { x = 1 }"), @"
    the catalog has a problem

    unknown operation `transmogrify`
     --> 0003_change/step.hcl:5:3
      |
    5 |   transmogrify = { x = 1 }
      |   ^^^^^^^^^^^^
      = help: the operations are set, default, rename, remove, convert, label, move, insert and reject
    ");
    assert_snapshot!(modify("  set { x = 1 }"), @"
    the catalog has a problem

    unknown block `set`
     --> 0003_change/step.hcl:5:3
      |
    5 |   set { x = 1 }
      |   ^^^
      = help: an operation is an attribute: `set = ...`
    ");
    assert_snapshot!(modify("  step \"deploy\" { remove = [\"x\"] }"), @r#"
    the catalog has a problem

    unknown block `step`
     --> 0003_change/step.hcl:5:3
      |
    5 |   step "deploy" { remove = ["x"] }
      |   ^^^^^^^^^^^^^
      = help: what is below a block is selected by `in "path" { ... }`
    "#);
}

#[test]
fn an_operation_that_stands_there_twice() {
    assert_snapshot!(modify("  set = { x = 1 }\n  set = { y = 2 }"), @"
    the catalog has a problem

    this attribute stands in its block twice
     --> 0003_change/step.hcl:6:3
      |
    6 |   set = { y = 2 }
      |   ^
    ");
    assert_snapshot!(modify("  set = { x = 1, \"x\" = 2 }"), @r#"
    the catalog has a problem

    `x` stands here twice
     --> 0003_change/step.hcl:5:18
      |
    5 |   set = { x = 1, "x" = 2 }
      |                  ^^^
    "#);
    assert_snapshot!(modify("  set = { x = 1, x = 2 }"), @"
    the catalog has a problem

    this key stands in its object twice
     --> 0003_change/step.hcl:5:18
      |
    5 |   set = { x = 1, x = 2 }
      |                  ^
    ");
}

#[test]
fn blocks_that_change_nothing() {
    assert_snapshot!(modify("  in \"step\" {}\n  in \"step\" { when = self.x == 1 }"), @r#"
    the catalog has 2 problems

    this block changes nothing
     --> 0003_change/step.hcl:5:3
      |
    5 |   in "step" {}
      |   ^^^^^^^^^
      = help: give it an operation: set, default, rename, remove, convert, label, move, insert or reject

    this block changes nothing
     --> 0003_change/step.hcl:6:3
      |
    6 |   in "step" { when = self.x == 1 }
      |   ^^^^^^^^^
      = help: give it an operation: set, default, rename, remove, convert, label, move, insert or reject
    "#);
    assert_snapshot!(modify(""), @"
    the catalog has a problem

    this block changes nothing
     --> 0003_change/step.hcl:4:1
      |
    4 | modify {
      | ^^^^^^
      = help: give it an operation: set, default, rename, remove, convert, label, move, insert or reject
    ");
}

#[test]
fn operations_with_wrong_values() {
    assert_snapshot!(modify("  set = [\"x\"]"), @r#"
    the catalog has a problem

    `set` takes an object
     --> 0003_change/step.hcl:5:9
      |
    5 |   set = ["x"]
      |         ^^^^^
      = help: write `set = { attribute = value }`
    "#);
    assert_snapshot!(modify("  remove = \"x\""), @r#"
    the catalog has a problem

    `remove` takes a list of names, or `true` for the selected node itself
     --> 0003_change/step.hcl:5:12
      |
    5 |   remove = "x"
      |            ^^^
      = help: write `remove = ["attribute"]`
    "#);
    assert_snapshot!(modify("  remove = [\"x\", self.y, 3]"), @r#"
    the catalog has 2 problems

    `remove` takes a list of names, or `true` for the selected node itself
     --> 0003_change/step.hcl:5:18
      |
    5 |   remove = ["x", self.y, 3]
      |                  ^^^^^^
      = help: write `remove = ["attribute"]`

    `remove` takes a list of names, or `true` for the selected node itself
     --> 0003_change/step.hcl:5:26
      |
    5 |   remove = ["x", self.y, 3]
      |                          ^
      = help: write `remove = ["attribute"]`
    "#);
    assert_snapshot!(modify("  remove = false"), @r#"
    the catalog has a problem

    `remove` takes a list of names, or `true` for the selected node itself
     --> 0003_change/step.hcl:5:12
      |
    5 |   remove = false
      |            ^^^^^
      = help: write `remove = ["attribute"]`
    "#);
    assert_snapshot!(modify("  rename = { a = self.b }"), @r#"
    the catalog has a problem

    `rename` takes plain names
     --> 0003_change/step.hcl:5:18
      |
    5 |   rename = { a = self.b }
      |                  ^^^^^^
      = help: write `rename = { old = "new" }`
    "#);
    assert_snapshot!(modify("  move = { a = \"b.*\" }"), @r#"
    the catalog has a problem

    the last part of a destination is the new name
     --> 0003_change/step.hcl:5:16
      |
    5 |   move = { a = "b.*" }
      |                ^^^^^
      = help: write `move = { old = "block.new" }`
    "#);
    assert_snapshot!(modify("  move = { a = \"parent.\" }"), @r#"
    the catalog has a problem

    the last part of a destination is the new name
     --> 0003_change/step.hcl:5:16
      |
    5 |   move = { a = "parent." }
      |                ^^^^^^^^^
      = help: write `move = { old = "block.new" }`
    "#);
    assert_snapshot!(modify("  move = { a = \"b[.c\" }"), @r#"
    the catalog has a problem

    expected `"` in the selector, found the end
     --> 0003_change/step.hcl:5:16
      |
    5 |   move = { a = "b[.c" }
      |                ^^^^^^
    "#);
}

#[test]
fn selectors_that_do_not_parse() {
    let select = |path: &str| modify(&format!("  in \"{path}\" {{ remove = [\"x\"] }}"));
    assert_snapshot!(select("step..action"), @r#"
    the catalog has a problem

    expected a block type, an attribute, `*` or `**` in the selector, found `.`
     --> 0003_change/step.hcl:5:12
      |
    5 |   in "step..action" { remove = ["x"] }
      |            ^
    "#);
    assert_snapshot!(select("step."), @r#"
    the catalog has a problem

    expected a block type, an attribute, `*` or `**` in the selector, found the end
     --> 0003_change/step.hcl:5:12
      |
    5 |   in "step." { remove = ["x"] }
      |            ^
    "#);
    assert_snapshot!(select("step[deploy]"), @r#"
    the catalog has a problem

    expected `"` in the selector, found `d`
     --> 0003_change/step.hcl:5:12
      |
    5 |   in "step[deploy]" { remove = ["x"] }
      |            ^
    "#);
    assert_snapshot!(select("step[\\\"deploy]"), @r#"
    the catalog has a problem

    this quote is never closed
     --> 0003_change/step.hcl:5:6
      |
    5 |   in "step[\"deploy]" { remove = ["x"] }
      |      ^^^^^^^^^^^^^^^^
    "#);
    assert_snapshot!(select("step action"), @r#"
    the catalog has a problem

    expected `.` in the selector, found ` `
     --> 0003_change/step.hcl:5:11
      |
    5 |   in "step action" { remove = ["x"] }
      |           ^
    "#);
    assert_snapshot!(select("***"), @r#"
    the catalog has a problem

    expected `.` in the selector, found `*`
     --> 0003_change/step.hcl:5:9
      |
    5 |   in "***" { remove = ["x"] }
      |         ^
    "#);
    assert_snapshot!(modify("  in { remove = [\"x\"] }"), @r#"
    the catalog has a problem

    `in` takes one label, the path to select
     --> 0003_change/step.hcl:5:3
      |
    5 |   in { remove = ["x"] }
      |   ^^
      = help: write `in "step.action" { ... }`
    "#);
    assert_snapshot!(modify("  in \"a\" \"b\" { remove = [\"x\"] }"), @r#"
    the catalog has a problem

    `in` takes one label, the path to select
     --> 0003_change/step.hcl:5:3
      |
    5 |   in "a" "b" { remove = ["x"] }
      |   ^^^^^^^^^^
      = help: write `in "step.action" { ... }`
    "#);
}

// Expressions.

#[test]
fn misspelt_names_and_functions() {
    assert_snapshot!(expression("sefl.y"), @"
    the catalog has a problem

    unknown name `sefl`
     --> 0003_change/step.hcl:5:15
      |
    5 |   set = { x = sefl.y }
      |               ^^^^
      = help: did you mean `self`?
    ");
    assert_snapshot!(expression("quantity"), @"
    the catalog has a problem

    unknown name `quantity`
     --> 0003_change/step.hcl:5:15
      |
    5 |   set = { x = quantity }
      |               ^^^^^^^^
      = help: an attribute of the selected node is `self.quantity`
    ");
    assert_snapshot!(expression("[for step in self.steps : stp.name]"), @"
    the catalog has a problem

    unknown name `stp`
     --> 0003_change/step.hcl:5:41
      |
    5 |   set = { x = [for step in self.steps : stp.name] }
      |                                         ^^^
      = help: did you mean `step`?
    ");
    assert_snapshot!(expression("uper(self.y)"), @"
    the catalog has a problem

    unknown function `uper`
     --> 0003_change/step.hcl:5:15
      |
    5 |   set = { x = uper(self.y) }
      |               ^^^^
      = help: did you mean `upper`?
    ");
    assert_snapshot!(expression("transmogrify(self.y)"), @"
    the catalog has a problem

    unknown function `transmogrify`
     --> 0003_change/step.hcl:5:15
      |
    5 |   set = { x = transmogrify(self.y) }
      |               ^^^^^^^^^^^^
      = help: the functions are listed in the reference of the step language
    ");
    assert_snapshot!(expression("core::upper(self.y)"), @"
    the catalog has a problem

    unknown function `core::upper`
     --> 0003_change/step.hcl:5:15
      |
    5 |   set = { x = core::upper(self.y) }
      |               ^^^^^^^^^^^
      = help: did you mean `upper`?
    ");
}

#[test]
fn value_is_known_in_convert_and_label_only() {
    assert_snapshot!(expression("value"), @"
    the catalog has a problem

    `value` is known only in `convert` and `label`
     --> 0003_change/step.hcl:5:15
      |
    5 |   set = { x = value }
      |               ^^^^^
      = help: name the attribute: `self.x`
    ");
    // Also after a `convert` that is itself wrong.
    assert_snapshot!(modify("  convert = 1\n  set = { x = value }"), @"
    the catalog has 2 problems

    `convert` takes an object
     --> 0003_change/step.hcl:5:13
      |
    5 |   convert = 1
      |             ^
      = help: write `convert = { attribute = value }`

    `value` is known only in `convert` and `label`
     --> 0003_change/step.hcl:6:15
      |
    6 |   set = { x = value }
      |               ^^^^^
      = help: name the attribute: `self.x`
    ");
}

#[test]
fn calls_with_wrong_arguments() {
    assert_snapshot!(expression("replace(self.y, \"a\")"), @r#"
    the catalog has a problem

    `replace` does not take 2 arguments
     --> 0003_change/step.hcl:5:15
      |
    5 |   set = { x = replace(self.y, "a") }
      |               ^^^^^^^^^^^^^^^^^^^^
      = help: write `replace(text, search, replacement)`
    "#);
    assert_snapshot!(expression("upper()"), @"
    the catalog has a problem

    `upper` does not take 0 arguments
     --> 0003_change/step.hcl:5:15
      |
    5 |   set = { x = upper() }
      |               ^^^^^^^
      = help: write `upper(text)`
    ");
    assert_snapshot!(expression("regex(\"(\", self.y)"), @r#"
    the catalog has a problem

    this is no regular expression: unclosed group
     --> 0003_change/step.hcl:5:21
      |
    5 |   set = { x = regex("(", self.y) }
      |                     ^^^
    "#);
}

#[test]
fn what_the_step_language_leaves_out() {
    assert_snapshot!(expression("\"%{ if true }a%{ endif }\""), @r#"
    the catalog has a problem

    template directives (`%{ ... }`) are not part of the step language
     --> 0003_change/step.hcl:5:16
      |
    5 |   set = { x = "%{ if true }a%{ endif }" }
      |                ^^^^^^^^^^^^^^^^^^^^^^^
      = help: use a conditional or a `for` expression inside `${ ... }`
    "#);
    assert_snapshot!(expression("1e400"), @"
    the catalog has a problem

    invalid object item; expected `}`, `,` or newline
     --> 0003_change/step.hcl:5:16
      |
    5 |   set = { x = 1e400 }
      |                ^
    ");
    assert_snapshot!(expression(&format!("self{}", ".a".repeat(200))), @"
    the catalog has a problem

    this looks more than 128 levels deep
     --> 0003_change/step.hcl:5:15
      |
    5 |   set = { x = self.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a...
      |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ");
}

// A catalog in Rust.

#[test]
fn a_catalog_in_rust_is_checked_the_same() {
    let kind = |name: &str, path: &str| DocumentKind {
        name: name.into(),
        path: PathPattern::parse(path).expect("a path"),
    };
    let error = Catalog::new(CatalogParts {
        name: "rust".into(),
        base_path: "/absolute".into(),
        unknown_versions: [3].into(),
        marker: Marker {
            path: "version.ocl".into(),
            attribute: "version".into(),
            legacy_paths: Vec::new(),
        },
        kinds: vec![kind("a", "a.ocl"), kind("b", "*.ocl")],
        steps: vec![
            Step::import(0, "zero", "a", OnExisting::Keep),
            Step::import(3, "again", "a", OnExisting::Keep),
            Step::remove(4, "gone", "c").reads("a"),
        ],
    });
    assert_snapshot!(error.expect_err("a wrong catalog").to_string(), @r#"
    the catalog has 7 problems

    the base path: "/absolute" is absolute: write it without the `/`
     --> catalog "rust"

    `b` (`*.ocl`) overlaps with `a` (`a.ocl`)
     --> catalog "rust"
      = help: a document must belong to one kind: make the paths differ

    `b` (`*.ocl`) overlaps with the marker (`version.ocl`)
     --> catalog "rust"
      = help: a document must belong to one kind: make the paths differ

    versions begin with 1
     --> step 0 zero

    version 3 is listed under `unknown_versions`
     --> step 3 again
      = help: take it off that list, or give the step another version

    `a` is there already: `zero` at version 0 comes before this import
     --> step 3 again
      = help: a kind is imported before any other step, or after it was removed

    unknown document kind `c`
     --> step 4 gone
      = help: the catalog has a and b
    "#);
}

#[test]
fn steps_added_in_rust_are_checked_with_the_rest() {
    let catalog = valid().load().expect("a valid catalog");
    let error = catalog.with_steps([Step::import(5, "again", "fizz", OnExisting::Keep)]);
    assert_snapshot!(error.expect_err("imported twice").to_string(), @"
    the catalog has a problem

    `fizz` is there already: `import_fizz` at version 2 comes before this import
     --> step 5 again
      = help: a kind is imported before any other step, or after it was removed
    ");
}

// Hostile folders.

#[test]
fn a_file_that_is_too_large() {
    let text = format!("{IMPORT}{}", "#".repeat(1 << 20));
    assert_snapshot!(valid().with("0002_import_fizz/step.hcl", text).errors(), @"
    the catalog has a problem

    this file is larger than 1024 KiB
     --> 0002_import_fizz/step.hcl
    ");
}

#[test]
fn expressions_nested_without_end() {
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{a=", "}"),
        ("!", ""),
        ("-", ""),
        ("f(", ")"),
        ("\"${", "}\""),
    ] {
        let text = format!("{}1{}", open.repeat(20_000), close.repeat(20_000));
        assert!(expression(&text).starts_with("the catalog has"), "{open}");
    }
    for more in [" + 1", " && true", " ? 1 : 2", ".a", "[0]", "[*]", ".*"] {
        let text = format!("self{}", more.repeat(20_000));
        assert!(expression(&text).starts_with("the catalog has"), "{more}");
    }
    let blocks = format!("{}{}", "in \"a\" {\n".repeat(20_000), "}\n".repeat(20_000));
    assert!(modify(&blocks).starts_with("the catalog has"));
}

#[test]
fn nesting_as_deep_as_it_may_be_is_read() {
    let accesses = format!("modify {{ set = {{ x = self{} }} }}", ".a".repeat(128));
    assert!(valid().step("0003_deep", &accesses).load().is_ok());
}

#[cfg(unix)]
mod links {
    use super::*;
    use std::os::unix::fs::symlink;

    /// The valid catalog in a folder, changed by `change`.
    fn load(change: impl Fn(&std::path::Path)) -> Result<Catalog, String> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (path, text) in &valid().0 {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        change(folder.path());
        Catalog::load(folder.path()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_step_behind_a_link_is_read() {
        let catalog = load(|folder| {
            let elsewhere = folder.join(".elsewhere");
            fs::rename(folder.join("0002_import_fizz"), &elsewhere).expect("moved");
            symlink(&elsewhere, folder.join("0005_import_fizz")).expect("a link");
        });
        assert_eq!(catalog.map(|catalog| catalog.server_version()), Ok(5));
    }

    #[test]
    fn loops_of_links_are_errors() {
        let errors = load(|folder| {
            symlink("0004_loop", folder.join("0004_loop")).expect("a link");
            symlink(".", folder.join("0003_itself")).expect("a link");
            symlink("nowhere", folder.join("0005_nowhere")).expect("a link");
        });
        assert_snapshot!(errors.expect_err("loops"), @"
        the catalog has 3 problems

        this file is missing
         --> 0003_itself/step.hcl

        can't be read: Too many levels of symbolic links (os error 40)
         --> 0004_loop

        can't be read: No such file or directory (os error 2)
         --> 0005_nowhere
        ");
    }

    #[test]
    fn a_device_is_never_opened() {
        let errors = load(|folder| {
            let file = folder.join("0002_import_fizz/step.hcl");
            fs::remove_file(&file).expect("removed");
            symlink("/dev/zero", file).expect("a link");
        });
        assert_snapshot!(errors.expect_err("a device"), @"
        the catalog has a problem

        this is no regular file
         --> 0002_import_fizz/step.hcl
        ");
    }

    #[test]
    fn a_folder_in_place_of_a_file() {
        let errors = load(|folder| {
            fs::remove_file(folder.join("catalog.hcl")).expect("removed");
            fs::create_dir(folder.join("catalog.hcl")).expect("a folder");
        });
        assert_snapshot!(errors.expect_err("a folder"), @"
        the catalog has a problem

        this is no regular file
         --> catalog.hcl
        ");
    }

    #[test]
    fn a_file_that_may_not_be_read() {
        use std::os::unix::fs::PermissionsExt as _;
        let result = load(|folder| {
            let file = folder.join("0002_import_fizz/step.hcl");
            fs::set_permissions(file, fs::Permissions::from_mode(0o0)).expect("set");
        });
        let Err(errors) = result else {
            crate::support::skipped("this user may read everything");
            return;
        };
        assert_snapshot!(errors, @"
        the catalog has a problem

        can't be read: Permission denied (os error 13)
         --> 0002_import_fizz/step.hcl
        ");
    }
}
