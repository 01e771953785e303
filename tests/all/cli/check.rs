//! `check`: what is wrong in refs, for people, scripts and hosts of repositories.

use insta::assert_snapshot;
use serde_json::Value;

use crate::support::Sandbox;

#[test]
fn what_is_right_ends_well() {
    let repo = Sandbox::new("check");
    assert_snapshot!(repo.run_plain(&["check"]));
}

#[test]
fn every_mistake_is_shown_at_its_line() {
    let repo = Sandbox::new("check");
    assert_snapshot!(repo.run_plain(&["check", "change"]));
    assert_snapshot!("broken", repo.run_plain(&["check", "broken"]));
    assert_snapshot!("unmarked", repo.run_plain(&["check", "unmarked"]));
}

/// It is lifted to version 14, and steps change lines above and below: the places are those of the file.
#[test]
fn a_branch_at_an_older_version() {
    let repo = Sandbox::new("check");
    assert_snapshot!(repo.run_plain(&["check", "old"]));
}

#[test]
fn only_what_is_new() {
    let repo = Sandbox::new("check");
    let all = repo.run_plain(&["check", "change"]);
    let new = repo.run_plain(&["check", "change", "--base", "main"]);
    // It has moved, and is in both.
    assert!(all.contains("`Spare`") && !new.contains("`Spare`"), "{new}");
    assert_snapshot!(new);
    assert_snapshot!(
        "nothing_new",
        repo.run_plain(&["check", "main", "--base", "change"])
    );
    assert_snapshot!(
        "unknown_base",
        repo.run_plain(&["check", "main", "--base", "nothing"])
    );
}

#[test]
fn many_refs() {
    let repo = Sandbox::new("check");
    assert_snapshot!(repo.run_plain(&["check", "--all"]));
}

/// A library of the server may define what no document does, and what uses a variable may be a file of a package.
#[test]
fn what_may_be_elsewhere_is_counted_only() {
    let repo = Sandbox::new("check");
    let script = |text: &str| {
        let write = format!("sed -i 's/curl #{{Url}}/{text}/' .octopus/deployment_process.ocl");
        repo.shell(&format!(
            "git checkout -q -B try main && {write} && git commit -qam Change"
        ));
        repo.run_plain(&["check"])
    };
    // One letter is wrong, and nothing else is said of that name.
    assert_snapshot!("misspelt", script("curl #{Url} #{Hots} #{Library.Key}"));
    let package = "curl #{Url}\"\\n            Octopus.Action.Package.PackageId = \"site";
    assert_snapshot!("used_by_a_package", script(package));
}

#[test]
fn as_json() {
    let repo = Sandbox::new("check");
    assert_snapshot!(repo.pretty_plain(&["check", "old", "broken"]));
}

#[test]
fn for_hosts_of_repositories() {
    let repo = Sandbox::new("check");
    let check = |form: &str| repo.run_plain(&["check", "change", "--base", "main", "--as", form]);
    assert_snapshot!("github", check("github"));
    assert_snapshot!("gitlab", check("gitlab"));
    assert_snapshot!("sarif", check("sarif"));
}

/// The schema is the one that OASIS publishes.
#[test]
fn sarif_fits_its_published_schema() {
    let schema = include_str!("../../../fixtures/sarif/sarif-schema-2.1.0.json");
    // It has a `]` too many in it, which not every engine takes; no log has what it is about.
    let wrong = "^[a-zA-Z]{2}|^[a-zA-Z]{2}-[a-zA-Z]{2}]?$";
    assert!(schema.contains(wrong));
    let schema: Value = serde_json::from_str(&schema.replace(wrong, "")).unwrap();
    let schema = jsonschema::options().offline().build(&schema).unwrap();
    let repo = Sandbox::new("check");
    for refs in [&["--all"][..], &["main"], &["change", "--base", "main"]] {
        let arguments = [&["check", "--as", "sarif"], refs].concat();
        let said = repo.run_plain(&arguments);
        let log = said.lines().find(|line| line.starts_with('{')).unwrap();
        let log: Value = serde_json::from_str(log).unwrap();
        let wrong: Vec<String> = schema.iter_errors(&log).map(|it| it.to_string()).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
    let wrong = serde_json::json!({ "version": "2.1.0" });
    assert!(!schema.is_valid(&wrong));
}
