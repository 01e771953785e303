//! The tables of a store in every server's database: made once, and never changed by opening.

use ocl_migrate::store::{Error, Inspect, Store};

use crate::store_room::{buzzes, fizz, project, quick};
use crate::support::servers::DatabaseServer;

pub fn opening_makes_nothing(server: &dyn DatabaseServer) {
    let address = server.place();
    let store = server.store(&address, quick());
    let absent = |result: Result<(), Error>| match result {
        Err(Error::Absent { store }) => assert_eq!(store.to_string(), address),
        other => panic!("{other:?}"),
    };
    absent(store.read(&project()).map(drop));
    absent(store.write(&project()).map(drop));
    absent(store.projects().map(drop));
    absent(store.status().map(drop));
    absent(store.catalogs(0).map(drop));
    absent(store.validate().map(drop));
    absent(store.put_documents(&project(), &[fizz()]));
    let plan = store.migrate(None, true).unwrap();
    assert_eq!((plan.found, plan.version), (None, 2));
    let still = store.migrate(None, true).unwrap();
    assert_eq!(still.found, None, "it made nothing");
}

pub fn a_new_install_says_in_its_history_that_it_is_one(server: &dyn DatabaseServer) {
    let address = server.place();
    let store = server.store(&address, quick()).of_next_release();
    assert!(store.init(&project()).unwrap());
    let history = store.server().unwrap().unwrap().history;
    let [step] = &history[..] else {
        panic!("{history:?}")
    };
    assert_eq!((step.version, step.action.as_str()), (3, "installed"));
    assert_eq!(step.program, env!("CARGO_PKG_VERSION"));
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    assert!((step.time - now.cast_signed()).abs() < 60, "{step:?}");
    assert_eq!(store.validate().unwrap(), Vec::<String>::new());
    assert_eq!(
        store.migrate(None, false).unwrap().statements,
        Vec::<&str>::new()
    );
}

pub fn tables_of_an_older_release_are_refused_until_they_are_migrated_and_then_the_older_one_reads(
    server: &dyn DatabaseServer,
) {
    let address = server.place();
    let old = server.store(&address, quick());
    old.init(&project()).unwrap();
    old.put_documents(&project(), &buzzes()).unwrap();
    let new = server.store(&address, quick()).of_next_release();
    for refused in [
        new.read(&project()).map(drop),
        new.write(&project()).map(drop),
        new.init(&project()).map(drop),
    ] {
        let error = refused.unwrap_err();
        assert!(
            matches!(
                error,
                Error::Outdated {
                    found: 2,
                    known: 3,
                    ..
                }
            ),
            "{error:?}"
        );
    }
    let plan = new.migrate(None, true).unwrap();
    assert_eq!((plan.found, plan.version), (Some(2), 3));
    assert_eq!(plan.statements.len(), 1);
    assert_eq!(
        old.migrate(None, false).unwrap().found,
        Some(2),
        "nothing was done"
    );
    assert_eq!(new.migrate(None, false).unwrap(), plan);
    let again = new.migrate(None, false).unwrap();
    assert_eq!((again.found, again.statements.len()), (Some(3), 0));
    // The sum of the upgrades is the whole.
    assert_eq!(new.validate().unwrap(), Vec::<String>::new());
    let steps = new.server().unwrap().unwrap().history.into_iter();
    let steps: Vec<_> = steps.map(|step| (step.version, step.action)).collect();
    assert_eq!(
        steps,
        [(2, "installed".to_owned()), (3, "upgraded".to_owned())]
    );
    // Each statement may be done twice, as where the first time was broken off before it was written down.
    server.sql(&address, "DELETE FROM oclm_history WHERE version = 3");
    assert_eq!(new.migrate(None, false).unwrap(), plan);
    assert_eq!(new.validate().unwrap(), Vec::<String>::new());
    let rows = |store: &dyn Store| store.read(&project()).unwrap().all_documents().unwrap();
    assert_eq!(rows(&new), buzzes());
    assert_eq!(rows(&old), buzzes(), "the tables say that it may read");
    let error = old.put_documents(&project(), &[fizz()]).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Newer {
                found: 3,
                known: 2,
                ..
            }
        ),
        "{error:?}"
    );
    let error = old.migrate(None, false).unwrap_err();
    assert!(
        matches!(error, Error::Newer { .. }),
        "no way down: {error:?}"
    );
    server.sql(
        &address,
        "UPDATE oclm_history SET readable_by = 3 WHERE version = 3",
    );
    let error = old.read(&project()).map(drop).unwrap_err();
    assert!(matches!(error, Error::Newer { .. }), "{error:?}");
}

pub fn tables_go_to_a_version_and_no_further(server: &dyn DatabaseServer) {
    let address = server.place();
    let store = server.store(&address, quick()).of_next_release();
    let refused = |wanted, why: &str| {
        let error = store.migrate(Some(wanted), true).unwrap_err();
        assert!(
            matches!(error, Error::NoSuchVersion { .. }),
            "{wanted}: {error:?}"
        );
        assert!(error.to_string().ends_with(why), "{wanted}: {error}");
        assert!(store.migrate(Some(wanted), false).is_err());
    };
    for wanted in [0, 4, u32::MAX] {
        refused(wanted, "this release knows 1 to 3");
    }
    // New tables are those of that version at once.
    let planned = store.migrate(Some(1), true).unwrap();
    assert_eq!((planned.found, planned.version), (None, 1));
    assert_eq!(store.migrate(Some(1), false).unwrap(), planned);
    let first = server.store(&address, quick()).of_first_release();
    first.init(&project()).unwrap();
    first.put_documents(&project(), &buzzes()).unwrap();
    assert_eq!(first.validate().unwrap(), Vec::<String>::new());
    let planned = store.migrate(Some(2), true).unwrap();
    assert_eq!((planned.found, planned.version), (Some(1), 2));
    assert_eq!(store.migrate(Some(2), false).unwrap(), planned);
    let again = store.migrate(Some(2), false).unwrap();
    assert_eq!((again.found, again.statements.len()), (Some(2), 0));
    refused(1, "they are those of version 2, and there is no way down");
    // This release's programs work, and the next one's say that there is more to do.
    let current = server.store(&address, quick());
    assert_eq!(current.validate().unwrap(), Vec::<String>::new());
    current.put_documents(&project(), &[fizz()]).unwrap();
    let error = store.read(&project()).map(drop).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Outdated {
                found: 2,
                known: 3,
                ..
            }
        ),
        "{error:?}"
    );
    assert_eq!(store.migrate(Some(3), false).unwrap().found, Some(2));
    assert_eq!(store.validate().unwrap(), Vec::<String>::new());
    let steps = store.server().unwrap().unwrap().history.into_iter();
    let steps: Vec<_> = steps.map(|step| (step.version, step.action)).collect();
    let upgraded = || "upgraded".to_owned();
    assert_eq!(
        steps,
        [
            (1, "installed".to_owned()),
            (2, upgraded()),
            (3, upgraded())
        ]
    );
}

pub fn migrating_at_once_is_done_once(server: &dyn DatabaseServer) {
    let address = server.place();
    server.store(&address, quick()).init(&project()).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            let address = &address;
            scope.spawn(move || {
                let options = ocl_migrate::store::Options::default();
                let store = server.store(address, options).of_next_release();
                assert_eq!(store.migrate(None, false).unwrap().version, 3);
            });
        }
    });
    let steps = server.sql(
        &address,
        "SELECT version FROM oclm_history ORDER BY version",
    );
    assert_eq!(steps, "2\n3");
}

/// Each of some changes to the tables is found, and what differs named by its table and its own name.
pub fn validate_finds_every_difference(
    server: &dyn DatabaseServer,
    changes: &[(&str, &str)],
    check: impl Fn(&str),
) {
    let made = || {
        let address = server.place();
        let store = server.store(&address, quick());
        store.init(&project()).unwrap();
        store.put_documents(&project(), &[fizz()]).unwrap();
        assert_eq!(store.validate().unwrap(), Vec::<String>::new());
        (address, store)
    };
    for (change, told) in changes {
        let (address, store) = made();
        server.sql(&address, change);
        let differences = store.validate().unwrap();
        let is_told = differences.iter().any(|it| it.starts_with(told));
        assert!(is_told, "{change}\n{differences:#?}");
        // What it compared with is gone, and the tables are as they were.
        assert_eq!(store.validate().unwrap(), differences);
        check(&address);
    }
    // An index more changes no answer.
    let (address, store) = made();
    server.sql(&address, "CREATE INDEX mine ON oclm_documents (shape)");
    assert_eq!(store.validate().unwrap(), Vec::<String>::new());
}

pub fn what_somebody_else_keeps_under_our_names_is_left_alone(server: &dyn DatabaseServer) {
    let address = server.place();
    let store = server.store(&address, quick());
    server.sql(
        &address,
        "CREATE TABLE oclm_projects (mine INT PRIMARY KEY); INSERT INTO oclm_projects VALUES (1)",
    );
    for refused in [
        store.read(&project()).map(drop),
        store.init(&project()).map(drop),
        store.migrate(None, false).map(drop),
        store.validate().map(drop),
    ] {
        let error = refused.unwrap_err();
        assert!(matches!(error, Error::NotAStore { .. }), "{error:?}");
        assert!(error.to_string().contains("oclm_projects"), "{error}");
    }
    assert_eq!(server.sql(&address, "SELECT * FROM oclm_projects"), "1");
    let elsewhere = server.place();
    server.store(&elsewhere, quick()).init(&project()).unwrap();
}
