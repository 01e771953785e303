//! What the project is for: each goal has a test of its name, and a line in `docs/explanation.md`.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::support::{Sandbox, World, explain, project, request, scratch};
use ocl_migrate::catalog::{Catalog, Target};
use ocl_migrate::project::{EffectFailure, EffectRun, LoadOptions, Project};
use ocl_migrate::store::rusqlite::Connection;

/// The tests of this file.
const GOALS: [&str; 8] = [
    "up",
    "down",
    "roll_back",
    "retire",
    "baseline",
    "test_from_the_first_release",
    "one_document_a_step",
    "references_updated_once",
];

#[test]
fn each_goal_has_a_line_in_the_explanation() {
    let page = fs::read_to_string(project().join("docs/explanation.md")).unwrap();
    let here = include_str!("mod.rs");
    for goal in GOALS {
        assert!(page.contains(&format!("| `goals::{goal}` |")), "{goal}");
        assert!(here.contains(&format!("#[test]\nfn {goal}()")), "{goal}");
    }
    assert_eq!(page.matches("| `goals::").count(), GOALS.len());
}

/// A catalog of steps that can be undone.
fn reversible() -> Arc<Catalog> {
    let folder = scratch::folder();
    let files = [
        (
            "catalog.hcl",
            "catalog \"goals\" { base_path = \".octopus\" }\ndocument \"fizz\" { path = \"fizz.ocl\" }\n",
        ),
        (
            "0002_color/step.hcl",
            "description = \"c\"\ndocument = \"fizz\"\nmodify {\n  rename = { colour = \"color\" }\n}\n",
        ),
        (
            "0003_width/step.hcl",
            "description = \"w\"\ndocument = \"fizz\"\nmodify {\n  convert = { width = value + 10 }\n}\n",
        ),
    ];
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    Arc::new(Catalog::load(folder.path()).unwrap_or_else(|error| panic!("{error}")))
}

/// Branches at the first version and at the last.
fn reversible_world() -> World {
    let mut world = World::new("fizz: 1 modify");
    world.catalog = reversible();
    world.branch(
        "old",
        1,
        &[("fizz.ocl", "# Ours.\ncolour = \"red\"\nwidth = 20\n")],
    );
    world.branch(
        "new",
        3,
        &[("fizz.ocl", "# Ours.\ncolor = \"red\"\nwidth = 30\n")],
    );
    world
}

fn fizz(project: &Project, branch: &str, target: Option<u32>) -> String {
    let loaded = project.load(branch, LoadOptions { target }).unwrap();
    let fizz = loaded.document("fizz").unwrap();
    assert!(fizz.error().is_none(), "{}", explain(&loaded));
    String::from_utf8(loaded.content(fizz).unwrap().unwrap()).unwrap()
}

#[test]
fn up() {
    let world = reversible_world();
    let before = world.repo.git(&["for-each-ref"]);
    let new = fizz(&world.project(), "new", None);
    assert_eq!(fizz(&world.project(), "old", None), new);
    assert_eq!(world.repo.git(&["for-each-ref"]), before, "in memory");
    let changed = new.replace("red", "blue");
    let _ = world.put("old", "fizz", &changed).unwrap();
    let files = world.repo.files("old");
    assert_eq!(files[".octopus/fizz.ocl"], changed);
    assert_eq!(
        files[".octopus/schema_version.ocl"], "version = 3",
        "with the user's commit"
    );
}

#[test]
fn down() {
    let world = reversible_world();
    let old = fizz(&world.project(), "old", Some(1));
    assert_eq!(fizz(&world.project(), "new", Some(1)), old);
    assert_eq!(
        fizz(&world.project(), "new", Some(2)),
        fizz(&world.project(), "old", Some(2))
    );
}

#[test]
fn roll_back() {
    let world = reversible_world();
    let old = world.repo.files("old");
    let mut draft = world.edit("old");
    draft.upgrade();
    let _ = draft.commit(request("Upgrade")).unwrap();
    assert_ne!(world.repo.files("old"), old);
    let loaded = world
        .project()
        .load("old", LoadOptions { target: Some(1) })
        .unwrap();
    let mut draft = loaded.edit();
    draft.downgrade();
    let _ = draft.commit(request("Back")).unwrap();
    assert_eq!(world.repo.files("old"), old, "byte for byte");
}

/// The shipped catalog and its snapshots in a folder, without the versions below 9.
fn retired() -> Sandbox {
    let repo = Sandbox::empty();
    let (steps, snapshots) = (project().join("steps"), project().join("snapshots"));
    repo.shell(&format!(
        "cp -r '{}' '{}' .",
        steps.display(),
        snapshots.display()
    ));
    let done = repo.run_plain(&[
        "--catalog",
        "steps",
        "baseline",
        "9",
        "--last-release",
        "2026.4",
    ]);
    assert!(done.ends_with("exit 0"), "{done}");
    repo
}

#[test]
fn retire() {
    let repo = retired();
    repo.shell("mkdir .octopus; printf 'version = 8\\n' > .octopus/schema_version.ocl; git add -A; git commit -qm old");
    let refused = repo.run_plain(&["--catalog", "steps", "preview", "HEAD"]);
    assert!(
        refused.contains("upgrade it first with release 2026.4, the last that can"),
        "{refused}"
    );
    let status = repo.run_plain(&["--catalog", "steps", "status", "--fail-on", "retired"]);
    assert!(
        status.contains("retired") && status.ends_with("exit 1"),
        "{status}"
    );
}

#[test]
fn baseline() {
    let repo = retired();
    assert!(!repo.path().join("steps/0008_server_side_apply").exists());
    // All that is above it is verified against the snapshots that there were.
    let verified = repo.run_plain(&["--catalog", "steps", "verify"]);
    assert!(
        verified.contains("octopus 9 to 14: ") && verified.ends_with("exit 0"),
        "{verified}"
    );
    let changed = repo.shell(&format!(
        "diff -rq snapshots '{}' | grep -v 'Only in .*snapshots: v[1-8]$' | grep -v arrivals || true",
        project().join("snapshots").display()
    ));
    assert_eq!(changed, "");
}

#[test]
fn test_from_the_first_release() {
    let verified = Sandbox::empty().run_plain(&["verify"]);
    assert!(verified.contains("octopus 1 to 14: "), "{verified}");
    assert!(verified.ends_with("exit 0"), "{verified}");
}

#[test]
fn one_document_a_step() {
    // By what a step is: none has a second subject, `*` and the marker aside.
    let catalog = Catalog::builtin();
    let of_one = catalog
        .steps()
        .iter()
        .filter(|step| matches!(step.target(), Target::Kind(_)));
    assert_eq!(of_one.count() + 2, catalog.steps().len());
    // And by what it does: a document that it isn't about isn't even read.
    let world = World::new("fizz: 2 modify; buzz: 3 modify");
    world.branch("main", 1, &[("fizz.ocl", "a = 1"), ("buzz.ocl", "not OCL")]);
    let loaded = world.load("main");
    assert!(loaded.document("buzz").unwrap().error().is_some());
    assert_eq!(fizz(&world.project(), "main", None), "a = 1\nv2 = true");
    let unread = world
        .project()
        .load("main", LoadOptions { target: Some(2) })
        .unwrap();
    assert_eq!(unread.document("buzz").unwrap().outcome.name(), "unchanged");
}

#[test]
fn references_updated_once() {
    let world = World::new("fizz: 2 import effect update_references; buzz: 3 modify");
    for branch in ["one", "two"] {
        world.branch(branch, 1, &[("buzz.ocl", "b = 1")]);
    }
    world.row("fizz", "a = 1", 2);
    let server = || Connection::open(world.store_path()).unwrap();
    let tables = "CREATE TABLE triggers (fizz_id INTEGER, fizz_in_git TEXT); INSERT INTO triggers VALUES (7, NULL)";
    server().execute_batch(tables).unwrap();
    let runs = Arc::new(AtomicU32::new(0));
    let counted = runs.clone();
    let project = world.project_with(|builder| {
        builder.effect(
            "update_references",
            move |run: &mut EffectRun<'_>| -> Result<String, EffectFailure> {
                counted.fetch_add(1, Ordering::Relaxed);
                let connection = run.connection::<Connection>()?.ok_or("not SQLite")?;
                let updated = connection.execute(
                    "UPDATE triggers SET fizz_id = NULL, fizz_in_git = 'fizz'",
                    [],
                )?;
                Ok(format!("{updated} trigger refers to Git now"))
            },
        )
    });
    for branch in ["one", "two"] {
        let loaded = project.load_migrated(branch).unwrap();
        assert!(explain(&loaded).contains("fizz imported"));
        let mut draft = loaded.edit();
        draft.put("buzz", "b = 2").unwrap();
        let _ = draft.commit(request("Change")).unwrap();
        assert_eq!(runs.load(Ordering::Relaxed), 1, "{branch}");
    }
    let reference: String = server()
        .query_row(
            "SELECT fizz_in_git FROM triggers WHERE fizz_id IS NULL",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(reference, "fizz");
}
