//! The laws of a store as a test suite, to run against any implementation.
//!
//! ```
//! use ocl_migrate::store::{MemoryStore, conformance};
//!
//! conformance::check(&|| Box::new(MemoryStore::new())).expect("the laws of a store hold");
//! ```

mod catalogs;
mod concurrency;
mod documents;
mod intents;
mod projects;
mod snapshots;

use std::fmt;

use super::{ProjectKey, Row, Store};

/// Checks the laws of [`store`](super) one by one, each on a store of its own.
///
/// `new` makes an empty store that knows no project. Give it a short time-out: one law waits for it.
///
/// # Errors
/// Every law that was broken, and how.
pub fn check(new: &dyn Fn() -> Box<dyn Store>) -> Result<(), Broken> {
    let groups: [&[Law]; 6] = [
        projects::LAWS,
        documents::LAWS,
        snapshots::LAWS,
        intents::LAWS,
        catalogs::LAWS,
        concurrency::LAWS,
    ];
    let broken: Vec<_> = groups
        .into_iter()
        .flatten()
        .filter_map(|law| {
            let how = (law.check)(new().as_ref()).err()?;
            Some((law.says, how.0))
        })
        .collect();
    if broken.is_empty() {
        Ok(())
    } else {
        Err(Broken { laws: broken })
    }
}

/// The laws that a store breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    laws: Vec<(&'static str, String)>,
}

impl Broken {
    /// Each law, and how it was broken.
    pub fn laws(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.laws.iter().map(|(law, how)| (*law, how.as_str()))
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} laws of a store are broken", self.laws.len())?;
        for (law, how) in self.laws() {
            write!(f, "\n- {law}: {how}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Broken {}

struct Law {
    says: &'static str,
    check: fn(&dyn Store) -> Outcome,
}

type Outcome = Result<(), How>;

/// How a law was broken.
struct How(String);

/// An error of the store where none may be.
impl From<super::Error> for How {
    fn from(error: super::Error) -> Self {
        Self(["it failed: ", &error.to_string()].concat())
    }
}

/// Fails unless both are equal.
fn same<T: PartialEq + fmt::Debug>(what: &str, found: T, expected: T) -> Outcome {
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
                return Err($crate::store::conformance::How(format!(
                    "{}: refused for another reason: {error}",
                    $what
                )));
            }
            Ok(_) => {
                return Err($crate::store::conformance::How(format!(
                    "{}: was not refused",
                    $what
                )));
            }
        }
    };
}
use refused;

const TIME: i64 = 1_700_000_000;

fn project() -> ProjectKey {
    ProjectKey::new(".octopus")
}

/// Two documents of a collection, as their contents go in and come out: CRLF, no final newline, a NUL, not ASCII.
fn buzzes() -> Vec<Row> {
    vec![
        Row::new("buzz", "a/b", "x = \"\u{e4}\u{1f419}\"\r\n", 2),
        Row::new("buzz", "c", "nul = \"\0\"", 3),
    ]
}

/// A known project with one singleton and a collection of two.
fn filled(store: &dyn Store) -> Result<ProjectKey, How> {
    let project = project();
    store.init(&project)?;
    store.put_documents(&project, &[Row::new("fizz", "", "x = 1\n", 2)])?;
    store.put_documents(&project, &buzzes())?;
    Ok(project)
}
