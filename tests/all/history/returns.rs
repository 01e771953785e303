//! Read in a version below a remove, documents that it ended come back: they have the history that they had.

use std::sync::Arc;

use super::stored::{given, told};
use crate::support::{World, catalog_with};
use ocl_migrate::history::{BlameOptions, HistoryOptions};

/// Notes come back as the branch last had them, buzz as the step says.
fn world() -> World {
    let mut world = World::new("fizz: 1 modify");
    let head = "catalog \"returns\" { base_path = \".octopus\" }\ndocument \"buzz\" { path = \"buzz.ocl\" }\n\
                document \"note\" { path = \"notes/*.ocl\" }";
    let steps = [
        (
            "0002_notes",
            "document = \"note\"\nremove {}\ndown {\n  from = \"history\"\n}",
        ),
        (
            "0002_buzz",
            "document = \"buzz\"\nremove {}\ndown {\n  content = <<-EOT\n    b = 1\n    c = 1\n  EOT\n}",
        ),
    ];
    world.catalog = Arc::new(catalog_with(head, &steps).unwrap());
    world
}

fn at_1() -> (HistoryOptions, BlameOptions) {
    let options = HistoryOptions {
        target: Some(1),
        ..HistoryOptions::default()
    };
    (
        options,
        BlameOptions {
            target: Some(1),
            ..BlameOptions::default()
        },
    )
}

#[test]
fn what_comes_back_from_history_is_what_was_there_then() {
    let world = world();
    world.branch("main", 1, &[("notes/a.ocl", "a = 1\nb = 1")]);
    let removed = [
        (".octopus/schema_version.ocl", Some("version = 2")),
        (".octopus/notes/a.ocl", None),
    ];
    world.repo.commit("main", None, &removed);
    world.branch("main", 1, &[("notes/a.ocl", "a = 2\nb = 1")]);
    world.repo.commit("main", None, &removed);
    let (log, blame) = at_1();
    assert_eq!(
        told(&world, "note/a", log),
        [
            "migration: ",
            "both: ~ a: 1 -> 2",
            "migration: ",
            "edit: + a = 1; + b = 1"
        ]
    );
    assert_eq!(given(&world, "note/a", blame), ["1: a = 2", "3: b = 1"]);
}

/// Nobody edited it: the migration removed it, and the step says what it reads as.
#[test]
fn what_a_step_brings_back_belongs_to_the_migration() {
    let world = world();
    world.branch("main", 1, &[("buzz.ocl", "b = 7\nc = 1")]);
    let removed = [
        (".octopus/schema_version.ocl", Some("version = 2")),
        (".octopus/buzz.ocl", None),
    ];
    world.repo.commit("main", None, &removed);
    let (log, blame) = at_1();
    assert_eq!(
        told(&world, "buzz", log),
        ["migration: ~ b: 7 -> 1", "edit: + b = 7; + c = 1"]
    );
    assert_eq!(given(&world, "buzz", blame), ["0: b = 1", "1: c = 1"]);
}
