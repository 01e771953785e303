//! What is refused, with which error, and what helps.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::support::{Repo, TIME, World, catalog_with, request};
use insta::assert_snapshot;
use ocl_migrate::git::{MoveOutcome, MoveRef, NotMoved, PastMove, RefUpdate, Visibility};
use ocl_migrate::project::{CommitError, CommitRequest, DraftError, NewBranch, Project, Remedy};
use ocl_migrate::store::{Intent, IntentImport, Row, Store};

const CATALOG: &str = "fizz: 3 import, 4 reject; buzz: 5 modify; book[]: 2 modify";

fn world() -> World {
    let world = World::new(CATALOG);
    world.branch("main", 2, &[("buzz.ocl", "b = 1")]);
    world.row("fizz", "a = 1", 3);
    world
}

fn refusal(error: &CommitError) -> String {
    format!("{error}\n{:?}", error.remedy())
}

/// Nothing of it is seen, neither in Git nor in the store.
fn refused(world: &World, commit: impl FnOnce() -> CommitError) -> String {
    let state = || (world.repo.git(&["for-each-ref"]), world.store_text());
    let before = state();
    let error = commit();
    assert_eq!(state(), before, "{error}");
    refusal(&error)
}

#[test]
fn a_draft_without_a_change() {
    let world = world();
    assert_snapshot!(refused(&world, || world.edit("main").commit(request("no")).unwrap_err()), @"
    there is no change to commit; a migration alone is only written when somebody asks for it
    Mend
    ");
    // Neither is what is there anyway a change.
    assert_snapshot!(refused(&world, || world.put("main", "buzz", "b = 1\nv5 = true").unwrap_err()), @"
    there is no change to commit; a migration alone is only written when somebody asks for it
    Mend
    ");
    let _ = world
        .edit("main")
        .upgrade()
        .commit(request("Upgrade"))
        .unwrap();
    let again = || {
        world
            .edit("main")
            .upgrade()
            .commit(request("Upgrade"))
            .unwrap_err()
    };
    assert_snapshot!(refused(&world, again), @"
    the branch is at version 5 already: there is nothing to upgrade
    Mend
    ");
}

#[test]
fn a_branch_that_moved_meanwhile() {
    let world = world();
    let mut late = world.edit("main");
    late.put("buzz", "b = 2").unwrap();
    let _ = world.put("main", "buzz", "b = 3").unwrap();
    let error = late.commit(request("late")).unwrap_err();
    assert!(matches!(error, CommitError::BranchMoved { .. }));
    assert_eq!(
        error.to_string(),
        "refs/heads/main has moved since it was loaded: load it again and repeat the change"
    );
    assert_eq!(error.remedy(), Remedy::LoadAgain);
    assert!(!world.store_text().contains("intent"));
    // Deleted counts as moved.
    let mut late = world.edit("main");
    late.put("buzz", "b = 2").unwrap();
    world.repo.git(&["update-ref", "-d", "refs/heads/main"]);
    let error = late.commit(request("late")).unwrap_err();
    assert!(matches!(
        error,
        CommitError::BranchMoved { found: None, .. }
    ));
}

#[test]
fn a_message_of_nothing() {
    let world = world();
    for message in ["", " \n\t"] {
        let put = |request: CommitRequest| {
            let mut draft = world.edit("main");
            draft.put("buzz", "b = 2").unwrap();
            draft.commit(request).unwrap_err()
        };
        assert_eq!(
            refused(&world, || put(request(message))),
            "the commit's message is empty: say what the commit is for\nMend"
        );
        let migration_message = Some(message.to_owned());
        let two = CommitRequest {
            migration_message,
            ..request("Change")
        };
        let error = put(two);
        assert!(matches!(error, CommitError::EmptyMessage), "{error}");
    }
}

#[test]
fn what_is_no_branch() {
    let world = world();
    world.repo.git(&["tag", "v1", "main"]);
    world.repo.git(&["branch", "v1", "main"]);
    world
        .repo
        .git(&["update-ref", "refs/remotes/origin/main", "main"]);
    let tip = world.repo.tip("main").unwrap();
    let put = |revision: &str| world.put(revision, "buzz", "b = 2").unwrap_err();
    assert_snapshot!(refused(&world, || put("v1")), @"
    refs/tags/v1 is not a branch, and only a branch can be written to: name refs/heads/v1, or begin a branch there
    Mend
    ");
    assert_snapshot!(refused(&world, || put("origin/main")), @"
    refs/remotes/origin/main is not a branch, and only a branch can be written to: name refs/heads/main, or begin a branch there
    Mend
    ");
    assert_snapshot!(refused(&world, || put(&tip)), @"
    what was loaded is a commit, not a branch, and only a branch can be written to: name a branch, or begin a branch there
    Mend
    ");
    let _ = world.put("refs/heads/v1", "buzz", "b = 2").unwrap();
    assert_snapshot!(refusal(&world.load("v1").adopt(TIME).err().unwrap()), @"
    refs/tags/v1 is not a branch, and only a branch can be written to: name refs/heads/v1, or begin a branch there
    Mend
    ");
}

#[test]
fn a_branch_that_is_checked_out() {
    let world = World::new(CATALOG);
    let folder = world.path().join("work tree");
    std::fs::create_dir(&folder).unwrap();
    let repo = Repo::at(&folder);
    repo.git(&["init", "-q", "--initial-branch=main"]);
    let project = || {
        Project::builder(repo.open(), world.catalog.clone())
            .store(Arc::new(world.store()))
            .build()
            .unwrap()
    };
    // Unborn, and checked out nevertheless.
    let mut draft = project()
        .draft_new_branch("main", NewBranch::default())
        .unwrap();
    let error = draft.upgrade().commit(request("First")).unwrap_err();
    let text = error.to_string().replace(
        &folder.canonicalize().unwrap().display().to_string(),
        "FOLDER",
    );
    assert_snapshot!(text, @"refs/heads/main is checked out in FOLDER, and its files would not be updated: commit to a branch that isn't checked out");
    let mut draft = project()
        .draft_new_branch("other", NewBranch::default())
        .unwrap();
    let _ = draft.upgrade().commit(request("First")).unwrap();
    repo.git(&["checkout", "-q", "other"]);
    let mut draft = project().load_migrated("other").unwrap().edit();
    draft.put("buzz", "b = 2").unwrap();
    let error = draft.commit(request("Second")).unwrap_err();
    assert!(matches!(error, CommitError::CheckedOut { .. }), "{error}");
    assert_eq!(error.remedy(), Remedy::Mend);
    // Checked out only after the commit was prepared.
    repo.git(&["checkout", "-q", "--detach"]);
    let written = draft.prepare(request("Second")).unwrap().write().unwrap();
    repo.git(&["checkout", "-q", "other"]);
    assert!(matches!(
        written.publish().unwrap_err(),
        CommitError::CheckedOut { .. }
    ));
    repo.git(&["checkout", "-q", "--detach"]);
    let _ = draft.commit(request("Second")).unwrap();
}

#[test]
fn an_unknown_version_without_consent() {
    let mut world = world();
    world.server(&format!("{CATALOG}; unknown: 6, 7"));
    assert_snapshot!(refused(&world, || world.put("main", "buzz", "b = 2").unwrap_err()), @"
    versions 6 and 7 are not in this catalog, so the result may be incomplete: accept that by number to write it nevertheless
    Mend
    ");
    let mut draft = world.edit("main");
    draft.put("buzz", "b = 2").unwrap();
    let accepting = |versions: &[u32]| CommitRequest {
        accept_unknown_versions: BTreeSet::from_iter(versions.iter().copied()),
        ..request("Accepted")
    };
    let partly = draft.prepare(accepting(&[6])).err().unwrap();
    assert!(matches!(partly, CommitError::UnknownVersions { versions } if versions == [7]));
    let _ = draft.commit(accepting(&[6, 7])).unwrap();
    assert_eq!(
        world.repo.files("main")[".octopus/schema_version.ocl"],
        "version = 7"
    );
}

#[test]
fn documents_that_failed() {
    let world = world();
    world.row("fizz", "broken = 1", 3);
    assert_snapshot!(refused(&world, || world.put("main", "buzz", "b = 2").unwrap_err()), @"
    a document couldn't be migrated, so nothing is written: mend, replace or remove
    fizz: step 4 reject_fizz: it is broken (at the document)
    Mend
    ");
    // An import that can't be had in this shape is one too.
    world.row("fizz", "a = 1", 9);
    assert_snapshot!(refused(&world, || world.put("main", "buzz", "b = 2").unwrap_err()), @"
    a document couldn't be migrated, so nothing is written: mend, replace or remove
    fizz: the store's content has shape 9, above this server's version 5: upgrade the server
    UpgradeServer
    ");
    world.row("fizz", "broken = 1", 3);
    let _ = world.put("main", "fizz", "mended = 1").unwrap();
    assert_eq!(world.repo.files("main")[".octopus/fizz.ocl"], "mended = 1");
    assert_eq!(
        world.store_text(),
        "version 5\nsnapshot 3 fizz in shape 3: broken = 1"
    );
}

#[test]
fn puts_that_are_not_valid() {
    let world = world();
    world.repo.commit(
        "main",
        None,
        &[
            (".octopus/book/Taken.ocl", Some("n = 1")),
            (".octopus/book-x/schema_version.ocl", Some("version = 1")),
        ],
    );
    let mut draft = world.edit("main");
    let mut put = |name: &str, text: &[u8]| draft.put(name, text).err().unwrap().to_string();
    assert_snapshot!(put("buzz", b"b = 1\nb = = 2"), @"
    expected a value (a string in quotes, a heredoc, a number, `true`, `false`, `null`, `[` or `{`), found `=`
     --> .octopus/buzz.ocl:2:5
      |
    2 | b = = 2
      |     ^
    ");
    assert_snapshot!(put("buzz", b"b = \"\xff\""), @r#"
    byte 0xff is not UTF-8: save the file in that encoding
     --> .octopus/buzz.ocl:1:6
      |
    1 | b = "�"
      |      ^
    "#);
    assert_snapshot!(put("bizz", b"b = 1"), @"`bizz` is neither a document's name nor a document's path; the kinds are fizz (fizz.ocl), buzz (buzz.ocl) and book (book/*.ocl)");
    assert_snapshot!(put("buzz/slug", b"b = 1"), @"`buzz/slug` is neither a document's name nor a document's path; the kinds are fizz (fizz.ocl), buzz (buzz.ocl) and book (book/*.ocl)");
    assert_snapshot!(put("book/../buzz", b"b = 1"), @r#"book/../buzz can't be put into Git: the slug "../buzz" has a `/`, but `book/*.ocl` only matches one part of a path"#);
    assert_snapshot!(put("book/taken", b"b = 1"), @"book/taken can't be put into Git: it belongs at book/taken.ocl, which differs from book/Taken.ocl in upper and lower case only, so that they would be one file on many disks: choose another name, or rename the other");
    let removed = draft.remove("book/none").err().unwrap();
    assert_snapshot!(removed, @"there is no document `book/none` here; there are fizz, buzz and book/Taken");
    let failed = draft
        .edit("buzz", |_| Err::<(), _>("it doesn't fit".into()))
        .unwrap_err();
    assert_snapshot!(failed, @"buzz was not changed: it doesn't fit");
    assert!(matches!(
        draft.prepare(request("no")).err().unwrap(),
        CommitError::NoChange { .. }
    ));
}

#[test]
fn puts_of_kinds_that_are_not_in_git() {
    let world = World::new("fizz: 3 import, 5 remove; buzz: 2 modify; bizz: 5 import");
    world.branch("main", 3, &[("fizz.ocl", "a = 1")]);
    let mut draft = world.edit("main");
    assert_snapshot!(draft.put("fizz", "a = 2").err().unwrap(), @"fizz can't be put into Git at version 5: `fizz` was removed at version 5");
    let options = ocl_migrate::project::LoadOptions { target: Some(3) };
    let mut draft = world.project().load("main", options).unwrap().edit();
    assert_snapshot!(draft.put("bizz", "a = 2").err().unwrap(), @"bizz can't be put into Git at version 3: the server keeps `bizz` itself before version 5");
}

#[test]
fn documents_of_another_projects_folder() {
    // A marker that is no document of the project around it.
    let head = r#"
        catalog "books" { base_path = ".octopus" }
        marker {
          path      = "version.txt"
          attribute = "version"
        }
        document "book" { path = "book/*.ocl" }
    "#;
    let mut world = World::new("book[]: 3 import");
    let steps = [("0003_book", "document = \"book\"\nimport {}")];
    world.catalog = Arc::new(catalog_with(head, &steps).unwrap());
    let markers = [
        (".octopus/version.txt", Some("version = 2")),
        (".octopus/book/version.txt", Some("version = 1")),
    ];
    world.repo.commit("main", None, &markers);
    let mut draft = world.edit("main");
    assert_snapshot!(draft.put("book/new", "a = 2").err().unwrap(), @"book/new can't be put into Git: it belongs at book/new.ocl, and book has a marker of its own: it is another project's folder");
    world.row("book/new", "a = 1", 3);
    let refused = world
        .edit("main")
        .upgrade()
        .commit(request("no"))
        .unwrap_err();
    assert_snapshot!(refused, @"
    a document couldn't be migrated, so nothing is written: mend, replace or remove
    book/new: it belongs at book/new.ocl, and book has a marker of its own: it is another project's folder
    ");
}

#[test]
fn a_branch_newer_than_the_server() {
    let world = World::new(CATALOG);
    world.branch("main", 6, &[]);
    let error = world.project().load_migrated("main").err().unwrap();
    assert_eq!(error.remedy(), Remedy::UpgradeServer);
}

#[test]
fn an_intent_that_was_tampered_with() {
    let world = world();
    let row = Row::new("fizz", "", "a = 1", 3);
    let store = world.store();
    let key = world.key();
    let mut write = store.write(&key).unwrap();
    let intent = Intent {
        ref_name: "refs/heads/main".into(),
        old: None,
        new: world.repo.tip("main").unwrap(),
        target: 5,
        imports: vec![IntentImport {
            kind: "fizz".into(),
            import_version: 3,
            rows: vec![row],
            hash: "no".into(),
        }],
        created: TIME,
    };
    write.put_intent(&intent).unwrap();
    write.commit().unwrap();
    assert_snapshot!(refused(&world, || world.put("main", "buzz", "b = 2").unwrap_err()), @"
    the store's intent 1 is damaged (its rows don't match their hash): restore the store from a backup
    Mend
    ");
}

/// A server whose branches are elsewhere.
struct Remote {
    refuses: bool,
}

impl MoveRef for Remote {
    fn move_ref(&self, update: &RefUpdate) -> MoveOutcome {
        assert_eq!(update.name, "refs/heads/main");
        if self.refuses {
            NotMoved::Stale { found: None }.into()
        } else {
            MoveOutcome::Moved
        }
    }

    fn visibility(&self, past: &PastMove) -> Visibility {
        panic!("nobody left {past:?}");
    }
}

#[test]
fn a_push_that_is_refused_is_a_branch_that_moved() {
    let world = world();
    let push = |refuses| {
        let project = world.project_with(|builder| builder.refs(Arc::new(Remote { refuses })));
        let mut draft = project.load_migrated("main").unwrap().edit();
        draft.put("buzz", "b = 2").unwrap();
        draft.commit(request("Push"))
    };
    assert_snapshot!(refused(&world, || push(true).unwrap_err()), @"
    refs/heads/main has moved since it was loaded: load it again and repeat the change
    LoadAgain
    ");
    let _ = push(false).unwrap();
    assert_eq!(
        world.store_text(),
        "version 5\nsnapshot 3 fizz in shape 3: a = 1"
    );
}

#[test]
fn a_branch_that_no_name_fits() {
    let world = world();
    for name in ["a..b", "refs/tags/x", "-x", "", "@", "HEAD", "refs/heads/@"] {
        let error = world
            .project()
            .draft_new_branch(name, NewBranch::default())
            .err()
            .unwrap();
        assert!(matches!(error, DraftError::Load(_)), "{name}: {error}");
    }
}
