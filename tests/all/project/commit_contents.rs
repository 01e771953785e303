//! What a commit contains: the user's change, the migration and the marker, and nothing else.

use std::sync::{Arc, Mutex};

use crate::support::{TIME, World, ada, explain, request};
use insta::assert_snapshot;
use ocl_migrate::catalog::DocumentName;
use ocl_migrate::git::{EntryKind, Signature};
use ocl_migrate::project::{
    CommitPoint, CommitRequest, DocumentOutcome, DraftError, FileChange, LoadOptions, NewBranch,
    PreparedCommit, Standing, StoreOutcome,
};

/// A branch at 2, with everything that can be in the way.
fn world() -> World {
    let world =
        World::new("fizz: 3 import, 4 modify; buzz: 5 rename; book[]: 4 reject; marker: 3 rename");
    world.repo.commit(
        "main",
        None,
        &[
            ("readme", Some("hello")),
            (
                ".octopus/schema-version.ocl",
                Some("# ours\r\nversion = 2\r\n"),
            ),
            (".octopus/buzz-5.ocl", Some("b = 1")),
            (".octopus/book/one.ocl", Some("n = 1\n")),
            (".octopus/book/two.ocl", Some("n = 2")),
            (".octopus/notes.txt", Some("mine")),
            (".octopus/inner/schema_version.ocl", Some("version = 1")),
            (".octopus/inner/fizz.ocl", Some("another project's")),
        ],
    );
    world.row("fizz", "a = 1", 3);
    world
}

/// The files that differ between two commits, as Git says it.
fn difference(world: &World, from: &str, to: &str) -> String {
    world
        .repo
        .git(&[
            "diff-tree",
            "-r",
            "--no-renames",
            "--raw",
            "--abbrev=4",
            from,
            to,
        ])
        .lines()
        .map(|line| {
            let fields: Vec<&str> = line.split([' ', '\t']).collect();
            format!("{} {} -> {} {}", fields[4], fields[0], fields[1], fields[5])
        })
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn one_commit_holds_the_change_and_the_migration_and_nothing_else() {
    let world = world();
    let before = world.repo.tip("main").unwrap();
    let _ = world.put("main", "book/two", "n = 22").unwrap();
    assert_snapshot!(difference(&world, &before, "main"), @"
    M :100644 -> 100644 .octopus/book/one.ocl
    M :100644 -> 100644 .octopus/book/two.ocl
    D :100644 -> 000000 .octopus/buzz-5.ocl
    A :000000 -> 100644 .octopus/buzz.ocl
    A :000000 -> 100644 .octopus/fizz.ocl
    D :100644 -> 000000 .octopus/schema-version.ocl
    A :000000 -> 100644 .octopus/schema_version.ocl
    ");
    assert_snapshot!(world.repo.text("main"), @"
    .octopus/book/one.ocl: n = 1; v4 = true; 
    .octopus/book/two.ocl: n = 22
    .octopus/buzz.ocl: b = 1
    .octopus/fizz.ocl: a = 1; v4 = true
    .octopus/inner/fizz.ocl: another project's
    .octopus/inner/schema_version.ocl: version = 1
    .octopus/notes.txt: mine
    .octopus/schema_version.ocl: # oursCR; version = 5CR; 
    readme: hello
    ");
    assert_eq!(world.repo.git(&["rev-parse", "main~1"]), before);
}

#[test]
fn two_commits_hold_the_migration_first() {
    let world = world();
    let before = world.repo.tip("main").unwrap();
    let mut draft = world.project().load_migrated("main").unwrap().edit();
    draft.put("book/two", "n = 22").unwrap();
    draft.remove("book/one").unwrap();
    draft.put(".octopus/book/three.ocl", "n = 3").unwrap();
    let committed = draft
        .commit(CommitRequest {
            migration_message: Some("Migrate".into()),
            ..request("Books")
        })
        .unwrap();
    assert_eq!(
        committed.migration_commit.unwrap().to_string(),
        world.repo.git(&["rev-parse", "main~1"])
    );
    assert_snapshot!(difference(&world, &before, "main~1"), @"
    M :100644 -> 100644 .octopus/book/one.ocl
    M :100644 -> 100644 .octopus/book/two.ocl
    D :100644 -> 000000 .octopus/buzz-5.ocl
    A :000000 -> 100644 .octopus/buzz.ocl
    A :000000 -> 100644 .octopus/fizz.ocl
    D :100644 -> 000000 .octopus/schema-version.ocl
    A :000000 -> 100644 .octopus/schema_version.ocl
    ");
    assert_snapshot!(difference(&world, "main~1", "main"), @"
    D :100644 -> 000000 .octopus/book/one.ocl
    A :000000 -> 100644 .octopus/book/three.ocl
    M :100644 -> 100644 .octopus/book/two.ocl
    ");
    assert_eq!(
        world.repo.git(&["log", "--format=%s", "main"]),
        "Books\nMigrate\nfile"
    );
    assert_eq!(
        world.repo.files("main~1")[".octopus/book/two.ocl"],
        "n = 2\nv4 = true"
    );
    assert_eq!(world.repo.files("main")[".octopus/book/two.ocl"], "n = 22");
}

#[test]
fn a_failed_document_is_replaced_or_removed_in_the_first_of_two_commits() {
    let world = world();
    world.repo.commit(
        "main",
        None,
        &[
            (".octopus/book/bad.ocl", Some("broken = 1")),
            (".octopus/book/worse.ocl", Some("= = =")),
        ],
    );
    let before = world.repo.tip("main").unwrap();
    let mut draft = world.edit("main");
    draft.put("book/two", "n = 22").unwrap();
    draft.put("book/bad", "mended = 1").unwrap();
    let refused = draft.prepare(request("Books")).err().unwrap();
    assert_snapshot!(refused, @"
    a document couldn't be migrated, so nothing is written: mend, replace or remove
    book/worse: expected the name of an attribute or block, found `=`
     --> .octopus/book/worse.ocl:1:1
      |
    1 | = = =
      | ^
    ");
    draft.remove("book/worse").unwrap();
    let _ = draft
        .commit(CommitRequest {
            migration_message: Some("Migrate".into()),
            ..request("Books")
        })
        .unwrap();
    assert_eq!(
        world.repo.files("main~1")[".octopus/book/bad.ocl"],
        "mended = 1"
    );
    assert!(
        !world
            .repo
            .files("main~1")
            .contains_key(".octopus/book/worse.ocl")
    );
    assert_snapshot!(difference(&world, "main~1", "main"), @"M :100644 -> 100644 .octopus/book/two.ocl");
    assert_eq!(world.repo.git(&["rev-parse", "main~2"]), before);
}

#[test]
fn modes_are_kept_and_links_are_replaced_by_files() {
    let world = world();
    let blob = world.repo.git(&["rev-parse", "main:.octopus/book/one.ocl"]);
    // An executable document, a link in a document's place, and a submodule outside.
    let index = world.path().join("index");
    let git = |arguments: &[&str]| {
        let mut all = vec!["-c", "core.bare=false"];
        all.extend(arguments);
        let output = std::process::Command::new("git")
            .args(["-C", world.repo.path().to_str().unwrap()])
            .args(all)
            .env("GIT_INDEX_FILE", &index)
            .env("GIT_WORK_TREE", world.path())
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let main = world.repo.tip("main").unwrap();
    git(&["read-tree", "main"]);
    git(&[
        "update-index",
        "--add",
        "--cacheinfo",
        &format!("100755,{blob},.octopus/book/one.ocl"),
    ]);
    git(&[
        "update-index",
        "--add",
        "--cacheinfo",
        &format!("120000,{blob},.octopus/book/link.ocl"),
    ]);
    git(&[
        "update-index",
        "--add",
        "--cacheinfo",
        &format!("160000,{main},vendor"),
    ]);
    let tree = git(&["write-tree"]);
    let commit = world
        .repo
        .git(&["commit-tree", &tree, "-p", "main", "-m", "modes"]);
    world.repo.git(&["update-ref", "refs/heads/main", &commit]);
    let mut draft = world.edit("main");
    let link = draft.loaded().document("book/link").unwrap();
    assert!(matches!(link.outcome, DocumentOutcome::Failed(_)));
    draft.put("book/link", "n = 3").unwrap();
    let _ = draft.commit(request("Modes")).unwrap();
    let modes = world
        .repo
        .git(&["ls-tree", "-r", "--format=%(objectmode) %(path)", "main"]);
    assert_snapshot!(modes, @"
    100644 .octopus/book/link.ocl
    100755 .octopus/book/one.ocl
    100644 .octopus/book/two.ocl
    100644 .octopus/buzz.ocl
    100644 .octopus/fizz.ocl
    100644 .octopus/inner/fizz.ocl
    100644 .octopus/inner/schema_version.ocl
    100644 .octopus/notes.txt
    100644 .octopus/schema_version.ocl
    100644 readme
    160000 vendor
    ");
}

#[test]
fn an_edit_changes_its_own_bytes_only() {
    let world = World::new("buzz: 5 modify");
    world.branch(
        "main",
        5,
        &[("buzz.ocl", "# note\r\nb   = 1 # one\r\nlist = [1,\r\n  2]")],
    );
    let mut draft = world.edit("main");
    draft
        .edit("buzz", |edit| {
            let root = edit.root();
            edit.set(root, "b", 2)?;
            Ok(())
        })
        .unwrap();
    let _ = draft.commit(request("Two")).unwrap();
    assert_eq!(
        world.repo.files("main")[".octopus/buzz.ocl"],
        "# note\r\nb   = 2 # one\r\nlist = [1,\r\n  2]"
    );
}

#[test]
fn who_when_and_why_are_the_callers() {
    let world = world();
    let grace = Signature {
        name: "Grace".into(),
        email: "grace@example.com".into(),
        seconds: TIME + 60,
        offset_minutes: -150,
    };
    let mut draft = world.edit("main");
    draft.put("book/two", "n = 22").unwrap();
    let asked = CommitRequest {
        committer: grace,
        ..CommitRequest::new("Subject\n\nBody\n", ada())
    };
    let first = draft.commit(asked.clone()).unwrap().commit;
    let format = "--format=%an <%ae> %ad%n%cn <%ce> %cd%n%B";
    assert_snapshot!(world.repo.git(&["log", "-1", "--date=raw", format, "main"]), @"
    Ada <ada@example.com> 1700000000 +0000
    Grace <grace@example.com> 1700000060 -0230
    Subject

    Body
    ");
    // The same again, from the same, gives the same bytes.
    world
        .repo
        .git(&["update-ref", "refs/heads/again", "main~1"]);
    let mut draft = world.edit("again");
    draft.put("book/two", "n = 22").unwrap();
    assert_eq!(draft.commit(asked).unwrap().commit, first);
}

#[test]
fn nobody_without_a_name_commits() {
    let world = world();
    for name in ["", " \t"] {
        let mut draft = world.edit("main");
        draft.put("book/two", "n = 22").unwrap();
        let nobody = Signature {
            name: name.into(),
            ..ada()
        };
        let error = draft.commit(CommitRequest::new("Two", nobody));
        let error = error.unwrap_err().to_string();
        assert!(
            error.contains("the signature's name '") && error.contains("it is empty"),
            "{error}"
        );
    }
    assert_eq!(
        world
            .repo
            .git(&["log", "--format=%an", "-1", "main"])
            .trim(),
        "Ada"
    );
}

#[test]
fn what_is_computed_is_not_written() {
    let world = world();
    let state = || {
        let refs = world.repo.git(&["for-each-ref"]);
        let objects = world.repo.git(&["count-objects", "-v"]);
        (refs, objects, world.store_text())
    };
    let before = state();
    let mut draft = world.edit("main");
    draft.put("book/two", "n = 22").unwrap();
    let prepared = draft.prepare(request("Books")).unwrap();
    let effect = prepared.store_effect().unwrap().unwrap();
    assert_eq!(state(), before);
    let shown = |change: &FileChange| {
        let side = |file: &Option<ocl_migrate::project::FileVersion>| match file {
            None => "nothing".to_owned(),
            Some(file) => format!("{} {:?}", file.path, String::from_utf8_lossy(&file.content)),
        };
        let name = change.document.as_ref();
        let name = name.map_or("the marker", DocumentName::as_str);
        format!(
            "{name}: {} -> {}",
            side(&change.before),
            side(&change.after)
        )
    };
    let commits = prepared.commits();
    let lines: Vec<String> = commits
        .iter()
        .flat_map(|commit: &PreparedCommit| commit.files.iter().map(shown))
        .collect();
    assert_snapshot!(lines.join("\n"), @r##"
    fizz: nothing -> .octopus/fizz.ocl "a = 1\nv4 = true"
    buzz: .octopus/buzz-5.ocl "b = 1" -> .octopus/buzz.ocl "b = 1"
    book/one: .octopus/book/one.ocl "n = 1\n" -> .octopus/book/one.ocl "n = 1\nv4 = true\n"
    book/two: .octopus/book/two.ocl "n = 2" -> .octopus/book/two.ocl "n = 22"
    the marker: .octopus/schema-version.ocl "# ours\r\nversion = 2\r\n" -> .octopus/schema_version.ocl "# ours\r\nversion = 5\r\n"
    "##);
    assert_eq!(
        (effect.version_before, effect.version, effect.taken.len()),
        (0, 5, 1)
    );
    // Objects may be written; nobody sees them.
    let written = prepared.write().unwrap();
    assert_eq!(
        world
            .repo
            .git(&["cat-file", "-t", &written.commit().to_string()]),
        "commit"
    );
    assert_eq!((state().0, state().2), (before.0, before.2));
}

#[test]
fn a_document_imported_after_its_kind_was_removed_takes_the_old_ones_place() {
    let world = World::new("fizz: 3 remove, 4 import; buzz: 5 modify");
    world.branch("main", 2, &[("fizz.ocl", "old = 1"), ("buzz.ocl", "b = 1")]);
    world.row("fizz", "new = 1", 4);
    assert_snapshot!(explain(&world.load("main")), @"
    2 to 5
    3 remove_fizz: run
    4 import_fizz: run from the table
    5 modify_buzz: run
    fizz imported: new = 1
    buzz changed: b = 1; v5 = true
    ");
    let _ = world.put("main", "buzz", "b = 2").unwrap();
    assert_eq!(world.repo.files("main")[".octopus/fizz.ocl"], "new = 1");
    assert_eq!(
        world.store_text(),
        "version 5\nsnapshot 4 fizz in shape 4: new = 1"
    );
}

#[test]
fn a_document_moves_unless_something_lies_in_the_way() {
    let world = World::new("book[]: 5 rename");
    world.branch("main", 2, &[("book-5/a.ocl", "a = 1")]);
    let _ = world
        .edit("main")
        .upgrade()
        .commit(request("Move"))
        .unwrap();
    assert_eq!(
        world.repo.files("main").keys().collect::<Vec<_>>(),
        [".octopus/book/a.ocl", ".octopus/schema_version.ocl"]
    );
    // Something of the user's lies in the way.
    world.branch(
        "taken",
        2,
        &[("book-5/a.ocl", "a = 1"), ("book/a.ocl", "mine")],
    );
    let refused = world
        .edit("taken")
        .upgrade()
        .commit(request("Move"))
        .unwrap_err();
    assert_snapshot!(refused, @"
    a document couldn't be migrated, so nothing is written: mend, replace or remove
    book/a: it belongs at book/a.ocl now, and another file has that path: move that file away first
    ");
}

#[test]
fn a_kept_document_wins_over_the_row_which_is_told_of() {
    let world = World::new("fizz: 3 import keep; buzz: 2 modify");
    world.branch("main", 2, &[("fizz.ocl", "mine = 1")]);
    world.row("fizz", "theirs = 1", 3);
    assert_snapshot!(explain(&world.load("main")), @"
    2 to 3
    3 import_keep_fizz: run from the table, keeps fizz
    fizz unchanged: mine = 1
    ");
    let committed = world.put("main", "buzz", "b = 1").unwrap();
    let StoreOutcome::Followed(effect) = committed.store else {
        panic!("{:?}", committed.store);
    };
    assert_eq!(effect.taken[0].standing, Standing::DiffersInGit);
    assert_eq!(world.repo.files("main")[".octopus/fizz.ocl"], "mine = 1");
    assert_eq!(
        world.store_text(),
        "version 3\nsnapshot 3 fizz in shape 3: theirs = 1"
    );
}

#[test]
fn a_target_below_the_servers_is_written_as_such() {
    let world = World::new("fizz: 3 import; buzz: 5 modify");
    world.branch("main", 2, &[("buzz.ocl", "b = 1")]);
    world.row("fizz", "a = 1", 3);
    let loaded = world
        .project()
        .load("main", LoadOptions { target: Some(3) })
        .unwrap();
    let _ = loaded.edit().upgrade().commit(request("To 3")).unwrap();
    assert_eq!(
        world.repo.files("main")[".octopus/schema_version.ocl"],
        "version = 3"
    );
    assert_eq!(
        world.store_text(),
        "version 3\nsnapshot 3 fizz in shape 3: a = 1"
    );
}

#[test]
fn a_new_branch_may_start_from_another() {
    let world = world();
    let options = NewBranch {
        from: Some("main".into()),
        ..NewBranch::default()
    };
    let mut draft = world
        .project()
        .draft_new_branch("feature/x", options.clone())
        .unwrap();
    draft.put("book/two", "n = 22").unwrap();
    let committed = draft.commit(request("Feature")).unwrap();
    assert_eq!(committed.branch, "refs/heads/feature/x");
    assert_eq!(
        world.repo.git(&["rev-parse", "feature/x~1"]),
        world.repo.tip("main").unwrap()
    );
    let exists = world.project().draft_new_branch("feature/x", options);
    assert!(matches!(exists, Err(DraftError::BranchExists { .. })));
}

#[test]
fn a_document_is_named_or_given_by_its_path() {
    let world = world();
    let mut draft = world.edit("main");
    for name in ["book/new", "book/new.ocl", ".octopus/book/new.ocl"] {
        draft.put(name, format!("from = \"{name}\"")).unwrap();
    }
    let prepared = draft.prepare(request("New")).unwrap();
    let new: Vec<_> = prepared.commits()[0]
        .files
        .iter()
        .filter(|file| {
            file.document
                .as_ref()
                .is_some_and(|name| name.as_str().starts_with("book/new"))
        })
        .map(|file| {
            (
                file.document.as_ref().map(DocumentName::as_str),
                file.after.as_ref().map(|file| (&*file.path, file.mode)),
            )
        })
        .collect();
    let path = ".octopus/book/new.ocl";
    assert_eq!(new, [(Some("book/new"), Some((path, EntryKind::Blob)))]);
}

/// What is seen at every step of a commit to `main`.
fn seen_at_every_step(
    world: &World,
    look: impl Fn(&World) -> String + Send + Sync + 'static,
) -> Vec<(CommitPoint, String)> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (notes, folder) = (seen.clone(), world.path().to_owned());
    let hook = move |point| {
        let other = World::at(&folder, "fizz: 3 import");
        notes.lock().unwrap().push((point, look(&other)));
        Ok(())
    };
    let project = world.project_with(|builder| builder.commit_hook(Arc::new(hook)));
    let mut draft = project.load_migrated("main").unwrap().edit();
    draft.put("book/two", "n = 22").unwrap();
    draft.put("fizz", "mine = 1").unwrap();
    let _ = draft.commit(request("Books")).unwrap();
    let seen = seen.lock().unwrap().clone();
    assert_eq!(
        seen.len(),
        CommitPoint::ALL.len() - 1,
        "all but what a rival brings about"
    );
    seen
}

#[test]
fn invariant_4_the_ref_update_is_when_a_commit_becomes_visible() {
    let world = world();
    let refs = |world: &World| world.repo.git(&["for-each-ref"]);
    let before = refs(&world);
    for (point, refs) in seen_at_every_step(&world, refs) {
        let is_moved = matches!(point, CommitPoint::RefMoved | CommitPoint::SecondCommitted);
        assert_eq!(refs != before, is_moved, "{point}");
    }
}

#[test]
fn invariant_5_nothing_leaves_the_table_without_a_snapshot() {
    let world = world();
    for (point, store) in seen_at_every_step(&world, World::store_text) {
        let (in_table, in_snapshot) = (
            "table fizz in shape 3: a = 1",
            "snapshot 3 fizz in shape 3: a = 1",
        );
        let is_done = point == CommitPoint::SecondCommitted;
        assert_eq!(store.contains(in_snapshot), is_done, "{point}: {store}");
        assert_eq!(store.contains(in_table), !is_done, "{point}: {store}");
        // What Git holds never feeds the store.
        assert!(
            !store.contains("mine") && !store.contains("n = "),
            "{point}: {store}"
        );
    }
}
