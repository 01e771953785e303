//! `applies`: which of several values applies in an environment, or another scope.

use std::collections::BTreeSet;

use crate::catalog::{Catalog, DocumentName};
use crate::compare::LiftedDocument;
use crate::project::{LoadOptions, Loaded, ReadError};
use crate::report::{AppliesReport, NotAppliedReport};
use crate::text::{columns, count, list, nearest, padding, some_of};
use crate::values::{Alternative, Effective, Scope, Scoped};

use super::failure::{Exit, Failure};
use super::global::{Format, Global};
use super::loading::failed;
use super::output::Output;
use super::subject::Subject;
use super::warnings::Warnings;
use super::{complete, warnings};

/// How a scope is written.
const LIKE: &str = "environment=production,role=[web,\"a b\"]";

/// Of the members that scopes name, so many are told.
const NAMED: usize = 10;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate applies main --for environment=production
  ocl-migrate applies main variables 'variable[\"Retries\"]' --for environment=production
  ocl-migrate applies main --for 'environment=production,role=[web,db],channel=[]'   roles are known, and there is no channel
  ocl-migrate applies main --for environment=staging --for environment=production    what differs between the two
  ocl-migrate applies main --for environment=production --format json | jq 'select(.depends_on)'")]
pub(super) struct Arguments {
    /// A branch, a tag or a commit
    #[arg(value_name = "REF", add = complete::refs())]
    revision: String,
    /// A document, by name or path (default: all that have such values)
    #[arg(value_name = "DOC", add = complete::documents())]
    document: Option<String>,
    /// A part of it (default: all): an address, or a selector of several values
    #[arg(value_name = "SELECTOR", add = complete::selectors())]
    selector: Option<String>,
    /// What is known, as between the braces of an address: `environment=production,role=[web,db]`; `role=[]` where it is known that
    /// there is none. Given several times: only what isn't the same for all of them
    #[arg(long = "for", value_name = "SCOPE", required = true)]
    scopes: Vec<String>,
    /// The version to migrate to (default: the server version)
    #[arg(long, value_name = "N")]
    to: Option<u32>,
}

pub(super) fn run(
    global: &Global,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let words = arguments.document.iter().chain(&arguments.selector);
    let subject = Subject::parse(&words.cloned().collect::<Vec<_>>())?;
    let project = global.open()?;
    let scopes = scopes(project.catalog(), &arguments.scopes)?;
    let options = LoadOptions {
        target: arguments.to,
    };
    let loaded = global.load(&project, &arguments.revision, options)?;
    let subject = subject.settled_in(&[&loaded])?;
    let documents = documents(global, &loaded, &arguments.revision, &subject, output)?;
    if global.format == Format::Text {
        output.page();
    }
    let mut printer = Printer {
        global,
        scopes: &scopes,
        output,
        shown: 0,
        asked: 0,
    };
    for document in &documents.read {
        let values = document.values();
        let groups = values.scoped_in(&subject.selector);
        if groups.is_empty() && subject.typed().is_some() {
            if values.select(&subject.selector).is_empty()
                && let Err(error) = values.find(&subject.selector)
            {
                return Err(Failure::Find {
                    error,
                    document: document.name().to_string(),
                    revision: Some(arguments.revision.clone()),
                });
            }
            return Err(nothing_scoped(document.name(), &subject));
        }
        printer.document(document.name(), &groups)?;
    }
    printer.end()?;
    tell_unnamed(&scopes, &documents.read, output);
    warnings::tell_ref(&loaded, output);
    let mut told = Warnings::new(output);
    for document in &documents.read {
        told.of_named(&loaded, document.name().as_str());
    }
    Ok(if documents.has_failed {
        Exit::Failure
    } else {
        Exit::Done
    })
}

/// The scopes that are asked for.
fn scopes(catalog: &Catalog, typed: &[String]) -> Result<Vec<Scope>, Failure> {
    let kinds = catalog.kinds().iter();
    let types = kinds.flat_map(|kind| catalog.identity(&kind.name).scope_types());
    let mut known: Vec<&str> = Vec::new();
    for name in types {
        if !known.contains(&name) {
            known.push(name);
        }
    }
    if known.is_empty() {
        let message =
            "the catalog declares no `precedence`: no value of its documents depends on a scope";
        return Err(Failure::Usage(message.into()));
    }
    let read = |text: &String| {
        let scope: Scope = text
            .parse()
            .map_err(|error| Failure::Usage(format!("--for: {error}; write it like {LIKE}")))?;
        if let Some((name, _)) = scope.types().find(|(name, _)| !known.contains(name)) {
            return Err(Failure::Usage(format!(
                "--for: there is no type of scope `{name}`; there are {}",
                list(&known)
            )));
        }
        Ok(scope)
    };
    typed.iter().map(read).collect()
}

/// The documents that are asked about.
struct Documents {
    read: Vec<LiftedDocument>,
    has_failed: bool,
}

fn documents(
    global: &Global,
    loaded: &Loaded,
    revision: &str,
    subject: &Subject,
    output: &mut Output,
) -> Result<Documents, Failure> {
    let catalog = loaded.project().catalog();
    let has_scopes = |name: &DocumentName| !catalog.identity(name.kind()).scope_types().is_empty();
    let mut documents = Documents {
        read: Vec::new(),
        has_failed: false,
    };
    let Some(name) = subject.document(&[loaded]) else {
        for name in loaded.names().filter(|name| has_scopes(name)) {
            match loaded.values_of(name.as_str()) {
                Ok(document) => documents.read.push(document),
                Err(ReadError::Removed(_) | ReadError::LeftOut { .. }) => {}
                Err(error) => {
                    documents.has_failed = true;
                    output.knows(Exit::Failure);
                    let failure = failed(loaded, revision, name.as_str(), error);
                    match global.format {
                        Format::Json => output
                            .json(&NotAppliedReport::new(name.as_str(), &failure.message()))?,
                        Format::Text => output.failure(&failure),
                    }
                }
            }
        }
        return Ok(documents);
    };
    let found = loaded.values_of(&name);
    let document = found.map_err(|error| failed(loaded, revision, &name, error))?;
    if !has_scopes(document.name()) {
        return Err(nothing_scoped(document.name(), subject));
    }
    documents.read.push(document);
    Ok(documents)
}

fn nothing_scoped(name: &DocumentName, subject: &Subject) -> Failure {
    let part = if subject.selector.is_empty() {
        String::new()
    } else {
        format!(" in `{}`", subject.selector)
    };
    Failure::Usage(format!(
        "nothing{part} of {name} depends on a scope: see the value itself with export or show"
    ))
}

/// Tells members of scopes for which no document says anything: somebody may have mistyped them.
fn tell_unnamed(scopes: &[Scope], documents: &[LiftedDocument], output: &mut Output) {
    let groups = documents.iter().flat_map(|it| it.values().scoped());
    let groups: Vec<Scoped<'_>> = groups.collect();
    let asked = scopes.iter().flat_map(Scope::types);
    let asked = asked.flat_map(|(name, members)| members.iter().map(move |it| (name, it)));
    let asked: BTreeSet<(&str, &String)> = asked.collect();
    for (scope_type, member) in asked {
        let is_named = |group: &Scoped<'_>| {
            let spelled = group.spelled(member);
            group.members(scope_type).any(|known| known == spelled)
        };
        if groups.iter().any(is_named) {
            continue;
        }
        let named: BTreeSet<&str> = groups
            .iter()
            .flat_map(|it| it.members(scope_type))
            .collect();
        let meant = named
            .iter()
            .find(|known| known.eq_ignore_ascii_case(member))
            .copied();
        let meant = meant.or_else(|| nearest(member, named.iter().copied()));
        let known = match meant {
            Some(meant) => format!("; did you mean `{scope_type}={meant}`?"),
            None if named.is_empty() => String::new(),
            None => format!("; named are {}", some_of(&Vec::from_iter(named), NAMED)),
        };
        output.note(format_args!(
            "no value names `{scope_type}={member}` in its scope{known}"
        ));
    }
}

struct Printer<'o> {
    global: &'o Global,
    scopes: &'o [Scope],
    output: &'o mut Output,
    /// How many groups were shown, of how many.
    shown: usize,
    asked: usize,
}

impl Printer<'_> {
    fn document(&mut self, name: &DocumentName, groups: &[Scoped<'_>]) -> Result<(), Failure> {
        let mut is_first = true;
        self.asked += groups.len();
        for group in groups {
            let found = self.scopes.iter().map(|scope| group.effective(scope));
            let found: Vec<Effective<'_>> = found.collect();
            if found.len() > 1 && found.iter().all(|it| says(it) == says(&found[0])) {
                continue;
            }
            self.shown += 1;
            if self.global.format == Format::Json {
                for (scope, found) in self.scopes.iter().zip(&found) {
                    let report = AppliesReport::new(name.as_str(), group, scope, found);
                    self.output.json(&report)?;
                }
                continue;
            }
            if std::mem::take(&mut is_first) {
                if self.shown > 1 {
                    self.output.line("")?;
                }
                self.output.heading(name)?;
            }
            match &found[..] {
                [only] => self.one(group, only)?,
                several => self.several(group, several)?,
            }
        }
        Ok(())
    }

    /// What applies in the one scope, with its address.
    fn one(&mut self, group: &Scoped<'_>, found: &Effective<'_>) -> Result<(), Failure> {
        match &found.applies {
            Some(applies) => self.output.line(format_args!("  {}", block(applies)))?,
            None => {
                let nothing = nothing_applies(found);
                self.output
                    .line(format_args!("  {}: {nothing}", group.selector()))?;
            }
        }
        self.otherwise(found, "    ")
    }

    fn several(&mut self, group: &Scoped<'_>, found: &[Effective<'_>]) -> Result<(), Failure> {
        self.output.line(format_args!("  {}", group.selector()))?;
        let names = self.scopes.iter().map(ToString::to_string);
        let names: Vec<String> = names.collect();
        let width = names.iter().map(|name| columns(name)).max().unwrap_or(0);
        for (name, found) in names.iter().zip(found) {
            let value = match &found.applies {
                Some(applies) => value(applies),
                None => nothing_applies(found).to_owned(),
            };
            let padding = padding(name, width);
            self.output
                .line(format_args!("    {name}{padding}  {value}"))?;
            self.otherwise(found, "      ")?;
        }
        Ok(())
    }

    /// What may apply instead.
    fn otherwise(&mut self, found: &Effective<'_>, indent: &str) -> Result<(), Failure> {
        for equal in &found.equal {
            let block = block(equal);
            self.output.line(format_args!(
                "{indent}or {block}, which is as specific: which of them applies can't be told"
            ))?;
        }
        for dependence in &found.depends_on {
            let types = list(&dependence.types);
            let block = block(&dependence.alternative);
            self.output
                .line(format_args!("{indent}depends on {types}: {block}"))?;
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), Failure> {
        if self.global.format == Format::Json {
            return Ok(());
        }
        let asked = count(self.asked, "value");
        if self.shown > 0 {
            self.output.line("")?;
        }
        let line = match self.scopes {
            [only] => format!("{asked} for {only}"),
            several => format!(
                "{} of {asked} differ between {} scopes",
                self.shown,
                several.len()
            ),
        };
        Ok(self.output.line(line)?)
    }
}

fn nothing_applies(found: &Effective<'_>) -> &'static str {
    if found.depends_on.is_empty() {
        "nothing applies"
    } else {
        "nothing applies for sure"
    }
}

/// What is said, whichever block says it.
fn says<'f>(found: &'f Effective<'_>) -> impl PartialEq + use<'f> {
    let sure = found.applies.iter().chain(&found.equal);
    let sure: Vec<String> = sure.map(value).collect();
    let depends_on = found.depends_on.iter();
    let depends_on = depends_on.map(|it| (&it.types, value(&it.alternative)));
    (sure, depends_on.collect::<Vec<_>>())
}

fn value(alternative: &Alternative<'_>) -> String {
    let value = alternative.element.value();
    value.map_or_else(|| alternative.element.to_string(), |it| it.to_string())
}

/// A block with its address and its value.
fn block(alternative: &Alternative<'_>) -> String {
    match alternative.element.leaf() {
        Some(leaf) => leaf.to_string(),
        None => alternative.element.to_string(),
    }
}
