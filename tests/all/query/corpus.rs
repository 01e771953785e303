//! Real repositories: what the tables hold is what loading says.

use std::collections::BTreeMap;
use std::process::Command;

use ocl_migrate::project::Project;
use ocl_migrate::query::QueryOptions;
use tempfile::TempDir;

use super::{lines, query, rows};
use crate::support::{corpus, scratch};

/// A mirror of a repository of the corpus.
pub(crate) fn mirror(name: &str) -> Option<(TempDir, Project)> {
    let bundle = corpus()?.join(format!("repositories/{name}.bundle"));
    let folder = scratch::folder();
    let done = Command::new("git")
        .args(["clone", "-q", "--mirror"])
        .arg(bundle.canonicalize().unwrap())
        .arg(folder.path())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .status()
        .unwrap();
    assert!(done.success());
    let project = Project::open(folder.path()).unwrap();
    Some((folder, project))
}

#[test]
fn every_value_of_every_branch_and_tag() {
    for name in ["cli", "worker-tools", "pitstop"] {
        let Some((_folder, project)) = mirror(name) else {
            return;
        };
        let query = query(&project);
        let found = rows(
            &query,
            "SELECT full_name, base_path, (SELECT count(*) FROM leaves(full_name) l WHERE l.base_path = r.base_path) \
             FROM refs r WHERE version IS NOT NULL",
        );
        let listed: BTreeMap<String, usize> = rows(
            &query,
            "SELECT ref || ' ' || base_path, count(*) FROM leaves GROUP BY 1",
        )
        .into_iter()
        .map(|row| (row[0].clone(), row[1].parse().unwrap()))
        .collect();
        assert!(!found.is_empty());
        let all: usize = found
            .iter()
            .map(|row| row[2].parse::<usize>().unwrap())
            .sum();
        assert_eq!(all, listed.values().sum::<usize>());
        if name != "cli" {
            continue;
        }
        for row in found.iter().step_by(9) {
            let loaded = project.load_migrated(&row[0]).unwrap();
            let leaves: usize = loaded
                .values()
                .filter_map(Result::ok)
                .map(|document| document.values().leaves().count())
                .sum();
            assert_eq!(row[2], leaves.to_string(), "{row:?}");
        }
    }
}

#[test]
fn changes_are_what_the_history_of_each_document_says() {
    let Some((_folder, project)) = mirror("cli") else {
        return;
    };
    let options = QueryOptions {
        timeout: None,
        ..QueryOptions::default()
    };
    let query = project.query(options).unwrap();
    let found = lines(
        &query,
        "SELECT document, count(*), count(DISTINCT \"commit\") FROM changes('main') GROUP BY 1 ORDER BY 1",
    );
    let loaded = project.load_migrated("main").unwrap();
    let mut wanted = Vec::new();
    for name in loaded.names() {
        let options = ocl_migrate::history::HistoryOptions {
            migrations: true,
            ..Default::default()
        };
        let history = project.history("main", name.as_str(), options).unwrap();
        let (mut changes, mut commits) = (0, 0);
        for change in history.filter_map(Result::ok) {
            let count = change.difference().changes().len();
            (changes, commits) = (changes + count, commits + usize::from(count > 0));
        }
        if changes > 0 {
            wanted.push(format!("{name} | {changes} | {commits}"));
        }
    }
    wanted.sort();
    assert_eq!(found, wanted);
}
