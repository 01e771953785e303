use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use ocl_migrate::store::{Error, SqliteStore, Store};

use super::{TIME, buzzes, filled, project, quick};

const STORE: &str = "STORE_ROOM_TEST_STORE";
const HELD: &str = "the transaction is held";

/// Not a test of its own: what the other process of the tests below does.
#[test]
fn other_process() {
    let Some(path) = env::var_os(STORE) else {
        return;
    };
    let store = SqliteStore::with_options(path, quick());
    let mut write = store.write(&project()).expect("a transaction");
    write.take("buzz", 3, &buzzes(), TIME).expect("taken");
    println!("\n{HELD}");
    // Until it is killed.
    loop {
        std::thread::park();
    }
}

#[test]
fn a_process_that_dies_gives_its_lock_and_changes_up() {
    let (_directory, store) = filled();
    let mut child = Command::new(env::current_exe().expect("this test"))
        .args([
            "--exact",
            "store_room::processes::other_process",
            "--nocapture",
        ])
        .env(STORE, store.path())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this test again");
    let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let held = lines.map_while(Result::ok).any(|line| line == HELD);
    let while_held = store.write(&project()).map(drop);
    let read = store
        .read(&project())
        .and_then(|mut read| read.documents("buzz"));
    child.kill().expect("a running child");
    child.wait().expect("an ended child");

    assert!(held, "the other process holds its transaction");
    let error = while_held.expect_err("another process writes");
    assert!(matches!(error, Error::Locked { .. }), "{error:?}");
    assert!(error.to_string().contains("try again"), "{error}");
    assert_eq!(read.expect("readers don't wait"), buzzes());
    let mut write = store.write(&project()).expect("the lock is free");
    assert_eq!(write.documents("buzz").expect("rows"), buzzes());
    assert_eq!(write.snapshots("buzz", 3).expect("none"), None);
}
