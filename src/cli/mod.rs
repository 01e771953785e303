//! The command line: arguments, one file per command, and what the process says at its end.

mod adopt;
mod commit;
mod complete;
mod convert;
mod demo;
mod doctor;
mod effect;
mod explain;
mod failure;
mod files;
mod generate;
mod global;
mod hint;
mod html;
mod invocation;
mod layout;
#[cfg(test)]
mod messages;
mod new;
mod output;
mod pager;
mod plan;
mod preview;
mod progress;
mod rehearse;
mod restore;
mod settings;
mod shared_store;
mod show;
mod snapshot;
mod status;
mod store;
mod verify;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};

use failure::{Exit, Failure};
use global::Global;
use invocation::Invocation;
use output::Output;

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

Exit codes: 0 done; 1 a failure you can mend; 2 usage; 3 changes are pending (preview --exit-code);
4 the branch or an import changed meanwhile, try again; 101 a bug.

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
    /// List every branch and tag with its version and the number of pending steps
    Status(status::Arguments),
    /// Migrate every ref in memory, and report which change, fail or lose something
    Rehearse(rehearse::Arguments),
    /// Explain one document: where it came from, what each step did to it, and why other steps didn't run
    Explain(explain::Arguments),
    /// Find problems in the repository, the store and the catalog, and say how to fix them
    Doctor(doctor::Arguments),
    /// Commit a user's change to a branch, with the migration
    Commit(commit::Arguments),
    /// Commit the migration alone
    Upgrade(commit::Upgrade),
    /// Commit a branch at a lower version, with the values it has
    Downgrade(commit::Downgrade),
    /// Restore the values that documents had in an old commit, in the branch's shape
    Restore(restore::Arguments),
    /// Let the store catch up with a branch that is ahead of it
    Adopt(adopt::Arguments),
    /// Inspect the store, and put documents and lookups into it
    Store(store::Arguments),
    /// Test the catalog against its cases and snapshots, from every version to the latest
    Verify(verify::Arguments),
    /// Make a new step: its folder, its text and a first case
    New(new::Arguments),
    /// Record what a project looks like at the newest version
    Snapshot(snapshot::Arguments),
    /// Convert OCL files to JSON, one line per file
    Convert(convert::Arguments),
    /// Make a small repository with branches at several versions, and preview them
    Demo(demo::Arguments),
    /// Print a script with which a shell completes commands, refs and documents
    Completions(generate::Completions),
    /// Write the manual pages
    Man(generate::Man),
}

/// Runs the command that the process was started with.
///
/// It reads the process's arguments, environment and files, prints, and may ask at a terminal. It doesn't exit: that is left to
/// `main`, which returns the code.
pub fn run() -> ExitCode {
    if let Err(error) = complete::answer(Arguments::command) {
        return usage(&error);
    }
    let words: Vec<OsString> = std::env::args_os().collect();
    let parsed = Arguments::command()
        .try_get_matches_from(&words)
        .and_then(|matches| Ok((Arguments::from_arg_matches(&matches)?, matches)));
    let (mut arguments, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return usage(&error),
    };
    let invocation = Invocation::new(&words, &matches);
    let prepared = prepare(&mut arguments, &matches);
    let mut output = Output::new(arguments.global.color, !arguments.global.no_pager);
    let result = prepared.and_then(|()| dispatch(&arguments, &mut output));
    let withheld = arguments.global.withheld.names();
    for name in &withheld {
        output.warning(shared_store::not_asked(name, &invocation));
    }
    let finished = output.finish();
    match result.and_then(|exit| finished.map(|()| exit)) {
        Ok(exit) => exit.into(),
        Err(Failure::ClosedPipe) => Exit::Done.into(),
        Err(failure) => {
            output.problem(failure.message());
            // What to do about a project that the store was not asked about is said above.
            if withheld.is_empty()
                && let Some(hint) = hint::hint(&failure, &invocation)
            {
                output.hint(hint);
            }
            failure.exit().into()
        }
    }
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

/// Goes to the folder asked for, and fills in what files of settings say.
fn prepare(arguments: &mut Arguments, matches: &ArgMatches) -> Result<(), Failure> {
    if let Some(folder) = &arguments.global.directory {
        std::env::set_current_dir(folder).map_err(|error| Failure::File {
            path: folder.display().to_string(),
            error,
        })?;
    }
    settings::apply(&mut arguments.global, matches)
}

/// Runs a command line that the demo shows. Only its own words count: the process's environment and settings may point to
/// other repositories.
fn run_line(words: Vec<String>, output: &mut Output) -> Result<(), Failure> {
    let mut arguments =
        Arguments::try_parse_from(words).map_err(|error| Failure::Other(error.to_string()))?;
    let global = &mut arguments.global;
    (global.base_path, global.store, global.project) = (None, None, None);
    global.repo_is_named = true;
    dispatch(&arguments, output)?;
    Ok(())
}

fn dispatch(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    match &arguments.command {
        Command::Preview(command) => preview::run(&arguments.global, command, output),
        Command::Plan(command) => plan::run(&arguments.global, command, output),
        Command::Show(command) => show::run(&arguments.global, command, output),
        Command::Status(command) => status::run(&arguments.global, command, output),
        Command::Rehearse(command) => rehearse::run(&arguments.global, command, output),
        Command::Explain(command) => explain::run(&arguments.global, command, output),
        Command::Doctor(command) => doctor::run(&arguments.global, command, output),
        Command::Commit(command) => commit::run(&arguments.global, command, output),
        Command::Upgrade(command) => commit::upgrade(&arguments.global, command, output),
        Command::Downgrade(command) => commit::downgrade(&arguments.global, command, output),
        Command::Restore(command) => restore::run(&arguments.global, command, output),
        Command::Adopt(command) => adopt::run(&arguments.global, command, output),
        Command::Store(command) => store::run(&arguments.global, command, output),
        Command::Verify(command) => verify::run(&arguments.global, command, output),
        Command::New(command) => new::run(&arguments.global, command, output),
        Command::Snapshot(command) => snapshot::run(&arguments.global, command, output),
        Command::Convert(command) => convert::run(&arguments.global, command, output),
        Command::Demo(command) => demo::run(&arguments.global, command, &run_line, output),
        Command::Completions(command) => generate::completions(command, output),
        Command::Man(command) => generate::man(command, Arguments::command(), output),
    }
}
