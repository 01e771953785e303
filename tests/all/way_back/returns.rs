//! Removes that say from where their documents come back.

use std::sync::Arc;

use crate::support::{World, catalog_with, explain, request};
use insta::assert_snapshot;
use ocl_migrate::catalog::Catalog;
use ocl_migrate::git::RefScope;
use ocl_migrate::project::{LoadOptions, Loaded, Project, RehearsalGroups};

const HEAD: &str = r#"
catalog "returns" { base_path = ".octopus" }
document "fizz" { path = "fizz.ocl" }
document "buzz" { path = "buzz.ocl" }
document "note" { path = "notes/*.ocl" }
"#;

/// Notes and buzz end at 4; before, notes lose nothing at 2 and 3. Notes come from the server again at 6.
const STEPS: [(&str, &str); 7] = [
    (
        "0002_text",
        "document = \"note\"\nmodify {\n  rename = { text = \"body\" }\n}",
    ),
    (
        "0003_width",
        "document = \"note\"\nmodify {\n  convert = { width = value + 10 }\n}",
    ),
    (
        "0003_buzz",
        "document = \"buzz\"\nmodify {\n  rename = { a = \"b\" }\n}",
    ),
    (
        "0004_notes",
        "document = \"note\"\nremove {}\ndown {\n  from = \"history\"\n}",
    ),
    (
        "0004_buzz",
        "document = \"buzz\"\nremove {}\ndown {\n  content = <<-EOT\n    b = 1\n    cost = \"$${x}\"\n  EOT\n}",
    ),
    (
        "0005_color",
        "document = \"fizz\"\nmodify {\n  rename = { colour = \"color\" }\n}",
    ),
    ("0006_notes_again", "document = \"note\"\nimport {}"),
];

fn catalog(steps: &[(&str, &str)]) -> Result<Catalog, String> {
    catalog_with(HEAD, steps)
}

/// A server that knows the first so many steps.
fn world(steps: usize) -> World {
    let mut world = World::new("fizz: 1 modify");
    world.catalog = Arc::new(catalog(&STEPS[..steps]).unwrap());
    world
}

fn at(world: &World, branch: &str, to: u32) -> Loaded {
    let options = LoadOptions { target: Some(to) };
    world.project().load(branch, options).unwrap()
}

fn warnings(loaded: &Loaded) -> String {
    let warnings: Vec<String> = loaded.warnings().iter().map(ToString::to_string).collect();
    warnings.join("\n")
}

/// A branch whose notes were last edited at 3, and removed with everything else on the way to 5.
fn upgraded(world: &World) {
    let files = [
        ("fizz.ocl", "colour = \"red\""),
        ("buzz.ocl", "a = 7"),
        ("notes/a.ocl", "text = \"A\"\nwidth = 1\n"),
        ("notes/b.ocl", "text = \"B\"\n"),
    ];
    world.branch("main", 1, &files);
    world.repo.git(&["branch", "at-1", "main"]);
    world.repo.commit(
        "main",
        None,
        &[
            (".octopus/schema_version.ocl", Some("version = 3")),
            (".octopus/buzz.ocl", Some("b = 7")),
            (
                ".octopus/notes/a.ocl",
                Some("body = \"A, edited\"\nwidth = 20\n"),
            ),
            (".octopus/notes/b.ocl", Some("body = \"B\"\n")),
            (".octopus/notes/c.ocl", Some("body = \"C\"\n")),
        ],
    );
    let mut draft = world.edit("main");
    let _ = draft.upgrade().commit(request("Upgrade")).unwrap();
}

#[test]
fn documents_come_back_as_the_branch_last_held_them() {
    let world = world(6);
    upgraded(&world);
    assert_snapshot!(explain(&world.load("main")), @r#"
    5 to 5
    fizz unchanged: color = "red"
    "#);
    assert_snapshot!(explain(&at(&world, "main", 3)), @r#"
    5 to 3
    5 color: run
    4 notes: run from the history
    4 buzz: run from the step
    fizz changed: colour = "red"
    buzz brought_back: b = 1; cost = "${x}"; 
    note/a brought_back: body = "A, edited"; width = 20; 
    note/b brought_back: body = "B"; 
    note/c brought_back: body = "C";
    "#);
    assert_snapshot!(explain(&at(&world, "main", 1)), @r#"
    5 to 1
    5 color: run
    4 notes: run from the history
    4 buzz: run from the step
    3 width: run
    3 buzz: run
    2 text: run
    fizz changed: colour = "red"
    buzz brought_back: a = 1; cost = "${x}"; 
    note/a brought_back: text = "A, edited"; width = 10; 
    note/b brought_back: text = "B"; 
    note/c brought_back: text = "C";
    "#);
    assert_snapshot!(explain(&at(&world, "main", 4)), @r#"
    5 to 4
    5 color: run
    fizz changed: colour = "red"
    "#);
}

#[test]
fn a_downgrade_writes_them_and_the_branch_loads_upward_as_before() {
    let world = world(6);
    upgraded(&world);
    let before = explain(&world.load("main"));
    let mut draft = at(&world, "main", 2).edit();
    draft.downgrade();
    let _ = draft.commit(request("Back to 2")).unwrap();
    assert_snapshot!(world.repo.text("main"), @r#"
    .octopus/buzz.ocl: a = 1; cost = "${x}"; 
    .octopus/fizz.ocl: colour = "red"
    .octopus/notes/a.ocl: body = "A, edited"; width = 10; 
    .octopus/notes/b.ocl: body = "B"; 
    .octopus/notes/c.ocl: body = "C"; 
    .octopus/schema_version.ocl: version = 2
    "#);
    let after = explain(&world.load("main"));
    assert_snapshot!(after, @r#"
    2 to 5
    3 buzz: run
    3 width: run
    4 buzz: run
    4 notes: run
    5 color: run
    fizz changed: color = "red"
    buzz removed
    note/a removed
    note/b removed
    note/c removed
    "#);
    assert!(
        before.ends_with("fizz unchanged: color = \"red\""),
        "{before}"
    );
    // What is edited there is what comes back the next time.
    let _ = world.put("main", "fizz", "color = \"blue\"").unwrap();
    assert_snapshot!(explain(&at(&world, "main", 2)), @r#"
    5 to 2
    5 color: run
    4 notes: run from the history
    4 buzz: run from the step
    3 width: run
    3 buzz: run
    fizz changed: colour = "blue"
    buzz brought_back: a = 1; cost = "${x}"; 
    note/a brought_back: body = "A, edited"; width = 10; 
    note/b brought_back: body = "B"; 
    note/c brought_back: body = "C";
    "#);
}

/// The same tree with another past is another result, in one project with one memory.
#[test]
fn the_result_is_that_of_the_commit_not_of_its_tree() {
    let world = world(6);
    upgraded(&world);
    // The same files, without the history.
    let tree = world.repo.git(&["rev-parse", "main^{tree}"]);
    let commit = world.repo.git(&["commit-tree", "-m", "squashed", &tree]);
    world.repo.git(&["branch", "squashed", &commit]);
    let commit = world
        .repo
        .git(&["commit-tree", "-m", "other", "-p", "at-1", &tree]);
    world.repo.git(&["branch", "other", &commit]);
    let project = world.project();
    let options = LoadOptions { target: Some(3) };
    let load = |branch: &str| project.load(branch, options).unwrap();
    let first = explain(&load("main"));
    assert_snapshot!(explain(&load("other")), @r#"
    5 to 3
    5 color: run
    4 notes: run from the history
    4 buzz: run from the step
    fizz changed: colour = "red"
    buzz brought_back: b = 1; cost = "${x}"; 
    note/a brought_back: body = "A"; width = 11; 
    note/b brought_back: body = "B";
    "#);
    let squashed = load("squashed");
    assert_snapshot!(explain(&squashed), @r#"
    5 to 3
    5 color: run
    4 notes: run from the history
    4 buzz: run from the step
    fizz changed: colour = "red"
    buzz brought_back: b = 1; cost = "${x}";
    "#);
    assert_snapshot!(warnings(&squashed), @"the result is without `note`: version 4 removed it, and the branch's history has no commit from before that");
    assert_eq!(explain(&load("main")), first);
    // Neither does a rehearsal take one for the other.
    let mut rehearsal = project.rehearsal(options);
    rehearsal.add_scope(RefScope::Branches).unwrap();
    let rehearsed = rehearsal.run();
    let groups = RehearsalGroups::of(&[rehearsed]);
    let groups = groups.groups.iter().map(|group| {
        let (count, about) = (group.members.len(), group.traits.join(", "));
        format!("{count} at {:?}: {about}", group.branch_version)
    });
    assert_snapshot!(groups.collect::<Vec<_>>().join("\n"), @"
    2 at Some(5): buzz comes back from the step, fizz changes in step 5 color, note comes back from the history
    1 at Some(1): buzz changes in step 3 buzz, note changes in step 2 text, note changes in step 3 width
    1 at Some(5): buzz comes back from the step, fizz changes in step 5 color
    ");
}

/// A step of another kind reads what came back, as it stood at the step's own place.
#[test]
fn what_came_back_is_read_on_the_way_down() {
    let mut steps = STEPS[..6].to_vec();
    let body = "document = \"fizz\"\nreads = [\"note\"]\nmodify {\n  remove = [\"copy\"]\n}\n\
                down {\n  default = { copy = \"${documents.note.a.body}, ${documents.note.a.width}\" }\n}";
    steps.insert(1, ("0003_a_copy", body));
    let mut world = world(6);
    world.catalog = Arc::new(catalog(&steps).unwrap());
    upgraded(&world);
    assert_snapshot!(explain(&at(&world, "main", 2)), @r#"
    5 to 2
    5 color: run
    4 notes: run from the history
    4 buzz: run from the step
    3 width: run
    3 buzz: run
    3 a_copy: run
    fizz changed: colour = "red"; copy = "A, edited, 10"
    buzz brought_back: a = 1; cost = "${x}"; 
    note/a brought_back: body = "A, edited"; width = 10; 
    note/b brought_back: body = "B"; 
    note/c brought_back: body = "C";
    "#);
    // Another past of the same tree is another result for who reads it, in one memory.
    let tree = world.repo.git(&["rev-parse", "main^{tree}"]);
    let edit = [(".octopus/notes/a.ocl", Some("body = \"B\"\nwidth = 30\n"))];
    world.repo.commit("edited", Some("main~1"), &edit);
    let commit = world
        .repo
        .git(&["commit-tree", "-m", "same", "-p", "edited", &tree]);
    world.repo.git(&["branch", "same", &commit]);
    let project = world.project();
    let copies: Vec<String> = ["main", "same", "main"]
        .iter()
        .map(|branch| {
            let options = LoadOptions { target: Some(2) };
            let loaded = project.load(branch, options).unwrap();
            let text = loaded.content(loaded.document("fizz").unwrap()).unwrap();
            String::from_utf8(text.unwrap())
                .unwrap()
                .replace('\n', "; ")
        })
        .collect();
    assert_snapshot!(copies.join("\n"), @r#"
    colour = "red"; copy = "A, edited, 10"
    colour = "red"; copy = "B, 20"
    colour = "red"; copy = "A, edited, 10"
    "#);
    // What was last held below the step's version can't be read by it.
    let commit = world
        .repo
        .git(&["commit-tree", "-m", "other", "-p", "at-1", &tree]);
    world.repo.git(&["branch", "other", &commit]);
    assert_snapshot!(explain(&at(&world, "other", 2)), @r#"
    5 to 2
    5 color: run
    4 notes: run from the history
    4 buzz: run from the step
    3 width: run
    3 buzz: run
    3 a_copy: run
    fizz failed: step 3 a_copy (0003_a_copy/step.hcl): it reads `note/a`, which is in shape 1, below this step's version (at the document)
    buzz brought_back: a = 1; cost = "${x}"; 
    note/a brought_back: body = "A"; width = 1; 
    note/b brought_back: body = "B";
    "#);
}

/// What comes back crosses versions of its own on its way to the target.
#[test]
fn versions_that_nobody_knows_are_crossed_by_what_comes_back_too() {
    let head = HEAD.replace(
        "base_path = \".octopus\"",
        "\n  base_path = \".octopus\"\n  unknown_versions = [2]\n",
    );
    let mut world = world(6);
    world.catalog = Arc::new(catalog_with(&head, &[STEPS[1], STEPS[3]]).unwrap());
    world.branch("main", 1, &[("notes/a.ocl", "width = 1")]);
    let marker = ".octopus/schema_version.ocl";
    let files = [
        (marker, Some("version = 4")),
        (".octopus/notes/a.ocl", None),
    ];
    world.repo.commit("main", None, &files);
    let loaded = at(&world, "main", 3);
    assert_snapshot!(explain(&loaded), @"
    4 to 3
    4 notes: run from the history
    note/a brought_back: width = 11
    ");
    assert_snapshot!(warnings(&loaded), @"the result may be incomplete: version 2 is not in this catalog");
    let mut draft = loaded.edit();
    draft.downgrade();
    assert_snapshot!(draft.commit(request("Down")).unwrap_err(), @"version 2 is not in this catalog, so the result may be incomplete: accept that by number to write it nevertheless");
}

/// The newest commit that the branch itself went, and that is below the remove.
#[test]
fn history_is_the_branchs_own() {
    let world = world(6);
    let note = ".octopus/notes/a.ocl";
    let marker = ".octopus/schema_version.ocl";
    let commit = |branch: &str, from: Option<&str>, files: &[(&str, Option<&str>)]| {
        world.repo.commit(branch, from, files)
    };
    let body = |text: &str| format!("body = \"{text}\"\n");
    let (one, two) = (body("one"), body("two"));
    commit(
        "main",
        None,
        &[(marker, Some("version = 3")), (note, Some(&one))],
    );
    // A side branch edits the note while the main line is upgraded, and is merged then.
    commit("side", Some("main"), &[(note, Some(&two))]);
    commit("main", None, &[(marker, Some("version = 5")), (note, None)]);
    let tree = world.repo.git(&["rev-parse", "main^{tree}"]);
    let parents = |first: &str, second: &str| {
        let arguments = [
            "commit-tree",
            "-m",
            "merge",
            "-p",
            first,
            "-p",
            second,
            &tree,
        ];
        world.repo.git(&arguments)
    };
    world
        .repo
        .git(&["branch", "merged", &parents("main", "side")]);
    world
        .repo
        .git(&["branch", "merged-into-side", &parents("side", "main")]);
    // A marker that nobody can read says nothing, and what lies behind one does.
    commit("broken", Some("merged"), &[(marker, Some("version = "))]);
    commit("broken", None, &[(marker, Some("version = 5"))]);
    // A folder that was taken away and begun again is another project.
    commit("again", Some("main"), &[(marker, None)]);
    commit("again", None, &[(marker, Some("version = 5"))]);
    // Content that can't be read then fails alone.
    commit(
        "odd",
        Some("side"),
        &[
            (note, Some("body = ")),
            (".octopus/notes/b.ocl", Some(&two)),
        ],
    );
    commit(
        "odd",
        None,
        &[
            (marker, Some("version = 5")),
            (note, None),
            (".octopus/notes/b.ocl", None),
        ],
    );
    let mut told = String::new();
    for branch in [
        "main",
        "merged",
        "merged-into-side",
        "broken",
        "again",
        "odd",
    ] {
        let loaded = at(&world, branch, 2);
        let notes = explain(&loaded);
        let notes = notes.lines().filter(|line| line.starts_with("note/"));
        let notes: Vec<&str> = notes.collect();
        told += &format!("{branch}: {}\n", notes.join(" | "));
    }
    assert_snapshot!(told, @r#"
    main: note/a brought_back: body = "one"; 
    merged: note/a brought_back: body = "one"; 
    merged-into-side: note/a brought_back: body = "two"; 
    broken: note/a brought_back: body = "one"; 
    again: 
    odd: note/a failed: expected a value (a string in quotes, a heredoc, a number, `true`, `false`, `null`, `[` or `{`), found the end of the file | note/b brought_back: body = "two";
    "#);
}

#[test]
fn below_a_later_import_they_come_back_too_and_newer_ones_are_left_out() {
    let world = world(7);
    upgraded(&world);
    world.repo.commit(
        "main",
        None,
        &[(".octopus/notes/a.ocl", Some("title = \"another life\"\n"))],
    );
    let loaded = at(&world, "main", 3);
    assert_snapshot!(explain(&loaded), @r#"
    6 to 3
    6 notes_again: run
    5 color: run
    4 notes: run from the history
    4 buzz: run from the step
    fizz changed: colour = "red"
    buzz brought_back: b = 1; cost = "${x}"; 
    note/a brought_back: body = "A, edited"; width = 20; 
    note/b brought_back: body = "B"; 
    note/c brought_back: body = "C";
    "#);
    assert_snapshot!(warnings(&loaded), @"the result is without note/a: at version 3 the server keeps it itself, and edits since then are in this branch only");
    // Between the two lives there is none.
    assert_snapshot!(explain(&at(&world, "main", 5)), @r#"
    6 to 5
    6 notes_again: run
    fizz unchanged: color = "red"
    note/a left_out
    "#);
    let mut draft = at(&world, "main", 3).edit();
    draft.downgrade();
    assert_snapshot!(draft.commit(request("Down")).unwrap_err(), @"below version 6 the server keeps `note` itself, and newer edits are in this branch only: version 3 can be shown, but not written; nothing below the branch's version 6 can be written");
}

#[test]
fn a_document_in_the_way_is_refused() {
    let world = world(6);
    upgraded(&world);
    world
        .repo
        .commit("main", None, &[(".octopus/notes/a.ocl", Some("x = 1"))]);
    assert_snapshot!(explain(&at(&world, "main", 3)), @r#"
    5 to 3
    5 color: run
    4 notes: run from the history
    4 buzz: run from the step
    fizz changed: colour = "red"
    buzz brought_back: b = 1; cost = "${x}"; 
    note/a failed: step 4 notes (0004_notes/step.hcl): documents of this kind don't exist from this version on, but the branch has one: delete it from the branch (at the document)
    note/b brought_back: body = "B"; 
    note/c brought_back: body = "C";
    "#);
}

#[test]
fn an_older_server_reads_them_with_the_steps_of_the_newer_one() {
    let world = world(6);
    upgraded(&world);
    let older = Project::builder(world.repo.open(), Arc::new(catalog(&STEPS[..2]).unwrap()))
        .base_path(".octopus")
        .store(Arc::new(world.store()))
        .build()
        .unwrap();
    let loaded = older.load_migrated("main").unwrap();
    assert!(loaded.newer_steps().is_some());
    assert_snapshot!(explain(&loaded), @r#"
    5 to 3
    5 color: run
    4 notes: run from the history
    4 buzz: run from the step
    fizz changed: colour = "red"
    buzz brought_back: b = 1; cost = "${x}"; 
    note/a brought_back: body = "A, edited"; width = 20; 
    note/b brought_back: body = "B"; 
    note/c brought_back: body = "C";
    "#);
    // It can't tell by itself that history matters; the steps in the store do.
    let mut rehearsal = older.rehearsal(LoadOptions::default());
    rehearsal.add_scope(RefScope::Branches).unwrap();
    let rehearsed = rehearsal.run();
    assert_eq!(rehearsed.len(), 2);
}

#[test]
fn the_plan_says_from_where_documents_come_back() {
    let world = world(6);
    upgraded(&world);
    let loaded = at(&world, "main", 2);
    let catalog = loaded.project().catalog();
    let rows = loaded.plan().rows.iter().map(|row| {
        let step = &catalog.steps()[row.step];
        format!(
            "{} {}: {}",
            step.version(),
            step.name(),
            ocl_migrate::report::describe_decision(row, step)
        )
    });
    assert_snapshot!(rows.collect::<Vec<_>>().join("\n"), @"
    5 color: undo
    4 notes: undo, the documents come back as the branch's history has them
    4 buzz: undo, the document comes back from the step
    3 width: undo
    3 buzz: undo
    ");
}

#[test]
fn what_a_remove_says_is_checked() {
    let steps = [
        (
            "0001_both",
            "document = \"fizz\"\nremove {}\ndown {\n  from = \"history\"\n  content = \"\"\n}",
        ),
        ("0002_import", "document = \"fizz\"\nimport {}"),
        (
            "0003_table",
            "document = \"fizz\"\nremove {}\ndown {\n  from = \"table\"\n}",
        ),
        (
            "0004_many",
            "document = \"note\"\nremove {}\ndown {\n  content = \"a = 1\"\n}",
        ),
        (
            "0005_broken",
            "document = \"buzz\"\nremove {}\ndown {\n  content = \"a = \"\n}",
        ),
        ("0006_import", "document = \"buzz\"\nimport {}"),
        (
            "0007_template",
            "document = \"buzz\"\nremove {}\ndown {\n  content = \"a = ${slug}\"\n}",
        ),
        ("0008_import", "document = \"buzz\"\nimport {}"),
        (
            "0009_rename",
            "document = \"buzz\"\nrename { from = \"old.ocl\" }\ndown {\n}",
        ),
    ];
    assert_snapshot!(catalog(&steps).unwrap_err(), @r#"
    the catalog has 6 problems

    a remove is undone by `from` or by `content`
     --> 0001_both/step.hcl:4:1
      |
    4 | down {
      | ^^^^
      = help: write `from = "history"` for the branch's last documents, or `content` with the text itself

    the only source is "history"
     --> 0003_table/step.hcl:5:10
      |
    5 |   from = "table"
      |          ^^^^^^^
      = help: write `from = "history"` for the branch's last documents, or `content` with the text itself

    `content` brings back one document, but `note` is a collection
     --> 0004_many/step.hcl:3:1
      |
    3 | remove {}
      | ^^^^^^
      = help: bring them back with `from = "history"`

    the `content` of `down` is not a document: expected a value (a string in quotes, a heredoc, a number, `true`, `false`, `null`, `[` or `{`), found the end of the file
     --> 1:5
      |
    1 | a =
      |     ^
     --> 0005_broken/step.hcl:3:1
      |
    3 | remove {}
      | ^^^^^^

    `content` is not plain text
     --> 0007_template/step.hcl:5:13
      |
    5 |   content = "a = ${slug}"
      |             ^^^^^^^^^^^^^
      = help: write it as a heredoc, with `$${` for `${` and `%%{` for `%{`

    only `modify` and `remove` need a `down`
     --> 0009_rename/step.hcl:4:1
      |
    4 | down {
      | ^^^^
      = help: remove it: the other actions are undone without one
    "#);
}
