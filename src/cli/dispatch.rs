//! Runs the command that was asked for.

#[cfg(feature = "serve")]
use std::ffi::OsString;
#[cfg(feature = "serve")]
use std::sync::Arc;

#[cfg(feature = "serve")]
use clap::FromArgMatches as _;
use clap::Parser as _;

use super::arguments::{Arguments, Command};
#[cfg(feature = "serve")]
use super::command_line::CommandLine;
use super::failure::{Exit, Failure};
use super::global::Global;
#[cfg(feature = "serve")]
use super::invocation::Invocation;
use super::output::Output;
#[cfg(feature = "serve")]
use super::serve;
use super::{
    adopt, applies, baseline, blame, check, commit, compare, convert, demo, diff, doctor, explain,
    export, generate, log, merge, merge_driver, new, plan, preview, query, rehearse, rename_thing,
    report, resolve, restore, show, snapshot, status, store, store_place, uses, verify,
};

pub(super) fn dispatch(
    global: &Global,
    command: &Command,
    output: &mut Output,
) -> Result<Exit, Failure> {
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
        Command::Applies(command) => applies::run(global, command, output),
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

/// A store that somebody named and that isn't there is an error for what would write to it or check it, and a warning for what
/// reads. (The command `store` sees for itself.)
pub(super) fn expect_store(arguments: &Arguments, output: &mut Output) -> Result<(), Failure> {
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
        | Command::Applies(_)
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
