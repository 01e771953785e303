//! `new contract`: drafts, on copies of catalogs.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;

use crate::support::{Sandbox, project};

/// A repository with a copy of a catalog beside it, without any contract for this kind.
fn copy(script: Option<&str>, from: &str, kind: &str) -> Sandbox {
    let repo = script.map_or_else(Sandbox::empty, Sandbox::new);
    let from = project().join(from);
    repo.shell(&format!(
        "mkdir .git/own && cp -R '{}' .git/own/catalog",
        from.display()
    ));
    let beside = from.parent().unwrap().join("snapshots");
    if beside.is_dir() && !from.join("snapshots").is_dir() {
        repo.shell(&format!("cp -R '{}' .git/own/snapshots", beside.display()));
    }
    let file = repo.path().join(".git/own/catalog/catalog.hcl");
    let text = fs::read_to_string(&file).unwrap();
    let mut kept = String::new();
    let (mut here, mut within) = (false, false);
    for line in text.lines() {
        if line.starts_with("document ") {
            here = line.contains(&format!("\"{kind}\""));
        }
        let begins = here && line.starts_with("  contract ");
        if !begins && !within {
            kept.push_str(line);
            kept.push('\n');
        }
        within = begins && line.ends_with('{') || within && line != "  }";
    }
    fs::write(&file, kept).unwrap();
    repo.shell(&format!("rm -f .git/own/catalog/contracts/{kind}_*"));
    repo
}

fn run(repo: &Sandbox, arguments: &[&str]) -> String {
    repo.run_plain(&[&["--catalog", ".git/own/catalog"], arguments].concat())
}

fn read(repo: &Sandbox, file: &str) -> String {
    fs::read_to_string(repo.path().join(".git/own/catalog").join(file)).unwrap()
}

/// In both languages: the catalog is as sound with its draft as it was before.
#[test]
fn a_catalog_keeps_to_what_was_drafted_from_it() {
    let kinds = [
        ("fizz", "fizz"),
        ("fizz", "team"),
        ("flags", "flag"),
        ("flags", "segment"),
        ("gitops", "application"),
        ("gitops", "project"),
    ];
    for (name, kind) in kinds {
        for language in ["json-schema", "protobuf"] {
            let repo = copy(None, &format!("fixtures/catalogs/{name}"), kind);
            let said = run(&repo, &["new", "contract", kind, "--as", language]);
            assert!(said.ends_with("--- exit 0"), "{kind} {language}: {said}");
            let said = run(&repo, &["verify"]);
            assert!(said.ends_with("--- exit 0"), "{kind} {language}: {said}");
        }
    }
}

/// Every snapshot and case of the shipped catalog's kinds is held to the draft before it stays.
#[test]
fn the_shipped_kinds_are_drafted() {
    for kind in [
        "deployment_process",
        "deployment_settings",
        "runbook",
        "variables",
    ] {
        for language in ["json-schema", "protobuf"] {
            let repo = copy(None, "steps", kind);
            let said = run(&repo, &["new", "contract", kind, "--as", language]);
            assert!(said.ends_with("--- exit 0"), "{kind} {language}: {said}");
        }
    }
}

#[test]
fn what_is_made_and_said() {
    let repo = copy(None, "fixtures/catalogs/gitops", "application");
    assert_snapshot!("made", run(&repo, &["new", "contract", "application"]));
    assert_snapshot!("schema", read(&repo, "contracts/application_8.json"));
    assert_snapshot!("declared", read(&repo, "catalog.hcl"));
    let repo = copy(None, "fixtures/catalogs/gitops", "application");
    assert_snapshot!(
        "json",
        repo.pretty_plain(&[
            "--catalog",
            ".git/own/catalog",
            "new",
            "contract",
            "application",
            "--as",
            "protobuf",
            "--version",
            "5",
        ])
    );
    assert_snapshot!("message", read(&repo, "contracts/application_5.proto"));
    assert_snapshot!("message_declared", read(&repo, "catalog.hcl"));
    // At 7 the documents are others, and the draft for 5 holds there too.
    let repo = copy(None, "fixtures/catalogs/gitops", "application");
    assert_snapshot!(
        "older",
        run(&repo, &["new", "contract", "application", "--version", "3"])
    );
}

/// Documents of refs count, lifted to the version, and those that can't be are named.
#[test]
fn refs_bring_more_documents() {
    let repo = copy(Some("check"), "steps", "variables");
    let without = run(&repo, &["new", "contract", "variables"]);
    assert!(without.ends_with("--- exit 0"), "{without}");
    let few = read(&repo, "contracts/variables_14.json");
    let repo = copy(Some("check"), "steps", "variables");
    let said = run(
        &repo,
        &[
            "new",
            "contract",
            "variables",
            "--from",
            "main",
            "old",
            "broken",
            "unmarked",
        ],
    );
    assert_snapshot!("from_refs", said);
    let more = read(&repo, "contracts/variables_14.json");
    assert_ne!(few, more);
    // What was drafted from a ref finds nothing wrong in it.
    let said = run(&repo, &["check", "main"]);
    assert!(!said.contains("contract_"), "{said}");
    let repo = copy(Some("check"), "steps", "variables");
    assert_snapshot!(
        "unknown_ref",
        run(
            &repo,
            &["new", "contract", "variables", "--from", "nothing"]
        )
    );
}

/// A schema counts a block's labels, where a message names each: a kind may have one, and then the other.
#[test]
fn labels_are_the_same_in_both_languages() {
    let write = |repo: &Sandbox, file: &str, text: &str| {
        let file = repo.path().join(".git/own/catalog").join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    };
    for (first, second) in [
        ("json-schema", "protobuf"),
        ("protobuf", "json-schema"),
        ("protobuf", "protobuf"),
    ] {
        let repo = Sandbox::empty();
        write(
            &repo,
            "catalog.hcl",
            "catalog \"own\" { base_path = \".own\" }\nmarker {\n  path      = \"schema_version.ocl\"\n  attribute = \"version\"\n}\ndocument \"job\" { path = \"jobs/*.ocl\" }\n",
        );
        for (step, attribute) in [("0001_cpu", "cpu"), ("0002_memory", "memory")] {
            write(
                &repo,
                &format!("{step}/step.hcl"),
                &format!(
                    "description = \"Jobs say what they need\"\ndocument = \"job\"\nmodify {{ default = {{ {attribute} = 1 }} }}\n"
                ),
            );
        }
        let build = "\nstep \"build\" {\n    run = \"make\"\n}\n";
        for (case, before, after) in [
            ("0001_cpu", "retries = 3\n", "cpu = 1\nretries = 3\n"),
            (
                "0002_memory",
                "cpu = 1\nretries = 3\n",
                "cpu = 1\nmemory = 1\nretries = 3\n",
            ),
        ] {
            for (name, step) in [("labelled", build), ("without", "")] {
                let place = format!("{case}/cases/{name}");
                write(
                    &repo,
                    &format!("{place}/before.ocl"),
                    &format!("{before}{step}"),
                );
                write(
                    &repo,
                    &format!("{place}/after.ocl"),
                    &format!("{after}{step}"),
                );
            }
        }
        for (version, language) in [("1", first), ("2", second)] {
            let asked = [
                "new",
                "contract",
                "job",
                "--version",
                version,
                "--as",
                language,
            ];
            let said = run(&repo, &asked);
            assert!(said.ends_with("--- exit 0"), "{first}, {second}: {said}");
        }
        let said = run(&repo, &["verify"]);
        assert!(!said.contains("[case]"), "{first}, {second}: {said}");
        assert!(!said.contains("[agreement]"), "{first}, {second}: {said}");
        // A label that goes is told in both.
        let newer = fs::read_to_string(repo.path().join(".git/own/catalog/catalog.hcl")).unwrap();
        if second == "protobuf" {
            let without = newer.replace(
                "    labels = {\n      \"Job.Step\" = [\"name\"]\n    }\n  }\n}",
                "  }\n}",
            );
            assert_ne!(newer, without);
            write(&repo, "catalog.hcl", &without);
            let message = read(&repo, "contracts/job_2.proto");
            let message = message.replace("    required string name = 1;\n", "");
            write(&repo, "contracts/job_2.proto", &message);
            let said = run(&repo, &["verify"]);
            assert_eq!(
                said.contains("`step.name` went"),
                first == "protobuf",
                "{said}"
            );
        }
    }
}

/// Whatever is refused leaves the catalog as it is.
#[test]
fn what_is_refused() {
    let repo = copy(None, "fixtures/catalogs/gitops", "application");
    let before = files(&repo);
    let catalog = ["new", "contract"];
    let refused = |arguments: &[&str]| run(&repo, &[&catalog, arguments].concat());
    assert_snapshot!("unknown_kind", refused(&["applications"]));
    assert_snapshot!("too_new", refused(&["application", "--version", "9"]));
    assert_snapshot!("named", refused(&["application", "first"]));
    assert_snapshot!("no_documents", refused(&["repository"]));
    assert_snapshot!("rust", refused(&["application", "--rust"]));
    assert_snapshot!(
        "not_a_contract",
        run(
            &repo,
            &["new", "modify", "application", "x", "--as", "protobuf"]
        )
    );
    assert_snapshot!("no_name", run(&repo, &["new", "modify", "application"]));
    assert_snapshot!("builtin", repo.run_plain(&["new", "contract", "runbook"]));
    assert_eq!(files(&repo), before);
    // There already.
    let made = refused(&["application"]);
    assert!(made.ends_with("--- exit 0"), "{made}");
    let before = files(&repo);
    assert_snapshot!("declared_already", refused(&["application"]));
    fs::write(
        repo.path()
            .join(".git/own/catalog/contracts/project_5.json"),
        "mine",
    )
    .unwrap();
    assert_snapshot!("file_already", refused(&["project", "--version", "5"]));
    fs::remove_file(
        repo.path()
            .join(".git/own/catalog/contracts/project_5.json"),
    )
    .unwrap();
    assert_eq!(files(&repo), before);
}

fn files(repo: &Sandbox) -> Vec<(String, Vec<u8>)> {
    let read = ocl_migrate::verify::Files::read(Path::new(&repo.path().join(".git/own/catalog")));
    let read = read.unwrap();
    read.iter()
        .map(|(path, bytes)| (path.to_owned(), bytes.to_vec()))
        .collect()
}
