//! The documents of a kind that a catalog's own snapshots and cases have in the shape of a version.

use super::cases::Case;
use super::memory_project::MemoryProject;
use super::verification::Verification;
use crate::catalog::{Action, Catalog, Step, Target};
use crate::migrate::MigrationError;

/// Documents of one kind in the shape of one version.
#[derive(Debug, Default)]
pub struct Samples {
    /// Their files, with the texts: snapshots first, then what the cases state.
    pub documents: Vec<(String, Vec<u8>)>,
    /// The files that can't be had in that shape, with the reason.
    pub left_out: Vec<(String, String)>,
}

impl Verification<'_> {
    /// The documents of a kind in the shape of a version: those that the snapshots and the outcomes of cases have there, and those of
    /// older ones, migrated to it.
    pub fn samples(&self, kind: &str, version: u32) -> Samples {
        let mut samples = Samples::default();
        self.of_snapshots(kind, version, &mut samples);
        for case in self.all_cases() {
            let step = &self.catalog().steps()[case.step];
            if let (Target::Kind(of), Some(after)) = (step.target(), case.after())
                && of == kind
                && self.is_at_most(kind, step.version(), version)
            {
                let path = format!("{}/after.ocl", case.path);
                if step.version() >= version {
                    samples.documents.push((path, after.to_vec()));
                    continue;
                }
                match case.lifted(self.catalog(), after, version) {
                    Ok(Some(text)) => samples.documents.push((path, text)),
                    Ok(None) => {}
                    Err(error) => samples.left_out.push((path, error.to_string())),
                }
            }
        }
        samples
    }

    fn of_snapshots(&self, kind: &str, version: u32, samples: &mut Samples) {
        let (catalog, snapshots) = (self.catalog(), self.all_snapshots());
        let mut add = |path: String, at: u32, below: &str, bytes: &[u8]| {
            if catalog
                .classify(below, at)
                .is_some_and(|(it, _)| it.name == kind)
            {
                samples.documents.push((path, bytes.to_vec()));
            }
        };
        for at in snapshots.versions() {
            let Some(files) = snapshots.at(at) else {
                continue;
            };
            if at >= version && self.is_at_most(kind, at, version) {
                for (path, bytes) in files.iter() {
                    add(format!("snapshots/v{at}/{path}"), at, path, bytes);
                }
            } else if at < version && snapshots.at(version).is_none() {
                let project = MemoryProject::new(catalog, at, files).lookups(&snapshots.lookups);
                // Why it can't be migrated, `verify` says.
                let Ok(migrated) = project.migrate(version) else {
                    continue;
                };
                for (path, bytes) in migrated.files.iter() {
                    let from = format!("snapshots/v{at}/{path}, migrated to v{version}");
                    add(from, version, path, bytes);
                }
            }
        }
        for arrival in snapshots.arrivals(catalog) {
            let at = arrival.version;
            if at >= version && self.is_at_most(kind, at, version) {
                let path = format!("snapshots/arrivals/v{at}/{}", arrival.path);
                add(path, at, arrival.path, arrival.row.content.as_bytes());
            }
        }
    }

    /// Whether documents of a kind at a version have the shape of another, or an older one.
    fn is_at_most(&self, kind: &str, at: u32, version: u32) -> bool {
        next_change(self.catalog(), kind, version).is_none_or(|change| at < change)
    }
}

/// The next version after one that changes what the documents of a kind hold.
pub fn next_change(catalog: &Catalog, kind: &str, version: u32) -> Option<u32> {
    let changes = catalog.steps().iter().filter(|step| {
        let is_change = matches!(step.action(), Action::Modify(_) | Action::Dialect);
        is_change && step.version() > version && concerns(step.target(), kind)
    });
    changes.map(Step::version).min()
}

fn concerns(target: &Target, kind: &str) -> bool {
    match target {
        Target::Kind(of) => of == kind,
        Target::AllKinds => true,
        Target::Marker => false,
    }
}

impl Case {
    /// What becomes of its outcome at a later version; `None` if it is removed.
    fn lifted(
        &self,
        catalog: &Catalog,
        after: &[u8],
        version: u32,
    ) -> Result<Option<Vec<u8>>, MigrationError> {
        let own = catalog.steps()[self.step].version();
        let Target::Kind(kind) = catalog.steps()[self.step].target() else {
            return Ok(None);
        };
        let later = catalog.steps().iter().enumerate().filter(|(_, step)| {
            step.version() > own && step.version() <= version && concerns(step.target(), kind)
        });
        let later: Vec<usize> = later.map(|(index, _)| index).collect();
        self.migrated(catalog, after, own, &later)
    }
}
