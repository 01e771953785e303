//! `preview`: what migrating would change.

use std::collections::BTreeSet;

use crate::migrate::StepChange;
use crate::project::{
    DocumentOutcome, DocumentWarning, LoadOptions, Loaded, LookupKey, MigratedDocument, Warning,
    join,
};
use crate::report::{DiffStat, DocumentReport, FileDiff, HtmlPage, RefReport};
use crate::text;

use super::failure::{Exit, Failure, quoted};
use super::global::{Format, Global};
use super::lookups::fill_in_for;
use super::output::Output;
use super::{complete, html, plan, warnings};

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate preview feature/x                what would change, as a diff
  ocl-migrate preview --by-step v1.0           every line under the step that changes it
  ocl-migrate preview --stat main~3            changed lines per document
  ocl-migrate preview --exit-code main         exit code 3 if anything would change, for scripts")]
pub(super) struct Arguments {
    /// A branch, a tag or a commit
    #[arg(value_name = "REF", default_value = "HEAD", add = complete::refs())]
    revision: String,
    /// Count the changed lines per document instead of showing them
    #[arg(long, conflicts_with = "by_step")]
    stat: bool,
    /// Every changed line under the step that changed it
    #[arg(long)]
    by_step: bool,
    /// The version to migrate to (default: the server version)
    #[arg(long, value_name = "N")]
    to: Option<u32>,
    /// Leave out the plan's steps
    #[arg(long)]
    no_plan: bool,
    /// Exit with 3 if anything would change
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    html: html::PageFile,
}

/// With `--stat`, so many documents without a change are named.
const MOST_UNCHANGED: usize = 20;

pub(super) fn run(
    global: &Global,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    arguments.html.check()?;
    let project = global.open()?;
    let loaded = global.load(
        &project,
        &arguments.revision,
        LoadOptions {
            target: arguments.to,
        },
    )?;
    loaded.migrate_all();
    let mut failed = false;
    let mut changes = loaded.version().number() != loaded.plan().target;
    let mut diffs = Vec::new();
    let older = loaded.looks_older(loaded.documents());
    let dangling = loaded.dangling();
    for document in loaded.documents() {
        let diff = diff_of(&loaded, document)?;
        changes |= !diff.is_empty();
        failed |= document.error().is_some();
        diffs.push((document, diff));
    }
    let exit = output.knows(match (failed, changes && arguments.exit_code) {
        (true, _) => Exit::Failure,
        (false, true) => Exit::Pending,
        (false, false) => Exit::Done,
    });
    match global.format {
        Format::Json => {
            let mut report = RefReport::new(&loaded);
            report.warn(older.iter().chain(&dangling));
            let documents = diffs
                .iter()
                .map(|(document, diff)| DocumentReport::with_diff(&loaded, document, diff));
            report.documents = documents.collect();
            output.json(&report)?;
        }
        Format::Text => {
            output.page();
            print_text(&loaded, &diffs, arguments, output)?;
            warnings::tell_ref(&loaded, output);
            tell_older(older.as_ref(), output);
            dangling.iter().for_each(|warning| output.warning(warning));
            for (document, _) in &diffs {
                tell_document(&loaded, document, output);
            }
            let missing = missing_lookups(&loaded);
            if !missing.is_empty() && global.store_is_file() {
                let base_paths = [loaded.base_path()];
                let catalog = loaded.project().catalog();
                let hint = fill_in_for(global, &global.repo, catalog, &base_paths, &missing);
                hint.into_iter().for_each(|hint| output.hint(hint));
            }
            let mut failed = loaded.documents().filter(|it| it.error().is_some());
            if let Some(document) = failed.next() {
                let to = arguments.to.map(|to| format!(" --to {to}"));
                output.hint(format_args!(
                    "see why: {} explain {} {}{}",
                    global.program_at(loaded.base_path()),
                    quoted(&arguments.revision),
                    quoted(document.name.as_str()),
                    to.unwrap_or_default()
                ));
            }
        }
    }
    arguments
        .html
        .write(global, || HtmlPage::preview(&loaded), output)?;
    Ok(exit)
}

/// What a document's migration changes in the repository.
pub(super) fn diff_of(loaded: &Loaded, document: &MigratedDocument) -> Result<FileDiff, Failure> {
    let full = |path: &str| join(loaded.base_path(), path);
    if document.error().is_some()
        || matches!(
            document.outcome,
            DocumentOutcome::Unchanged | DocumentOutcome::LeftOut
        )
    {
        return Ok(FileDiff::new(None, None));
    }
    let before = match &document.path_before {
        Some(path) => loaded.before(document)?.map(|bytes| (full(path), bytes)),
        None => None,
    };
    let after = loaded
        .content(document)?
        .map(|bytes| (full(&document.path), bytes));
    let side = |side: &Option<(String, Vec<u8>)>| {
        side.as_ref()
            .map(|(path, bytes)| (path.clone(), bytes.clone()))
    };
    let (before, after) = (side(&before), side(&after));
    Ok(FileDiff::new(
        before.as_ref().map(|(path, bytes)| (&**path, &**bytes)),
        after.as_ref().map(|(path, bytes)| (&**path, &**bytes)),
    ))
}

/// The lookups of all documents that have no answer.
fn missing_lookups(loaded: &Loaded) -> BTreeSet<LookupKey> {
    let documents = loaded.documents();
    let warnings = documents.flat_map(|document| loaded.document_warnings(document));
    warnings
        .filter_map(DocumentWarning::into_missing_lookup)
        .collect()
}

/// That steps which the marker counts as done would still change documents.
pub(super) fn tell_older(older: Option<&Warning>, output: &mut Output) {
    if let Some(older) = older {
        output.warning(older);
    }
}

pub(super) fn tell_document(loaded: &Loaded, document: &MigratedDocument, output: &mut Output) {
    warnings::tell_document(loaded, document, output);
    if let Some(failure) = document.failure(loaded.base_path()) {
        output.problem(failure);
    }
}

type Diffs<'l> = [(&'l MigratedDocument, FileDiff)];

fn print_text(
    loaded: &Loaded,
    diffs: &Diffs<'_>,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<(), Failure> {
    plan::print_head(loaded, output)?;
    if !arguments.no_plan {
        plan::print_of(loaded, output)?;
    }
    print_marker(loaded, output)?;
    if arguments.by_step {
        return print_by_step(loaded, diffs, output);
    }
    let changed: Vec<_> = diffs.iter().filter(|(_, diff)| !diff.is_empty()).collect();
    if !changed.is_empty() {
        output.line("")?;
    }
    if arguments.stat {
        let widths = changed.iter().map(|(_, diff)| text::columns(diff.path()));
        let width = widths.max().unwrap_or(0);
        for (_, diff) in &changed {
            let DiffStat { added, removed } = diff.stat();
            let (path, padding) = (diff.path(), text::padding(diff.path(), width));
            output.line(format_args!("  {path}{padding}  +{added} -{removed}"))?;
        }
        let unchanged = diffs.iter();
        let unchanged =
            unchanged.filter(|(document, diff)| diff.is_empty() && document.error().is_none());
        let (left_out, unchanged): (Vec<_>, Vec<_>) =
            unchanged.partition(|(document, _)| is_left_out(document));
        let said = [("as they are", unchanged), ("left out", left_out)];
        let said = said
            .into_iter()
            .filter(|(_, documents)| !documents.is_empty());
        for (index, (what, documents)) in said.enumerate() {
            if index == 0 {
                output.line("")?;
            }
            let names = documents.iter();
            let names = names.map(|(document, _)| text::visible_line(document.name.as_str()));
            let names = text::some_of(names.collect::<Vec<_>>(), MOST_UNCHANGED);
            output.line(format_args!("  {what}: {names}"))?;
        }
    } else {
        for (_, diff) in &changed {
            output.diff(diff)?;
        }
    }
    print_summary(diffs, output)
}

fn is_left_out(document: &MigratedDocument) -> bool {
    matches!(document.outcome, DocumentOutcome::LeftOut)
}

fn print_marker(loaded: &Loaded, output: &mut Output) -> Result<(), Failure> {
    let (before, after) = loaded.marker_paths();
    let (from, to) = (loaded.version(), loaded.plan().target);
    if from.number() == to {
        return Ok(());
    }
    let moved = match before {
        Some(before) if before != after => format!("{before} becomes {after}, "),
        _ => format!("{after}: "),
    };
    output.line("")?;
    Ok(output.line(format_args!("  {moved}{from} -> {to}"))?)
}

fn print_summary(diffs: &Diffs<'_>, output: &mut Output) -> Result<(), Failure> {
    let mut total = DiffStat::default();
    let changed = diffs.iter().filter(|(_, diff)| !diff.is_empty());
    let count = changed.inspect(|(_, diff)| total += diff.stat()).count();
    let failed = diffs
        .iter()
        .filter(|(document, _)| document.error().is_some())
        .count();
    let documents = diffs.len();
    let mut text = format!(
        "{count} of {} would change, {} added, {} removed",
        text::count(documents, "document"),
        text::count(total.added, "line"),
        text::grouped(total.removed)
    );
    let left_out = diffs
        .iter()
        .filter(|(document, _)| is_left_out(document))
        .count();
    if left_out > 0 {
        text.push_str(&format!("; {left_out} left out"));
    }
    if failed > 0 {
        text.push_str(&format!("; {failed} can't be migrated"));
    }
    output.line("")?;
    Ok(output.line(text)?)
}

/// Every changed line under the step that changed it.
fn print_by_step(loaded: &Loaded, diffs: &Diffs<'_>, output: &mut Output) -> Result<(), Failure> {
    let catalog = loaded.project().catalog();
    let mut steps: Vec<usize> = loaded.plan().rows.iter().map(|row| row.step).collect();
    steps.dedup();
    for index in steps {
        let step = &catalog.steps()[index];
        let mut parts = Vec::new();
        for (document, _) in diffs {
            if document.error().is_none() {
                parts.extend(diff_of_step(loaded, document, index)?);
            }
        }
        if parts.is_empty() {
            continue;
        }
        output.line("")?;
        output.heading(format_args!(
            "step {} {}: {}",
            step.version(),
            step.name(),
            step.describe()
        ))?;
        for part in &parts {
            output.diff(part)?;
        }
    }
    print_summary(diffs, output)
}

/// What one step changes in one document.
fn diff_of_step(
    loaded: &Loaded,
    document: &MigratedDocument,
    step: usize,
) -> Result<Option<FileDiff>, Failure> {
    use crate::catalog::Action;
    let catalog = loaded.project().catalog();
    let path = |path: &str| join(loaded.base_path(), path);
    let here = path(&document.path);
    if loaded
        .plan()
        .import_of(document.name.kind())
        .is_some_and(|import| import.step == step)
        && matches!(document.outcome, DocumentOutcome::Imported { .. })
    {
        let bytes = loaded.before(document)?.unwrap_or_default();
        return Ok(Some(FileDiff::new(None, Some((&here, &bytes)))));
    }
    let kind = catalog.kind(document.name.kind());
    if let (Action::Rename(_), Some(kind), true) = (
        catalog.steps()[step].action(),
        kind,
        catalog.steps()[step].concerns(document.name.kind()),
    ) {
        let version = catalog.steps()[step].version();
        let slug = document.name.slug();
        let place = |version| catalog.path_at(kind, version).path_of(slug).ok();
        let ends = if version > loaded.plan().target {
            (place(version), place(version - 1))
        } else {
            (place(version - 1), place(version))
        };
        return Ok(match ends {
            (Some(old), Some(new)) if old != new => Some(FileDiff::new(
                Some((&path(&old), b"")),
                Some((&path(&new), b"")),
            )),
            _ => None,
        });
    }
    let changes = document.changes();
    let Some(position) = changes.iter().position(|change| change.step == step) else {
        return Ok(None);
    };
    let before = match position.checked_sub(1).map(|previous| &changes[previous]) {
        Some(StepChange {
            text: Some(text), ..
        }) => text.as_bytes().to_vec(),
        _ => loaded.before(document)?.unwrap_or_default(),
    };
    let after = changes[position].text.as_deref();
    Ok(Some(FileDiff::new(
        Some((&here, &before)),
        after.map(|text| (&*here, text.as_bytes())),
    )))
}
