//! What a step author reads when a catalog is wrong: the whole messages.
//!
//! The files beside this one hold cases: each is a small valid catalog in which files are replaced, added (`--- PATH`) or taken away
//! (`--- without PATH`), and what is said of it (`--- message`). `UPDATE_CASES=1 cargo test --test all catalog::errors` writes the
//! messages anew.

#[cfg(unix)]
mod links;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use ocl_migrate::catalog::{
    Catalog, CatalogParts, DocumentKind, Marker, OnExisting, PathPattern, Step,
};

use crate::support::{project, scratch};

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
#[derive(Clone)]
struct Files(BTreeMap<String, Vec<u8>>);

/// The catalog that the cases break.
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

    fn write(&self, folder: &Path) {
        for (path, text) in &self.0 {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
    }

    fn load(&self) -> Result<Catalog, String> {
        let folder = scratch::folder();
        self.write(folder.path());
        Catalog::load(folder.path()).map_err(|error| error.to_string())
    }

    /// Everything that is said of the catalog.
    fn errors(&self) -> String {
        self.load()
            .expect_err("something is wrong with this catalog")
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

/// Holds a file of cases to what is said of them.
fn check(name: &str) {
    let path = project().join("tests/all/catalog/errors").join(name);
    let text = fs::read_to_string(&path).unwrap();
    let written: Vec<String> = text.split("\n=== ").map(answered).collect();
    let written = format!("{}\n", written.join("\n\n=== "));
    if std::env::var_os("UPDATE_CASES").is_some() {
        fs::write(path, written).unwrap();
    } else {
        assert_same(&text, &written, name);
    }
}

/// A case with what is said of it now.
fn answered(case: &str) -> String {
    let (case, _) = case
        .split_once("\n--- message\n")
        .expect("a case has a message");
    let mut files = valid();
    for file in case.split("\n--- ").skip(1) {
        let (path, text) = file.split_once('\n').unwrap_or((file, ""));
        if let Some(path) = path.strip_prefix("without ") {
            assert!(files.0.remove(path).is_some(), "{path} isn't there");
        } else {
            let end = if text.is_empty() { "" } else { "\n" };
            files = files.with(path, format!("{text}{end}"));
        }
    }
    format!("{case}\n--- message\n{}", files.errors())
}

/// Fails with the first case that differs.
fn assert_same(found: &str, wanted: &str, name: &str) {
    for (found, wanted) in found.split("\n=== ").zip(wanted.split("\n=== ")) {
        assert_eq!(found.trim_end(), wanted.trim_end(), "a case of {name}");
    }
    assert_eq!(found, wanted, "{name}");
}

#[test]
fn the_catalog_that_the_cases_break_is_valid() {
    let catalog = valid().load().expect("a valid catalog");
    assert_eq!(catalog.server_version(), 2);
}

#[test]
fn of_the_catalog_as_a_whole() {
    check("whole.txt");
}

#[test]
fn of_paths() {
    check("paths.txt");
}

#[test]
fn of_life_cycles() {
    check("life_cycles.txt");
}

#[test]
fn of_the_catalog_file() {
    check("catalog_file.txt");
}

#[test]
fn of_step_files() {
    check("step_file.txt");
}

#[test]
fn of_syntax() {
    check("syntax.txt");
}

#[test]
fn of_operations() {
    check("operations.txt");
}

#[test]
fn of_selectors() {
    check("selectors.txt");
}

#[test]
fn of_expressions() {
    check("expressions.txt");
}

/// Every file of cases is read by a test above.
#[test]
fn no_case_is_left_out() {
    let source = include_str!("mod.rs");
    for entry in fs::read_dir(project().join("tests/all/catalog/errors")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            name.ends_with(".rs") || source.contains(&format!("check(\"{name}\")")),
            "{name}"
        );
    }
}

// What a file of text can't say well: line ends, bytes, size, depth, folders.

#[test]
fn line_ends_of_other_systems_and_none() {
    let carriage_returns = valid().step("0003_x", "modify {\r\n  set = @\r\n}\r\n");
    assert_snapshot!(carriage_returns.errors(), @r#"
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
            errors.contains(&format!("`{folder}` is not the name of a step's folder")),
            "{errors}"
        );
    }
}

#[test]
fn a_file_that_is_not_utf8() {
    assert_snapshot!(valid().with("0003_x/step.hcl", b"description = \"\xff\"").errors(), @"
    the catalog has a problem

    this file is not UTF-8
     --> 0003_x/step.hcl
    ");
}

#[test]
fn a_folder_that_is_not_there() {
    let error = Catalog::load(Path::new("/nowhere/steps")).expect_err("no such folder");
    assert_snapshot!(error.to_string(), @"
    the catalog has a problem

    the catalog's folder can't be read: No such file or directory (os error 2)
     --> /nowhere/steps
    ");
}

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

// A catalog in Rust.

#[test]
fn a_catalog_in_rust_is_checked_the_same() {
    let kind =
        |name: &str, path: &str| DocumentKind::new(name, PathPattern::parse(path).expect("a path"));
    let error = Catalog::new(CatalogParts {
        unknown_versions: [3].into(),
        marker: Marker {
            path: "version.ocl".into(),
            ..Marker::default()
        },
        kinds: vec![kind("a", "a.ocl"), kind("b", "*.ocl")],
        steps: vec![
            Step::import(0, "zero", "a", OnExisting::Keep),
            Step::import(3, "again", "a", OnExisting::Keep),
            Step::remove(4, "gone", "c").reads("a"),
        ],
        ..CatalogParts::new("rust", "/absolute")
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
      = help: remove it from that list, or give the step another version

    `a` exists already: `zero` at version 0 comes before this import
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

    `fizz` exists already: `import_fizz` at version 2 comes before this import
     --> step 5 again
      = help: a kind is imported before any other step, or after it was removed
    ");
}
