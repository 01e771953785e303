//! A document that an import would bring in, where no store says what it is.

use serde_json::{Value, json};

use crate::support::Sandbox;

const DOCUMENT: &str = "runbook/restart-shop";

/// The demo, with the store that its oldest branches import from and another that is made anew; none is where it is looked for.
fn repository() -> Sandbox {
    let repo = Sandbox::empty();
    repo.run_plain(&["demo", "demo"]);
    repo.shell(
        "cd demo && git switch -q --detach && mkdir ../kept && mv .git/ocl-migrate ../kept/",
    );
    repo
}

const STORE: &str = "kept/ocl-migrate/state.db";

fn ask(repo: &Sandbox, words: &[&str]) -> Value {
    let done = repo.command(&[&["--repo", "demo", "--format", "json"], words].concat());
    let told = String::from_utf8(done.stderr).unwrap();
    let last = told.lines().last().unwrap_or_else(|| panic!("{words:?}"));
    let error: Value = serde_json::from_str(last).unwrap_or_else(|_| panic!("{told}"));
    error["error"].clone()
}

#[test]
fn every_command_says_where_it_would_come_from_and_how_to_name_the_store() {
    let repo = repository();
    let set = format!("{DOCUMENT} name=Other");
    let here = "release/2024";
    for words in [
        &["show", here, DOCUMENT][..],
        &["show", here, ".octopus/runbooks/restart-shop.ocl"],
        &["log", here, DOCUMENT],
        &["blame", here, DOCUMENT],
        &["explain", here, DOCUMENT],
        &["export", here, "--as", "json", DOCUMENT],
        &["applies", here, DOCUMENT, "--for", "environment=production"],
        &["diff", here, "hotfix/timeout", DOCUMENT],
        &["compare", DOCUMENT, "--refs", here, "hotfix/timeout"],
        &["commit", here, "-m", "x", "--set", &set],
        &["commit", here, "-m", "x", "--remove", DOCUMENT],
    ] {
        let found = ask(&repo, words);
        assert_eq!(found["code"], "document-not-imported", "{words:?}: {found}");
        let message = found["message"].as_str().unwrap();
        assert!(
            message.contains("the import at version 9 brings documents of its kind in from the store, and there is no store; there are deployment_process"),
            "{message}"
        );
        let hint = found["hint"].as_str().unwrap();
        let command = hint.strip_prefix("name the store that has it: ").unwrap();
        assert!(command.ends_with("--store FILE"), "{hint}");
        assert!(command.contains(words[0]), "{hint}");
        assert_eq!(found["exit_code"], json!(1));
    }
    let named = ["--repo", "demo", "show", here, DOCUMENT, "--store", STORE];
    assert!(repo.run_plain(&named).contains("restart-shop.sh"));
    // Which needs no import, and which isn't a kind that comes from a store.
    for (revision, document) in [("main", "runbook/other"), (here, "nothing/other")] {
        let found = ask(&repo, &["show", revision, document]);
        assert_eq!(found["code"], "document-not-found", "{found}");
    }
    // At the branch's own version, which is below the import.
    for words in [
        &["show", here, DOCUMENT, "--to", "8"][..],
        &["restore", here, "--from", "hotfix/timeout", DOCUMENT],
    ] {
        let below = ask(&repo, words);
        assert_eq!(below["code"], "document-not-found", "{below}");
        let message = below["message"].as_str().unwrap();
        assert!(
            message.contains("here at version 8; there are"),
            "{message}"
        );
        let hint = below["hint"].as_str().unwrap();
        assert!(hint.ends_with("--to 8"), "{hint}");
    }
}

#[test]
fn a_store_that_does_not_know_the_project_or_is_none_is_told() {
    let repo = repository();
    let show = ["show", "release/2024", DOCUMENT];
    repo.run_plain(&["--repo", "demo", "store", "init", "--store", "other.db"]);
    let asked = [
        "--base-path",
        ".octopus",
        "--project",
        "another",
        "--store",
        "other.db",
    ];
    let found = ask(&repo, &[&asked[..], &show].concat());
    assert_eq!(found["code"], "document-not-imported");
    let message = found["message"].as_str().unwrap();
    assert!(
        message.contains("the store doesn't know the project `another`"),
        "{message}"
    );
    let hint = found["hint"].as_str().unwrap();
    assert!(
        hint.contains("--store FILE\n    or make the project known to this one: "),
        "{hint}"
    );
    repo.shell("echo none > demo/.git/none.db");
    let found = ask(
        &repo,
        &[&show[..], &["--store", "demo/.git/none.db"]].concat(),
    );
    assert_eq!(found["code"], "document-not-imported", "{found}");
    let message = found["message"].as_str().unwrap();
    assert!(message.contains("the store can't be used: "), "{message}");
    let hint = found["hint"].as_str().unwrap();
    assert!(hint.ends_with("store status"), "{hint}");
}

/// Where there is no project at all, no store would bring the document.
#[test]
fn where_there_is_no_project_no_store_is_missed() {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir -p .octopus/a .octopus/b && for it in a b; do echo 'version = 4' > .octopus/$it/schema_version.ocl; done
         git add . && git commit -qm one",
    );
    let told = repo.run_plain(&["--base-path", ".octopus", "show", "main", "variables"]);
    assert!(
        told.contains("error: there is no document `variables` here"),
        "{told}"
    );
    assert!(
        !told.contains("import") && !told.contains("--store"),
        "{told}"
    );
    let told = repo.run_plain(&["--base-path", ".octopus/a", "show", "main", "variables"]);
    assert!(told.contains("import"), "{told}");
}
