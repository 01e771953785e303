//! What is told to do about a store that can't be used leads on.

use ocl_migrate::store::{ProjectKey, Row, SqliteStore, Store};

use crate::support::Sandbox;

#[cfg(unix)]
#[test]
fn a_server_is_not_asked_again_for_what_it_has_just_said() {
    use crate::support::postgres::{database_name, postgres, sql};

    let Some(server) = postgres() else { return };
    let (repo, address) = (Sandbox::empty(), server.database());
    repo.run(&["--store", &address, "--project", "p", "store", "init"]);
    sql(&address, "DELETE FROM oclm_history");
    for command in ["status", "validate"] {
        let told = repo.run(&["--store", &address, "store", command]);
        assert!(told.contains("names no version"), "{told}");
        assert!(told.contains("a backup"), "{told}");
        // Validating says the same.
        assert!(!told.contains("store validate"), "{told}");
        let hint = "hint: to use a backup, restore it into an empty database: ";
        assert!(told.contains(hint), "{told}");
    }
    let Some(cluster) = server.cluster() else {
        return;
    };
    let (port, name) = (cluster.port(), database_name(&address));
    let address = format!("postgres://ocl@127.0.0.1:{port}/{name}?sslmode=require");
    let told = repo.run(&["--store", &address, "store", "status"]);
    // It does answer.
    assert!(told.contains("?sslmode=disable"), "{told}");
    assert!(!told.contains("hint:"), "{told}");
}

#[test]
fn a_copy_of_nothing_says_what_to_name() {
    let repo = Sandbox::empty();
    let told = repo.run(&["store", "copy", "missing.db", "new.db"]);
    assert!(
        told.contains("hint: name the store to copy from first: ocl-migrate store copy FROM TO"),
        "{told}"
    );
    assert!(!repo.path().join("new.db").exists(), "{told}");
}

#[cfg(unix)]
#[test]
fn a_copy_that_finds_no_room_goes_on_when_there_is_some() {
    let repo = Sandbox::empty();
    let folder = repo.path().join("small");
    std::fs::create_dir(&folder).unwrap();
    let Some(_disk) = crate::support::servers::SmallDisk::mount(&folder, 16, "root") else {
        return;
    };
    let source = SqliteStore::new(repo.path().join("state.db"));
    for (name, megabytes) in [("a", 1), ("b", 5)] {
        let project = ProjectKey::new(name);
        source.init(&project).unwrap();
        let text = format!("text = \"{}\"", "x".repeat(megabytes << 20));
        let row = Row::new("fizz", "", text, 2);
        source.put_documents(&project, &[row]).unwrap();
    }
    std::fs::write(folder.join("other"), vec![0; 9 << 20]).unwrap();
    let copy = ["store", "copy", "state.db", "small/state.db"];
    let told = repo.run(&copy);
    assert!(told.contains("no space is left"), "{told}");
    let hint = "hint: make room, and it goes on with the rest: ocl-migrate ";
    assert!(told.contains(hint), "{told}");
    std::fs::remove_file(folder.join("other")).unwrap();
    let told = repo.run(&copy);
    assert!(told.contains("a: was there already"), "{told}");
    assert!(
        told.contains("small/state.db holds all of state.db: 2 projects, compared"),
        "{told}"
    );
}
