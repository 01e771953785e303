//! `compare`: which values differ between many refs, and who has which.

mod print;
mod words;

use std::collections::BTreeSet;

use crate::catalog::DocumentName;
use crate::compare::Table;
use crate::git::RefScope;
use crate::project::{LoadError, LoadOptions, Project, ReadError, no_such_document};
use crate::report::{ColumnsReport, HtmlPage};
use crate::values::FindError;

use super::failure::{Exit, Failure};
use super::global::{Defaults, Format, Global};
use super::loading::failed;
use super::named_refs::{NamedRef, named_refs, shown_name};
use super::output::Output;
use super::subject::Subject;
use super::{complete, html};
use print::{Printer, Stopped};
use words::Words;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate compare                                        every value that isn't the same everywhere
  ocl-migrate compare variables                              in one document
  ocl-migrate compare variables 'variable[\"Retries\"].value'  some values of it
  ocl-migrate compare --refs main 'release/*'                other refs than the environments or branches
  ocl-migrate compare --overrides                            which refs override the default, and with what
  ocl-migrate compare --format json | jq -r 'select(.address) | .address'
  ocl-migrate compare --html values.html                     a table of environments by values")]
pub(super) struct Arguments {
    /// A document, by name (`runbook/backup`) or path (default: all)
    #[arg(value_name = "DOC", add = complete::documents())]
    document: Option<String>,
    /// What to compare in it (default: all): an address, or a selector of several
    #[arg(value_name = "SELECTOR", add = complete::selectors())]
    selector: Option<String>,
    /// Branches, tags, commits or environments, or patterns of refs (`release/*`) (default: every environment of the repository's
    /// settings; without any, every branch)
    #[arg(long, value_name = "PATTERN", num_args = 1.., add = complete::refs())]
    refs: Vec<String>,
    /// Every ref there is
    #[arg(long, conflicts_with = "refs")]
    all: bool,
    /// The version to compare in (default: the server version)
    #[arg(long, value_name = "N")]
    to: Option<u32>,
    /// A ref whose values are everybody's defaults: marks what overrides them (default: `defaults` of the repository's settings)
    #[arg(long, value_name = "REF", add = complete::refs())]
    defaults: Option<String>,
    /// Only values that override a default, also where all refs have the same
    #[arg(long)]
    overrides: bool,
    /// Name every ref, not only the first few of each value
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    html: html::PageFile,
}

/// Said where defaults are asked for, and there are none.
pub(super) const NO_DEFAULTS: &str = "nothing says what the defaults are: name a ref with --defaults REF, or write `defaults = \"REF\"` into \
                                      .ocl-migrate.hcl";

/// How many refs of a value are named.
const NAMED: usize = 5;

pub(super) fn run(
    global: &Global,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    arguments.html.check()?;
    let project = global.open()?;
    global.check_base_path(&project, &arguments.refs)?;
    let words = [&arguments.document, &arguments.selector];
    let words: Vec<String> = words.into_iter().flatten().cloned().collect();
    let subject = Subject::parse(&words)?;
    let mut compared = table(global, &project, arguments, &subject)?;
    let subject = if compared.is_document_known {
        subject
    } else {
        subject.settled(|word| {
            compared = table(global, &project, arguments, &Subject::of_document(word))?;
            Ok(compared.is_document_known)
        })?
    };
    let table = compared;
    if !table.is_document_known {
        let name = subject.typed().unwrap_or_default().to_owned();
        return Err(in_no_column(&project, &table, arguments, name));
    }
    let has_failed =
        !table.failed.is_empty() || table.documents.iter().any(|it| !it.failed.is_empty());
    let exit = output.knows(if has_failed {
        Exit::Failure
    } else {
        Exit::Done
    });
    output.page();
    let mut printer = Printer {
        global,
        table: &table,
        words: Words {
            table: &table,
            most: if arguments.list { usize::MAX } else { NAMED },
            has_several_base_paths: table
                .columns
                .windows(2)
                .any(|pair| pair[0].base_path != pair[1].base_path),
        },
        has_failed: false,
        output,
        overriding: BTreeSet::new(),
        values: 0,
        documents: 0,
    };
    if global.format == Format::Json {
        printer.output.json(&ColumnsReport::new(&table.columns))?;
    }
    let mut nothing = None;
    for document in &table.documents {
        match printer.document(document, &subject) {
            Ok(()) => {}
            Err(Stopped::Nothing(error)) => nothing = Some(not_found(error, &document.name)),
            Err(Stopped::Failed(failure)) => return Err(failure),
        }
    }
    match nothing {
        Some(failure) => return Err(failure),
        None => expect_selected(&project, &table, arguments, &subject)?,
    }
    printer.end()?;
    let page = || Ok::<_, Failure>(HtmlPage::comparison(&table, &subject.selector));
    arguments.html.write(global, page, output)?;
    Ok(exit)
}

/// Compares the refs that were asked for.
fn table(
    global: &Global,
    project: &Project,
    arguments: &Arguments,
    subject: &Subject,
) -> Result<Table, Failure> {
    let mut comparison = project.comparison(LoadOptions {
        target: arguments.to,
    });
    if let Some(document) = subject.typed() {
        comparison = comparison.only(document);
    }
    let defaults = Defaults::chosen(global, arguments.defaults.as_ref());
    if let Some(defaults) = &defaults {
        comparison.set_defaults(defaults.revision(global, project)?)?;
    }
    if arguments.overrides {
        let mut kinds = project.catalog().kinds().iter();
        if defaults.is_none() && kinds.all(|kind| kind.defaults.is_none()) {
            return Err(Failure::Usage(NO_DEFAULTS.into()));
        }
        comparison = comparison.overrides();
    }
    let (named, patterns) = named_refs(global, project, &arguments.refs);
    for named in named {
        match named {
            NamedRef::Environment(environment) => {
                comparison.add_environment(&environment.name, &environment.revision)
            }
            NamedRef::Revision(revision) => comparison.add_revision(revision)?,
        }
    }
    if !patterns.is_empty() {
        comparison.add_matching(&patterns)?;
    }
    match (&*arguments.refs, arguments.all, &*global.environments) {
        ([], true, _) => comparison.add_scope(RefScope::All)?,
        ([], false, []) => comparison.add_scope(RefScope::Branches)?,
        ([], false, _) => {
            for (name, revision) in global.environments_in(project) {
                comparison.add_environment(name, revision);
            }
        }
        _ => {}
    }
    Ok(comparison.run())
}

/// The document is in no column; told are those of all that can be loaded.
fn in_no_column(project: &Project, table: &Table, arguments: &Arguments, name: String) -> Failure {
    let options = LoadOptions {
        target: arguments.to,
    };
    let mut documents = BTreeSet::new();
    let mut told: Vec<LoadError> = Vec::new();
    for column in &table.columns {
        let project = project.at(&column.base_path);
        for reference in &column.refs {
            if let Ok(loaded) = project.load(&reference.name, options) {
                if let Err(error @ ReadError::Removed(_)) = loaded.values_of(&name) {
                    return failed(&loaded, shown_name(reference), &name, error);
                }
                documents.extend(loaded.names().cloned());
                told.push(no_such_document(&[&loaded], &name, Vec::new()));
            }
        }
    }
    let says_more = |error: &LoadError| match error {
        LoadError::NoSuchDocument { not_imported, .. } => not_imported.is_some(),
        _ => false,
    };
    let best = told.iter().position(says_more).unwrap_or(0);
    let (version, not_imported) = match told.into_iter().nth(best) {
        Some(LoadError::NoSuchDocument {
            version,
            not_imported,
            ..
        }) => (version, not_imported),
        _ => (None, None),
    };
    LoadError::NoSuchDocument {
        name,
        known: documents.into_iter().collect(),
        version,
        not_imported,
        elsewhere: Vec::new(),
    }
    .into()
}

/// Where the document has one text everywhere, whether the selector selects anything in it was not looked at yet.
fn expect_selected(
    project: &Project,
    table: &Table,
    arguments: &Arguments,
    subject: &Subject,
) -> Result<(), Failure> {
    let (true, Some(document), false) = (
        table.documents.is_empty(),
        subject.typed(),
        subject.selector.is_empty(),
    ) else {
        return Ok(());
    };
    let options = LoadOptions {
        target: arguments.to,
    };
    let mut refs = table.columns.iter().flat_map(|column| &column.refs);
    let Some(loaded) = refs.find_map(|reference| project.load(&reference.name, options).ok())
    else {
        return Ok(());
    };
    let name = loaded
        .name_of(document)
        .map_or(document, |name| name.as_str());
    let lifted = loaded.values_of(name)?;
    if lifted.values().select(&subject.selector).is_empty()
        && let Err(error) = lifted.values().find(&subject.selector)
    {
        return Err(not_found(error, lifted.name()));
    }
    Ok(())
}

/// A selector that selects nothing in any ref.
fn not_found(error: FindError, document: &DocumentName) -> Failure {
    Failure::Find {
        error,
        document: document.to_string(),
        revision: None,
    }
}
