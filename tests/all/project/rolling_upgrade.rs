//! Two servers on one repository and one store, of which one is upgraded first.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::support::{World, explain, request, scratch};
use insta::assert_snapshot;
use ocl_migrate::catalog::{Catalog, Step};
use ocl_migrate::project::{LoadError, LoadOptions, Loaded, Project, Remedy, leave_steps};
use ocl_migrate::report::RefReport;
use ocl_migrate::store::{MemoryStore, Store, StoredCatalog};

const STEPS: [&str; 3] = [
    "modify {\n  rename = { colour = \"color\" }\n}",
    "modify {\n  convert = { width = value + 10 }\n}",
    "one_way = \"nobody remembers\"\nmodify {\n  remove = [\"old\"]\n}",
];

fn catalog(version: usize) -> Catalog {
    let folder = scratch::folder();
    write_catalog(folder.path(), version);
    Catalog::load(folder.path()).unwrap_or_else(|error| panic!("{error}"))
}

fn write_catalog(folder: &std::path::Path, version: usize) {
    let head = "catalog \"rolling\" { base_path = \".octopus\" }\ndocument \"fizz\" { path = \"fizz.ocl\" }\n\
                document \"buzz\" { path = \"buzz.ocl\" }\n";
    fs::write(folder.join("catalog.hcl"), head).unwrap();
    for (version, body) in (1..).zip(&STEPS[..version]) {
        let step = folder.join(format!("{version:04}_step"));
        fs::create_dir(&step).unwrap();
        let text = format!("description = \"a step\"\ndocument = \"fizz\"\n{body}\n");
        fs::write(step.join("step.hcl"), text).unwrap();
    }
}

fn world() -> World {
    let mut world = World::new("fizz: 1 modify");
    world.catalog = Arc::new(catalog(1));
    world
}

fn server(world: &World, catalog: Catalog) -> Project {
    Project::builder(world.repo.open(), Arc::new(catalog))
        .base_path(".octopus")
        .store(Arc::new(world.store()))
        .build()
        .unwrap()
}

fn width(loaded: &Loaded) -> String {
    let text = loaded.content(loaded.document("fizz").unwrap()).unwrap();
    let text = String::from_utf8(text.unwrap()).unwrap();
    let line = text.lines().find(|line| line.starts_with("width")).unwrap();
    line.to_owned()
}

#[test]
fn the_older_server_reads_throughout() {
    let world = world();
    for branch in ["a", "b", "c"] {
        world.branch(branch, 1, &[("fizz.ocl", "color = \"red\"\nwidth = 5\n")]);
    }
    let older = world.project();
    let (is_done, downward) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_done.load(Ordering::SeqCst) {
                for branch in ["a", "b", "c"] {
                    let loaded = older.load_migrated(branch).unwrap();
                    let width = width(&loaded);
                    assert!(["width = 5", "width = 6"].contains(&&*width), "{width}");
                    let is_downward = usize::from(loaded.newer_steps().is_some());
                    downward.fetch_add(is_downward, Ordering::SeqCst);
                }
            }
        });
        let newer = server(&world, catalog(2));
        for branch in ["a", "b", "c"] {
            let mut draft = newer.load_migrated(branch).unwrap().edit();
            draft.put("fizz", "color = \"red\"\nwidth = 16\n").unwrap();
            let _ = draft.commit(request("Six")).unwrap();
        }
        // Once more with everything above the older server; a reader that failed counts no more.
        let (before, began) = (downward.load(Ordering::SeqCst), Instant::now());
        while downward.load(Ordering::SeqCst) < before + 3 && began.elapsed().as_secs() < 60 {
            std::thread::sleep(Duration::from_millis(5));
        }
        is_done.store(true, Ordering::SeqCst);
        assert!(downward.load(Ordering::SeqCst) >= before + 3);
    });
    let loaded = older.load_migrated("a").unwrap();
    assert_snapshot!(explain(&loaded), @r#"
    2 to 1
    2 step: run
    fizz changed: color = "red"; width = 6;
    "#);
    let warnings: Vec<String> = loaded.warnings().iter().map(ToString::to_string).collect();
    assert_snapshot!(warnings.join("\n"), @"the branch is at version 2, above this server's 1: it is read with the steps that a newer server left in the store, and can't be written here");
    let report = serde_json::to_value(RefReport::new(&loaded)).unwrap();
    assert_eq!(report["newer_steps"].as_str(), loaded.newer_steps());
    assert_eq!(
        (&report["branch_version"], &report["target_version"]),
        (&2.into(), &1.into())
    );
    // It reads, and only reads.
    let mut draft = loaded.edit();
    draft.put("fizz", "width = 7").unwrap();
    let refused = draft.commit(request("Seven")).unwrap_err();
    assert_eq!(refused.remedy(), Remedy::UpgradeServer);
    let mut draft = older.load_migrated("a").unwrap().edit();
    draft.downgrade();
    assert_eq!(
        draft.commit(request("Down")).unwrap_err().remedy(),
        Remedy::UpgradeServer
    );
    assert_eq!(world.repo.git(&["rev-list", "--count", "a"]), "2");
}

/// A newer server's steps cache within the same bound, and are counted with the rest.
#[test]
fn newer_steps_share_the_projects_cache() {
    for (bytes, hits) in [(0, 0), (1 << 20, 1)] {
        let world = world();
        world.branch("main", 2, &[("fizz.ocl", "width = 15")]);
        server(&world, catalog(2)).leave_steps().unwrap();
        let older = world.project_with(|builder| builder.cache_bytes(bytes));
        for _ in 0..2 {
            let loaded = older.load_migrated("main").unwrap();
            assert!(loaded.newer_steps().is_some());
            assert_eq!(width(&loaded), "width = 5");
        }
        let stats = older.cache_stats();
        assert_eq!(
            (stats.migrations.hits, stats.migrations.misses),
            (hits, 2 - hits)
        );
        assert_eq!(stats.migrations.bytes > 0, hits > 0);
        assert_eq!(stats.originals.bytes > 0, hits > 0);
    }
}

#[test]
fn without_the_steps_a_newer_branch_is_refused_as_ever() {
    let world = world();
    world.branch("main", 2, &[("fizz.ocl", "width = 15")]);
    let refused = world.project().load_migrated("main").err().unwrap();
    assert_eq!(refused.remedy(), Remedy::UpgradeServer);
    // Steps of another kind of server in the same store are not taken for this one's.
    let other = fs::read_to_string("fixtures/catalogs/fizz/catalog.hcl").unwrap();
    assert!(!other.contains("\"rolling\""));
    let fizz = Catalog::load("fixtures/catalogs/fizz".as_ref()).unwrap();
    assert!(leave_steps(&fizz, &world.store()).unwrap());
    let refused = world.project().load_migrated("main").err().unwrap();
    assert_eq!(refused.remedy(), Remedy::UpgradeServer);
}

#[test]
fn whatever_opens_the_store_for_writing_leaves_the_steps_and_no_reader_does() {
    let there = |world: &World| world.store().catalogs(1).unwrap().len();
    let adopting = world();
    adopting.branch("main", 1, &[("fizz.ocl", "width = 5")]);
    let loaded = adopting.load("main");
    for document in loaded.documents() {
        let _ = loaded.content(document).unwrap();
    }
    let adoption = loaded.adopt(0).unwrap();
    assert_eq!(there(&adopting), 0, "nothing is written yet");
    let _ = adoption.publish().unwrap();
    assert_eq!(there(&adopting), 1);

    let starting = world();
    assert!(starting.project().leave_steps().unwrap());
    assert!(!starting.project().leave_steps().unwrap(), "they are there");
    assert_eq!(there(&starting), 1);

    let commanded = world();
    let folder = commanded.path().join("catalog");
    fs::create_dir(&folder).unwrap();
    write_catalog(&folder, 1);
    let run = |arguments: &[&str]| {
        let status = std::process::Command::new(env!("CARGO_BIN_EXE_ocl-migrate"))
            .args(["--repo", commanded.repo.path().to_str().unwrap()])
            .args(["--catalog", folder.to_str().unwrap()])
            .args(["--store", commanded.store_path().to_str().unwrap()])
            .args(arguments)
            .stdout(std::process::Stdio::null())
            .status()
            .unwrap();
        assert!(status.success(), "{arguments:?}");
    };
    for reading in ["status", "list"] {
        run(&["store", reading]);
    }
    assert_eq!(there(&commanded), 0);
    run(&["store", "lookup", "put", "names", "a", "b"]);
    assert_eq!(there(&commanded), 1);
}

/// A newer server gives the marker another name. Only the steps that it left in the store can tell.
#[test]
fn a_marker_that_a_newer_server_renamed_is_found_with_its_steps() {
    let world = world();
    world.branch("main", 1, &[("fizz.ocl", "color = \"red\"\nwidth = 5")]);
    let folder = scratch::folder();
    write_catalog(folder.path(), 2);
    let head = fs::read_to_string(folder.path().join("catalog.hcl")).unwrap()
        + "marker {\n  path = \"version.ocl\"\n  attribute = \"version\"\n  legacy_paths = [\"schema_version.ocl\"]\n}\n";
    fs::write(folder.path().join("catalog.hcl"), head).unwrap();
    world.repo.git(&["branch", "old", "main"]);
    let step = folder.path().join("0003_marker");
    fs::create_dir(&step).unwrap();
    let text = "description = \"a\"\ndocument = \"schema_version\"\nrename { from = \"schema_version.ocl\" }\n";
    fs::write(step.join("step.hcl"), text).unwrap();
    let newer = server(&world, Catalog::load(folder.path()).unwrap());
    let mut draft = newer.load_migrated("main").unwrap().edit();
    let _ = draft.upgrade().commit(request("Three")).unwrap();
    assert_snapshot!(world.repo.text("main"), @r#"
    .octopus/fizz.ocl: color = "red"; width = 15
    .octopus/version.ocl: version = 3
    "#);
    let loaded = world.load("main");
    assert_snapshot!(explain(&loaded), @r#"
    3 to 1
    3 marker: run
    2 step: run
    fizz changed: color = "red"; width = 5
    "#);
    assert!(loaded.newer_steps().is_some());
    let mut draft = loaded.edit();
    draft.put("fizz", "width = 7").unwrap();
    let refused = draft.commit(request("Seven")).unwrap_err();
    assert_eq!(refused.remedy(), Remedy::UpgradeServer);
    for [ours, theirs] in [["main", "old"], ["old", "main"]] {
        let options = LoadOptions::default();
        let refused = world.project().merge_sides(ours, theirs, options);
        assert_eq!(refused.err().unwrap().remedy(), Remedy::UpgradeServer);
    }
    // Without them nobody knows that there is a marker.
    let alone = Project::builder(world.repo.open(), world.catalog.clone());
    let alone = alone.base_path(".octopus").build().unwrap();
    let refused = alone.load_migrated("main").err().unwrap();
    assert!(
        matches!(refused, LoadError::DocumentsWithoutMarker { .. }),
        "{refused}"
    );
}

#[test]
fn damaged_steps_are_refused() {
    let world = world();
    world.branch("main", 2, &[("fizz.ocl", "width = 15")]);
    let elsewhere = MemoryStore::default();
    assert!(leave_steps(&catalog(2), &elsewhere).unwrap());
    let left = elsewhere.catalogs(0).unwrap().remove(0);
    let put = |version: u32, content: &str, digest: &str| {
        let stored = StoredCatalog {
            digest: digest.to_owned(),
            version,
            content: content.to_owned(),
        };
        world.store().put_catalog(&stored).unwrap();
        let error = world.project().load_migrated("main").err().unwrap();
        assert!(matches!(error, LoadError::NewerSteps { .. }), "{error}");
        error.to_string()
    };
    // Each comes before the one put earlier, as its version is lower or its digest is.
    assert_snapshot!(put(9, &left.content, &left.digest), @"the store holds a newer server's steps, up to version 9, and they can't be used: its highest version is 2, but it states 9");
    let damaged = left.content.replace("+ 10", "+ 11");
    assert_snapshot!(put(2, &damaged, &"f".repeat(64)), @"the store holds a newer server's steps, up to version 2, and they can't be used: its content doesn't match its digest: it was damaged, or changed by hand");
}

#[test]
fn steps_that_cannot_be_undone_fail_their_documents_only() {
    let world = world();
    world.branch(
        "main",
        1,
        &[("fizz.ocl", "color = \"red\""), ("buzz.ocl", "b = 1")],
    );
    let newest = server(&world, catalog(3));
    let mut draft = newest.load_migrated("main").unwrap().edit();
    let _ = draft.upgrade().commit(request("Three")).unwrap();
    assert_snapshot!(explain(&world.load("main")), @"
    3 to 1
    3 step: refuse, one_way
    2 step: run
    fizz failed: step 3 step (0003_step/step.hcl): this step is one-way: nobody remembers
    buzz unchanged: b = 1
    ");
}

#[test]
fn steps_in_rust_can_not_travel_and_say_so() {
    let world = world();
    world.branch(
        "main",
        1,
        &[("fizz.ocl", "width = 5"), ("buzz.ocl", "b = 1")],
    );
    let in_rust = Step::modify(4, "in_rust", "buzz", |edit, _| {
        let root = edit.root();
        edit.set(root, "seen", true)?;
        Ok(())
    });
    // It could be undone there, but not here.
    let in_rust = in_rust.down(|_, _| Ok(()));
    let newer = server(&world, catalog(2).with_steps([in_rust]).unwrap());
    let mut draft = newer.load_migrated("main").unwrap().edit();
    let _ = draft.upgrade().commit(request("Four")).unwrap();
    assert_snapshot!(explain(&world.load("main")), @"
    4 to 1
    4 in_rust: refuse, one_way
    2 step: run
    fizz changed: width = 5
    buzz failed: step 4 in_rust: this step is one-way: it is written in Rust, and this server doesn't have its code
    ");
}
