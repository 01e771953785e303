//! Merging branches of a repository with several projects: one commit, and each project at a version of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use insta::assert_snapshot;
use ocl_migrate::git::GitProgram;
use ocl_migrate::project::{
    CommitError, Committed, MergeBranchError, MergeOptions, Merging, Project, ProjectBuilder,
    StoreOutcome,
};
use ocl_migrate::store::{ProjectKey, Row, Store};

use crate::support::{World, request, store_text};

const API: &str = ".octopus/api";
const WEB: &str = ".octopus/web";

/// A project of any base path.
fn project(world: &World, set: impl FnOnce(ProjectBuilder) -> ProjectBuilder) -> Project {
    let builder = Project::builder(world.repo.open(), world.catalog.clone());
    set(builder.store(Arc::new(world.store()))).build().unwrap()
}

fn options(ours: &[&str], theirs: &[&str]) -> MergeOptions {
    let addresses = |addresses: &[&str]| {
        let addresses = addresses.iter();
        addresses.map(|it| it.parse().unwrap()).collect()
    };
    MergeOptions {
        ours: addresses(ours),
        theirs: addresses(theirs),
        git: Some(GitProgram::default()),
        ..MergeOptions::default()
    }
}

fn merging(world: &World, theirs: &str, branch: &str) -> Merging {
    let project = project(world, |builder| builder);
    let merging = project.merge(branch, theirs, &options(&[], &[]));
    merging.unwrap_or_else(|error| panic!("{error}"))
}

fn merge(world: &World, theirs: &str, branch: &str) -> Result<Committed, CommitError> {
    let merging = merging(world, theirs, branch);
    assert!(!merging.has_conflicts(), "{:?}", merging.conflicts);
    merging.draft.unwrap().commit(request("Merge"))
}

/// A commit to a branch; paths are below `.octopus`.
fn commit(world: &World, branch: &str, from: Option<&str>, files: &[(&str, &str)]) {
    let files = files.iter();
    let files = files.map(|(path, text)| (format!(".octopus/{path}"), *text));
    let files: Vec<(String, &str)> = files.collect();
    let files = files.iter().map(|(path, text)| (&**path, Some(*text)));
    let files: Vec<_> = files.collect();
    world.repo.commit(branch, from, &files);
}

/// Two projects, `api` at version 2 and `web` at 3; `left` brought both to version 5 and changed `b`, `right` changed `a`.
fn world(catalog: &str) -> World {
    let world = World::without_store(catalog);
    commit(
        &world,
        "base",
        None,
        &[
            ("api/schema_version.ocl", "version = 2\n"),
            ("api/fizz.ocl", "a = 1\nb = 1\n"),
            ("web/schema_version.ocl", "version = 3\n"),
            ("web/fizz.ocl", "a = 1\nb = 1\n"),
            ("notes.txt", "notes\n"),
        ],
    );
    commit(
        &world,
        "left",
        Some("base"),
        &[
            ("api/schema_version.ocl", "version = 4\n"),
            ("api/fizz.ocl", "a = 1\nb = 2\n\nv4 = true\n"),
            ("web/schema_version.ocl", "version = 5\n"),
            ("web/fizz.ocl", "a = 1\nb = 2\n\nv4 = true\nv5 = true\n"),
            ("notes.txt", "left\n"),
        ],
    );
    commit(
        &world,
        "right",
        Some("base"),
        &[
            ("api/fizz.ocl", "a = 2\nb = 1\n"),
            ("web/fizz.ocl", "a = 3\nb = 1\n"),
        ],
    );
    world
}

const CATALOG: &str = "fizz: 4 modify, 5 modify";
const WITH_IMPORT: &str = "fizz: 4 modify, 5 modify; buzz: 4 import";

fn init(world: &World) -> [ProjectKey; 2] {
    let keys = [API, WEB].map(ProjectKey::new);
    for key in &keys {
        world.store().init(key).unwrap();
    }
    keys
}

fn stores(world: &World) -> String {
    let keys = [API, WEB].map(ProjectKey::new);
    let texts = keys.map(|key| store_text(&world.store(), &key, &world.catalog));
    texts.join("\n")
}

const MERGED: &str = "\
.octopus/api/fizz.ocl: a = 2; b = 2; v4 = true; 
.octopus/api/schema_version.ocl: version = 4; 
.octopus/notes.txt: left; 
.octopus/web/fizz.ocl: a = 3; b = 2; v4 = true; v5 = true; 
.octopus/web/schema_version.ocl: version = 5; ";

#[test]
fn each_is_merged_at_its_own_version_in_one_commit() {
    let world = world(CATALOG);
    let found = merging(&world, "left", "right");
    let beside = &found.beside[0];
    assert_eq!((&*found.base_path, found.target), (API, 4));
    assert_eq!((&*beside.base_path, beside.target), (WEB, 5));
    let committed = merge(&world, "left", "right").unwrap();
    assert!(matches!(committed.store, StoreOutcome::None));
    assert_eq!(world.repo.text("right").trim_end(), MERGED.trim_end());
    let parents = world.repo.git(&["rev-list", "--parents", "-1", "right"]);
    assert_eq!(parents.split(' ').count(), 3);
    world.repo.git(&["fsck", "--strict"]);
}

/// The project that was asked for and the others come to the same, whichever is named.
#[test]
fn a_chosen_project_takes_the_others_along() {
    for base_path in [API, WEB] {
        let world = world(CATALOG);
        let project = project(&world, |builder| builder.base_path(base_path));
        let merging = project.merge("right", "left", &options(&[], &[])).unwrap();
        assert_eq!(merging.base_path, base_path);
        let draft = merging.draft.unwrap();
        let _ = draft.commit(request("Merge")).unwrap();
        assert_eq!(world.repo.text("right").trim_end(), MERGED.trim_end());
    }
}

/// Who may write to one project isn't shown what another has, and doesn't take it along.
#[test]
fn a_merge_of_one_project_alone_refuses_what_changes_another() {
    let world = world(CATALOG);
    commit(
        &world,
        "forward",
        Some("right"),
        &[("api/fizz.ocl", "a = 7\nb = 1\n")],
    );
    let alone = |base_path: &str, theirs: &str| {
        let project = project(&world, |builder| builder.base_path(base_path));
        let options = MergeOptions {
            only_this_project: true,
            ..options(&[], &[])
        };
        project.merge("right", theirs, &options)
    };
    for (base_path, theirs, other) in [
        (API, "left", WEB),
        (WEB, "left", API),
        (WEB, "forward", API),
    ] {
        match alone(base_path, theirs) {
            Err(MergeBranchError::OtherProjects { base_paths, .. }) => {
                assert_eq!(base_paths, [other]);
            }
            other => panic!("{:?}", other.err()),
        }
    }
    assert!(alone(API, "forward").unwrap().is_forward);
}

#[test]
fn conflicts_name_their_project_and_an_address_that_fits_two_is_refused() {
    let world = world(CATALOG);
    for (branch, value) in [("left", "8"), ("right", "9")] {
        let text = format!("a = 1\nb = {value}\n\nv4 = true\nv5 = true\n");
        let files = ["api/fizz.ocl", "web/fizz.ocl"].map(|path| (path, &*text));
        commit(&world, branch, None, &files);
    }
    let merge = |ours: &[&str], theirs: &[&str]| {
        let project = project(&world, |builder| builder);
        project.merge("right", "left", &options(ours, theirs))
    };
    let found = merge(&[], &[]).unwrap();
    let told = found.conflicts.iter();
    let told: Vec<String> = told
        .map(|it| it.address_in_repository().to_string())
        .collect();
    assert_eq!(told, [".octopus/api/fizz b", ".octopus/web/fizz b"]);
    let refused: MergeBranchError = merge(&["fizz b"], &[]).err().unwrap();
    assert_snapshot!(refused, @"fizz b: there are conflicts at this address in several projects; name one of them: .octopus/api/fizz b and .octopus/web/fizz b");
    // One thing, written in two ways.
    for (ours, theirs) in [
        ("fizz b", ".octopus/api/fizz b"),
        (".octopus/web/fizz", "fizz"),
    ] {
        let refused = merge(&[ours], &[theirs]).err().unwrap();
        assert!(
            matches!(refused, MergeBranchError::TwoSides { .. }),
            "{refused}"
        );
    }
    // Where a project is chosen, a name alone is of it.
    let chosen = |ours: &[&str]| {
        let project = project(&world, |builder| builder.base_path(WEB));
        project.merge("right", "left", &options(ours, &[])).unwrap()
    };
    let left: Vec<String> = chosen(&["fizz b"])
        .conflicts
        .iter()
        .map(|it| it.address_in_repository().to_string())
        .collect();
    assert_eq!(left, [".octopus/api/fizz b"]);
    assert!(chosen(&["fizz b", ".octopus/api/fizz"]).draft.is_some());
    // As many words may select it.
    for (api, web) in [("fizz *", "fizz **"), ("fizz **", "fizz b")] {
        let (api, web) = (format!(".octopus/api/{api}"), format!(".octopus/web/{web}"));
        assert!(merge(&[&api], &[&web]).unwrap().draft.is_some(), "{api}");
    }
    let settled = merge(&[".octopus/api/fizz b"], &[".octopus/web/fizz"]).unwrap();
    let _ = settled.draft.unwrap().commit(request("Merge")).unwrap();
    let files = world.repo.files("right");
    assert!(files[".octopus/api/fizz.ocl"].contains("b = 9"));
    assert!(files[".octopus/web/fizz.ocl"].contains("b = 8"));
}

/// At a version that was asked for, also what neither side changed, or only one; what only one side has stays as it is, and is told.
#[test]
fn all_that_both_sides_have_rise_to_the_version_that_was_asked_for() {
    let world = World::without_store(CATALOG);
    let at = |version: &str| format!("version = {version}\n");
    let markers: Vec<(String, String)> = [
        ("both", "2"),
        ("mine", "3"),
        ("none", "3"),
        ("done", "5"),
        ("their", "2"),
    ]
    .map(|(name, version)| (format!("{name}/schema_version.ocl"), at(version)))
    .to_vec();
    let mut files: Vec<(&str, &str)> = markers
        .iter()
        .map(|(path, text)| (&**path, &**text))
        .collect();
    let texts = [
        "both/fizz.ocl",
        "mine/fizz.ocl",
        "none/fizz.ocl",
        "their/fizz.ocl",
    ];
    files.extend(texts.map(|path| (path, "a = 1\nb = 1\n")));
    files.push(("done/fizz.ocl", "a = 1\n"));
    commit(&world, "right", None, &files);
    let new = at("3");
    commit(
        &world,
        "left",
        Some("right"),
        &[
            ("both/fizz.ocl", "a = 2\nb = 1\n"),
            ("their/fizz.ocl", "a = 2\nb = 1\n"),
            ("new/schema_version.ocl", &new),
            ("new/fizz.ocl", "a = 1\n"),
        ],
    );
    commit(
        &world,
        "right",
        None,
        &[
            ("both/fizz.ocl", "a = 1\nb = 2\n"),
            ("mine/fizz.ocl", "a = 1\nb = 2\n"),
        ],
    );
    let options = MergeOptions {
        target: Some(5),
        ..options(&[], &[])
    };
    let project = project(&world, |builder| builder);
    let merging = project.merge("right", "left", &options).unwrap();
    let not_raised: Vec<_> = merging
        .not_raised
        .iter()
        .map(|it| (&*it.base_path, it.version))
        .collect();
    assert_eq!(not_raised, [(".octopus/new", 3)]);
    let _ = merging.draft.unwrap().commit(request("Merge")).unwrap();
    assert_snapshot!(world.repo.text("right"));
    // What a move forward would do is a commit here.
    commit(&world, "late", Some("left"), &[]);
    commit(
        &world,
        "further",
        Some("late"),
        &[("done/fizz.ocl", "a = 2\n")],
    );
    let project = self::project(&world, |builder| builder.base_path(".octopus/done"));
    let forward = project.merge("late", "further", &options).unwrap();
    assert!(forward.is_forward);
    let project = self::project(&world, |builder| builder);
    let merging = project.merge("late", "further", &options).unwrap();
    assert!(!merging.is_forward);
    let _ = merging.draft.unwrap().commit(request("Merge")).unwrap();
    let files = world.repo.files("late");
    let raised = files
        .iter()
        .filter(|(path, _)| path.ends_with("schema_version.ocl"));
    assert!(
        raised.clone().all(|(_, text)| text.contains('5')),
        "{files:?}"
    );
    assert_eq!(raised.count(), 6);
}

/// What a side removed is gone after the merge: nobody is told to bring it to a version.
#[test]
fn a_project_that_a_side_removed_is_not_told_to_stay_below() {
    let world = World::without_store(CATALOG);
    let files = [
        ("kept/schema_version.ocl", "version = 2\n"),
        ("kept/fizz.ocl", "a = 1\n"),
        ("mine/schema_version.ocl", "version = 2\n"),
        ("their/schema_version.ocl", "version = 2\n"),
    ];
    commit(&world, "right", None, &files);
    commit(&world, "left", Some("right"), &[("note", "left")]);
    for (branch, gone) in [("right", "mine"), ("left", "their")] {
        let path = format!(".octopus/{gone}/schema_version.ocl");
        world.repo.commit(branch, None, &[(&path, None)]);
    }
    let options = MergeOptions {
        target: Some(5),
        ..options(&[], &[])
    };
    let project = project(&world, |builder| builder);
    let merging = project.merge("right", "left", &options).unwrap();
    assert_eq!(merging.not_raised, []);
    let _ = merging.draft.unwrap().commit(request("Merge")).unwrap();
    let files = world.repo.files("right");
    let paths: Vec<&str> = files.keys().map(String::as_str).collect();
    let kept = [
        ".octopus/kept/fizz.ocl",
        ".octopus/kept/schema_version.ocl",
        ".octopus/note",
    ];
    assert_eq!(paths, kept);
}

/// Versions may rise in several projects at once.
#[test]
fn the_store_follows_for_each() {
    let world = world(CATALOG);
    let keys = init(&world);
    let committed = merge(&world, "left", "right").unwrap();
    assert!(matches!(committed.store, StoreOutcome::Followed(_)));
    assert!(
        matches!(committed.beside[..], [ref web] if matches!(web.store, StoreOutcome::Followed(_)))
    );
    assert_snapshot!(stores(&world), @"
    version 4
    version 5
    ");
    // Only theirs changed a project: its files are taken as they are, and the store knows.
    commit(
        &world,
        "other",
        Some("right"),
        &[
            ("api/schema_version.ocl", "version = 5\n"),
            ("api/fizz.ocl", "a = 2\nb = 2\n\nv4 = true\nv5 = true\n"),
        ],
    );
    commit(&world, "right", None, &[("web/fizz.ocl", "a = 4\n")]);
    let project = project(&world, |builder| builder.base_path(WEB));
    let merging = project.merge("right", "other", &options(&[], &[])).unwrap();
    let draft = merging.draft.unwrap();
    let committed = draft.commit(request("Merge")).unwrap();
    assert!(matches!(committed.store, StoreOutcome::Unchanged));
    assert_eq!(
        world.store().read(&keys[0]).unwrap().version().unwrap(),
        Some(5)
    );
}

/// The project whose rows leave the store is the one in whose transaction the branch moves, be it asked for or not.
#[test]
fn one_project_may_pass_an_import_and_two_may_not() {
    let row = Row::new("buzz", "", "k = 1\n", 4);
    for taking in [API, WEB] {
        let world = world(WITH_IMPORT);
        init(&world);
        world
            .store()
            .put_documents(&ProjectKey::new(taking), std::slice::from_ref(&row))
            .unwrap();
        // As `left` has passed the import, it must have the document.
        let path = format!("{}/buzz.ocl", taking.trim_start_matches(".octopus/"));
        commit(&world, "left", None, &[(&path, "k = 1\n")]);
        let _ = merge(&world, "left", "right").unwrap();
        let store = stores(&world);
        assert!(
            store.contains("snapshot 4 buzz in shape 4: k = 1;"),
            "{store}"
        );
        assert!(
            !store.contains("intent") && !store.contains("table"),
            "{store}"
        );
        let text = world.repo.text("right");
        assert!(
            text.contains(&format!("{taking}/buzz.ocl: k = 1;")),
            "{text}"
        );
    }
    let world = world(WITH_IMPORT);
    for key in init(&world) {
        world
            .store()
            .put_documents(&key, std::slice::from_ref(&row))
            .unwrap();
    }
    let both = [("api/buzz.ocl", "k = 1\n"), ("web/buzz.ocl", "k = 1\n")];
    commit(&world, "left", None, &both);
    let (tip, before) = (world.repo.tip("right"), stores(&world));
    let merging = merging(&world, "left", "right");
    let draft = merging.draft.unwrap();
    let prepared = draft.prepare(request("Merge")).unwrap();
    assert!(matches!(
        prepared.store_effect(),
        Err(CommitError::SeveralImports { .. })
    ));
    let refused = draft.commit(request("Merge")).unwrap_err();
    assert_snapshot!(refused, @".octopus/api and .octopus/web would each import documents from the store in this commit, and one commit can take the rows of one project only: bring all but one of them past their imports on the branch first, each by a commit of its own");
    assert_eq!((world.repo.tip("right"), stores(&world)), (tip, before));
    // What the message says helps.
    let api = project(&world, |builder| builder.base_path(API));
    let mut upgrade = api.load_migrated("right").unwrap().edit();
    upgrade.upgrade();
    let _ = upgrade.commit(request("Upgrade")).unwrap();
    let _ = merge(&world, "left", "right").unwrap();
}

/// Wherever the process dies, the next writers bring the store to what the branch has.
#[test]
fn dying_at_any_step_leaves_nothing_that_the_next_writer_does_not_finish() {
    let mut deaths = 0;
    for dies_at in 1.. {
        let world = world(WITH_IMPORT);
        let keys = init(&world);
        let row = Row::new("buzz", "", "k = 1\n", 4);
        world.store().put_documents(&keys[1], &[row]).unwrap();
        commit(&world, "left", None, &[("web/buzz.ocl", "k = 1\n")]);
        let before = world.repo.tip("right");
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = calls.clone();
        let dying = project(&world, |builder| {
            builder.commit_hook(Arc::new(move |point| {
                if counted.fetch_add(1, Ordering::SeqCst) + 1 == dies_at {
                    std::panic::panic_any(point);
                }
                Ok(())
            }))
        });
        let merging = dying.merge("right", "left", &options(&[], &[])).unwrap();
        let draft = merging.draft.unwrap();
        let died = catch_unwind(AssertUnwindSafe(|| draft.commit(request("Merge")).unwrap()));
        if died.is_ok() {
            break;
        }
        deaths += 1;
        let has_moved = world.repo.tip("right") != before;
        for base_path in [API, WEB] {
            let next = project(&world, |builder| builder.base_path(base_path));
            let mut draft = next.load_migrated("right").unwrap().edit();
            draft.put("fizz", format!("next = {dies_at}\n")).unwrap();
            let _ = draft.commit(request("Next")).unwrap();
        }
        let store = stores(&world);
        assert!(!store.contains("intent"), "{dies_at}: {store}");
        assert!(
            store.contains("snapshot 4 buzz"),
            "{dies_at} {has_moved}: {store}"
        );
    }
    assert!(deaths > 12, "{deaths}");
}

#[test]
fn what_is_in_the_way_names_its_project() {
    let world = world(CATALOG);
    let version = [("web/schema_version.ocl", "version = 9\n")];
    commit(&world, "left", None, &version);
    let refusal = |builder: fn(ProjectBuilder) -> ProjectBuilder| {
        let project = project(&world, builder);
        let refused = project.merge("right", "left", &options(&[], &[]));
        refused.err().unwrap().to_string()
    };
    let ahead = refusal(|builder| builder);
    assert!(
        ahead.starts_with("in the project .octopus/web: "),
        "{ahead}"
    );
    // A name in the store is one project's.
    let named = refusal(|builder| builder.key(ProjectKey::new("mine")));
    assert!(
        named.contains(".octopus/api") && named.contains(".octopus/web"),
        "{named}"
    );
}
