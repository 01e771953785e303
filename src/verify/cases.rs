//! The cases of a catalog's steps: small documents, each with the expected result of a step.
//!
//! A case is a folder `NNNN_step/cases/NAME` with
//!
//! - `before.ocl`: a document just before the step,
//! - `after.ocl`: the same after it, byte for byte, or `error.txt`: the message with which the step refuses it (a step
//!   that removes documents has neither),
//! - `down.ocl`: what undoing the step makes of `after.ocl`, byte for byte, or `down_error.txt`: the message with which it
//!   is refused. Without either, the values of `before.ocl` must come back. With one of them, `before.ocl` may be missing:
//!   then the case is only about migrating down,
//! - `case.hcl`, if the step needs more than the document:
//!
//! ```hcl
//! slug      = "backup-db"                                              # of the document, in a collection
//! lookups   = { environments = { "Production EU" = "prod-eu" } }       # by table; other keys are unknown
//! documents = { deployment_process = "process.ocl" }                   # what the step reads: files beside this one
//! set_aside = ["owner"]                                                # places that can't be migrated down
//! ```

use std::cell::RefCell;
use std::path::Path;

use super::back::{self, BackFailure, ExpectedBack, StatedUndo};
use super::case_file::{CaseContext, CaseFile, with_set_aside};
use super::coverage::Coverage;
use super::files::Files;
use super::probe::{Defect, probe};
use super::report::{Check, Finding, left_behind};
use crate::catalog::{Action, Catalog, Step, StepFolder, Target};
use crate::migrate::{Input, LeafFate, Loss, MigrationError, MigrationErrorKind, migrate};
use crate::ocl::{Document, DoubledName, ParseError};

/// A document with the expected result of a step.
#[derive(Debug, Clone)]
pub struct Case {
    /// The folder within the catalog: `0010_runbook_retention_type/cases/hundred`.
    pub path: String,
    /// The index of the step in [`Catalog::steps`].
    pub step: usize,
    /// `None` in a case that is only about migrating down.
    before: Option<Vec<u8>>,
    expected: Expected,
    back: ExpectedBack,
    file: CaseFile,
    /// The files that state neither a document nor what becomes of it: `case.hcl`, and what that names.
    beside: Files,
}

/// The files of a document, and of what becomes of it.
const STATED: [&str; 5] = [
    "before.ocl",
    "after.ocl",
    "error.txt",
    "down.ocl",
    "down_error.txt",
];

#[derive(Debug, Clone)]
enum Expected {
    After(Vec<u8>),
    Removed,
    Refused(String),
}

/// Why a case can't be read.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {message}")]
pub struct CaseError {
    /// The file or folder.
    pub path: String,
    /// What is wrong, and what to do.
    pub message: String,
}

/// Why a step fails its case.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaseFailure {
    /// The result is different.
    #[error("the result is not `after.ocl`")]
    Differs {
        /// The result that the case states.
        expected: Vec<u8>,
        /// The actual result; `None` if the document was removed.
        found: Option<Vec<u8>>,
    },
    /// The step fails.
    #[error("it fails: {0}")]
    Failed(MigrationError),
    /// It should have been refused, or removed.
    #[error("{expected}, but it isn't")]
    Accepted {
        /// What the case states.
        expected: String,
        /// The actual result.
        found: Vec<u8>,
    },
    /// It is refused with another message.
    #[error("it is refused with {found:?}, but `error.txt` states {expected:?}")]
    OtherMessage {
        /// The message that the case states.
        expected: String,
        /// The actual message.
        found: String,
    },
    /// In what it makes, a block of which there is at most one occurs more than once.
    #[error("in its result {name}, and the catalog says that there is at most one")]
    Doubles {
        /// The block.
        name: DoubledName,
    },
    /// A value is lost.
    #[error("{}", losses.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Loses {
        /// The values that are overwritten without being read.
        losses: Vec<Loss>,
    },
    /// A second run on the same document gives other bytes.
    #[error(
        "a second run on the same document gives other bytes: the step must depend on nothing but its input"
    )]
    Unsteady {
        /// The result of the first run; `None` if it removed the document.
        first: Option<Vec<u8>>,
        /// The result of a later run; `None` if it removed the document.
        second: Option<Vec<u8>>,
    },
    /// A second run on the same document fails.
    #[error(
        "a second run on the same document fails: {0}: the step must depend on nothing but its input"
    )]
    FailsLater(MigrationError),
    /// Run on its own result, the step changes it again.
    #[error(
        "run on its own result, the step changes it again: if it must, set `idempotent = false` and say why"
    )]
    NotIdempotent {
        /// The result of the second run.
        again: Vec<u8>,
    },
    /// Run on its own result, the step fails.
    #[error(
        "run on its own result, the step fails: {0}: let it accept that, or set `idempotent = false` and say why"
    )]
    FailsOnResult(MigrationError),
    /// Undoing the step doesn't give what the case states.
    #[error("{0}")]
    Back(BackFailure),
}

impl CaseFailure {
    /// What is wrong with the case's document, if it isn't OCL.
    pub(super) fn not_ocl(&self) -> Option<&ParseError> {
        match self {
            CaseFailure::Failed(MigrationError {
                kind: MigrationErrorKind::Parse(error),
                ..
            }) => Some(error),
            _ => None,
        }
    }

    /// Where the step fails in its file.
    pub(super) fn place(&self) -> Option<&str> {
        let error = match self {
            CaseFailure::Failed(error)
            | CaseFailure::FailsLater(error)
            | CaseFailure::FailsOnResult(error)
            | CaseFailure::Back(BackFailure::Failed(error)) => error,
            _ => return None,
        };
        error.step.as_ref()?.place.as_deref()
    }
}

/// Reads the cases of all steps from a catalog's folder, in run order and then by name.
///
/// # Errors
/// The first case that can't be read.
pub fn read(folder: &Path, catalog: &Catalog) -> Result<Vec<Case>, CaseError> {
    let files = Files::read(folder).map_err(|error| CaseError {
        path: error.path.display().to_string(),
        message: format!("can't be read: {}", error.error),
    })?;
    let (cases, problems) = of_files(&files, catalog);
    match problems.into_iter().next() {
        Some(problem) => Err(problem),
        None => Ok(cases),
    }
}

/// The cases among the files of a catalog, and the errors in the others. The cases of a step in Rust are in a folder named by
/// its version and name too.
pub fn of_files(files: &Files, catalog: &Catalog) -> (Vec<Case>, Vec<CaseError>) {
    let (mut cases, mut problems) = (Vec::new(), Vec::new());
    for name in files.folders() {
        let Some(folder) = StepFolder::parse(name) else {
            continue;
        };
        let below = files.below(name).below("cases");
        let is_it = |step: &Step| step.version() == folder.version && step.name() == folder.name;
        let Some(index) = catalog.steps().iter().position(is_it) else {
            if !below.is_empty() {
                problems.push(CaseError {
                    path: format!("{name}/cases"),
                    message: "the catalog has no step of this version and name".into(),
                });
            }
            continue;
        };
        for case in below.folders() {
            let path = format!("{name}/cases/{case}");
            match Case::read(&below.below(case), path, index, &catalog.steps()[index]) {
                Ok(case) => match case.check_file(catalog) {
                    Ok(()) => cases.push(case),
                    Err(message) => problems.push(CaseError {
                        path: format!("{}/case.hcl", case.path),
                        message,
                    }),
                },
                Err(problem) => problems.push(problem),
            }
        }
    }
    cases.sort_by(|a, b| (a.step, &a.path).cmp(&(b.step, &b.path)));
    (cases, problems)
}

impl Case {
    /// The files of a case that have a meaning by their names.
    pub(super) const FILES: [&'static str; 6] = {
        let [before, after, error, down, down_error] = STATED;
        [before, after, error, down, down_error, "case.hcl"]
    };

    /// Whether `case.hcl` names a file beside it.
    pub(super) fn names(&self, file: &str) -> bool {
        self.file.files.contains(file)
    }

    fn check_file(&self, catalog: &Catalog) -> Result<(), String> {
        self.file.check_documents(catalog)?;
        self.file.check_slug(catalog, &catalog.steps()[self.step])
    }

    /// The texts of the documents that its step reads.
    pub(super) fn read_texts(&self) -> impl Iterator<Item = &str> {
        self.file.read_texts()
    }

    /// The lookup tables that `case.hcl` states.
    pub(super) fn tables(&self) -> impl Iterator<Item = &str> {
        self.file.tables()
    }

    pub(super) fn read(
        files: &Files,
        path: String,
        index: usize,
        step: &Step,
    ) -> Result<Case, CaseError> {
        let wrong = |file: &str, message: &str| CaseError {
            path: format!("{path}{file}"),
            message: message.into(),
        };
        let case_file = CaseFile::read(files).map_err(|message| wrong("/case.hcl", &message))?;
        let back = ExpectedBack::read(files, case_file.set_aside.clone(), step)
            .map_err(|(file, message)| wrong(file, message))?;
        let before = files.get("before.ocl").map(<[u8]>::to_vec);
        if before.is_none() && !(back.is_stated() && files.get("after.ocl").is_some()) {
            return Err(wrong("/before.ocl", "this file is missing"));
        }
        let expected = match (files.get("after.ocl"), files.get("error.txt")) {
            (Some(after), None) => Expected::After(after.to_vec()),
            (None, Some(message)) => {
                Expected::Refused(String::from_utf8_lossy(message).trim().to_owned())
            }
            (None, None) if matches!(step.action(), Action::Remove) => Expected::Removed,
            _ => return Err(wrong("", "a case has either `after.ocl` or `error.txt`")),
        };
        Ok(Case {
            path,
            step: index,
            before,
            expected,
            back,
            file: case_file,
            beside: files
                .iter()
                .filter(|(name, _)| !STATED.contains(name))
                .collect(),
        })
    }

    /// Runs the step on the case's document, and undoes it on the expected result.
    ///
    /// # Errors
    /// If the step doesn't do what the case states, loses a value, gives other bytes on a second run, changes its own
    /// result when it runs again, or isn't undone as the case says.
    pub fn run(&self, catalog: &Catalog) -> Result<(), CaseFailure> {
        self.run_observed(catalog, &Coverage::default(), &Coverage::default())
    }

    /// The same, with the coverage of running the step, and of undoing it.
    pub(super) fn run_observed(
        &self,
        catalog: &Catalog,
        coverage: &Coverage,
        undone: &Coverage,
    ) -> Result<(), CaseFailure> {
        if let Some(before) = &self.before {
            self.run_up(catalog, before, coverage)?;
        }
        let Some(after) = self.after() else {
            return Ok(());
        };
        let context = self.context(catalog);
        let observed = undone.observe(&context);
        let input = Input {
            shape: catalog.steps()[self.step].version(),
            ..self.input(catalog, after)
        };
        let before = self.before.as_deref();
        self.back
            .check(catalog, self.step, before, input, &observed)
            .map_err(CaseFailure::Back)
    }

    fn run_up(
        &self,
        catalog: &Catalog,
        before: &[u8],
        coverage: &Coverage,
    ) -> Result<(), CaseFailure> {
        let context = self.context(catalog);
        coverage.ran(self.step);
        let input = self.input(catalog, before);
        let observed = coverage.observe(&context);
        let migrated = match (
            migrate(catalog, &[self.step], input, &observed),
            &self.expected,
        ) {
            (Ok(migrated), _) => migrated,
            (Err(error), Expected::Refused(expected)) => {
                let found = error.kind.to_string();
                if found == *expected {
                    return Ok(());
                }
                return Err(CaseFailure::OtherMessage {
                    expected: expected.clone(),
                    found,
                });
            }
            (Err(error), _) => return Err(CaseFailure::Failed(error)),
        };
        let found = migrated
            .text
            .as_deref()
            .map(|text| text.as_bytes().to_vec());
        match (&self.expected, found) {
            (Expected::After(expected), Some(found)) if found == *expected => {}
            (Expected::After(expected), found) => {
                return Err(CaseFailure::Differs {
                    expected: expected.clone(),
                    found,
                });
            }
            (Expected::Removed, None) => return Ok(()),
            (Expected::Removed, Some(found)) => {
                let expected = "the step should remove it".into();
                return Err(CaseFailure::Accepted { expected, found });
            }
            (Expected::Refused(message), found) => {
                return Err(CaseFailure::Accepted {
                    expected: format!("it should be refused with {message:?}"),
                    found: found.unwrap_or_default(),
                });
            }
        };
        if let Some(name) = self.doubles(catalog, before) {
            return Err(CaseFailure::Doubles { name });
        }
        let defects = probe(catalog, self.step, input, &migrated, &context).into_iter();
        let mut wrong = defects.filter(|defect| !matches!(defect, Defect::LeavesBehind(_)));
        match wrong.next() {
            // What may be right is told as a warning.
            None | Some(Defect::LeavesBehind(_)) => Ok(()),
            Some(Defect::Loses(losses)) => Err(CaseFailure::Loses { losses }),
            Some(Defect::Unsteady { first, second }) => {
                Err(CaseFailure::Unsteady { first, second })
            }
            Some(Defect::FailsLater(error)) => Err(CaseFailure::FailsLater(error)),
            Some(Defect::NotIdempotent { again, .. }) => Err(CaseFailure::NotIdempotent { again }),
            Some(Defect::FailsOnResult(error)) => Err(CaseFailure::FailsOnResult(error)),
        }
    }

    /// A block that the step doubles, and that no later step mends. Of a later one that fails on it, its own cases tell.
    fn doubles(&self, catalog: &Catalog, before: &[u8]) -> Option<DoubledName> {
        let input = self.input(catalog, before);
        let doubled = |bytes: &[u8], shape: u32| {
            let document = Document::from_bytes(bytes.to_vec(), catalog.dialect_at(shape));
            let document = document.ok()?;
            let names = catalog.doubled_names(input.kind, &document);
            names.into_iter().next()
        };
        let own = catalog.steps()[self.step].version();
        doubled(self.after()?, own)?;
        if doubled(before, input.shape).is_some() {
            return None;
        }
        let steps = self.step..catalog.steps().len();
        let steps: Vec<usize> = steps
            .filter(|&index| index == self.step || catalog.steps()[index].concerns(input.kind))
            .collect();
        let last = self.migrated(catalog, before, input.shape, &steps);
        doubled(&last.ok()??, catalog.server_version())
    }

    /// Of a case that fails, lookups whose table the case doesn't state: that may be why.
    pub(super) fn unanswered(&self, catalog: &Catalog) -> Vec<Finding> {
        let Some(before) = &self.before else {
            return Vec::new();
        };
        let context = self.context(catalog);
        // What fails is told as that.
        let _ = migrate(catalog, &[self.step], self.input(catalog, before), &context);
        let step = &catalog.steps()[self.step];
        let missed = context.missed.take().into_iter();
        missed
            .map(|(table, key)| {
                let message = format!(
                    "{}: the step looks up {key:?} in {table:?}, and the case has no such table, so the step has no answer: say under \
                     `lookups` in case.hcl what the server has, or `{table} = {{}}` there if it has nothing",
                    self.path
                );
                Finding::of_step(Check::Lookup, step, message).into_warning()
            })
            .collect()
    }

    /// What the step removes unread from the document, though it writes other values beside it elsewhere.
    pub(super) fn left_behind(&self, catalog: &Catalog) -> Option<Finding> {
        let before = self.before.as_ref()?;
        let context = self.context(catalog);
        // What fails is told as that.
        let migrated = migrate(catalog, &[self.step], self.input(catalog, before), &context);
        let left = migrated.ok()?;
        let left: Vec<LeafFate> = left
            .left_behind(catalog)
            .into_iter()
            .map(|(_, fate)| fate.clone())
            .collect();
        let step = &catalog.steps()[self.step];
        (!left.is_empty()).then(|| left_behind(step, &self.path, &left))
    }

    /// The document before the step.
    pub(super) fn before(&self) -> Option<&[u8]> {
        self.before.as_deref()
    }

    /// Whether the step refuses the document.
    #[cfg(feature = "contracts")]
    pub(super) fn is_refused(&self) -> bool {
        matches!(self.expected, Expected::Refused(_))
    }

    /// The expected result; `None` if the step removes or refuses the document.
    pub(super) fn after(&self) -> Option<&[u8]> {
        match &self.expected {
            Expected::After(after) => Some(after),
            _ => None,
        }
    }

    /// What steps after its own make of a text in the shape of a version; `None` if they remove it.
    pub(super) fn migrated(
        &self,
        catalog: &Catalog,
        text: &[u8],
        shape: u32,
        steps: &[usize],
    ) -> Result<Option<Vec<u8>>, MigrationError> {
        let input = Input {
            shape,
            ..self.input(catalog, text)
        };
        let migrated = migrate(catalog, steps, input, &self.context(catalog))?;
        Ok(migrated.text.map(|text| text.as_bytes().to_vec()))
    }

    /// What undoing the step on `after`, its result for `before`, would have to be stated as.
    pub(super) fn undone(
        &self,
        catalog: &Catalog,
        before: &[u8],
        after: &[u8],
    ) -> (Option<StatedUndo>, Vec<String>) {
        let input = Input {
            shape: catalog.steps()[self.step].version(),
            ..self.input(catalog, after)
        };
        back::observed(catalog, self.step, before, input, &self.context(catalog))
    }

    /// The files that a case beside this one has whatever it is about, with these places that can't be migrated down. `None` where
    /// they can't be stated.
    pub(super) fn beside(&self, set_aside: &[String]) -> Option<Files> {
        const FILE: &str = "case.hcl";
        let mut files = self.beside.clone();
        if *set_aside != self.file.set_aside {
            let text = std::str::from_utf8(files.get(FILE).unwrap_or_default()).ok()?;
            let text = with_set_aside(text, set_aside)?;
            if text.trim().is_empty() {
                files.remove(FILE);
            } else {
                files.insert(FILE, text);
            }
        }
        Some(files)
    }

    fn context<'c>(&'c self, catalog: &'c Catalog) -> CaseContext<'c> {
        CaseContext {
            file: &self.file,
            catalog,
            missed: RefCell::default(),
        }
    }

    fn input<'c>(&'c self, catalog: &'c Catalog, bytes: &'c [u8]) -> Input<'c> {
        let step = &catalog.steps()[self.step];
        let kind = match step.target() {
            Target::Kind(kind) => kind.as_str(),
            // A step for all kinds treats them alike.
            _ => catalog.kinds().first().map_or("", |kind| &kind.name),
        };
        Input {
            kind,
            slug: &self.file.slug,
            shape: step.version().saturating_sub(1),
            bytes,
        }
    }
}
