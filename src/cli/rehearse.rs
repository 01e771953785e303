//! `rehearse`: every ref migrated in memory, and what came of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::git::{RefPattern, RefScope};
use crate::plan::PlanError;
use crate::project::{
    DocumentWarning, LoadOptions, LookupKey, Project, RehearsalGroup, RehearsalGroups,
    RehearsalMember, Rehearsed, RehearsedOutcome, RehearsedProject, Spread,
};
use crate::report::{RefMap, RehearsalSummary, RehearsedReport};
use crate::text::{self, count, folder, grouped};

use super::discover::discover;
use super::failure::{Exit, Failure};
use super::fleet::FleetArguments;
use super::global::{Format, Global, SHORT_LIVED};
use super::html;
use super::lookups::fill_in_for;
use super::output::Output;
use super::progress::{Progress, folder_of};

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate rehearse                                   every branch and tag
  ocl-migrate --catalog newer/steps rehearse --all       what an upgrade would do
  ocl-migrate rehearse --to 5                            what rolling back to version 5 would do
  ocl-migrate rehearse 'release/*' --format json
  ocl-migrate rehearse --repos '/srv/repos/*.git' --resume lines.jsonl    many repositories")]
pub(super) struct Arguments {
    /// Branches, tags, commits or environments, or patterns of refs (`release/*`) (default: every branch and tag)
    #[arg(value_name = "REF", conflicts_with = "all", add = super::complete::refs())]
    revisions: Vec<String>,
    /// Every ref there is
    #[arg(long)]
    all: bool,
    /// A further repository; may be given several times
    #[arg(long, value_name = "DIR", conflicts_with = "repos")]
    also_repo: Vec<PathBuf>,
    /// The version to migrate to (default: the server version)
    #[arg(long, value_name = "N")]
    to: Option<u32>,
    /// Name every ref, not only the first few of each result
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    pub(super) html: html::PageFile,
    #[command(flatten)]
    pub(super) fleet: FleetArguments,
}

/// How many refs of a result are named.
const NAMED: usize = 5;

pub(super) fn run(
    global: &Global,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    arguments.html.check()?;
    let folders = std::iter::once(&global.repo).chain(&arguments.also_repo);
    let folders: Vec<&PathBuf> = folders.collect();
    let catalog = global.catalog()?;
    let server = catalog.server_version();
    // Otherwise each ref would fail by itself.
    match arguments.to {
        Some(0) => return Err(PlanError::TargetZero.into()),
        Some(target) if catalog.retires(target).is_some() => {
            let baseline = catalog.lowest_version();
            return Err(PlanError::TargetRetired { target, baseline }.into());
        }
        Some(target) if target > server => {
            return Err(PlanError::TargetAboveServer { target, server }.into());
        }
        _ => {}
    }
    let projects: Vec<Project> = folders
        .iter()
        .map(|folder| match &global.served {
            Some(served) => Ok(served.project.clone()),
            None => global.project_in(discover(folder, SHORT_LIVED)?, catalog.clone()),
        })
        .collect::<Result<_, Failure>>()?;
    // One repository's names for its refs mean nothing in another.
    let revisions: Vec<String> = match &*projects {
        [project] => {
            let words = arguments.revisions.iter();
            let revisions = words.map(|word| global.revision(project, word).to_owned());
            revisions.collect()
        }
        _ => arguments.revisions.clone(),
    };
    refuse_unknown_base_path(global, &projects, &revisions)?;
    let names: Vec<String> = projects
        .iter()
        .map(|project| match &global.fleet {
            Some(member) => member.name.clone(),
            None => folder_of(project.repository()),
        })
        .collect();
    let mut progress = Progress::of(global);
    let mut rehearsed = Vec::new();
    for (project, name) in projects.iter().zip(&names) {
        progress.begin(name);
        rehearsed.push(rehearse(project, arguments, &revisions, &mut progress)?);
    }
    progress.end();
    let groups = RehearsalGroups::of(&rehearsed);
    let results = Results {
        names: &names,
        rehearsed: &rehearsed,
        groups: &groups,
    };
    let exit = output.knows(match groups.count(RehearsedOutcome::Failed) {
        0 => Exit::Done,
        _ => Exit::Failure,
    });
    match global.format {
        Format::Json => results.print_json(output)?,
        Format::Text => {
            results.print_text(arguments.list, output)?;
            results.tell_missing_lookups(global, &projects, &folders, output);
        }
    }
    if let ([project], false, true) = (
        &*projects,
        arguments.all,
        arguments.revisions.is_empty() && global.format == Format::Text,
    ) {
        let nothing = rehearsed.iter().all(Rehearsed::is_empty);
        let command = format!("{} rehearse", global.program());
        super::status::tell_of_remotes(project, nothing, &command, output)?;
    }
    let page =
        || Ok::<_, Failure>(RefMap::of_rehearsal(&catalog, &names, &rehearsed, &groups).page());
    arguments.html.write(global, page, output)?;
    Ok(exit)
}

/// Refuses a base path that none of the repositories has.
fn refuse_unknown_base_path(
    global: &Global,
    projects: &[Project],
    revisions: &[String],
) -> Result<(), Failure> {
    let mut refused = Ok(());
    for project in projects {
        let checked = global.check_base_path(project, revisions);
        if checked.is_ok() {
            return Ok(());
        }
        refused = refused.and(checked);
    }
    refused
}

fn rehearse(
    project: &Project,
    arguments: &Arguments,
    revisions: &[String],
    progress: &mut Progress,
) -> Result<Rehearsed, Failure> {
    let options = LoadOptions {
        target: arguments.to,
    };
    let mut rehearsal = project
        .rehearsal(options)
        .on_progress(|at| progress.tell(at));
    let (patterns, names): (Vec<&String>, Vec<&String>) = revisions
        .iter()
        .partition(|text| RefPattern::is_pattern(text));
    for name in names {
        rehearsal.add_revision(name)?;
    }
    if !patterns.is_empty() {
        let patterns: Vec<RefPattern> = patterns.into_iter().map(RefPattern::new).collect();
        rehearsal.add_matching(&patterns)?;
    }
    if revisions.is_empty() {
        rehearsal.add_scope(if arguments.all {
            RefScope::All
        } else {
            RefScope::BranchesAndTags
        })?;
    }
    Ok(rehearsal.run())
}

struct Results<'r> {
    names: &'r [String],
    rehearsed: &'r [Rehearsed],
    groups: &'r RehearsalGroups,
}

impl Results<'_> {
    fn print_json(&self, output: &mut Output) -> Result<(), Failure> {
        for (repository, rehearsed) in self.rehearsed.iter().enumerate() {
            for (index, reference) in rehearsed.refs().enumerate() {
                for (place, project) in reference.projects.iter().enumerate() {
                    let group = self.groups.place_of(repository, rehearsed, index, place);
                    let name = &self.names[repository];
                    output.json(&RehearsedReport::new(name, reference, project, group))?;
                }
            }
        }
        Ok(output.json(&RehearsalSummary::new(self.rehearsed, self.groups))?)
    }

    fn print_text(&self, list: bool, output: &mut Output) -> Result<(), Failure> {
        for group in &self.groups.groups {
            self.print_group(group, list, output)?;
            output.line("")?;
        }
        self.print_totals(output)?;
        self.tell_warnings(output);
        Ok(())
    }

    fn print_group(
        &self,
        group: &RehearsalGroup,
        list: bool,
        output: &mut Output,
    ) -> Result<(), Failure> {
        let members = group.members.len();
        let verb = |one: &'static str, many: &'static str| if members == 1 { one } else { many };
        let what = match group.outcome {
            RehearsedOutcome::Failed => "can't be migrated".to_owned(),
            RehearsedOutcome::Loses if self.first_of(group).is_some_and(|p| p.sets_aside()) => {
                "can't carry a value down".to_owned()
            }
            RehearsedOutcome::Loses => format!("{} a value", verb("loses", "lose")),
            RehearsedOutcome::Changed => {
                let version = group.branch_version;
                let version =
                    version.map_or("uninitialised".to_owned(), |v| format!("at version {v}"));
                format!("{version} {}", verb("changes", "change"))
            }
            RehearsedOutcome::Unchanged => {
                let has = verb("has", "have");
                match RehearsalGroups::moving_markers(group, self.rehearsed) {
                    0 => format!("{has} nothing to do"),
                    moving if moving == members => {
                        format!("{has} no document to change, only the marker")
                    }
                    moving => format!(
                        "{has} no document to change, {} of them only the marker",
                        grouped(moving)
                    ),
                }
            }
        };
        output.heading(format_args!("{} {what}", self.counted(members)))?;
        for line in &group.traits {
            output.line(format_args!("  {line}"))?;
        }
        if group.outcome != RehearsedOutcome::Failed && group.changed.most > 0 {
            output.line(format_args!(
                "  in each: {}; lines: {} added, {} removed",
                spread(group.changed, "document"),
                numbers(group.added),
                numbers(group.removed)
            ))?;
        }
        self.print_example(group, output)?;
        let mut names = group.members.iter().map(|member| self.named(*member));
        if list {
            return Ok(names.try_for_each(|name| output.aside(format_args!("  {name}")))?);
        }
        Ok(output.aside(format_args!("  {}", text::some_of(names, NAMED)))?)
    }

    fn first_of(&self, group: &RehearsalGroup) -> Option<&RehearsedProject> {
        let member = group.members.first()?;
        let reference = self.rehearsed[member.repository()].get(member.reference());
        Some(&reference.projects[member.project()])
    }

    /// What failed or is lost in the first ref, with its place.
    fn print_example(&self, group: &RehearsalGroup, output: &mut Output) -> Result<(), Failure> {
        let (Some(member), Some(project)) = (group.members.first(), self.first_of(group)) else {
            return Ok(());
        };
        // What fails as a whole is said above, but for the line that it shows.
        let failures = project.failures.iter().filter(|failure| {
            failure.document.is_some() || failure.message.lines().nth(1).is_some()
        });
        let failures = failures.map(|failure| &failure.message);
        let losses = project.losses.iter();
        let losses = losses.map(|(document, loss)| format!("{document}: {loss}"));
        let examples: Vec<String> = failures.cloned().chain(losses).collect();
        if examples.is_empty() {
            return Ok(());
        }
        output.line(format_args!("  in {}:", self.named(*member)))?;
        for example in examples.iter().take(NAMED) {
            for line in example.lines() {
                output.line(format_args!("    {line}"))?;
            }
        }
        if let more @ 1.. = examples.len().saturating_sub(NAMED) {
            output.line(format_args!("    and {} more", grouped(more)))?;
        }
        Ok(())
    }

    fn print_totals(&self, output: &mut Output) -> Result<(), Failure> {
        let counted = |outcome| grouped(self.groups.count(outcome));
        let groups = || self.groups.groups.iter();
        let documents: usize = groups().map(|group| group.changed.sum).sum();
        let added: usize = groups().map(|group| group.added.sum).sum();
        let removed: usize = groups().map(|group| group.removed.sum).sum();
        let refs: usize = self.rehearsed.iter().map(Rehearsed::len).sum();
        let mut all = count(refs, "ref");
        if self.projects() != refs {
            all.push_str(&format!(" with {}", count(self.projects(), "project")));
        }
        output.line(format_args!(
            "{all}: {} failed, {} losing a value, {} changed, {} without a change to documents",
            counted(RehearsedOutcome::Failed),
            counted(RehearsedOutcome::Loses),
            counted(RehearsedOutcome::Changed),
            counted(RehearsedOutcome::Unchanged),
        ))?;
        Ok(output.line(format_args!(
            "{} would change; lines: {} added, {} removed",
            count(documents, "document"),
            grouped(added),
            grouped(removed)
        ))?)
    }

    fn tell_warnings(&self, output: &mut Output) {
        let mut warnings: BTreeMap<&str, usize> = BTreeMap::new();
        for reference in self.rehearsed.iter().flat_map(Rehearsed::refs) {
            for warning in reference.projects.iter().flat_map(|p| &p.warnings) {
                *warnings.entry(warning).or_default() += 1;
            }
        }
        for (warning, times) in warnings {
            output.warning(format_args!("{warning} ({})", self.counted(times)));
        }
    }

    /// The lookups without an answer, with one command for each repository that answers all of them.
    fn tell_missing_lookups(
        &self,
        global: &Global,
        projects: &[Project],
        repositories: &[&PathBuf],
        output: &mut Output,
    ) {
        let mut missing: BTreeMap<&LookupKey, usize> = BTreeMap::new();
        let mut hints = Vec::new();
        let found = repositories.iter().zip(projects).zip(self.rehearsed);
        for ((repo, project), rehearsed) in found {
            let (mut keys, mut base_paths) = (BTreeSet::new(), BTreeSet::new());
            for found in rehearsed.refs().flat_map(|reference| reference.projects) {
                for lookup in &found.missing_lookups {
                    *missing.entry(lookup).or_default() += 1;
                    keys.insert(lookup);
                    base_paths.insert(&*found.base_path);
                }
            }
            if !keys.is_empty() {
                let base_paths: Vec<&str> = base_paths.into_iter().collect();
                let catalog = project.catalog();
                hints.extend(fill_in_for(global, repo, catalog, &base_paths, keys));
            }
        }
        for (lookup, times) in &missing {
            let warning = DocumentWarning::MissingLookup((*lookup).clone());
            output.warning(format_args!("{warning} ({})", self.counted(*times)));
        }
        if global.store_is_file() {
            for hint in hints {
                output.hint(hint);
            }
        }
    }

    fn projects(&self) -> usize {
        let groups = self.groups.groups.iter();
        groups.map(|group| group.members.len()).sum()
    }

    /// Refs, where each has one project; else projects.
    fn counted(&self, number: usize) -> String {
        let refs: usize = self.rehearsed.iter().map(Rehearsed::len).sum();
        let noun = if self.projects() == refs {
            "ref"
        } else {
            "project"
        };
        count(number, noun)
    }

    fn named(&self, member: RehearsalMember) -> String {
        let reference = self.rehearsed[member.repository()].get(member.reference());
        let mut name = String::new();
        if self.names.len() > 1 {
            name.push_str(&self.names[member.repository()]);
            name.push(' ');
        }
        name.push_str(reference.name);
        if reference.projects.len() > 1 {
            let base_path = &reference.projects[member.project()].base_path;
            name.push_str(&format!(" {}", folder(base_path)));
        }
        name
    }
}

/// `1 document`, or `2 to 5 documents`.
fn spread(spread: Spread, noun: &str) -> String {
    if spread.least == spread.most {
        count(spread.most, noun)
    } else {
        format!("{} {noun}s", numbers(spread))
    }
}

fn numbers(spread: Spread) -> String {
    if spread.least == spread.most {
        grouped(spread.most)
    } else {
        format!("{} to {}", grouped(spread.least), grouped(spread.most))
    }
}
