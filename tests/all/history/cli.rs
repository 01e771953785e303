//! `log` and `blame`, as they print.

use crate::support::{Sandbox, project};

#[test]
fn the_commits_that_changed_a_document() {
    let repo = Sandbox::new("history");
    insta::assert_snapshot!(repo.run_plain(&["log", "main", "variables"]));
    let runbook = repo.run_plain(&["log", "main", "runbook/backup", "--migrations"]);
    insta::assert_snapshot!("runbook", runbook);
    let by_path = repo.run_plain(&["log", "main", ".octopus/variables.ocl"]);
    assert_eq!(by_path, repo.run_plain(&["log", "main", "variables"]));
}

#[test]
fn who_changed_a_value_last_seeing_through_migrations() {
    let repo = Sandbox::new("history");
    let timeout = "variable[\"Timeout\"]";
    let text = repo.run_plain(&["log", "main", "variables", timeout, "-n", "1"]);
    insta::assert_snapshot!(text);
    let selector = "variable[\"Retries\"].value{}";
    let text = repo.run_plain(&["log", "main", "variables", selector]);
    assert_eq!(text.matches("\ncommit ").count(), 2, "{text}");
    assert!(text.contains("Try more often"), "{text}");
    let first = "+ variable[\"Retries\"].value{} = \"5\"";
    assert!(text.contains(first), "{text}");
    // An address in one word, as it is printed elsewhere.
    let one_word = format!("variables {selector}");
    assert_eq!(repo.run_plain(&["log", "main", &one_word]), text);
}

#[test]
fn what_a_value_was_on_a_date() {
    let repo = Sandbox::new("history");
    let selector = "variable[\"Retries\"]";
    let on = |day: &str| {
        let date = ["-n", "1", "--until", day];
        let words = ["log", "main", "variables", selector];
        repo.pretty_plain(&[&words[..], &date].concat())
    };
    let value = |text: &str| {
        let line: serde_json::Value = serde_json::from_str(text).unwrap();
        line["new"].as_str().unwrap().to_owned()
    };
    assert_eq!(value(&on("2023-11-15T23:59:59Z")), "5");
    assert_eq!(value(&on("2023-11-16T23:59:59Z")), "7");
    assert_eq!(value(&on("2023-11-30")), "7");
    assert_eq!(on("2023-11-13"), "");
    let since = ["log", "main", "variables", "--since", "2023-11-18"];
    let text = repo.run_plain(&since);
    assert_eq!(text.matches("commit ").count(), 1, "{text}");
    assert!(text.contains("Wait longer in production"), "{text}");
    let wrong = repo.run_plain(&["log", "main", "variables", "--since", "lately"]);
    insta::assert_snapshot!("wrong_time", wrong);
}

#[test]
fn lines_of_json() {
    let repo = Sandbox::new("history");
    insta::assert_snapshot!(repo.pretty_plain(&["log", "main", "runbook/backup", "--migrations"]));
    insta::assert_snapshot!(
        "blame_json",
        repo.pretty_plain(&["blame", "main", "runbook/backup"])
    );
}

#[test]
fn the_commit_that_gave_each_value() {
    let repo = Sandbox::new("history");
    let blame = |words: &[&str]| repo.run_plain(&[&["blame", "main"], words].concat());
    insta::assert_snapshot!("blame_variables", blame(&["variables"]));
    insta::assert_snapshot!("blame_runbook", blame(&["runbook/backup"]));
    // At an older version the addresses are that version's.
    insta::assert_snapshot!("blame_older", blame(&["runbook/backup", "--to", "9"]));
    insta::assert_snapshot!(
        "blame_first_parent",
        blame(&["variables", "--first-parent"])
    );
}

#[test]
fn what_is_not_there() {
    let repo = Sandbox::new("history");
    let log = |words: &[&str]| repo.run_plain(&[&["log"], words].concat());
    insta::assert_snapshot!("no_document", log(&["main", "deployment_process"]));
    insta::assert_snapshot!("no_kind", log(&["main", "vars"]));
    let nothing = ["main", "variables", "variable[\"Retry\"]"];
    insta::assert_snapshot!("nothing_selected", log(&nothing));
    insta::assert_snapshot!("no_ref", log(&["nowhere", "variables"]));
    insta::assert_snapshot!(
        "blame_no_document",
        repo.run_plain(&["blame", "main", "deployment_process"])
    );
}

#[test]
fn a_document_that_a_step_removed_has_no_commits_and_says_so() {
    let catalog = project().join("fixtures/catalogs/flags");
    let repo = Sandbox::empty();
    let snapshot = catalog.join("snapshots/v8");
    repo.shell(&format!(
        "set -e; mkdir .flags; cp -r '{}/.' .flags; git add .; git commit -qm 'Begin'",
        snapshot.display()
    ));
    let log = |words: &[&str]| {
        let words = [
            &["--catalog", catalog.to_str().unwrap(), "log", "main"],
            words,
        ]
        .concat();
        repo.run_plain(&words)
    };
    for more in [&[][..], &["--migrations"]] {
        let told = log(&[&["kill_switches"], more].concat());
        assert!(
            told.contains("kill_switches was removed by a step"),
            "{told}"
        );
        assert!(told.contains("log main kill_switches --to 8`"), "{told}");
    }
    let before = log(&["kill_switches", "--to", "8"]);
    assert!(before.contains("+ kill_switches, with 1 value"), "{before}");
    assert!(!before.contains("removed by a step"), "{before}");
}

/// Without a store nobody knows what the import brought in: that is said, and how to see the commit.
#[test]
fn a_commit_that_brought_the_document_in_says_what_can_not_be_told() {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir -p .octopus/runbooks; echo 'version = 8' > .octopus/schema_version.ocl; git add -A; git commit -qm One
         echo 'version = 9' > .octopus/schema_version.ocl; echo 'name = \"R\"' > .octopus/runbooks/r.ocl; git add -A; git commit -qm Two
         echo 'name = \"S\"' > .octopus/runbooks/r.ocl; git commit -qam Three",
    );
    let told = repo.run_plain(&["log", "main", "runbook/r"]);
    let note = "1 commit brought the document in by an import, and no store says what that was: what was edited in it counts as the \
                migration's, which --migrations shows\n";
    assert!(told.contains(note), "{told}");
    let told = repo.run_plain(&["log", "main", "runbook/r", "--migrations"]);
    assert!(
        told.contains(&note.replace(", which --migrations shows", "")),
        "{told}"
    );
    assert!(
        !repo
            .run_plain(&["log", "main~", "runbook/r", "-n", "0"])
            .contains("brought")
    );
}
