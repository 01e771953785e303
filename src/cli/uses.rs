//! `uses`: who refers to a thing, what nothing refers to, and what nothing defines.

use std::collections::BTreeSet;

use crate::compare::{ComparedRef, UsePlace, UseQuestion, UseRole, Uses};
use crate::git::RefScope;
use crate::project::{LoadOptions, Project};
use crate::report::{HtmlPage, RefFailedReport, UseReport};
use crate::text::{self, count};

use super::complete;
use super::failure::{Exit, Failure, Refusal};
use super::fleet::FleetArguments;
use super::global::{Format, Global};
use super::html::PageFile;
use super::left_out::Fetches;
use super::named_refs::{NamedRef, name_of, named_refs};
use super::output::Output;
use super::warnings;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate uses Retries                           where a variable is defined and used
  ocl-migrate uses Production --kind environment     only as an environment
  ocl-migrate uses Retries --refs main 'release/*'   in other refs than the current one
  ocl-migrate uses --kind feed                       every feed, with who uses it
  ocl-migrate uses --unused                          what is defined and never used
  ocl-migrate uses --undefined --all                 in all refs, what is used and defined nowhere
  ocl-migrate uses --kind variable --html uses.html  a page with a graph of documents and things
  ocl-migrate uses Retries --format json | jq -r '\"\\(.document):\\(.line) \\(.address)\"'")]
pub(super) struct Arguments {
    /// The name of the thing, as documents write it
    #[arg(value_name = "THING", required_unless_present_any = ["kind", "unused", "undefined"], add = complete::things())]
    thing: Option<String>,
    /// Only things of this kind: `variable`, `environment`, `feed`
    #[arg(long, value_name = "KIND", add = complete::thing_kinds())]
    kind: Option<String>,
    /// What is defined and never referred to in the same ref
    #[arg(long, conflicts_with_all = ["thing", "undefined"])]
    unused: bool,
    /// What is referred to and not defined in the same ref, of the kinds that documents define
    #[arg(long, conflicts_with = "thing")]
    undefined: bool,
    /// Branches, tags, commits or environments, or patterns of refs (`release/*`) (default: the current branch)
    #[arg(long, value_name = "PATTERN", num_args = 1.., add = complete::refs())]
    refs: Vec<String>,
    /// Every ref there is
    #[arg(long, conflicts_with = "refs")]
    all: bool,
    /// The version to look at (default: the server version)
    #[arg(long, value_name = "N")]
    to: Option<u32>,
    /// Name every ref, not only the first few of each place
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    pub(super) html: PageFile,
    #[command(flatten)]
    pub(super) fleet: FleetArguments,
}

/// How many refs of a place are named.
const NAMED: usize = 5;

pub(super) fn run(
    global: &Global,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    arguments.html.check()?;
    let project = global.open()?;
    global.check_base_path(&project, &arguments.refs)?;
    let question = match (&arguments.thing, arguments.unused, arguments.undefined) {
        (Some(thing), ..) => UseQuestion::Thing(thing.clone()),
        (None, true, _) => UseQuestion::Unused,
        (None, _, true) => UseQuestion::Undefined,
        (None, false, false) => UseQuestion::Everything,
    };
    let uses = search(global, &project, arguments, question.clone())?;
    let is_missing = arguments.thing.is_some() && uses.places.is_empty();
    let exit = output.knows(if is_missing || !uses.failed.is_empty() {
        Exit::Failure
    } else {
        Exit::Done
    });
    output.page();
    let mut printer = Printer {
        global,
        uses: &uses,
        arguments,
        has_several_base_paths: uses
            .places
            .windows(2)
            .any(|pair| pair[0].base_path != pair[1].base_path),
        output,
    };
    match global.format {
        Format::Json => printer.json()?,
        Format::Text => printer.text()?,
    }
    let page = || Ok::<_, Failure>(HtmlPage::uses(&uses, &question));
    arguments.html.write(global, page, output)?;
    // A script can't tell an answer without lines from none.
    let is_alone = global.fleet.is_none() && global.served.is_none();
    if is_missing && uses.failed.is_empty() && global.format == Format::Json && is_alone {
        let message = nothing_of(&uses, arguments);
        return Err(Failure::Refused(Refusal::NoSuchThing, message));
    }
    Ok(exit)
}

/// That what was asked for is nowhere.
fn nothing_of(uses: &Uses, arguments: &Arguments) -> String {
    let thing = arguments.thing.as_deref().unwrap_or_default();
    let kind = arguments.kind.as_deref().unwrap_or("thing");
    let refs = count(uses.refs.len(), "ref");
    format!("no {kind} `{thing}` is defined or referred to in {refs}")
}

/// Looks into the refs that were asked for.
fn search(
    global: &Global,
    project: &Project,
    arguments: &Arguments,
    question: UseQuestion,
) -> Result<Uses, Failure> {
    let options = LoadOptions {
        target: arguments.to,
    };
    let search = project.uses(question, arguments.kind.as_deref(), options);
    let mut search = search.map_err(|error| {
        if error.known.is_empty() {
            Failure::Refused(Refusal::NoThings, error.to_string())
        } else {
            Failure::UnknownKind(error)
        }
    })?;
    let (named, patterns) = named_refs(global, project, &arguments.refs);
    for named in named {
        match named {
            NamedRef::Environment(environment) => {
                search.add_environment(&environment.name, &environment.revision)?
            }
            NamedRef::Revision(revision) => search.add_revision(revision)?,
        }
    }
    if !patterns.is_empty() {
        search.add_matching(&patterns)?;
    }
    if arguments.all {
        search.add_scope(RefScope::All)?;
    } else if arguments.refs.is_empty() {
        search.add_revision("HEAD")?;
    }
    Ok(search.run())
}

struct Printer<'o> {
    global: &'o Global,
    uses: &'o Uses,
    arguments: &'o Arguments,
    has_several_base_paths: bool,
    output: &'o mut Output,
}

impl Printer<'_> {
    fn json(&mut self) -> Result<(), Failure> {
        for place in &self.uses.places {
            for (reference, line) in &place.found {
                let reference = &self.uses.refs[*reference];
                self.output.json(&UseReport::new(place, reference, *line))?;
            }
        }
        for (refs, reason) in &self.uses.failed {
            self.output.json(&RefFailedReport::new(refs, reason))?;
        }
        self.asides();
        Ok(())
    }

    fn text(&mut self) -> Result<(), Failure> {
        let mut thing = None;
        let mut things = 0;
        for place in &self.uses.places {
            let this = (&place.kind, &place.key);
            if thing != Some(this) {
                if thing.is_some() {
                    self.output.line("")?;
                }
                let heading = format!("{} {}", place.kind, place.thing);
                self.output.heading(heading)?;
                (thing, things) = (Some(this), things + 1);
            }
            self.place(place)?;
        }
        let mut fetches = Fetches::default();
        for (refs, reason) in &self.uses.failed {
            let names = self.names(refs.iter());
            let reason = fetches.take(reason);
            self.output.problem(format_args!("{names}: {reason}"));
        }
        if things > 0 {
            self.output.line("")?;
        }
        let summary = self.summary(things);
        self.output.line(summary)?;
        fetches.tell(self.global, self.output);
        self.asides();
        Ok(())
    }

    fn place(&mut self, place: &UsePlace) -> Result<(), Failure> {
        let UsePlace {
            base_path,
            document,
            address,
            found,
            ..
        } = place;
        let how = match place.role {
            UseRole::Definition => "defined",
            UseRole::Use(certainty) => certainty.name(),
        };
        let line = found.first().map_or(0, |(_, line)| *line);
        let folder = if self.has_several_base_paths {
            format!("{base_path} ")
        } else {
            String::new()
        };
        let refs = if self.uses.refs.len() > 1 {
            let refs = found.iter().map(|(place, _)| &self.uses.refs[*place]);
            format!("  ({})", self.names(refs))
        } else {
            String::new()
        };
        // A whole document has none.
        let separator = if address.is_empty() { "" } else { "  " };
        self.output.line(format_args!(
            "  {how:8}  {folder}{document}:{line}{separator}{address}{refs}"
        ))?;
        Ok(())
    }

    fn summary(&self, things: usize) -> String {
        let refs = count(self.uses.refs.len(), "ref");
        let places = &self.uses.places;
        let uses = places
            .iter()
            .filter(|place| place.role != UseRole::Definition);
        let uses = count(uses.count(), "reference");
        match &self.arguments.thing {
            Some(_) if places.is_empty() => nothing_of(self.uses, self.arguments),
            _ if self.arguments.unused => {
                format!("{} in {refs}", count(things, "unused thing"))
            }
            _ if self.arguments.undefined => {
                let things = count(things, "undefined thing");
                format!("{uses} to {things} in {refs}")
            }
            Some(_) => format!("{uses} in {refs}"),
            None => format!("{uses} to {} in {refs}", count(things, "thing")),
        }
    }

    /// What belongs to the answer, but isn't it.
    fn asides(&mut self) {
        warnings::tell_refs(&self.uses.warnings, self.most(), self.output);
        let is_complete = self.arguments.undefined || self.uses.computed == 0;
        if !is_complete {
            let computed = match self.uses.computed {
                1 => "1 name is".to_owned(),
                computed => format!("{} are", count(computed, "name")),
            };
            self.output.note(format_args!(
                "{computed} known only when the server runs: more may be used than is told here"
            ));
        }
        if !self.uses.without_project.is_empty() {
            let names: BTreeSet<String> = self.uses.without_project.iter().map(name_of).collect();
            let why = if names.len() == 1 {
                "it holds"
            } else {
                "they hold"
            };
            let names = text::some_of(names, self.most());
            self.output
                .note(format_args!("left out, as {why} no project: {names}"));
        }
    }

    fn names<'r>(&self, refs: impl Iterator<Item = &'r ComparedRef>) -> String {
        // A ref with several folders is named once.
        let mut names: Vec<String> = refs.map(name_of).collect();
        names.dedup();
        text::some_of(names, self.most())
    }

    fn most(&self) -> usize {
        if self.arguments.list {
            usize::MAX
        } else {
            NAMED
        }
    }
}
