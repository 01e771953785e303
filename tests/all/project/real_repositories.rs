//! The path through everything on real repositories, compared with what Git itself says.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::support::{corpus, scratch};

const BUNDLES: [&str; 3] = ["cli", "worker-tools", "pitstop"];

fn run(program: &str, folder: &Path, arguments: &[&str]) -> String {
    let done = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(
        done.status.success(),
        "{program} {arguments:?}: {}",
        String::from_utf8_lossy(&done.stderr)
    );
    String::from_utf8(done.stdout).unwrap()
}

fn mirror(corpus: &Path, bundle: &str) -> TempDir {
    let folder = scratch::folder();
    let bundle = corpus.join("repositories").join(format!("{bundle}.bundle"));
    let bundle = bundle.canonicalize().unwrap();
    run(
        "git",
        folder.path(),
        &["clone", "-q", "--mirror", bundle.to_str().unwrap(), "."],
    );
    folder
}

/// Every (ref, base path) with its version, as Git's own tools tell.
fn versions_by_git(repository: &Path) -> BTreeMap<(String, String), u32> {
    let mut versions = BTreeMap::new();
    let mut by_commit: BTreeMap<String, Vec<(String, u32)>> = BTreeMap::new();
    for line in run(
        "git",
        repository,
        &["for-each-ref", "--format=%(refname) %(objectname)"],
    )
    .lines()
    {
        let (name, commit) = line.split_once(' ').unwrap();
        let found = by_commit.entry(commit.to_owned()).or_insert_with(|| {
            let files = run(
                "git",
                repository,
                &["ls-tree", "-r", "-z", "--name-only", commit, ".octopus"],
            );
            let markers = files.split('\0').filter_map(|path| {
                let (folder, file) = path.rsplit_once('/')?;
                matches!(file, "schema_version.ocl" | "schema-version.ocl")
                    .then(|| (folder.to_owned(), path.to_owned()))
            });
            markers
                .map(|(folder, path)| {
                    let text = run(
                        "git",
                        repository,
                        &["cat-file", "blob", &format!("{commit}:{path}")],
                    );
                    let number = text.split('=').nth(1).unwrap().trim().parse().unwrap();
                    (folder, number)
                })
                .collect()
        });
        for (folder, version) in found {
            versions.insert((name.to_owned(), folder.clone()), *version);
        }
    }
    versions
}

#[test]
fn status_lists_every_ref_and_base_path_with_its_version() {
    let Some(corpus) = corpus() else { return };
    for bundle in BUNDLES {
        let repository = mirror(&corpus, bundle);
        let text = run(
            env!("CARGO_BIN_EXE_ocl-migrate"),
            repository.path(),
            &["--format", "json", "status", "--all"],
        );
        let mut told = BTreeMap::new();
        for line in text.lines() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            let key = (
                line["ref"].as_str().unwrap().to_owned(),
                line["base_path"].as_str().unwrap().to_owned(),
            );
            let version = line["branch_version"].as_u64().unwrap();
            assert!(
                told.insert(key, u32::try_from(version).unwrap()).is_none(),
                "a line twice"
            );
        }
        assert!(!told.is_empty());
        assert_eq!(told, versions_by_git(repository.path()), "{bundle}");
    }
}

/// Whatever a real branch holds, previewing it works, and migrating the result again changes nothing.
#[test]
fn every_ref_of_every_repository_can_be_previewed_and_shown() {
    use ocl_migrate::catalog::Catalog;
    use ocl_migrate::git::{RefScope, Repository};
    use ocl_migrate::project::Project;
    use std::collections::BTreeSet;
    use std::sync::Arc;

    let Some(corpus) = corpus() else { return };
    let catalog = Arc::new(Catalog::builtin());
    for bundle in BUNDLES {
        let folder = mirror(&corpus, bundle);
        let repository = Repository::discover(folder.path()).unwrap();
        let open = Project::builder(repository.clone(), catalog.clone())
            .build()
            .unwrap();
        let mut commits = BTreeSet::new();
        for name in repository.ref_names(RefScope::All).unwrap() {
            // Some lead to a tree or a blob.
            commits.extend(repository.resolve(&name));
        }
        let mut loaded_documents = 0;
        for commit in commits {
            let mut paths = BTreeSet::new();
            open.status()
                .revision::<ocl_migrate::project::LoadError>(&commit.to_string(), |status| {
                    if status
                        .state
                        .version()
                        .is_some_and(|version| version <= catalog.server_version())
                    {
                        paths.insert(status.base_path.to_owned());
                    }
                    Ok(())
                })
                .unwrap();
            for path in paths {
                let project = Project::builder(repository.clone(), catalog.clone())
                    .base_path(&path)
                    .build()
                    .unwrap();
                let loaded = project.load_migrated(&commit.to_string()).unwrap();
                for document in loaded.documents() {
                    assert!(
                        document.error().is_none(),
                        "{bundle} {commit} {}: {:?}",
                        document.name,
                        document.error()
                    );
                    loaded_documents += 1;
                }
                // The server wrote them: what looks older would be a false alarm.
                let older = loaded.looks_older(loaded.documents());
                assert_eq!(older, None, "{bundle} {commit} {path}");
            }
        }
        assert!(loaded_documents > 0, "{bundle}");
    }
}
