//! Real repositories: against loading every commit, and `blame` against `log`.

use std::collections::BTreeMap;
use std::path::Path;

use ocl_migrate::compare::diff;
use ocl_migrate::history::{BlameOptions, HistoryOptions};
use ocl_migrate::project::Project;
use tempfile::TempDir;

use crate::support::{corpus, isolated, scratch};

fn git(folder: &Path, arguments: &[&str]) -> String {
    let done = isolated("git", folder).args(arguments).output().unwrap();
    assert!(done.status.success(), "{arguments:?}");
    String::from_utf8(done.stdout).unwrap()
}

fn cli() -> Option<TempDir> {
    let bundle = corpus()?.join("repositories/cli.bundle");
    let folder = scratch::folder();
    let bundle = bundle.to_str().unwrap();
    git(folder.path(), &["clone", "-q", "--mirror", bundle, "."]);
    Some(folder)
}

#[test]
fn a_history_is_what_loading_every_commit_tells() {
    let Some(folder) = cli() else { return };
    let project = Project::open(folder.path()).unwrap();
    let commits = git(folder.path(), &["rev-list", "--first-parent", "main"]);
    let commits: Vec<&str> = commits.lines().collect();
    let mut naive: BTreeMap<String, Vec<(String, Vec<String>)>> = BTreeMap::new();
    for pair in commits.windows(2) {
        let (Ok(new), Ok(old)) = (
            project.load_migrated(pair[0]),
            project.load_migrated(pair[1]),
        ) else {
            continue;
        };
        for document in diff(&old, &new).unwrap() {
            let document = document.unwrap();
            let changes = document.difference();
            let changes = changes.changes().iter().map(ToString::to_string);
            let changes: Vec<String> = changes.collect();
            if !changes.is_empty() {
                let of = naive.entry(document.name().to_string()).or_default();
                of.push((pair[0].to_owned(), changes));
            }
        }
    }
    let mut compared = 0;
    for name in project.load_migrated("main").unwrap().names() {
        let options = HistoryOptions {
            first_parent: true,
            ..HistoryOptions::default()
        };
        let history = project.history("main", name.as_str(), options).unwrap();
        let told: Vec<(String, Vec<String>)> = history
            .map(|change| change.unwrap())
            .filter(|change| !change.commit().parents.is_empty())
            .map(|change| {
                let changes = change.difference();
                let changes = changes.changes().iter().map(ToString::to_string);
                (change.commit().id.to_string(), changes.collect())
            })
            .collect();
        compared += told.len();
        assert_eq!(
            told,
            naive.remove(name.as_str()).unwrap_or_default(),
            "{name}"
        );
    }
    assert!(compared > 20, "{compared}");
}

#[test]
fn each_value_was_given_by_the_last_commit_that_changed_it() {
    let Some(folder) = cli() else { return };
    let project = Project::open(folder.path()).unwrap();
    let mut compared = 0;
    for name in project.load_migrated("main").unwrap().names() {
        let blame = project
            .blame("main", name.as_str(), BlameOptions::default())
            .unwrap();
        assert!(blame.not_lifted().is_empty());
        for value in blame
            .values()
            .filter(|value| is_keyed(&value.leaf.element().to_string()))
        {
            let options = HistoryOptions {
                selector: value.leaf.selector(),
                ..HistoryOptions::default()
            };
            let mut history = project.history("main", name.as_str(), options).unwrap();
            let last = history.next().unwrap().unwrap();
            let given = value.commit.map(|commit| commit.id);
            assert_eq!(Some(last.commit().id), given, "{name} {}", value.leaf);
            compared += 1;
        }
    }
    assert!(compared > 50, "{compared}");
}

/// Whether no part of an address is a position.
fn is_keyed(address: &str) -> bool {
    !address.contains("[0]") && !address.contains("[1]")
}
