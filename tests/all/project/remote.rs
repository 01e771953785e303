//! Branches that live in another repository: commits are pushed there by Git itself, answers get lost, and what is left is
//! settled by asking there.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use crate::support::{Repo, TIME, World, next_writer, request};
use ocl_migrate::git::{
    Error, MoveOutcome, MoveRef, NotMoved, PastMove, RefUpdate, Repository, Visibility,
};
use ocl_migrate::project::{CommitError, Committed, Project, Remedy, SettledIntent};

/// Fizz comes from the server at 3 and changes at 4; Buzz changes at 5.
const CATALOG: &str = "fizz: 3 import, 4 modify; buzz: 5 modify";

/// What the store holds once everything is done.
const DONE: &str = "version 5\nsnapshot 3 fizz in shape 3: a = 1";

/// What a branch holds then.
const MIGRATED: &str = "a = 1\nv4 = true";

// ---- The remote ----

/// Moves the branches of `remote.git`, of which the world's own repository is a mirror.
struct Push {
    folder: PathBuf,
}

impl Push {
    fn mirror(&self) -> Repo {
        Repo::at(&self.folder.join("repository.git"))
    }

    fn remote(&self) -> PathBuf {
        self.folder.join("remote.git")
    }

    fn error(&self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        let remote = self.remote().display().to_string();
        let source = source.into();
        Error::Remote { remote, source }
    }

    fn push(&self, update: &RefUpdate) -> MoveOutcome {
        let expected = update.expected.map(|id| id.to_string());
        let lease = format!(
            "--force-with-lease={}:{}",
            update.name,
            expected.unwrap_or_default()
        );
        let refspec = format!("{}:{}", update.new, update.name);
        let remote = self.remote();
        let arguments = [
            "push",
            "--porcelain",
            &lease,
            "--",
            remote.to_str().unwrap(),
            &refspec,
        ];
        let mut git = self.mirror().command(&arguments);
        // Not pipes, which a hook that outlives its client would keep open.
        let output = tempfile::NamedTempFile::new().unwrap();
        let errors = tempfile::NamedTempFile::new().unwrap();
        git.stdout(output.reopen().unwrap());
        git.stderr(errors.reopen().unwrap());
        let mut client = match git.env("LC_ALL", "C").spawn() {
            Ok(client) => client,
            Err(error) => return NotMoved::Failed(self.error(error)).into(),
        };
        let status = loop {
            if let Some(status) = client.try_wait().unwrap() {
                break status;
            }
            // A hook wants it dead.
            if fs::remove_file(remote.join("kill-the-client")).is_ok() {
                client.kill().unwrap();
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        let told = fs::read_to_string(output).unwrap();
        let line = told.lines().find(|line| line.contains(&refspec));
        match line.and_then(|line| line.chars().next()) {
            Some(' ' | '+' | '*' | '=') => MoveOutcome::Moved,
            Some('!') if told.contains("(stale info)") => NotMoved::Stale { found: None }.into(),
            Some('!') if told.contains("rejected]") => {
                NotMoved::Failed(self.error(line.unwrap())).into()
            }
            _ => {
                let errors = fs::read_to_string(errors).unwrap();
                MoveOutcome::Unknown(self.error(format!("{status}: {errors}")))
            }
        }
    }
}

impl MoveRef for Push {
    fn move_ref(&self, update: &RefUpdate) -> MoveOutcome {
        let outcome = self.push(update);
        if matches!(outcome, MoveOutcome::Moved) {
            let new = update.new.to_string();
            self.mirror().git(&["update-ref", &update.name, &new]);
        }
        outcome
    }

    fn visibility(&self, past: &PastMove) -> Visibility {
        let mirror = self.mirror();
        let remote = self.remote();
        let from = remote.to_str().unwrap();
        let everything = ["fetch", "-q", "--prune", from, "+refs/heads/*:refs/heads/*"];
        if mirror.try_git(&everything).is_none() {
            return Visibility::Unknown(self.error("can't be reached"));
        }
        let commit = past.new.to_string();
        let holding = ["for-each-ref", "--contains", &commit, "refs/heads"];
        match mirror.try_git(&holding) {
            Some(branches) if !branches.is_empty() => Visibility::Visible,
            // A push goes on for a moment after its client has died.
            _ if remote.join("at-work").exists() => {
                Visibility::Unknown(self.error("somebody is still pushing there"))
            }
            _ => Visibility::NotVisible,
        }
    }
}

/// A world whose branches live in a remote.
struct Away {
    world: World,
    remote: Repo,
}

impl Away {
    /// Two branches that both have still to import.
    fn new() -> Away {
        let world = World::new(CATALOG);
        for branch in ["one", "two"] {
            world.branch(branch, 2, &[("buzz.ocl", "b = 1")]);
        }
        world.row("fizz", "a = 1", 3);
        let remote = Repo::bare(&world.path().join("remote.git"));
        let to = remote.path().to_str().unwrap();
        world
            .repo
            .git(&["push", "-q", to, "refs/heads/*:refs/heads/*"]);
        Away { world, remote }
    }

    fn project(&self) -> Project {
        let folder = self.world.path().to_owned();
        let push = Arc::new(Push { folder });
        self.world.project_with(|builder| builder.refs(push))
    }

    fn commit(&self, branch: &str, text: &str) -> Result<Committed, CommitError> {
        let mut draft = self.project().load_migrated(branch).unwrap().edit();
        draft.put("buzz", text)?;
        draft.commit(request("change"))
    }

    /// What the next writer settles.
    fn settled_by_the_next(&self) -> Vec<SettledIntent> {
        next_writer(&self.project()).1
    }

    fn store_text(&self) -> String {
        self.world.store_text()
    }

    fn fizz_at_the_remote(&self, branch: &str) -> Option<String> {
        let mut files = self.remote.files(branch);
        files.remove(".octopus/fizz.ocl")
    }

    fn assert_unconfirmed(&self, result: Result<Committed, CommitError>) {
        let error = result.unwrap_err();
        assert!(matches!(error, CommitError::Unconfirmed { .. }), "{error}");
        assert_eq!(error.remedy(), Remedy::CheckOutcome);
        let text = error.to_string();
        assert!(
            text.contains("it isn't known whether refs/heads/"),
            "{text}"
        );
        assert!(text.contains("load it again later"), "{text}");
    }
}

const INTENT: &str =
    "version 0\ntable fizz in shape 3: a = 1\nintent for refs/heads/one to 5 taking [\"fizz\"]";

// ---- Moved, not moved ----

#[test]
fn a_push_that_is_answered_is_a_commit_like_any_other() {
    let away = Away::new();
    let committed = away.commit("one", "b = 2").unwrap();
    assert_eq!(away.remote.tip("one"), Some(committed.commit.to_string()));
    assert_eq!(away.fizz_at_the_remote("one").as_deref(), Some(MIGRATED));
    assert_eq!(away.store_text(), DONE);
    // The store has nothing more to record.
    let committed = away.commit("one", "b = 3").unwrap();
    assert_eq!(away.remote.tip("one"), Some(committed.commit.to_string()));
    away.remote.git(&["fsck", "--strict"]);
}

#[test]
fn a_stale_lease_means_loading_again() {
    let away = Away::new();
    let before = away.store_text();
    // Somebody pushes, and the mirror doesn't know of it.
    away.remote
        .commit("one", None, &[("README.md", Some("theirs"))]);
    let error = away.commit("one", "b = 2").unwrap_err();
    assert!(
        matches!(error, CommitError::BranchMoved { found: None, .. }),
        "{error}"
    );
    assert_eq!(error.remedy(), Remedy::LoadAgain);
    assert_eq!(away.store_text(), before);
    let remote = away.remote.path().to_str().unwrap();
    away.world
        .repo
        .git(&["fetch", "-q", remote, "+refs/heads/*:refs/heads/*"]);
    let _ = away.commit("one", "b = 2").unwrap();
    assert_eq!(away.store_text(), DONE);
    assert!(away.remote.files("one").contains_key("README.md"));
}

#[test]
fn what_a_hook_refuses_has_not_happened() {
    let away = Away::new();
    let before = (away.store_text(), away.remote.tip("one"));
    away.remote
        .hook("pre-receive", "echo 'not on a Friday' >&2; exit 1");
    let error = away.commit("one", "b = 2").unwrap_err();
    assert!(
        matches!(error, CommitError::Git(Error::Remote { .. })),
        "{error}"
    );
    assert!(
        error.to_string().contains("pre-receive hook declined"),
        "{error}"
    );
    assert_eq!(error.remedy(), Remedy::Mend);
    assert_eq!((away.store_text(), away.remote.tip("one")), before);
}

// ---- Unknown ----

#[test]
fn a_push_that_moved_the_branch_and_lost_its_answer_is_finished_by_the_next_writer() {
    let away = Away::new();
    away.remote.hook("post-receive", "kill_once");
    away.assert_unconfirmed(away.commit("one", "b = 2"));
    away.remote.touch("go");
    assert_eq!(away.fizz_at_the_remote("one").as_deref(), Some(MIGRATED));
    // The mirror knows nothing of it, and the second transaction was rolled back.
    assert!(
        !away
            .world
            .repo
            .files("one")
            .contains_key(".octopus/fizz.ocl")
    );
    assert_eq!(away.store_text(), INTENT);

    let settled = away.settled_by_the_next();
    assert!(settled[0].applied && settled[0].left.is_empty());
    assert_eq!(away.store_text(), DONE);
    for branch in ["one", "two"] {
        let fizz = away.fizz_at_the_remote(branch);
        assert_eq!(fizz.as_deref(), Some(MIGRATED), "{branch}");
    }
}

#[test]
fn a_push_that_did_not_move_the_branch_and_lost_its_answer_is_dropped_by_the_next_writer() {
    let away = Away::new();
    away.remote.hook(
        "pre-receive",
        "kill_once; [ -e done ] || { touch done; exit 1; }",
    );
    away.assert_unconfirmed(away.commit("one", "b = 2"));
    away.remote.touch("go");
    assert_eq!(away.store_text(), INTENT);
    away.remote.wait_for("done", true);
    let settled = away.settled_by_the_next();
    assert!(!settled[0].applied);
    assert_eq!(away.store_text(), DONE);
    assert_eq!(away.fizz_at_the_remote("one"), None);
    // Who was told to look finds that it isn't there, and repeats the change.
    let _ = away.commit("one", "b = 2").unwrap();
    assert_eq!(away.fizz_at_the_remote("one").as_deref(), Some(MIGRATED));
}

/// A remote that carries on with a push after its client has died.
fn slow_remote() -> Away {
    let away = Away::new();
    away.remote.hook(
        "pre-receive",
        "grep -q refs/heads/one || exit 0
         touch at-work; kill_once
         [ -e refuse ] && rm at-work && exit 1
         exit 0",
    );
    // Nobody takes its report any more, so that it gets no further than this.
    away.remote.hook(
        "reference-transaction",
        "[ $1 = committed ] && grep -q refs/heads/one && rm at-work; exit 0",
    );
    away.assert_unconfirmed(away.commit("one", "b = 2"));
    assert_eq!(away.store_text(), INTENT);
    away
}

#[test]
fn an_intent_stays_while_its_move_may_still_happen() {
    for happens in [true, false] {
        let away = slow_remote();
        let tip = away.remote.tip("one");
        // The same rows may be taken meanwhile: whatever becomes of the other move, all branches import the same.
        let committed = away.commit("two", "b = 3").unwrap();
        assert_eq!(committed.settled, []);
        assert_eq!(away.fizz_at_the_remote("two").as_deref(), Some(MIGRATED));
        assert_eq!(
            away.store_text(),
            format!("{DONE}\nintent for refs/heads/one to 5 taking [\"fizz\"]")
        );

        if !happens {
            away.remote.touch("refuse");
        }
        away.remote.touch("go");
        away.remote.wait_for("at-work", false);
        let committed = away.commit("two", "b = 4").unwrap();
        assert_eq!(committed.settled.len(), 1);
        assert_eq!(committed.settled[0].applied, happens);
        assert_eq!(away.remote.tip("one") != tip, happens);
        assert_eq!(away.store_text(), DONE);
    }
}

#[test]
fn other_rows_are_not_taken_beside_an_intent_that_is_not_settled() {
    for happens in [true, false] {
        let away = slow_remote();
        away.world.row("fizz", "a = 9", 3);
        let before = away.store_text();
        let refused = away.commit("two", "b = 3").unwrap_err();
        assert!(
            matches!(&refused, CommitError::Unsettled { kind, .. } if kind == "fizz"),
            "{refused}"
        );
        assert_eq!(refused.remedy(), Remedy::LoadAgain);
        // Its dry run and an adoption say the same.
        let mut draft = away.project().load_migrated("two").unwrap().edit();
        draft.put("buzz", "b = 3").unwrap();
        let dry = draft.prepare(request("dry")).unwrap().store_effect();
        assert!(matches!(dry, Err(CommitError::Unsettled { .. })), "{dry:?}");
        away.world.repo.commit(
            "two",
            None,
            &[(".octopus/schema_version.ocl", Some("version = 5"))],
        );
        let loaded = away.project().load_migrated("two").unwrap();
        let adopted = loaded.adopt(TIME).err().unwrap();
        assert!(
            matches!(adopted, CommitError::Unsettled { .. }),
            "{adopted}"
        );
        assert_eq!(away.store_text(), before);

        if !happens {
            away.remote.touch("refuse");
        }
        away.remote.touch("go");
        away.remote.wait_for("at-work", false);
        let settled = away.settled_by_the_next();
        assert_eq!(settled[0].applied, happens);
        // The edit came too late, or in time.
        let fizz = away.fizz_at_the_remote("two").unwrap();
        if happens {
            assert_eq!(settled[0].left, ["fizz"]);
            assert_eq!(fizz, MIGRATED);
        } else {
            assert_eq!(fizz, MIGRATED.replace('1', "9"));
        }
    }
}

#[test]
fn a_remote_that_is_gone_is_asked_when_it_is_back() {
    let away = Away::new();
    let (here, elsewhere) = (
        away.remote.path().to_owned(),
        away.world.path().join("gone"),
    );
    fs::rename(&here, &elsewhere).unwrap();
    away.assert_unconfirmed(away.commit("one", "b = 2"));
    assert_eq!(away.store_text(), INTENT);
    // The next one can't ask, and fares no better.
    away.assert_unconfirmed(away.commit("two", "b = 2"));
    assert_eq!(away.store_text().matches("intent").count(), 2);

    fs::rename(&elsewhere, &here).unwrap();
    let settled = away.settled_by_the_next();
    assert_eq!(settled.len(), 2);
    assert!(settled.iter().all(|intent| !intent.applied), "{settled:?}");
    assert_eq!(away.store_text(), DONE);
    assert_eq!(away.fizz_at_the_remote("one"), None);
}

#[test]
fn a_commit_with_nothing_to_record_may_be_unconfirmed_too() {
    let away = Away::new();
    let _ = away.commit("one", "b = 2").unwrap();
    away.remote.hook("post-receive", "kill_once");
    away.assert_unconfirmed(away.commit("one", "b = 3"));
    away.remote.touch("go");
    assert_eq!(away.store_text(), DONE);
    assert_eq!(
        away.remote.files("one")[".octopus/buzz.ocl"],
        "b = 3",
        "it has moved"
    );
}

#[test]
fn repeating_the_very_same_commit_is_no_harm() {
    let away = Away::new();
    away.remote.hook("post-receive", "kill_once");
    let mut draft = away.project().load_migrated("one").unwrap().edit();
    draft.put("buzz", "b = 2").unwrap();
    away.assert_unconfirmed(draft.commit(request("change")));
    away.remote.touch("go");
    // Same parent, same content, same time: the same commit, which the remote has already.
    let committed = draft.commit(request("change")).unwrap();
    assert!(committed.settled[0].applied);
    assert_eq!(away.remote.tip("one"), Some(committed.commit.to_string()));
    assert_eq!(away.store_text(), DONE);
}

// ---- A server that dies while it pushes ----

const FOLDER: &str = "OCL_MIGRATE_TEST_FOLDER";

/// Does nothing unless it is started for it.
#[test]
fn the_process_that_dies_while_it_pushes() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else {
        return;
    };
    let world = World::at(&folder, CATALOG);
    let remote = Repo::at(&folder.join("remote.git"));
    let _ = Away { world, remote }.commit("one", "b = 2");
}

#[test]
fn a_server_that_dies_while_it_pushes_loses_nothing() {
    for happens in [true, false] {
        let away = Away::new();
        let end = if happens {
            "exit 0"
        } else {
            "rm at-work; exit 1"
        };
        away.remote.hook(
            "pre-receive",
            &format!("grep -q refs/heads/one || exit 0; touch at-work; until_there go; {end}"),
        );
        away.remote.hook("post-receive", "rm -f at-work");
        let mut server = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "project::remote::the_process_that_dies_while_it_pushes",
            ])
            .env(FOLDER, away.world.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        away.remote.wait_for("at-work", true);
        server.kill().unwrap();
        server.wait().unwrap();
        assert_eq!(away.store_text(), INTENT);
        away.remote.touch("go");
        away.remote.wait_for("at-work", false);
        let settled = away.settled_by_the_next();
        assert_eq!(settled.len(), 1);
        assert_eq!(settled[0].applied, happens);
        assert_eq!(away.store_text(), DONE);
    }
}

/// What used to be asked, and knows nothing of a remote.
#[test]
fn the_mirror_alone_does_not_tell() {
    let away = Away::new();
    away.remote.hook("post-receive", "kill_once");
    away.assert_unconfirmed(away.commit("one", "b = 2"));
    away.remote.touch("go");
    let moved = away.remote.tip("one").unwrap();
    let past = PastMove {
        name: "refs/heads/one".into(),
        expected: None,
        new: moved.parse().unwrap(),
        begun: TIME,
    };
    let mirror = Repository::discover(away.world.repo.path()).unwrap();
    let by_mirror = ocl_migrate::git::LocalRefs::new(mirror).visibility(&past);
    assert!(matches!(by_mirror, Visibility::NotVisible), "{by_mirror:?}");
    assert_eq!(away.store_text(), INTENT);
}
