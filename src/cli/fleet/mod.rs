//! `--repos`: a command over many repositories, one after the other on each core.
//!
//! What the command prints in JSON about a repository makes a block of lines, which ends with a line that has `done`. Blocks come
//! in the order in which they are ready, and each whole. The text form is what [`Fleet`] counts in the same lines.

mod list;
mod log;
mod shard;

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;

use serde::Serialize;

use crate::catalog::Catalog;
use crate::project::SharedCache;
use crate::report::{FORMAT_VERSION, Fleet, FleetHead, FleetList, FleetShard, HtmlPage};
use crate::text::count;

use super::error_json::ErrorReport;
use super::failure::{Exit, Failure};
use super::global::{Format, Global};
use super::html::PageFile;
use super::opened::MemberOfFleet;
use super::output::Output;
use super::progress::Progress;
use super::report::print_table;
use super::settings;
use super::shadowed::warn_shadowed;
use list::Member;
use log::Log;

/// What the cache that all repositories share may hold, in bytes.
const CACHE_BYTES: u64 = 256 << 20;

/// As many different warnings are told, in the text form.
const WARNINGS: usize = 20;

// The options of a command that can look at many repositories. As a comment for documentation, it would be that command's help.
#[derive(Default, Clone, clap::Args)]
#[command(next_help_heading = "Many repositories")]
pub(super) struct FleetArguments {
    /// Look at many repositories: those that a file lists (`-`: standard input), or that fit a pattern in quotes; may be given
    /// several times
    #[arg(long, value_name = "FILE|GLOB", value_hint = clap::ValueHint::FilePath)]
    repos: Vec<PathBuf>,
    /// With --repos: only this part of the repositories, by their names (`2/10`); `report` puts the parts together
    #[arg(long, value_name = "I/N", requires = "repos", value_parser = shard::parse)]
    shard: Option<FleetShard>,
    /// With --repos: keep the lines in this file too, and don't do again what is done there
    #[arg(long, value_name = "FILE", requires = "repos", value_hint = clap::ValueHint::FilePath)]
    resume: Option<PathBuf>,
}

/// Nothing: what is asked is the same for other repositories.
impl fmt::Debug for FleetArguments {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl FleetArguments {
    /// Whether the command is about many repositories.
    pub(super) fn wanted(&self) -> bool {
        !self.repos.is_empty()
    }
}

/// A command to run for each repository.
pub(super) struct Question<'q> {
    pub(super) command: &'static str,
    /// All of its options.
    pub(super) options: String,
    pub(super) run: &'q (dyn Fn(&Global, &mut Output) -> Result<Exit, Failure> + Sync),
    /// Where its page goes, if it has one.
    pub(super) page: Option<&'q PageFile>,
}

/// What came of a repository.
struct Block {
    lines: Vec<u8>,
    /// Warnings and notes: each a line of JSON.
    told: Vec<u8>,
}

/// Runs a command for each repository.
pub(super) fn run(
    arguments: &FleetArguments,
    global: &Global,
    question: &Question<'_>,
    output: &mut Output,
) -> Result<Exit, Failure> {
    if let Some(page) = question.page {
        page.check()?;
    }
    let mut members = list::members(&arguments.repos)?;
    expect_projects(global, &members)?;
    let whole = list_of(&members);
    if let Some(shard) = arguments.shard {
        members.retain(|member| shard::holds(shard, &member.name));
    }
    // Loaded once for all, and what is wrong with it is no repository's fault.
    let catalog = global.catalog()?;
    let head = FleetHead {
        whole: arguments.shard.map(|_| whole),
        ..head(arguments, global, question, &catalog, &members)
    };
    let head_line = head_line(&head)?;
    let mut fleet = Fleet::default();
    let is_json = global.format == Format::Json;
    let mut log = match &arguments.resume {
        Some(path) => {
            let print = &mut |line: &str| {
                if is_json {
                    output.raw_lines(line.as_bytes())?;
                }
                Ok(())
            };
            Some(Log::open(path, &head, &head_line, &mut fleet, print)?)
        }
        None => None,
    };
    let mut sink = Sink {
        fleet,
        log: log.as_mut(),
        is_json,
        warnings: BTreeMap::new(),
    };
    if sink.fleet.head().is_none() {
        sink.take(head_line.as_bytes(), output)?;
    }
    members.retain(|member| !sink.fleet.is_done(&member.name));
    let (shared, member) = shared(global, catalog);
    run_all(&members, &shared, &member, question, &mut sink, output)?;
    let Sink {
        fleet, warnings, ..
    } = sink;
    let exit = output.knows(if fleet.is_well() {
        Exit::Done
    } else {
        Exit::Failure
    });
    if !is_json {
        print_table(&fleet, output)?;
        for (warning, times) in warnings.iter().take(WARNINGS) {
            output.warning(format_args!("{warning} ({})", count(*times, "repository")));
        }
        if let more @ 1.. = warnings.len().saturating_sub(WARNINGS) {
            output.note(format_args!(
                "and {}, which --format json shows",
                count(more, "other warning")
            ));
        }
    }
    if let Some(page) = question.page {
        page.write(global, || Ok::<_, Failure>(HtmlPage::fleet(&fleet)), output)?;
    }
    Ok(exit)
}

/// What all repositories share.
fn shared(global: &Global, catalog: Arc<Catalog>) -> (Global, MemberOfFleet) {
    let catalogs = BTreeMap::from([(global.catalog.clone(), catalog)]);
    let member = MemberOfFleet {
        catalogs: Arc::new(Mutex::new(catalogs)),
        name: String::new(),
    };
    let mut shared = global.clone();
    shared.cache = Some(SharedCache::new(CACHE_BYTES));
    (shared, member)
}

/// Calls `visit` for each repository that these name, one after the other, with the options as they are for it.
pub(super) fn many(
    repos: &[PathBuf],
    global: &Global,
    mut visit: impl FnMut(&str, Result<Global, Failure>),
) -> Result<(), Failure> {
    let members = list::members(repos)?;
    expect_projects(global, &members)?;
    let (global, fleet) = shared(global, global.catalog()?);
    let mut progress = Progress::new();
    for (done, member) in members.iter().enumerate() {
        visit(&member.name, global_of(member, &global, &fleet));
        progress.tell_repositories(done + 1, members.len());
    }
    progress.end();
    Ok(())
}

/// A store that repositories share goes by projects' names, and a folder's name is no answer: all may have the same folder.
fn expect_projects(global: &Global, members: &[Member]) -> Result<(), Failure> {
    if global.project.is_some() {
        return Err(Failure::Usage(
            "--project names one repository's project: with --repos, each one's stands in the list, as `{\"repository\": \
             \"DIR\", \"project\": \"NAME\"}`"
                .into(),
        ));
    }
    let is_shared = global.shares_store();
    let nameless = members.iter().find(|member| member.project.is_none());
    match nameless.filter(|_| is_shared) {
        None => Ok(()),
        Some(member) => Err(Failure::Usage(format!(
            "the store is one for all repositories, and the project of {} isn't named: each one's stands in the list, as \
             `{{\"repository\": \"DIR\", \"project\": \"NAME\"}}`",
            member.name
        ))),
    }
}

fn head(
    arguments: &FleetArguments,
    global: &Global,
    question: &Question<'_>,
    catalog: &Catalog,
    members: &[Member],
) -> FleetHead {
    let asked = format!(
        "{}\n{:?}\n{:?}",
        question.options,
        global.base_path,
        catalog.digest()
    );
    let FleetList { repositories, list } = list_of(members);
    FleetHead {
        command: question.command.to_owned(),
        question: format!("{:016x}", shard::hash(asked.bytes())),
        catalog: catalog.name().to_owned(),
        server_version: catalog.server_version(),
        shard: arguments.shard,
        repositories,
        list,
        whole: None,
    }
}

fn list_of(members: &[Member]) -> FleetList {
    let names = members.iter().flat_map(|member| [&member.name, "\n"]);
    FleetList {
        repositories: members.len(),
        list: format!("{:016x}", shard::hash(names.flat_map(str::bytes))),
    }
}

/// The first line of the output, with its end.
fn head_line(head: &FleetHead) -> Result<String, Failure> {
    #[derive(Serialize)]
    struct HeadLine<'h> {
        format_version: u32,
        fleet: &'h FleetHead,
    }
    let line = HeadLine {
        format_version: FORMAT_VERSION,
        fleet: head,
    };
    Ok(serde_json::to_string(&line).map_err(std::io::Error::from)? + "\n")
}

/// Where the blocks go.
struct Sink<'s> {
    fleet: Fleet,
    log: Option<&'s mut Log>,
    is_json: bool,
    /// How many repositories have each warning.
    warnings: BTreeMap<String, usize>,
}

impl Sink<'_> {
    fn take(&mut self, lines: &[u8], output: &mut Output) -> Result<(), Failure> {
        for line in String::from_utf8_lossy(lines).lines() {
            let added = self.fleet.add_line(line);
            added.map_err(|error| Failure::Other(error.to_string()))?;
        }
        if let Some(log) = &mut self.log {
            log.add(lines)?;
        }
        if self.is_json {
            output.raw_lines(lines)?;
        }
        Ok(())
    }

    fn tell(&mut self, told: &[u8], output: &mut Output) {
        for line in String::from_utf8_lossy(told).lines() {
            let Ok(value) = serde_json::from_str::<serde_json::Value>(line) else {
                continue;
            };
            if self.is_json {
                output.error_json(&value);
            } else if let Some(warning) =
                value.pointer("/warning/message").and_then(|it| it.as_str())
            {
                *self.warnings.entry(warning.to_owned()).or_default() += 1;
            }
        }
    }
}

fn run_all(
    members: &[Member],
    global: &Global,
    fleet: &MemberOfFleet,
    question: &Question<'_>,
    sink: &mut Sink<'_>,
    output: &mut Output,
) -> Result<(), Failure> {
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let next = AtomicUsize::new(0);
    let (sender, receiver) = sync_channel(2 * threads);
    let work = |sender: SyncSender<Block>| {
        while let Some(member) = members.get(next.fetch_add(1, Ordering::Relaxed)) {
            if sender
                .send(run_one(member, global, fleet, question))
                .is_err()
            {
                return;
            }
        }
    };
    let work = &work;
    thread::scope(|scope| {
        for _ in 0..threads.min(members.len()) {
            let sender = sender.clone();
            thread::Builder::new()
                .spawn_scoped(scope, move || work(sender))
                .map_err(|error| Failure::Other(format!("no thread can be started: {error}")))?;
        }
        drop(sender);
        collect(receiver, members.len(), sink, output)
    })
}

/// Takes the blocks as they come. Where it ends early, its end of the channel closes, and with it the work.
fn collect(
    receiver: Receiver<Block>,
    of: usize,
    sink: &mut Sink<'_>,
    output: &mut Output,
) -> Result<(), Failure> {
    let mut progress = Progress::new();
    progress.begin("repositories");
    for (done, block) in receiver.into_iter().enumerate() {
        sink.tell(&block.told, output);
        sink.take(&block.lines, output)?;
        if !sink.fleet.is_well() {
            output.knows(Exit::Failure);
        }
        progress.tell_repositories(done + 1, of);
    }
    progress.end();
    Ok(())
}

/// Runs the command for one repository. What goes wrong is that repository's row.
fn run_one(
    member: &Member,
    global: &Global,
    fleet: &MemberOfFleet,
    question: &Question<'_>,
) -> Block {
    let (mut output, captured) = Output::captured();
    let result = global_of(member, global, fleet).and_then(|global| {
        let exit = (question.run)(&global, &mut output);
        warn_shadowed(&global, &mut output);
        exit
    });
    // Nothing that is captured can fail to be written.
    let finished = output.finish();
    let result = result.and_then(|exit| finished.map(|()| exit));
    drop(output);
    let (lines, told) = captured.take();
    let mut block = Block {
        // The lines of a repository that failed would be there twice, once it is mended.
        lines: if result.is_ok() {
            with_name(&lines, &member.name)
        } else {
            Vec::new()
        },
        told: with_name(&told, &member.name),
    };
    let (exit, error) = match &result {
        Ok(exit) => (*exit, None),
        Err(failure) => (
            failure.exit(),
            Some(ErrorReport::in_passing(failure).into_error()),
        ),
    };
    #[derive(Serialize)]
    struct Done {
        exit_code: u8,
    }
    #[derive(Serialize)]
    struct DoneLine<'d, E> {
        format_version: u32,
        repository: &'d str,
        done: Done,
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<E>,
    }
    let line = DoneLine {
        format_version: FORMAT_VERSION,
        repository: &member.name,
        done: Done {
            exit_code: exit.number(),
        },
        error,
    };
    serde_json::to_writer(&mut block.lines, &line).expect("strings and numbers can be written");
    block.lines.push(b'\n');
    block
}

/// The options as they are for one repository, with its own settings.
fn global_of(member: &Member, global: &Global, fleet: &MemberOfFleet) -> Result<Global, Failure> {
    let mut global = global.clone();
    global.repo = member.path.clone();
    let matches = global.matches.clone();
    settings::apply(&mut global, &matches)?;
    global.repo_is_named = true;
    global.format = Format::Json;
    global.shadowed = Default::default();
    if let Some(base_path) = &member.base_path {
        global.base_path = Some(base_path.clone());
        global.base_path_place = None;
        global.repository_chose_base_path = false;
    }
    if let Some(project) = &member.project {
        global.project = Some(project.clone());
    }
    let member = MemberOfFleet {
        name: member.name.clone(),
        ..fleet.clone()
    };
    global.fleet = Some(member);
    Ok(global)
}

/// Lines of JSON with the repository in each, unless it is there.
fn with_name(lines: &[u8], name: &str) -> Vec<u8> {
    let mut named = Vec::with_capacity(lines.len() * 5 / 4);
    let start = format!("{{\"format_version\":{FORMAT_VERSION},");
    let name = serde_json::Value::from(name).to_string();
    for line in lines.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_prefix(start.as_bytes()) {
            Some(rest) if !rest.starts_with(b"\"repository\":") => {
                named.extend_from_slice(start.as_bytes());
                named.extend_from_slice(b"\"repository\":");
                named.extend_from_slice(name.as_bytes());
                named.push(b',');
                named.extend_from_slice(rest);
            }
            _ => named.extend_from_slice(line),
        }
    }
    named
}
