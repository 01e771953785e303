//! Paths that not every system can check out, or that collide with what is there, are refused: by a commit and by its dry
//! run alike, with the path and what to do. What Git holds already is the user's own.

use std::sync::Arc;

use crate::support::{World, catalog_with, explain, request};
use insta::assert_snapshot;
use ocl_migrate::project::{CommitError, Draft, NewBranch, Project, Remedy};

const CATALOG: &str =
    "fizz: 3 import, 4 modify; buzz: 5 modify; book[]: 2 modify; page[]: 3 import";

fn world(files: &[(&str, &str)]) -> World {
    let world = World::new(CATALOG);
    world.branch("main", 2, files);
    world
}

/// What putting a document says; a commit and its dry run never come that far.
fn put(world: &World, name: &str) -> String {
    let error = world.edit("main").put(name, "a = 1").err().unwrap();
    error.to_string()
}

/// What committing says, and its dry run; nothing of it is seen.
fn refused(world: &World, draft: &Draft) -> String {
    let state = || (world.repo.git(&["for-each-ref"]), world.store_text());
    let before = state();
    let dry = draft.prepare(request("dry")).err().unwrap();
    let real = draft.commit(request("real")).unwrap_err();
    assert_eq!(dry.to_string(), real.to_string());
    assert_eq!(real.remedy(), Remedy::Mend);
    assert_eq!(state(), before);
    real.to_string()
}

#[test]
fn files_that_no_kind_claims_are_in_the_way_too() {
    let world = world(&[
        ("buzz.ocl/readme", "a folder"),
        ("book/new.OCL", "another ending"),
        ("Page", "a file"),
    ]);
    assert_snapshot!(put(&world, "buzz"), @"buzz can't be put into Git: it belongs at buzz.ocl, and there is a folder at this path, with buzz.ocl/readme: move that away first");
    assert_snapshot!(put(&world, "book/new"), @"book/new can't be put into Git: it belongs at book/new.ocl, which differs from book/new.OCL in upper and lower case only, so that they would be one file on many disks: choose another name, or rename the other");
    world.row("page/first", "p = 1", 3);
    let mut draft = world.edit("main");
    assert_snapshot!(refused(&world, draft.upgrade()), @"
    a document couldn't be migrated, so nothing is written: mend, replace or remove
    page/first: it belongs at page/first.ocl, and Page lies where a folder must be: move that away first
    ");
}

#[test]
fn a_file_where_a_folder_must_be() {
    let world = world(&[("book", "a file"), ("BUZZ.ocl", "in capitals")]);
    assert_snapshot!(put(&world, "book/new"), @"book/new can't be put into Git: it belongs at book/new.ocl, and book lies where a folder must be: move that away first");
    assert_snapshot!(put(&world, "buzz"), @"buzz can't be put into Git: it belongs at buzz.ocl, which differs from BUZZ.ocl in upper and lower case only, so that they would be one file on many disks: choose another name, or rename the other");
}

#[test]
fn names_that_windows_cannot_check_out() {
    let world = world(&[("buzz.ocl", "b = 1")]);
    let names = [
        "con",
        "Aux",
        "nul.backup",
        "com7",
        "lpt\u{b9}",
        "conin$",
        "a:b",
        "a?b",
        "a*b",
        "a<b",
        "a|b",
        "a\"b",
    ];
    let said = names.map(|name| put(&world, &format!("book/{name}")));
    assert_snapshot!(said.join("\n"), @r#"
    book/con can't be put into Git: it belongs at book/con.ocl, and `con.ocl` is a device on Windows: choose another name
    book/Aux can't be put into Git: it belongs at book/Aux.ocl, and `Aux.ocl` is a device on Windows: choose another name
    book/nul.backup can't be put into Git: it belongs at book/nul.backup.ocl, and `nul.backup.ocl` is a device on Windows: choose another name
    book/com7 can't be put into Git: it belongs at book/com7.ocl, and `com7.ocl` is a device on Windows: choose another name
    book/lpt¹ can't be put into Git: it belongs at book/lpt¹.ocl, and `lpt¹.ocl` is a device on Windows: choose another name
    book/conin$ can't be put into Git: it belongs at book/conin$.ocl, and `conin$.ocl` is a device on Windows: choose another name
    book/a:b can't be put into Git: it belongs at book/a:b.ocl, and `a:b.ocl` holds a `:`, which Windows doesn't allow: choose another name
    book/a?b can't be put into Git: it belongs at book/a?b.ocl, and `a?b.ocl` holds a `?`, which Windows doesn't allow: choose another name
    book/a*b can't be put into Git: it belongs at book/a*b.ocl, and `a*b.ocl` holds a `*`, which Windows doesn't allow: choose another name
    book/a<b can't be put into Git: it belongs at book/a<b.ocl, and `a<b.ocl` holds a `<`, which Windows doesn't allow: choose another name
    book/a|b can't be put into Git: it belongs at book/a|b.ocl, and `a|b.ocl` holds a `|`, which Windows doesn't allow: choose another name
    book/a"b can't be put into Git: it belongs at book/a"b.ocl, and `a"b.ocl` holds a `"`, which Windows doesn't allow: choose another name
    "#);
    let long = put(&world, &format!("book/{}", "x".repeat(252)));
    assert!(
        long.ends_with(
            "and a name of 256 bytes is too long, 255 are possible: choose another name"
        ),
        "{long}"
    );
    // No path of a catalog may hold these, on any system.
    for control in ["a\\b", "a\u{1}b", "a\u{7f}b"] {
        let said = put(&world, &format!("book/{control}"));
        assert!(said.contains("which no path may have"), "{said}");
    }
    let mut draft = world.edit("main");
    for fine in [
        "console",
        "com",
        "com10",
        "a b",
        ".gitlab",
        "\u{e4}",
        &"x".repeat(251),
    ] {
        draft.put(&format!("book/{fine}"), "a = 1").unwrap();
    }
    let _ = draft.commit(request("fine")).unwrap();
}

#[test]
fn what_an_import_brings_in_is_held_to_the_same() {
    let world = world(&[("buzz.ocl", "b = 1")]);
    world.row("page/aux", "p = 1", 3);
    world.row("page/fine", "p = 1", 3);
    let mut draft = world.edit("main");
    assert_snapshot!(refused(&world, draft.upgrade()), @"
    a document couldn't be migrated, so nothing is written: mend, replace or remove
    page/aux: it belongs at page/aux.ocl, and `aux.ocl` is a device on Windows: choose another name
    ");
    // Reading goes on, and names the document.
    let loaded = world.load("main");
    assert!(loaded.document("page/fine").unwrap().error().is_none());
    assert!(loaded.document("page/aux").unwrap().error().is_some());
}

#[test]
fn what_git_holds_is_the_users_own() {
    let world = world(&[
        ("book/con.ocl", "n = 1"),
        ("book/A.ocl", "n = 1"),
        ("book/a.ocl", "n = 1"),
        ("book/a:b/c", "not a document"),
        ("Buzz.ocl", "in capitals"),
        ("buzz.ocl", "b = 1"),
    ]);
    let mut draft = world.edit("main");
    for name in ["book/con", "book/A", "book/a", "buzz"] {
        draft.put(name, "n = 2").unwrap();
    }
    let _ = draft.commit(request("edited")).unwrap();
    assert_eq!(world.repo.files("main")[".octopus/book/con.ocl"], "n = 2");
}

#[test]
fn a_document_that_goes_makes_room() {
    let world = world(&[("book/Taken.ocl", "n = 1")]);
    let mut draft = world.edit("main");
    assert_snapshot!(draft.put("book/taken", "n = 2").err().unwrap(), @"book/taken can't be put into Git: it belongs at book/taken.ocl, which differs from book/Taken.ocl in upper and lower case only, so that they would be one file on many disks: choose another name, or rename the other");
    draft.remove("book/Taken").unwrap();
    draft.put("book/taken", "n = 2").unwrap();
    // Now it is the other one that has no room.
    assert_snapshot!(draft.put("book/Taken", "n = 3").err().unwrap(), @"book/Taken can't be put into Git: it belongs at book/Taken.ocl, which differs from book/taken.ocl in upper and lower case only, so that they would be one file on many disks: choose another name, or rename the other");
    let _ = draft.commit(request("renamed")).unwrap();
    let files = world.repo.files("main");
    assert!(files.contains_key(".octopus/book/taken.ocl"), "{files:?}");
    assert!(!files.contains_key(".octopus/book/Taken.ocl"), "{files:?}");
}

#[test]
fn the_marker_is_held_to_the_same() {
    for (file, said) in [
        (
            "schema_version.OCL/x",
            "there is a folder at this path, with schema_version.OCL/x",
        ),
        (
            "Schema_Version.OCL",
            "differs from Schema_Version.OCL in upper and lower case only",
        ),
    ] {
        let world = World::new(CATALOG);
        let path = format!(".octopus/{file}");
        world.repo.commit("main", None, &[(&path, Some("x"))]);
        let mut draft = world.edit("main");
        let refused = refused(&world, draft.upgrade());
        assert!(
            refused.starts_with("the marker can't be put into Git"),
            "{refused}"
        );
        assert!(refused.contains(said), "{refused}");
    }
}

/// A new base path lies beside everything else in the repository.
#[test]
fn a_base_path_is_held_to_the_same() {
    let world = World::new(CATALOG);
    world.repo.commit(
        "main",
        None,
        &[
            ("file", Some("x")),
            (".Octopus/schema_version.ocl", Some("version = 5")),
            ("apps/web/README.md", Some("x")),
        ],
    );
    let at = |base_path: &str| -> Result<(), CommitError> {
        let builder = Project::builder(world.repo.open(), world.catalog.clone());
        let project = builder.base_path(base_path).build().unwrap();
        let options = NewBranch {
            from: Some("main".into()),
            ..NewBranch::default()
        };
        let mut draft = project.draft_new_branch("new", options)?;
        draft.put("buzz", "b = 1")?;
        draft.prepare(request("dry")).map(drop)
    };
    let said = [
        ".octopus", "file/web", "FILE", "Apps/web", "con", "a/aux.d", "a./b",
    ]
    .map(|base_path| at(base_path).unwrap_err().to_string());
    assert_snapshot!(said.join("\n"), @"
    .octopus can't be put into Git: `.octopus` differs from `.Octopus`, which is there, in upper and lower case only: choose another base path, or rename the other
    file/web can't be put into Git: `file` is a file where a folder must be: move that away first
    FILE can't be put into Git: `FILE` differs from `file`, which is there, in upper and lower case only: choose another base path, or rename the other
    Apps/web can't be put into Git: `Apps` differs from `apps`, which is there, in upper and lower case only: choose another base path, or rename the other
    con can't be put into Git: `con` is a device on Windows: choose another base path
    a/aux.d can't be put into Git: `aux.d` is a device on Windows: choose another base path
    a./b can't be put into Git: `a.` ends with a blank or a dot, which Windows doesn't allow: choose another base path
    ");
    for fine in ["apps/web", "apps/mobile", ".octopus2"] {
        let refused = at(fine).err();
        // Past the check of paths there is no store to import from.
        assert!(
            matches!(refused, Some(CommitError::NoStore { .. })),
            "{fine}: {refused:?}"
        );
    }
}

#[test]
fn a_document_that_has_the_name_of_a_marker_is_a_document() {
    let head = r#"
        catalog "names" { base_path = ".octopus" }
        document "note" { path = "notes/**/*.ocl" }
    "#;
    let step = "document = \"note\"\nmodify {\n  rename = { text = \"body\" }\n}";
    let mut world = World::new("fizz: 1 modify");
    world.catalog = Arc::new(catalog_with(head, &[("0002_body", step)]).unwrap());
    let files = [
        ("notes/a.ocl", "text = \"A\""),
        ("notes/schema_version.ocl", "text = \"B\""),
        ("notes/team/schema_version.ocl", "version = 1"),
    ];
    world.branch("main", 1, &files);
    world.repo.git(&["branch", "other", "main"]);
    let project = Project::builder(world.repo.open(), world.catalog.clone())
        .build()
        .unwrap();
    assert_snapshot!(explain(&project.load_migrated("main").unwrap()), @r#"
    1 to 2
    2 body: run
    note/a changed: body = "A"
    note/schema_version changed: body = "B"
    note/team/schema_version unchanged: version = 1
    "#);
    // Restoring a whole branch doesn't take what lies beside such a document for another project's.
    let c = [(".octopus/notes/c.ocl", Some("text = \"C\""))];
    world.repo.commit("main", None, &c);
    let mut draft = world.edit("main");
    let _ = draft.upgrade().commit(request("Upgrade")).unwrap();
    assert_snapshot!(world.repo.text("main"), @r#"
    .octopus/notes/a.ocl: body = "A"
    .octopus/notes/c.ocl: body = "C"
    .octopus/notes/schema_version.ocl: body = "B"
    .octopus/notes/team/schema_version.ocl: version = 1
    .octopus/schema_version.ocl: version = 2
    "#);
    let _ = world.put("other", "note/d", "body = \"D\"").unwrap();
    assert_snapshot!(world.repo.text("other"), @r#"
    .octopus/notes/a.ocl: body = "A"
    .octopus/notes/d.ocl: body = "D"
    .octopus/notes/schema_version.ocl: body = "B"
    .octopus/notes/team/schema_version.ocl: version = 1
    .octopus/schema_version.ocl: version = 2
    "#);
}
