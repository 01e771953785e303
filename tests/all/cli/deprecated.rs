//! Versions that the catalog's authors want to be left.

use crate::support::{Sandbox, project};

/// Branches at versions 3, 4, 6 and 99, of a catalog that ends at 6 and says that 3 and below are to be left.
fn sandbox() -> Sandbox {
    let repo = Sandbox::new("versions");
    let fizz = project().join("fixtures/catalogs/fizz");
    repo.shell(&format!("cp -r '{}' catalog", fizz.display()));
    let version =
        r#"version "3" { deprecated = "2027-01-01: the last server that writes it is gone" }"#;
    repo.shell(&format!("echo '{version}' >> catalog/catalog.hcl"));
    repo
}

fn run(repo: &Sandbox, arguments: &[&str]) -> String {
    repo.run_plain(&[&["--catalog", "catalog"], arguments].concat())
}

#[test]
fn status_shows_them() {
    let repo = sandbox();
    insta::assert_snapshot!(run(
        &repo,
        &["status", "main", "old", "v1", "several", "future"]
    ));
    insta::assert_snapshot!(repo.pretty_plain(&["--catalog", "catalog", "status", "old"]));
}

#[test]
fn status_fails_on_them_where_that_is_asked_for() {
    let repo = sandbox();
    let exit = |arguments: &[&str]| {
        let said = run(&repo, &[&["status"], arguments].concat());
        said.lines().last().map(str::to_owned)
    };
    let (done, failed) = (Some("--- exit 0".to_owned()), Some("--- exit 1".to_owned()));
    assert_eq!(exit(&["--fail-on", "deprecated"]), failed);
    assert_eq!(
        exit(&["--fail-on", "deprecated", "main", "feature/teams"]),
        done
    );
    assert_eq!(exit(&["--fail-on", "ahead,behind", "main"]), done);
    assert_eq!(
        exit(&["--fail-on", "ahead,behind", "feature/teams"]),
        failed
    );
    assert_eq!(
        exit(&["--fail-on", "ahead", "--fail-on", "behind", "future"]),
        failed
    );
    assert_eq!(exit(&["--fail-on", "deprecated", "twice"]), done);
    assert_eq!(exit(&["--fail-on", "invalid", "twice"]), failed);
    assert_eq!(exit(&[]), done);
}

#[test]
fn a_preview_warns_of_one() {
    let repo = sandbox();
    insta::assert_snapshot!(run(&repo, &["preview", "old", "--no-plan"]));
    assert!(!run(&repo, &["preview", "feature/teams"]).contains("deprecated"));
}

#[test]
fn doctor_names_a_branch_of_each_and_how_to_leave_it() {
    let repo = sandbox();
    let said = run(&repo, &["doctor"]);
    let about: Vec<&str> = said
        .lines()
        .skip_while(|line| !line.contains("deprecated"))
        .take(3)
        .collect();
    insta::assert_snapshot!(about.join("\n"));
}

#[test]
fn the_page_of_status_says_so() {
    let repo = sandbox();
    run(&repo, &["status", "old", "main", "--html", "status.html"]);
    let page = repo.shell("cat status.html");
    assert_eq!(
        page.matches("This version is deprecated, and may be retired from 2027-01-01 on")
            .count(),
        1
    );
}
