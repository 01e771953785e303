//! A target between: what an import brings in lies above it, and goes down from there.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::support::{World, request};
use ocl_migrate::catalog::Catalog;
use ocl_migrate::ocl::{Dialect, Document};
use ocl_migrate::plan::{Direction, Source};
use ocl_migrate::project::{DocumentOutcome, LoadOptions, Loaded};
use serde_json::Value as Json;

/// The shipped project at 14: what the server's table holds, by name.
fn rows() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots/v14");
    let text = |path: &str| fs::read_to_string(folder.join(path)).unwrap();
    let mut rows: Vec<(String, String)> =
        ["deployment_process", "deployment_settings", "variables"]
            .iter()
            .map(|name| ((*name).to_owned(), text(&format!("{name}.ocl"))))
            .collect();
    for slug in ["restart", "rotate-keys", "warm-up"] {
        rows.push((
            format!("runbook/{slug}"),
            text(&format!("runbooks/{slug}.ocl")),
        ));
    }
    // In the older dialect, this heredoc would have four blanks more.
    let heredoc = "\nvariable \"script\" {\n    value \"x\" {\n        text = <<-EOT\n                echo 1\n            EOT\n    }\n}\n";
    rows[2].1.push_str(heredoc);
    rows
}

fn json(dialect: Dialect, bytes: &[u8]) -> Json {
    let document = Document::from_bytes(bytes.to_vec(), dialect).unwrap();
    document.root().to_json()
}

fn values(loaded: &Loaded) -> BTreeMap<String, Json> {
    let dialect = loaded.project().catalog().dialect_at(loaded.plan().target);
    let documents = loaded.documents();
    let values = documents.filter_map(|document| {
        let bytes = loaded.content(document).unwrap()?;
        Some((document.name.to_string(), json(dialect, &bytes)))
    });
    values.collect()
}

fn world() -> World {
    let mut world = World::new("fizz: 1 modify");
    world.catalog = Arc::new(Catalog::builtin());
    for (name, text) in rows() {
        world.row(&name, &text, 14);
    }
    // Branches without a marker.
    for branch in ["converted", "main", "other"] {
        world
            .repo
            .commit(branch, None, &[("README.md", Some("hi"))]);
    }
    world
}

fn load(world: &World, branch: &str, to: u32) -> Loaded {
    let options = LoadOptions { target: Some(to) };
    world.project().load(branch, options).unwrap()
}

fn sources(loaded: &Loaded) -> Vec<(String, Source)> {
    let imported = loaded
        .documents()
        .filter_map(|document| match &document.outcome {
            DocumentOutcome::Imported { source } => Some((document.name.to_string(), *source)),
            _ => None,
        });
    imported.collect()
}

/// To every version: what is imported from the table or from a snapshot, in the server's shape, arrives at the target, and
/// goes up from there to the values that it had.
#[test]
fn content_in_the_servers_shape_arrives_at_every_target() {
    let world = world();
    let expected: BTreeMap<String, Json> = rows()
        .into_iter()
        .map(|(name, text)| (name, json(Dialect::Current, text.as_bytes())))
        .collect();
    let mut kinds = BTreeMap::new();
    for source in [Source::Table, Source::Snapshot] {
        if source == Source::Snapshot {
            let mut draft = world.edit("converted");
            let mut converting = request("Convert");
            converting.accept_unknown_versions = [11, 12].into();
            let _ = draft.upgrade().commit(converting).unwrap();
        }
        for to in [1, 2, 3, 4, 5, 6, 8, 9, 10, 13] {
            let loaded = load(&world, "main", to);
            let imported = sources(&loaded);
            assert!(
                imported.iter().all(|(_, from)| *from == source),
                "{imported:?}"
            );
            let down = loaded.plan().rows.iter();
            let down = down.filter(|row| row.direction == Direction::Down).count();
            assert!(down > 0, "{to}");
            kinds.insert((source.to_string(), to), imported.len());
            let at_target = values(&loaded);
            assert_eq!(at_target.len(), imported.len(), "nothing failed at {to}");
            // Written down as a branch of that version, it comes up as it was.
            let marker = loaded.marker_paths().1.to_owned();
            let mut files = vec![(marker, format!("version = {to}"))];
            files.extend(loaded.documents().map(|document| {
                let bytes = loaded.content(document).unwrap().unwrap();
                assert!(document.set_aside.is_empty(), "{:?}", document.set_aside);
                (document.path.clone(), String::from_utf8(bytes).unwrap())
            }));
            let files: Vec<(String, String)> = files
                .into_iter()
                .map(|(path, text)| (format!(".octopus/{path}"), text))
                .collect();
            let files: Vec<(&str, Option<&str>)> = files
                .iter()
                .map(|(path, text)| (&**path, Some(&**text)))
                .collect();
            let branch = format!("at-{to}-{source}");
            world.repo.commit(&branch, None, &files);
            let up = values(&world.load(&branch));
            for name in at_target.keys() {
                assert_eq!(up[name], expected[name], "{name} by {to} from the {source}");
            }
        }
    }
    let counts: Vec<usize> = kinds.into_values().collect();
    assert_eq!(
        counts,
        [1, 2, 2, 2, 3, 3, 3, 6, 6, 6, 1, 2, 2, 2, 3, 3, 3, 6, 6, 6]
    );
}

/// The heredoc's end tag moves, so that the older dialect reads the same value.
#[test]
fn the_dialect_between_is_crossed() {
    let world = world();
    let loaded = load(&world, "main", 5);
    let variables = loaded.document("variables").unwrap();
    let bytes = loaded.content(variables).unwrap().unwrap();
    let value = |dialect| {
        let json = json(dialect, &bytes);
        json["variable"].as_array().unwrap().last().unwrap()["value"][0]["text"].clone()
    };
    assert_eq!(value(Dialect::Legacy), "    echo 1");
    assert_ne!(rows()[2].1.as_bytes(), bytes);
}
