//! Holds the snapshots, and what the cases state, to the contracts of their versions.

use std::collections::HashSet;

use super::cases::Case;
use super::memory_project::MemoryProject;
use super::report::{Check, Finding};
use super::snapshots::Snapshots;
use crate::catalog::{Catalog, DeclaredContract, Target};
use crate::contract::Contracts;
use crate::ocl::Document;

/// Everything in which snapshots and cases break contracts, and what is wrong with the contracts themselves.
pub(super) fn findings(catalog: &Catalog, snapshots: &Snapshots, cases: &[Case]) -> Vec<Finding> {
    let contracts = match Contracts::of(catalog) {
        Ok(contracts) => contracts,
        Err(error) => {
            let problems = error.problems.into_iter();
            let findings = problems.map(|problem| {
                let message = problem.to_string();
                Finding::new(Check::Contract, problem.file, message)
            });
            return findings.collect();
        }
    };
    let mut held = Held {
        catalog,
        contracts: &contracts,
        findings: Vec::new(),
    };
    for version in snapshots.versions() {
        for (path, bytes) in snapshots.at(version).into_iter().flat_map(|it| it.iter()) {
            if let Some((kind, _)) = catalog.classify(path, version) {
                let subject = format!("snapshots/v{version}/{path}");
                held.check(&kind.name, version, bytes, subject);
            }
        }
    }
    for arrival in snapshots.arrivals(catalog) {
        let subject = format!("snapshots/arrivals/v{}/{}", arrival.version, arrival.path);
        let kind = arrival.row.name.kind();
        // What arrives below the baseline is in its shape.
        held.check(
            kind,
            arrival.version.max(catalog.lowest_version()),
            arrival.row.content.as_bytes(),
            subject,
        );
    }
    for case in cases {
        let step = &catalog.steps()[case.step];
        if let (Target::Kind(kind), Some(after)) = (step.target(), case.after()) {
            let subject = format!("{}/after.ocl", case.path);
            held.check(kind, step.version(), after, subject);
        }
    }
    held.latest(snapshots);
    let mut findings = held.findings;
    #[cfg(feature = "contracts")]
    findings.extend(passed_over(&contracts));
    #[cfg(feature = "contracts")]
    findings.extend(super::compatibility::findings(&contracts));
    #[cfg(feature = "contracts")]
    findings.extend(super::agreement::findings(
        catalog, &contracts, snapshots, cases,
    ));
    let above: Vec<Finding> = catalog
        .contracts_above()
        .filter(|contract| !is_waiting_for_its_step(contract, &findings))
        .map(|contract| of_no_version(catalog, contract))
        .collect();
    findings.extend(above);
    if contracts.unread() > 0 {
        let message = "nothing was held to the contracts: this program was built without the feature `contracts`";
        let subject = crate::text::count(contracts.unread(), "contract");
        findings.push(Finding::new(Check::Contract, subject, message).into_warning());
    }
    findings
}

/// What the contracts themselves say in vain.
#[cfg(feature = "contracts")]
fn passed_over(contracts: &Contracts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for contract in contracts.iter() {
        let subject = format!("contract \"{}\" of {}", contract.version, contract.kind);
        for (place, message) in contract.passed_over() {
            let finding = Finding::new(Check::Contract, &*subject, message);
            findings.push(finding.at(Some(place)).into_warning());
        }
    }
    findings
}

/// Whether it is told already which step a contract needs.
fn is_waiting_for_its_step(contract: &DeclaredContract, findings: &[Finding]) -> bool {
    let ends = format!("and \"{}\" of {}", contract.version, contract.kind);
    findings
        .iter()
        .any(|finding| finding.check == Check::Agreement && finding.subject.ends_with(&ends))
}

fn of_no_version(catalog: &Catalog, contract: &DeclaredContract) -> Finding {
    let (newest, version) = (catalog.server_version(), contract.version);
    let message = format!(
        "no document is held to it: it holds from version {version} on, and the catalog's newest is {newest}; write \
         `contract \"{newest}\"`, or the step that makes version {version}"
    );
    let subject = format!("contract \"{version}\" of {}", contract.kind);
    Finding::new(Check::Contract, subject, message).at(Some(contract.declaration.place()))
}

struct Held<'c> {
    catalog: &'c Catalog,
    contracts: &'c Contracts,
    findings: Vec<Finding>,
}

impl Held<'_> {
    /// Holds every snapshot, migrated to the latest version, to the contracts there. Where that has a snapshot itself, each becomes
    /// that one, or it is found that it doesn't.
    fn latest(&mut self, snapshots: &Snapshots) {
        let (catalog, latest) = (self.catalog, self.catalog.server_version());
        if self.contracts.is_empty() || snapshots.at(latest).is_some() {
            return;
        }
        let mut held = HashSet::new();
        for version in snapshots.versions().filter(|version| *version < latest) {
            let Some(files) = snapshots.at(version) else {
                continue;
            };
            let project = MemoryProject::new(catalog, version, files).lookups(&snapshots.lookups);
            // Why it can't be migrated is found by the migrations to other snapshots, or the latest one is there.
            let Ok(migrated) = project.migrate(latest) else {
                continue;
            };
            for (path, bytes) in migrated.files.iter() {
                if let Some((kind, _)) = catalog.classify(path, latest)
                    && held.insert((path.to_owned(), bytes.to_owned()))
                {
                    let subject = format!("snapshots/v{version}/{path}, migrated to v{latest}");
                    self.check(&kind.name, latest, bytes, subject);
                }
            }
        }
    }

    fn check(&mut self, kind: &str, version: u32, bytes: &[u8], subject: String) {
        let Some(contract) = self.contracts.at(kind, version) else {
            return;
        };
        let dialect = self.catalog.dialect_at(version);
        // That it isn't OCL is said elsewhere.
        let Ok(document) = Document::from_bytes(bytes.to_vec(), dialect) else {
            return;
        };
        let mut wrong = |place: Option<String>, message: String| {
            let finding = Finding::new(Check::Contract, &*subject, message);
            self.findings.push(finding.at(place));
        };
        match contract.check(&document) {
            Ok(violations) => {
                for violation in violations {
                    let position = document.node(violation.node).position();
                    let place = position.map(|at| format!("{}:{}", at.line, at.column));
                    wrong(place, violation.to_string());
                }
            }
            Err(error) => wrong(None, error.to_string()),
        }
    }
}
