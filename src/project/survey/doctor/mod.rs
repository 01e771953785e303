//! What is wrong with a repository, its store and its catalog. Reads only.

mod finding;
mod in_store;
mod refs;
mod shapes;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

pub use finding::{Finding, Severity};

use super::{LoadError, Project};

/// A lock file younger than this belongs to somebody at work.
const LEFT_OVER: Duration = Duration::from_secs(600);

/// What was looked at, and what was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diagnosis {
    /// The number of refs looked at.
    pub refs: usize,
    /// The findings: repository, branches, store.
    pub findings: Vec<Finding>,
}

/// What the refs say together.
#[derive(Default)]
struct Survey {
    refs: BTreeSet<String>,
    findings: Vec<Finding>,
    /// By base path: the lowest version of any ref (0 where one is uninitialised), and the branch with the highest one.
    lowest: BTreeMap<String, u32>,
    highest: BTreeMap<String, (u32, String)>,
    /// The base paths with a marker, by ref.
    marked: BTreeMap<String, Vec<String>>,
}

impl Project {
    /// Looks over repository and store, under the catalog.
    ///
    /// # Errors
    /// Where the repository or the store can't be read at all.
    pub fn diagnose(&self) -> Result<Diagnosis, LoadError> {
        let mut survey = Survey::default();
        for lock in self.repository().lock_files()? {
            if lock.age >= LEFT_OVER {
                survey.findings.push(Finding::LockFile {
                    path: lock.path,
                    age: lock.age,
                });
            }
        }
        self.survey_refs(&mut survey)?;
        self.look_for_mixed_shapes(&mut survey)?;
        self.look_into_store(&mut survey)?;
        Ok(Diagnosis {
            refs: survey.refs.len(),
            findings: survey.findings,
        })
    }
}
