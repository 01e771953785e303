//! The findings of a verification, as text and as JSON.

use std::fmt;

use serde::Serialize;

use crate::catalog::{Catalog, DocumentName, Step};
use crate::migrate::{LeafFate, SetAside, shorten};
use crate::report::FileDiff;
use crate::text::some_of;

/// What is wrong with a catalog, its cases or its snapshots, and how much was checked.
#[derive(Debug, Clone)]
pub struct Report {
    /// The catalog's name.
    pub catalog: String,
    /// The highest version of the catalog.
    pub server_version: u32,
    /// The version at which the catalog begins.
    pub lowest_version: u32,
    /// How much was checked.
    pub checked: Checked,
    /// What is wrong, most basic first.
    pub findings: Vec<Finding>,
    /// The versions that can't be verified, each with the reason that the snapshots' authors give.
    pub exceptions: Vec<(u32, String)>,
    /// The steps that can't be undone.
    pub one_way: Vec<OneWay>,
    /// The values of the snapshots that can't be migrated down, as their authors state.
    pub not_carried: Vec<NotCarried>,
}

/// A step that can't be undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OneWay {
    /// Its version.
    pub version: u32,
    /// Its name.
    pub name: String,
    /// The kind that it is about.
    pub document: String,
    /// Why.
    pub reason: String,
}

/// A value of the snapshots that can't be migrated down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotCarried {
    /// The document.
    pub document: DocumentName,
    /// The value.
    #[serde(flatten)]
    pub value: SetAside,
}

/// How much was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Checked {
    /// Cases that were run.
    pub cases: usize,
    /// Existing snapshots.
    pub snapshots: usize,
    /// Migrations of the whole project to a higher version.
    pub migrations: usize,
    /// Migrations of the whole project to a lower version and back up.
    pub ways_back: usize,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which rule it breaks.
    pub check: Check,
    /// Whether it fails the verification.
    pub severity: Severity,
    /// Its subject: a step, a case, a snapshot, or a migration between two of them.
    pub subject: String,
    /// The file, line and column in the catalog, if it has any.
    pub place: Option<String>,
    /// What is wrong, and what to do.
    pub message: String,
    /// The difference between the expected result and the actual one.
    pub diff: Option<FileDiff>,
}

/// Whether a finding fails the verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It does.
    Error,
    /// It doesn't.
    Warning,
}

/// The rules of a verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Check {
    /// A step does what its cases state.
    Case,
    /// Every step has a case.
    MissingCase,
    /// A snapshot is a project at its version.
    Snapshot,
    /// Every version has a snapshot, or a reason why not.
    MissingSnapshot,
    /// A snapshot, and what a case states, keeps to the contract of its kind and version.
    Contract,
    /// What a contract changes, a step carries.
    Agreement,
    /// A contract is as compatible with those before it as it promises.
    Compatibility,
    /// Every migration from one version to another gives the snapshot there.
    Migration,
    /// The same for every source and shape of what an import reads: the table or the snapshot.
    Import,
    /// No value is overwritten without being read.
    Loss,
    /// A step gives the same bytes each time, and doesn't change its own result.
    Repeat,
    /// The server of the snapshots and of the cases has an answer to what the steps ask.
    Lookup,
    /// Undoing a step gives what the case states, or the original values.
    WayBack,
    /// Every path, `when` and name of a step is reached by a case or a snapshot.
    Unreached,
}

impl Check {
    /// The rule's name in the output.
    pub fn name(self) -> &'static str {
        match self {
            Check::Case => "case",
            Check::MissingCase => "missing_case",
            Check::Snapshot => "snapshot",
            Check::MissingSnapshot => "missing_snapshot",
            Check::Contract => "contract",
            Check::Agreement => "agreement",
            Check::Compatibility => "compatibility",
            Check::Migration => "migration",
            Check::Import => "import",
            Check::Loss => "loss",
            Check::Repeat => "repeat",
            Check::Lookup => "lookup",
            Check::WayBack => "way_back",
            Check::Unreached => "unreached",
        }
    }
}

impl Finding {
    pub(super) fn new(
        check: Check,
        subject: impl Into<String>,
        message: impl Into<String>,
    ) -> Finding {
        Finding {
            check,
            severity: Severity::Error,
            subject: subject.into(),
            place: None,
            message: message.into(),
            diff: None,
        }
    }

    pub(super) fn of_step(check: Check, step: &Step, message: impl Into<String>) -> Finding {
        let finding = Finding::new(check, step_name(step), message);
        finding.at(step.file().map(str::to_owned))
    }

    pub(super) fn at(mut self, place: Option<String>) -> Finding {
        self.place = place;
        self
    }

    pub(super) fn into_warning(mut self) -> Finding {
        self.severity = Severity::Warning;
        self
    }

    pub(super) fn with_diff(
        mut self,
        path: &str,
        expected: &[u8],
        found: Option<&[u8]>,
    ) -> Finding {
        let diff = FileDiff::new(Some((path, expected)), found.map(|found| (path, found)));
        self.diff = Some(diff).filter(|diff| !diff.is_empty());
        self
    }
}

/// A step's name in messages.
pub(super) fn step_name(step: &Step) -> String {
    format!("step {} {}", step.version(), step.name())
}

/// How many values of one document a finding names.
const MOST_NAMED: usize = 3;

/// What a step removes without reading it, beside values that it writes elsewhere. It may be right, so it is a warning.
pub(super) fn left_behind(step: &Step, about: &str, left: &[LeafFate]) -> Finding {
    let named = left
        .iter()
        .map(|LeafFate { place, text, .. }| format!("{place}, which was {}", shorten(text)));
    let it = if left.len() == 1 { "it" } else { "them" };
    let message = format!(
        "{about}: it removes {}, without reading {it}, though it keeps other values of what it removes elsewhere: keep {it} too; where \
         {it} may go, remove {it} by name before, or set `overwrites = true`",
        some_of(named, MOST_NAMED),
    );
    Finding::of_step(Check::Loss, step, message).into_warning()
}

impl fmt::Display for Finding {
    /// On one line, without the diff.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}] {}", self.check.name(), self.subject)?;
        if let Some(place) = &self.place {
            write!(f, " ({place})")?;
        }
        write!(f, ": {}", self.message)
    }
}

fn one_way(catalog: &Catalog) -> Vec<OneWay> {
    let steps = catalog.steps().iter();
    let one_way = |step: &Step| {
        Some(OneWay {
            version: step.version(),
            name: step.name().to_owned(),
            document: step.target().to_string(),
            reason: step.one_way()?.to_owned(),
        })
    };
    steps.filter_map(one_way).collect()
}

impl Report {
    pub(super) fn new(catalog: &Catalog) -> Report {
        Report {
            catalog: catalog.name().to_owned(),
            server_version: catalog.server_version(),
            lowest_version: catalog.lowest_version(),
            checked: Checked::default(),
            findings: Vec::new(),
            exceptions: Vec::new(),
            one_way: one_way(catalog),
            not_carried: Vec::new(),
        }
    }

    /// Whether nothing fails the verification; warnings don't.
    pub fn is_sound(&self) -> bool {
        self.errors().next().is_none()
    }

    /// The findings that fail the verification.
    pub fn errors(&self) -> impl Iterator<Item = &Finding> {
        let findings = self.findings.iter();
        findings.filter(|finding| finding.severity == Severity::Error)
    }

    /// For tests: nothing, if the catalog is sound.
    ///
    /// # Panics
    /// With every finding, if it isn't.
    pub fn assert_sound(&self) {
        assert!(self.is_sound(), "{self}");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            let severity = match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            };
            writeln!(f, "{severity}{finding}")?;
            if let Some(diff) = &finding.diff {
                write!(f, "{diff}")?;
            }
        }
        let Checked {
            cases,
            snapshots,
            migrations,
            ways_back,
        } = self.checked;
        write!(
            f,
            "{}: {cases} cases, {snapshots} snapshots, {migrations} migrations, {ways_back} downgrades",
            self.catalog
        )
    }
}

impl Serialize for Report {
    /// The contract of `docs/json.md`.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct FindingJson<'r> {
            check: Check,
            severity: Severity,
            subject: &'r str,
            place: Option<&'r str>,
            message: &'r str,
            #[serde(skip_serializing_if = "Option::is_none")]
            diff: Option<String>,
        }
        #[derive(Serialize)]
        struct ExceptionJson<'r> {
            version: u32,
            reason: &'r str,
        }
        #[derive(Serialize)]
        struct ReportJson<'r> {
            format_version: u32,
            catalog: &'r str,
            server_version: u32,
            #[serde(skip_serializing_if = "is_first")]
            lowest_version: u32,
            sound: bool,
            checked: Checked,
            findings: Vec<FindingJson<'r>>,
            exceptions: Vec<ExceptionJson<'r>>,
            one_way: &'r [OneWay],
            set_aside: &'r [NotCarried],
        }
        ReportJson {
            format_version: 1,
            catalog: &self.catalog,
            server_version: self.server_version,
            lowest_version: self.lowest_version,
            sound: self.is_sound(),
            checked: self.checked,
            findings: self
                .findings
                .iter()
                .map(|finding| FindingJson {
                    check: finding.check,
                    severity: finding.severity,
                    subject: &finding.subject,
                    place: finding.place.as_deref(),
                    message: &finding.message,
                    diff: finding.diff.as_ref().map(ToString::to_string),
                })
                .collect(),
            exceptions: self
                .exceptions
                .iter()
                .map(|(version, reason)| ExceptionJson {
                    version: *version,
                    reason,
                })
                .collect(),
            one_way: &self.one_way,
            set_aside: &self.not_carried,
        }
        .serialize(serializer)
    }
}

/// Whether a catalog begins where all begin.
fn is_first(version: &u32) -> bool {
    *version <= 1
}
