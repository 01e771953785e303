//! Effects of imports: once, with the snapshot, whatever happens on the way.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use crate::support::postgres::{postgres, server_store, sql};
use crate::support::{World, explain, next_writer, request, store_text};
use ocl_migrate::project::{
    CommitError, CommitPoint, Committed, EffectFailure, EffectRun, Project, ProjectBuilder,
    StoreOutcome,
};
use ocl_migrate::store::{
    Options, ProjectKey, ServerStore, SqliteStore, Store, postgres_driver, rusqlite,
};

/// Fizz comes from the server at 3, where something refers to it.
const CATALOG: &str = "fizz: 3 import effect move, 4 modify; buzz: 5 modify";
const DONE: &str = "version 5\nsnapshot 3 fizz in shape 3: a = 1";

/// A server's own table beside the store's.
const MOVED: &str = "CREATE TABLE moved (slug TEXT)";

fn world() -> World {
    let world = World::new(CATALOG);
    fill(&world, &world.store());
    own(&world, MOVED);
    world
}

/// Two branches that both have still to import.
fn fill(world: &World, store: &dyn Store) {
    for branch in ["one", "two"] {
        world.branch(branch, 2, &[("buzz.ocl", "b = 1")]);
    }
    store.init(&world.key()).unwrap();
    let row = ocl_migrate::store::Row::new("fizz", "", "a = 1", 3);
    store.put_documents(&world.key(), &[row]).unwrap();
}

/// Runs a statement on the server's own table.
fn own(world: &World, statement: &str) {
    let connection = rusqlite::Connection::open(world.store_path()).unwrap();
    connection.execute_batch(statement).unwrap();
}

/// How often the effect has happened in the store's database.
fn moved(world: &World) -> u32 {
    let connection = rusqlite::Connection::open(world.store_path()).unwrap();
    let count = connection.query_row("SELECT count(*) FROM moved", [], |row| row.get(0));
    count.unwrap()
}

/// What the effect was told each time, of which nothing can be rolled back.
fn told(folder: &Path) -> Vec<String> {
    let told = fs::read_to_string(folder.join("told")).unwrap_or_default();
    told.lines().map(str::to_owned).collect()
}

fn tell(folder: &Path, run: &EffectRun<'_>) {
    let mut lines = told(folder);
    lines.push(if run.may_have_run { "again" } else { "first" }.to_owned());
    fs::write(folder.join("told"), lines.join("\n")).unwrap();
}

/// The effect, in SQLite: once in the database, and once outside of it.
fn in_sqlite(folder: PathBuf) -> impl Fn(&mut EffectRun<'_>) -> Result<String, EffectFailure> {
    move |run| {
        tell(&folder, run);
        assert_eq!(
            (run.kind, run.import_version, run.rows.len()),
            ("fizz", 3, 1)
        );
        assert!(run.branch.starts_with("refs/heads/"), "{}", run.branch);
        assert_eq!(run.commit.len(), 40);
        let connection = run.connection::<rusqlite::Connection>()?;
        let connection = connection.ok_or("the store isn't in SQLite")?;
        connection.execute("INSERT INTO moved VALUES ('fizz')", [])?;
        Ok("moved fizz".to_owned())
    }
}

fn in_postgres(folder: PathBuf) -> impl Fn(&mut EffectRun<'_>) -> Result<String, EffectFailure> {
    move |run| {
        tell(&folder, run);
        let connection = run.connection::<postgres_driver::Client>()?;
        let connection = connection.ok_or("the store isn't in PostgreSQL")?;
        connection.execute("INSERT INTO moved VALUES ($1)", &[&"fizz"])?;
        Ok("moved fizz".to_owned())
    }
}

fn project_with(world: &World, set: impl FnOnce(ProjectBuilder) -> ProjectBuilder) -> Project {
    let effect = in_sqlite(world.path().to_owned());
    world.project_with(|builder| set(builder.effect("move", effect)))
}

fn put(project: &Project, branch: &str) -> Result<Committed, CommitError> {
    let mut draft = project.load_migrated(branch).unwrap().edit();
    draft.put("buzz", "b = 2")?;
    draft.commit(request("Change"))
}

/// After the next writer: recorded once, and whoever was called before was told that it may be again.
fn assert_once(store: &dyn Store, key: &ProjectKey, world: &World, what: &str) {
    assert_eq!(store_text(store, key, &world.catalog), DONE, "{what}");
    let effects = store.read(key).unwrap().effects().unwrap();
    let [effect] = &effects[..] else {
        panic!("{what}: {effects:?}")
    };
    assert_eq!(effect.outcome.as_deref(), Some("moved fizz"), "{what}");
    let told = told(world.path());
    assert!(!told.is_empty(), "{what}");
    assert!(told[1..].iter().all(|it| it == "again"), "{what}: {told:?}");
}

// ---- A process that dies ----

const FOLDER: &str = "OCL_MIGRATE_TEST_EFFECTS_FOLDER";
const DIES_AT: &str = "OCL_MIGRATE_TEST_EFFECTS_DIES_AT";

/// Does nothing unless it is started for it.
#[test]
fn the_process_that_dies() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let world = World::at(&PathBuf::from(folder), CATALOG);
    let dies_at = std::env::var(DIES_AT).unwrap();
    let project = project_with(&world, |builder| {
        builder.commit_hook(Arc::new(move |point| {
            if point.to_string() == dies_at {
                std::process::abort();
            }
            Ok(())
        }))
    });
    let _ = put(&project, "one").unwrap();
}

fn die(world: &World, at: CommitPoint) {
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "project::effects::the_process_that_dies"])
        .env(FOLDER, world.path())
        .env(DIES_AT, at.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.success(), at == CommitPoint::RolledBack, "{at}");
}

#[test]
fn references_are_updated_once_wherever_the_writer_dies() {
    for point in CommitPoint::ALL {
        let world = world();
        die(&world, point);
        // What was done in the database is there with the snapshot, or not at all.
        let is_recorded = world.store_text().contains("snapshot");
        assert_eq!(moved(&world), u32::from(is_recorded), "{point}");
        let (committed, _) = next_writer(&project_with(&world, |builder| builder));
        assert!(
            !matches!(committed.store, StoreOutcome::Pending { .. }),
            "{point}"
        );
        assert_eq!(moved(&world), 1, "{point}");
        assert_once(&world.store(), &world.key(), &world, &point.to_string());
        let settled = committed
            .settled
            .iter()
            .flat_map(|settled| &settled.effects);
        let settled: Vec<_> = settled
            .map(|it| (it.may_have_run, it.outcome.is_some()))
            .collect();
        let was_settled = point == CommitPoint::RefMoved;
        assert_eq!(
            settled,
            if was_settled {
                vec![(true, true)]
            } else {
                vec![]
            },
            "{point}"
        );
    }
}

fn full_disk(is_full: bool) -> io::Result<()> {
    if is_full {
        return Err(io::Error::from(io::ErrorKind::StorageFull));
    }
    Ok(())
}

#[test]
fn a_failure_at_any_step_leaves_the_effect_to_the_next_writer() {
    for point in CommitPoint::ALL {
        let world = world();
        let failing = project_with(&world, |builder| {
            builder.commit_hook(Arc::new(move |here| full_disk(here == point)))
        });
        if let Ok(Committed {
            store: StoreOutcome::Pending { effect, .. },
            ..
        }) = put(&failing, "one")
        {
            assert_eq!(point, CommitPoint::RefMoved);
            assert_eq!(effect.effects[0].outcome, None, "it isn't recorded");
        }
        let is_recorded = world.store_text().contains("snapshot");
        assert_eq!(moved(&world), u32::from(is_recorded), "{point}");
        let _ = next_writer(&project_with(&world, |builder| builder));
        assert_eq!(moved(&world), 1, "{point}");
        assert_once(&world.store(), &world.key(), &world, &point.to_string());
    }
}

#[test]
fn a_failure_at_any_step_leaves_the_effect_to_the_next_writer_in_postgresql() {
    let Some(server) = postgres() else { return };
    for point in CommitPoint::ALL {
        let address = server.database();
        let store: ServerStore = server_store(&address, Options::default());
        let world = World::without_store(CATALOG);
        fill(&world, &store);
        sql(&address, MOVED);
        let project = |hook: Option<CommitPoint>| {
            let store = Arc::new(store.clone());
            world.project_with(|builder| {
                let effect = in_postgres(world.path().to_owned());
                let builder = builder.store(store).effect("move", effect);
                builder.commit_hook(Arc::new(move |here| full_disk(Some(here) == hook)))
            })
        };
        let _ = put(&project(Some(point)), "one");
        let count = || sql(&address, "SELECT count(*) FROM moved");
        let is_recorded = store_text(&store, &world.key(), &world.catalog).contains("snapshot");
        assert_eq!(count(), u32::from(is_recorded).to_string(), "{point}");
        let _ = next_writer(&project(None));
        assert_eq!(count(), "1", "{point}");
        assert_once(&store, &world.key(), &world, &point.to_string());
    }
}

// ---- When it runs, and when not ----

#[test]
fn nothing_runs_on_reading_nor_in_a_dry_run_which_names_it() {
    let world = world();
    let project = project_with(&world, |builder| builder);
    let loaded = project.load_migrated("one").unwrap();
    assert!(explain(&loaded).contains("fizz imported"));
    let mut draft = loaded.edit();
    draft.put("buzz", "b = 2").unwrap();
    let effect = draft
        .prepare(request("Change"))
        .unwrap()
        .store_effect()
        .unwrap()
        .unwrap();
    let named: Vec<_> = effect
        .effects
        .iter()
        .map(|it| (&*it.effect, &it.outcome))
        .collect();
    assert_eq!(named, [("move", &None)]);
    let adoption = {
        world.branch("ahead", 5, &[("fizz.ocl", "a = 1\nv4 = true")]);
        project.load_migrated("ahead").unwrap()
    };
    assert_eq!(adoption.adopt(1).unwrap().effect().effects.len(), 1);
    assert_eq!((moved(&world), told(world.path())), (0, vec![]));
    assert!(!world.store_text().contains("intent"));
}

#[test]
fn adopting_a_branch_runs_it_once() {
    let world = world();
    world.branch("ahead", 5, &[("fizz.ocl", "a = 1\nv4 = true")]);
    let project = project_with(&world, |builder| builder);
    let adopted = project
        .load_migrated("ahead")
        .unwrap()
        .adopt(1)
        .unwrap()
        .publish()
        .unwrap();
    assert_eq!(
        adopted.effect.effects[0].outcome.as_deref(),
        Some("moved fizz")
    );
    assert_eq!(
        (moved(&world), told(world.path())),
        (1, vec!["first".to_owned()])
    );
    let _ = next_writer(&project);
    assert_eq!((moved(&world), told(world.path()).len()), (1, 1));
}

#[test]
fn a_program_without_the_effect_writes_nothing_that_would_run_it() {
    let world = world();
    let objects = || world.repo.git(&["count-objects"]);
    let (before, text) = (objects(), world.store_text());
    let project = world.project();
    let refused = put(&project, "one").unwrap_err();
    assert!(
        matches!(&refused, CommitError::UnknownEffect { effect, .. } if effect == "move"),
        "{refused}"
    );
    world.branch("ahead", 5, &[("fizz.ocl", "a = 1\nv4 = true")]);
    let with_branch = objects();
    let loaded = project.load_migrated("ahead").unwrap();
    let refused = loaded.adopt(1).unwrap().publish().unwrap_err();
    assert!(
        matches!(refused, CommitError::UnknownEffect { .. }),
        "{refused}"
    );
    assert_eq!(world.store_text(), text);
    assert_ne!(before, with_branch);
    assert_eq!(objects(), with_branch);
    // What another left can't be finished either; and once the effect has run, nothing needs it.
    die(&world, CommitPoint::RefMoved);
    let refused = put(&project, "two").unwrap_err();
    assert!(
        matches!(refused.cause(), CommitError::UnknownEffect { .. }),
        "{refused}"
    );
    let _ = next_writer(&project_with(&world, |builder| builder));
    let mut draft = project.load_migrated("one").unwrap().edit();
    draft.put("buzz", "b = 3").unwrap();
    let _ = draft.commit(request("Without it")).unwrap();
    assert_eq!(moved(&world), 1);
}

#[test]
fn an_effect_that_fails_refuses_the_commit_and_may_be_told_of_its_first_run() {
    let world = world();
    let folder = world.path().to_owned();
    let failing = world.project_with(|builder| {
        builder.effect(
            "move",
            move |run: &mut EffectRun<'_>| -> Result<String, EffectFailure> {
                tell(&folder, run);
                let connection = run.connection::<rusqlite::Connection>()?.expect("SQLite");
                connection.execute("INSERT INTO moved VALUES ('half')", [])?;
                Err("no such trigger".into())
            },
        )
    });
    let before = world.repo.git(&["rev-parse", "one"]);
    let refused = put(&failing, "one").unwrap_err();
    insta::assert_snapshot!(refused, @"the effect move of the import of fizz at version 3 failed: no such trigger");
    assert_eq!(world.repo.git(&["rev-parse", "one"]), before);
    assert_eq!(moved(&world), 0);
    assert_eq!(
        world.store_text(),
        "version 0\ntable fizz in shape 3: a = 1"
    );
    let _ = next_writer(&project_with(&world, |builder| builder));
    assert_eq!(told(world.path()), ["first", "again"]);
    assert_eq!(moved(&world), 1);
}

#[test]
fn an_effect_that_ends_the_transaction_is_found_before_the_branch_moves() {
    for end in ["COMMIT", "ROLLBACK"] {
        let world = world();
        let rude = world.project_with(|builder| {
            builder.effect(
                "move",
                move |run: &mut EffectRun<'_>| -> Result<String, EffectFailure> {
                    run.connection::<rusqlite::Connection>()?
                        .expect("SQLite")
                        .execute_batch(end)?;
                    Ok(String::new())
                },
            )
        });
        let before = world.repo.git(&["rev-parse", "one"]);
        let refused = put(&rude, "one").unwrap_err();
        insta::allow_duplicates! {
            insta::assert_snapshot!(refused, @"the effect's outcome can't be stored: the effect of the import of fizz at version 3 ended the store's transaction: it may neither commit nor roll back");
        }
        assert_eq!(world.repo.git(&["rev-parse", "one"]), before, "{end}");
        assert!(world.store_text().contains("table fizz"), "{end}");
        let _ = next_writer(&project_with(&world, |builder| builder));
        assert_once(&world.store(), &world.key(), &world, end);
    }
    let Some(server) = postgres() else { return };
    let address = server.database();
    let store = server_store(&address, Options::default());
    let world = World::without_store(CATALOG);
    fill(&world, &store);
    let rude = world.project_with(|builder| {
        let builder = builder.store(Arc::new(store.clone()));
        builder.effect(
            "move",
            |run: &mut EffectRun<'_>| -> Result<String, EffectFailure> {
                assert!(
                    run.connection::<rusqlite::Connection>()?.is_none(),
                    "another driver's"
                );
                let connection = run
                    .connection::<postgres_driver::Client>()?
                    .expect("PostgreSQL");
                connection.batch_execute("COMMIT")?;
                Ok(String::new())
            },
        )
    });
    let refused = put(&rude, "one").unwrap_err();
    assert!(matches!(refused, CommitError::Store(_)), "{refused}");
    let text = store_text(&store, &world.key(), &world.catalog);
    assert_eq!(text, "version 0\ntable fizz in shape 3: a = 1");
}

#[test]
fn a_copied_store_has_what_effects_came_to() {
    let world = world();
    let _ = put(&project_with(&world, |builder| builder), "one").unwrap();
    let copy = SqliteStore::new(world.path().join("copy.db"));
    ocl_migrate::store::copy(&world.store(), &copy).unwrap();
    assert_once(&copy, &world.key(), &world, "copied");
}
