//! `blame`: for every value of a document the commit that gave it.

use crate::catalog::DocumentName;
use crate::history::{BlameOptions, Blamed, HistoryCommit, HistoryError};
use crate::plan::PlannedImport;
use crate::project::{LoadOptions, Loaded};
use crate::report::{BlameReport, HistoryErrorReport, HtmlPage};
use crate::text::{self, columns, padding, short_id};

use super::explain::fetching_it;
use super::failure::{Exit, Failure};
use super::global::{Format, Global};
use super::left_out::LeftOut;
use super::output::Output;
use super::warnings::Warnings;
use super::{complete, html, loading, time};

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
        .map_err(|error| loading::failed(&loaded, revision, &name, error))?;
    let exit = output.knows(if blame.not_lifted().is_empty() {
        Exit::Done
    } else {
        Exit::Failure
    });
    match global.format {
        Format::Json => {
            for value in blame.values() {
                output.json(&BlameReport::new(&blame, &value))?;
            }
            for error in blame.not_lifted() {
                output.json(&HistoryErrorReport::new(&name, error))?;
            }
        }
        Format::Text => {
            output.page();
            let authors = blame.values().filter_map(|value| value.commit.map(author));
            let widths = authors.map(|author| columns(&author));
            let width = widths.max().unwrap_or(0).min(WIDEST_AUTHOR);
            for value in blame.values() {
                let giver = match value.commit {
                    Some(commit) => by(commit, mark(&value), width),
                    None => not_in_git(&loaded, blame.name()),
                };
                output.line(format_args!("{giver} {}", value.leaf))?;
            }
            if let Some(import) = loaded.pending_import(blame.name()) {
                output.note(still_in_store(&name, import));
            }
            let mut left_out = LeftOut::default();
            for error in blame.not_lifted() {
                if let HistoryError::NotLifted { commit, reason } = error
                    && left_out.takes(&short_id(&commit.id), reason)
                {
                    continue;
                }
                output.problem(error);
            }
            let is_left_out = !left_out.is_empty();
            let git_dir = project.repository().git_dir();
            let from = [loaded.commit().to_string()];
            left_out.tell("commit", git_dir, &from, loaded.base_path(), output);
            if blame.values().any(|value| mark(&value) == "?") {
                output.note(
                    "`?` marks a commit before which the document can't be read: the value may be older",
                );
            }
            if let Some(cause) = blame.values().find_map(|value| value.history_ends) {
                output.note(
                    "`^` marks the oldest commit that could be looked at: the value may come from one before it",
                );
                if !is_left_out {
                    output.hint(fetching_it(cause, &project));
                }
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

/// What isn't certain of the commit that gave a value.
fn mark(value: &Blamed<'_>) -> &'static str {
    match value {
        Blamed {
            history_ends: Some(_),
            ..
        } => "^",
        Blamed {
            is_before_unread: true,
            ..
        } => "?",
        _ => "",
    }
}

/// The commit that gave a value.
fn by(commit: &HistoryCommit, mark: &str, width: usize) -> String {
    let author = author(commit);
    format!(
        "{mark}{} ({author}{} {})",
        short_id(&commit.id),
        padding(&author, width),
        time::day(&commit.author),
    )
}

fn author(commit: &HistoryCommit) -> String {
    text::visible_line(&commit.author.name).into_owned()
}

/// Where the values of a document are that no commit gave.
fn not_in_git(loaded: &Loaded, name: &DocumentName) -> String {
    match loaded.pending_import(name) {
        Some(import) => format!("not in Git yet (from the {})", import.source),
        None => "not in Git".to_owned(),
    }
}

/// Why a document's values have no commit.
pub(super) fn still_in_store(name: &str, import: &PlannedImport) -> String {
    format!(
        "{}: no commit has its values yet: the import at version {} brings them in from the store's {}, and they will \
         belong to the commit that writes it",
        text::visible_line(name),
        import.version,
        import.source
    )
}
