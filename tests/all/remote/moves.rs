//! A push with a lease: the branch moves only from where it was seen, and what stands against it is told.

use super::{Place, commit_in, tip, update};
use crate::support::host::{Host, Protocol};
use crate::support::{Repo, skipped, ssh};
use ocl_migrate::git::{ErrorKind, Mirror, MoveOutcome, MoveRef, NotMoved, RemoteRefs};

/// The remote by each protocol that can be had here.
fn by_each_protocol(test: impl Fn(&Place, Mirror)) {
    let host = |place: &Place, protocol| Host::new(place.folder.path(), protocol);
    let place = Place::new();
    test(&place, place.mirror("mirror.git", &place.url()));
    let place = Place::new();
    let url = format!("file://{}", place.url());
    test(&place, place.mirror("mirror.git", &url));
    for protocol in [Protocol::Git, Protocol::Http(None)] {
        let place = Place::new();
        let host = host(&place, protocol);
        test(&place, place.mirror("mirror.git", &host.url("remote.git")));
    }
    let place = Place::new();
    match ssh::prepare(place.folder.path()) {
        Ok(()) => {
            let host = host(&place, Protocol::Ssh);
            test(&place, place.mirror("mirror.git", &host.url("remote.git")));
        }
        Err(why) => skipped(&format!("by SSH: {why}")),
    }
}

fn failure(outcome: MoveOutcome, kind: ErrorKind) -> String {
    match outcome {
        MoveOutcome::NotMoved(NotMoved::Failed(error)) => {
            assert_eq!(error.kind(), kind, "{error}");
            error.to_string()
        }
        other => panic!("{other:?}"),
    }
}

fn assert_stale(outcome: MoveOutcome, found: Option<ocl_migrate::git::ObjectId>) {
    match outcome {
        MoveOutcome::NotMoved(NotMoved::Stale { found: told }) => assert_eq!(told, found),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_branch_moves_there_and_the_mirror_follows() {
    by_each_protocol(|place, mirror| {
        mirror.fetch().unwrap();
        let here = Repo::at(mirror.repository().git_dir());
        let refs = RemoteRefs::new(mirror.clone());
        let mut old = tip(&here, "main");
        // The first is tried before it is sent, the next isn't.
        for message in ["three", "four"] {
            let new = commit_in(&mirror, Some("main"), message);
            let moved = refs.move_ref(&update("main", old, new));
            assert!(matches!(moved, MoveOutcome::Moved), "{moved:?}");
            assert_eq!(tip(&place.remote, "main"), Some(new));
            assert_eq!(tip(&here, "main"), Some(new));
            // The same again is there already.
            let again = refs.move_ref(&update("main", old, new));
            assert!(matches!(again, MoveOutcome::Moved), "{again:?}");
            old = Some(new);
        }
        let new = commit_in(&mirror, None, "a branch of its own");
        let moved = refs.move_ref(&update("topic/a", None, new));
        assert!(matches!(moved, MoveOutcome::Moved), "{moved:?}");
        assert_eq!(tip(&place.remote, "topic/a"), Some(new));
        assert_eq!(tip(&here, "topic/a"), Some(new));
        assert_stale(
            refs.move_ref(&update("topic/a", None, old.unwrap())),
            Some(new),
        );
    });
}

#[test]
fn a_rival_that_was_faster_is_seen_afterwards() {
    by_each_protocol(|place, mirror| {
        mirror.fetch().unwrap();
        let here = Repo::at(mirror.repository().git_dir());
        let refs = RemoteRefs::new(mirror.clone());
        for rival in ["rival", "again"] {
            let old = tip(&here, "main");
            let new = commit_in(&mirror, Some("main"), "late");
            let rival = place.remote.commit("main", None, &[("file", Some(rival))]);
            let rival = Some(rival.parse().unwrap());
            assert_stale(refs.move_ref(&update("main", old, new)), rival);
            assert_eq!(tip(&place.remote, "main"), rival);
            assert_eq!(tip(&here, "main"), rival);
        }
        // One that took the branch away.
        let old = tip(&here, "main");
        let new = commit_in(&mirror, Some("main"), "late");
        place.remote.git(&["branch", "other", "main"]);
        place.remote.git(&["update-ref", "-d", "refs/heads/main"]);
        assert_stale(refs.move_ref(&update("main", old, new)), None);
        assert_eq!(
            (tip(&place.remote, "main"), tip(&here, "main")),
            (None, None)
        );
    });
}

#[test]
fn what_the_remote_refuses_has_not_moved_and_says_why() {
    by_each_protocol(|place, mirror| {
        mirror.fetch().unwrap();
        let here = Repo::at(mirror.repository().git_dir());
        let refs = RemoteRefs::new(mirror.clone());
        let old = tip(&here, "main");
        let new = commit_in(&mirror, Some("main"), "three");
        place.remote.hook(
            "pre-receive",
            "printf '!\\t%s:refs/heads/main\\tno\\033[2J work on Sundays' >&2; exit 1",
        );
        let told = failure(refs.move_ref(&update("main", old, new)), ErrorKind::Refused);
        assert!(told.contains("pre-receive hook declined"), "{told}");
        assert!(told.contains("\\u{1b}[2J work on Sundays"), "{told}");
        assert_eq!(tip(&place.remote, "main"), old);
        assert_eq!(tip(&here, "main"), old);
    });
}

#[test]
fn a_rival_between_the_lease_and_the_move_is_a_rival_too() {
    by_each_protocol(|place, mirror| {
        mirror.fetch().unwrap();
        let refs = RemoteRefs::new(mirror.clone());
        let old = tip(&place.remote, "main");
        let rival = place
            .remote
            .commit("rival", Some("main"), &[("file", Some("rival"))]);
        place.remote.hook(
            "pre-receive",
            &format!("env -u GIT_QUARANTINE_PATH git update-ref refs/heads/main {rival}"),
        );
        let new = commit_in(&mirror, Some("main"), "late");
        assert_stale(
            refs.move_ref(&update("main", old, new)),
            Some(rival.parse().unwrap()),
        );
    });
}

/// What never was there is known not to have moved anything: no intent is left for it.
#[test]
fn a_remote_that_is_not_there_leaves_nothing_to_settle() {
    let place = Place::new();
    let mirror = place.mirror("mirror.git", &place.url());
    mirror.fetch().unwrap();
    let new = commit_in(&mirror, Some("main"), "three");
    std::fs::rename(place.path("remote.git"), place.path("gone.git")).unwrap();
    let told = failure(
        RemoteRefs::new(mirror).move_ref(&update("main", None, new)),
        ErrorKind::Remote,
    );
    assert!(
        told.contains("does not appear to be a git repository"),
        "{told}"
    );

    let place = Place::new();
    let host = Host::new(place.folder.path(), Protocol::Git);
    let mirror = place.mirror("mirror.git", &host.url("remote.git"));
    mirror.fetch().unwrap();
    let refs = RemoteRefs::new(mirror.clone());
    let old = tip(&place.remote, "main");
    let new = commit_in(&mirror, Some("main"), "three");
    assert!(matches!(
        refs.move_ref(&update("main", old, new)),
        MoveOutcome::Moved
    ));
    host.set_down(true);
    // Git's own word isn't trusted where something may have been sent.
    let next = commit_in(&mirror, Some("main"), "four");
    let lost = refs.move_ref(&update("main", Some(new), next));
    assert!(matches!(lost, MoveOutcome::Unknown(_)), "{lost:?}");
    failure(
        refs.move_ref(&update("main", Some(new), next)),
        ErrorKind::Remote,
    );
    host.set_down(false);
    let moved = refs.move_ref(&update("main", Some(new), next));
    assert!(matches!(moved, MoveOutcome::Moved), "{moved:?}");
}

#[test]
fn wrong_credentials_are_told_without_a_question() {
    let place = Place::new();
    let host = Host::new(place.folder.path(), Protocol::Http(Some("Basic bm9ib2R5")));
    let mirror = place.mirror("mirror.git", &host.url("remote.git"));
    let told = mirror.fetch().unwrap_err().to_string();
    assert!(told.contains("could not read Username"), "{told}");
    let state = mirror.state();
    assert_eq!((state.fetches, state.failures), (0, 1));
    assert_eq!((state.fetched, state.failure), (None, Some(told)));
}

#[test]
fn only_branches_are_pushed_and_only_commits() {
    let place = Place::new();
    let mirror = place.mirror("mirror.git", &place.url());
    mirror.fetch().unwrap();
    let refs = RemoteRefs::new(mirror.clone());
    let new = commit_in(&mirror, Some("main"), "three");
    let mut tag = update("x", None, new);
    tag.name = "refs/tags/x".into();
    let tree = Repo::at(mirror.repository().git_dir()).git(&["rev-parse", "main^{tree}"]);
    for wrong in [
        tag,
        update("-x", None, new),
        update("x", None, tree.parse().unwrap()),
    ] {
        let outcome = refs.move_ref(&wrong);
        assert!(
            matches!(&outcome, MoveOutcome::NotMoved(NotMoved::Failed(error)) if error.kind() == ErrorKind::Invalid),
            "{outcome:?}"
        );
    }
}
