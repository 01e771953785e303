//! The command line: arguments, one file per command, and what the process says at its end.
//!
//! A server with steps in Rust gets all of it for its own catalog: [`run`], or [`CommandLine`] for a name and a store of its own.
//! This module alone prints, asks at a terminal, and reads arguments and environment.

mod adopt;
mod applies;
mod arguments;
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
mod dispatch;
mod doctor;
mod doctor_beside;
mod doctor_mend;
mod doctor_merges;
mod doubled;
mod effect;
mod error_json;
mod explain;
mod export;
mod failure;
mod files;
mod fleet;
mod found;
mod found_base_path;
mod generate;
mod git_environment;
mod global;
mod hint;
mod html;
mod invocation;
mod layout;
mod left_out;
mod loading;
mod log;
mod lookups;
mod merge;
mod merge_driver;
#[cfg(test)]
mod messages;
mod named_refs;
mod new;
mod opened;
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
mod usage;
mod uses;
mod value_change;
mod verify;
mod wanted;
mod warnings;

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _};

use crate::catalog::Catalog;
use arguments::{Arguments, Command};
pub use command_line::CommandLine;
use dispatch::{dispatch, expect_store};
use error_json::ErrorReport;
use failure::{Exit, Failure};
use found_base_path::{found_base_path, strays};
use global::Format;
use invocation::Invocation;
use output::Output;
use shadowed::warn_shadowed;
use usage::{
    asks_for_json, blame_variable, usage, usage_json, with_attached_keys, without_useless_tip,
};

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
        .map_err(|error| blame_variable(without_useless_tip(error), words, host));
    let (mut arguments, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) if error.use_stderr() && asks_for_json(words, host) => {
            return usage_json(&error, words, host);
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
            let not_opened = arguments.global.not_opened.take();
            let global = not_opened.as_deref().unwrap_or(&arguments.global);
            if let Some(project) = &not_opened {
                invocation = invocation.of_project(project.chosen());
            }
            if let Failure::Load(_) = failure
                && let Some(revision) = arguments.global.not_loaded.take()
            {
                invocation = invocation.about(&revision);
            }
            if let Some(from) = invocation.from.as_deref().filter(|_| invocation.begins())
                && failure.is_of_what_is_read()
            {
                invocation = invocation.about(from);
            }
            // What to do about a project that the store was not asked about is said above.
            let hint = if withheld.is_empty() {
                invocation.base_path_place = global.base_path_place.clone();
                invocation.found_base_path = found_base_path(global, &invocation);
                if failure.is_of_missing_lookups() {
                    invocation.store_takes = lookups::taken_by_store(global, &invocation);
                }
                if failure.is_of_unknown_project() {
                    invocation.strays = strays(global, &invocation);
                }
                let environments = &arguments.global.environments;
                hint::of_environment(&failure, environments, &invocation)
                    .or_else(|| hint::hint(&failure, &invocation))
            } else {
                None
            };
            let exit = match &arguments.command {
                Command::MergeDriver(driver) if driver.drives() => Exit::NotMerged,
                _ => failure.exit(),
            };
            if arguments.global.format == Format::Json {
                let report = ErrorReport::new(&failure, hint.as_deref(), &invocation);
                output.error_json(&report.ending_with(exit));
            } else {
                output.problem(failure.message());
                if let Some(hint) = hint {
                    output.hint(hint);
                }
            }
            exit.into()
        }
    }
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
