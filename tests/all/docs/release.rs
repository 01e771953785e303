//! What a release packs beside the command: docs/releasing.md.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use crate::support::{Sandbox, isolated, project};

/// The bill of materials of a build with these features, as text.
fn bill(features: &str, folder: &std::path::Path) -> String {
    let made = Command::new(project().join(".ci/sbom"))
        .arg(features)
        .current_dir(folder)
        .env("CARGO_NET_OFFLINE", "true")
        .env("SOURCE_DATE_EPOCH", "1700000000")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&made.stderr);
    assert!(made.status.success(), "{said}");
    String::from_utf8(made.stdout).unwrap()
}

/// Name and version of every component, and the one beside them that has no checksum.
fn components(bill: &str) -> (BTreeSet<String>, Vec<String>) {
    let bill: Value = serde_json::from_str(bill).unwrap();
    assert_eq!(bill["specVersion"], "1.5");
    assert_eq!(bill["metadata"]["timestamp"], "2023-11-14T22:13:20Z");
    let (mut crates, mut others) = (BTreeSet::new(), Vec::new());
    for component in bill["components"].as_array().unwrap() {
        let text = |key: &str| component[key].as_str().unwrap().to_owned();
        let name = format!("{} {}", text("name"), text("version"));
        assert!(component["licenses"][0]["expression"].is_string(), "{name}");
        if component["hashes"].is_null() {
            others.push(name);
        } else {
            assert!(crates.insert(name), "{component}");
        }
    }
    (crates, others)
}

#[test]
fn the_bill_of_materials_has_what_a_build_compiles_and_nothing_of_the_tests() {
    let repo = Sandbox::empty();
    let plain = bill("", repo.path());
    assert_eq!(plain, bill("", project()));
    assert!(!plain.contains(project().to_str().unwrap()), "{plain}");
    let (crates, others) = components(&plain);
    let versions = Sandbox::new("versions");
    let version = versions.run_plain(&["query", "select sqlite_version() as v"]);
    let [sqlite] = &others[..] else {
        panic!("{others:?}");
    };
    let sqlite = sqlite.strip_prefix("sqlite ").unwrap();
    assert!(version.contains(sqlite), "{version}");
    let names = |of: &BTreeSet<String>| -> BTreeSet<String> {
        of.iter()
            .map(|it| it.split(' ').next().unwrap().to_owned())
            .collect()
    };
    let has = |name: &str| names(&crates).contains(name);
    assert!(has("gix") && has("rusqlite") && has("hcl-edit"));
    // Of the tests, and of features that this build doesn't have.
    for other in [
        "ocl-migrate",
        "insta",
        "proptest",
        "mysql",
        "postgres",
        "hyper",
        "jsonschema",
    ] {
        assert!(!has(other), "{other}");
    }
    let (with_server, _) = components(&bill("postgres", repo.path()));
    assert!(crates.is_subset(&with_server));
    assert!(names(&with_server).contains("tokio-postgres"));
}

/// The archive's bytes follow from them.
#[test]
fn manual_pages_and_completions_are_the_same_wherever_they_are_made() {
    let made = |variables: &[(&str, &str)]| {
        let repo = Sandbox::empty();
        let run = |arguments: &[&str]| {
            let mut command = isolated(env!("CARGO_BIN_EXE_ocl-migrate"), repo.path());
            let command = command.args(arguments).envs(variables.iter().copied());
            let output = command.output().unwrap();
            assert!(output.status.success(), "{arguments:?}");
            output.stdout
        };
        run(&["man", "pages"]);
        let pages = ocl_migrate::verify::Files::read(&repo.path().join("pages")).unwrap();
        let shells = ["bash", "elvish", "fish", "powershell", "zsh"];
        (pages, shells.map(|shell| run(&["completions", shell])))
    };
    let here = made(&[]);
    assert!(here.0.iter().count() > 20);
    let elsewhere = made(&[
        ("COLUMNS", "40"),
        ("LANG", "de_DE.UTF-8"),
        ("NO_COLOR", "1"),
        ("OCL_MIGRATE_TENANT", "other"),
        ("SOURCE_DATE_EPOCH", "1"),
        ("TZ", "Asia/Tokyo"),
    ]);
    assert!(here == elsewhere);
}
