//! What is read from the store, how often, and at which moment.

use std::num::NonZeroUsize;
use std::sync::Arc;

use ocl_migrate::catalog::{Catalog, CatalogParts, DocumentKind, PathPattern, Step};
use ocl_migrate::git::RefScope;
use ocl_migrate::project::{CommitError, LoadOptions, Project, Warning};
use ocl_migrate::store::{Error, Row, Scope, SqliteStore, Store};
use serde_json::json;

use crate::support::{CountingStore, Counts, World, request};

const LOOKUPS: usize = 100;

fn kind(name: &str) -> DocumentKind {
    DocumentKind::new(name, PathPattern::parse(&format!("{name}.ocl")).unwrap())
}

fn put_together(kinds: &[&str], steps: Vec<Step>) -> Arc<Catalog> {
    let parts = CatalogParts {
        kinds: kinds.iter().map(|name| kind(name)).collect(),
        steps,
        ..CatalogParts::new("sessions", ".octopus")
    };
    Arc::new(Catalog::new(parts).unwrap_or_else(|error| panic!("{error}")))
}

/// Step 2 asks a hundred questions for each `fizz`, and one for each `buzz`.
fn asking() -> Arc<Catalog> {
    let fizz = Step::modify(2, "fizz", "fizz", |edit, context| {
        for index in 0..LOOKUPS {
            let answer = context.lookup("names", &index.to_string())?;
            let root = edit.root();
            edit.set(root, &format!("n{index}"), answer.unwrap_or(json!(null)))?;
        }
        Ok(())
    });
    let buzz = Step::modify(2, "buzz", "buzz", |edit, context| {
        let answer = context.lookup("names", "0")?.unwrap_or(json!(null));
        let root = edit.root();
        edit.set(root, "n", &answer)?;
        Ok(())
    });
    put_together(&["fizz", "buzz"], vec![fizz, buzz])
}

fn world(catalog: Arc<Catalog>) -> World {
    let mut world = World::new("fizz: 1 modify");
    world.catalog = catalog;
    let scope = Scope::Project(world.key());
    for index in 0..LOOKUPS {
        let (key, value) = (index.to_string(), json!(format!("answer {index}")));
        let store = world.store();
        store.put_lookup(&scope, "names", &key, &value).unwrap();
    }
    world
}

fn counted(world: &World) -> (Project, Arc<Counts>) {
    let store: CountingStore<SqliteStore> = CountingStore::new(world.store());
    let counts = store.counts.clone();
    let project = world.project_with(|builder| builder.store(Arc::new(store)));
    (project, counts)
}

#[test]
fn a_load_asks_each_question_once_in_one_transaction_and_keeps_none_open() {
    let world = world(asking());
    world.branch("main", 1, &[("fizz.ocl", "a = 1"), ("buzz.ocl", "a = 1")]);
    let (project, counts) = counted(&world);
    let loaded = project.load_migrated("main").unwrap();
    assert_eq!(counts.open(), 0);
    let opened = counts.opened();
    for _ in 0..2 {
        assert_eq!(loaded.documents().len(), 2);
        assert_eq!(
            loaded.documents().filter(|it| it.error().is_none()).count(),
            2
        );
        assert_eq!((counts.opened() - opened, counts.open()), (1, 0));
        assert_eq!(counts.lookups(), LOOKUPS);
    }
    let mut documents = loaded.documents();
    documents.next();
    assert_eq!(counts.open(), 0, "nothing was asked");
    // What is cached holds only if the server would answer the same, which is asked once again.
    let again = project.load_migrated("main").unwrap();
    again.migrate_all();
    assert_eq!((counts.lookups(), counts.open()), (2 * LOOKUPS, 0));
    assert_eq!(project.cache_stats().migrations.misses, 2);
}

#[test]
fn a_session_asks_each_question_once_for_all_its_loads() {
    let world = world(asking());
    for index in 0..20 {
        let own = format!("a = {index}");
        world.branch(
            &format!("b{index}"),
            1,
            &[("fizz.ocl", "a = 1"), ("buzz.ocl", &own)],
        );
    }
    let (project, counts) = counted(&world);
    let session = project.session();
    for index in 0..20 {
        let loaded = session.load_migrated(&format!("b{index}")).unwrap();
        assert!(
            loaded
                .documents()
                .all(|document| document.error().is_none())
        );
    }
    assert_eq!((counts.opened(), counts.open()), (1, 1));
    assert_eq!(counts.lookups(), LOOKUPS);
    drop(session);
    assert_eq!(counts.open(), 0);
}

#[test]
fn a_rehearsal_is_one_session_and_computes_what_refs_share_once() {
    let world = world(asking());
    for index in 0..40 {
        let own = format!("a = {index}");
        world.branch(
            &format!("b{index}"),
            1,
            &[("fizz.ocl", "a = 1"), ("buzz.ocl", &own)],
        );
    }
    let (project, counts) = counted(&world);
    let mut rehearsal = project
        .rehearsal(LoadOptions::default())
        .threads(NonZeroUsize::new(8).unwrap());
    rehearsal.add_scope(RefScope::Branches).unwrap();
    assert_eq!(rehearsal.run().len(), 40);
    assert_eq!((counts.opened(), counts.open()), (1, 0));
    assert_eq!(counts.lookups(), LOOKUPS);
    let stats = project.cache_stats().migrations;
    assert_eq!((stats.misses, stats.hits), (41, 39));
}

#[test]
fn an_answer_stays_for_a_load_and_a_commit_notices_that_it_changed() {
    let world = world(asking());
    world.branch("main", 1, &[("fizz.ocl", "a = 1"), ("buzz.ocl", "a = 1")]);
    let loaded = world.load("main");
    let text = |name: &str| {
        let document = loaded.document(name).unwrap();
        String::from_utf8(loaded.content(document).unwrap().unwrap()).unwrap()
    };
    assert!(text("buzz").contains("n = \"answer 0\""));
    let scope = Scope::Project(world.key());
    let put = |value| world.store().put_lookup(&scope, "names", "0", &value);
    put(json!("another")).unwrap();
    assert!(text("fizz").contains("n0 = \"answer 0\""));
    let mut draft = loaded.edit();
    draft.put("buzz", "a = 2").unwrap();
    let refused = draft.commit(request("Two")).unwrap_err();
    assert!(
        matches!(refused, CommitError::LookupChanged { .. }),
        "{refused}"
    );
    let again = world.load("main");
    let document = again.document("buzz").unwrap();
    let bytes = again.content(document).unwrap().unwrap();
    assert!(String::from_utf8_lossy(&bytes).contains("another"));
}

/// The project's version and its rows belong together, also in a session that reads many projects one after the other.
#[test]
fn an_import_reads_its_rows_at_the_moment_of_the_version() {
    const OTHERS: usize = 10;
    let world = World::new("fizz: 2 import, 3 modify");
    let store = Arc::new(world.store());
    let base_path = |index: usize| format!(".octopus/p{index}");
    let key = |index: usize| ocl_migrate::store::ProjectKey::new(base_path(index));
    let fizz = Row::new("fizz", "", "a = 1", 3);
    for index in 0..=OTHERS {
        store.init(&key(index)).unwrap();
        store
            .put_documents(&key(index), std::slice::from_ref(&fizz))
            .unwrap();
        for (branch, version) in [("old", 1), ("new", 3)] {
            let branch = format!("{branch}{index}");
            let path = format!("{}/schema_version.ocl", base_path(index));
            let marker = format!("version = {version}");
            world.repo.commit(&branch, None, &[(&path, Some(&marker))]);
        }
    }
    let project = Project::builder(world.repo.open(), world.catalog.clone())
        .store(store.clone())
        .build()
        .unwrap();
    let session = project.session();
    // The store is asked for the version of the first project, which is 0.
    session.load_migrated("new0").unwrap();
    for index in 1..=OTHERS {
        session.load_migrated(&format!("old{index}")).unwrap();
    }
    // Meanwhile the row leaves the table for the snapshot.
    let mut write = store.write(&key(0)).unwrap();
    write
        .take("fizz", 2, std::slice::from_ref(&fizz), 1)
        .unwrap();
    write.raise_version(3).unwrap();
    write.commit().unwrap();
    let loaded = session.load_migrated("old0").unwrap();
    let names: Vec<String> = loaded.names().map(ToString::to_string).collect();
    assert_eq!(names, ["fizz"]);
    assert!(loaded.document("fizz").unwrap().error().is_none());
}

/// Two branches with one document that read different others keep their results, however often they take turns.
#[test]
fn results_that_depend_on_other_documents_are_kept_side_by_side() {
    let reads = Step::modify(3, "reads", "buzz", |edit, context| {
        let read = context.documents().first().ok_or("nothing to read")?;
        let text = read.document.text().to_owned();
        let root = edit.root();
        edit.set(root, "read", json!(text))?;
        Ok(())
    })
    .reads("fizz");
    let fizz = Step::modify(2, "fizz", "fizz", |edit, _| {
        let root = edit.root();
        edit.set(root, "ran", json!(true))?;
        Ok(())
    });
    let world = world(put_together(&["fizz", "buzz"], vec![fizz, reads]));
    for index in 0..4 {
        let own = format!("a = {index}");
        world.branch(
            &format!("b{index}"),
            1,
            &[("fizz.ocl", &own), ("buzz.ocl", "b = 1")],
        );
    }
    let project = world.project();
    let load = |index: usize| {
        let loaded = project.load_migrated(&format!("b{index}")).unwrap();
        let document = loaded.document("buzz").unwrap();
        let text = loaded.content(document).unwrap().unwrap();
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains(&format!("a = {index}")), "{text}");
        assert!(text.contains("ran = true"), "{text}");
    };
    (0..4).for_each(load);
    let misses = project.cache_stats().migrations.misses;
    assert_eq!(misses, 8);
    for _ in 0..3 {
        (0..4).for_each(load);
    }
    assert_eq!(project.cache_stats().migrations.misses, misses);
}

/// A load without a store says so; one that had a store and lost it must not take missing answers for none.
#[test]
fn a_store_that_becomes_unusable_after_loading_fails_the_documents_that_ask_it() {
    let world = world(asking());
    world.branch("main", 1, &[("buzz.ocl", "a = 1")]);
    let project = world.project();
    let loaded = project.load_migrated("main").unwrap();
    assert_eq!(loaded.warnings(), []);
    std::fs::write(world.store_path(), "text ".repeat(999)).unwrap();
    for suffix in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{suffix}", world.store_path().display()));
    }
    let error = loaded.document("buzz").unwrap().error().unwrap();
    assert!(
        error.to_string().contains("the store can't answer"),
        "{error}"
    );

    let without = project.load_migrated("main").unwrap();
    assert!(matches!(
        without.warnings(),
        [Warning::StoreUnusable { .. }]
    ));
    let document = without.document("buzz").unwrap();
    assert!(document.error().is_none(), "{:?}", document.error());
    assert_eq!(without.document_warnings(document).len(), 1);
    let refused = without.edit().upgrade().commit(request("Migrate"));
    assert!(
        matches!(refused, Err(CommitError::Store(Error::NotAStore { .. }))),
        "{refused:?}"
    );
}
