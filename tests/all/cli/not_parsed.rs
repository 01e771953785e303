//! Documents that aren't OCL and that no step touches: every command that passes over them says so.

use std::fs;

use crate::support::Sandbox;

const CATALOG: &str = r#"
catalog "shop" {
  base_path        = "config"
  unknown_versions = [1]
}
document "menu" { path = "menu.ocl" }
document "note" { path = "notes/*.ocl" }
"#;

const STEP: &str = r#"
description = "Sizes are texts"
document    = "menu"
modify {
  set = { size = 2 }
}
"#;

/// A branch at version 1, with a step for `menu` to come, and with two notes that aren't OCL.
fn shop() -> Sandbox {
    let repo = Sandbox::empty();
    let write = |path: &str, text: &[u8]| {
        let path = repo.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("catalog/catalog.hcl", CATALOG.as_bytes());
    write("catalog/0002_size/step.hcl", STEP.as_bytes());
    write("config/schema_version.ocl", b"version = 1\n");
    write("config/menu.ocl", b"size = 1\n");
    write("config/notes/bad.ocl", b"a = 1\nb =\n");
    write("config/notes/latin.ocl", b"name = \"caf\xe9\"\n");
    repo.shell("git init -q --initial-branch=main && git add config && git commit -qm Begin");
    repo
}

const TOLD: [&str; 2] = [
    "note/bad: it can't be read, and stays as it is, since no step touches it: config/notes/bad.ocl:2:4: ",
    "note/latin: it can't be read, and stays as it is, since no step touches it: config/notes/latin.ocl:1:12: byte 0xe9",
];

#[test]
fn a_document_that_is_passed_over_is_told() {
    let repo = shop();
    let run = |arguments: &[&str]| repo.run_plain(&[&["--catalog", "catalog"], arguments].concat());
    run(&["store", "init"]);
    for (arguments, exit) in [
        (&["preview", "main"][..], 0),
        (&["preview", "main", "--to", "1"], 0),
        (&["rehearse"], 0),
        (&["upgrade", "main", "-m", "M", "--dry-run"], 0),
        (
            &[
                "commit",
                "main",
                "-m",
                "M",
                "--dry-run",
                "--set",
                "menu size=3",
            ],
            0,
        ),
    ] {
        let text = run(arguments);
        for told in TOLD {
            assert_eq!(
                text.matches(told).count(),
                1,
                "{arguments:?} {told}\n{text}"
            );
        }
        assert!(text.ends_with(&format!("--- exit {exit}")), "{text}");
    }
    let json = run(&["preview", "main", "--format", "json"]);
    assert!(
        json.contains(
            r#""not_parsed":{"path":"config/notes/bad.ocl","line":2,"column":4,"message":"#
        ),
        "{json}"
    );
    let json = run(&["rehearse", "--format", "json"]);
    assert!(json.contains("config/notes/bad.ocl:2:4"), "{json}");
    // What is put in its place is no longer passed over.
    fs::write(repo.path().join("good.ocl"), "a = 1\n").unwrap();
    let put = [
        "commit",
        "main",
        "-m",
        "M",
        "--put",
        "note/bad=good.ocl",
        "--remove",
        "note/latin",
    ];
    let text = run(&put);
    assert!(!text.contains("can't be read"), "{text}");
    assert!(text.ends_with("--- exit 0"), "{text}");
}

#[test]
fn explain_says_that_it_failed() {
    let repo = shop();
    let run = |arguments: &[&str]| repo.run_plain(&[&["--catalog", "catalog"], arguments].concat());
    let text = run(&["explain", "main", "note/bad"]);
    assert!(
        text.contains("note/bad on refs/heads/main: failed"),
        "{text}"
    );
    assert!(
        text.contains(TOLD[0]) && text.ends_with("--- exit 1"),
        "{text}"
    );
    let done = repo.command(&[
        "--catalog",
        "catalog",
        "--format",
        "json",
        "explain",
        "main",
        "note/bad",
    ]);
    assert_eq!(done.status.code(), Some(1));
    let told: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(told["outcome"], "failed");
    assert_eq!(told["not_parsed"]["line"], 2);
    let error = told["error"].as_str().unwrap();
    assert!(error.contains("--> config/notes/bad.ocl:2:4"), "{error}");
}

#[test]
fn who_names_such_a_document_is_told_its_path() {
    let repo = shop();
    let run = |arguments: &[&str]| repo.run_plain(&[&["--catalog", "catalog"], arguments].concat());
    run(&["store", "init"]);
    let text = run(&["blame", "main", "note/bad"]);
    assert!(text.contains("--> config/notes/bad.ocl:2:4"), "{text}");
    let text = run(&["commit", "main", "-m", "M", "--set", "note/bad a=2"]);
    assert!(
        text.contains("note/bad can't be edited: line 2, column 4: "),
        "{text}"
    );
}

#[test]
fn the_name_of_a_file_is_no_line_of_a_message() {
    let repo = shop();
    fs::write(
        repo.path().join("config/notes/new\nerror: line.ocl"),
        "a = 1\n",
    )
    .unwrap();
    repo.shell("git add config && git commit -qm Names");
    for arguments in [
        &["preview", "main"][..],
        &["rehearse"],
        &["compare"],
        &["show", "main"],
        &["export", "main", "--as", "json"],
        &["show", "main", "nothing"],
        &["commit", "main", "-m", "M", "--set", "menu size=3"],
    ] {
        let text = repo.run_plain(&[&["--catalog", "catalog"], arguments].concat());
        assert!(text.contains(r"new\nerror: line"), "{text}");
        assert!(!text.contains("new\nerror: line"), "{text}");
    }
}

#[test]
fn what_the_server_keeps_at_a_version_is_not_said_to_be_removed() {
    let repo = Sandbox::empty();
    repo.run_plain(&["demo", "shop"]);
    let text = repo.run_plain(&[
        "-C",
        "shop",
        "export",
        "main",
        "--to",
        "8",
        "--as",
        "json",
        "runbook/rotate-keys",
    ]);
    let told = "runbook/rotate-keys is not in Git at version 8, where the server keeps it itself: read it without `--to`";
    assert!(text.contains(told), "{text}");
    let text = repo.run_plain(&["-C", "shop", "export", "main", "--to", "8", "--as", "json"]);
    assert!(text.ends_with("--- exit 0"), "{text}");
}
