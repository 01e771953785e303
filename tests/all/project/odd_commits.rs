//! Commits that Git takes, and that few people make: with the empty tree, which no repository need hold.

use crate::support::{World, explain};
use ocl_migrate::git::RefScope;
use ocl_migrate::project::{DraftError, LoadError, NewBranch};

const CATALOG: &str = "fizz: 3 import, 4 modify; buzz: 5 modify";

const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/// A branch whose commits have the empty tree, which isn't in the object database, between two that have files.
fn world() -> World {
    let world = World::new(CATALOG);
    world.row("fizz", "a = 1", 3);
    let first = world.branch("first", 5, &[("fizz.ocl", "a = 1"), ("buzz.ocl", "b = 1")]);
    let git = |arguments: &[&str]| world.repo.git(arguments);
    let root = git(&["commit-tree", EMPTY_TREE, "-m", "nothing yet"]);
    git(&["update-ref", "refs/heads/root", &root]);
    let emptied = git(&["commit-tree", EMPTY_TREE, "-p", &first, "-m", "all gone"]);
    git(&["update-ref", "refs/heads/emptied", &emptied]);
    let nowhere = world.repo.path().join("objects").join(&EMPTY_TREE[..2]);
    assert!(!nowhere.join(&EMPTY_TREE[2..]).exists());
    world
}

#[test]
fn a_commit_with_the_empty_tree_reads_as_an_empty_one() {
    let world = world();
    for branch in ["root", "emptied"] {
        let loaded = world.load(branch);
        assert_eq!(
            explain(&loaded),
            "uninitialised to 5\n3 import_fizz: run from the table\n4 modify_fizz: run\n5 modify_buzz: run\n\
             fizz imported: a = 1; v4 = true",
            "{branch}"
        );
    }
    let project = world.project();
    let mut seen = Vec::new();
    let visit = |status: &ocl_migrate::project::RefStatus<'_>| {
        seen.push((status.ref_name.to_owned(), status.state.name()));
        Ok::<(), LoadError>(())
    };
    project.status().every_ref(RefScope::All, visit).unwrap();
    let expected = [
        ("refs/heads/emptied".to_owned(), "uninitialised"),
        ("refs/heads/first".to_owned(), "current"),
        ("refs/heads/root".to_owned(), "uninitialised"),
    ];
    assert_eq!(seen, expected);
    let diagnosis = project.diagnose().unwrap();
    assert!(
        diagnosis
            .findings
            .iter()
            .all(|finding| !finding.to_string().contains("missing")),
        "{:?}",
        diagnosis.findings
    );
}

#[test]
fn a_commit_follows_one_with_the_empty_tree() {
    let world = world();
    let _ = world.put("root", "buzz", "b = 2").unwrap();
    assert_eq!(
        world.repo.text("root"),
        ".octopus/buzz.ocl: b = 2\n.octopus/fizz.ocl: a = 1; v4 = true\n.octopus/schema_version.ocl: version = 5"
    );
    let options = NewBranch {
        from: Some("emptied".into()),
        ..NewBranch::default()
    };
    let mut draft = world.project().draft_new_branch("again", options).unwrap();
    draft.put("buzz", "b = 3").unwrap();
    let _ = draft.commit(crate::support::request("again")).unwrap();
    assert_eq!(world.repo.text("again").lines().count(), 3);
}

#[test]
fn history_goes_through_commits_with_the_empty_tree() {
    let world = world();
    // A commit without a project is nothing to restore one from: all documents would go.
    let refused = world.project().restore("first", "emptied", &[]).err();
    assert!(
        matches!(refused, Some(DraftError::NoProject { .. })),
        "{refused:?}"
    );
    let loaded = world.load("emptied");
    assert_eq!(
        loaded.commit().to_string(),
        world.repo.tip("emptied").unwrap()
    );
}
