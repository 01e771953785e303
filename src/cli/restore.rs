//! `restore`: the values of an old commit in the branch's shape.

use std::collections::BTreeMap;

use crate::catalog::DocumentName;
use crate::project::{Project, Restoration, RestoreFrom};
use crate::text;
use crate::values::{Address, Selector};

use super::commit::{self, Writing};
use super::consent::Consent;
use super::failure::{Exit, Failure, Refusal};
use super::global::Global;
use super::output::Output;
use super::signing::Signing;
use super::subject::Subject;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate restore main --from main~3      what would be written
  ocl-migrate restore main --from v1.0 -m 'As it was' runbook/backup
  ocl-migrate restore main --from v1.0 variables 'variable[\"Retries\"]'      one value, or one block")]
pub(super) struct Arguments {
    /// The branch to commit to
    #[arg(value_name = "BRANCH", add = super::complete::branches())]
    branch: String,
    /// The commit that has the values, or an environment
    #[arg(long, value_name = "COMMIT", add = super::complete::refs())]
    from: String,
    /// The base path of the project in that commit, where it has moved since
    #[arg(long, value_name = "PATH")]
    from_base_path: Option<String>,
    /// Documents, by name (`runbook/backup`) (default: all); or one document and a selector, for that value or block alone. What
    /// the old commit doesn't have there is removed
    #[arg(value_name = "DOC [SELECTOR]", add = super::complete::documents())]
    documents: Vec<String>,
    #[command(flatten)]
    consent: Consent,
    /// Commit it with this message; without this option, only show what would be written
    #[arg(short, long, value_name = "TEXT")]
    message: Option<String>,
    #[command(flatten)]
    signing: Signing,
}

pub(super) fn run(
    global: &Global,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let project = global.open_to_write()?;
    global.expect_branch(&project, &arguments.branch)?;
    let from = global.revision(&project, &arguments.from);
    if arguments.from_base_path.is_none() {
        global.check_base_path(&project, &[from.to_owned()])?;
    }
    let branch = &arguments.branch;
    let from = RestoreFrom {
        revision: from,
        base_path: arguments.from_base_path.as_deref(),
    };
    let restoration = match address(&project, &arguments.documents)? {
        Some(address) => project.restore_value(branch, from, &address)?,
        None => project.restore(branch, from, &arguments.documents)?,
    };
    for name in &restoration.untouched {
        output.warning(format_args!(
            "{} stays as it is: at {} its kind was not in Git yet",
            text::visible_line(name.as_str()),
            arguments.from,
        ));
    }
    tell_gone(&restoration, arguments, output);
    for (name, loss) in &restoration.losses {
        output.warning(format_args!(
            "{} at {}: {loss}",
            text::visible_line(name.as_str()),
            arguments.from,
        ));
    }
    if restoration.restored.is_empty() && restoration.removed.is_empty() {
        restoration.draft.branch()?;
        let all_taken = restoration.untouched.is_empty() && restoration.gone.is_empty();
        let message = match (restoration.same.is_empty(), all_taken) {
            (true, false) => format!("there is nothing to restore from {}", arguments.from),
            (false, false) => {
                format!("{branch} has the other values already: there is nothing to restore")
            }
            _ => format!("{branch} has these values already: there is nothing to restore"),
        };
        return Err(Failure::Refused(Refusal::NothingToRestore, message));
    }
    if !restoration.removed.is_empty() {
        let removed = restoration.removed.iter();
        let removed = removed.map(|name| text::visible_line(name.as_str()));
        let (is, it) = match (arguments.message.is_some(), restoration.removed.len()) {
            (true, 1) => ("is", "it"),
            (false, 1) => ("would be", "it"),
            (true, _) => ("are", "them"),
            (false, _) => ("would be", "them"),
        };
        let keep = match &*arguments.documents {
            [] => format!(". To keep {it}, name the documents to restore"),
            _ => String::new(),
        };
        output.warning(format_args!(
            "{} {is} removed: {} doesn't have {it}{keep}",
            text::some_of(removed, 20),
            arguments.from,
        ));
    }
    let message = arguments.message.as_deref();
    let writing = Writing {
        branch: arguments.branch.clone(),
        message: message.unwrap_or("Restore").to_owned(),
        consent: arguments.consent.clone(),
        to: None,
        dry_run: message.is_none(),
        signing: arguments.signing.clone(),
        base_path: None,
    };
    let draft = &restoration.draft;
    let exit = commit::finish(global, &project, draft, &writing, None, output)?;
    if message.is_none() {
        output.warning("nothing is written yet: say -m MESSAGE to commit this");
    }
    Ok(exit)
}

/// What the branch's version has no place for.
fn tell_gone(restoration: &Restoration, arguments: &Arguments, output: &mut Output) {
    let mut by_step: BTreeMap<(u32, &str), Vec<&str>> = BTreeMap::new();
    for (name, version, step) in &restoration.gone {
        let names = by_step.entry((*version, step)).or_default();
        names.push(name.as_str());
    }
    for ((version, step), names) in by_step {
        let is = if names.len() == 1 { "is" } else { "are" };
        let names = names.into_iter().map(text::visible_line);
        output.warning(format_args!(
            "{} of {} {is} left out: step {version} {step} removes what {} has no place for",
            text::some_of(names.collect::<Vec<_>>(), 20),
            arguments.from,
            arguments.branch,
        ));
    }
}

/// The value that is named, if it is one: a document and a selector in two words, or an address in one. A second word that is
/// the name of a document is one. What no document can be called, and is no selector, is one with a mistake.
fn address(project: &Project, words: &[String]) -> Result<Option<Address>, Failure> {
    let names_document = |word: &str| {
        let name: Option<DocumentName> = word.parse().ok();
        name.is_some_and(|name| project.catalog().kind(name.kind()).is_some())
    };
    let names_value = match words {
        [word] => word.contains(char::is_whitespace) && !names_document(word),
        [_, second] => {
            let is_selector = |word: &str| word.parse::<Selector>().is_ok();
            !names_document(second) && (second.contains(['[', '{', '"']) || is_selector(second))
        }
        _ => false,
    };
    if !names_value {
        return Ok(None);
    }
    Subject::parse(words).map(|subject| subject.address())
}
