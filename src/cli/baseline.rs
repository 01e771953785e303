//! `baseline`: retires a catalog's oldest versions.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ValueEnum;
use serde::Serialize;

use crate::catalog::{Baseline, Catalog, with_baseline};
use crate::project::{Retired, RetiredRef, RetiredRow};
use crate::report::FORMAT_VERSION;
use crate::text::{self, count};
use crate::verify::{Files, Report, Verification, retired_snapshots};

use super::failure::{Exit, Failure, Refusal, expect_version};
use super::files;
use super::fleet::many;
use super::global::{Format, Global, SHORT_LIVED, load_catalog};
use super::output::Output;
use super::snapshot::snapshots_beside;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate --catalog steps baseline 10 --dry-run --repos '/srv/repos/*.git'     who still needs the steps up to 10
  ocl-migrate --catalog steps baseline 10 --last-release 2026.4 --repos list
  ocl-migrate --catalog steps baseline 10 --repos list --leave-behind refs,snapshots

docs/how-to/retire.md tells when to do it, and what branches below the baseline get told.")]
pub(super) struct Arguments {
    /// The version at which the catalog is to begin
    #[arg(value_name = "N")]
    version: u32,
    /// What the last release is called that lifts versions below N, for messages
    #[arg(long, value_name = "RELEASE")]
    last_release: Option<String>,
    /// Look into many repositories for what needs the steps: those that a file lists (`-`: standard input), or that fit a pattern in
    /// quotes; may be given several times (default: the one repository)
    #[arg(long, value_name = "FILE|GLOB", value_hint = clap::ValueHint::FilePath)]
    repos: Vec<PathBuf>,
    /// Retire the steps though these need them (several: refs,snapshots)
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    leave_behind: Vec<LeftBehind>,
    /// The snapshots' folder (default: `snapshots` in the catalog's folder or beside it)
    #[arg(long, value_name = "DIR")]
    snapshots: Option<PathBuf>,
    /// Write nothing: only say what would go, and what needs it
    #[arg(long)]
    dry_run: bool,
}

impl Arguments {
    /// Whether many repositories are looked at.
    pub(super) fn is_about_many(&self) -> bool {
        !self.repos.is_empty()
    }
}

/// What may be left behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LeftBehind {
    /// Branches, tags and other refs below N
    Refs,
    /// Rows of a store's table in a shape below N
    Rows,
    /// Snapshots of imports in a shape below N, where refs without a version read them
    Snapshots,
    /// Repositories that can't be read
    Unread,
}

/// As many refs or documents of one kind are named.
const NAMED: usize = 5;

pub(super) fn run(
    global: &Global,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let Some(folder) = &global.catalog else {
        return Err(Failure::Usage(
            "a baseline is written into a catalog's folder: name it with --catalog DIR".into(),
        ));
    };
    let before = load_catalog(folder)?;
    let change = Change::new(folder, &before, arguments)?;
    let found = look(global, arguments, &change.catalog)?;
    let needed = needed(&found, arguments);
    let outcome = match (needed.is_empty(), arguments.dry_run) {
        (false, _) => "refused",
        (true, true) => "dry_run",
        (true, false) => "written",
    };
    let exit = output.knows(if needed.is_empty() {
        Exit::Done
    } else {
        Exit::Failure
    });
    match global.format {
        Format::Json => output.json(&ChangeReport::new(&change, &found, outcome))?,
        Format::Text => print(&change, &found, output)?,
    }
    if !needed.is_empty() {
        let message = format!(
            "the steps up to version {} are still needed by {}: bring them up to date with a release that has the steps, or say \
             that they are left behind: --leave-behind {}",
            arguments.version,
            text::list(needed.iter().map(|(what, _)| what)),
            needed
                .iter()
                .map(|(_, word)| *word)
                .collect::<Vec<_>>()
                .join(","),
        );
        return Err(Failure::Refused(Refusal::StillNeeded, message));
    }
    if !arguments.dry_run {
        change.write(folder)?;
    }
    if global.format == Format::Text {
        output.line(match outcome {
            "written" => "written; the snapshots from there on are what they were",
            _ => "nothing was written; the snapshots from there on would be what they are",
        })?;
    }
    Ok(exit)
}

/// What becomes of the catalog's folder.
struct Change<'c> {
    baseline: Baseline,
    /// With the baseline.
    catalog: Arc<Catalog>,
    catalog_file: String,
    /// The steps that go.
    steps: Vec<(u32, &'c str)>,
    /// Their folders.
    folders: BTreeSet<String>,
    imports: Vec<(String, u32)>,
    snapshots_folder: PathBuf,
    snapshots_before: Files,
    snapshots: Files,
}

const CATALOG_FILE: &str = "catalog.hcl";

impl<'c> Change<'c> {
    /// Computes it, and proves that nothing changes from the baseline on.
    fn new(
        folder: &Path,
        before: &'c Catalog,
        arguments: &Arguments,
    ) -> Result<Change<'c>, Failure> {
        let version = arguments.version;
        expect_version("baseline", version, before)?;
        if version <= before.lowest_version() {
            return Err(Failure::Usage(format!(
                "baseline {version}: the catalog begins at version {} already",
                before.lowest_version()
            )));
        }
        let known = before.baseline().and_then(Baseline::last_release);
        let release = arguments.last_release.as_deref().or(known);
        let baseline = Baseline::new(version, release)
            .map_err(|why| Failure::Usage(format!("--last-release: {why}")))?;
        let files = Files::read(folder)?;
        let text = files.get(CATALOG_FILE).unwrap_or_default();
        let text = String::from_utf8_lossy(text);
        let catalog_file = with_baseline(&text, &baseline).map_err(Failure::Other)?;
        let steps = before.superfluous_steps(version);
        let folders: BTreeSet<String> = steps
            .iter()
            .filter_map(|step| Some(step.file()?.split_once('/')?.0.to_owned()))
            .collect();
        let snapshots_folder = arguments.snapshots.clone();
        let snapshots_folder = snapshots_folder.unwrap_or_else(|| snapshots_beside(folder));
        let snapshots_before = if snapshots_folder.is_dir() {
            Files::read(&snapshots_folder)?
        } else {
            Files::default()
        };
        if snapshots_before.below(&format!("v{version}")).is_empty() {
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
    fn write(&self, folder: &Path) -> Result<(), Failure> {
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
    fn snapshots_gone(&self) -> Vec<&str> {
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

/// What needs the steps, by repository.
type Found = BTreeMap<String, Result<Retired, String>>;

fn look(global: &Global, arguments: &Arguments, catalog: &Arc<Catalog>) -> Result<Found, Failure> {
    if !arguments.is_about_many() {
        let repository = global.repository(SHORT_LIVED)?;
        let name = super::progress::folder_of(&repository);
        let retired = global.project_in(repository, catalog.clone())?.retired()?;
        return Ok(BTreeMap::from([(name, Ok(retired))]));
    }
    let mut found = Found::new();
    many(&arguments.repos, global, |name, global| {
        let retired = global.and_then(|global| {
            let repository = global.repository(SHORT_LIVED)?;
            Ok(global.project_in(repository, catalog.clone())?.retired()?)
        });
        found.insert(
            name.to_owned(),
            retired.map_err(|failure| failure.message()),
        );
    })?;
    Ok(found)
}

/// What stands in the way: in words, and as `--leave-behind` takes it.
fn needed(found: &Found, arguments: &Arguments) -> Vec<(String, &'static str)> {
    let of = |number: fn(&Retired) -> usize| found.values().flatten().map(number).sum::<usize>();
    let unread = found.values().filter(|found| found.is_err()).count();
    let all = [
        (
            LeftBehind::Refs,
            of(|retired| retired.refs.len()),
            "ref",
            "refs",
        ),
        (
            LeftBehind::Rows,
            of(|retired| retired.rows.len()),
            "row",
            "rows",
        ),
        (
            LeftBehind::Snapshots,
            of(|retired| retired.snapshots.len()),
            "recorded document",
            "snapshots",
        ),
        (LeftBehind::Unread, unread, "unread repository", "unread"),
    ];
    all.into_iter()
        .filter(|(what, number, ..)| *number > 0 && !arguments.leave_behind.contains(what))
        .map(|(_, number, noun, word)| (count(number, noun), word))
        .collect()
}

fn print(change: &Change<'_>, found: &Found, output: &mut Output) -> Result<(), Failure> {
    output.page();
    output.heading(format_args!(
        "the catalog begins at version {}",
        change.baseline.version()
    ))?;
    for (version, name) in &change.steps {
        output.line(format_args!("  step {version} {name} goes"))?;
    }
    for (kind, version) in &change.imports {
        output.line(format_args!(
            "  the import of {kind} at version {version} stays, for refs without a version"
        ))?;
    }
    let gone = change.snapshots_gone();
    if !gone.is_empty() {
        output.line(format_args!("  the snapshots {} go", text::list(gone)))?;
    }
    for (name, found) in found {
        let retired = match found {
            Ok(retired) if *retired == Retired::default() => continue,
            Ok(retired) => retired,
            Err(why) => {
                output.heading(format_args!("{name} can't be read"))?;
                output.line(format_args!("  {}", text::first_line(why)))?;
                continue;
            }
        };
        output.heading(name)?;
        let mut versions: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
        for reference in &retired.refs {
            versions
                .entry(reference.version)
                .or_default()
                .push(&reference.ref_name);
        }
        for (version, names) in versions {
            let names = text::some_of(names, NAMED);
            output.line(format_args!("  at version {version}: {names}"))?;
        }
        for (place, rows) in [
            ("the store's table", &retired.rows),
            ("snapshots", &retired.snapshots),
        ] {
            if !rows.is_empty() {
                let lowest = rows.iter().map(|row| row.shape).min().unwrap_or_default();
                let names = rows.iter().map(|row| row.document.to_string());
                let names = text::some_of(names.collect::<Vec<_>>(), NAMED);
                output.line(format_args!(
                    "  in {place}, from shape {lowest} on: {names}"
                ))?;
            }
        }
        if !retired.unversioned.is_empty() {
            let names = text::some_of(&retired.unversioned, NAMED);
            output.line(format_args!(
                "  without a version, reading those snapshots: {names}"
            ))?;
        }
    }
    Ok(output.line(format_args!(
        "{} looked at",
        count(found.len(), "repository")
    ))?)
}

/// The change in JSON.
#[derive(Serialize)]
struct ChangeReport<'r> {
    format_version: u32,
    baseline: u32,
    last_release: Option<&'r str>,
    outcome: &'static str,
    steps: Vec<StepReport<'r>>,
    snapshots: Vec<&'r str>,
    repositories: Vec<RepositoryReport<'r>>,
}

#[derive(Serialize)]
struct StepReport<'r> {
    version: u32,
    name: &'r str,
}

#[derive(Serialize)]
struct RepositoryReport<'r> {
    repository: &'r str,
    refs: &'r [RetiredRef],
    rows: &'r [RetiredRow],
    snapshots: &'r [RetiredRow],
    unversioned: &'r [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'r str>,
}

impl<'r> ChangeReport<'r> {
    fn new(change: &'r Change<'_>, found: &'r Found, outcome: &'static str) -> ChangeReport<'r> {
        let steps = change.steps.iter();
        let repositories = found.iter().map(|(repository, found)| {
            let retired = found.as_ref().ok();
            RepositoryReport {
                repository,
                refs: retired.map_or(&[], |retired| &retired.refs),
                rows: retired.map_or(&[], |retired| &retired.rows),
                snapshots: retired.map_or(&[], |retired| &retired.snapshots),
                unversioned: retired.map_or(&[], |retired| &retired.unversioned),
                error: found.as_ref().err().map(String::as_str),
            }
        });
        ChangeReport {
            format_version: FORMAT_VERSION,
            baseline: change.baseline.version(),
            last_release: change.baseline.last_release(),
            outcome,
            steps: steps
                .map(|(version, name)| StepReport {
                    version: *version,
                    name,
                })
                .collect(),
            snapshots: change.snapshots_gone(),
            repositories: repositories.collect(),
        }
    }
}
