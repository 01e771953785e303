//! `new cases`: what a step's author forgets, on a copy of the catalog "fizz".

use std::fs;
use std::path::Path;

use insta::assert_snapshot;

use super::verify::Copy;
use crate::support::{Sandbox, project};

/// Every file of the cases of a step.
fn cases(copy: &Copy, step: &str) -> String {
    let files = ocl_migrate::verify::Files::read(&copy.path(step).join("cases")).unwrap();
    let mut told = String::new();
    for (path, bytes) in files.iter() {
        let text = String::from_utf8_lossy(bytes).replace('\r', "\\r");
        told.push_str(&format!(
            "{path}\n    {}\n",
            text.trim_end().replace('\n', "\n    ")
        ));
    }
    told
}

#[test]
fn cases_that_are_forgotten_are_made_from_one_that_is_there() {
    let copy = Copy::new();
    assert_snapshot!("made", copy.run(&["new", "cases", "fizz", "color"]));
    assert_snapshot!("files", cases(&copy, "0004_color"));
    // What the step does is what they state.
    assert_snapshot!("verify", copy.run(&["verify"]));
    // They are there now.
    assert_snapshot!("again", copy.run(&["new", "cases", "fizz", "color"]));
}

/// The model is told more than its document: so are its likes.
#[test]
fn what_a_case_is_told_beside_the_document_comes_along() {
    let copy = Copy::new()
        .write("0006_lead/cases/members/case.hcl", "slug = \"blue\"\n")
        .without("0006_lead/cases/leads_already")
        .without("0006_lead/cases/nobody");
    assert_snapshot!(
        "of_a_collection",
        copy.run(&["new", "cases", "team", "lead"])
    );
    let told = copy.path("0006_lead/cases/crlf/case.hcl");
    assert_eq!(fs::read_to_string(told).unwrap(), "slug = \"blue\"\n");
}

/// No document counts that the contract doesn't allow, and a remove does the same with all.
#[test]
fn what_tells_nothing_is_not_made() {
    let repo = Sandbox::empty();
    let from = project().join("fixtures/catalogs/gitops");
    repo.shell(&format!("cp -R '{}' gitops", from.display()));
    let run = |kind: &str, step: &str| {
        repo.run_plain(&["--catalog", "gitops", "new", "cases", kind, step])
    };
    assert_snapshot!("contract", run("project", "project_destinations"));
    let cases = repo.path().join("gitops/0006_project_destinations/cases");
    assert!(cases.join("crlf").exists() && !cases.join("empty").exists());
    assert_snapshot!("several", run("repository", "repositories"));
    let removes = [
        "--catalog",
        "gitops",
        "new",
        "cases",
        "repository",
        "repositories",
        "--version",
        "8",
    ];
    assert_snapshot!("removes", repo.run_plain(&removes));
    assert_snapshot!(
        "json",
        repo.pretty_plain(&[
            "--catalog",
            "gitops",
            "new",
            "cases",
            "application",
            "sync_policy"
        ])
    );
}

#[test]
fn what_is_refused() {
    let copy = Copy::new();
    assert_snapshot!(
        "unknown_step",
        copy.run(&["new", "cases", "fizz", "colour"])
    );
    assert_snapshot!(
        "unknown_version",
        copy.run(&["new", "cases", "fizz", "color", "--version", "6"])
    );
    assert_snapshot!(
        "no_model",
        copy.run(&["new", "cases", "fizz", "import_fizz"])
    );
    assert!(!Path::new(&copy.path("0001_import_fizz/cases")).exists());
}
