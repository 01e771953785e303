//! `baseline`: retires a catalog's oldest versions.

mod change;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use clap::ValueEnum;
use serde::Serialize;

use crate::catalog::Catalog;
use crate::project::{Retired, RetiredRef, RetiredRow};
use crate::report::FORMAT_VERSION;
use crate::text::{self, count};

use crate::cli::failure::{Exit, Failure, Refusal};
use crate::cli::fleet::many;
use crate::cli::found::load_catalog;
use crate::cli::global::{Format, Global, SHORT_LIVED};
use crate::cli::output::Output;
use change::Change;

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
    let change = Change::new(
        folder,
        &before,
        arguments.version,
        arguments.last_release.as_deref(),
        arguments.snapshots.as_deref(),
    )?;
    let found = look(global, arguments, &change.catalog, output)?;
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
        // What won't be done isn't told as done: only who needs the steps.
        Format::Text => {
            output.page();
            if needed.is_empty() {
                print_change(&change, output)?;
            }
            print_found(&found, output)?;
        }
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

/// What needs the steps, by repository.
type Found = BTreeMap<String, Result<Retired, String>>;

fn look(
    global: &Global,
    arguments: &Arguments,
    catalog: &Arc<Catalog>,
    output: &mut Output,
) -> Result<Found, Failure> {
    let mut counted = Counted::default();
    let mut found = Found::new();
    if arguments.is_about_many() {
        many(&arguments.repos, global, |name, global| {
            let retired = global.and_then(|global| counted.look(&global, catalog));
            let retired = retired.map_err(|failure| failure.message());
            found.insert(name.to_owned(), retired.map(|(_, retired)| retired));
        })?;
    } else {
        let (name, retired) = counted.look(global, catalog)?;
        found.insert(name, Ok(retired));
    }
    let mut others = global.withheld.take();
    others.retain(|name| !counted.asked.contains(name));
    if !others.is_empty() {
        let (verb, whose) = match others.len() {
            1 => ("was", "its repository"),
            _ => ("were", "their repositories"),
        };
        let number = count(others.len(), "other project");
        let names = text::some_of(others, NAMED);
        output.warning(format_args!(
            "the store holds {number}, which {verb} not looked at: {names}; list {whose} with --repos, each with its project"
        ));
    }
    Ok(found)
}

/// What was looked at: repositories may share a store, and its rows count once.
#[derive(Default)]
struct Counted {
    rows: HashMap<PathBuf, HashSet<RetiredRow>>,
    /// The projects that a shared store was asked about.
    asked: BTreeSet<String>,
}

impl Counted {
    /// The name of the repository, and what of it needs the steps and wasn't counted yet.
    fn look(
        &mut self,
        global: &Global,
        catalog: &Arc<Catalog>,
    ) -> Result<(String, Retired), Failure> {
        let repository = global.repository(SHORT_LIVED)?;
        let name = crate::cli::progress::folder_of(&repository);
        // One name for the store that all share; else each has one in its own folder.
        let store = if global.shares_store() {
            PathBuf::new()
        } else {
            repository.common_dir().to_owned()
        };
        let mut retired = global.project_in(repository, catalog.clone())?.retired()?;
        if global.shares_store() {
            let key = global.key_in_shared_store(catalog);
            self.asked.insert(key.to_string());
        }
        let known = self.rows.entry(store).or_default();
        for rows in [&mut retired.rows, &mut retired.snapshots] {
            rows.retain(|row| known.insert(row.clone()));
        }
        Ok((name, retired))
    }
}

/// What stands in the way: in words, and as `--leave-behind` takes it.
fn needed(found: &Found, arguments: &Arguments) -> Vec<(String, &'static str)> {
    let of = |number: fn(&Retired) -> usize| found.values().flatten().map(number).sum::<usize>();
    let unread = found.values().filter(|found| found.is_err()).count();
    let all = [
        (
            LeftBehind::Refs,
            of(|retired| {
                let names = retired.refs.iter().map(|it| &it.ref_name);
                names.collect::<BTreeSet<_>>().len()
            }),
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

/// A ref that needs the steps; if several projects in it do, with the base path.
fn named(reference: &RetiredRef, has_several: bool) -> String {
    let RetiredRef {
        ref_name,
        base_path,
        ..
    } = reference;
    if has_several {
        format!("{ref_name} {}", text::folder(base_path))
    } else {
        ref_name.clone()
    }
}

fn print_change(change: &Change<'_>, output: &mut Output) -> Result<(), Failure> {
    output.heading(format_args!(
        "the catalog begins at version {}",
        change.baseline.version()
    ))?;
    for (version, name) in &change.steps {
        output.line(format_args!("  step {version} {name} goes"))?;
    }
    for kind in &change.kinds {
        output.line(format_args!(
            "  the kind {kind} goes from catalog.hcl: a step up to version {} removes it",
            change.baseline.version()
        ))?;
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
    Ok(())
}

fn print_found(found: &Found, output: &mut Output) -> Result<(), Failure> {
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
        let mut projects: HashMap<&str, usize> = HashMap::new();
        for reference in &retired.refs {
            *projects.entry(&reference.ref_name).or_default() += 1;
        }
        let mut versions: BTreeMap<u32, Vec<String>> = BTreeMap::new();
        for reference in &retired.refs {
            let names: &mut Vec<String> = versions.entry(reference.version).or_default();
            let has_several = projects[&*reference.ref_name] > 1;
            names.push(named(reference, has_several));
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
    kinds: &'r [&'r str],
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
            kinds: &change.kinds,
            snapshots: change.snapshots_gone(),
            repositories: repositories.collect(),
        }
    }
}
