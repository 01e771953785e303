//! What only a position tells from others has its line in messages, where the text is the one in the file.

use crate::support::Sandbox;

/// A catalog whose newest step refuses actions without a size, and a branch at version 1.
fn repository() -> Sandbox {
    let repo = Sandbox::empty();
    let actions = "action {\n    size = 1\n}\n\naction {\n    kind = \"a\"\n}\n";
    for (file, text) in [
        ("mine/catalog.hcl", CATALOG),
        (
            "mine/0001_jobs/step.hcl",
            &step("default = { name = \"x\" }"),
        ),
        (
            "mine/0002_colour/step.hcl",
            &step("rename = { colour = \"color\" }"),
        ),
        (
            "mine/0003_size/step.hcl",
            &step(
                "in \"action\" {\nwhen = self.size == null\nreject = \"an action needs a size\"\n}",
            ),
        ),
        (".mine/schema_version.ocl", "version = 1"),
        (".mine/jobs/plain.ocl", &format!("name = \"x\"\n{actions}")),
        (
            ".mine/jobs/sized.ocl",
            "name = \"x\"\naction {\n    size = 1\n}\naction {\n    size = 2\n}\n",
        ),
        (".mine/jobs/changed.ocl", &format!("colour = 1\n{actions}")),
    ] {
        let path = repo.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    repo.shell("git add -A; git commit -qm 'At version 1'");
    repo
}

const CATALOG: &str = r#"
catalog "mine" { base_path = ".mine" }
marker {
  path      = "schema_version.ocl"
  attribute = "version"
}
document "job" { path = "jobs/*.ocl" }
"#;

fn step(body: &str) -> String {
    format!("description = \"A step\"\ndocument = \"job\"\nmodify {{\n{body}\n}}\n")
}

fn run(repo: &Sandbox, arguments: &[&str]) -> String {
    repo.run_plain(&[&["--catalog", "mine"], arguments].concat())
}

#[test]
fn of_a_document_that_a_step_refuses() {
    let repo = repository();
    let text = run(&repo, &["preview", "main"]);
    let of_plain = "an action needs a size (at action, line 6)";
    assert_eq!(text.matches(of_plain).count(), 1, "{text}");
    // An earlier step has changed the text: its lines may be others, and the block is told by its position.
    assert_eq!(text.matches("(at action[1])").count(), 1, "{text}");
    let text = run(&repo, &["--format", "json", "upgrade", "main", "-m", "x"]);
    assert!(
        text.contains(
            r#""document":"job/plain","file":".mine/jobs/plain.ocl","line":6,"column":1"#
        ),
        "{text}"
    );
}

#[test]
fn of_several_that_a_selector_may_mean() {
    let repo = repository();
    let set = [
        "commit",
        "main",
        "-m",
        "x",
        "--set",
        "job/sized action.size=3",
    ];
    let text = run(&repo, &set);
    assert!(text.contains("selects 2 things"), "{text}");
    for line in ["(line 3)", "(line 6)"] {
        assert!(text.contains(line), "{text}");
    }
}
