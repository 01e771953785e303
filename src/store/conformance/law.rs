//! What a law is, and what the checks of laws share.

use std::fmt;

use crate::store::error::Error;
use crate::store::model::{ProjectKey, Row};
use crate::store::traits::Store;

pub(super) struct Law {
    pub(super) says: &'static str,
    pub(super) check: fn(&dyn Store) -> Outcome,
}

pub(super) type Outcome = Result<(), How>;

/// How a law was broken.
pub(super) struct How(pub(super) String);

/// An error of the store where none may be.
impl From<Error> for How {
    fn from(error: Error) -> Self {
        Self(["it failed: ", &error.to_string()].concat())
    }
}

/// Fails unless both are equal.
pub(super) fn same<T: PartialEq + fmt::Debug>(what: &str, found: T, expected: T) -> Outcome {
    if found == expected {
        return Ok(());
    }
    Err(How(format!(
        "{what}: found {found:?}, expected {expected:?}"
    )))
}

/// Fails unless the result is an error of the kind.
macro_rules! refused {
    ($what:expr, $result:expr, $pattern:pat) => {
        match $result {
            Err($pattern) => {}
            Err(error) => {
                return Err($crate::store::conformance::law::How(format!(
                    "{}: refused for another reason: {error}",
                    $what
                )));
            }
            Ok(_) => {
                return Err($crate::store::conformance::law::How(format!(
                    "{}: was not refused",
                    $what
                )));
            }
        }
    };
}
pub(super) use refused;

pub(super) const TIME: i64 = 1_700_000_000;

pub(super) fn project() -> ProjectKey {
    ProjectKey::new(".octopus")
}

/// Two documents of a collection, as their contents go in and come out: CRLF, no final newline, a NUL, not ASCII.
pub(super) fn buzzes() -> Vec<Row> {
    vec![
        Row::new("buzz", "a/b", "x = \"\u{e4}\u{1f419}\"\r\n", 2),
        Row::new("buzz", "c", "nul = \"\0\"", 3),
    ]
}

/// A known project with one singleton and a collection of two.
pub(super) fn filled(store: &dyn Store) -> Result<ProjectKey, How> {
    let project = project();
    store.init(&project)?;
    store.put_documents(&project, &[Row::new("fizz", "", "x = 1\n", 2)])?;
    store.put_documents(&project, &buzzes())?;
    Ok(project)
}
