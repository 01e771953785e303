//! `verify` for steps in Rust: what nobody can see into is asked.

use std::sync::atomic::{AtomicU32, Ordering};

use ocl_migrate::catalog::{Catalog, CatalogParts, DocumentKind, PathPattern, Step, StepFailure};
use ocl_migrate::ocl::Editor;
use ocl_migrate::verify::{Check, Files, Verification};

fn catalog(step: Step) -> Catalog {
    let path = PathPattern::parse("thing.ocl").expect("a path");
    let parts = CatalogParts {
        kinds: vec![DocumentKind::new("thing", path)],
        steps: vec![Step::import(1, "thing", "thing", Default::default()), step],
        ..CatalogParts::new("rust", ".config")
    };
    Catalog::new(parts).unwrap_or_else(|error| panic!("{error}"))
}

const BEFORE: &str = "count = 5\nname = \"a\"\nunit = \"Items\"\n";

/// The rules that a step breaks whose case is what it does.
fn broken(step: Step, after: &str) -> Vec<(Check, String)> {
    let catalog = catalog(step);
    let cases: Files = [("before", BEFORE), ("after", after)]
        .into_iter()
        .map(|(file, text)| (format!("0002_step/cases/it/{file}.ocl"), text))
        .collect();
    let snapshots: Files = [
        ("arrivals/v1/thing.ocl", BEFORE),
        ("v1/thing.ocl", BEFORE),
        ("v1/schema_version.ocl", "version = 1"),
        ("v2/thing.ocl", after),
        ("v2/schema_version.ocl", "version = 2"),
    ]
    .into_iter()
    .collect();
    let report = Verification::of(&catalog)
        .cases(&cases)
        .snapshots(&snapshots)
        .run();
    let findings = report.findings.into_iter();
    findings
        .map(|finding| (finding.check, finding.message))
        .collect()
}

fn set(edit: &mut Editor, name: &str, value: serde_json::Value) -> Result<(), StepFailure> {
    let root = edit.root();
    edit.set(root, name, &value)?;
    Ok(())
}

fn text(edit: &mut Editor, name: &str) -> String {
    let root = edit.document();
    root.get(name)
        .and_then(|node| node.as_str())
        .unwrap_or_default()
        .into_owned()
}

#[test]
fn a_sound_step() {
    let step = Step::modify(2, "step", "thing", |edit, _| {
        let name = text(edit, "name");
        set(edit, "name", name.to_uppercase().into())
    });
    assert_eq!(
        broken(step, "count = 5\nname = \"A\"\nunit = \"Items\"\n"),
        []
    );
}

#[test]
fn a_value_that_is_overwritten_without_being_read() {
    let step = || Step::modify(2, "step", "thing", |edit, _| set(edit, "count", 7.into()));
    let after = "count = 7\nname = \"a\"\nunit = \"Items\"\n";
    let broken_rules = broken(step(), after);
    assert!(
        broken_rules.iter().all(|(check, _)| *check == Check::Loss),
        "{broken_rules:?}"
    );
    assert!(
        broken_rules[0].1.contains("overwrites count, which was 5"),
        "{broken_rules:?}"
    );
    assert_eq!(broken(step().overwrites(), after), []);
}

#[test]
fn a_value_that_is_pinned_or_moved_is_not_lost() {
    let pinned = Step::modify(2, "step", "thing", |edit, _| {
        match text(edit, "unit").as_str() {
            "Items" => set(edit, "unit", "Runs".into()),
            _ => Ok(()),
        }
    });
    assert_eq!(
        broken(pinned, "count = 5\nname = \"a\"\nunit = \"Runs\"\n"),
        []
    );
    let moved = Step::modify(2, "step", "thing", |edit, _| {
        if text(edit, "name") == "none" {
            return Ok(());
        }
        let whole = format!("{} of {}", text(edit, "unit"), text(edit, "name"));
        set(edit, "unit", whole.into())?;
        set(edit, "name", "none".into())
    });
    assert_eq!(
        broken(moved, "count = 5\nname = \"none\"\nunit = \"Items of a\"\n"),
        []
    );
}

#[test]
fn a_step_that_gives_other_bytes_each_time() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let step = Step::modify(2, "step", "thing", |edit, _| {
        let run = RUNS.fetch_add(1, Ordering::Relaxed);
        set(edit, "run", run.into())
    });
    let broken_rules = broken(step, "count = 5\nname = \"a\"\nrun = 0\nunit = \"Items\"\n");
    assert!(
        broken_rules
            .iter()
            .any(|(check, _)| *check == Check::Repeat),
        "{broken_rules:?}"
    );
}

#[test]
fn a_step_that_changes_its_own_result() {
    let step = Step::modify(2, "step", "thing", |edit, _| {
        let name = text(edit, "name");
        set(edit, "name", format!("{name}!").into())
    });
    let broken_rules = broken(step, "count = 5\nname = \"a!\"\nunit = \"Items\"\n");
    assert!(
        broken_rules
            .iter()
            .all(|(check, _)| *check == Check::Repeat),
        "{broken_rules:?}"
    );
    assert_eq!(broken_rules.len(), 2);
}

#[test]
fn a_step_without_a_case_says_where_to_put_one() {
    let catalog = catalog(Step::modify(2, "step", "thing", |_, _| Ok(())));
    let report = Verification::of(&catalog).run();
    let told: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
    assert!(
        told.iter()
            .any(|line| line.contains("write 0002_step/cases/NAME/before.ocl")),
        "{told:?}"
    );
}
