//! The way back: what the shipped catalog can undo, over its own cases and a real repository.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Arc;

use crate::support::{Repo, corpus, scratch};
use insta::assert_snapshot;
use ocl_migrate::catalog::Catalog;
use ocl_migrate::git::Repository;
use ocl_migrate::ocl::Document;
use ocl_migrate::project::{DocumentOutcome, LoadOptions, Loaded, Project};

#[test]
fn the_shipped_catalog_says_of_every_step_how_it_is_undone() {
    let catalog = Catalog::builtin();
    let lines: Vec<String> = catalog
        .steps()
        .iter()
        .map(|step| {
            let (version, name) = (step.version(), step.name());
            format!("{version} {name}: {:?}", step.reverse())
        })
        .collect();
    assert_snapshot!(lines.join("\n"), @"
    1 deployment_process: inherent
    2 deployment_settings: inherent
    3 schema_version_file: inherent
    4 deployment_process_slugs: written
    4 deployment_settings_slugs: written
    5 variables: inherent
    6 heredoc_end_tag: inherent
    7 kustomize_step_package: derived
    8 server_side_apply: written
    9 runbooks: inherent
    10 runbook_retention_type: written
    13 ecs_deploy_step_package: derived
    14 ecs_update_step_package: derived
    ");
}

/// What a step's author reads in `verify`, and everybody in `plan`.
#[test]
fn a_step_that_can_not_be_undone_says_why() {
    let bodies = [
        "set = { a = 1 }",
        "default = { a = 1 }",
        "remove = [\"a\"]",
        "insert = { block = { a = 1 } }",
        "in \"block\" {\n  remove = true\n}",
        "in \"block\" {\n  move = { a = \"parent.a\" }\n}",
        "in \"block\" {\n  in \"inner\" {\n    move = { a = \"parent.parent.b\" }\n  }\n}",
        "move = { a = \"*.a\" }",
        "in \"**\" {\n  rename = { a = \"b\" }\n}",
        "in \"block[\\\"x\\\"]\" {\n  label = !value\n}",
        "convert = { a = lower(value) }",
        "convert = { a = { x = \"1\", y = \"1\" }[value] }",
        "convert = { a = value * 2 }",
        "convert = { a = { x = 1, y = 2 }[value] }",
        "in \"\" {\n  when = self.a == 1\n  rename = { a = \"b\" }\n}",
    ];
    let folder = scratch::folder();
    let head = "catalog \"reasons\" { base_path = \".octopus\" }\ndocument \"fizz\" { path = \"fizz.ocl\" }\n";
    std::fs::write(folder.path().join("catalog.hcl"), head).unwrap();
    for (version, body) in (1..).zip(bodies) {
        let step = folder.path().join(format!("{version:04}_step"));
        std::fs::create_dir(&step).unwrap();
        let text = format!("description = \"a\"\ndocument = \"fizz\"\nmodify {{\n{body}\n}}\n");
        std::fs::write(step.join("step.hcl"), text).unwrap();
    }
    let step = folder.path().join("0099_remove");
    std::fs::create_dir(&step).unwrap();
    let text = "description = \"a\"\ndocument = \"fizz\"\nremove {}\n";
    std::fs::write(step.join("step.hcl"), text).unwrap();
    let catalog = Catalog::load(folder.path()).unwrap_or_else(|error| panic!("{error}"));
    let reasons = catalog
        .steps()
        .iter()
        .map(|step| step.one_way().unwrap_or("-"));
    assert_snapshot!(reasons.collect::<Vec<_>>().join("\n"), @"
    `set` may overwrite values
    `default` writes values that may also have been there before
    `remove` doesn't keep the removed values
    `insert` adds blocks that can't be distinguished from others afterwards
    `remove` doesn't keep the removed values
    `move` takes `a` out of its block, and the block that it would go back into can't be known
    `move` takes `a` out of its block, and the block that it would go back into can't be known
    `move` puts `a` at a place that its own path may select
    it renames or moves nodes that a `**` on its path may find
    it writes labels by which its path selects
    `convert` of `a` may give two values the same result
    `convert` of `a` may give two values the same result
    `convert` of `a` multiplies or divides, which is undone only as `down` says
    `convert` of `a` has a table with a result that isn't plain text, which can't be a key of the table that undoes it
    its `when` reads what the step itself changes
    it doesn't say where to get the removed documents from
    ");
}

/// The plain views of a loaded ref's documents, by name; those that are left out, and what was set aside, in words.
fn values(loaded: &Loaded) -> (BTreeMap<String, serde_json::Value>, Vec<String>) {
    let mut values = BTreeMap::new();
    let mut remarks = Vec::new();
    for document in loaded.documents() {
        if matches!(document.outcome, DocumentOutcome::LeftOut) {
            remarks.push(format!("{} is left out", document.name));
        }
        for set_aside in &document.set_aside {
            remarks.push(format!("{}: {set_aside}", document.name));
        }
        if let Some(failure) = document.failure(loaded.base_path()) {
            remarks.push(failure);
        }
        if let Some(bytes) = loaded.content(document).unwrap() {
            let dialect = loaded.project().catalog().dialect_at(loaded.plan().target);
            let parsed = Document::from_bytes(bytes, dialect).unwrap();
            values.insert(document.name.to_string(), parsed.root().to_json());
        }
    }
    (values, remarks)
}

/// Every branch at 14 is shown as of 5, written down as such, and loaded at 14 again.
#[test]
fn real_branches_at_14_go_to_5_and_back() {
    let Some(corpus) = corpus() else { return };
    let folder = scratch::folder();
    let clone = folder.path().join("cli.git");
    let status = Command::new("git")
        .args(["clone", "--quiet", "--mirror"])
        .arg(corpus.join("repositories/cli.bundle"))
        .arg(&clone)
        .status()
        .unwrap();
    assert!(status.success());
    let project = |base_path: &str| {
        let repository = Repository::discover(&clone).unwrap();
        let builder = Project::builder(repository, Arc::new(Catalog::builtin()));
        builder.base_path(base_path).build().unwrap()
    };
    let project = project(".octopus");
    let mut at_14 = Vec::new();
    project
        .status()
        .every_ref(
            ocl_migrate::git::RefScope::Branches,
            |status| -> Result<(), ocl_migrate::project::LoadError> {
                if status.state.version() == Some(14) {
                    at_14.push(status.ref_name.to_owned());
                }
                Ok(())
            },
        )
        .unwrap();
    assert!(at_14.len() > 20);
    let repo = Repo::at(&clone);
    for branch in &at_14 {
        let (before, _) = values(&project.load_migrated(branch).unwrap());
        let down = project
            .load(branch, LoadOptions { target: Some(5) })
            .unwrap();
        let (at_5, remarks) = values(&down);
        // No difference is left to explain: these branches hold no runbooks, which 5 would have to leave out.
        assert!(remarks.is_empty(), "{branch}: {remarks:?}");
        assert_eq!(at_5.len(), before.len(), "{branch}");
        let mut files = vec![(
            ".octopus/schema_version.ocl".to_owned(),
            "version = 5".to_owned(),
        )];
        files.extend(down.documents().map(|document| {
            let bytes = down.content(document).unwrap().unwrap();
            (
                format!(".octopus/{}", document.path),
                String::from_utf8(bytes).unwrap(),
            )
        }));
        let files: Vec<(&str, Option<&str>)> = files
            .iter()
            .map(|(path, text)| (&**path, Some(&**text)))
            .collect();
        repo.commit("back", None, &files);
        let (back, remarks) = values(&project.load_migrated("back").unwrap());
        assert!(remarks.is_empty(), "{branch}: {remarks:?}");
        assert_eq!(back, before, "{branch}");
    }
}
