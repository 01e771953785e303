//! `rename-thing`: another name for a thing, where it is defined and wherever it is referred to.

use crate::project::LoadOptions;
use crate::references::RenamedThing;
use crate::report::RenamedPlaceReport;
use crate::text::{count, list, visible_line};

use super::commit::{self, Writing};
use super::complete;
use super::consent::Consent;
use super::failure::{Exit, Failure};
use super::global::{Format, Global};
use super::output::Output;
use super::signing::Signing;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate rename-thing variable Retries Attempts --into main --dry-run      what would be written
  ocl-migrate rename-thing variable Retries Attempts --into main -m 'Rename Retries'
  ocl-migrate rename-thing environment staging test --into main -m 'As on the server'")]
pub(super) struct Arguments {
    /// The kind of the thing: `variable`, `environment`, `feed`
    #[arg(value_name = "KIND", add = complete::thing_kinds())]
    kind: String,
    /// The name that it has
    #[arg(value_name = "OLD", add = complete::things())]
    old: String,
    /// The name that it is to have
    #[arg(value_name = "NEW")]
    new: String,
    /// The branch to commit to
    #[arg(long = "into", value_name = "BRANCH", add = complete::branches())]
    branch: String,
    /// The commit's message
    #[arg(short, long, value_name = "TEXT", required_unless_present = "dry_run")]
    message: Option<String>,
    #[command(flatten)]
    consent: Consent,
    /// Show what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    signing: Signing,
}

pub(super) fn run(
    global: &Global,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let Arguments {
        kind,
        old,
        new,
        branch,
        ..
    } = arguments;
    let project = global.open_to_write()?;
    let loaded = global.load_branch(&project, branch, LoadOptions::default())?;
    let mut draft = loaded.edit();
    let renamed = draft.rename_thing(kind, old, new)?;
    let message = arguments.message.clone();
    let writing = Writing {
        branch: branch.clone(),
        message: message.unwrap_or_else(|| format!("Rename {old} to {new}")),
        consent: arguments.consent.clone(),
        to: None,
        dry_run: arguments.dry_run,
        signing: arguments.signing.clone(),
        base_path: None,
    };
    let exit = commit::finish(global, &project, &draft, &writing, None, output)?;
    tell(global, arguments, &renamed, output)?;
    Ok(exit)
}

fn tell(
    global: &Global,
    arguments: &Arguments,
    renamed: &RenamedThing,
    output: &mut Output,
) -> Result<(), Failure> {
    let Arguments { kind, old, new, .. } = arguments;
    if global.format == Format::Json {
        for place in &renamed.places {
            output.json(&RenamedPlaceReport::new(place, new))?;
        }
    } else {
        let is = if arguments.dry_run {
            output.line("")?;
            "would be"
        } else {
            "is"
        };
        let places = count(renamed.places.len(), "place");
        let documents = count(renamed.documents.len(), "document");
        output.line(format_args!(
            "{kind} {} {is} {} at {places} in {documents}",
            visible_line(old),
            visible_line(new),
        ))?;
    }
    if !renamed.also.is_empty() {
        output.note(format_args!(
            "what has its name in the same place gets the new one too: the {}",
            list(&renamed.also)
        ));
    }
    if renamed.is_of_server {
        output.warning(format_args!(
            "no document defines a thing of the kind {kind}: these are references, and the thing itself has to be renamed on the server"
        ));
    }
    Ok(())
}
