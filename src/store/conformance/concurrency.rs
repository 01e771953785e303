//! Transactions that meet.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::law::{How, Law, Outcome, TIME, buzzes, filled, refused, same};
use crate::store::error::Error;
use crate::store::traits::{Store, WriteTransaction};

pub(super) const LAWS: &[Law] = &[
    Law {
        says: "a transaction is applied whole, at its commit, or not at all",
        check: applied_whole_or_not,
    },
    Law {
        says: "a read transaction sees one moment",
        check: reads_see_one_moment,
    },
    Law {
        says: "a writer waits for the one before it",
        check: writers_wait,
    },
    Law {
        says: "a writer that waited too long is told so",
        check: waiting_ends,
    },
];

fn applied_whole_or_not(store: &dyn Store) -> Outcome {
    let project = filled(store)?;
    let before = store.read(&project)?.all_documents()?;
    for way_out in [|_| {}, |write: Box<dyn WriteTransaction>| write.rollback()] {
        let mut write = store.write(&project)?;
        write.take("buzz", 3, &buzzes(), TIME)?;
        write.take("fuzz", 3, &[], TIME)?;
        write.raise_version(3)?;
        let mut read = store.read(&project)?;
        same("seen by others", read.all_documents()?, before.clone())?;
        same("version seen by others", read.version()?, Some(0))?;
        drop(read);
        way_out(write);
        let mut read = store.read(&project)?;
        same("the table", read.all_documents()?, before.clone())?;
        same("the snapshots", read.recorded_imports()?, vec![])?;
        same("the version", read.version()?, Some(0))?;
    }
    Ok(())
}

fn reads_see_one_moment(store: &dyn Store) -> Outcome {
    let project = filled(store)?;
    let mut read = store.read(&project)?;
    let mut write = store.write(&project)?;
    write.take("buzz", 3, &buzzes(), TIME)?;
    write.raise_version(3)?;
    write.commit()?;
    same("the version of then", read.version()?, Some(0))?;
    same("the rows of then", read.documents("buzz")?, buzzes())?;
    same("the snapshots of then", read.snapshots("buzz", 3)?, None)?;
    drop(read);
    let mut read = store.read(&project)?;
    same("the version of now", read.version()?, Some(3))?;
    same("the rows of now", read.documents("buzz")?, vec![])?;
    same(
        "the snapshots of now",
        read.snapshots("buzz", 3)?,
        Some(buzzes()),
    )
}

/// Each of several threads adds one to the version.
fn writers_wait(store: &dyn Store) -> Outcome {
    const THREADS: u32 = 4;
    let project = filled(store)?;
    let results = thread::scope(|scope| {
        let (sender, results) = mpsc::channel();
        for _ in 0..THREADS {
            let (sender, project) = (sender.clone(), &project);
            scope.spawn(move || {
                let count = || -> Outcome {
                    let mut write = store.write(project)?;
                    let version = write.version()?.unwrap_or_default();
                    thread::sleep(Duration::from_millis(5));
                    write.raise_version(version + 1)?;
                    Ok(write.commit()?)
                };
                // The receiver outlives the scope.
                let _ = sender.send(count());
            });
        }
        results
    });
    for result in results {
        result?;
    }
    same(
        "the version",
        store.read(&project)?.version()?,
        Some(THREADS),
    )
}

fn waiting_ends(store: &dyn Store) -> Outcome {
    let project = filled(store)?;
    let mut first = store.write(&project)?;
    let second = thread::scope(|scope| {
        scope
            .spawn(|| store.write(&project).map(drop))
            .join()
            .map_err(|_| How("the second writer panicked".to_owned()))
    })?;
    refused!("the second writer", second, Error::Locked { .. });
    first.raise_version(1)?;
    first.commit()?;
    let mut third = store.write(&project)?;
    same("the first one's commit", third.version()?, Some(1))
}
