//! What a project remembers never changes an answer.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use ocl_migrate::catalog::Catalog;
use ocl_migrate::git::{RefScope, Repository};
use ocl_migrate::project::{LoadError, Loaded, Project, SharedCache};
use tempfile::TempDir;

use crate::support::{corpus, scratch};

fn bundles() -> Vec<PathBuf> {
    let Some(folder) = corpus() else {
        return Vec::new();
    };
    let entries = std::fs::read_dir(folder.join("repositories")).unwrap();
    entries
        .map(|entry| entry.unwrap().path().canonicalize().unwrap())
        .collect()
}

fn git(folder: &Path, arguments: &[&str]) {
    let done = Command::new("git")
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_AUTHOR_NAME", "Ann")
        .env("GIT_AUTHOR_EMAIL", "ann@example.com")
        .env("GIT_COMMITTER_NAME", "Ann")
        .env("GIT_COMMITTER_EMAIL", "ann@example.com")
        .output()
        .unwrap();
    assert!(done.status.success(), "git {arguments:?}");
}

/// Everything that a loaded ref tells, with every byte of its documents.
fn told(loaded: &Loaded) -> String {
    let mut text = format!("{:?}\n{:?}\n", loaded.plan(), loaded.warnings());
    for document in loaded.documents() {
        text.push_str(&format!(
            "{} {:?} {} {:?} {:?} {:?}\n",
            document.name,
            document.path_before,
            document.path,
            document.outcome,
            document.losses,
            document.changes()
        ));
        text.push_str(&format!(
            "{:?}\n",
            loaded.content(document).unwrap().map(String::from_utf8)
        ));
    }
    text
}

fn base_paths(project: &Project, commit: &str) -> Vec<String> {
    let mut found = Vec::new();
    project
        .status()
        .revision(commit, |status| {
            found.push(status.base_path.to_owned());
            Ok::<(), LoadError>(())
        })
        .unwrap();
    found
}

#[test]
fn with_and_without_memory_every_byte_is_the_same() {
    let catalog = Arc::new(Catalog::builtin());
    for bundle in bundles() {
        let folder = scratch::folder();
        let mirror = ["clone", "-q", "--mirror", bundle.to_str().unwrap(), "."];
        git(folder.path(), &mirror);
        let repository = Repository::discover(folder.path()).unwrap();
        let at = |base_path: &str, memory: Option<u64>| {
            let project =
                Project::builder(repository.clone(), catalog.clone()).base_path(base_path);
            match memory {
                Some(bytes) => project.cache_bytes(bytes).build().unwrap(),
                None => project.build().unwrap(),
            }
        };
        let mut commits = BTreeSet::new();
        for name in repository.ref_names(RefScope::All).unwrap() {
            // Some lead to a tree or a blob.
            let commit = repository.resolve(&name);
            commits.extend(commit.map(|commit| commit.to_string()));
        }
        let any = Project::builder(repository.clone(), catalog.clone())
            .build()
            .unwrap();
        let mut places: Vec<(String, String)> = Vec::new();
        for commit in &commits {
            let paths = base_paths(&any, commit).into_iter();
            places.extend(paths.map(|path| (path, commit.clone())));
        }
        places.sort();
        let mut remembering: Vec<(String, Project, Project)> = Vec::new();
        for (path, commit) in &places {
            if remembering.last().is_none_or(|(last, ..)| last != path) {
                // One that remembers all, and one that must forget most.
                remembering.push((path.clone(), at(path, None), at(path, Some(64 << 10))));
            }
            let (_, all, few) = remembering.last().unwrap();
            let without = told(&at(path, Some(0)).load_migrated(commit).unwrap());
            for _ in 0..2 {
                assert_eq!(
                    told(&all.load_migrated(commit).unwrap()),
                    without,
                    "{commit} {path}"
                );
                assert_eq!(
                    told(&few.load_migrated(commit).unwrap()),
                    without,
                    "{commit} {path}"
                );
            }
        }
        assert!(!places.is_empty());
        assert!(
            remembering
                .iter()
                .any(|(_, all, _)| all.cache_stats().migrations.hits > 0
                    || all.cache_stats().originals.hits > 0)
        );
        let held: u64 = remembering
            .iter()
            .map(|(.., few)| {
                let figures = few.cache_stats();
                figures.migrations.bytes + figures.layouts.bytes + figures.originals.bytes
            })
            .max()
            .unwrap();
        assert!(held <= 64 << 10, "{held} bytes are held");
    }
}

#[test]
fn a_ref_loaded_again_reads_parses_and_migrates_nothing() {
    let folder = scratch::folder();
    git(folder.path(), &["init", "-q", "-b", "main"]);
    let base = folder.path().join(".octopus");
    std::fs::create_dir(&base).unwrap();
    std::fs::write(base.join("schema_version.ocl"), "version = 5").unwrap();
    let process = "step \"a\" {\n    text = <<-EOT\n            b\n        EOT\n}\n";
    std::fs::write(base.join("deployment_process.ocl"), process).unwrap();
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "first"]);
    let project = Project::open(folder.path()).unwrap();
    let first = told(&project.load_migrated("main").unwrap());
    let before = project.cache_stats();
    assert!(before.migrations.misses > 0 && before.objects_read > 0);
    assert_eq!(told(&project.load_migrated("main").unwrap()), first);
    let after = project.cache_stats();
    assert_eq!(after.objects_read, before.objects_read);
    assert_eq!(after.migrations.misses, before.migrations.misses);
    assert_eq!(after.layouts.misses, before.layouts.misses);
    assert_eq!(after.originals.misses, before.originals.misses);
    assert!(after.migrations.hits > before.migrations.hits);

    // A branch that shares all but one document costs that one.
    std::fs::write(base.join("variables.ocl"), "a = 1\n").unwrap();
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "second"]);
    assert_ne!(told(&project.load_migrated("main").unwrap()), first);
    let now = project.cache_stats();
    assert_eq!(now.migrations.misses, after.migrations.misses + 1);
}

/// Repositories with one document of these contents, in loose objects.
fn with_document(text: &str) -> TempDir {
    let folder = scratch::folder();
    git(folder.path(), &["init", "-q", "-b", "main"]);
    let base = folder.path().join(".octopus");
    std::fs::create_dir(&base).unwrap();
    std::fs::write(base.join("schema_version.ocl"), "version = 5").unwrap();
    std::fs::write(base.join("deployment_process.ocl"), text).unwrap();
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "first"]);
    folder
}

fn sharing(folder: &Path, cache: &SharedCache) -> Project {
    let repository = Repository::discover(folder).unwrap();
    let builder = Project::builder(repository, Arc::new(Catalog::builtin()));
    builder.shared_cache(cache).build().unwrap()
}

#[test]
fn what_one_repository_has_migrated_no_other_migrates_again() {
    let text = "step \"a\" {\n    text = <<-EOT\n            b\n        EOT\n}\n";
    let (one, other) = (with_document(text), with_document(text));
    let cache = SharedCache::new(1 << 20);
    let alone = told(
        &Project::open(one.path())
            .unwrap()
            .load_migrated("main")
            .unwrap(),
    );
    assert_eq!(
        told(&sharing(one.path(), &cache).load_migrated("main").unwrap()),
        alone
    );
    let first = cache.stats();
    assert!(first.migrations.misses > 0 && first.originals.misses > 0);
    assert_eq!(
        told(&sharing(other.path(), &cache).load_migrated("main").unwrap()),
        alone
    );
    let second = cache.stats();
    assert_eq!(second.migrations.misses, first.migrations.misses);
    assert_eq!(second.originals.misses, first.originals.misses);
    assert!(second.migrations.hits > first.migrations.hits);
}

#[test]
fn no_repository_gets_another_ones_forged_or_replaced_object() {
    let text = "step \"a\" {\n    text = \"good\"\n}\n";
    let (forged, replaced, good) = (
        with_document(text),
        with_document(text),
        with_document(text),
    );
    let id_of = |folder: &Path, name: &str| {
        let done = Command::new("git")
            .args(["rev-parse", name])
            .current_dir(folder)
            .output();
        String::from_utf8(done.unwrap().stdout)
            .unwrap()
            .trim()
            .to_owned()
    };
    let evil = |folder: &Path| {
        std::fs::write(folder.join("evil"), text.replace("good", "evil")).unwrap();
        git(folder, &["hash-object", "-w", "evil"]);
        git(folder, &["add", "evil"]);
        id_of(folder, ":evil")
    };
    let document = id_of(good.path(), "HEAD:.octopus/deployment_process.ocl");
    let object =
        |folder: &Path, id: &str| folder.join(".git/objects").join(&id[..2]).join(&id[2..]);
    let id = evil(forged.path());
    let forged_file = object(forged.path(), &document);
    std::fs::remove_file(&forged_file).unwrap();
    std::fs::copy(object(forged.path(), &id), &forged_file).unwrap();
    let id = evil(replaced.path());
    git(replaced.path(), &["replace", &document, &id]);

    let cache = SharedCache::new(1 << 20);
    let of = |folder: &TempDir| match sharing(folder.path(), &cache).load_migrated("main") {
        Ok(loaded) => told(&loaded),
        Err(error) => error.to_string(),
    };
    let of_forged = of(&forged);
    assert!(
        of_forged.contains("its content is that of the blob"),
        "{of_forged}"
    );
    // As Git does: the other content, and only there.
    assert!(of(&replaced).contains("evil"));
    let of_good = of(&good);
    assert!(
        of_good.contains("good") && !of_good.contains("evil"),
        "{of_good}"
    );
}
