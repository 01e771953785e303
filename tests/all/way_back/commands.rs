//! Writing downward, and restoring old values across a migration.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::support::{World, explain, request, scratch};
use insta::assert_snapshot;
use ocl_migrate::catalog::Catalog;
use ocl_migrate::project::{CommitError, Draft, LoadOptions, Project};
use ocl_migrate::store::Store;

const HEAD: &str = r#"
catalog "way back" { base_path = ".octopus" }
document "fizz" { path = "fizz.ocl" }
document "runbook" { path = "runbooks/*.ocl" }
document "team" { path = "team.ocl" }
"#;

/// Fizz loses nothing on its way but at 6; runbooks come from the server at 2.
const STEPS: [(&str, &str); 5] = [
    ("0002_runbooks", "document = \"runbook\"\nimport {}"),
    (
        "0003_color",
        "document = \"fizz\"\nmodify {\n  rename = { colour = \"color\" }\n}",
    ),
    (
        "0004_width",
        "document = \"fizz\"\nmodify {\n  convert = { width = value + 10 }\n}",
    ),
    (
        "0005_owner",
        "document = \"runbook\"\nmodify {\n  default = { owner = \"nobody\" }\n}\n\
         down {\n  in \"\" {\n    when = self.owner == \"nobody\"\n    remove = [\"owner\"]\n  }\n}",
    ),
    (
        "0006_lead",
        "document = \"team\"\none_way = \"nobody remembers the old leads\"\nmodify {\n  set = { lead = \"me\" }\n}",
    ),
];

fn catalog(steps: &[(&str, &str)]) -> Arc<Catalog> {
    let folder = scratch::folder();
    write(folder.path(), steps);
    Arc::new(Catalog::load(folder.path()).unwrap_or_else(|error| panic!("{error}")))
}

fn write(folder: &Path, steps: &[(&str, &str)]) {
    fs::write(folder.join("catalog.hcl"), HEAD).unwrap();
    for (name, body) in steps {
        fs::create_dir(folder.join(name)).unwrap();
        let text = format!("description = \"a step\"\n{body}\n");
        fs::write(folder.join(name).join("step.hcl"), text).unwrap();
    }
}

/// A server at a version of the catalog.
fn world(version: usize) -> World {
    let mut world = World::new("fizz: 1 modify");
    world.catalog = catalog(&STEPS[..version - 1]);
    world
}

fn down(world: &World, branch: &str, to: u32) -> Draft {
    let options = LoadOptions { target: Some(to) };
    let mut draft = world.project().load(branch, options).unwrap().edit();
    draft.downgrade();
    draft
}

#[test]
fn a_downgrade_is_one_commit_after_which_the_branch_loads_as_before() {
    let world = world(5);
    let files = [
        ("fizz.ocl", "width = 30 # wide\ncolor = \"red\"\n"),
        ("runbooks/a.ocl", "name = \"A\"\nowner = \"nobody\"\n"),
        ("runbooks/b.ocl", "owner = \"Ada\""),
    ];
    world.branch("main", 5, &files);
    let before = explain(&world.load("main"));
    let draft = down(&world, "main", 2);
    assert_snapshot!(explain(draft.loaded()), @r#"
    5 to 2
    5 owner: run
    4 width: run
    3 color: run
    fizz changed: width = 20 # wide; colour = "red"; 
    runbook/a changed: name = "A"; 
    runbook/b unchanged: owner = "Ada"
    "#);
    let _ = draft.commit(request("Back to 2")).unwrap();
    assert_snapshot!(world.repo.text("main"), @r#"
    .octopus/fizz.ocl: width = 20 # wide; colour = "red"; 
    .octopus/runbooks/a.ocl: name = "A"; 
    .octopus/runbooks/b.ocl: owner = "Ada"
    .octopus/schema_version.ocl: version = 2
    "#);
    assert_eq!(world.repo.git(&["rev-list", "--count", "main"]), "2");
    let after = explain(&world.load("main"));
    let contents = |text: &str| {
        let lines = text
            .lines()
            .filter(|line| line.contains(": ") && !line.starts_with(char::is_numeric));
        let contents = lines.map(|line| line.split_once(": ").unwrap().1.to_owned());
        contents.collect::<Vec<_>>()
    };
    assert_eq!(contents(&after), contents(&before));
}

#[test]
fn nothing_is_written_downward_that_would_not_come_back() {
    let world = world(6);
    world.branch(
        "main",
        6,
        &[
            ("fizz.ocl", "color = \"red\""),
            ("runbooks/a.ocl", "name = \"A\""),
        ],
    );
    world.branch("teams", 6, &[("team.ocl", "lead = \"Ada\"")]);
    let refuse = |branch: &str, to: u32| {
        let error = down(&world, branch, to)
            .commit(request("down"))
            .unwrap_err();
        assert_eq!(world.repo.git(&["rev-list", "--count", branch]), "1");
        error.to_string()
    };
    // The runbook has no owner, and would get one on its way back.
    assert_snapshot!(refuse("main", 4), @r#"
    the lower version has no place for these values, so nothing is written
      runbook/a: step 5 owner can't carry owner down: it is nothing, and would come back as "nobody"
    "#);
    assert_snapshot!(refuse("main", 1), @"below version 2 the server keeps `runbook` itself, and newer edits are in this branch only: version 1 can be shown, but not written; version 5 can be written");
    assert_snapshot!(refuse("teams", 5), @"
    a document couldn't be migrated, so nothing is written: mend, replace or remove
    team: step 6 lead (0006_lead/step.hcl): this step is one-way: nobody remembers the old leads
    ");
    assert_snapshot!(refuse("teams", 6), @"the branch is at version 6, and 6 is not below it: there is nothing to downgrade");
    // An ordinary change isn't written downward, whatever it is.
    let options = LoadOptions { target: Some(5) };
    let mut draft = world.project().load("main", options).unwrap().edit();
    draft.put("fizz", "color = \"blue\"").unwrap();
    let refused = draft.commit(request("put")).unwrap_err();
    assert!(matches!(
        refused,
        CommitError::Downward {
            branch: 6,
            target: 5
        }
    ));
}

/// Below the import of a kind that the branch doesn't hold nothing gets lost, as long as nothing comes in on the way up.
#[test]
fn a_branch_without_the_documents_goes_below_their_import() {
    let world = world(5);
    world.branch("main", 5, &[("fizz.ocl", "color = \"red\"")]);
    world.row("runbook/a", "owner = \"Ada\"", 5);
    let refuse = |world: &World| {
        let draft = down(world, "main", 1);
        draft.commit(request("down")).unwrap_err().to_string()
    };
    assert_snapshot!(refuse(&world), @"the branch has no `runbook`, and migrating up again from version 1 would not give the same: the import at version 2 would bring in runbook/a");
    let alone = Project::builder(world.repo.open(), world.catalog.clone());
    let alone = alone.base_path(".octopus").build().unwrap();
    let options = LoadOptions { target: Some(1) };
    let mut draft = alone.load("main", options).unwrap().edit();
    draft.downgrade();
    assert_snapshot!(draft.commit(request("down")).unwrap_err(), @"the branch has no `runbook`, and migrating up again from version 1 would not give the same: the import at version 2 would bring in something unknown (there is no store that knows the project)");
    let _ = world
        .store()
        .remove_document(&world.key(), "runbook", "a")
        .unwrap();
    let before = explain(&world.load("main"));
    let _ = down(&world, "main", 1)
        .commit(request("Back to 1"))
        .unwrap();
    assert_snapshot!(world.repo.text("main"), @r#"
    .octopus/fizz.ocl: colour = "red"
    .octopus/schema_version.ocl: version = 1
    "#);
    let after = explain(&world.load("main"));
    assert_snapshot!(after, @r#"
    1 to 5
    2 runbooks: run from the table
    3 color: run
    4 width: run
    5 owner: run
    fizz changed: color = "red"
    "#);
    assert!(
        before.ends_with("fizz unchanged: color = \"red\""),
        "{before}"
    );
}

/// The way up again passes the imports of all kinds, each with what the store has of its own.
#[test]
fn a_branch_goes_below_several_imports_at_once() {
    let mut world = World::new("fizz: 1 modify");
    let teams = ("0003_teams", "document = \"team\"\nimport {}");
    world.catalog = catalog(&[STEPS[0], teams]);
    world.branch("main", 1, &[("fizz.ocl", "color = \"red\"")]);
    let options = LoadOptions { target: Some(3) };
    let mut draft = world.project().load("main", options).unwrap().edit();
    let _ = draft.upgrade().commit(request("To 3")).unwrap();
    let _ = down(&world, "main", 1)
        .commit(request("Back to 1"))
        .unwrap();
    assert_snapshot!(world.repo.text("main"), @r#"
    .octopus/fizz.ocl: color = "red"
    .octopus/schema_version.ocl: version = 1
    "#);
}

#[test]
fn below_an_import_documents_are_left_out_and_named() {
    let world = world(5);
    world.branch(
        "main",
        5,
        &[
            ("fizz.ocl", "color = \"red\""),
            ("runbooks/a.ocl", "owner = \"Ada\""),
        ],
    );
    let options = LoadOptions { target: Some(1) };
    let loaded = world.project().load("main", options).unwrap();
    assert_snapshot!(explain(&loaded), @r#"
    5 to 1
    5 owner: run
    4 width: run
    3 color: run
    2 runbooks: run
    fizz changed: colour = "red"
    runbook/a left_out
    "#);
    let warnings: Vec<String> = loaded.warnings().iter().map(ToString::to_string).collect();
    assert_snapshot!(warnings.join("\n"), @"the result is without runbook/a: at version 1 the server keeps it itself, and edits since then are in this branch only");
}

#[test]
fn an_import_to_a_target_between_arrives_there() {
    let world = world(5);
    world.branch("main", 1, &[("fizz.ocl", "colour = \"red\"")]);
    world.row("runbook/a", "name = \"A\"\nowner = \"nobody\"", 5);
    let options = LoadOptions { target: Some(4) };
    let loaded = world.project().load("main", options).unwrap();
    assert_snapshot!(explain(&loaded), @r#"
    1 to 4
    2 runbooks: run from the table
    3 color: run
    4 width: run
    5 owner: run
    fizz changed: color = "red"
    runbook/a imported: name = "A"
    "#);
    let mut draft = loaded.edit();
    let _ = draft.upgrade().commit(request("To 4")).unwrap();
    assert_snapshot!(world.repo.text("main"), @r#"
    .octopus/fizz.ocl: color = "red"
    .octopus/runbooks/a.ocl: name = "A"
    .octopus/schema_version.ocl: version = 4
    "#);
    // The snapshot keeps what the table had, in its own shape.
    assert_snapshot!(world.store_text(), @r#"
    version 4
    snapshot 2 runbook/a in shape 5: name = "A"; owner = "nobody"
    "#);
}

#[test]
fn restoring_gives_old_values_in_the_new_shape_and_a_plain_revert_the_old_shape() {
    let world = world(5);
    let old = world.branch(
        "main",
        2,
        &[
            ("fizz.ocl", "colour = \"red\"\nwidth = 1"),
            ("runbooks/a.ocl", "name = \"A\""),
        ],
    );
    let mut draft = world.edit("main");
    draft.put("fizz", "color = \"blue\"\nwidth = 99").unwrap();
    draft.put("runbook/b", "name = \"B\"").unwrap();
    let migrating = draft.commit(request("Blue")).unwrap();
    // What a person would try first: the old shape under the new version's marker, or the old version with it.
    world
        .repo
        .git(&["worktree", "add", "-q", "-b", "reverted", "../tree", "main"]);
    let tree = world.path().join("tree");
    let tree = tree.to_str().unwrap();
    let commit = migrating.commit.to_string();
    world
        .repo
        .git(&["-C", tree, "revert", "--no-edit", "-n", &commit]);
    world.repo.git(&[
        "-C",
        tree,
        "checkout",
        "-q",
        "HEAD",
        "--",
        ".octopus/schema_version.ocl",
    ]);
    world.repo.git(&[
        "-C",
        tree,
        "commit",
        "-q",
        "-m",
        "Revert, and keep the version",
    ]);
    assert_snapshot!(world.repo.text("reverted"), @r#"
    .octopus/fizz.ocl: colour = "red"; width = 1
    .octopus/runbooks/a.ocl: name = "A"
    .octopus/schema_version.ocl: version = 5
    "#);

    let restoration = world.project().restore("main", &old, &[]).unwrap();
    assert_eq!(restoration.restored, ["fizz"]);
    assert_eq!(restoration.removed, ["runbook/b"]);
    let _ = restoration.draft.commit(request("Yesterday's")).unwrap();
    assert_snapshot!(world.repo.text("main"), @r#"
    .octopus/fizz.ocl: color = "red"; width = 11
    .octopus/runbooks/a.ocl: name = "A"; owner = "nobody"
    .octopus/schema_version.ocl: version = 5
    "#);
    assert_eq!(world.repo.git(&["rev-list", "--count", "main"]), "3");
    // One document alone; and what is as it was needs no commit.
    let again = world
        .project()
        .restore("main", &old, &["fizz".to_owned()])
        .unwrap();
    assert!(again.restored.is_empty());
    let refused = again.draft.commit(request("Again")).unwrap_err();
    assert!(matches!(
        refused,
        CommitError::NoChange { is_migrated: true }
    ));
    let unknown = world.project().restore("main", &old, &["fuzz".to_owned()]);
    assert!(unknown.is_err_and(|error| error.to_string().contains("fuzz")));
}

#[test]
fn a_catalog_says_how_a_step_is_undone_in_one_way_only() {
    let folder = scratch::folder();
    let steps = [
        (
            "0001_both",
            "document = \"fizz\"\none_way = \"no\"\nmodify {\n  remove = [\"a\"]\n}\ndown {\n}",
        ),
        (
            "0002_rename",
            "document = \"fizz\"\nrename { from = \"old.ocl\" }\ndown {\n}",
        ),
        (
            "0003_twice",
            "document = \"fizz\"\nmodify {\n  remove = [\"a\"]\n}\ndown {\n}\ndown {\n}",
        ),
        ("0004_alone", "document = \"fizz\"\ndown {\n}"),
        (
            "0005_unknown",
            "document = \"fizz\"\nmodify {\n  remove = [\"a\"]\n}\ndown {\n  sett = { a = 1 }\n}",
        ),
    ];
    write(folder.path(), &steps);
    assert_snapshot!(Catalog::load(folder.path()).unwrap_err(), @r#"
    the catalog has 5 problems

    the step says both how it is undone and that it can't be
     --> 0001_both/step.hcl:7:1
      |
    7 | down {
      | ^^^^
      = help: remove `down` or `one_way`

    only `modify` and `remove` need a `down`
     --> 0002_rename/step.hcl:4:1
      |
    4 | down {
      | ^^^^
      = help: remove it: the other actions are undone without one

    a second `down`: a step is undone in one way
     --> 0003_twice/step.hcl:8:1
      |
    8 | down {
      | ^^^^

    the step does nothing
     --> 0004_alone/step.hcl:1:1
      |
    1 | description = "a step"
      | ^
      = help: give it import, modify, remove, rename or dialect

    unknown operation `sett`
     --> 0005_unknown/step.hcl:7:3
      |
    7 |   sett = { a = 1 }
      |   ^^^^
      = help: did you mean `set`?
    "#);
}
