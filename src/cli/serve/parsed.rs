//! The command line that a question stands for, parsed.

use std::ffi::OsString;
use std::sync::Arc;

use crate::cli::command_line::CommandLine;
use crate::cli::failure::{Exit, Failure};
use crate::cli::global::Global;
use crate::cli::invocation::Invocation;
use crate::cli::output::Output;

/// The command line that a question stands for.
pub(in crate::cli) struct ParsedQuestion {
    pub(in crate::cli) invocation: Invocation,
    pub(in crate::cli) run:
        Box<dyn Fn(&Global, &mut Output) -> Result<Exit, Failure> + Send + Sync>,
}

/// Makes it of its words.
pub(in crate::cli) type ParseQuestion =
    fn(&Arc<CommandLine>, &[OsString]) -> Result<ParsedQuestion, clap::Error>;
