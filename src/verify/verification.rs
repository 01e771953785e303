//! A catalog held to its cases and snapshots.

use std::path::Path;

use crate::catalog::{Action, Catalog, SNAPSHOTS_FOLDER};
use crate::engine::ResultCache;

use super::absent_reads;
use super::cases::{self, Case, CaseFailure};
use super::contracts;
use super::coverage::Coverage;
use super::downgrades::Downgrades;
use super::files::{Files, FilesError};
use super::matrix::Matrix;
use super::quoted_words;
use super::renames;
use super::report::{Check, Checked, Finding, Report, Severity, step_name};
use super::snapshots::Snapshots;
use super::strays;
use super::unmet_names;

/// Many migrations share documents.
const CACHE_BYTES: u64 = 32 << 20;

/// A catalog together with its cases and snapshots.
#[derive(Debug, Clone)]
pub struct Verification<'c> {
    catalog: &'c Catalog,
    cases: Vec<Case>,
    snapshots: Snapshots,
    findings: Vec<Finding>,
}

/// The progress of a verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Cases and migrations that are done.
    pub done: usize,
    /// All cases and migrations.
    pub total: usize,
}

impl<'c> Verification<'c> {
    /// A verification without cases and snapshots yet.
    pub fn of(catalog: &'c Catalog) -> Verification<'c> {
        Verification {
            catalog,
            cases: Vec::new(),
            snapshots: Snapshots::default(),
            findings: Vec::new(),
        }
    }

    /// Reads the cases from `NNNN_step/cases/` of a folder, and the snapshots from `snapshots/` in it or beside it.
    ///
    /// The folder is the catalog's own; for steps in Rust, it only holds their cases.
    ///
    /// # Errors
    /// If a file can't be read. What is wrong with its content is a finding.
    pub fn folder(self, folder: impl AsRef<Path>) -> Result<Verification<'c>, FilesError> {
        let folder = folder.as_ref();
        let files = Files::read(folder)?;
        let verification = self.cases(&files);
        match snapshots_folder(folder) {
            Some(snapshots) => Ok(verification.snapshots(&Files::read(&snapshots)?)),
            None => Ok(verification),
        }
    }

    /// Adds the cases among the files of a folder.
    #[must_use]
    pub fn cases(mut self, files: &Files) -> Verification<'c> {
        let (cases, problems) = cases::of_files(files, self.catalog);
        self.findings.extend(strays::of_files(files, &cases));
        self.cases.extend(cases);
        self.findings.extend(
            problems
                .into_iter()
                .map(|problem| Finding::new(Check::Case, problem.path, problem.message)),
        );
        self
    }

    /// Sets the snapshots, from the files of their folder.
    #[must_use]
    pub fn snapshots(mut self, files: &Files) -> Verification<'c> {
        let (snapshots, findings) = Snapshots::of_files(files);
        self.snapshots = snapshots;
        self.findings.extend(findings);
        self
    }

    /// Verifies everything.
    pub fn run(&self) -> Report {
        self.run_with(&mut |_| {})
    }

    /// Verifies everything, and reports progress.
    pub fn run_with(&self, progress: &mut dyn FnMut(Progress)) -> Report {
        let (coverage, undone) = (Coverage::default(), Coverage::default());
        let cache = ResultCache::new(CACHE_BYTES);
        let mut matrix = Matrix::new(self.catalog, &self.snapshots, &coverage, &cache);
        let migrations = matrix.all();
        let mut back = Downgrades::new(self.catalog, &self.snapshots, &undone, &cache);
        let downgrades = back.all();
        let mut now = Progress {
            done: 0,
            total: self.cases.len() + migrations.len() + downgrades.len(),
        };
        let mut report = Report::new(self.catalog);
        report.checked = Checked {
            cases: self.cases.len(),
            snapshots: self.snapshots.versions().count(),
            migrations: migrations.len(),
            ways_back: downgrades.len(),
        };
        let exceptions = self.snapshots.exceptions.iter();
        report.exceptions = exceptions
            .map(|(version, reason)| (*version, reason.clone()))
            .collect();
        let findings = &mut report.findings;
        findings.extend(self.findings.iter().cloned());
        let mut advance = || {
            progress(now);
            now.done += 1;
        };
        for case in &self.cases {
            advance();
            if let Err(failure) = case.run_observed(self.catalog, &coverage, &undone) {
                match failure {
                    CaseFailure::Failed(_) => coverage.failed(case.step),
                    CaseFailure::Back(_) => undone.failed(case.step),
                    _ => {}
                }
                findings.push(of_case(self.catalog, case, &failure));
                findings.extend(case.unanswered(self.catalog));
            }
            findings.extend(case.left_behind(self.catalog));
        }
        findings.extend(self.steps_without_case());
        findings.extend(self.snapshots.check(self.catalog));
        findings.extend(quoted_words::findings(self.catalog, &self.snapshots));
        findings.extend(absent_reads::findings(self.catalog));
        findings.extend(renames::findings(self.catalog));
        findings.extend(strays::tables(self.catalog, &self.cases, &self.snapshots));
        findings.extend(contracts::findings(
            self.catalog,
            &self.snapshots,
            &self.cases,
        ));
        for migration in migrations {
            advance();
            matrix.run(migration);
        }
        matrix.run_beyond();
        for downgrade in downgrades {
            advance();
            back.run(downgrade);
        }
        advance();
        findings.extend(matrix.finish());
        let (strayed, not_carried) = back.finish();
        findings.extend(strayed);
        report.not_carried = not_carried;
        findings.extend(coverage.unreached(self.catalog, &undone));
        findings.extend(unmet_names::findings(
            self.catalog,
            &self.snapshots,
            &self.cases,
            |step| coverage.has_run(step) || undone.has_run(step),
        ));
        report
    }

    /// Migrates the project from one version to the latest. Finds nothing if the result is the latest snapshot.
    ///
    /// For a server that has a test of its own for each version; [`run`](Verification::run) checks them all.
    pub fn to_latest(&self, from: u32) -> Vec<Finding> {
        let (coverage, cache) = (Coverage::default(), ResultCache::new(CACHE_BYTES));
        let mut matrix = Matrix::new(self.catalog, &self.snapshots, &coverage, &cache);
        let latest = self.snapshots.versions().next_back();
        if latest != Some(self.catalog.server_version())
            || (from > 0 && self.snapshots.at(from).is_none())
        {
            let message = format!("version {from} or the latest one has no snapshot");
            let subject = format!("v{from} to the latest");
            return vec![Finding::new(Check::MissingSnapshot, subject, message)];
        }
        let migrations = matrix.all().into_iter();
        for migration in
            migrations.filter(|migration| migration.from == from && Some(migration.to) == latest)
        {
            matrix.run(migration);
        }
        let mut findings = matrix.finish();
        findings.retain(|finding| finding.severity == Severity::Error);
        findings
    }

    pub(super) fn catalog(&self) -> &'c Catalog {
        self.catalog
    }

    pub(super) fn all_cases(&self) -> &[Case] {
        &self.cases
    }

    pub(super) fn all_snapshots(&self) -> &Snapshots {
        &self.snapshots
    }

    /// The versions that have a snapshot.
    pub fn versions(&self) -> impl Iterator<Item = u32> {
        self.snapshots.versions()
    }

    fn steps_without_case(&self) -> Vec<Finding> {
        let steps = self.catalog.steps().iter().enumerate();
        let without = steps.filter(|(index, step)| {
            let runs = matches!(
                step.action(),
                Action::Modify(_) | Action::Dialect | Action::Remove
            );
            runs && !self.cases.iter().any(|case| case.step == *index)
        });
        without
            .map(|(_, step)| {
                let folder = match step.file().and_then(|file| file.split_once('/')) {
                    Some((folder, _)) => folder.to_owned(),
                    None => format!("{:04}_{}", step.version(), step.name()),
                };
                let message = format!(
                    "it has no case: write {folder}/cases/NAME/before.ocl, and after.ocl or error.txt"
                );
                Finding::of_step(Check::MissingCase, step, message)
            })
            .collect()
    }
}

/// The folder of the snapshots of a catalog: in its folder, or else beside it. `None` if there are none.
pub fn snapshots_folder(catalog_folder: &Path) -> Option<std::path::PathBuf> {
    let inside = catalog_folder.join(SNAPSHOTS_FOLDER);
    if inside.is_dir() {
        return Some(inside);
    }
    let whole = std::path::absolute(catalog_folder).ok()?;
    let beside = whole.parent()?.join(SNAPSHOTS_FOLDER);
    // Other tools use folders of this name too.
    let files = Files::read(&beside).ok()?;
    Snapshots::are(&files).then_some(beside)
}

fn of_case(catalog: &Catalog, case: &Case, failure: &CaseFailure) -> Finding {
    let check = match failure {
        CaseFailure::Loses { .. } => Check::Loss,
        CaseFailure::NotIdempotent { .. }
        | CaseFailure::FailsOnResult(_)
        | CaseFailure::Unsteady { .. }
        | CaseFailure::FailsLater(_) => Check::Repeat,
        CaseFailure::Back(_) => Check::WayBack,
        _ => Check::Case,
    };
    let step = &catalog.steps()[case.step];
    let message = match failure.not_ocl() {
        Some(error) => error.render(&format!("{}/before.ocl", case.path)),
        None => format!("{}: {failure}", case.path),
    };
    let finding = Finding::new(check, step_name(step), message);
    let place = failure.place().or(step.file());
    let finding = finding.at(place.map(str::to_owned));
    match failure {
        CaseFailure::Differs { expected, found } => {
            finding.with_diff("after.ocl", expected, found.as_deref())
        }
        CaseFailure::Unsteady { first, second } => {
            let first = first.as_deref().unwrap_or_default();
            finding.with_diff("after.ocl", first, second.as_deref())
        }
        CaseFailure::NotIdempotent { again } => {
            finding.with_diff("after.ocl", case.after().unwrap_or_default(), Some(again))
        }
        CaseFailure::Back(failure) => match failure.difference() {
            Some((file, expected, found)) => finding.with_diff(file, expected, Some(found)),
            None => finding,
        },
        _ => finding,
    }
}
