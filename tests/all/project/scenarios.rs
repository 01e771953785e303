//! The life of imports, from the first conversion to a store that was lost: one small repository each.

use crate::support::{TIME, World, explain, request};
use insta::assert_snapshot;
use ocl_migrate::project::{CommitError, NewBranch, Remedy, Standing, StoreOutcome};
use ocl_migrate::store::{ProjectKey, Row, Store};

/// Fizz comes from the server at 3 and changes at 4; Buzz changes at 5.
const FIZZ_AND_BUZZ: &str = "fizz: 3 import, 4 modify; buzz: 5 modify";

fn taken(store: &StoreOutcome) -> Vec<(String, Standing)> {
    match store {
        StoreOutcome::Followed(effect) => effect
            .taken
            .iter()
            .map(|row| (row.document.to_string(), row.standing))
            .collect(),
        other => panic!("the store didn't follow: {other:?}"),
    }
}

#[test]
fn a_project_is_converted_from_scratch() {
    let world = World::new("fizz: 1 import, 2 modify; runbook[]: 1 import; buzz: 2 modify");
    world.row("fizz", "a = 1", 2);
    world.row("runbook/backup", "b = 1", 1);
    world.row("runbook/restore", "b = 2", 2);
    let mut draft = world
        .project()
        .draft_new_branch("main", NewBranch::default())
        .unwrap();
    assert_snapshot!(explain(draft.loaded()), @"
    uninitialised to 2
    1 import_fizz: run from the table
    1 import_runbook: run from the table
    2 modify_buzz: run
    2 modify_fizz: skip, already_in_shape
    fizz imported: a = 1
    runbook/backup imported: b = 1
    runbook/restore imported: b = 2
    ");
    draft.upgrade();
    let committed = draft.commit(request("Convert to version control")).unwrap();
    assert!(matches!(committed.store, StoreOutcome::Followed(_)));
    assert_snapshot!(world.repo.text("main"), @"
    .octopus/fizz.ocl: a = 1
    .octopus/runbook/backup.ocl: b = 1
    .octopus/runbook/restore.ocl: b = 2
    .octopus/schema_version.ocl: version = 2
    ");
    assert_snapshot!(world.store_text(), @"
    version 2
    snapshot 1 fizz in shape 2: a = 1
    snapshot 1 runbook/backup in shape 1: b = 1
    snapshot 1 runbook/restore in shape 2: b = 2
    ");
    assert_eq!(world.repo.git(&["rev-list", "--count", "main"]), "1");
    // A second branch without a parent is somebody's mistake unless they say so.
    let refused = world
        .project()
        .draft_new_branch("other", NewBranch::default());
    assert!(refused.is_err_and(|error| error.to_string().contains("without a parent")));
    let options = NewBranch {
        without_parent: true,
        ..NewBranch::default()
    };
    let mut other = world.project().draft_new_branch("other", options).unwrap();
    assert_snapshot!(explain(other.loaded()), @"
    uninitialised to 2
    1 import_fizz: run from the snapshot
    1 import_runbook: run from the snapshot
    2 modify_buzz: run
    2 modify_fizz: skip, already_in_shape
    fizz imported: a = 1
    runbook/backup imported: b = 1
    runbook/restore imported: b = 2
    ");
    let _ = other.upgrade().commit(request("Again")).unwrap();
    assert_eq!(world.repo.text("other"), world.repo.text("main"));
}

#[test]
fn a_series_of_modifies() {
    let world = World::new("buzz: 2 modify, 3 modify, 5 modify");
    world.branch("main", 2, &[("buzz.ocl", "a = 1\nv2 = true")]);
    assert_snapshot!(explain(&world.load("main")), @"
    2 to 5
    3 modify_buzz: run
    5 modify_buzz: run
    buzz changed: a = 1; v2 = true; v3 = true; v5 = true
    ");
    let mut draft = world.edit("main");
    draft
        .edit("buzz", |edit| {
            let root = edit.root();
            edit.set(root, "a", 2)?;
            Ok(())
        })
        .unwrap();
    let _ = draft.commit(request("Two")).unwrap();
    assert_snapshot!(world.repo.text("main"), @"
    .octopus/buzz.ocl: a = 2; v2 = true; v3 = true; v5 = true
    .octopus/schema_version.ocl: version = 5
    ");
    assert_snapshot!(world.store_text(), @"version 5");
}

#[test]
fn an_import_after_the_project_was_initialised() {
    let world = World::new(FIZZ_AND_BUZZ);
    world.branch("main", 2, &[("buzz.ocl", "b = 1")]);
    world.row("fizz", "a = 1", 5);
    assert_snapshot!(explain(&world.load("main")), @"
    2 to 5
    3 import_fizz: run from the table
    4 modify_fizz: skip, already_in_shape
    5 modify_buzz: run
    fizz imported: a = 1
    buzz changed: b = 1; v5 = true
    ");
    let committed = world.put("main", "buzz", "b = 2").unwrap();
    assert_eq!(
        taken(&committed.store),
        [("fizz".to_owned(), Standing::Imported)]
    );
    assert_snapshot!(world.repo.text("main"), @"
    .octopus/buzz.ocl: b = 2
    .octopus/fizz.ocl: a = 1
    .octopus/schema_version.ocl: version = 5
    ");
    assert_snapshot!(world.store_text(), @"
    version 5
    snapshot 3 fizz in shape 5: a = 1
    ");
}

#[test]
fn a_kind_is_removed() {
    let world = World::new("fizz: 3 import, 4 modify, 5 remove; buzz: 5 modify");
    world.branch("main", 3, &[("buzz.ocl", "b = 1"), ("fizz.ocl", "a = 1")]);
    assert_snapshot!(explain(&world.load("main")), @"
    3 to 5
    4 modify_fizz: run
    5 modify_buzz: run
    5 remove_fizz: run
    fizz removed
    buzz changed: b = 1; v5 = true
    ");
    let _ = world.put("main", "buzz", "b = 2").unwrap();
    assert_snapshot!(world.repo.text("main"), @"
    .octopus/buzz.ocl: b = 2
    .octopus/schema_version.ocl: version = 5
    ");
}

#[test]
fn imported_and_removed_in_one_session() {
    let world = World::new("fizz: 3 import, 4 modify, 5 remove; buzz: 5 modify");
    world.branch("main", 2, &[("buzz.ocl", "b = 1")]);
    world.row("fizz", "a = 1", 3);
    assert_snapshot!(explain(&world.load("main")), @"
    2 to 5
    3 import_fizz: skip, imported_then_removed
    4 modify_fizz: skip, imported_then_removed
    5 modify_buzz: run
    5 remove_fizz: skip, imported_then_removed
    buzz changed: b = 1; v5 = true
    ");
    let _ = world.put("main", "buzz", "b = 2").unwrap();
    assert_snapshot!(world.repo.text("main"), @"
    .octopus/buzz.ocl: b = 2
    .octopus/schema_version.ocl: version = 5
    ");
    // What no branch took stays the server's.
    assert_snapshot!(world.store_text(), @"
    version 5
    table fizz in shape 3: a = 1
    ");
}

#[test]
fn the_same_import_on_a_second_branch() {
    let world = World::new(FIZZ_AND_BUZZ);
    for branch in ["one", "two"] {
        world.branch(branch, 2, &[("buzz.ocl", "b = 1")]);
    }
    world.row("fizz", "a = 1", 3);
    let _ = world.put("one", "buzz", "b = 2").unwrap();
    assert_snapshot!(explain(&world.load("two")), @"
    2 to 5
    3 import_fizz: run from the snapshot
    4 modify_fizz: run
    5 modify_buzz: run
    fizz imported: a = 1; v4 = true
    buzz changed: b = 1; v5 = true
    ");
    let committed = world.put("two", "buzz", "b = 2").unwrap();
    assert!(matches!(committed.store, StoreOutcome::Unchanged));
    assert_eq!(world.repo.text("one"), world.repo.text("two"));
}

#[test]
fn the_same_import_on_a_second_branch_after_the_server_was_upgraded() {
    let mut world = World::new("fizz: 3 import; buzz: 2 modify");
    for branch in ["one", "two"] {
        world.branch(branch, 2, &[("buzz.ocl", "b = 1")]);
    }
    world.row("fizz", "a = 1", 3);
    let _ = world.put("one", "buzz", "b = 2").unwrap();
    assert_snapshot!(world.store_text(), @"
    version 3
    snapshot 3 fizz in shape 3: a = 1
    ");
    // The snapshot is in shape 3 for ever: 4 must run on it.
    world.server(FIZZ_AND_BUZZ);
    assert_snapshot!(explain(&world.load("two")), @"
    2 to 5
    3 import_fizz: run from the snapshot
    4 modify_fizz: run
    5 modify_buzz: run
    fizz imported: a = 1; v4 = true
    buzz changed: b = 1; v5 = true
    ");
    let _ = world.put("two", "buzz", "b = 2").unwrap();
    let _ = world
        .edit("one")
        .upgrade()
        .commit(request("Upgrade"))
        .unwrap();
    assert_eq!(
        world.repo.files("one")[".octopus/fizz.ocl"],
        "a = 1\nv4 = true"
    );
    assert_eq!(
        world.repo.files("two")[".octopus/fizz.ocl"],
        "a = 1\nv4 = true"
    );
    assert_snapshot!(world.store_text(), @"
    version 5
    snapshot 3 fizz in shape 3: a = 1
    ");
}

#[test]
fn two_branches_at_different_versions_at_once() {
    let world = World::new(FIZZ_AND_BUZZ);
    world.branch("old", 2, &[("buzz.ocl", "b = 1")]);
    world.branch(
        "newer",
        4,
        &[("buzz.ocl", "b = 1"), ("fizz.ocl", "a = 1\nv4 = true")],
    );
    world.row("fizz", "a = 1", 3);
    let (old, newer) = (world.load("old"), world.load("newer"));
    assert_snapshot!(explain(&old), @"
    2 to 5
    3 import_fizz: run from the table
    4 modify_fizz: run
    5 modify_buzz: run
    fizz imported: a = 1; v4 = true
    buzz changed: b = 1; v5 = true
    ");
    assert_snapshot!(explain(&newer), @"
    4 to 5
    5 modify_buzz: run
    fizz unchanged: a = 1; v4 = true
    buzz changed: b = 1; v5 = true
    ");
}

#[test]
fn an_old_commit_and_a_tag_are_read_and_never_written() {
    let world = World::new(FIZZ_AND_BUZZ);
    world.branch("main", 2, &[("buzz.ocl", "b = 1")]);
    world.repo.git(&["tag", "v1", "main"]);
    world.row("fizz", "a = 1", 3);
    let _ = world.put("main", "buzz", "b = 2").unwrap();
    assert_eq!(explain(&world.load("v1")), explain(&world.load("main~1")));
    assert_snapshot!(explain(&world.load("v1")), @"
    2 to 5
    3 import_fizz: run from the snapshot
    4 modify_fizz: run
    5 modify_buzz: run
    fizz imported: a = 1; v4 = true
    buzz changed: b = 1; v5 = true
    ");
    for revision in ["v1", "main~1", "refs/tags/v1"] {
        let mut draft = world.edit(revision);
        draft.put("buzz", "b = 3").unwrap();
        let refused = draft.commit(request("no")).unwrap_err();
        assert!(
            matches!(refused, CommitError::NotABranch { .. }),
            "{refused}"
        );
    }
}

#[test]
fn a_branch_cut_before_the_import_and_merged_after_it() {
    let world = World::new(FIZZ_AND_BUZZ);
    world.branch("main", 2, &[("buzz.ocl", "b = 1")]);
    world.repo.git(&["branch", "feature", "main"]);
    world
        .repo
        .commit("feature", None, &[("readme", Some("hello"))]);
    world.row("fizz", "a = 1", 3);
    let _ = world.put("main", "buzz", "b = 2").unwrap();
    assert_snapshot!(explain(&world.load("feature")), @"
    2 to 5
    3 import_fizz: run from the snapshot
    4 modify_fizz: run
    5 modify_buzz: run
    fizz imported: a = 1; v4 = true
    buzz changed: b = 1; v5 = true
    ");
    // Git's own merge: the marker and the documents come from main, the rest from the feature.
    let tree = world
        .repo
        .git(&["merge-tree", "--write-tree", "main", "feature"]);
    let merge = world.repo.git(&[
        "commit-tree",
        &tree,
        "-p",
        "main",
        "-p",
        "feature",
        "-m",
        "merge",
    ]);
    world.repo.git(&["update-ref", "refs/heads/main", &merge]);
    assert_snapshot!(explain(&world.load("main")), @"
    5 to 5
    fizz unchanged: a = 1; v4 = true
    buzz unchanged: b = 2
    ");
    let committed = world.put("main", "buzz", "b = 3").unwrap();
    assert!(matches!(committed.store, StoreOutcome::Unchanged));
    assert_snapshot!(world.repo.text("main"), @"
    .octopus/buzz.ocl: b = 3
    .octopus/fizz.ocl: a = 1; v4 = true
    .octopus/schema_version.ocl: version = 5
    readme: hello
    ");
}

#[test]
fn a_fork_is_ahead_of_its_own_store() {
    let world = World::new(FIZZ_AND_BUZZ);
    // The fork's store knows nothing of what the original server had, and has nothing to import.
    world.branch(
        "main",
        4,
        &[("buzz.ocl", "b = 1"), ("fizz.ocl", "a = 1\nv4 = true")],
    );
    let committed = world.put("main", "buzz", "b = 2").unwrap();
    assert_eq!(taken(&committed.store), []);
    assert_snapshot!(world.store_text(), @"
    version 5
    snapshot 3 fizz: nothing
    ");
}

#[test]
fn a_restored_older_store_catches_up_by_itself() {
    let world = World::new(FIZZ_AND_BUZZ);
    world.branch("main", 2, &[("buzz.ocl", "b = 1")]);
    world.row("fizz", "a = 1", 5);
    let backup = world.path().join("backup.db");
    world.store().backup(&backup, false).unwrap();
    let _ = world.put("main", "buzz", "b = 2").unwrap();
    std::fs::copy(&backup, world.store_path()).unwrap();
    assert_snapshot!(world.store_text(), @"
    version 0
    table fizz in shape 5: a = 1
    ");
    let committed = world.put("main", "buzz", "b = 3").unwrap();
    assert_eq!(
        taken(&committed.store),
        [("fizz".to_owned(), Standing::SameInGit)]
    );
    assert_snapshot!(world.store_text(), @"
    version 5
    snapshot 3 fizz in shape 5: a = 1
    ");
}

#[test]
fn a_marker_raised_by_hand_is_refused_until_it_is_adopted() {
    let world = World::new(FIZZ_AND_BUZZ);
    world.branch("main", 5, &[("buzz.ocl", "b = 1")]);
    world.row("fizz", "a = 1", 5);
    let before = world.store_text();
    assert_snapshot!(explain(&world.load("main")), @"
    5 to 5
    buzz unchanged: b = 1
    ");
    let refused = world.put("main", "buzz", "b = 2").unwrap_err();
    assert_snapshot!(refused, @"the branch is at version 5 and the store at 0: to catch up, the store would take fizz out of its table, but the branch doesn't have that; adopt the branch to allow it");
    assert_eq!(world.store_text(), before);
    let loaded = world.load("main");
    let adoption = loaded.adopt(TIME).unwrap();
    assert_eq!(adoption.effect().in_no_branch(), ["fizz"]);
    assert_eq!(world.store_text(), before);
    let _ = adoption.publish().unwrap();
    assert_snapshot!(world.store_text(), @"
    version 5
    snapshot 3 fizz in shape 5: a = 1
    ");
    let _ = world.put("main", "buzz", "b = 2").unwrap();
    let again = world.load("main");
    assert!(again.adopt(TIME).unwrap().effect().is_empty());
}

#[test]
fn a_row_with_other_content_than_the_branch_is_reported() {
    let world = World::new(FIZZ_AND_BUZZ);
    world.branch("main", 5, &[("fizz.ocl", "a = 1")]);
    world.row("fizz", "a = 2", 5);
    let mut draft = world.edit("main");
    draft.put("buzz", "b = 1").unwrap();
    let prepared = draft.prepare(request("Buzz")).unwrap();
    let effect = prepared.store_effect().unwrap().unwrap();
    assert_eq!(effect.taken[0].standing, Standing::DiffersInGit);
    let committed = prepared.write().unwrap().publish().unwrap();
    assert_eq!(
        taken(&committed.store),
        [("fizz".to_owned(), Standing::DiffersInGit)]
    );
    assert_snapshot!(world.repo.text("main"), @"
    .octopus/buzz.ocl: b = 1
    .octopus/fizz.ocl: a = 1
    .octopus/schema_version.ocl: version = 5
    ");
    assert_snapshot!(world.store_text(), @"
    version 5
    snapshot 3 fizz in shape 5: a = 2
    ");
}

#[test]
fn a_deleted_store_with_something_left_to_import_is_no_empty_one() {
    let world = World::without_store(FIZZ_AND_BUZZ);
    world.branch("main", 2, &[("buzz.ocl", "b = 1")]);
    let refused = world.put("main", "buzz", "b = 2").unwrap_err();
    assert_snapshot!(refused, @"fizz would be imported, and there is no store to import from: say where the store is, or create one");
    // A store that doesn't know the project isn't an empty one either.
    world.store().init(&ProjectKey::new("another")).unwrap();
    let refused = world.put("main", "buzz", "b = 2").unwrap_err();
    assert_snapshot!(refused, @"fizz would be imported, and the store doesn't know the project `.octopus`: initialise it there, which says that the rows put there are all there is to import");
    world.store().init(&world.key()).unwrap();
    let _ = world.put("main", "buzz", "b = 2").unwrap();
    assert_snapshot!(world.repo.text("main"), @"
    .octopus/buzz.ocl: b = 2
    .octopus/schema_version.ocl: version = 5
    ");
    assert_snapshot!(world.store_text(), @"
    version 5
    snapshot 3 fizz: nothing
    ");
}

#[test]
fn a_deleted_store_with_nothing_left_to_import_is_not_missed() {
    let world = World::without_store(FIZZ_AND_BUZZ);
    world.branch("main", 3, &[("fizz.ocl", "a = 1")]);
    let committed = world.put("main", "buzz", "b = 2").unwrap();
    assert!(matches!(committed.store, StoreOutcome::None));
    assert_snapshot!(world.repo.text("main"), @"
    .octopus/buzz.ocl: b = 2
    .octopus/fizz.ocl: a = 1; v4 = true
    .octopus/schema_version.ocl: version = 5
    ");
    assert!(!world.store_path().exists());
}

#[test]
fn two_base_paths_never_share_a_version() {
    let world = World::new(FIZZ_AND_BUZZ);
    let store = world.store();
    for path in [".octopus/web", ".octopus/api"] {
        let key = ProjectKey::new(path);
        store.init(&key).unwrap();
        store
            .put_documents(&key, &[Row::new("fizz", "", format!("of = \"{path}\""), 3)])
            .unwrap();
    }
    world.repo.commit(
        "main",
        None,
        &[
            (".octopus/web/schema_version.ocl", Some("version = 2")),
            (".octopus/api/schema_version.ocl", Some("version = 1\n")),
            (".octopus/api/buzz.ocl", Some("b = 1")),
        ],
    );
    let web = world.project_with(|builder| builder.base_path(".octopus/web"));
    let mut draft = web.load_migrated("main").unwrap().edit();
    draft.put("buzz", "b = 2").unwrap();
    let _ = draft.commit(request("Web")).unwrap();
    let api = world.project_with(|builder| builder.base_path(".octopus/api"));
    assert_snapshot!(explain(&api.load_migrated("main").unwrap()), @r#"
    1 to 5
    3 import_fizz: run from the table
    4 modify_fizz: run
    5 modify_buzz: run
    fizz imported: of = ".octopus/api"; v4 = true
    buzz changed: b = 1; v5 = true
    "#);
    assert_snapshot!(world.repo.text("main"), @r#"
    .octopus/api/buzz.ocl: b = 1
    .octopus/api/schema_version.ocl: version = 1; 
    .octopus/web/buzz.ocl: b = 2
    .octopus/web/fizz.ocl: of = ".octopus/web"; v4 = true
    .octopus/web/schema_version.ocl: version = 5
    "#);
    let text = |path| crate::support::store_text(&store, &ProjectKey::new(path), &world.catalog);
    assert_snapshot!(text(".octopus/web"), @r#"
    version 5
    snapshot 3 fizz in shape 3: of = ".octopus/web"
    "#);
    assert_snapshot!(text(".octopus/api"), @r#"
    version 0
    table fizz in shape 3: of = ".octopus/api"
    "#);
}

#[test]
fn a_step_in_rust_that_panics_fails_the_document_that_it_ran_on() {
    let world = World::new("book[]: 2 modify, 3 panic");
    let files = [("book/a.ocl", "a = 1"), ("book/b.ocl", "broken = true")];
    world.branch("main", 1, &files);
    assert_snapshot!(explain(&world.load("main")), @r#"
    1 to 3
    2 modify_book: run
    3 panic_book: run
    book/a changed: a = 1; v2 = true; v3 = true
    book/b failed: step 3 panic_book: the step panicked, which is a defect in it: it is broken (at the document)
    "#);
    let mut draft = world.edit("main");
    let refused = draft.upgrade().commit(request("Upgrade")).unwrap_err();
    assert_snapshot!(refused, @"
    a document couldn't be migrated, so nothing is written: mend, replace or remove
    book/b: step 3 panic_book: the step panicked, which is a defect in it: it is broken (at the document)
    ");
    assert_eq!(refused.remedy(), Remedy::Mend);
}
