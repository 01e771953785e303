//! The effects of imports.

use super::law::{Law, Outcome, TIME, filled, refused, same};
use crate::store::error::Error;
use crate::store::model::RecordedEffect;
use crate::store::traits::Store;

pub(super) const LAWS: &[Law] = &[
    Law {
        says: "an effect that was begun is told of, until its outcome is recorded",
        check: begun_then_recorded,
    },
    Law {
        says: "an outcome is recorded once, of an effect that was begun",
        check: recorded_once,
    },
    Law {
        says: "what was begun or recorded and not committed never was",
        check: rolled_back,
    },
];

const LATER: i64 = TIME + 60;

fn effect(name: &str, outcome: Option<&str>, time: i64) -> Vec<RecordedEffect> {
    vec![RecordedEffect {
        kind: "fizz".to_owned(),
        import_version: 3,
        effect: name.to_owned(),
        outcome: outcome.map(str::to_owned),
        time,
    }]
}

fn begun_then_recorded(store: &dyn Store) -> Outcome {
    let project = filled(store)?;
    let mut write = store.write(&project)?;
    same("none", write.effects()?, Vec::new())?;
    same("new", write.begin_effect("fizz", 3, "old", TIME)?, false)?;
    write.commit()?;
    same(
        "begun",
        store.read(&project)?.effects()?,
        effect("old", None, TIME),
    )?;
    let mut write = store.write(&project)?;
    same(
        "another",
        write.begin_effect("fizz", 3, "move", LATER)?,
        false,
    )?;
    same(
        "again",
        write.begin_effect("fizz", 3, "move", LATER + 1)?,
        true,
    )?;
    write.commit()?;
    same(
        "begun",
        store.read(&project)?.effects()?,
        effect("move", None, LATER),
    )?;
    let mut write = store.write(&project)?;
    let text = "two\r\n\u{1f419}";
    write.record_effect("fizz", 3, text, LATER + 2)?;
    let recorded = effect("move", Some(text), LATER + 2);
    same("in its transaction", write.effects()?, recorded.clone())?;
    write.commit()?;
    same("recorded", store.read(&project)?.effects()?, recorded)
}

fn recorded_once(store: &dyn Store) -> Outcome {
    let project = filled(store)?;
    let mut write = store.write(&project)?;
    refused!(
        "never begun",
        write.record_effect("fizz", 3, "x", TIME),
        Error::Invalid { .. }
    );
    refused!(
        "without a name",
        write.begin_effect("fizz", 3, "", TIME),
        Error::Invalid { .. }
    );
    write.begin_effect("fizz", 3, "move", TIME)?;
    write.record_effect("fizz", 3, "x", TIME)?;
    refused!(
        "recorded",
        write.record_effect("fizz", 3, "y", LATER),
        Error::AlreadyRecorded { .. }
    );
    refused!(
        "begun after that",
        write.begin_effect("fizz", 3, "move", LATER),
        Error::AlreadyRecorded { .. }
    );
    // Another import of the kind has its own.
    same(
        "another",
        write.begin_effect("fizz", 5, "move", TIME)?,
        false,
    )?;
    write.commit()?;
    let found = store.read(&project)?.effects()?;
    same("kept", found[..1].to_vec(), effect("move", Some("x"), TIME))?;
    same("both", found.len(), 2)
}

fn rolled_back(store: &dyn Store) -> Outcome {
    let project = filled(store)?;
    let mut write = store.write(&project)?;
    write.begin_effect("fizz", 3, "move", TIME)?;
    write.rollback();
    same("nothing", store.read(&project)?.effects()?, Vec::new())?;
    let mut write = store.write(&project)?;
    write.begin_effect("fizz", 3, "move", TIME)?;
    write.commit()?;
    let mut write = store.write(&project)?;
    write.record_effect("fizz", 3, "x", LATER)?;
    drop(write);
    same(
        "begun",
        store.read(&project)?.effects()?,
        effect("move", None, TIME),
    )
}
