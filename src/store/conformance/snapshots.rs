//! Taking rows, and what was taken.

use super::law::{Law, Outcome, TIME, buzzes, filled, refused, same};
use crate::store::error::{Error, RowsChanged};
use crate::store::model::{RecordedImport, Row};
use crate::store::traits::Store;

pub(super) const LAWS: &[Law] = &[
    Law {
        says: "rows are moved into the snapshot in one go",
        check: take_moves,
    },
    Law {
        says: "there was nothing, and was never recorded, differ",
        check: nothing_is_recorded,
    },
    Law {
        says: "rows changed since are not taken",
        check: changed_rows_stay,
    },
    Law {
        says: "a snapshot never changes",
        check: snapshots_never_change,
    },
];

fn take_moves(store: &dyn Store) -> Outcome {
    let project = filled(store)?;
    let mut backwards = buzzes();
    backwards.reverse();
    let mut write = store.write(&project)?;
    write.take("buzz", 4, &backwards, TIME)?;
    same("the table, within", write.documents("buzz")?, vec![])?;
    same(
        "the snapshot, within",
        write.snapshots("buzz", 4)?,
        Some(buzzes()),
    )?;
    write.commit()?;
    let mut read = store.read(&project)?;
    same("the table", read.documents("buzz")?, vec![])?;
    same("other kinds", read.documents("fizz")?.len(), 1)?;
    same("the snapshot", read.snapshots("buzz", 4)?, Some(buzzes()))?;
    same("another version", read.snapshots("buzz", 3)?, None)?;
    same("another kind", read.snapshots("fizz", 4)?, None)?;
    let recorded = RecordedImport {
        kind: "buzz".to_owned(),
        import_version: 4,
        documents: 2,
        time: TIME,
    };
    same("the list", read.recorded_imports()?, vec![recorded])
}

fn nothing_is_recorded(store: &dyn Store) -> Outcome {
    let project = filled(store)?;
    let mut write = store.write(&project)?;
    write.take("fuzz", 3, &[], TIME)?;
    same(
        "record_snapshot",
        write.record_snapshot("fuzz", 5, &[], TIME)?,
        true,
    )?;
    write.commit()?;
    let mut read = store.read(&project)?;
    same("taken", read.snapshots("fuzz", 3)?, Some(vec![]))?;
    same("recorded", read.snapshots("fuzz", 5)?, Some(vec![]))?;
    same("never recorded", read.snapshots("fuzz", 4)?, None)?;
    let counts: Vec<u32> = read
        .recorded_imports()?
        .iter()
        .map(|import| import.documents)
        .collect();
    same("the list", counts, vec![0, 0])?;
    drop(read);
    let mut write = store.write(&project)?;
    let row = Row::new("fuzz", "", "late", 3);
    let late = write.record_snapshot("fuzz", 3, &[row], TIME)?;
    same("nothing is not overwritten", late, false)
}

fn changed_rows_stay(store: &dyn Store) -> Outcome {
    let project = filled(store)?;
    let edited = Row::new("buzz", "a/b", "other", 2);
    let other_shape = Row::new("buzz", "c", "nul = \"\0\"", 4);
    let extra = Row::new("buzz", "z", "", 1);
    let [first, second] = [0, 1].map(|index| buzzes()[index].clone());
    let cases: [(&[Row], [&[&str]; 3]); 6] = [
        (&[edited.clone(), second.clone()], [&["a/b"], &[], &[]]),
        (&[first.clone(), other_shape], [&["c"], &[], &[]]),
        (std::slice::from_ref(&first), [&[], &["c"], &[]]),
        (&[], [&[], &["a/b", "c"], &[]]),
        (&[first.clone(), second, extra.clone()], [&[], &[], &["z"]]),
        (&[edited, extra], [&["a/b"], &["c"], &["z"]]),
    ];
    let mut write = store.write(&project)?;
    for (expected, [edited, added, removed]) in cases {
        let owned = |slugs: &[&str]| slugs.iter().map(|slug| (*slug).to_owned()).collect();
        let difference = RowsChanged {
            kind: "buzz".to_owned(),
            edited: owned(edited),
            added: owned(added),
            removed: owned(removed),
        };
        match write.take("buzz", 3, expected, TIME) {
            Err(Error::RowsChanged(changed)) => same("difference", changed, difference)?,
            Err(error) => return Err(error.into()),
            Ok(()) => same("changed rows taken", true, false)?,
        }
        same("the table", write.documents("buzz")?, buzzes())?;
        same("the snapshot", write.snapshots("buzz", 3)?, None)?;
    }
    write.take("buzz", 3, &buzzes(), TIME)?;
    write.commit()?;
    same(
        "taken after refusals",
        store.read(&project)?.documents("buzz")?,
        vec![],
    )
}

fn snapshots_never_change(store: &dyn Store) -> Outcome {
    let project = filled(store)?;
    let mut write = store.write(&project)?;
    write.take("buzz", 3, &buzzes(), TIME)?;
    write.commit()?;
    let late = Row::new("buzz", "late", "", 3);
    store.put_documents(&project, std::slice::from_ref(&late))?;
    let mut write = store.write(&project)?;
    refused!(
        "a second take",
        write.take("buzz", 3, std::slice::from_ref(&late), TIME),
        Error::AlreadyRecorded { .. }
    );
    let recorded = write.record_snapshot("buzz", 3, std::slice::from_ref(&late), TIME + 1)?;
    same("a second record", recorded, false)?;
    write.commit()?;
    let mut read = store.read(&project)?;
    same("the snapshot", read.snapshots("buzz", 3)?, Some(buzzes()))?;
    same("the late row", read.documents("buzz")?, vec![late])?;
    let times: Vec<i64> = read
        .recorded_imports()?
        .iter()
        .map(|import| import.time)
        .collect();
    same("its time", times, vec![TIME])
}
