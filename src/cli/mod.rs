//! The command line: arguments, one file per command, and what the process says at its end.
//!
//! A server with steps in Rust gets all of it for its own catalog: [`run`], or [`CommandLine`] for a name and a store of its own.
//! This module alone prints, asks at a terminal, and reads arguments and environment.

mod adopt;
mod assign;
mod baseline;
mod blame;
mod check;
mod command_line;
mod commit;
mod compare;
mod complete;
mod complete_open;
mod consent;
mod convert;
mod demo;
mod diff;
mod discover;
mod doctor;
mod doctor_merges;
mod doubled;
mod effect;
mod error_json;
mod explain;
mod export;
mod failure;
mod files;
mod fleet;
mod found_base_path;
mod generate;
mod git_environment;
mod global;
mod hint;
mod html;
mod invocation;
mod layout;
mod log;
mod lookups;
mod merge;
mod merge_driver;
#[cfg(test)]
mod messages;
mod named_refs;
mod new;
mod output;
mod pager;
mod plan;
mod preview;
mod progress;
mod put;
mod query;
mod rehearse;
mod rename_thing;
mod report;
mod resolve;
mod restore;
mod sent;
#[cfg(feature = "serve")]
mod serve;
mod settings;
mod shadowed;
mod shared_store;
mod show;
mod signing;
mod snapshot;
mod status;
mod store;
mod store_place;
mod subject;
mod time;
mod unmerged;
mod uses;
mod value_change;
mod verify;
mod warnings;

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;

use clap::error::{ContextKind, ContextValue};
use clap::{Arg, ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::catalog::Catalog;
pub use command_line::CommandLine;
use error_json::ErrorReport;
use failure::{Exit, Failure};
use found_base_path::found_base_path;
use global::{Colour, Format, Global};
use invocation::Invocation;
use output::Output;
use shadowed::warn_shadowed;

/// Migrates configuration documents kept in Git: lazily, in memory, when a ref is read
#[derive(Debug, Parser)]
#[command(
    name = "ocl-migrate",
    version,
    max_term_width = 100,
    after_long_help = "\
Examples:
  ocl-migrate status                       every branch and tag: its version, what is pending
  ocl-migrate preview feature/x            what migrating would change
  ocl-migrate explain main runbook/backup  one document's story
  ocl-migrate upgrade feature/x -m Migrate

Exit codes: 0 done; 1 a failure you can mend; 2 usage; 3 changes are pending, or refs differ
(preview and diff --exit-code); 4 the branch or an import changed meanwhile, try again; 101 a bug.

Settings can be written down, for yourself and in a repository: see docs/configuration.md."
)]
struct Arguments {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
// Only the command that was asked for is defined in full: a third of the time until it begins.
#[command(defer = true)]
enum Command {
    /// Show what migrating would change: the plan, and a diff per document
    Preview(preview::Arguments),
    /// Show which steps would run, which would not, and why
    Plan(plan::Arguments),
    /// Print the migrated documents, as OCL or JSON
    Show(show::Arguments),
    /// Show which values really differ between two refs, whatever their versions
    ///
    /// Both sides are lifted to one version first: what only a migration changed is no difference, nor is formatting. `~` is a
    /// value that changed, `+` one that came, `-` one that went, `>` a block that moved where order matters. An address can be
    /// pasted back, in single quotes.
    Diff(diff::Arguments),
    /// Show which values differ between environments, branches or other refs, and who has which
    ///
    /// All refs are lifted to one version first. Environments are names for refs in the repository's own file of settings:
    /// `environment "production" { ref = "release/current" }`.
    Compare(compare::Arguments),
    /// Show who refers to a thing: a variable, an environment, a feed, a runbook
    ///
    /// The catalog declares what refers to what. Each place has its certainty: `exact` where a value is the name, `template` where
    /// `#{Name}` stands in it, `script` where a script asks for it, `dynamic` where a part of the name is known only when the
    /// server runs. Refs are lifted to one version first; a line is one of the document in that version.
    /// The exit code is 0 if the thing is defined or referred to anywhere, else 1.
    Uses(uses::Arguments),
    /// Check documents: what a pull request asks
    ///
    /// Every document is read, lifted to the newest version and held to the contract that the catalog declares for it. Names that
    /// clash are errors too; references that lead nowhere and things that nothing refers to are warnings. Each finding stands at its
    /// line in the file as it was committed. The exit code is 1 if there is an error.
    Check(check::Arguments),
    /// Ask anything of refs, documents, values and their history, in SQL
    ///
    /// The tables are `refs`, `documents`, `leaves`, `effective`, `uses`, `commits` and `changes`; `--tables` lists their columns.
    /// Everything is lifted to one version first. Nothing is stored: a query that names one ref reads one ref. Only SELECT is allowed.
    Query(query::Arguments),
    /// List the commits that changed a document or a value, whatever their versions
    ///
    /// Every commit's document is lifted to one version first: a commit that only migrated changed no value. The selector is one
    /// of that version. Of a merge, only the way is followed on which the value came, as by git log.
    Log(log::Arguments),
    /// Show for every value of a document the commit that gave it
    ///
    /// Every commit's document is lifted to one version first, so that commits which only migrated, moved a block or changed
    /// formatting are looked through. A `^` marks a commit at which the history of a shallow clone ends: it or one before it gave
    /// the value.
    Blame(blame::Arguments),
    /// Print the values of a ref as JSON, YAML, TOML, HCL, CSV or environment variables
    ///
    /// Documents are lifted to one version first. Blocks are lists of objects with their labels under `$labels`; dictionaries
    /// are objects, and numbers keep their digits. What a format can't hold is an error with its address, and nothing is written.
    Export(export::Arguments),
    /// List every branch and tag with its version and the number of pending steps
    Status(status::Arguments),
    /// Migrate every ref in memory, and report which change, fail or lose something
    Rehearse(rehearse::Arguments),
    /// Put together what a command found in many repositories, as one table or page
    ///
    /// `status`, `rehearse`, `doctor`, `check`, `uses` and `query` take `--repos`, and with `--shard I/N` a part of them. Their lines of
    /// JSON are read here.
    Report(report::Arguments),
    /// Explain one document: where it came from, what each step did to it, and why other steps didn't run
    Explain(explain::Arguments),
    /// Find problems in the repository, the store and the catalog, and say how to fix them
    ///
    /// With --merges: what is wrong with merges that were made. A finding is a problem as long as a ref has the document as that commit
    /// left it, and a note afterwards.
    Doctor(doctor::Arguments),
    /// Commit a user's change to a branch, with the migration
    ///
    /// Whole documents are put and removed, and single values are set and unset, by addresses in the shape of the version that is
    /// written; the rest of a file stays as it is. An address stands in single quotes, as it has quotes and brackets of its own.
    ///
    /// A branch that is checked out moves with its index and files, by `git` itself; that is refused where a file that the commit
    /// touches has changes of its own, unless it holds what the commit puts there. The commit is signed as `commit.gpgSign`,
    /// `user.signingKey` and `gpg.*` say, by the programs that Git runs for it. Hooks don't run.
    Commit(commit::Arguments),
    /// Commit the migration alone
    ///
    /// Branches that are checked out, signatures and hooks: as for `commit`.
    Upgrade(commit::Upgrade),
    /// Commit a branch at a lower version, with the values it has
    ///
    /// Branches that are checked out, signatures and hooks: as for `commit`.
    Downgrade(commit::Downgrade),
    /// Restore the values that documents had in an old commit, in the branch's shape
    ///
    /// With a selector, one value or block alone, read in that shape too; the rest of the file stays as it is.
    ///
    /// Branches that are checked out, signatures and hooks: as for `commit`.
    Restore(restore::Arguments),
    /// Merge a branch into another, documents value by value, whatever their versions
    ///
    /// Both sides and the commit that they come from are lifted to the highest of their versions first, and merged on the text of the
    /// branch: its formatting, comments and order stay. Files that aren't documents are merged as Git merges them, and the marker is
    /// written as it must be. Where a person must decide something, the conflicts are listed, nothing is written, and the exit code
    /// is 1. A branch without commits of its own moves forward, as in Git. No work tree is needed.
    ///
    /// Branches that are checked out, signatures and hooks: as for `commit`.
    Merge(merge::Arguments),
    /// Rename a thing where it is defined, and wherever it is referred to: a variable, an environment, a runbook
    ///
    /// Templates and scripts are included, and nothing else of the files changes. It is refused, with every place, where a name that is
    /// known only when the server runs may be this one, where the new name is taken, or where it can't be written. Of a thing that
    /// lives in the server, such as a feed, only the references are renamed. See `uses` for what is renamed.
    ///
    /// Branches that are checked out, signatures and hooks: as for `commit`.
    RenameThing(rename_thing::Arguments),
    /// Let `git merge`, `rebase`, `cherry-pick` and `stash pop` merge documents by their values
    ///
    /// Git calls this for a file that both sides changed. Both sides are brought to one version first, that which the marker states
    /// after the merge, and what both changed differently is left between Git's conflict markers, around the one value. It is
    /// refused, and Git stops, where the versions can't be told.
    MergeDriver(merge_driver::Arguments),
    /// Settle what a merge by Git left open, by address, and check what was edited by hand
    ///
    /// The text must have no marker left and be right before it is staged. Once nothing is open, documents that the merge took from
    /// one side in the shape of another version are brought to the version of the merge.
    Resolve(resolve::Arguments),
    /// Let the store catch up with a branch that is ahead of it
    Adopt(adopt::Arguments),
    /// Inspect the store, and put documents and lookups into it
    Store(store::Arguments),
    /// Test the catalog against its cases and snapshots, from every version to the latest
    Verify(verify::Arguments),
    /// Retire a catalog's oldest versions: their steps go, and the catalog begins at a later version
    ///
    /// Imports of documents that are still there stay, as branches without a version read them. It is refused while a ref, a row of the
    /// store or a recorded snapshot needs the steps, and where `verify` would then find anything else than before.
    Baseline(baseline::Arguments),
    /// Make a new step with a first case, the cases that a step lacks, or a contract
    New(new::Arguments),
    /// Record what a project looks like at the newest version
    Snapshot(snapshot::Arguments),
    /// Convert OCL files to JSON, one line per file
    Convert(convert::Arguments),
    /// Make a small repository with branches at several versions, and preview them
    Demo(demo::Arguments),
    /// Answer the reading commands over HTTP, with the same JSON, and show their pages to browsers
    ///
    /// Serves the repository on the loopback address until the process is told to stop. See docs/how-to/serve.md. (Only in a build
    /// with the feature `serve`.)
    #[cfg(feature = "serve")]
    Serve(serve::Arguments),
    /// Make, list and revoke tokens: who may ask a service
    ///
    /// A token belongs to a tenant, and has scopes. Nothing keeps it but who gets it: what is kept is its hash. See
    /// docs/how-to/serve.md. (Only in a build with the feature `serve`.)
    #[cfg(feature = "serve")]
    Token(serve::TokenArguments),
    /// Print a script with which a shell completes commands, refs and documents
    Completions(generate::Completions),
    /// Write the manual pages
    Man(generate::Man),
}

/// Runs the command that the process was started with, for a catalog: [`CommandLine::run`] with nothing else said.
///
/// ```no_run
/// # use ocl_migrate::catalog::Catalog;
/// # fn my_catalog() -> Catalog { Catalog::builtin() }
/// fn main() -> std::process::ExitCode {
///     ocl_migrate::cli::run(my_catalog())
/// }
/// ```
pub fn run(catalog: impl Into<Arc<Catalog>>) -> ExitCode {
    CommandLine::new(catalog).run()
}

impl CommandLine {
    /// Runs the command that the process was started with, and says how the process should end.
    ///
    /// It reads the process's arguments, environment and standard input, and prints. Only where a shell asks for completions
    /// does it end the process.
    pub fn run(self) -> ExitCode {
        let host = Arc::new(self);
        if let Err(error) = complete::answer(&host) {
            return usage(&error);
        }
        let words: Vec<OsString> = std::env::args_os().collect();
        run_words(&host, &words)
    }

    /// The same with these arguments, without the program's name: for a server whose command has other subcommands too. A
    /// shell completes none of it then.
    pub fn run_with(self, arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
        let words = std::iter::once(OsString::from(self.called())).chain(arguments);
        let words: Vec<OsString> = words.collect();
        run_words(&Arc::new(self), &words)
    }

    /// The definition of the arguments.
    fn definition(&self) -> clap::Command {
        let base_path = |argument: clap::Arg| argument.add(complete::base_paths());
        self.adapt(Arguments::command().mut_arg("base_path", base_path))
    }
}

/// Runs a command line.
fn run_words(host: &Arc<CommandLine>, words: &[OsString]) -> ExitCode {
    let words = &with_attached_keys(words);
    let parsed = host
        .definition()
        .try_get_matches_from(words)
        .and_then(|matches| Ok((Arguments::from_arg_matches(&matches)?, matches)))
        .map_err(|error| blame_variable(error, words, host));
    let (mut arguments, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) if error.use_stderr() && asks_for_json(words, host) => {
            return usage_json(&error, host);
        }
        Err(error) => return usage(&error),
    };
    arguments.global.host = host.clone();
    let mut invocation = Invocation::new(words, &matches, host);
    let prepared = prepare(&mut arguments, &matches);
    let global = &arguments.global;
    let mut output = Output::new(global.color, !global.no_pager, global.format);
    let result = prepared
        .and_then(|()| expect_store(&arguments, &mut output))
        .and_then(|()| match arguments.command.fleet() {
            Some((command, fleet, page)) => {
                let question = fleet::Question {
                    command,
                    options: format!("{:?}", arguments.command),
                    run: &|global, output| dispatch(global, &arguments.command, output),
                    page,
                };
                fleet::run(fleet, global, &question, &mut output)
            }
            None => dispatch(global, &arguments.command, &mut output),
        });
    let withheld = arguments.global.withheld.names();
    for name in &withheld {
        output.warning(shared_store::not_asked(name, &invocation));
    }
    warn_shadowed(&arguments.global, &mut output);
    let finished = output.finish();
    git_environment::clean_up();
    match result.and_then(|exit| finished.map(|()| exit)) {
        Ok(exit) => exit.into(),
        Err(Failure::ClosedPipe) => output.known().into(),
        Err(failure) => {
            if let Failure::Load(_) = failure
                && let Some(revision) = arguments.global.not_loaded.take()
            {
                invocation = invocation.about(&revision);
            }
            // What to do about a project that the store was not asked about is said above.
            let hint = if withheld.is_empty() {
                invocation.found_base_path = found_base_path(&arguments.global, &invocation);
                let environments = &arguments.global.environments;
                hint::of_environment(&failure, environments, &invocation)
                    .or_else(|| hint::hint(&failure, &invocation))
            } else {
                None
            };
            if arguments.global.format == Format::Json {
                output.error_json(&ErrorReport::new(&failure, hint.as_deref(), &invocation));
            } else {
                output.problem(failure.message());
                if let Some(hint) = hint {
                    output.hint(hint);
                }
            }
            match &arguments.command {
                Command::MergeDriver(driver) if driver.drives() => Exit::NotMerged.into(),
                _ => failure.exit().into(),
            }
        }
    }
}

impl Command {
    /// The command's name, its options and its page, where it is asked about many repositories.
    fn fleet(
        &self,
    ) -> Option<(
        &'static str,
        &fleet::FleetArguments,
        Option<&html::PageFile>,
    )> {
        let (name, fleet, page) = match self {
            Command::Status(command) => ("status", &command.fleet, Some(&command.html)),
            Command::Rehearse(command) => ("rehearse", &command.fleet, Some(&command.html)),
            Command::Doctor(command) => ("doctor", &command.fleet, None),
            Command::Check(command) => ("check", &command.fleet, None),
            Command::Uses(command) => ("uses", &command.fleet, Some(&command.html)),
            Command::Query(command) => ("query", &command.fleet, None),
            _ => return None,
        };
        fleet.wanted().then_some((name, fleet, page))
    }
}

/// Writes `-SKEY` as `-S=KEY`. Git takes the key only attached, since it may be left out; `clap` takes such a value only after an
/// equals sign.
fn with_attached_keys(words: &[OsString]) -> Vec<OsString> {
    let mut words = words.to_vec();
    let options = words.iter_mut().take_while(|word| *word != "--");
    for word in options {
        let key = word.to_str().and_then(|word| word.strip_prefix("-S"));
        if let Some(key) = key.filter(|key| !key.is_empty() && !key.starts_with('=')) {
            *word = format!("-S={key}").into();
        }
    }
    words
}

/// Names the environment variable where that has the wrong value, and not the option, which nobody typed.
fn blame_variable(error: clap::Error, words: &[OsString], host: &CommandLine) -> clap::Error {
    let Some(ContextValue::String(blamed)) = error.get(ContextKind::InvalidArg) else {
        return error;
    };
    let mut definition = host.definition();
    // Arguments can be shown only then.
    definition.build();
    let mut arguments = definition.get_arguments();
    let argument = arguments.find(|argument| argument.to_string() == *blamed);
    let (Some(option), Some(variable)) = (
        argument.and_then(Arg::get_long),
        argument.and_then(|argument| argument.get_env()?.to_str()),
    ) else {
        return error;
    };
    let is_typed = words.iter().any(|word| {
        let rest = word.to_str().and_then(|word| word.strip_prefix("--"));
        let rest = rest.and_then(|word| word.strip_prefix(option));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
    });
    if is_typed {
        return error;
    }
    let text = error.render().to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let variable = format!("the environment variable {variable}");
    clap::Error::raw(
        error.kind(),
        text.replacen(&format!("'{blamed}'"), &variable, 1),
    )
}

/// What clap has to say. Help and version come this way too; a reader that has gone away needs no telling.
fn usage(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    let exit = if error.use_stderr() {
        Exit::Usage
    } else {
        Exit::Done
    };
    exit.into()
}

/// Whether a command line that can't be understood asks for JSON, as far as can be told.
fn asks_for_json(words: &[OsString], host: &CommandLine) -> bool {
    let words = || words.iter().map(|word| word.to_str().unwrap_or_default());
    let mut pairs = words().zip(words().skip(1));
    let said = words()
        .filter_map(|word| word.strip_prefix("--format="))
        .next_back()
        .or(pairs
            .rfind(|(word, _)| *word == "--format")
            .map(|(_, format)| format));
    match said {
        Some(format) => format == "json",
        None => std::env::var_os(host.variable("FORMAT")).is_some_and(|format| format == "json"),
    }
}

/// The same as [`usage`], for scripts.
fn usage_json(error: &clap::Error, host: &CommandLine) -> ExitCode {
    let text = error.render().to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let mut parts = text.split("\n\n").map(str::trim_end);
    let message = parts.next().unwrap_or_default().to_owned();
    let tip = parts.find_map(|part| part.trim_start().strip_prefix("tip: "));
    let help = format!("see how it is called: {} help", host.called());
    let hint = tip.map_or(help, |tip| tip.replace("\n  tip:", ";"));
    let mut output = Output::new(Colour::Auto, false, Format::Json);
    output.error_json(&ErrorReport::usage(message, &hint));
    Exit::Usage.into()
}

/// Goes to the folder asked for, and fills in what files of settings say.
fn prepare(arguments: &mut Arguments, matches: &ArgMatches) -> Result<(), Failure> {
    if let Some(folder) = &arguments.global.directory {
        std::env::set_current_dir(folder).map_err(|error| Failure::File {
            path: folder.display().to_string(),
            error,
        })?;
    }
    arguments.global.matches = matches.clone();
    let is_about_many = match &arguments.command {
        Command::Baseline(command) => command.is_about_many(),
        #[cfg(feature = "serve")]
        Command::Serve(command) => command.has_config(),
        #[cfg(feature = "serve")]
        Command::Token(_) => true,
        command => command.fleet().is_some(),
    };
    if is_about_many {
        return settings::apply_to_all(&mut arguments.global, matches);
    }
    settings::apply(&mut arguments.global, matches)
}

/// A store that somebody named and that isn't there is an error for what would write to it or check it, and a warning for what
/// reads. (The command `store` sees for itself.)
fn expect_store(arguments: &Arguments, output: &mut Output) -> Result<(), Failure> {
    let Some(path) = &arguments.global.store else {
        return Ok(());
    };
    let is_missing = || store_place::is_missing(path);
    match &arguments.command {
        Command::Commit(_)
        | Command::Upgrade(_)
        | Command::Downgrade(_)
        | Command::Restore(_)
        | Command::RenameThing(_)
        | Command::Merge(_)
        | Command::Adopt(_)
        | Command::Doctor(_)
            if is_missing() =>
        {
            Err(Failure::Store(crate::store::Error::Absent {
                store: store_place::location(path),
            }))
        }
        Command::Preview(_)
        | Command::Plan(_)
        | Command::Show(_)
        | Command::Diff(_)
        | Command::Compare(_)
        | Command::Uses(_)
        | Command::Check(_)
        | Command::Query(_)
        | Command::Log(_)
        | Command::Blame(_)
        | Command::Export(_)
        | Command::Status(_)
        | Command::Rehearse(_)
        | Command::Explain(_)
            if is_missing() =>
        {
            output.warning(format_args!(
                "there is no store at {}, which was named: this is the result without one",
                store_place::location(path)
            ));
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Runs a command line that the demo shows. Only its own words count: the process's environment and settings may point to
/// other repositories.
fn run_line(words: Vec<String>, output: &mut Output) -> Result<(), Failure> {
    let mut arguments =
        Arguments::try_parse_from(words).map_err(|error| Failure::Other(error.to_string()))?;
    let global = &mut arguments.global;
    (global.base_path, global.store, global.project) = (None, None, None);
    global.tenant = None;
    global.repo_is_named = true;
    dispatch(&arguments.global, &arguments.command, output)?;
    Ok(())
}

/// The command line that a client's question stands for. Its global options are the service's.
#[cfg(feature = "serve")]
fn parse_question(
    host: &Arc<CommandLine>,
    words: &[OsString],
) -> Result<serve::ParsedQuestion, clap::Error> {
    let matches = host.definition().try_get_matches_from(words)?;
    let command = Arguments::from_arg_matches(&matches)?.command;
    Ok(serve::ParsedQuestion {
        invocation: Invocation::new(words, &matches, host),
        run: Box::new(move |global, output| dispatch(global, &command, output)),
    })
}

fn dispatch(global: &Global, command: &Command, output: &mut Output) -> Result<Exit, Failure> {
    match command {
        Command::Preview(command) => preview::run(global, command, output),
        Command::Plan(command) => plan::run(global, command, output),
        Command::Show(command) => show::run(global, command, output),
        Command::Diff(command) => diff::run(global, command, output),
        Command::Compare(command) => compare::run(global, command, output),
        Command::Uses(command) => uses::run(global, command, output),
        Command::Check(command) => check::run(global, command, output),
        Command::Query(command) => query::run(global, command, output),
        Command::Log(command) => log::run(global, command, output),
        Command::Blame(command) => blame::run(global, command, output),
        Command::Export(command) => export::run(global, command, output),
        Command::Status(command) => status::run(global, command, output),
        Command::Rehearse(command) => rehearse::run(global, command, output),
        Command::Report(command) => report::run(global, command, output),
        Command::Explain(command) => explain::run(global, command, output),
        Command::Doctor(command) => doctor::run(global, command, output),
        Command::Commit(command) => commit::run(global, command, output),
        Command::Upgrade(command) => commit::upgrade(global, command, output),
        Command::Downgrade(command) => commit::downgrade(global, command, output),
        Command::Restore(command) => restore::run(global, command, output),
        Command::Merge(command) => merge::run(global, command, output),
        Command::RenameThing(command) => rename_thing::run(global, command, output),
        Command::MergeDriver(command) => merge_driver::run(global, command, output),
        Command::Resolve(command) => resolve::run(global, command, output),
        Command::Adopt(command) => adopt::run(global, command, output),
        Command::Store(command) => store::run(global, command, output),
        Command::Verify(command) => verify::run(global, command, output),
        Command::Baseline(command) => baseline::run(global, command, output),
        Command::New(command) => new::run(global, command, output),
        Command::Snapshot(command) => snapshot::run(global, command, output),
        Command::Convert(command) => convert::run(global, command, output),
        Command::Demo(command) => demo::run(global, command, &run_line, output),
        #[cfg(feature = "serve")]
        Command::Serve(command) => serve::run(global, command, parse_question, output),
        #[cfg(feature = "serve")]
        Command::Token(command) => serve::token(global, command, output),
        Command::Completions(command) => generate::completions(global, command, output),
        Command::Man(command) => generate::man(global, command, output),
    }
}
