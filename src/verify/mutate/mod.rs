//! Whether the cases and snapshots of a catalog would notice a mistake: each step is broken in one place at a time, and verified.

mod parts;

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;
use serde::ser::{SerializeStruct as _, Serializer};

use super::files::Files;
use super::report::{Report, Severity};
use super::verification::{Progress, Verification};
use crate::catalog::{Catalog, Step};
use crate::report::FORMAT_VERSION;
use crate::text::{nearest, some_of};
use parts::{Change, accepted, changes};

/// A step, broken in one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mutant {
    /// The step's file in the catalog.
    pub path: String,
    /// The line of the part that was changed, from 1.
    pub line: usize,
    /// Its column in characters, from 1.
    pub column: usize,
    /// The part.
    pub was: String,
    /// What took its place; empty where it was taken out.
    pub put: String,
    /// Why it may pass, as a comment on its line says: `# mutant PART: reason`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<String>,
}

impl fmt::Display for Mutant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Mutant {
            path,
            line,
            column,
            was,
            put,
            accepted,
        } = self;
        let was = was.split_whitespace().collect::<Vec<_>>().join(" ");
        write!(f, "{path}:{line}:{column}: ")?;
        match put.as_str() {
            "" => write!(f, "without {was}")?,
            put => write!(f, "{put} in place of {was}")?,
        }
        match accepted {
            Some(reason) => write!(f, ": {reason}"),
            None => Ok(()),
        }
    }
}

/// What became of the mutants of a catalog.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mutants {
    /// How many make the verification fail.
    pub noticed: usize,
    /// How many are no catalog any more, so that nobody could use them.
    pub refused: usize,
    /// Those that pass, in the order of their places.
    pub passing: Vec<Mutant>,
}

impl Mutants {
    /// Those that pass without a reason.
    pub fn survivors(&self) -> impl Iterator<Item = &Mutant> {
        let passing = self.passing.iter();
        passing.filter(|mutant| mutant.accepted.is_none())
    }
}

/// Why a catalog can't be tried.
#[derive(Debug, thiserror::Error)]
pub enum MutateError {
    /// It isn't sound as it is.
    #[error("the catalog has to be sound first")]
    NotSound(Box<Report>),
    /// It has no step of this name.
    #[error("the catalog has no step {step:?} that is written in HCL{}", instead(near.as_deref(), known))]
    NoSuchStep {
        /// What was asked for.
        step: String,
        /// The nearest name.
        near: Option<String>,
        /// The folders of those that are.
        known: Vec<String>,
    },
}

/// What to name in place of a step that isn't there.
fn instead(near: Option<&str>, known: &[String]) -> String {
    match (near, known) {
        (Some(near), _) => format!("; did you mean `{near}`?"),
        (None, []) => "; it has none".to_owned(),
        (None, _) => format!("; it has {}", some_of(known, MOST_STEPS)),
    }
}

/// How many steps are named at most.
const MOST_STEPS: usize = 20;

/// Breaks the steps of a catalog that are written in HCL in one place at a time, and verifies each result by the cases and
/// snapshots. `step` names one step, by its folder or by its name.
///
/// It takes as long as the verification takes, as many times as there are parts; a mutant that a case notices costs less.
///
/// # Errors
/// If the catalog isn't sound, or has no such step.
pub fn mutate(
    catalog: &Catalog,
    cases: &Files,
    snapshots: &Files,
    step: Option<&str>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Mutants, MutateError> {
    let whole = |catalog: &Catalog| {
        Verification::of(catalog)
            .cases(cases)
            .snapshots(snapshots)
            .run()
    };
    let report = whole(catalog);
    if !report.is_sound() {
        return Err(MutateError::NotSound(Box::new(report)));
    }
    let files: Vec<(&str, &str)> = catalog
        .steps()
        .iter()
        .filter(|candidate| {
            step.is_none_or(|step| step == candidate.name() || Some(step) == folder(candidate))
        })
        .filter_map(|step| step.source())
        .map(|source| (&*source.path, &*source.text))
        .collect();
    if let Some(step) = step.filter(|_| files.is_empty()) {
        let written = || catalog.steps().iter().filter(|it| it.source().is_some());
        let names = written().map(Step::name);
        let folders = written().filter_map(folder);
        return Err(MutateError::NoSuchStep {
            step: step.to_owned(),
            near: nearest(step, names.chain(folders.clone())).map(str::to_owned),
            known: folders.map(str::to_owned).collect(),
        });
    }
    let changes: Vec<(&str, &str, Change)> = files
        .into_iter()
        .flat_map(|(path, text)| {
            changes(text)
                .into_iter()
                .map(move |change| (path, text, change))
        })
        .collect();
    let of_cases = |catalog: &Catalog| errors(&Verification::of(catalog).cases(cases).run());
    let expected = of_cases(catalog);
    let mut mutants = Mutants::default();
    let total = changes.len();
    for (done, (path, text, change)) in changes.into_iter().enumerate() {
        progress(Progress { done, total });
        let Change { place, put } = change;
        let broken = [&text[..place.start], &put, &text[place.end..]].concat();
        let Ok(broken) = catalog.with_text(path, &broken) else {
            mutants.refused += 1;
            continue;
        };
        // Most are noticed by a case, which takes less time than all migrations do.
        if of_cases(&broken) != expected || !whole(&broken).is_sound() {
            mutants.noticed += 1;
            continue;
        }
        let before = &text[..place.start];
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let line = text[start..].lines().next().unwrap_or_default();
        let was = text[place].to_owned();
        mutants.passing.push(Mutant {
            path: path.to_owned(),
            line: before.matches('\n').count() + 1,
            column: text[start..before.len()].chars().count() + 1,
            accepted: accepted(line, &was),
            was,
            put,
        });
    }
    progress(Progress { done: total, total });
    Ok(mutants)
}

/// The name of a step's folder.
fn folder(step: &Step) -> Option<&str> {
    step.file()?.split('/').next()
}

fn errors(report: &Report) -> BTreeSet<String> {
    let findings = report.findings.iter();
    let errors = findings.filter(|finding| finding.severity == Severity::Error);
    errors.map(ToString::to_string).collect()
}

/// For scripts: `docs/json.md` describes it.
impl Serialize for Mutants {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut whole = serializer.serialize_struct("Mutants", 4)?;
        whole.serialize_field("format_version", &FORMAT_VERSION)?;
        whole.serialize_field("noticed", &self.noticed)?;
        whole.serialize_field("refused", &self.refused)?;
        whole.serialize_field("passing", &self.passing)?;
        whole.end()
    }
}
