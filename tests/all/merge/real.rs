//! Real documents: branches that changed one document on both sides, lifted to one version and merged; and versions of one document
//! as if they were branches.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use ocl_migrate::catalog::{Catalog, Identity};
use ocl_migrate::git::Repository;
use ocl_migrate::merge::{Conflict, ConflictKind, follow_renames};
use ocl_migrate::ocl::Document;
use ocl_migrate::project::{Loaded, Project};
use ocl_migrate::values::Values;

use super::{laws, merged, parse, says_the_same};
use crate::support::{corpus, isolated, scratch};
use crate::values::corpus::documents;

/// What Git makes of three texts by their lines, and whether without a conflict.
pub fn merged_by_lines(folder: &Path, texts: [&str; 3]) -> (bool, String) {
    let names = ["base", "ours", "theirs"];
    for (name, text) in names.iter().zip(texts) {
        fs::write(folder.join(name), text).unwrap();
    }
    let done = Command::new("git")
        .args(["merge-file", "-p", "ours", "base", "theirs"])
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    let text = String::from_utf8(done.stdout).unwrap();
    (done.status.success(), text)
}

fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let done = isolated("git", folder).args(arguments).output().unwrap();
    let text = String::from_utf8(done.stdout).unwrap();
    done.status.success().then(|| text.trim_end().to_owned())
}

/// The documents of a ref, lifted, by their names.
fn texts(loaded: &Loaded) -> BTreeMap<String, String> {
    let documents = loaded.values().filter_map(Result::ok);
    let texts = documents.map(|document| {
        let text = document.values().document().text().to_owned();
        (document.name().to_string(), text)
    });
    texts.collect()
}

/// Of every two branches of a repository, the documents that both changed since their merge base, each three texts once.
fn branches(bundle: &str, base_path: &str) -> BTreeSet<(String, [String; 3])> {
    let mut found = BTreeSet::new();
    let Some(corpus) = corpus() else {
        return found;
    };
    let folder = scratch::folder();
    let bundle = corpus.join("repositories").join(bundle);
    let bundle = bundle.to_str().unwrap();
    git(folder.path(), &["clone", "-q", "--mirror", bundle, "."]).unwrap();
    let repository = Repository::discover(folder.path()).unwrap();
    let project = Project::builder(repository, Arc::new(Catalog::builtin()));
    let project = project.base_path(base_path).build().unwrap();
    let format = "--format=%(if)%(*objectname)%(then)%(*objectname)%(else)%(objectname)%(end)";
    let tips = git(folder.path(), &["for-each-ref", format]).unwrap();
    let mut known = BTreeSet::new();
    let mut loaded: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let mut load = |commit: &str| -> BTreeMap<String, String> {
        let load = || project.load_migrated(commit).map(|loaded| texts(&loaded));
        let texts = loaded.entry(commit.to_owned());
        texts.or_insert_with(|| load().unwrap_or_default()).clone()
    };
    let distinct = tips.lines().filter(|tip| {
        let tree = git(folder.path(), &["rev-parse", &format!("{tip}:{base_path}")]);
        tree.is_some_and(|tree| known.insert(tree))
    });
    let distinct: Vec<&str> = distinct.collect();
    for (at, ours) in distinct.iter().enumerate() {
        for theirs in &distinct[at + 1..] {
            let Some(base) = git(folder.path(), &["merge-base", ours, theirs]) else {
                continue;
            };
            let [base, ours, theirs] = [&base, *ours, *theirs].map(&mut load);
            for (name, base) in base {
                if let (Some(ours), Some(theirs)) = (ours.get(&name), theirs.get(&name))
                    && base != *ours
                    && base != *theirs
                    && ours != theirs
                {
                    found.insert((name, [base, ours.clone(), theirs.clone()]));
                }
            }
        }
    }
    found
}

/// How a merge by values and one by lines come out, beside each other.
fn compared(identity: &Identity, documents: &[Document; 3], folder: &Path) -> &'static str {
    let merged = merged(identity, documents).unwrap();
    let texts = documents.each_ref().map(Document::text);
    let (is_clean, text) = merged_by_lines(folder, texts);
    match (merged.conflicts().is_empty(), is_clean) {
        (true, false) => "merged, where Git conflicts",
        (false, false) => "a conflict in both",
        (false, true) => {
            let is_identity = |conflict: &Conflict<'_>| conflict.kind == ConflictKind::Identity;
            if merged.conflicts().iter().any(is_identity) {
                let [base, ours, theirs] = documents.each_ref().map(|it| Values::of(it, identity));
                match follow_renames(base, ours, theirs).unwrap() {
                    Some(followed)
                        if super::merged(identity, &followed)
                            .unwrap()
                            .conflicts()
                            .is_empty() =>
                    {
                        "a conflict about a block with another key, where Git merges; none if that is followed"
                    }
                    _ => "a conflict about a block with another key, where Git merges",
                }
            } else {
                "a conflict, where Git merges"
            }
        }
        (true, true) => {
            let by_lines = Document::parse(text, documents[0].dialect());
            match by_lines {
                Ok(by_lines) if says_the_same(identity, &by_lines, merged.document()) => {
                    "merged alike"
                }
                _ => "merged otherwise than by Git",
            }
        }
    }
}

/// No merge commit of the corpus' repositories has a document that both sides changed. What comes nearest: any two branches whose
/// documents differ, merged as if somebody did, beside what Git makes of their lines once they are lifted.
///
/// - A conflict where Git merges: one branch gave the step another key, the other one changed it; or removed it, where Git takes the
///   next step for it.
/// - Merged otherwise than by Git: both branches added the same block or the same lines, and Git writes them twice, as they
///   stand a line apart.
#[test]
fn branches_of_real_repositories() {
    let folder = scratch::folder();
    let catalog = Catalog::builtin();
    let mut told = String::new();
    for (bundle, base_path) in [
        ("cli.bundle", ".octopus"),
        ("worker-tools.bundle", ".octopus/ubuntu.18.04"),
        ("worker-tools.bundle", ".octopus/windows.ltsc2019"),
    ] {
        let mut outcomes: BTreeMap<&str, usize> = BTreeMap::new();
        for (name, texts) in branches(bundle, base_path) {
            let kind = name.split('/').next().unwrap();
            let identity = catalog.identity(kind);
            let documents = texts.map(|text| parse(&text));
            let outcome = compared(identity, &documents, folder.path());
            *outcomes.entry(outcome).or_default() += 1;
            laws::swapping_sides_mirrors_the_merge(identity, &documents);
        }
        told.push_str(&format!("{bundle} {base_path}: {outcomes:#?}\n"));
    }
    if corpus().is_some() {
        insta::assert_snapshot!("branches", told);
    }
}

/// Three versions of one document, the second as what the others come from.
#[test]
fn the_laws_hold_for_versions_of_real_documents() {
    let catalog = Catalog::builtin();
    let mut versions: BTreeMap<(String, String), Vec<_>> = BTreeMap::new();
    for real in documents() {
        let place = (real.repository.clone(), real.path.clone());
        versions.entry(place).or_default().push(real);
    }
    let mut merged = 0;
    for versions in versions.values() {
        // All would take long.
        for three in versions.chunks_exact(3).step_by(3) {
            let identity = catalog.identity(three[0].kind());
            let [a, b, c] = [0, 1, 2].map(|at| three[at].document.clone());
            merged += usize::from(laws::hold(identity, &[b, a, c]));
        }
    }
    assert!(corpus().is_none() || merged > 5, "{merged}");
}
