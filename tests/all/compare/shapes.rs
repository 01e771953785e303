//! What differs between refs at several versions.

use ocl_migrate::compare::diff;
use ocl_migrate::git::RefScope;
use ocl_migrate::project::{LoadOptions, Project};
use tempfile::TempDir;

use crate::support::{Repo, project, scratch};

/// A repository with a branch for each version, `v1` to `v14`, as the recorded snapshots have it.
fn snapshots() -> (TempDir, Project) {
    let folder = scratch::folder();
    let repo = Repo::bare(folder.path());
    for version in 1..=14 {
        let snapshot = project().join(format!("snapshots/v{version}"));
        let mut files = Vec::new();
        let mut pending = vec![snapshot.clone()];
        while let Some(folder) = pending.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    pending.push(path);
                    continue;
                }
                let below = path.strip_prefix(&snapshot).unwrap().display();
                let text = std::fs::read_to_string(&path).unwrap();
                files.push((format!(".octopus/{below}"), text));
            }
        }
        let files: Vec<(&str, Option<&str>)> = files
            .iter()
            .map(|(path, text)| (&**path, Some(&**text)))
            .collect();
        repo.commit(&format!("v{version}"), None, &files);
    }
    let project = Project::open(folder.path()).unwrap();
    (folder, project)
}

/// How many values differ, by document.
fn differences(project: &Project, old: &str, new: &str, to: Option<u32>) -> Vec<(String, usize)> {
    let options = LoadOptions { target: to };
    let (old, new) = (
        project.load(old, options).unwrap(),
        project.load(new, options).unwrap(),
    );
    let documents = diff(&old, &new).unwrap().map(Result::unwrap);
    let counts = documents.map(|document| {
        (
            document.name().to_string(),
            document.difference().changes().len(),
        )
    });
    counts.filter(|(_, count)| *count > 0).collect()
}

#[test]
fn what_only_migrations_changed_is_no_difference() {
    let (_folder, project) = snapshots();
    // From version 9 on, all documents are in Git, and later steps only change their shape.
    for version in 9..=13 {
        let branch = format!("v{version}");
        assert_eq!(differences(&project, &branch, "v14", None), [], "{branch}");
        assert_eq!(differences(&project, "v14", &branch, None), [], "{branch}");
    }
    // Their texts differ.
    let texts = |branch: &str| {
        let loaded = project.load_migrated(branch).unwrap();
        let texts = loaded
            .documents()
            .map(|document| loaded.before(document).unwrap());
        texts.collect::<Vec<_>>()
    };
    assert_ne!(texts("v9"), texts("v14"));
    // The process was in Git long before.
    let in_process = |old| {
        let all = differences(&project, old, "v14", None);
        all.into_iter()
            .find(|(name, _)| name == "deployment_process")
    };
    assert_eq!(in_process("v5"), None);
    assert!(in_process("v3").is_some());
}

#[test]
fn refs_can_be_compared_at_a_lower_version() {
    let (_folder, project) = snapshots();
    assert_eq!(differences(&project, "v13", "v14", Some(13)), []);
}

#[test]
fn two_versions_are_refused() {
    let (_folder, project) = snapshots();
    let old = project
        .load("v13", LoadOptions { target: Some(13) })
        .unwrap();
    let new = project.load_migrated("v14").unwrap();
    let error = diff(&old, &new).err().unwrap();
    assert_eq!(
        error.to_string(),
        "one ref was loaded for version 13, the other for version 14: compare them in one version"
    );
}

/// Texts are read by several threads, and those of every other ref take long: that changes nothing in what is told.
#[test]
fn values_come_in_the_order_of_the_refs() {
    let folder = scratch::folder();
    let repo = Repo::bare(folder.path());
    let variable = |name: String| format!("variable \"{name}\" {{\n    value \"1\" {{}}\n}}\n");
    for branch in 0..40 {
        let others = if branch % 2 == 0 { 400 } else { 0 };
        let others = (0..others).map(|other| variable(format!("Other{other}")));
        let text = variable(format!("Of{branch:02}")) + &others.collect::<String>();
        let marker = (".octopus/schema_version.ocl", Some("version = 14"));
        let variables = (".octopus/variables.ocl", Some(&*text));
        repo.commit(&format!("b{branch:02}"), None, &[marker, variables]);
    }
    let project = Project::open(folder.path()).unwrap();
    let mut comparison = project.comparison(LoadOptions::default());
    comparison.add_scope(RefScope::Branches).unwrap();
    let table = comparison.run();
    let rows = table.documents[0].rows(&"".parse().unwrap()).unwrap();
    let rows = rows.iter().map(|row| row.element.to_string());
    let found: Vec<String> = rows.filter(|row| row.contains("\"Of")).collect();
    let wanted = (0..40).map(|branch| format!("variable[\"Of{branch:02}\"].value{{}}"));
    assert_eq!(found, wanted.collect::<Vec<_>>());
}
