//! `compare`: which values differ between many refs, and who has which.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::iter::{self, successors};
use std::sync::OnceLock;

use crate::catalog::DocumentName;
use crate::compare::{ComparedDocument, ComparedRow, Table};
use crate::git::RefScope;
use crate::ocl::Kind;
use crate::project::{LoadError, LoadOptions, Project, for_each, no_such_document};
use crate::report::{ColumnsReport, HtmlPage, RefFailedReport, RowFailedReport, RowReport};
use crate::text::{self, AS_FAR_AS_READ, count, grouped};
use crate::values::{FindError, Leaf};

use super::failure::{Exit, Failure};
use super::global::{Defaults, Format, Global};
use super::named_refs::{NamedRef, name_of, named_refs, shown_name};
use super::output::Output;
use super::subject::Subject;
use super::{complete, html, warnings};

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

/// Of a value, so many characters are shown.
const WIDEST: usize = 100;

/// About how long a line is, in bytes.
const LINE: usize = 160;

/// So many rows are put into words before they are printed.
const AT_ONCE: usize = 1_000;

pub(super) fn run(
    global: &Global,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    arguments.html.check()?;
    let project = global.open()?;
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
        return Err(in_no_column(&project, &table, arguments, name).into());
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
fn in_no_column(
    project: &Project,
    table: &Table,
    arguments: &Arguments,
    name: String,
) -> LoadError {
    let options = LoadOptions {
        target: arguments.to,
    };
    let mut documents = BTreeSet::new();
    let mut told: Vec<LoadError> = Vec::new();
    for column in &table.columns {
        let project = project.at(&column.base_path);
        for reference in &column.refs {
            if let Ok(loaded) = project.load(&reference.name, options) {
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

/// Why a document isn't printed.
enum Stopped {
    Nothing(FindError),
    Failed(Failure),
}

impl<E: Into<Failure>> From<E> for Stopped {
    fn from(error: E) -> Stopped {
        Stopped::Failed(error.into())
    }
}

/// How a table is put into words.
struct Words<'t> {
    table: &'t Table,
    /// So many refs are named of each value.
    most: usize,
    has_several_base_paths: bool,
}

struct Printer<'o> {
    global: &'o Global,
    table: &'o Table,
    words: Words<'o>,
    output: &'o mut Output,
    /// The columns that override a default.
    overriding: BTreeSet<usize>,
    values: usize,
    documents: usize,
    /// Whether a document couldn't be compared.
    has_failed: bool,
}

impl Printer<'_> {
    fn document(&mut self, document: &ComparedDocument, subject: &Subject) -> Result<(), Stopped> {
        for (columns, message) in &document.failed {
            self.has_failed = true;
            match self.global.format {
                Format::Json => {
                    let report = RowFailedReport::new(document, columns, message);
                    self.output.json(&report)?;
                }
                Format::Text => {
                    let refs = self.words.refs_of(columns);
                    self.output.problem(format_args!("{refs}: {message}"));
                }
            }
        }
        let rows = document.rows(&subject.selector).map_err(Stopped::Nothing)?;
        if rows.is_empty() {
            return Ok(());
        }
        self.documents += 1;
        self.values += if self.table.only_overrides {
            defaults_among(&rows)
        } else {
            rows.len()
        };
        if self.global.format == Format::Json {
            for row in &rows {
                self.output.json(&RowReport::new(document, row))?;
            }
            return Ok(());
        }
        self.output.heading(&document.name)?;
        for rows in rows.chunks(AT_ONCE) {
            let lines: Vec<OnceLock<Vec<String>>> = vec![OnceLock::new(); rows.len()];
            for_each(rows.len(), |place| {
                lines[place].get_or_init(|| self.words.lines(&rows[place]));
            });
            for line in lines.iter().filter_map(OnceLock::get).flatten() {
                self.output.line(line)?;
            }
        }
        let overriding = rows.iter().flat_map(|row| &row.overriding);
        self.overriding.extend(overriding);
        self.output.line("")?;
        Ok(())
    }

    fn end(&mut self) -> Result<(), Failure> {
        let (most, only_overrides) = (self.words.most, self.table.only_overrides);
        for (refs, reason) in &self.table.failed {
            let names: Vec<String> = refs.iter().map(name_of).collect();
            match self.global.format {
                Format::Json => self.output.json(&RefFailedReport::new(refs, reason))?,
                Format::Text => {
                    let names = text::some_of(names, most);
                    self.output.problem(format_args!("{names}: {reason}"));
                }
            }
        }
        let refs: usize = self
            .table
            .columns
            .iter()
            .map(|column| column.refs.len())
            .sum();
        if self.global.format == Format::Text {
            let refs = count(refs, "ref");
            let documents = count(self.documents, "document");
            let overriding = self.overriding.iter();
            let overriding: usize = overriding
                .map(|column| self.table.columns[*column].refs.len())
                .sum();
            let summary = match (self.values, only_overrides) {
                (0, false) => format!("nothing differs between {refs}"),
                (0, true) => format!("no default is overridden in {refs}"),
                (1, false) => format!("1 value differs in {documents} between {refs}"),
                (values, false) => {
                    let values = count(values, "value");
                    format!("{values} differ in {documents} between {refs}")
                }
                (values, true) => {
                    let values = count(values, "default");
                    let overrides = if overriding == 1 {
                        "overrides"
                    } else {
                        "override"
                    };
                    format!("{overriding} of {refs} {overrides} {values} in {documents}")
                }
            };
            let rest = if self.has_failed { AS_FAR_AS_READ } else { "" };
            self.output.line(format_args!("{summary}{rest}"))?;
        }
        warnings::tell_refs(&self.table.warnings, most, self.output);
        if !self.table.without_project.is_empty() {
            let names: BTreeSet<String> = self.table.without_project.iter().map(name_of).collect();
            let why = if names.len() == 1 {
                "it holds"
            } else {
                "they hold"
            };
            let names = text::some_of(names, most);
            self.output
                .note(format_args!("left out, as {why} no project: {names}"));
        }
        Ok(())
    }
}

impl Words<'_> {
    /// A value that differs: its address, what it is and where, and what the defaults say.
    fn lines(&self, row: &ComparedRow<'_>) -> Vec<String> {
        let mut lines = vec![format!("  {}", row.element)];
        let with_default = row.defaults.iter().flat_map(|(_, columns)| columns);
        let with_default: BTreeSet<usize> = with_default.copied().collect();
        let mut values = Vec::with_capacity(row.values.len());
        for (leaf, columns) in &row.values {
            let shown = leaf.as_ref();
            let shown = shown.map_or_else(|| "(none)".to_owned(), shown_value);
            let shown = (text::columns(&shown), shown);
            if with_default.is_empty() && row.overriding.is_empty() {
                values.push((shown, "", Cow::Borrowed(&**columns)));
                continue;
            }
            let (overriding, others): (Vec<usize>, Vec<usize>) = columns
                .iter()
                .partition(|column| row.overriding.binary_search(column).is_ok());
            values.push((shown.clone(), "  overrides the default", overriding.into()));
            if self.table.only_overrides {
                continue;
            }
            let (applies, others): (Vec<usize>, Vec<usize>) = others
                .into_iter()
                .partition(|column| leaf.is_none() && with_default.contains(column));
            values.push((shown.clone(), "  the default applies", applies.into()));
            values.push((shown, "", others.into()));
        }
        values.retain(|(.., columns)| !columns.is_empty());
        values.sort_by_key(|(.., columns)| columns[0]);
        let widths = values.iter().map(|((width, _), ..)| *width);
        let widest = widths.max().unwrap_or(0).min(24);
        for ((width, value), mark, columns) in &values {
            let mut line = String::with_capacity(LINE);
            line.push_str("    ");
            line.push_str(value);
            line.extend(iter::repeat_n(' ', 2 + widest.saturating_sub(*width)));
            self.push_refs(columns, &mut line);
            line.push_str(mark);
            lines.push(line);
        }
        for (leaf, columns) in &row.defaults {
            let value = shown_value(leaf);
            let refs = if columns.len() == self.table.columns.len() {
                String::new()
            } else {
                format!(" of {}", self.refs_of(columns))
            };
            lines.push(format!("    the default{refs} is {value}"));
        }
        lines
    }

    /// The refs of some columns, in words.
    fn refs_of(&self, columns: &[usize]) -> String {
        let mut text = String::new();
        self.push_refs(columns, &mut text);
        text
    }

    /// The same at the end of a text. There may be thousands.
    fn push_refs(&self, columns: &[usize], text: &mut String) {
        let columns = columns.iter().map(|column| &self.table.columns[*column]);
        let all: usize = columns.clone().map(|column| column.refs.len()).sum();
        let refs = columns.flat_map(|column| column.refs.iter().map(move |it| (it, column)));
        let shown = all.min(self.most);
        for (place, (reference, column)) in refs.take(shown).enumerate() {
            if place > 0 {
                let is_last = place + 1 == all;
                text.push_str(if is_last { " and " } else { ", " });
            }
            text.push_str(shown_name(reference));
            if self.has_several_base_paths {
                text.push(' ');
                text.push_str(&column.base_path);
            }
        }
        if shown < all {
            text.push_str(" and ");
            text.push_str(&grouped(all - shown));
            text.push_str(" more");
        }
    }
}

/// How many defaults are overridden in these rows: a list is one, whatever of it they show.
fn defaults_among(rows: &[ComparedRow<'_>]) -> usize {
    let defaults = rows.iter().map(|row| {
        let elements = successors(Some(&row.element), |element| element.parent());
        let list = elements.filter(|element| element.content().kind() == Kind::List);
        list.last().unwrap_or(&row.element).to_string()
    });
    let mut defaults: Vec<String> = defaults.collect();
    defaults.dedup();
    defaults.len()
}

/// A value on one line, shortened.
fn shown_value(leaf: &Leaf<'_>) -> String {
    let value = leaf.value().to_string();
    match value.char_indices().nth(WIDEST) {
        Some((end, _)) => format!(
            "{}… ({})",
            &value[..end],
            count(value.chars().count(), "character")
        ),
        None => value,
    }
}
