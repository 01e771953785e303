//! Pushes whose answer is lost: nothing is lost by it, and nothing done twice, with a store too.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::{Place, update};
use crate::support::host::{Host, Protocol};
use crate::support::{Repo, TIME, World, next_writer, request, skipped, ssh, until};
use ocl_migrate::git::{Mirror, MoveOutcome, MoveRef, PastMove, RemoteRefs, Visibility};
use ocl_migrate::project::{CommitError, Committed, Project, Remedy};

/// Fizz comes from the server at 3 and changes at 4; Buzz changes at 5.
const CATALOG: &str = "fizz: 3 import, 4 modify; buzz: 5 modify";

/// What the store holds once everything is done.
const DONE: &str = "version 5\nsnapshot 3 fizz in shape 3: a = 1";

/// What a branch holds then.
const MIGRATED: &str = "a = 1\nv4 = true";

/// A remote with branches that have still to import, a host of it, and a store.
struct Away {
    place: Place,
    world: World,
    host: Host,
}

impl Away {
    fn new(protocol: Protocol) -> Away {
        Away::by(protocol).unwrap()
    }

    /// None where there is no such protocol here.
    fn by(protocol: Protocol) -> Option<Away> {
        let world = World::new(CATALOG);
        for branch in ["main", "one", "two"] {
            world.branch(branch, 2, &[("buzz.ocl", "b = 1")]);
        }
        world.row("fizz", "a = 1", 3);
        let place = Place::new();
        let to = place.url();
        world
            .repo
            .git(&["push", "-qf", &to, "refs/heads/*:refs/heads/*"]);
        if protocol == Protocol::Ssh
            && let Err(why) = ssh::prepare(place.folder.path())
        {
            skipped(&format!("by SSH: {why}"));
            return None;
        }
        let host = Host::new(place.folder.path(), protocol);
        Some(Away { place, world, host })
    }

    fn mirror(&self, name: &str, limit: u64) -> Mirror {
        let limit = Duration::from_secs(limit);
        self.place
            .mirror_within(name, &self.host.url("remote.git"), limit)
    }

    fn project(&self, refs: RemoteRefs) -> Project {
        let builder = Project::builder(
            refs.mirror().repository().clone(),
            self.world.catalog.clone(),
        );
        let builder = builder
            .base_path(".octopus")
            .store(Arc::new(self.world.store()));
        builder.refs(Arc::new(refs)).build().unwrap()
    }

    /// A service with a mirror of its own, whose pushes have answered before.
    fn service(&self, name: &str, limit: u64) -> Project {
        let mirror = self.mirror(name, limit);
        mirror.fetch().unwrap();
        self.project(RemoteRefs::new(mirror))
    }

    fn fizz(&self, branch: &str) -> Option<String> {
        let mut files = self.place.remote.files(branch);
        files.remove(".octopus/fizz.ocl")
    }

    fn commits(&self, branch: &str) -> usize {
        let count = self.place.remote.git(&["rev-list", "--count", branch]);
        count.parse().unwrap()
    }
}

fn commit(project: &Project, branch: &str, text: &str) -> Result<Committed, CommitError> {
    let mut draft = project.load_migrated(branch).unwrap().edit();
    draft.put("buzz", text)?;
    draft.commit(request("change"))
}

fn assert_unconfirmed(result: Result<Committed, CommitError>) {
    let error = result.unwrap_err();
    assert!(matches!(error, CommitError::Unconfirmed { .. }), "{error}");
}

#[test]
fn a_commit_goes_there_and_the_store_follows() {
    for protocol in [Protocol::Git, Protocol::Http(None)] {
        let away = Away::new(protocol);
        let project = away.service("mirror.git", 60);
        let committed = commit(&project, "one", "b = 2").unwrap();
        let tip = committed.commit.to_string();
        assert_eq!(away.place.remote.tip("one"), Some(tip));
        assert_eq!(away.fizz("one").as_deref(), Some(MIGRATED));
        assert_eq!(away.world.store_text(), DONE);
        // It can be read here at once.
        let loaded = project.load_migrated("one").unwrap();
        assert_eq!(loaded.commit(), committed.commit);
    }
}

/// The network is cut while the remote's hook runs, which goes on alone: the branch moves, or it doesn't.
#[test]
fn a_push_that_is_cut_in_the_middle_is_settled_by_the_next_writer() {
    for protocol in [Protocol::Git, Protocol::Http(None), Protocol::Ssh] {
        for moves in [true, false] {
            // Each connection by SSH takes a while.
            if protocol == Protocol::Ssh && !moves {
                continue;
            }
            let Some(away) = Away::by(protocol) else {
                continue;
            };
            let end = if moves { "exit 0" } else { "exit 1" };
            away.place.remote.hook(
                "pre-receive",
                &format!("grep -q refs/heads/one || exit 0; touch at-work; until_there go; rm at-work; {end}"),
            );
            let project = away.service("mirror.git", 60);
            thread::scope(|scope| {
                let pushed = scope.spawn(|| commit(&project, "one", "b = 2"));
                away.place.remote.wait_for("at-work", true);
                away.host.cut();
                assert_unconfirmed(pushed.join().unwrap());
            });
            assert!(
                away.world
                    .store_text()
                    .contains("intent for refs/heads/one")
            );
            away.place.remote.touch("go");
            away.place.remote.wait_for("at-work", false);
            let before = Repo::at(away.place.remote.path());
            if moves {
                until("the branch has moved", || {
                    before.git(&["rev-list", "--count", "one"]) == "2"
                });
            }
            // Another service, with a mirror of its own. The remote may go on no more, as the commits here are years old.
            let (_, settled) = next_writer(&away.service("other.git", 60));
            assert_eq!(settled.len(), 1);
            assert_eq!((settled[0].applied, &*settled[0].left), (moves, &[][..]));
            assert_eq!(away.world.store_text(), DONE);
            assert_eq!(away.fizz("two").as_deref(), Some(MIGRATED));
            assert_eq!(away.fizz("one").is_some(), moves);
            assert_eq!(away.commits("one"), if moves { 2 } else { 1 });
        }
    }
}

#[test]
fn a_client_that_is_stopped_after_the_branch_has_moved_is_settled_too() {
    let away = Away::new(Protocol::Git);
    away.place.remote.hook(
        "post-receive",
        "grep -q refs/heads/one || exit 0; until_there go",
    );
    // So long that a machine under load pushes within it, and no longer than a test may take.
    let project = away.service("mirror.git", 6);
    assert_unconfirmed(commit(&project, "one", "b = 2"));
    away.place.remote.touch("go");
    assert_eq!(away.commits("one"), 2);
    let (_, settled) = next_writer(&project);
    assert!(settled[0].applied);
    assert_eq!(away.world.store_text(), DONE);
    // Whoever was told to look finds it.
    let loaded = project.load_migrated("one").unwrap();
    assert_eq!(
        Some(loaded.commit().to_string()),
        away.place.remote.tip("one")
    );
}

#[test]
fn what_a_remote_may_still_do_is_waited_for() {
    let place = Place::new();
    let mirror = place.mirror("mirror.git", &place.url());
    mirror.fetch().unwrap();
    let new = super::commit_in(&mirror, Some("main"), "three");
    let main = super::tip(&place.remote, "main");
    let past = |expected, begun| PastMove {
        name: "refs/heads/main".into(),
        expected,
        new,
        begun,
    };
    let refs = RemoteRefs::new(mirror.clone());
    let now = std::time::SystemTime::UNIX_EPOCH
        .elapsed()
        .unwrap()
        .as_secs();
    let now = i64::try_from(now).unwrap();
    // It stands where the push would find it, and that was just now.
    let seen = refs.visibility(&past(main, now));
    assert!(
        matches!(&seen, Visibility::Unknown(error) if error.to_string().contains("may still be at work")),
        "{seen:?}"
    );
    assert!(matches!(
        refs.visibility(&past(main, TIME)),
        Visibility::NotVisible
    ));
    // It stands elsewhere: the lease can't be met any more.
    assert!(matches!(
        refs.visibility(&past(None, now)),
        Visibility::NotVisible
    ));
    assert!(matches!(
        refs.visibility(&past(Some(new), now)),
        Visibility::NotVisible
    ));
    let impatient = RemoteRefs::new(mirror.clone()).with_settle_time(Duration::ZERO);
    assert!(matches!(
        impatient.visibility(&past(main, now - 2)),
        Visibility::NotVisible
    ));
    // Nobody can say while the remote is gone, and it isn't asked for each of many.
    std::fs::rename(place.path("remote.git"), place.path("gone.git")).unwrap();
    for _ in 0..3 {
        assert!(matches!(
            refs.visibility(&past(main, TIME)),
            Visibility::Unknown(_)
        ));
    }
    assert_eq!(mirror.state().failures, 1);
    std::fs::rename(place.path("gone.git"), place.path("remote.git")).unwrap();
    let moved = refs.move_ref(&update("main", main, new));
    assert!(matches!(moved, MoveOutcome::Moved), "{moved:?}");
    assert!(matches!(
        refs.visibility(&past(main, now)),
        Visibility::Visible
    ));
}

/// Two services, each with its mirror, and thirty writers who all write to one branch: each wins once, and nobody's work is lost.
#[test]
fn thirty_writers_through_two_services_lose_nothing() {
    let away = Away::new(Protocol::Git);
    let services = ["a.git", "b.git"].map(|name| away.service(name, 60));
    let tries = std::sync::atomic::AtomicUsize::new(0);
    thread::scope(|scope| {
        for number in 0..30 {
            let (project, tries) = (&services[number % 2], &tries);
            scope.spawn(move || {
                loop {
                    tries.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    let loaded = project.load_migrated("one").unwrap();
                    let content = loaded
                        .content(loaded.document("buzz").unwrap())
                        .unwrap()
                        .unwrap();
                    let content = String::from_utf8(content).unwrap();
                    let mut draft = loaded.edit();
                    draft
                        .put("buzz", format!("{}\nw{number} = true", content.trim_end()))
                        .unwrap();
                    match draft.commit(request(&format!("change {number}"))) {
                        Ok(_) => break,
                        Err(error) => assert_eq!(error.remedy(), Remedy::LoadAgain, "{error}"),
                    }
                }
            });
        }
    });
    let files = away.place.remote.files("one");
    let buzz = &files[".octopus/buzz.ocl"];
    println!("{} tries", tries.into_inner());
    for number in 0..30 {
        assert!(
            buzz.contains(&format!("w{number} = true")),
            "{number}: {buzz}"
        );
    }
    assert_eq!(away.commits("one"), 31);
    assert_eq!(away.world.store_text(), DONE);
}
