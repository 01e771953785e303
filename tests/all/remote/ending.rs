//! Git has to end: with all that it has started, when its time is up, or when the program ends.

use std::process::Command;
use std::time::Duration;

use super::{Place, commit_in, tip, update};
use crate::support::{until, write_program};
use ocl_migrate::git::{GitProgram, Mirror, MoveOutcome, MoveRef, RemoteRefs, RemoteUrl};

/// Whether a process runs; one that has ended and that nobody has asked for doesn't.
pub(super) fn runs(process: &str) -> bool {
    let told = Command::new("ps")
        .args(["-o", "stat=", "-p", process])
        .output();
    let told = String::from_utf8(told.unwrap().stdout).unwrap();
    !told.trim().is_empty() && !told.starts_with('Z')
}

pub(super) fn wait_until_it_ends(process: &str) {
    until("it ends", || !runs(process));
}

/// A mirror whose Git starts a program that doesn't end when it is asked to, says its number in the file `started`, and waits for it.
fn mirror_that_hangs(place: &Place, limit: Duration) -> Mirror {
    place.mirror("mirror.git", &place.url());
    let script = place.path("git-hangs");
    let started = place.path("started");
    let text = format!(
        "#!/bin/sh\nsh -c 'trap \"\" TERM; sleep 1000' & echo $! >{0}.new; mv {0}.new {0}; wait\n",
        started.display()
    );
    write_program(&script, &text);
    let url = RemoteUrl::parse(&place.url()).unwrap();
    Mirror::open_within(
        &place.path("mirror.git"),
        &url,
        GitProgram::new(script),
        limit,
    )
    .unwrap()
}

fn started(place: &Place) -> Option<String> {
    let number = std::fs::read_to_string(place.path("started")).ok()?;
    Some(number.trim().to_owned())
}

#[test]
fn what_git_has_started_ends_when_its_time_is_up() {
    let place = Place::new();
    // Long enough for this machine to start something.
    let process = (0..8).find_map(|power| {
        let mirror = mirror_that_hangs(&place, Duration::from_millis(250 << power));
        let error = mirror.fetch().unwrap_err().to_string();
        assert!(error.contains("no answer within"), "{error}");
        started(&place)
    });
    wait_until_it_ends(&process.unwrap());
}

#[test]
fn what_git_has_under_way_ends_with_the_program() {
    let place = Place::new();
    let mirror = mirror_that_hangs(&place, Duration::from_secs(600));
    let error = std::thread::scope(|scope| {
        let fetch = scope.spawn(|| mirror.fetch().unwrap_err().to_string());
        while started(&place).is_none() {
            std::thread::sleep(Duration::from_millis(10));
        }
        assert!(!mirror.has_ended());
        mirror.end();
        fetch.join().unwrap()
    });
    assert!(
        error.contains("the program that talks to it ends"),
        "{error}"
    );
    wait_until_it_ends(&started(&place).unwrap());
    // Nor does anything begin.
    assert!(mirror.has_ended());
    std::fs::remove_file(place.path("started")).unwrap();
    assert_eq!(mirror.fetch().unwrap_err().to_string(), error);
    assert_eq!(started(&place), None);
}

/// A push to a folder runs the remote's hooks: they end too, and what became of the branch is asked later.
#[test]
fn a_push_that_has_to_end_is_settled_by_whoever_comes_next() {
    let place = Place::new();
    let mirror = place.mirror("mirror.git", &place.url());
    mirror.fetch().unwrap();
    place.remote.hook(
        "pre-receive",
        "echo $$ >hook.new; mv hook.new hook; for i in $(seq 1200); do sleep 0.1; done",
    );
    let old = tip(&place.remote, "main");
    let new = commit_in(&mirror, Some("main"), "three");
    let refs = RemoteRefs::new(mirror.clone());
    let moved = std::thread::scope(|scope| {
        let moved = scope.spawn(|| refs.move_ref(&update("main", old, new)));
        place.remote.wait_for("hook", true);
        mirror.end();
        moved.join().unwrap()
    });
    assert!(matches!(moved, MoveOutcome::Unknown(_)), "{moved:?}");
    let hook = std::fs::read_to_string(place.remote.path().join("hook")).unwrap();
    wait_until_it_ends(hook.trim());
    std::fs::remove_file(place.remote.path().join("hooks/pre-receive")).unwrap();
    // It left nothing that stands in the way of the next.
    let mirror = place.mirror("other.git", &place.url());
    mirror.fetch().unwrap();
    assert_eq!(tip(&place.remote, "main"), old);
    let new = commit_in(&mirror, Some("main"), "three");
    let moved = RemoteRefs::new(mirror).move_ref(&update("main", old, new));
    assert!(matches!(moved, MoveOutcome::Moved), "{moved:?}");
}
