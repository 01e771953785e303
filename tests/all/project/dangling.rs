//! References that a migration leaves without what they refer to: `preview` warns of them.

use std::fs;

use insta::assert_snapshot;
use ocl_migrate::project::{LoadOptions, Project, Warning};

use crate::support::{Sandbox, corpus};

const CATALOG: &str = r#"catalog "garage" { base_path = ".garage" }
document "parts" { path = "parts.ocl" }
document "plan" { path = "plans/*.ocl" }
thing "part" {
  defined_in = "parts"
  at         = "part"
  name       = [label, "other_name"]
  built_in   = "Air"
}
thing "tool" {}
template "octostache" {
  at        = "**"
  refers_to = "part"
}
reference "part" { at = ["use.part", "use.spare"] }
reference "tool" { at = "use.tool" }
"#;

/// A repository with its catalog: `main` is at version 1, and each step is `version_name`.
fn garage(steps: &[(&str, &str)]) -> Sandbox {
    let repo = Sandbox::empty();
    let write = |path: &str, text: &str| {
        let path = repo.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("catalog/catalog.hcl", CATALOG);
    for (name, step) in steps {
        write(&format!("catalog/{name}/step.hcl"), step);
    }
    write(".garage/schema_version.ocl", "version = 1");
    let part = |name: &str| format!("part \"{name}\" {{\n    size = 1\n}}\n");
    let parts = ["Wheel", "Door", "Pedal[left]"].map(part).join("\n");
    write(".garage/parts.ocl", &parts);
    write(
        ".garage/plans/car.ocl",
        "use {\n    part = \"Wheel\"\n    spare = \"door\"\n    text = \"#{Wheel.Size} of #{Air.Pressure}\"\n    tool = \"saw\"\n}\n",
    );
    write(
        ".garage/plans/bicycle.ocl",
        "use {\n    part = \"wheel\"\n    spare = \"Nothing\"\n    text = \"#{each pedal in Pedal}#{pedal}#{/each}\"\n}\n",
    );
    repo.shell("git add -A && git commit -q -m Begin");
    repo
}

fn warnings(repo: &Sandbox) -> String {
    let arguments = [
        "--catalog",
        "catalog",
        "preview",
        "main",
        "--stat",
        "--no-plan",
    ];
    let told = repo.run_plain(&arguments);
    let warnings = told.lines().filter(|line| line.starts_with("warning: "));
    warnings.collect::<Vec<_>>().join("\n")
}

const PLAIN: (&str, &str) = (
    "0002_sizes",
    "description = \"What it does\"\ndocument = \"parts\"\nmodify {\n  in \"part\" {\n    convert = { size = value + 1 }\n  }\n}\n",
);

#[test]
fn a_name_that_a_step_changes_while_others_refer_to_it() {
    let renames = "description = \"What it does\"\ndocument = \"parts\"\nmodify {\n  in \"part\" {\n    label = \"new-${lower(value)}\"\n  }\n}\n";
    let repo = garage(&[PLAIN, ("0003_names", renames)]);
    assert_snapshot!(warnings(&repo));
    let json = repo.run_plain(&[
        "--catalog",
        "catalog",
        "preview",
        "main",
        "--format",
        "json",
    ]);
    let json: serde_json::Value =
        serde_json::from_str(json.lines().find(|line| line.starts_with('{')).unwrap()).unwrap();
    let told = json["warnings"].as_array().unwrap();
    let lines = warnings(&repo);
    let shown: Vec<&str> = lines
        .lines()
        .map(|line| &line["warning: ".len()..])
        .collect();
    assert_eq!(*told, shown);
    repo.run_plain(&[
        "--catalog",
        "catalog",
        "preview",
        "main",
        "--html",
        "page.html",
    ]);
    let page = fs::read_to_string(repo.path().join("page.html")).unwrap();
    assert!(page.contains("no document defines the part `Wheel` any more"));
}

#[test]
fn a_reference_that_a_step_changes_and_a_thing_that_it_takes_away() {
    let other = "description = \"What it does\"\ndocument = \"plan\"\nmodify {\n  in \"use\" {\n    convert = { spare = \"new-${value}\" }\n  }\n}\n";
    let gone = "description = \"What it does\"\ndocument = \"parts\"\nmodify {\n  in \"part\" {\n    when = self[\"$labels\"][0] == \"Wheel\"\n    label = null\n  }\n}\n";
    let repo = garage(&[("0002_spares", other), ("0003_gone", gone)]);
    assert_snapshot!(warnings(&repo));
}

/// It keeps its old name beside the new one, the references change with it, or nothing is said to hold the things any more.
#[test]
fn what_still_leads_somewhere_is_not_told() {
    assert_eq!(warnings(&garage(&[PLAIN])), "");
    let keeps = "description = \"What it does\"\ndocument = \"parts\"\nmodify {\n  in \"part\" {\n    default = { other_name = self[\"$labels\"][0] }\n    label = \"new-${lower(value)}\"\n  }\n}\n";
    assert_eq!(warnings(&garage(&[("0002_keeps", keeps)])), "");
    let removes = "description = \"What it does\"\ndocument = \"parts\"\none_way = \"it is gone\"\nremove {}\n";
    let repo = garage(&[("0002_removes", removes)]);
    assert_eq!(warnings(&repo), "");
    // A migration to an older shape than the newest is one in which nothing is declared.
    let renames = "description = \"What it does\"\ndocument = \"parts\"\nmodify {\n  in \"part\" {\n    label = \"new-${lower(value)}\"\n  }\n}\n";
    let repo = garage(&[("0002_names", renames), ("0003_sizes", PLAIN.1)]);
    let told = repo.run_plain(&[
        "--catalog",
        "catalog",
        "preview",
        "main",
        "--to",
        "2",
        "--stat",
    ]);
    assert!(!told.contains("warning"), "{told}");
    assert!(warnings(&repo).contains("after the step 2 names"));
}

/// In no migration that the server did itself, and in no ref of real repositories, does a step leave a reference without its thing.
#[test]
fn real_migrations_leave_nothing_dangling() {
    let Some(corpus) = corpus() else { return };
    let repo = Sandbox::empty();
    let copied = format!(
        "for it in '{}'/*/before; do \
           rm -rf .octopus && cp -r \"$it\" .octopus && git add -A && git commit -q --allow-empty -m \"$it\" \
           && git branch \"$(basename \"$(dirname \"$it\")\")\"; done",
        corpus.join("migrations").canonicalize().unwrap().display()
    );
    repo.shell(&copied);
    let project = Project::open(repo.path()).unwrap();
    let mut refs = 0;
    for name in repo.shell("git branch --format='%(refname)'").lines() {
        let loaded = project.load(name, LoadOptions::default());
        let Ok(loaded) = loaded else { continue };
        let dangling: Vec<Warning> = loaded.dangling();
        assert_eq!(dangling, [], "{name}");
        refs += 1;
    }
    assert!(refs > 70, "{refs}");
}
