//! Imports that a branch passes together with the remove of what they would bring in.

use std::sync::Arc;

use crate::support::{World, catalog_with, explain, request};
use insta::assert_snapshot;
use ocl_migrate::project::{LoadOptions, Loaded, Project};

const HEAD: &str = r#"
catalog "passed" { base_path = ".octopus" }
document "fizz" { path = "fizz.ocl" }
document "stop" { path = "stop.ocl" }
"#;

const STEPS: [(&str, &str); 2] = [
    ("0002_stop", "document = \"stop\"\nimport {}"),
    (
        "0003_stop",
        "document = \"stop\"\nremove {}\ndown {\n  from = \"history\"\n}",
    ),
];

/// Two branches at 1, and a server that knows the steps up to 3.
fn world(mut world: World) -> World {
    world.catalog = Arc::new(catalog_with(HEAD, &STEPS).unwrap());
    world.branch("main", 1, &[("fizz.ocl", "a = 1")]);
    world.repo.git(&["branch", "old", "main"]);
    world
}

/// A server of the release before, which doesn't know the remove.
fn older(world: &World) -> Project {
    let catalog = catalog_with(HEAD, &STEPS[..1]).unwrap();
    Project::builder(world.repo.open(), Arc::new(catalog))
        .base_path(".octopus")
        .store(Arc::new(world.store()))
        .build()
        .unwrap()
}

fn at(world: &World, branch: &str, to: u32) -> Loaded {
    let options = LoadOptions { target: Some(to) };
    world.project().load(branch, options).unwrap()
}

fn upgrade(world: &World) {
    let mut draft = world.edit("main");
    let _ = draft.upgrade().commit(request("Upgrade")).unwrap();
}

fn downgrade(loaded: Loaded) -> Result<(), String> {
    let mut draft = loaded.edit();
    draft.downgrade();
    match draft.commit(request("Down")) {
        Ok(_) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn that_there_was_nothing_is_recorded_for_who_stops_between() {
    let world = world(World::new("fizz: 1 modify"));
    upgrade(&world);
    assert_snapshot!(world.store_text(), @r#"
    version 3
    snapshot 2 stop: nothing
    "#);
    assert_snapshot!(explain(&at(&world, "main", 2)), @r#"
    3 to 2
    3 stop: run from the history
    fizz unchanged: a = 1
    "#);
    assert_snapshot!(explain(&at(&world, "old", 2)), @r#"
    1 to 2
    2 stop: run from the snapshot
    fizz unchanged: a = 1
    "#);
    assert_snapshot!(explain(&older(&world).load_migrated("old").unwrap()), @r#"
    1 to 2
    2 stop: run from the snapshot
    fizz unchanged: a = 1
    "#);
    assert_snapshot!(explain(&older(&world).load_migrated("main").unwrap()), @r#"
    3 to 2
    3 stop: run from the history
    fizz unchanged: a = 1
    "#);
    downgrade(at(&world, "main", 2)).unwrap();
    assert_snapshot!(world.repo.text("main"), @r#"
    .octopus/fizz.ocl: a = 1
    .octopus/schema_version.ocl: version = 2
    "#);
}

#[test]
fn a_row_stays_in_the_table_and_comes_back() {
    let world = world(World::new("fizz: 1 modify"));
    world.row("stop", "off = true", 2);
    upgrade(&world);
    assert_snapshot!(world.store_text(), @r#"
    version 3
    table stop in shape 2: off = true
    "#);
    assert_snapshot!(explain(&at(&world, "main", 2)), @r#"
    3 to 2
    3 stop: run from the history
    fizz unchanged: a = 1
    stop brought_back: off = true
    "#);
    assert_snapshot!(explain(&older(&world).load_migrated("main").unwrap()), @r#"
    3 to 2
    3 stop: run from the history
    fizz unchanged: a = 1
    stop brought_back: off = true
    "#);
    // What another writer changes meanwhile isn't written as it was.
    let loaded = at(&world, "main", 2);
    world.row("stop", "off = false", 2);
    assert_snapshot!(downgrade(loaded).unwrap_err(), @"what is imported has changed since the branch was loaded (stop): load it again and repeat the change");
    downgrade(at(&world, "main", 2)).unwrap();
    assert_snapshot!(world.repo.text("main"), @r#"
    .octopus/fizz.ocl: a = 1
    .octopus/schema_version.ocl: version = 2
    .octopus/stop.ocl: off = false
    "#);
}

#[test]
fn what_another_branch_took_comes_back_from_the_snapshot() {
    let world = world(World::new("fizz: 1 modify"));
    world.row("stop", "off = true", 2);
    let mut draft = older(&world).load_migrated("old").unwrap().edit();
    let _ = draft.upgrade().commit(request("Up to 2")).unwrap();
    upgrade(&world);
    assert_snapshot!(explain(&at(&world, "main", 2)), @r#"
    3 to 2
    3 stop: run from the history
    fizz unchanged: a = 1
    stop brought_back: off = true
    "#);
}

#[test]
fn without_a_store_it_isnt_known_what_comes_back() {
    let world = world(World::without_store("fizz: 1 modify"));
    upgrade(&world);
    let loaded = at(&world, "main", 2);
    let warnings: Vec<String> = loaded.warnings().iter().map(ToString::to_string).collect();
    assert_snapshot!(warnings.join("\n"), @"nothing was imported: there is no store to import stop from");
    assert_snapshot!(downgrade(loaded).unwrap_err(), @"stop would be imported, and there is no store to import from: say where the store is, or create one");
}

#[test]
fn what_a_merge_brings_back_of_a_removed_kind_is_told() {
    let world = world(World::new("fizz: 1 modify"));
    world.branch(
        "merged",
        3,
        &[("fizz.ocl", "a = 1"), ("stop.ocl", "off = true")],
    );
    let loaded = world.load("merged");
    let warnings: Vec<String> = loaded.warnings().iter().map(ToString::to_string).collect();
    assert_snapshot!(warnings.join("\n"), @"stop is in Git, though version 3 removed the kind: at version 3 there is no place for it, so no step runs on it; remove it with a commit");
    assert!(world.load("main").warnings().is_empty());
}
