//! `docs/step-language.md` is what the code says: every operation and function, each with an example that runs.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use ocl_migrate::catalog::Catalog;
use ocl_migrate::catalog::reference::{OperationReference, functions, operations};
use ocl_migrate::verify::{Files, Verification};

use crate::support::scratch;

const CATALOG: &str = r#"
catalog "reference" {
  base_path = ".config"
}

document "thing" { path = "thing.ocl" }
"#;

fn step(body: &str) -> String {
    format!(
        "description = \"x\"\ndocument = \"thing\"\noverwrites = true\nidempotent = false\nreason = \"x\"\nmodify {{\n{body}\n}}\n"
    )
}

/// What is wrong with a step that must make `after` of `before`.
pub(super) fn wrong(body: &str, before: &str, after: &str, is_error: bool) -> Vec<String> {
    let folder = scratch::folder();
    let place = folder.path().join("0001_example");
    fs::create_dir_all(&place).expect("a folder");
    fs::write(folder.path().join("catalog.hcl"), CATALOG).expect("a file");
    fs::write(place.join("step.hcl"), step(body)).expect("a file");
    let catalog = match Catalog::load(folder.path()) {
        Ok(catalog) => catalog,
        Err(error) => return vec![error.to_string()],
    };
    let expected = if is_error { "error.txt" } else { "after.ocl" };
    let files: Files = [("before.ocl", before), (expected, after)]
        .into_iter()
        .map(|(file, text)| (format!("0001_example/cases/it/{file}"), text))
        .collect();
    let report = Verification::of(&catalog).cases(&files).run();
    let cases = report
        .findings
        .iter()
        .filter(|finding| finding.check.name() == "case");
    cases
        .map(|finding| {
            let diff = finding.diff.as_ref().map(ToString::to_string);
            format!("{finding}\n{}", diff.unwrap_or_default())
        })
        .collect()
}

#[test]
fn every_operation_does_what_its_example_says() {
    for operation in operations() {
        let OperationReference {
            name,
            example,
            before,
            after,
            ..
        } = operation;
        let (after, is_error) = match name {
            "reject" => (format!("{after} (at step[\"one\"])"), true),
            _ => (after.to_owned(), false),
        };
        let wrong = wrong(example, before, &after, is_error);
        assert!(wrong.is_empty(), "{name}: {}", wrong.join("\n"));
    }
}

#[test]
fn an_example_that_says_something_else_is_noticed() {
    assert!(!wrong("default = { a = 1 }", "", "a = 2\n", false).is_empty());
}

/// Every function's example gives its result; here as the value of an attribute, which is how steps use it.
#[test]
fn the_reference_is_what_the_code_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/step-language.md");
    let text = fs::read_to_string(&path).unwrap_or_default();
    let (begin, end) = ("<!-- generated: begin -->\n", "<!-- generated: end -->");
    let start = text
        .find(begin)
        .map(|at| at + begin.len())
        .expect("a place for what is generated");
    let stop = text.find(end).expect("its end");
    let generated = generate();
    if text[start..stop] != generated {
        if std::env::var_os("UPDATE_REFERENCE").is_some() {
            let updated = [&text[..start], &generated, &text[stop..]].concat();
            fs::write(&path, updated).expect("the reference can be written");
            return;
        }
        panic!(
            "docs/step-language.md is out of date: run UPDATE_REFERENCE=1 cargo test --test all step_reference"
        );
    }
}

fn generate() -> String {
    let mut text = String::from("## Operations\n");
    for operation in operations() {
        let OperationReference {
            name,
            form,
            summary,
            example,
            before,
            after,
        } = operation;
        let result = match name {
            "reject" => format!("Refused: {after}.\n"),
            _ => format!("```ocl\n{}\n```\n", after.trim_end()),
        };
        let _ = write!(
            text,
            "\n### `{name}`\n\n`{form}`\n\n{summary}\n\n```hcl\nmodify {{\n{}\n}}\n```\n\n```ocl\n{}\n```\n\nbecomes\n\n{result}",
            indented(example),
            before.trim_end(),
        );
    }
    text.push_str("\n## Functions\n\n| function | gives | example | result |\n|---|---|---|---|\n");
    for function in functions() {
        let cell = |text: &str| text.replace('|', "\\|").replace('\n', " ");
        let _ = writeln!(
            text,
            "| `{}` | {} | `{}` | `{}` |",
            cell(function.signature),
            cell(function.summary),
            cell(function.example),
            cell(function.result)
        );
    }
    text
}

fn indented(text: &str) -> String {
    let lines = text.lines().map(|line| format!("  {line}"));
    lines.collect::<Vec<_>>().join("\n")
}
