//! The stores against each other: commits a second, and how long a commit holds its project's row.

use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ocl_migrate::catalog::Catalog;
use ocl_migrate::git::{Repository, Signature};
use ocl_migrate::project::{CommitPoint, CommitRequest, Project};
use ocl_migrate::store::{
    MysqlAddress, Options, PostgresAddress, ProjectKey, Row as StoredRow, ServerStore, SqliteStore,
    Store,
};

use crate::rows::{Row, row};
use crate::servers::DatabaseServer;
use crate::store::{commit, key};
use crate::{mariadb, postgres};

pub(crate) const ALL: &[Row] = &[
    ("store-commits", commits_to_stores),
    ("store-lock", row_held_in_a_commit),
];

/// The argument with which this program commits to a store, as one of several processes.
pub(crate) const COMMIT: &str = "--commit-to-a-store";

const COMMITS: usize = 800;

/// Servers that flush what they commit, each called by its database's name.
fn servers() -> Vec<(&'static str, Box<dyn DatabaseServer>)> {
    let postgres = postgres::durable_postgres();
    let mariadb = mariadb::durable_mariadb();
    let postgres = postgres.map(|it| ("PostgreSQL", Box::new(it) as Box<dyn DatabaseServer>));
    let mariadb = mariadb.map(|it| ("MariaDB", Box::new(it) as Box<dyn DatabaseServer>));
    postgres.into_iter().chain(mariadb).collect()
}

/// Two transactions each, as a commit to a branch has them. Against SQLite's file on the same disk.
fn commits_to_stores() {
    for (database, server) in servers() {
        commits_to(database, &*server);
    }
}

fn commits_to(database: &str, server: &dyn DatabaseServer) {
    for (processes, projects, reach) in [
        (1, 50, None),
        (8, 50, Some(1.0 / 1.5)),
        (8, 1, Some(1.0 / 0.7)),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("state.db").display().to_string();
        // The best of three: other load can only make a round slower.
        let best = |name: &str| (0..3).map(|_| commit_to(name, processes, projects)).min();
        let ours = best(&server.database()).unwrap();
        let theirs = best(&file).unwrap();
        let rate = |time: Duration| (COMMITS as f64 / time.as_secs_f64()).round();
        let work = format!(
            "{COMMITS} commits to {database} by {processes} processes on {projects} projects: {} a second, SQLite {}",
            rate(ours),
            rate(theirs)
        );
        row(&work, ours, "SQLite", theirs, reach);
    }
}

fn commit_to(name: &str, processes: usize, projects: usize) -> Duration {
    let store = open(name);
    for project in 0..projects {
        store.init(&key(project)).unwrap();
    }
    let begin = Instant::now();
    let children: Vec<_> = (0..processes)
        .map(|process| {
            let numbers = [process, projects, COMMITS / processes].map(|number| number.to_string());
            Command::new(std::env::current_exe().unwrap())
                .args([COMMIT, name])
                .args(numbers)
                .stdin(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let taken = begin.elapsed();
    let intents = (0..projects).map(|project| {
        let mut read = store.read(&key(project)).unwrap();
        read.intents().unwrap().len()
    });
    assert_eq!(intents.sum::<usize>(), 0);
    taken
}

/// The other side of [`commit_to`].
pub(crate) fn one_of_several(arguments: &[String]) {
    let opened = open(&arguments[0]);
    let number = |at: usize| arguments[at].parse::<usize>().unwrap();
    let (process, projects, commits) = (number(1), number(2), number(3));
    for number in 0..commits {
        let project = key((process * 7 + number) % projects);
        commit(&*opened, &project);
    }
}

fn open(name: &str) -> Arc<dyn Store> {
    let options = Options::default().busy_timeout(Duration::from_secs(60));
    if PostgresAddress::is_one(name) {
        let address = PostgresAddress::parse(name).unwrap();
        return Arc::new(ServerStore::postgres(address, options).unwrap());
    }
    if MysqlAddress::is_one(name) {
        let address = MysqlAddress::parse(name).unwrap();
        return Arc::new(ServerStore::mysql(address, options).unwrap());
    }
    Arc::new(SqliteStore::with_options(
        name,
        options.keep_connections(true),
    ))
}

/// From the moment in which the second transaction holds the row to its commit, the ref's move between: against the whole commit.
fn row_held_in_a_commit() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.db").display().to_string();
    let servers = servers();
    let databases = servers
        .iter()
        .map(|(what, server)| (*what, server.database()));
    for (what, name) in databases.chain([("SQLite", file)]) {
        let (mut held, mut whole): (Vec<_>, Vec<_>) =
            (0..40).map(|number| one_commit(&name, number)).unzip();
        held.sort();
        whole.sort();
        let work = format!(
            "the project's row held in a commit, {what}, median of {}",
            held.len()
        );
        row(
            &work,
            held[held.len() / 2],
            "the whole commit",
            whole[whole.len() / 2],
            None,
        );
    }
}

fn one_commit(name: &str, number: usize) -> (Duration, Duration) {
    let catalog = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/catalogs/fizz");
    let catalog = Arc::new(Catalog::load(catalog.as_ref()).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let made = Command::new("sh")
        .args([
            "-c",
            "git init -q -b main . && mkdir .config && printf 'version = 4\\n' > .config/schema_version.ocl && git add . && \
             git -c user.name=A -c user.email=a@b commit -qm x && git switch -q --detach",
        ])
        .current_dir(&folder)
        .status();
    assert!(made.unwrap().success());
    let store = open(name);
    let key = ProjectKey::new(format!("lock-{number}"));
    store.init(&key).unwrap();
    let team = StoredRow::new("team", "gold", "name = \"Gold\"\n", 5);
    store.put_documents(&key, &[team]).unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let points = seen.clone();
    let project = Project::builder(Repository::discover(folder.path()).unwrap(), catalog)
        .base_path(".config")
        .store(store)
        .key(key)
        .commit_hook(Arc::new(move |point| {
            points.lock().unwrap().push((point, Instant::now()));
            Ok(())
        }))
        .build()
        .unwrap();
    let mut draft = project.load_migrated("main").unwrap().edit();
    draft.put("team/silver", "name = \"Silver\"\n").unwrap();
    let author = Signature {
        name: "Ann".into(),
        email: "ann@example.com".into(),
        seconds: 1_700_000_000,
        offset_minutes: 0,
    };
    let request = CommitRequest::new("One", author);
    let begin = Instant::now();
    let _ = draft.commit(request).unwrap();
    let whole = begin.elapsed();
    let seen = seen.lock().unwrap();
    let at = |wanted: CommitPoint| {
        let (_, at) = seen.iter().find(|(point, _)| *point == wanted).unwrap();
        *at
    };
    let held = at(CommitPoint::SecondCommitted) - at(CommitPoint::SecondBegun);
    (held, whole)
}
