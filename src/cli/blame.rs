//! `blame`: for every value of a document the commit that gave it.

use crate::history::{BlameOptions, Blamed};
use crate::project::LoadOptions;
use crate::report::{BlameReport, HistoryErrorReport, HtmlPage};
use crate::text::{self, columns, padding, short_id};

use super::explain::fetching_it;
use super::failure::{Exit, Failure};
use super::global::{Format, Global};
use super::output::Output;
use super::warnings::Warnings;
use super::{complete, export, html, time};

/// Longer names of authors don't push the values to the right.
const WIDEST_AUTHOR: usize = 20;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate blame main variables
  ocl-migrate blame v1.0 .octopus/deployment_process.ocl
  ocl-migrate blame main variables --format json | jq -r 'select(.author == \"Ann\").address'")]
pub(super) struct Arguments {
    /// A branch, a tag or a commit
    #[arg(value_name = "REF", add = complete::refs())]
    revision: String,
    /// A document, by name (`runbook/backup`) or path
    #[arg(value_name = "DOC", add = complete::documents())]
    document: String,
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
    let project = global.open()?;
    let target = LoadOptions {
        target: arguments.to,
    };
    let (revision, wanted) = (&arguments.revision, &arguments.document);
    let (loaded, name) = global.load_document(&project, revision, wanted, target)?;
    let options = BlameOptions {
        target: arguments.to,
        first_parent: arguments.first_parent,
    };
    let blame = project
        .blame(&loaded.commit().to_string(), &name, options)
        .map_err(|error| export::failed(&loaded, revision, &name, error))?;
    let exit = output.knows(if blame.not_lifted().is_empty() {
        Exit::Done
    } else {
        Exit::Failure
    });
    match global.format {
        Format::Json => {
            for value in blame.values() {
                output.json(&BlameReport::new(&name, &value))?;
            }
            for error in blame.not_lifted() {
                output.json(&HistoryErrorReport::new(&name, error))?;
            }
        }
        Format::Text => {
            output.page();
            let author =
                |value: &Blamed<'_>| text::visible_line(&value.commit.author.name).into_owned();
            let widths = blame.values().map(|value| columns(&author(&value)));
            let width = widths.max().unwrap_or(0).min(WIDEST_AUTHOR);
            for value in blame.values() {
                let author = author(&value);
                output.line(format_args!(
                    "{}{} ({author}{} {}) {}",
                    if value.history_ends.is_some() {
                        "^"
                    } else {
                        ""
                    },
                    short_id(&value.commit.id),
                    padding(&author, width),
                    time::day(&value.commit.author),
                    value.leaf
                ))?;
            }
            for error in blame.not_lifted() {
                output.problem(error);
            }
            if let Some(cause) = blame.values().find_map(|value| value.history_ends) {
                output.note(
                    "`^` marks the oldest commit that is here: the value may come from one before it",
                );
                output.hint(fetching_it(cause, &project));
            }
        }
    }
    let mut warnings = Warnings::new(output);
    warnings.of_ref(&loaded);
    warnings.of_named(&loaded, &name);
    let page = || Ok::<_, Failure>(HtmlPage::blame(&blame));
    arguments.html.write(global, page, output)?;
    Ok(exit)
}
