//! Many refs that share a document whose steps ask the server: with a store, and without one.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ocl_migrate::catalog::Catalog;
use ocl_migrate::git::{RefScope, Repository};
use ocl_migrate::project::{LoadOptions, Project};
use ocl_migrate::store::{ProjectKey, Scope, SqliteStore, Store};

use crate::generate;
use crate::rows::{Row, row};

pub(crate) const ALL: &[Row] = &[("lookups", lookups)];

const REFS: usize = 301;
const LOOKUPS: usize = 100;
const ROUNDS: usize = 10;

fn lookups() {
    let repository = generate::shared_document(REFS, &document());
    let folder = tempfile::tempdir().unwrap();
    let store: Arc<dyn Store> = Arc::new(store(folder.path()));
    let open = |store: Option<Arc<dyn Store>>| {
        let repository = Repository::discover(&repository).unwrap();
        let builder = Project::builder(repository, Arc::new(Catalog::builtin()));
        match store {
            Some(store) => builder.store(store).build().unwrap(),
            None => builder.build().unwrap(),
        }
    };
    let rehearse = |project: &Project| {
        let mut rehearsal = project.rehearsal(LoadOptions::default());
        rehearsal.add_scope(RefScope::Branches).unwrap();
        assert_eq!(rehearsal.run().len(), REFS);
    };
    let work =
        format!("rehearse {REFS} refs that share a document with {LOOKUPS} lookups, with a store");
    let theirs = "without a store";
    let (with, without) = (
        best(|| open(Some(store.clone())), rehearse),
        best(|| open(None), rehearse),
    );
    row(&work, with, theirs, without, 2.0);
    // The results are cached; the store is asked whether they still hold.
    let (with, without) = (open(Some(store.clone())), open(None));
    rehearse(&with);
    rehearse(&without);
    let again = |project: &Project| best(|| (), |()| rehearse(project));
    row(
        "the same again, all cached",
        again(&with),
        theirs,
        again(&without),
        2.0,
    );
    let load_all = |project: &Project| {
        let session = project.session();
        for index in 0..REFS {
            let loaded = session.load_migrated(&format!("b{index:04}")).unwrap();
            assert!(
                loaded
                    .documents()
                    .all(|document| document.error().is_none())
            );
        }
    };
    row(
        "`load_migrated` of them in one session",
        best(|| open(Some(store.clone())), load_all),
        theirs,
        best(|| open(None), load_all),
        2.0,
    );
}

fn document() -> String {
    let mut text = String::from(
        "step \"deploy\" {\n    name = \"Deploy\"\n\n    action {\n        environments = [",
    );
    for index in 0..LOOKUPS {
        let _ = write!(text, "\"Environment {index}\", ");
    }
    text.truncate(text.len() - 2);
    text.push_str("]\n        is_disabled = false\n    }\n}\n");
    text
}

fn store(folder: &Path) -> SqliteStore {
    let store = SqliteStore::new(folder.join("state.db"));
    let project = ProjectKey::new(".octopus");
    store.init(&project).unwrap();
    let scope = Scope::Project(project);
    for index in 0..LOOKUPS {
        let (key, value) = (
            format!("Environment {index}"),
            format!("environment-{index}"),
        );
        store
            .put_lookup(&scope, "environments", &key, &value.into())
            .unwrap();
    }
    store
}

fn best<T>(mut before: impl FnMut() -> T, work: impl Fn(&T)) -> Duration {
    let round = |_| {
        let with = before();
        let begin = Instant::now();
        work(&with);
        begin.elapsed()
    };
    (0..ROUNDS).map(round).min().expect("at least one round")
}
