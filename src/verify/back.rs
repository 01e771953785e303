//! Migrating down in a case: undoing the step on the case's `after.ocl`.

use super::files::Files;
use crate::catalog::{Action, Catalog, Step};
use crate::migrate::{Context, Extent, Input, Migrated, MigrationError, SetAside, run};
use crate::ocl::{Dialect, Document};
use crate::plan::Direction;

/// What a case states about undoing the step.
#[derive(Debug, Clone)]
pub(super) struct ExpectedBack {
    stated: Option<StatedUndo>,
    /// The places that can't be migrated down.
    set_aside: Vec<String>,
}

/// What a case says of undoing its step, where that doesn't restore the values of the document before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatedUndo {
    /// It gives this document, byte for byte: `down.ocl`.
    Text(Vec<u8>),
    /// It is refused with this message: `down_error.txt`.
    Refused(String),
}

/// Why undoing a step fails its case.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackFailure {
    /// The result has other values than the case's `before.ocl`, and the case doesn't state so.
    #[error(
        "undoing the step on `after.ocl` doesn't restore the values of `before.ocl`: fix its `down`, or write the right \
         result into `down.ocl`"
    )]
    NotBefore {
        /// The case's `before.ocl`.
        before: Vec<u8>,
        /// The result.
        found: Vec<u8>,
    },
    /// The result isn't what the case states.
    #[error("undoing the step on `after.ocl` doesn't give `down.ocl`")]
    Differs {
        /// The case's `down.ocl`.
        expected: Vec<u8>,
        /// The result.
        found: Vec<u8>,
    },
    /// It fails.
    #[error("undoing the step on `after.ocl` fails: {0}")]
    Failed(MigrationError),
    /// It is refused with another message.
    #[error(
        "undoing the step on `after.ocl` is refused with {found:?}, but `down_error.txt` states {expected:?}"
    )]
    OtherMessage {
        /// The message that the case states.
        expected: String,
        /// The actual message.
        found: String,
    },
    /// It should have been refused.
    #[error("undoing the step on `after.ocl` should be refused with {expected:?}, but it isn't")]
    Accepted {
        /// The message that the case states.
        expected: String,
    },
    /// Values are set aside, and the case doesn't state so.
    #[error(
        "{}; fix its `down`, or state the place under `set_aside` in case.hcl",
        values.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    )]
    SetsAside {
        /// The values.
        values: Vec<SetAside>,
    },
    /// A value can be migrated down, though the case states that it can't.
    #[error("case.hcl states under `set_aside` that {place} can't be migrated down, but it can")]
    Carried {
        /// The place.
        place: String,
    },
}

impl ExpectedBack {
    /// Reads what the files of a case state.
    ///
    /// # Errors
    /// The file, and what is wrong with it.
    pub(super) fn read(
        files: &Files,
        set_aside: Vec<String>,
        step: &Step,
    ) -> Result<ExpectedBack, (&'static str, &'static str)> {
        let stated = match (files.get("down.ocl"), files.get("down_error.txt")) {
            (Some(_), Some(_)) => {
                return Err(("", "a case has either `down.ocl` or `down_error.txt`"));
            }
            (Some(text), None) => Some(StatedUndo::Text(text.to_vec())),
            (None, Some(message)) => {
                let message = String::from_utf8_lossy(message).trim().to_owned();
                Some(StatedUndo::Refused(message))
            }
            (None, None) => None,
        };
        if stated.is_some() && !goes_back(step) {
            return Err((
                "/down.ocl",
                "the step can't be undone, so nothing comes back",
            ));
        }
        if !set_aside.is_empty() && !goes_back(step) {
            return Err((
                "/case.hcl",
                "the step can't be undone, so nothing is set aside: remove `set_aside`",
            ));
        }
        Ok(ExpectedBack { stated, set_aside })
    }

    pub(super) fn is_stated(&self) -> bool {
        self.stated.is_some()
    }

    /// Undoes the step on a document in the step's own shape.
    ///
    /// # Errors
    /// If the result isn't what the case states.
    pub(super) fn check(
        &self,
        catalog: &Catalog,
        step: usize,
        before: Option<&[u8]>,
        after: Input<'_>,
        context: &dyn Context,
    ) -> Result<(), BackFailure> {
        if !goes_back(&catalog.steps()[step]) {
            return Ok(());
        }
        let down = match (undo(catalog, step, after, context), &self.stated) {
            (Ok(_), Some(StatedUndo::Refused(expected))) => {
                let expected = expected.clone();
                return Err(BackFailure::Accepted { expected });
            }
            (Ok(down), _) => down,
            (Err(error), Some(StatedUndo::Refused(expected))) => {
                let found = error.kind.to_string();
                if found == *expected {
                    return Ok(());
                }
                return Err(BackFailure::OtherMessage {
                    expected: expected.clone(),
                    found,
                });
            }
            (Err(error), _) => return Err(BackFailure::Failed(error)),
        };
        let found = down.text.as_deref().unwrap_or_default().as_bytes().to_vec();
        match (&self.stated, before) {
            (Some(StatedUndo::Text(expected)), _) if *expected != found => {
                let expected = expected.clone();
                return Err(BackFailure::Differs { expected, found });
            }
            (None, Some(before)) => {
                let dialect = catalog.dialect_at(catalog.steps()[step].version().saturating_sub(1));
                if !same_values(dialect, before, &found) {
                    let before = before.to_vec();
                    return Err(BackFailure::NotBefore { before, found });
                }
            }
            _ => {}
        }
        let is_stated = |value: &SetAside| self.set_aside.contains(&value.place);
        let (stated, values): (Vec<_>, Vec<_>) = down.set_aside.into_iter().partition(is_stated);
        if !values.is_empty() {
            return Err(BackFailure::SetsAside { values });
        }
        let mut places = self.set_aside.iter();
        match places.find(|place| !stated.iter().any(|value| value.place == **place)) {
            Some(place) => Err(BackFailure::Carried {
                place: place.clone(),
            }),
            None => Ok(()),
        }
    }
}

impl BackFailure {
    /// The file that the result differs from, its bytes, and the result.
    pub(super) fn difference(&self) -> Option<(&'static str, &[u8], &[u8])> {
        match self {
            BackFailure::NotBefore { before, found } => Some(("before.ocl", before, found)),
            BackFailure::Differs { expected, found } => Some(("down.ocl", expected, found)),
            _ => None,
        }
    }
}

/// What a case has to state for [`ExpectedBack::check`] to find nothing, with the places that can't be migrated down.
pub(super) fn observed(
    catalog: &Catalog,
    step: usize,
    before: &[u8],
    after: Input<'_>,
    context: &dyn Context,
) -> (Option<StatedUndo>, Vec<String>) {
    if !goes_back(&catalog.steps()[step]) {
        return (None, Vec::new());
    }
    match undo(catalog, step, after, context) {
        Err(error) => (
            Some(StatedUndo::Refused(error.kind.to_string())),
            Vec::new(),
        ),
        Ok(down) => {
            let found = down.text.as_deref().unwrap_or_default().as_bytes();
            let dialect = catalog.dialect_at(catalog.steps()[step].version().saturating_sub(1));
            let restores = same_values(dialect, before, found);
            let stated = (!restores).then(|| StatedUndo::Text(found.to_vec()));
            let places = down.set_aside.into_iter().map(|value| value.place);
            (stated, places.collect())
        }
    }
}

fn undo(
    catalog: &Catalog,
    step: usize,
    after: Input<'_>,
    context: &dyn Context,
) -> Result<Migrated, MigrationError> {
    let steps = (&[step][..], Extent::Part);
    run(catalog, Direction::Down, steps, after, context)
}

/// Whether the step is run when documents are migrated down.
fn goes_back(step: &Step) -> bool {
    matches!(step.action(), Action::Modify(_) | Action::Dialect) && step.one_way().is_none()
}

/// Whether two texts are documents with the same values, in any formatting.
pub(super) fn same_values(dialect: Dialect, a: &[u8], b: &[u8]) -> bool {
    let values = |bytes: &[u8]| {
        let document = Document::from_bytes(bytes.to_vec(), dialect).ok()?;
        Some(document.root().to_json())
    };
    a == b || values(a).is_some_and(|a| values(b) == Some(a))
}
