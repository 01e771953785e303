//! Intents.

use super::law::{Law, Outcome, TIME, buzzes, filled, refused, same};
use crate::store::error::Error;
use crate::store::model::{Intent, IntentImport, ProjectKey};
use crate::store::traits::Store;

pub(super) const LAWS: &[Law] = &[
    Law {
        says: "intents come out as they went in, oldest first",
        check: intents_come_out_unchanged,
    },
    Law {
        says: "an intent's id is never given again",
        check: ids_are_new,
    },
    Law {
        says: "intents that can't be are refused",
        check: bad_intents,
    },
];

fn intent() -> Intent {
    let import = |kind: &str, rows| IntentImport {
        kind: kind.to_owned(),
        import_version: 3,
        rows,
        hash: "sha256:x".to_owned(),
    };
    Intent {
        ref_name: "refs/heads/w\u{e4}rme".to_owned(),
        old: Some("0".repeat(40)),
        new: "1".repeat(40),
        target: 4,
        imports: vec![import("buzz", buzzes()), import("fizz", vec![])],
        created: TIME,
    }
}

fn intents_come_out_unchanged(store: &dyn Store) -> Outcome {
    let project = filled(store)?;
    let neighbour = ProjectKey::new("neighbour");
    store.init(&neighbour)?;
    let (first, second) = (
        intent(),
        Intent {
            old: None,
            imports: vec![],
            created: -1,
            ..intent()
        },
    );
    let mut write = store.write(&project)?;
    let first_id = write.put_intent(&first)?;
    let second_id = write.put_intent(&second)?;
    let both = vec![(first_id, first), (second_id, second.clone())];
    same("within", write.intents()?, both.clone())?;
    write.commit()?;
    same("after", store.read(&project)?.intents()?, both)?;
    same(
        "of the neighbour",
        store.read(&neighbour)?.intents()?,
        vec![],
    )?;

    let mut write = store.write(&neighbour)?;
    same(
        "deleted by the neighbour",
        write.delete_intent(first_id)?,
        false,
    )?;
    write.commit()?;
    let mut write = store.write(&project)?;
    same("deleted", write.delete_intent(first_id)?, true)?;
    same("deleted twice", write.delete_intent(first_id)?, false)?;
    write.commit()?;
    let left = vec![(second_id, second)];
    same("the other", store.read(&project)?.intents()?, left)
}

fn ids_are_new(store: &dyn Store) -> Outcome {
    let project = filled(store)?;
    let mut write = store.write(&project)?;
    let first = write.put_intent(&intent())?;
    write.delete_intent(first)?;
    let second = write.put_intent(&intent())?;
    write.commit()?;
    let mut write = store.write(&project)?;
    write.delete_intent(second)?;
    write.commit()?;
    let mut write = store.write(&project)?;
    let third = write.put_intent(&intent())?;
    same("in order", first < second && second < third, true)
}

fn bad_intents(store: &dyn Store) -> Outcome {
    let project = filled(store)?;
    let bad = [
        Intent {
            ref_name: String::new(),
            ..intent()
        },
        Intent {
            old: Some(String::new()),
            ..intent()
        },
        Intent {
            new: "a\nb".to_owned(),
            ..intent()
        },
        Intent {
            target: 0,
            ..intent()
        },
        Intent {
            imports: [intent().imports, intent().imports].concat(),
            ..intent()
        },
    ];
    let mut write = store.write(&project)?;
    for intent in &bad {
        refused!(
            "a bad intent",
            write.put_intent(intent),
            Error::Invalid { .. }
        );
    }
    same("nothing written", write.intents()?, vec![])
}
