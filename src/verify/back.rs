//! Migrating down in a case: what undoing the step makes of the case's `after.ocl`.

use super::files::Files;
use crate::catalog::{Action, Catalog, Step};
use crate::migrate::{Context, Input, MigrationError, SetAside, run};
use crate::ocl::{Dialect, Document};
use crate::plan::Direction;

/// What a case says about undoing the step.
#[derive(Debug, Clone)]
pub(super) struct ExpectedBack {
    stated: Option<Stated>,
    /// The places that can't go down.
    set_aside: Vec<String>,
}

#[derive(Debug, Clone)]
enum Stated {
    /// `down.ocl`
    Text(Vec<u8>),
    /// `down_error.txt`
    Refused(String),
}

/// How undoing a step fails its case.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackFailure {
    /// The values that come back differ from those that went up, and the case doesn't say so.
    #[error(
        "undone on `after.ocl`, the step doesn't give the values of `before.ocl` back: mend its `down`, or write what is \
         right into `down.ocl`"
    )]
    NotBefore {
        /// The case's `before.ocl`.
        before: Vec<u8>,
        /// What came out.
        found: Vec<u8>,
    },
    /// What comes back isn't what the case says.
    #[error("undone on `after.ocl`, the step doesn't give `down.ocl`")]
    Differs {
        /// The case's `down.ocl`.
        expected: Vec<u8>,
        /// What came out.
        found: Vec<u8>,
    },
    /// It can't be undone.
    #[error("undone on `after.ocl`, the step fails: {0}")]
    Failed(MigrationError),
    /// It is refused with another message.
    #[error(
        "undone on `after.ocl`, the step is refused with {found:?}, and `down_error.txt` says {expected:?}"
    )]
    OtherMessage {
        /// What the case says.
        expected: String,
        /// The message.
        found: String,
    },
    /// It should have been refused.
    #[error("undone on `after.ocl`, the step should be refused with {expected:?}, and it isn't")]
    Accepted {
        /// What the case says.
        expected: String,
    },
    /// Values are set aside, and the case doesn't say so.
    #[error(
        "{}; mend its `down`, or state the place under `set_aside` in case.hcl",
        values.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    )]
    SetsAside {
        /// The values.
        values: Vec<SetAside>,
    },
    /// A value that the case says can't go down does.
    #[error("case.hcl says under `set_aside` that {place} can't go down, and it can")]
    Carried {
        /// The place.
        place: String,
    },
}

impl ExpectedBack {
    /// What the files of a case say.
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
            (Some(text), None) => Some(Stated::Text(text.to_vec())),
            (None, Some(message)) => {
                let message = String::from_utf8_lossy(message).trim().to_owned();
                Some(Stated::Refused(message))
            }
            (None, None) => None,
        };
        if stated.is_some() && !goes_back(step) {
            return Err((
                "/down.ocl",
                "the step can't be undone, so nothing comes back",
            ));
        }
        Ok(ExpectedBack { stated, set_aside })
    }

    pub(super) fn is_stated(&self) -> bool {
        self.stated.is_some()
    }

    /// Undoes the step on a document in its own shape.
    ///
    /// # Errors
    /// Where that isn't what the case says.
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
        let down = match (
            run(catalog, Direction::Down, &[step], after, context),
            &self.stated,
        ) {
            (Ok(_), Some(Stated::Refused(expected))) => {
                let expected = expected.clone();
                return Err(BackFailure::Accepted { expected });
            }
            (Ok(down), _) => down,
            (Err(error), Some(Stated::Refused(expected))) => {
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
            (Some(Stated::Text(expected)), _) if *expected != found => {
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
    /// The file that says otherwise, what it says, and what came out.
    pub(super) fn difference(&self) -> Option<(&'static str, &[u8], &[u8])> {
        match self {
            BackFailure::NotBefore { before, found } => Some(("before.ocl", before, found)),
            BackFailure::Differs { expected, found } => Some(("down.ocl", expected, found)),
            _ => None,
        }
    }
}

/// Whether documents go through the step on their way down.
fn goes_back(step: &Step) -> bool {
    matches!(step.action(), Action::Modify(_) | Action::Dialect) && step.one_way().is_none()
}

/// Whether two texts are documents with the same values, whatever they look like.
pub(super) fn same_values(dialect: Dialect, a: &[u8], b: &[u8]) -> bool {
    let values = |bytes: &[u8]| {
        let document = Document::from_bytes(bytes.to_vec(), dialect).ok()?;
        Some(document.root().to_json())
    };
    a == b || values(a).is_some_and(|a| values(b) == Some(a))
}
