//! What retiring versions makes of a catalog's folder, and its snapshots.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::catalog::{Baseline, Catalog, with_baseline};
use crate::verify::{Files, Report, Verification, retired_snapshots};

use crate::cli::failure::{Failure, Refusal, expect_version};
use crate::cli::files;
use crate::cli::snapshot::snapshots_beside;

/// What becomes of the catalog's folder.
pub(super) struct Change<'c> {
    pub(super) baseline: Baseline,
    /// With the baseline.
    pub(super) catalog: Arc<Catalog>,
    catalog_file: String,
    /// The steps that go.
    pub(super) steps: Vec<(u32, &'c str)>,
    /// Their folders.
    folders: BTreeSet<String>,
    pub(super) imports: Vec<(String, u32)>,
    /// The kinds that go from the catalog.
    pub(super) kinds: Vec<&'c str>,
    snapshots_folder: PathBuf,
    snapshots_before: Files,
    snapshots: Files,
}

const CATALOG_FILE: &str = "catalog.hcl";

impl<'c> Change<'c> {
    /// Computes it, and proves that nothing changes from the baseline on. Without `snapshots`, they are in the catalog's folder or
    /// beside it.
    pub(super) fn new(
        folder: &Path,
        before: &'c Catalog,
        version: u32,
        last_release: Option<&str>,
        snapshots: Option<&Path>,
    ) -> Result<Change<'c>, Failure> {
        expect_version("baseline", version, before)?;
        if version <= before.lowest_version() {
            return Err(Failure::Usage(format!(
                "baseline {version}: the catalog begins at version {} already",
                before.lowest_version()
            )));
        }
        let known = before.baseline().and_then(Baseline::last_release);
        let release = last_release.or(known);
        let baseline = Baseline::new(version, release)
            .map_err(|why| Failure::Usage(format!("--last-release: {why}")))?;
        let files = Files::read(folder)?;
        let text = files.get(CATALOG_FILE).unwrap_or_default();
        let text = String::from_utf8_lossy(text);
        let kinds: Vec<&str> = before.kinds_gone_at(version).collect();
        let catalog_file = with_baseline(&text, &baseline, &kinds).map_err(Failure::Other)?;
        let steps = before.superfluous_steps(version);
        let folders: BTreeSet<String> = steps
            .iter()
            .filter_map(|step| Some(step.file()?.split_once('/')?.0.to_owned()))
            .collect();
        let snapshots_folder = snapshots.map_or_else(|| snapshots_beside(folder), Path::to_owned);
        let snapshots_before = if snapshots_folder.is_dir() {
            Files::read(&snapshots_folder)?
        } else {
            Files::default()
        };
        if snapshots_before.below(&format!("v{version}")).is_empty() {
            let mut steps = before.steps().iter();
            if !steps.any(|step| step.version() == version)
                && !before.unknown_versions().contains(&version)
            {
                return Err(Failure::Usage(format!(
                    "baseline {version}: no step has version {version}, so it has no snapshot: name a version that a step has"
                )));
            }
            return Err(Failure::Refused(
                Refusal::Snapshots,
                format!(
                    "there is no snapshot of version {version}, and so nothing shows that a project at it stays what it is: record \
                     one, with `snapshot {version}`"
                ),
            ));
        }
        expect_sound(
            before,
            &files,
            &snapshots_before,
            "verify fails already, and has to pass first",
        )?;
        let mut left = Files::default();
        for (path, bytes) in files.iter() {
            let top = path.split_once('/').map_or(path, |(top, _)| top);
            if !folders.contains(top) {
                left.insert(path, bytes);
            }
        }
        left.insert(CATALOG_FILE, catalog_file.as_bytes());
        let catalog = loaded(&left)?;
        let snapshots = retired_snapshots(&snapshots_before, before, &catalog);
        expect_sound(
            &catalog,
            &left,
            &snapshots,
            "with the baseline, verify would fail",
        )?;
        let imports = catalog.imports_up_to(version);
        Ok(Change {
            imports: imports
                .map(|(kind, version)| (kind.to_owned(), version))
                .collect(),
            baseline,
            kinds,
            steps: steps
                .iter()
                .map(|step| (step.version(), step.name()))
                .collect(),
            folders,
            catalog: Arc::new(catalog),
            catalog_file,
            snapshots_folder,
            snapshots_before,
            snapshots,
        })
    }

    /// The catalog's file first: a process that dies after it leaves a catalog that says which steps have to go.
    pub(super) fn write(&self, folder: &Path) -> Result<(), Failure> {
        let failed = |path: &Path| {
            let path = path.display().to_string();
            move |error| Failure::File { path, error }
        };
        let file = folder.join(CATALOG_FILE);
        files::replace(&file, self.catalog_file.as_bytes()).map_err(failed(&file))?;
        for name in &self.folders {
            let step = folder.join(name);
            fs::remove_dir_all(&step).map_err(failed(&step))?;
        }
        for (path, bytes) in self.snapshots.iter() {
            let file = self.snapshots_folder.join(path);
            if self.snapshots_before.get(path) == Some(bytes) {
                continue;
            }
            let parent = file.parent().unwrap_or(&self.snapshots_folder);
            fs::create_dir_all(parent).map_err(failed(parent))?;
            files::replace(&file, bytes).map_err(failed(&file))?;
        }
        let gone = self.snapshots_before.iter().map(|(path, _)| path);
        for path in gone.filter(|path| self.snapshots.get(path).is_none()) {
            let file = self.snapshots_folder.join(path);
            fs::remove_file(&file).map_err(failed(&file))?;
            // Folders that are empty now.
            let above = file.ancestors().skip(1);
            for folder in above.take_while(|folder| *folder != self.snapshots_folder) {
                if fs::remove_dir(folder).is_err() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// The versions whose snapshots go.
    pub(super) fn snapshots_gone(&self) -> Vec<&str> {
        let left = self.snapshots.folders();
        let before = self.snapshots_before.folders().into_iter();
        before.filter(|folder| !left.contains(folder)).collect()
    }
}

/// The catalog in files that are not written yet.
fn loaded(files: &Files) -> Result<Catalog, Failure> {
    let failed = |error: std::io::Error| Failure::File {
        path: std::env::temp_dir().display().to_string(),
        error,
    };
    let scratch = tempfile::tempdir().map_err(failed)?;
    for (path, bytes) in files.iter() {
        let file = scratch.path().join(path);
        fs::create_dir_all(file.parent().unwrap_or(scratch.path())).map_err(failed)?;
        fs::write(&file, bytes).map_err(failed)?;
    }
    Ok(Catalog::load(scratch.path())?)
}

fn expect_sound(
    catalog: &Catalog,
    cases: &Files,
    snapshots: &Files,
    otherwise: &str,
) -> Result<(), Failure> {
    let report: Report = Verification::of(catalog)
        .cases(cases)
        .snapshots(snapshots)
        .run();
    match report.errors().next() {
        None => Ok(()),
        Some(finding) => Err(Failure::Refused(
            Refusal::Snapshots,
            format!("{otherwise}: {finding}"),
        )),
    }
}
