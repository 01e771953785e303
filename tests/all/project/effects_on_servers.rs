//! Effects of imports whose store is in a server's database: writers are killed there, cut off, and fail.

use std::io;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use ocl_migrate::project::{
    CommitError, CommitPoint, Committed, EffectFailure, EffectRun, Project, StoreOutcome,
};
use ocl_migrate::store::{Options, Row, Store, mysql_driver, postgres_driver};

use mysql_driver::prelude::Queryable as _;

use crate::support::mariadb::mariadb;
use crate::support::postgres::postgres;
use crate::support::servers::{DatabaseServer, store_at};
use crate::support::{World, next_writer, request, store_text};

/// Fizz comes from the server at 3, where something refers to it.
const CATALOG: &str = "fizz: 3 import effect move, 4 modify; buzz: 5 modify";
const UNTOUCHED: &str = "version 0\ntable fizz in shape 3: a = 1";
const DONE: &str = "version 5\nsnapshot 3 fizz in shape 3: a = 1";

/// A server's own table beside the store's.
const MOVED: &str = "CREATE TABLE moved (slug VARCHAR(10))";
const MOVE: &str = "INSERT INTO moved VALUES ('fizz')";

/// Two branches that both have still to import, at an address.
struct Writers {
    world: World,
    address: String,
    server: &'static dyn DatabaseServer,
}

impl Writers {
    fn new(server: &'static dyn DatabaseServer) -> Writers {
        let address = server.database();
        let store = server.store(&address, Options::default());
        let world = World::without_store(CATALOG);
        for branch in ["one", "two"] {
            world.branch(branch, 2, &[("buzz.ocl", "b = 1")]);
        }
        store.init(&world.key()).unwrap();
        let row = Row::new("fizz", "", "a = 1", 3);
        store.put_documents(&world.key(), &[row]).unwrap();
        server.sql(&address, MOVED);
        Writers {
            world,
            address,
            server,
        }
    }

    /// How often the effect has happened in the database.
    fn moved(&self) -> String {
        let rows = self.server.sql(&self.address, "SELECT count(*) FROM moved");
        rows.trim().to_owned()
    }

    fn text(&self) -> String {
        let store = self.server.store(&self.address, Options::default());
        store_text(&store, &self.world.key(), &self.world.catalog)
    }

    fn is_recorded(&self) -> bool {
        self.text().contains("snapshot")
    }

    /// What was done in the database is there with the snapshot or not at all, and the next writer does what is left of it.
    fn assert_once(&self, what: &str) {
        let recorded = usize::from(self.is_recorded()).to_string();
        assert_eq!(self.moved(), recorded, "{what}");
        let project = project(&self.world, &self.address, MOVE, |_| Ok(()));
        println!("{what}");
        let (committed, _) = next_writer(&project);
        let is_pending = matches!(committed.store, StoreOutcome::Pending { .. });
        assert!(!is_pending, "{what}");
        assert_eq!(self.moved(), "1", "{what}");
        assert_eq!(self.text(), DONE, "{what}");
        let store = self.server.store(&self.address, Options::default());
        let effects = store.read(&self.world.key()).unwrap().effects().unwrap();
        let outcomes: Vec<_> = effects.iter().map(|it| it.outcome.as_deref()).collect();
        assert_eq!(outcomes, [Some("moved")], "{what}");
    }
}

/// A project whose effect runs a statement in the store's transaction, whichever driver that has.
fn project(
    world: &World,
    address: &str,
    statement: &'static str,
    hook: impl Fn(CommitPoint) -> io::Result<()> + Send + Sync + 'static,
) -> Project {
    let store = store_at(address, Options::default());
    world.project_with(|builder| {
        let builder = builder.store(Arc::new(store)).effect(
            "move",
            move |run: &mut EffectRun<'_>| -> Result<String, EffectFailure> {
                if let Some(connection) = run.connection::<postgres_driver::Client>()? {
                    connection.batch_execute(statement)?;
                } else if let Some(connection) = run.connection::<mysql_driver::Conn>()? {
                    connection.query_drop(statement)?;
                } else {
                    return Err("the store is in no server's database".into());
                }
                Ok("moved".to_owned())
            },
        );
        builder.commit_hook(Arc::new(hook))
    })
}

fn put(project: &Project, branch: &str) -> Result<Committed, CommitError> {
    let mut draft = project.load_migrated(branch).unwrap().edit();
    draft.put("buzz", "b = 2")?;
    draft.commit(request("Change"))
}

// ---- A process that dies ----

const FOLDER: &str = "OCL_MIGRATE_TEST_SERVER_EFFECTS_FOLDER";
const ADDRESS: &str = "OCL_MIGRATE_TEST_SERVER_EFFECTS_ADDRESS";
const DIES_AT: &str = "OCL_MIGRATE_TEST_SERVER_EFFECTS_DIES_AT";

/// Does nothing unless it is started for it.
#[test]
fn the_process_that_dies() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let world = World::at(&PathBuf::from(folder), CATALOG);
    let (address, dies_at) = (
        std::env::var(ADDRESS).unwrap(),
        std::env::var(DIES_AT).unwrap(),
    );
    let project = project(&world, &address, MOVE, move |point| {
        if point.to_string() == dies_at {
            std::process::abort();
        }
        Ok(())
    });
    let _ = put(&project, "one").unwrap();
}

fn references_are_updated_once_wherever_the_writer_dies(server: &'static dyn DatabaseServer) {
    for point in CommitPoint::ALL {
        let writers = Writers::new(server);
        let this = "project::effects_on_servers::the_process_that_dies";
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", this])
            .env(FOLDER, writers.world.path())
            .env(ADDRESS, &writers.address)
            .env(DIES_AT, point.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        assert_eq!(
            status.success(),
            point == CommitPoint::RolledBack,
            "{point}"
        );
        writers.assert_once(&point.to_string());
    }
}

// ---- One that fails, or is cut off ----

fn a_failure_at_any_step_leaves_the_effect_to_the_next_writer(server: &'static dyn DatabaseServer) {
    for point in CommitPoint::ALL {
        let writers = Writers::new(server);
        let failing = project(&writers.world, &writers.address, MOVE, move |here| {
            if here == point {
                return Err(io::Error::from(io::ErrorKind::StorageFull));
            }
            Ok(())
        });
        let _ = put(&failing, "one");
        writers.assert_once(&point.to_string());
    }
}

fn a_connection_killed_at_any_step_leaves_the_effect_to_the_next_writer(
    server: &'static dyn DatabaseServer,
) {
    for point in CommitPoint::ALL {
        let writers = Writers::new(server);
        let cut = writers.address.clone();
        let failing = project(&writers.world, &writers.address, MOVE, move |here| {
            if here == point {
                server.cut_off(&cut);
            }
            Ok(())
        });
        let _ = put(&failing, "one");
        writers.assert_once(&point.to_string());
    }
}

/// MariaDB ends the transaction for each statement that changes a table, too.
fn an_effect_that_ends_the_transaction_is_found_before_the_branch_moves(
    server: &'static dyn DatabaseServer,
    ends: &[&'static str],
) {
    for end in ends {
        let writers = Writers::new(server);
        let rude = project(&writers.world, &writers.address, end, |_| Ok(()));
        let before = writers.world.repo.git(&["rev-parse", "one"]);
        let refused = put(&rude, "one").unwrap_err();
        assert!(matches!(refused, CommitError::Store(_)), "{end}: {refused}");
        assert_eq!(
            writers.world.repo.git(&["rev-parse", "one"]),
            before,
            "{end}"
        );
        assert_eq!(writers.text(), UNTOUCHED, "{end}");
        writers.assert_once(end);
    }
}

mod in_mariadb {
    use super::mariadb;

    #[test]
    fn references_are_updated_once_wherever_the_writer_dies() {
        if let Some(server) = mariadb() {
            super::references_are_updated_once_wherever_the_writer_dies(server);
        }
    }

    #[test]
    fn a_failure_at_any_step_leaves_the_effect_to_the_next_writer() {
        if let Some(server) = mariadb() {
            super::a_failure_at_any_step_leaves_the_effect_to_the_next_writer(server);
        }
    }

    #[test]
    fn a_connection_killed_at_any_step_leaves_the_effect_to_the_next_writer() {
        if let Some(server) = mariadb() {
            super::a_connection_killed_at_any_step_leaves_the_effect_to_the_next_writer(server);
        }
    }

    #[test]
    fn an_effect_that_ends_the_transaction_is_found_before_the_branch_moves() {
        if let Some(server) = mariadb() {
            let ends = ["COMMIT", "ROLLBACK", "CREATE TABLE other (a INT)"];
            super::an_effect_that_ends_the_transaction_is_found_before_the_branch_moves(
                server, &ends,
            );
        }
    }
}

mod in_postgresql {
    use super::postgres;

    #[test]
    fn references_are_updated_once_wherever_the_writer_dies() {
        if let Some(server) = postgres() {
            super::references_are_updated_once_wherever_the_writer_dies(server);
        }
    }

    #[test]
    fn a_connection_killed_at_any_step_leaves_the_effect_to_the_next_writer() {
        if let Some(server) = postgres() {
            super::a_connection_killed_at_any_step_leaves_the_effect_to_the_next_writer(server);
        }
    }
}
