//! The server's own rows.

use super::law::{Law, Outcome, buzzes, filled, refused, same};
use crate::store::error::Error;
use crate::store::model::Row;
use crate::store::traits::Store;

pub(super) const LAWS: &[Law] = &[
    Law {
        says: "rows come out as they went in, by kind and slug",
        check: rows_come_out_unchanged,
    },
    Law {
        says: "rows are put all or none",
        check: all_or_none,
    },
    Law {
        says: "rows that can't be are refused",
        check: bad_rows,
    },
    Law {
        says: "a row leaves only as it is, and only into a snapshot",
        check: remove_document_if,
    },
];

fn rows_come_out_unchanged(store: &dyn Store) -> Outcome {
    let project = filled(store)?;
    let fizz = Row::new("fizz", "", "x = 1\n", 2);
    let mut read = store.read(&project)?;
    same("a collection", read.documents("buzz")?, buzzes())?;
    same("a singleton", read.documents("fizz")?, vec![fizz.clone()])?;
    same("another kind", read.documents("fuzz")?, vec![])?;
    let all = [buzzes(), vec![fizz]].concat();
    same("all", read.all_documents()?, all)?;
    drop(read);
    let replaced = Row::new("fizz", "", "", 9);
    store.put_documents(&project, std::slice::from_ref(&replaced))?;
    let found = store.read(&project)?.documents("fizz")?;
    same("replaced by an empty one", found, vec![replaced])?;
    same(
        "removed",
        store.remove_document(&project, "fizz", "")?,
        true,
    )?;
    same(
        "removed twice",
        store.remove_document(&project, "fizz", "")?,
        false,
    )?;
    same(
        "after that",
        store.read(&project)?.documents("fizz")?,
        vec![],
    )?;
    same(
        "the others",
        store.read(&project)?.all_documents()?,
        buzzes(),
    )
}

fn all_or_none(store: &dyn Store) -> Outcome {
    let project = filled(store)?;
    let before = store.read(&project)?.all_documents()?;
    let good = Row::new("buzz", "good", "", 1);
    for bad in [Row::new("buzz", "bad\n", "", 1), good.clone()] {
        let result = store.put_documents(&project, &[good.clone(), bad]);
        refused!("one bad row", result, Error::Invalid { .. });
    }
    same("rows", store.read(&project)?.all_documents()?, before)
}

fn bad_rows(store: &dyn Store) -> Outcome {
    let project = filled(store)?;
    let long = "x".repeat(5000);
    let bad = [
        Row::new("", "", "", 1),
        Row::new(long.as_str(), "", "", 1),
        Row::new("a\0", "", "", 1),
        Row::new("a", long.as_str(), "", 1),
        Row::new("a", "b\u{1b}", "", 1),
        Row::new("a", "", "", 0),
    ];
    for row in bad {
        let result = store.put_documents(&project, std::slice::from_ref(&row));
        refused!("a bad row", result, Error::Invalid { .. });
        let mut write = store.write(&project)?;
        let result = write.take(&row.kind, 1, std::slice::from_ref(&row), 0);
        refused!("a bad row taken", result, Error::Invalid { .. });
    }
    let mut write = store.write(&project)?;
    let other_kind = [Row::new("fizz", "", "x = 1\n", 2)];
    refused!(
        "a row of another kind",
        write.record_snapshot("buzz", 3, &other_kind, 0),
        Error::Invalid { .. }
    );
    refused!(
        "version 0",
        write.take("none", 0, &[], 0),
        Error::Invalid { .. }
    );
    Ok(())
}

fn remove_document_if(store: &dyn Store) -> Outcome {
    let project = filled(store)?;
    let fizz = Row::new("fizz", "", "x = 1\n", 2);
    let edited = Row::new("fizz", "", "x = 2\n", 2);
    let other_shape = Row::new("fizz", "", "x = 1\n", 3);
    let mut write = store.write(&project)?;
    refused!(
        "a row in no snapshot",
        write.remove_document_if(&fizz),
        Error::NotInSnapshot { .. }
    );
    write.record_snapshot("fizz", 3, std::slice::from_ref(&edited), 0)?;
    refused!(
        "a row whose snapshot is another",
        write.remove_document_if(&fizz),
        Error::NotInSnapshot { .. }
    );
    same("still there", write.documents("fizz")?, vec![fizz.clone()])?;
    same("edited", write.remove_document_if(&edited)?, false)?;
    same(
        "other shape",
        write.remove_document_if(&other_shape)?,
        false,
    )?;
    write.record_snapshot("fizz", 4, std::slice::from_ref(&fizz), 0)?;
    same("removed", write.remove_document_if(&fizz)?, true)?;
    same("removed twice", write.remove_document_if(&fizz)?, false)?;
    write.commit()?;
    let mut read = store.read(&project)?;
    same("the table", read.documents("fizz")?, vec![])?;
    same("the snapshot", read.snapshots("fizz", 4)?, Some(vec![fizz]))
}
