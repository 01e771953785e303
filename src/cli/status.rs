//! `status`: the version of every ref.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, IsTerminal as _};

use crate::catalog::Deprecation;
use crate::git::RefScope;
use crate::project::{LoadError, Project, RefState, RefStatus, Warning};
use crate::report::{RefMap, StatusReport};
use crate::store;
use crate::text;

use super::failure::{Exit, Failure, quoted};
use super::fleet::FleetArguments;
use super::global::{Format, Global};
use super::output::Output;
use super::{complete, html};

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate status                  every branch and tag
  ocl-migrate status --all            pull requests, remotes and notes too
  ocl-migrate status main v1.0 HEAD~3
  ocl-migrate status --all --fail-on deprecated,invalid    for CI
  ocl-migrate status --repos '/srv/repos/*.git'            many repositories, a row for each
  ocl-migrate status --repos list --shard 2/10 --format json > 2.jsonl    a part, for `report`")]
pub(super) struct Arguments {
    /// Branches, tags, commits or environments (default: every branch and tag)
    #[arg(value_name = "REF", conflicts_with = "all", add = complete::refs())]
    revisions: Vec<String>,
    /// Every ref there is
    #[arg(long)]
    all: bool,
    /// Exit with code 1 if any ref is so (several: deprecated,invalid)
    #[arg(long, value_name = "STATE", value_delimiter = ',')]
    fail_on: Vec<FailOn>,
    #[command(flatten)]
    pub(super) html: html::PageFile,
    #[command(flatten)]
    pub(super) fleet: FleetArguments,
}

/// What `--fail-on` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    /// At a version that the catalog's authors want to be left
    Deprecated,
    /// Below the server version
    Behind,
    /// Below the version at which the catalog begins
    Retired,
    /// Above the server version
    Ahead,
    /// Without a version that can be read
    Invalid,
}

impl FailOn {
    fn is_met(self, status: &RefStatus<'_>) -> bool {
        match self {
            FailOn::Deprecated => status.deprecation.is_some(),
            FailOn::Behind => matches!(status.state, RefState::Behind(_)),
            FailOn::Retired => matches!(status.state, RefState::Retired(_)),
            FailOn::Ahead => matches!(status.state, RefState::Ahead(_)),
            FailOn::Invalid => matches!(status.state, RefState::Invalid(_)),
        }
    }
}

pub(super) fn run(
    global: &Global,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    arguments.html.check()?;
    let project = global.open()?;
    let mut table = Table::default();
    let mut versions = ProjectVersions::default();
    let mut map = RefMap::of_status(project.catalog());
    let mut exit = Exit::Done;
    let mut visit = |status: &RefStatus<'_>| -> Result<(), Failure> {
        let version = versions.of(&project, status.base_path)?;
        if arguments.fail_on.iter().any(|state| state.is_met(status)) {
            exit = output.knows(Exit::Failure);
        }
        if arguments.html.wanted() {
            map.add_status(status, version);
        }
        match global.format {
            Format::Json => {
                let server = project.catalog().server_version();
                let warnings = versions.warnings.as_slice();
                output.json(&StatusReport::new(status, version, server, warnings))?;
            }
            Format::Text => table.push(status),
        }
        Ok(())
    };
    global.check_base_path(&project, &arguments.revisions)?;
    let mut refs = project.status();
    if arguments.revisions.is_empty() {
        let scope = if arguments.all {
            RefScope::All
        } else {
            RefScope::BranchesAndTags
        };
        refs.every_ref(scope, &mut visit)?;
    } else {
        for revision in &arguments.revisions {
            refs.revision(global.revision(&project, revision), &mut visit)?;
        }
    }
    table.print(project.catalog().server_version(), output)?;
    if let Some(LeftOut {
        ref_name,
        command,
        others,
    }) = &table.left_out
    {
        let also = match others {
            0 => String::new(),
            others => format!(
                "; {} like it: `{} doctor` has a command for all of them",
                match others {
                    1 => "another ref is".to_owned(),
                    others => format!("{} other refs are", text::grouped(*others)),
                },
                global.program()
            ),
        };
        let name = text::visible_line(ref_name);
        output.hint(format_args!("fetch all of {name} with: {command}{also}"));
    }
    if global.format == Format::Text {
        for (deprecation, refs) in &table.deprecated {
            let are = if *refs == 1 { "is" } else { "are" };
            output.warning(format_args!(
                "{} of these {are} at a version that is {deprecation}",
                text::grouped(*refs)
            ));
        }
        table.tell_elsewhere(global, output);
        for warning in &versions.warnings {
            output.warning(warning);
        }
    }
    map.warn(&versions.warnings);
    if arguments.revisions.is_empty() && !arguments.all && global.format == Format::Text {
        let nothing = table.rows.is_empty();
        tell_of_remotes(
            &project,
            nothing,
            &format!("{} status", global.program()),
            output,
        )?;
    }
    arguments
        .html
        .write(global, || Ok::<_, Failure>(map.page()), output)?;
    Ok(exit)
}

/// Mentions refs that are neither branches nor tags: a fresh clone has one branch of its own. Where something was found, only
/// to a person: it takes a second look at the refs.
pub(super) fn tell_of_remotes(
    project: &Project,
    nothing: bool,
    command: &str,
    output: &mut Output,
) -> Result<(), Failure> {
    if !nothing && !io::stderr().is_terminal() {
        return Ok(());
    }
    let refs = project.repository().ref_names(RefScope::All)?;
    let remotes = refs.iter();
    let remotes = remotes.filter(|name| name.starts_with("refs/remotes/"));
    match remotes.count() {
        0 if nothing && refs.is_empty() => match project.repository().resolve("HEAD") {
            Ok(_) => output
                .hint("there is no branch: HEAD names a commit; to have one: git switch -c NAME"),
            Err(_) => output.hint("there is no ref yet: nothing is committed"),
        },
        0 => {}
        1 => output.hint(format_args!(
            "1 branch of a remote was not looked at; with it: {command} --all"
        )),
        count => output.hint(format_args!(
            "{} branches of remotes were not looked at; with them: {command} --all",
            text::grouped(count)
        )),
    }
    Ok(())
}

/// The projects' versions in the store, each asked for once.
#[derive(Default)]
struct ProjectVersions {
    known: HashMap<String, Option<u32>>,
    /// That the store can't be used, once that was met.
    warnings: Vec<String>,
}

impl ProjectVersions {
    fn of(&mut self, project: &Project, base_path: &str) -> Result<Option<u32>, Failure> {
        if let Some(version) = self.known.get(base_path) {
            return Ok(*version);
        }
        let read = project
            .store()
            .filter(|_| self.warnings.is_empty())
            .map(|store| store.read(&project.key(base_path))?.version());
        let version = match read {
            None | Some(Err(store::Error::Absent { .. })) => None,
            Some(Ok(version)) => version,
            Some(Err(error)) if error.unusable().is_some() => {
                let reason = error.to_string();
                let kinds = Vec::new();
                let warning = Warning::StoreUnusable { reason, kinds };
                self.warnings.push(warning.to_string());
                None
            }
            Some(Err(error)) => return Err(Failure::Load(error.into())),
        };
        self.known.insert(base_path.to_owned(), version);
        Ok(version)
    }
}

/// A message without the source line it shows, but with its place.
fn on_one_line(message: &str) -> String {
    let first = text::first_line(message);
    let second = message.lines().nth(1);
    match second.and_then(|line| line.trim_start().strip_prefix("--> ")) {
        Some(place) => format!("{place}: {first}"),
        None => first.to_owned(),
    }
}

/// The rows of the text form; columns are as wide as they must be. There may be a million: a row is small.
#[derive(Default)]
struct Table {
    names: String,
    rows: Vec<Row>,
    /// What comes after the name, each text once.
    ends: Vec<[String; 3]>,
    by_end: HashMap<[String; 3], u32>,
    name_width: usize,
    /// What a partial clone left out.
    left_out: Option<LeftOut>,
    /// The rows without a project whose commits have some elsewhere: by its base path and theirs, the first ref, and how many there
    /// are.
    elsewhere: BTreeMap<(String, Vec<String>), (String, usize)>,
    /// How many rows are at versions that are deprecated.
    deprecated: BTreeMap<Deprecation, usize>,
}

/// As wide as states are, but for what is said of an invalid one.
const STATE_WIDTH: usize = 24;

/// The first row of which a partial clone left something out.
struct LeftOut {
    ref_name: String,
    /// Fetches it.
    command: String,
    /// How many other rows are like it.
    others: usize,
}

struct Row {
    name_end: usize,
    end: u32,
}

impl Table {
    fn push(&mut self, status: &RefStatus<'_>) {
        let version = status
            .state
            .version()
            .map_or("-".to_owned(), |version| version.to_string());
        let state = match status.state {
            RefState::Behind(_) | RefState::Uninitialised => {
                format!(
                    "{}, {} pending",
                    status.state.name(),
                    text::count(status.pending, "step")
                )
            }
            RefState::Invalid(message) => {
                self.note_left_out(status.ref_name, message);
                format!("invalid: {}", on_one_line(message))
            }
            RefState::Current(_) | RefState::Ahead(_) | RefState::Retired(_) => {
                status.state.name().to_owned()
            }
        };
        let state = match status.deprecation {
            Some(deprecation) => {
                *self.deprecated.entry(deprecation.clone()).or_default() += 1;
                format!("{state}, deprecated")
            }
            None => state,
        };
        if !status.elsewhere.is_empty() {
            let key = (status.base_path.to_owned(), status.elsewhere.to_vec());
            let first = || (status.ref_name.to_owned(), 0);
            self.elsewhere.entry(key).or_insert_with(first).1 += 1;
        }
        let ends = &mut self.ends;
        let end = [text::folder(status.base_path).to_owned(), version, state];
        let end = *self.by_end.entry(end).or_insert_with_key(|end| {
            ends.push(end.clone());
            u32::try_from(ends.len() - 1).expect("memory ends before four thousand million rows")
        });
        self.name_width = self.name_width.max(text::columns(status.ref_name));
        self.names.push_str(status.ref_name);
        self.rows.push(Row {
            name_end: self.names.len(),
            end,
        });
    }

    fn tell_elsewhere(&self, global: &Global, output: &mut Output) {
        for ((base_path, base_paths), (first, refs)) in &self.elsewhere {
            let and = match refs {
                1 => String::new(),
                refs => format!(" and {} more", text::grouped(refs - 1)),
            };
            let warning = Warning::NothingThere {
                base_path: base_path.clone(),
                base_paths: base_paths.clone(),
            };
            output.warning(format_args!("{first}{and}: {warning}"));
            if let Some(there) = base_paths.first() {
                let there = quoted(text::folder(there));
                let program = global.program();
                output.hint(format_args!(
                    "look there: {program} --base-path {there} status"
                ));
            }
        }
    }

    fn note_left_out(&mut self, ref_name: &str, message: &str) {
        let Some((_, command)) = LoadError::without_fetch_command(message) else {
            return;
        };
        match &mut self.left_out {
            Some(first) => first.others += 1,
            None => {
                self.left_out = Some(LeftOut {
                    ref_name: ref_name.to_owned(),
                    command: command.to_owned(),
                    others: 0,
                });
            }
        }
    }

    fn print(&self, server_version: u32, output: &mut Output) -> Result<(), Failure> {
        if self.rows.is_empty() {
            return Ok(());
        }
        output.page();
        let paths = self.ends.iter().map(|[path, ..]| text::columns(path));
        let (mut refs, paths) = (self.name_width.max(3), paths.max().unwrap_or(0).max(9));
        // Where a terminal is too narrow for the longest names, those have a line of their own.
        if let Some(width) = output.width() {
            let room = width.saturating_sub(paths + STATE_WIDTH + 13);
            refs = refs.min(room.max(3));
        }
        output.heading(format_args!(
            "{:<refs$}  {:<paths$}  {:>7}  STATE (server {server_version})",
            "REF", "BASE PATH", "VERSION"
        ))?;
        let mut start = 0;
        for row in &self.rows {
            let mut name = &self.names[start..row.name_end];
            if text::columns(name) > refs {
                output.line(name)?;
                name = "";
            }
            let [path, version, state] = &self.ends[row.end as usize];
            let (after_name, after_path) = (text::padding(name, refs), text::padding(path, paths));
            output.line(format_args!(
                "{name}{after_name}  {path}{after_path}  {version:>7}  {state}"
            ))?;
            start = row.name_end;
        }
        Ok(())
    }
}
