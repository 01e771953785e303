//! Commits to the store: two transactions each, as the commit protocol writes them.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use ocl_migrate::store::{Intent, Options, ProjectKey, SqliteStore, Store};

use crate::rows::{Row, row};

pub(crate) const ALL: &[Row] = &[("store", commits_to_the_store)];

const COMMITS: usize = 800;

/// Connections kept against the file opened for each transaction.
fn commits_to_the_store() {
    for (threads, projects) in [(1, 50), (8, 50), (8, 1)] {
        let kept = commits(threads, projects, true);
        let opened = commits(threads, projects, false);
        let work = format!(
            "{COMMITS} commits to the store, two transactions each, {threads} threads, {projects} projects, connections kept"
        );
        let reach = (threads == 1).then_some(0.2);
        row(&work, kept, "opened for each", opened, reach);
    }
}

fn store_at(path: &Path, keep: bool) -> SqliteStore {
    let options = Options::default().busy_timeout(Duration::from_secs(60));
    SqliteStore::with_options(path, options.keep_connections(keep))
}

fn commits(threads: usize, projects: usize, keep: bool) -> Duration {
    let directory = tempfile::tempdir().unwrap();
    let store = store_at(&directory.path().join("state.db"), keep);
    for project in 0..projects {
        store.init(&key(project)).unwrap();
    }
    let begin = Instant::now();
    thread::scope(|scope| {
        for thread in 0..threads {
            let store = &store;
            scope.spawn(move || {
                for n in (thread..COMMITS).step_by(threads) {
                    commit(store, &key(n % projects));
                }
            });
        }
    });
    begin.elapsed()
}

pub(crate) fn commit(store: &dyn Store, project: &ProjectKey) {
    let intent = Intent {
        ref_name: "refs/heads/main".to_owned(),
        old: None,
        new: "1".repeat(40),
        target: 3,
        imports: Vec::new(),
        created: 1_700_000_000,
    };
    let mut write = store.write(project).unwrap();
    let id = write.put_intent(&intent).unwrap();
    write.commit().unwrap();
    let mut write = store.write(project).unwrap();
    write.raise_version(3).unwrap();
    assert!(write.delete_intent(id).unwrap());
    write.commit().unwrap();
}

pub(crate) fn key(project: usize) -> ProjectKey {
    ProjectKey::new(format!("project-{project}"))
}
