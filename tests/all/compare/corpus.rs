//! Real repositories: every branch against the next.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use ocl_migrate::compare::diff;
use ocl_migrate::git::RefScope;
use ocl_migrate::project::{LoadOptions, Loaded, Project};
use ocl_migrate::values::{Change, Selector};
use tempfile::TempDir;

use crate::support::{corpus, scratch};

fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let done = Command::new("git")
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    let text = String::from_utf8(done.stdout).unwrap();
    done.status.success().then(|| text.trim_end().to_owned())
}

/// A mirror of each repository that holds one project.
pub(super) fn projects() -> Vec<(TempDir, Project)> {
    let Some(corpus) = corpus() else {
        return Vec::new();
    };
    let bundles = std::fs::read_dir(corpus.join("repositories")).unwrap();
    let bundles = bundles.map(|entry| entry.unwrap().path());
    let bundles = bundles.filter(|path| path.extension().is_some_and(|end| end == "bundle"));
    let mirrors = bundles.map(|bundle| {
        let folder = scratch::folder();
        let bundle = bundle.canonicalize().unwrap();
        let bundle = bundle.to_str().unwrap();
        git(folder.path(), &["clone", "-q", "--mirror", bundle, "."]).unwrap();
        let project = Project::open(folder.path()).unwrap();
        (folder, project)
    });
    mirrors.collect()
}

/// Every leaf by its document and address.
fn leaves(loaded: &Loaded) -> BTreeMap<(String, String), String> {
    let documents = loaded.values().filter_map(Result::ok);
    let mut all = BTreeMap::new();
    for document in documents {
        for leaf in document.values().leaves() {
            let place = (document.name().to_string(), leaf.element().to_string());
            let known = all.insert(place, leaf.value().to_string());
            assert_eq!(known, None, "{leaf}");
        }
    }
    all
}

/// The address without the positions of list items and of blocks that nothing else tells apart.
fn is_keyed(address: &str) -> bool {
    let mut rest = address;
    while let Some(at) = rest.find('[') {
        rest = &rest[at + 1..];
        if rest.starts_with(|c: char| c.is_ascii_digit()) {
            return false;
        }
    }
    true
}

#[test]
fn a_difference_is_what_the_leaves_say() {
    let (mut pairs, mut changes) = (0, 0);
    for (folder, project) in projects() {
        let commits = git(
            folder.path(),
            &["rev-list", "--all", "--max-count=60", "--", ".octopus"],
        );
        let commits = commits.unwrap_or_default();
        let refs = commits
            .lines()
            .filter_map(|commit| project.load_migrated(commit).ok());
        let refs: Vec<Loaded> = refs.take(25).collect();
        for pair in refs.windows(2) {
            let [old, new] = pair else { unreachable!() };
            pairs += 1;
            let (before, after) = (leaves(old), leaves(new));
            let mut applied = before.clone();
            let mut not_compared = BTreeSet::new();
            for document in diff(old, new).unwrap() {
                let document = match document {
                    Ok(document) => document,
                    Err(failed) => {
                        not_compared.insert(failed.name.to_string());
                        continue;
                    }
                };
                let place = |address: String| (document.name().to_string(), address);
                let difference = document.difference();
                changes += difference.changes().len();
                for change in difference.changes() {
                    let address = place(change.element().to_string());
                    match change {
                        Change::Changed { old, new } => {
                            applied.remove(&place(old.element().to_string()));
                            applied.insert(address, new.value().to_string());
                        }
                        Change::Added { new, .. } => {
                            applied.insert(address, new.value().to_string());
                        }
                        Change::Removed { .. } => {
                            applied.remove(&address);
                        }
                        _ => {}
                    }
                }
            }
            // Addresses that count positions say something else once others came or went before them.
            let keyed = |leaves: BTreeMap<(String, String), String>| -> BTreeMap<_, _> {
                leaves
                    .into_iter()
                    .filter(|((name, address), _)| {
                        is_keyed(address) && !not_compared.contains(name)
                    })
                    .collect()
            };
            assert_eq!(
                keyed(applied),
                keyed(after.clone()),
                "{:?} {:?}",
                old.ref_name(),
                new.ref_name()
            );
            if before == after {
                let mut documents = diff(old, new).unwrap().filter_map(Result::ok);
                let says_nothing = |change: &Change<'_>| matches!(change, Change::Moved { .. });
                assert!(
                    documents.all(|document| {
                        document.difference().changes().iter().all(says_nothing)
                    })
                );
            }
        }
        if let Some(one) = refs.first() {
            assert!(diff(one, one).unwrap().all(|document| document.is_err()));
        }
    }
    if pairs > 0 {
        assert!(
            pairs > 20 && changes > 60,
            "{pairs} pairs, {changes} changes"
        );
    }
}

#[test]
fn merge_bases_are_those_of_git() {
    let mut compared = 0;
    for (folder, project) in projects() {
        let repository = project.repository();
        let names = repository.ref_names(RefScope::BranchesAndTags).unwrap();
        for pair in names.windows(2).take(40) {
            let tips = pair.iter().map(|name| repository.resolve(name).unwrap());
            let [one, other]: [_; 2] = tips.collect::<Vec<_>>().try_into().unwrap();
            let ours = repository.merge_base(one, other).unwrap();
            let (one, other) = (one.to_string(), other.to_string());
            let theirs = git(folder.path(), &["merge-base", "--all", &one, &other]);
            match (ours, theirs) {
                (Some(ours), Some(theirs)) => {
                    let ours = ours.to_string();
                    assert!(
                        theirs.lines().any(|line| line == ours),
                        "{pair:?}: {ours}, {theirs}"
                    );
                    compared += 1;
                }
                (ours, theirs) => assert_eq!((ours, theirs.as_deref()), (None, None), "{pair:?}"),
            }
        }
    }
    assert!(corpus().is_none() || compared > 20, "{compared}");
}

/// Of two refs, a comparison says what the difference says: the same addresses differ, positions in lists aside.
#[test]
fn a_comparison_of_two_refs_is_their_difference() {
    let mut rows = 0;
    for (folder, project) in projects() {
        let commits = git(
            folder.path(),
            &["rev-list", "--all", "--max-count=40", "--", ".octopus"],
        );
        let commits = commits.unwrap_or_default();
        let commits: Vec<&str> = commits.lines().collect();
        for pair in commits.windows(2) {
            let loaded = pair.iter().map(|commit| project.load_migrated(commit));
            let Ok(loaded) = loaded.collect::<Result<Vec<_>, _>>() else {
                continue;
            };
            let mut expected = BTreeSet::new();
            for document in diff(&loaded[0], &loaded[1]).unwrap().filter_map(Result::ok) {
                for change in document.difference().changes() {
                    if !matches!(change, Change::Moved { .. } | Change::Respelled { .. }) {
                        expected
                            .insert((document.name().to_string(), change.element().to_string()));
                    }
                }
            }
            let mut comparison = project.comparison(LoadOptions::default());
            pair.iter()
                .for_each(|commit| comparison.add_revision(commit).unwrap());
            let table = comparison.run();
            let mut found = BTreeSet::new();
            for document in table
                .documents
                .iter()
                .filter(|document| document.failed.is_empty())
            {
                for row in document.rows(&Selector::default()).unwrap() {
                    assert_eq!(row.values.len(), 2, "{}", row.element);
                    found.insert((document.name.to_string(), row.element.to_string()));
                }
            }
            expected.retain(|(_, address)| is_keyed(address));
            found.retain(|(_, address)| is_keyed(address));
            rows += found.len();
            assert_eq!(found, expected, "{pair:?}");
        }
    }
    assert!(corpus().is_none() || rows > 50, "{rows}");
}
