//! `adopt`: let the store catch up with a branch that is ahead of it.

use crate::git::Timestamp;
use crate::project::LoadOptions;
use crate::report::AdoptReport;

use super::failure::{Exit, Failure};
use super::global::{Format, Global, SHORT_LIVED};
use super::output::Output;
use super::{complete, effect};

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate adopt --dry-run main      what would leave the store's table
  ocl-migrate adopt main")]
pub(super) struct Arguments {
    /// The branch that is ahead
    #[arg(value_name = "BRANCH", add = complete::branches())]
    branch: String,
    /// Show what the store would do, and do nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(
    global: &Global,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let project = global.open_with(SHORT_LIVED)?;
    let loaded = global.load_branch(&project, &arguments.branch, LoadOptions::default())?;
    let adoption = loaded.adopt(Timestamp::now_utc().seconds)?;
    if arguments.dry_run {
        match global.format {
            Format::Json => output.json(&AdoptReport::new(adoption.effect(), &[], true))?,
            Format::Text if adoption.effect().is_empty() => {
                output.line("the store is not behind: nothing to do")?
            }
            Format::Text => effect::print(adoption.effect(), "would", output)?,
        }
        return Ok(Exit::Done);
    }
    let adopted = adoption.publish()?;
    match global.format {
        Format::Json => output.json(&AdoptReport::new(&adopted.effect, &adopted.settled, false))?,
        Format::Text => {
            effect::print_settled(&adopted.settled, output)?;
            if adopted.effect.is_empty() {
                output.line("the store is not behind: nothing to do")?;
            }
            effect::print(&adopted.effect, "did", output)?;
        }
    }
    Ok(Exit::Done)
}
