//! A failure before any step of writing leaves the branch where it was, or where it was to go, and nothing damaged.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use crate::git::{
    CommitDraft, EntryKind, Error, FaultHook, FaultPoint, LocalRefs, MoveOutcome, MoveRef,
    NotMoved, ObjectId, Result,
};

use super::moving::update;
use super::script::Sandbox;
use super::writing::ada;

/// Fails at the step with this number, and notes all steps.
fn fail_at(number: usize) -> (FaultHook, Arc<Mutex<Vec<FaultPoint>>>) {
    let (count, steps) = (AtomicUsize::new(0), Arc::new(Mutex::new(Vec::new())));
    let noted = steps.clone();
    let hook = move |point: FaultPoint, _: &Path| {
        noted.lock().unwrap().push(point);
        if count.fetch_add(1, Ordering::Relaxed) == number {
            return Err(io::Error::other("the plug was pulled"));
        }
        Ok(())
    };
    (Arc::new(hook), steps)
}

/// Commits a change to the branch `b`, as the project room does.
fn commit(sandbox: &Sandbox, hook: &FaultHook, old: ObjectId) -> Result<ObjectId> {
    let repository = sandbox.repository();
    let writer = repository.writer().with_faults(hook.clone());
    let blob = writer.blob(b"new")?;
    let base = writer.reader().tree_of(old)?;
    let tree = writer.tree(Some(base), &[("dir/new", Some((blob, EntryKind::Blob)))])?;
    let new = writer.commit(
        &CommitDraft {
            tree,
            parents: vec![old],
            author: ada(1),
            committer: ada(1),
            message: "new".to_owned(),
        },
        None,
    )?;
    writer.flush()?;
    let refs = LocalRefs::new(repository).with_faults(hook.clone());
    match refs.move_ref(&update("refs/heads/b", Some(old), new)) {
        MoveOutcome::Moved => Ok(new),
        MoveOutcome::NotMoved(NotMoved::Failed(error)) | MoveOutcome::Unknown(error) => Err(error),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_failure_at_any_step_damages_nothing_and_can_be_repeated() {
    let mut all_steps = Vec::new();
    for number in 0.. {
        let sandbox = Sandbox::new("commit one a=1; git branch b; git pack-refs --all");
        let old = sandbox.id("b");
        let (hook, steps) = fail_at(number);
        let result = commit(&sandbox, &hook, old);
        let now = sandbox.id("b");
        let moved = match &result {
            Ok(new) => Some(*new),
            Err(Error::MovedButNotFlushed { new, .. }) => Some(*new),
            Err(_) => None,
        };
        assert_eq!(now, moved.unwrap_or(old), "step {number}: {result:?}");
        assert_eq!(
            sandbox.git("fsck --strict --no-dangling"),
            "",
            "step {number}"
        );
        assert_eq!(
            sandbox.run("find repo/.git -name '*.lock'"),
            "",
            "step {number}"
        );
        if result.is_ok() {
            all_steps = steps.lock().unwrap().clone();
            break;
        }
        let error = result.unwrap_err().to_string();
        assert!(error.contains("the plug was pulled"), "{error}");
        if moved.is_none() {
            let (hook, _) = fail_at(usize::MAX);
            let new = commit(&sandbox, &hook, old).unwrap();
            assert_eq!(sandbox.id("b"), new);
            assert_eq!(sandbox.git("cat-file blob b:dir/new"), "new");
        }
    }
    let position = |point| {
        all_steps
            .iter()
            .position(|step| *step == point)
            .unwrap_or_else(|| panic!("no {point:?}"))
    };
    let last = |point| all_steps.iter().rposition(|step| *step == point).unwrap();
    // Everything is on the disk before the one step that makes it visible.
    assert!(last(FaultPoint::WriteObject) < position(FaultPoint::FlushObject));
    assert!(last(FaultPoint::FlushObjectDirectory) < position(FaultPoint::LockRef));
    assert!(position(FaultPoint::WriteRef) < position(FaultPoint::FlushRef));
    assert!(last(FaultPoint::AppendReflog) < position(FaultPoint::PublishRef));
    assert!(position(FaultPoint::PublishRef) < position(FaultPoint::FlushRefDirectory));
    // A blob, two trees and a commit.
    assert_eq!(
        all_steps
            .iter()
            .filter(|step| **step == FaultPoint::WriteObject)
            .count(),
        4
    );
    assert_eq!(
        all_steps
            .iter()
            .filter(|step| **step == FaultPoint::FlushObject)
            .count(),
        4
    );
}

/// Thousands of documents must not wait for the disk one after the other.
#[test]
fn many_objects_are_flushed_together_each_once_and_then_their_folders() {
    let sandbox = Sandbox::new("commit one a=1");
    let begun = (Mutex::new(0), Condvar::new());
    let steps: Arc<Mutex<Vec<(FaultPoint, PathBuf)>>> = Arc::default();
    let noted = steps.clone();
    let hook: FaultHook = Arc::new(move |point, path| {
        noted.lock().unwrap().push((point, path.to_owned()));
        if point != FaultPoint::FlushObject {
            return Ok(());
        }
        let (count, changed) = &begun;
        let mut count = count.lock().unwrap();
        *count += 1;
        changed.notify_all();
        // The first waits for a second one.
        let (count, _) = changed
            .wait_timeout_while(count, Duration::from_secs(10), |count| *count < 2)
            .unwrap();
        match *count {
            1 => Err(io::Error::other("it was flushed alone")),
            _ => Ok(()),
        }
    });
    let writer = sandbox.repository().writer().with_faults(hook);
    for number in 0..300 {
        writer.blob(format!("{number}").as_bytes()).unwrap();
    }
    writer.flush().unwrap();
    let steps = steps.lock().unwrap();
    let of = |point| {
        let found = steps.iter().filter(|(step, _)| *step == point);
        found.map(|(_, path)| path.clone()).collect::<Vec<_>>()
    };
    let flushed = of(FaultPoint::FlushObject);
    let once: BTreeSet<&PathBuf> = flushed.iter().collect();
    assert_eq!((flushed.len(), once.len()), (300, 300));
    let folders: BTreeSet<PathBuf> = of(FaultPoint::FlushObjectDirectory).into_iter().collect();
    assert!(
        once.iter()
            .all(|path| folders.contains(path.parent().unwrap()))
    );
    assert!(folders.contains(&sandbox.path("repo/.git/objects")));
    let is_folder = |(step, _): &(FaultPoint, PathBuf)| *step == FaultPoint::FlushObjectDirectory;
    let last_object = steps
        .iter()
        .rposition(|(step, _)| *step == FaultPoint::FlushObject);
    assert!(last_object < steps.iter().position(is_folder));
}

#[test]
fn one_of_many_objects_that_cannot_be_flushed_fails_them_all() {
    let sandbox = Sandbox::new("commit one a=1");
    let bad = Arc::new(Mutex::new(None));
    let (fails, count) = (bad.clone(), Arc::new(AtomicUsize::new(0)));
    let counted = count.clone();
    let hook: FaultHook = Arc::new(move |point, path| {
        if point != FaultPoint::FlushObject {
            return Ok(());
        }
        counted.fetch_add(1, Ordering::Relaxed);
        match &*fails.lock().unwrap() {
            Some(bad) if path.ends_with(bad) => Err(io::Error::other("the plug was pulled")),
            _ => Ok(()),
        }
    });
    let writer = sandbox.repository().writer().with_faults(hook);
    let ids = (0..300).map(|number| writer.blob(format!("{number}").as_bytes()).unwrap());
    let ids: Vec<ObjectId> = ids.collect();
    *bad.lock().unwrap() = Some(ids[150].to_string()[2..].to_owned());
    for _ in 0..2 {
        let error = writer.flush().unwrap_err().to_string();
        assert!(error.contains("the plug was pulled"), "{error}");
    }
    // None counts as flushed until all are.
    *bad.lock().unwrap() = None;
    count.store(0, Ordering::Relaxed);
    writer.flush().unwrap();
    assert_eq!(count.load(Ordering::Relaxed), 300);
}
