//! What the package asks for: crates by feature, and a compiler as old as they take.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// What `cargo` prints.
fn cargo(arguments: &[&str]) -> String {
    let done = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "cargo {arguments:?}: {said}");
    String::from_utf8(done.stdout).unwrap()
}

/// The crates that building the package takes, those for tests aside.
struct Tree {
    /// The oldest compiler that the package says it takes.
    rust_version: (u32, u32),
    /// By name, with the same where they say it.
    crates: BTreeMap<String, Option<(u32, u32)>>,
}

fn tree(features: &[&str]) -> Tree {
    let version = cargo(&["-vV"]);
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let mut arguments = vec!["metadata", "--format-version=1", "--locked", "--offline"];
    // Other platforms' crates need not be on this machine.
    arguments.extend(["--filter-platform", host.expect("a platform")]);
    arguments.extend(features);
    let metadata: Value = serde_json::from_str(&cargo(&arguments)).unwrap();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let packages: BTreeMap<String, &Value> = list(&metadata["packages"])
        .filter_map(|package| Some((text(&package["id"])?, package)))
        .collect();
    let nodes: BTreeMap<String, &Value> = list(&metadata["resolve"]["nodes"])
        .filter_map(|node| Some((text(&node["id"])?, node)))
        .collect();
    let root = text(&metadata["resolve"]["root"]).unwrap();
    let mut pending = vec![root.clone()];
    let mut seen = BTreeSet::new();
    while let Some(id) = pending.pop() {
        let needed = list(&nodes[&id]["deps"])
            .filter(|needed| list(&needed["dep_kinds"]).any(|kind| kind["kind"] != "dev"));
        let needed: Vec<String> = needed.filter_map(|needed| text(&needed["pkg"])).collect();
        if seen.insert(id) {
            pending.extend(needed);
        }
    }
    seen.remove(&root);
    let asks_for = |id: &String| packages[id]["rust_version"].as_str().map(compiler);
    let crates = seen.iter().map(|id| {
        let name = text(&packages[id]["name"]).unwrap();
        (name, asks_for(id))
    });
    Tree {
        rust_version: asks_for(&root).expect("rust-version"),
        crates: crates.collect(),
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// `1.89.0` as `(1, 89)`.
fn compiler(version: &str) -> (u32, u32) {
    let mut numbers = version.split('.').map(|number| number.parse().unwrap());
    (numbers.next().unwrap(), numbers.next().unwrap())
}

#[test]
fn a_server_with_a_store_of_its_own_builds_no_sqlite() {
    let has = |features: &[&str], name: &str| tree(features).crates.contains_key(name);
    for name in ["rusqlite", "libsqlite3-sys", "clap"] {
        assert!(has(&[], name), "{name}");
        assert!(!has(&["--no-default-features"], name), "{name}");
    }
    let sqlite_alone = ["--no-default-features", "--features", "sqlite"];
    assert!(has(&sqlite_alone, "rusqlite"));
    assert!(!has(&sqlite_alone, "clap"));
}

#[test]
fn only_who_asks_for_a_database_builds_its_driver() {
    // The tests ask for it; this is without them.
    let crates = |features: &[&str]| {
        let tree = [
            "tree",
            "--locked",
            "--offline",
            "--edges=no-dev",
            "--prefix=none",
        ];
        let listed = cargo(&[&tree, features].concat());
        let names = listed.lines().filter_map(|line| line.split(' ').next());
        names.map(str::to_owned).collect::<BTreeSet<_>>()
    };
    let by_default = crates(&[]);
    for (feature, needed, others) in [
        ("postgres", &["postgres", "tokio", "rustls"][..], "mysql"),
        ("mysql", &["mysql", "rustls"], "postgres"),
    ] {
        let asked = crates(&["--no-default-features", "--features", feature]);
        for name in needed {
            assert!(asked.contains(*name), "{name}");
            assert!(!by_default.contains(*name), "{name}");
        }
        for name in ["rusqlite", "aws-lc-rs", others] {
            assert!(!asked.contains(name), "{name}");
        }
    }
}

#[test]
fn no_dependency_asks_for_a_newer_compiler_than_the_package_says() {
    let Tree {
        rust_version,
        crates,
    } = tree(&[]);
    assert!(crates.values().any(Option::is_some), "nothing was read");
    let newer: Vec<_> = crates
        .iter()
        .filter(|(_, asked)| asked.is_some_and(|asked| asked > rust_version))
        .collect();
    assert!(newer.is_empty(), "{newer:?}");
    let said = format!("Rust {}.{} or newer", rust_version.0, rust_version.1);
    for page in ["README.md", "docs/tutorial.md"] {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).unwrap();
        assert!(text.contains(&said), "{page}: {said}");
    }
}
