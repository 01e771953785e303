//! `log`: the commits that changed a document or a value.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use crate::catalog::{Action, DocumentName};
use crate::git::{HistoryEndCause, ObjectId};
use crate::history::{Cause, CommitChange, History, HistoryError, HistoryOptions};
use crate::project::{LoadOptions, Loaded, ReadError};
use crate::report::{HistoryErrorReport, LogPage, LogReport};
use crate::text::{count, short_id};

use super::blame::still_in_store;
use super::explain::fetching_it;
use super::failure::{Exit, Failure, quoted};
use super::global::{Format, Global};
use super::left_out::LeftOut;
use super::output::Output;
use super::subject::Subject;
use super::value_change::print_change;
use super::warnings::Warnings;
use super::{complete, html, time};

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate log main variables 'variable[\"Retries\"]'        who changed it, and when
  ocl-migrate log main variables 'variable[\"Retries\"]' -n 1   who changed it last
  ocl-migrate log v1.0 deployment_process --migrations        migrations too
  ocl-migrate log main variables -n 1 --until 2024-01-31 --format json | jq .new   what it was on a day")]
pub(super) struct Arguments {
    /// A branch, a tag or a commit: where to begin
    #[arg(value_name = "REF", add = complete::refs())]
    revision: String,
    /// A document, by name (`runbook/backup`) or path
    #[arg(value_name = "DOC", add = complete::documents())]
    document: String,
    /// A part of it (default: all): an address, or a selector of several values
    #[arg(value_name = "SELECTOR", add = complete::selectors())]
    selector: Option<String>,
    /// At most this many commits
    #[arg(short = 'n', long, value_name = "N")]
    max_count: Option<usize>,
    /// Only commits made then or later: a day, a time, or how long ago (`2 weeks ago`)
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only commits made then or before
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Also the commits that only migrated the document
    #[arg(long)]
    migrations: bool,
    /// Of merges, follow only the first parent
    #[arg(long)]
    first_parent: bool,
    /// The version to lift to (default: the server version)
    #[arg(long, value_name = "N")]
    to: Option<u32>,
    #[command(flatten)]
    html: html::PageFile,
}

pub(super) fn run(
    global: &Global,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    arguments.html.check()?;
    let words = [&arguments.document].into_iter().chain(&arguments.selector);
    let words: Vec<String> = words.cloned().collect();
    let subject = Subject::parse(&words)?;
    let project = global.open()?;
    let target = LoadOptions {
        target: arguments.to,
    };
    let (loaded, _) = global.load_documents(&project, &arguments.revision, &[], target)?;
    let subject = subject.settled_in(&[&loaded])?;
    let options = HistoryOptions {
        selector: subject.selector.clone(),
        target: arguments.to,
        migrations: arguments.migrations,
        first_parent: arguments.first_parent,
        since: arguments.since.as_deref().map(time::since).transpose()?,
        until: arguments.until.as_deref().map(time::until).transpose()?,
    };
    let name = subject.document(&[&loaded]).unwrap_or_default();
    let mut history = project.history(&loaded.commit().to_string(), &name, options)?;
    if global.format == Format::Text {
        output.page();
    }
    let mut printer = Printer {
        format: global.format,
        is_whole: subject.selector == Default::default(),
        output,
        commits: 0,
        has_failed: false,
        ends: None,
        left_out: LeftOut::default(),
    };
    let mut page = arguments
        .html
        .wanted()
        .then(|| LogPage::new(&history, &subject.selector));
    let most = arguments.max_count.unwrap_or(usize::MAX);
    // What is told of the document in a commit, with the newest of the commits.
    let mut told: BTreeMap<String, ObjectId> = BTreeMap::new();
    while printer.commits < most
        && let Some(found) = history.next()
    {
        if let Ok(change) = &found {
            for text in change.told() {
                told.entry(text.clone()).or_insert(change.commit().id);
            }
        }
        if let Some(page) = &mut page {
            match &found {
                Ok(change) => page.add(change),
                Err(error) => page.fail(error),
            }
        }
        if let ControlFlow::Break(error) = printer.print(&history, found)? {
            return Err(error);
        }
    }
    let Printer {
        commits,
        has_failed,
        ends,
        left_out,
        ..
    } = printer;
    let git_dir = project.repository().git_dir();
    let from = [loaded.commit().to_string()];
    left_out.tell("commit", git_dir, &from, loaded.base_path(), output);
    if let Some(cause) = ends {
        output.hint(fetching_it(cause, &project));
    }
    if commits == 0 && !has_failed {
        expect_something(&history, arguments, &subject, &loaded)?;
        if let Err(error @ ReadError::Removed(_)) = loaded.values_of(&name) {
            let before = before_remove(&loaded, history.name());
            let command = before.map(|version| {
                let (program, revision) = (global.program(), quoted(&arguments.revision));
                let name = quoted(&name);
                format!(
                    ": `{program} log {revision} {name} --to {version}` tells what it was before"
                )
            });
            output.note(format_args!("{error}{}", command.unwrap_or_default()));
        }
    }
    if let Some(import) = loaded.pending_import(history.name()) {
        output.note(still_in_store(&name, import));
    }
    if commits == 0
        && let passed @ 1.. = history.passed_migrations()
    {
        let passed = count(passed, "commit");
        output.note(format_args!("{passed} only migrated it: see --migrations"));
    }
    if let not_compared @ 1.. = history.imports_not_compared() {
        let (commits, it) = (
            count(not_compared, "commit"),
            if not_compared == 1 { "it" } else { "them" },
        );
        let hidden = if arguments.migrations {
            ""
        } else {
            ", which --migrations shows"
        };
        output.note(format_args!(
            "{commits} brought the document in by an import, and no store says what that was: what was edited in {it} counts as the \
             migration's{hidden}"
        ));
    }
    let mut warnings = Warnings::new(output);
    warnings.of_ref(&loaded);
    warnings.of_named(&loaded, &name);
    warnings.of_older(&name, &told);
    if let Some(page) = page {
        let page = || Ok::<_, Failure>(page.page());
        arguments.html.write(global, page, output)?;
    }
    Ok(if has_failed {
        Exit::Failure
    } else {
        Exit::Done
    })
}

/// The last version at which there is a document that a step removes.
fn before_remove(loaded: &Loaded, name: &DocumentName) -> Option<u32> {
    let steps = loaded.project().catalog().steps().iter();
    let target = loaded.plan().target;
    let removes = steps.filter(|step| {
        step.concerns(name.kind())
            && matches!(step.action(), Action::Remove)
            && step.version() <= target
    });
    let version = removes.map(|step| step.version()).max()?;
    Some(version - 1).filter(|version| *version > 0)
}

/// Refuses what no commit had: somebody mistyped it.
fn expect_something(
    history: &History,
    arguments: &Arguments,
    subject: &Subject,
    loaded: &Loaded,
) -> Result<(), Failure> {
    let name = history.name();
    let is_there = loaded.names().any(|known| known == name);
    if !is_there && !history.has_been() {
        // Says which documents there are.
        loaded.document(name.as_str())?;
    }
    // No commit has the name that is shown of such a file.
    if name.as_str().contains(char::REPLACEMENT_CHARACTER) && !history.has_been() {
        loaded.values_of(name.as_str())?;
    }
    if is_there
        && subject.selector != Default::default()
        && let Ok(document) = loaded.values_of(name.as_str())
        && document.values().select(&subject.selector).is_empty()
        && let Err(error) = document.values().find(&subject.selector)
    {
        return Err(Failure::Find {
            error,
            document: name.to_string(),
            revision: Some(arguments.revision.clone()),
        });
    }
    Ok(())
}

struct Printer<'o> {
    format: Format,
    /// Whether all of the document is asked for.
    is_whole: bool,
    output: &'o mut Output,
    commits: usize,
    has_failed: bool,
    /// Why the history that is here ends, where it was cut off.
    ends: Option<HistoryEndCause>,
    left_out: LeftOut,
}

impl Printer<'_> {
    /// Breaks with what ends the history.
    fn print(
        &mut self,
        history: &History,
        found: Result<CommitChange, HistoryError>,
    ) -> Result<ControlFlow<Failure>, Failure> {
        match found {
            Ok(change) => {
                self.commits += 1;
                match self.format {
                    Format::Json => self.lines(&change)?,
                    Format::Text => self.commit(&change)?,
                }
            }
            Err(HistoryError::Load(error)) => return Ok(ControlFlow::Break(error.into())),
            Err(error) => {
                self.has_failed = true;
                self.output.knows(Exit::Failure);
                match self.format {
                    Format::Json => {
                        let document = history.name().as_str();
                        self.output
                            .json(&HistoryErrorReport::new(document, &error))?;
                    }
                    Format::Text => {
                        if let HistoryError::NotLifted { commit, reason } = &error
                            && self.left_out.takes(&short_id(&commit.id), reason)
                        {
                            return Ok(ControlFlow::Continue(()));
                        }
                        self.output.problem(&error);
                        if let HistoryError::CutOff { cause, .. } = error {
                            self.ends = Some(cause);
                        }
                    }
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn lines(&mut self, change: &CommitChange) -> Result<(), Failure> {
        let difference = change.difference();
        if difference.is_empty() && change.is_whole() {
            self.output.json(&LogReport::of_empty(change))?;
        } else if difference.is_empty() {
            self.output.json(&LogReport::of_migration(change))?;
        }
        for value in difference.changes() {
            self.output.json(&LogReport::new(change, value))?;
        }
        Ok(())
    }

    fn commit(&mut self, change: &CommitChange) -> Result<(), Failure> {
        let commit = change.commit();
        if self.commits > 1 {
            self.output.line("")?;
        }
        self.output.heading(format_args!("commit {}", commit.id))?;
        let author = &commit.author;
        self.output
            .line(format_args!("Author: {} <{}>", author.name, author.email))?;
        self.output
            .line(format_args!("Date:   {}", time::time(author)))?;
        if change.cause() != Cause::Edit
            && let (old, Some(new)) = change.versions()
        {
            let from = old.map_or(String::new(), |old| format!("from version {old} to "));
            let to = if old.is_none() { "to version " } else { "" };
            let also = match change.cause() {
                Cause::Both => "also ",
                _ => "",
            };
            let line = format!("{also}migrated {from}{to}{new}");
            self.output.line(format_args!("Cause:  {line}"))?;
        }
        self.output.line("")?;
        self.output.line(format_args!("    {}", commit.subject))?;
        self.output.line("")?;
        let difference = change.difference();
        if difference.is_empty() && !change.is_whole() {
            return Ok(self.output.aside("  no value changed")?);
        }
        let whole = |mark, values: usize| {
            let (name, values) = (
                change.name(),
                match values {
                    0 => "without values".to_owned(),
                    values => format!("with {}", count(values, "value")),
                },
            );
            format!("  {mark} {name}, {values}")
        };
        let values = difference.changes().len();
        let is_known = !change.is_before_unread();
        match (change.before(), change.after()) {
            (None, Some(_)) if self.is_whole && !is_known => {
                let line = format!("{}: what it was before can't be read", whole('?', values));
                return Ok(self.output.line(line)?);
            }
            (None, Some(_)) if self.is_whole => return Ok(self.output.line(whole('+', values))?),
            (Some(_), None) if self.is_whole => return Ok(self.output.line(whole('-', values))?),
            _ => {}
        }
        for value in difference.changes() {
            print_change(value, self.output)?;
        }
        match (is_known, change.before()) {
            (true, _) => Ok(()),
            (false, None) => Ok(self.output.aside("  what was before can't be read")?),
            (false, Some(_)) => {
                let compared = "  compared with the last text before it that can be read";
                Ok(self.output.aside(compared)?)
            }
        }
    }
}
