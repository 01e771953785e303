//! The mirror: made, fetched, and refused where it is something else.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::{Place, tip};
use crate::support::Repo;
use crate::support::host::{Host, Protocol};
use ocl_migrate::git::{Error, Mirror, RemoteUrl};

#[test]
fn a_mirror_follows_the_remote_in_all_it_does() {
    let place = Place::new();
    place.remote.git(&["tag", "v1", "main"]);
    let mirror = place.mirror("a/mirror.git", &place.url());
    assert_eq!(mirror.state().fetched, None);
    let began = SystemTime::now();
    mirror.fetch().unwrap();
    let fetched = mirror.state().fetched.unwrap();
    assert!(began <= fetched && fetched <= SystemTime::now());
    let here = Repo::at(&place.path("a/mirror.git"));
    let format = "--format=%(refname) %(objectname)";
    let all = |repo: &Repo| repo.git(&["for-each-ref", format, "refs/heads", "refs/tags"]);
    assert_eq!(all(&here), all(&place.remote));
    // New, rewritten, deleted, and a branch in the place of a folder of branches.
    for change in [
        "branch topic/a main",
        "branch -f topic/a main~1",
        "update-ref refs/heads/main main~1",
        "tag -f v1 main",
        "tag v2 main",
        "branch -D topic/a",
        "branch topic main",
        "tag -d v1",
    ] {
        let words: Vec<&str> = change.split(' ').collect();
        place.remote.git(&words);
        mirror.fetch().unwrap();
        assert_eq!(all(&here), all(&place.remote), "{change}");
    }
    // What isn't a branch or a tag is the remote's own.
    place
        .remote
        .git(&["update-ref", "refs/pull/1/head", "main"]);
    mirror.fetch().unwrap();
    assert_eq!(here.git(&["for-each-ref", "refs/pull"]), "");
    // Where HEAD leads there, and later, once that is gone.
    place.remote.git(&["branch", "-m", "main", "trunk"]);
    mirror.fetch().unwrap();
    assert_eq!(here.git(&["symbolic-ref", "HEAD"]), "refs/heads/trunk");
    assert_eq!(all(&here), all(&place.remote));
}

#[test]
fn a_remote_without_branches_is_an_empty_mirror() {
    let place = Place::new();
    let empty = Repo::bare(&place.path("empty.git"));
    let mirror = place.mirror("mirror.git", empty.path().to_str().unwrap());
    mirror.fetch().unwrap();
    mirror.fetch().unwrap();
    assert!(mirror.state().fetched.is_some());
}

#[test]
fn a_folder_that_is_something_else_is_left_alone() {
    let place = Place::new();
    let url = RemoteUrl::parse(&place.url()).unwrap();
    let open = |name: &str| Mirror::open(&place.path(name), &url, place.git());
    fs::create_dir(place.path("empty")).unwrap();
    assert!(!Mirror::is_there(&place.path("empty"), &url).unwrap());
    open("empty").unwrap().fetch().unwrap();
    assert!(Mirror::is_there(&place.path("empty"), &url).unwrap());
    fs::create_dir(place.path("full")).unwrap();
    fs::write(place.path("full/file"), "").unwrap();
    fs::write(place.path("file"), "").unwrap();
    Repo::bare(&place.path("bare.git"));
    let other = format!("file://{}", place.url());
    place.mirror("other.git", &other).fetch().unwrap();
    for (name, why) in [
        ("full", "there is something else in it"),
        ("bare.git", "there is something else in it"),
        ("remote.git", "there is something else in it"),
        ("file", "it is not a folder"),
        (
            "other.git",
            &*format!("it is the mirror of {other}; name another folder"),
        ),
    ] {
        let error = open(name).unwrap_err();
        assert!(matches!(error, Error::NotItsMirror { .. }), "{error}");
        assert!(error.to_string().contains(why), "{error}");
        assert!(Mirror::is_there(&place.path(name), &url).is_err());
    }
    // Nothing is left of the attempts.
    let names = fs::read_dir(place.folder.path()).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(names.filter(|name| name.ends_with(".new")).count(), 0);
}

#[test]
fn many_who_open_and_fetch_at_once_share_what_they_get() {
    let place = Place::new();
    let host = Host::new(place.folder.path(), Protocol::Git);
    let url = host.url("remote.git");
    let place = &place;
    let url = &*url;
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(move || place.mirror("mirror.git", url).fetch().unwrap());
        }
    });
    assert_eq!(
        tip(&Repo::at(&place.path("mirror.git")), "main"),
        tip(&place.remote, "main")
    );
    let before = host.connections();
    let mirror = place.mirror("mirror.git", url);
    mirror.fetch().unwrap();
    let each = host.connections() - before;
    let together = std::sync::Barrier::new(16);
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                together.wait();
                mirror.fetch().unwrap();
            });
        }
    });
    // Those that waited are content with one that began after they asked.
    let all = host.connections() - before - each;
    assert!(all <= 6 * each, "{all} connections, {each} each");
}

#[test]
fn a_remote_that_says_nothing_is_given_up() {
    let place = Place::new();
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("git://{}/remote.git", silent.local_addr().unwrap());
    let mirror = place.mirror_within("mirror.git", &url, Duration::from_millis(300));
    let began = Instant::now();
    let error = mirror.fetch().unwrap_err();
    assert!(began.elapsed() < Duration::from_secs(20));
    assert!(
        error.to_string().contains("no answer within 0 s"),
        "{error}"
    );
    assert!(mirror.state().failure.is_some());
    // Who waits together fails together, and not one after the other.
    let (asked, together) = (8, std::sync::Barrier::new(8));
    std::thread::scope(|scope| {
        for _ in 0..asked {
            scope.spawn(|| {
                together.wait();
                mirror.fetch().unwrap_err();
            });
        }
    });
    let failures = mirror.state().failures;
    assert!(failures < 1 + asked, "{failures}");
}

#[test]
fn what_leads_to_no_commit_is_left_out_and_the_others_are_fetched() {
    let place = Place::new();
    let mirror = place.mirror("mirror.git", &place.url());
    place.remote.git(&["branch", "was", "main"]);
    mirror.fetch().unwrap();
    let here = Repo::at(mirror.repository().git_dir());
    assert!(tip(&here, "was").is_some());
    // Git itself makes no such branches.
    let tree = place.remote.git(&["rev-parse", "main^{tree}"]);
    for name in ["was", "odd"] {
        std::fs::write(place.remote.path().join("refs/heads").join(name), &tree).unwrap();
    }
    place
        .remote
        .commit("main", None, &[("file", Some("three"))]);
    place.remote.git(&["branch", "zz", "main"]);
    for _ in 0..2 {
        mirror.fetch().unwrap();
        assert_eq!(
            mirror.state().left_out,
            ["refs/heads/odd", "refs/heads/was"]
        );
        assert_eq!(tip(&here, "was"), None);
        for branch in ["main", "zz"] {
            assert_eq!(tip(&here, branch), tip(&place.remote, branch));
        }
    }
    for name in ["was", "odd"] {
        std::fs::remove_file(place.remote.path().join("refs/heads").join(name)).unwrap();
        place.remote.git(&["branch", name, "main"]);
    }
    mirror.fetch().unwrap();
    assert!(mirror.state().left_out.is_empty());
    assert_eq!(tip(&here, "odd"), tip(&place.remote, "main"));
}

/// A lock beside a branch of a mirror, as a Git that was killed leaves it.
fn leave_lock(place: &Place, made: SystemTime) -> PathBuf {
    let path = place.path("mirror.git/refs/heads/main.lock");
    let lock = fs::File::create(&path).unwrap();
    lock.set_modified(made).unwrap();
    path
}

#[test]
fn a_lock_that_nobody_holds_any_more_is_in_no_fetch_s_way() {
    let place = Place::new();
    let mirror = place.mirror("mirror.git", &place.url());
    mirror.fetch().unwrap();
    place
        .remote
        .git(&["update-ref", "refs/heads/main", "main~1"]);
    let refused = |why: &str| {
        let error = mirror.fetch().unwrap_err().to_string();
        assert!(error.contains("main.lock': File exists"), "{why}: {error}");
    };
    // One that was made a moment ago may be somebody's; so may all, as long as a Git lives that was started in the mirror, whoever has
    // started it, or somebody packs.
    let minute = Duration::from_secs(60);
    let lock = leave_lock(&place, SystemTime::now() + minute);
    refused("new");
    let lock_again = leave_lock(&place, SystemTime::now() - minute);
    assert_eq!(lock, lock_again);
    let at_work = fs::File::open(place.path("mirror.git/ocl-migrate/at-work")).unwrap();
    at_work.lock_shared().unwrap();
    let mut orphan = Command::new("sleep").arg("1000").stdin(at_work).spawn();
    refused("a Git at work");
    orphan.as_mut().unwrap().kill().unwrap();
    orphan.unwrap().wait().unwrap();
    let packs = place.path("mirror.git/gc.pid");
    fs::write(&packs, "").unwrap();
    refused("packing");
    fs::remove_file(packs).unwrap();
    fs::write(place.path("mirror.git/config.lock"), "").unwrap();

    mirror.fetch().unwrap();
    assert_eq!(
        tip(&Repo::at(&place.path("mirror.git")), "main"),
        tip(&place.remote, "main")
    );
    assert!(!lock.exists());
    assert!(place.path("mirror.git/config.lock").exists());
}
