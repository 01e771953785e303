//! Prints what differs, document by document.

use std::collections::BTreeSet;
use std::iter::successors;
use std::sync::OnceLock;

use super::words::Words;
use crate::cli::failure::Failure;
use crate::cli::global::{Format, Global};
use crate::cli::left_out::Fetches;
use crate::cli::named_refs::name_of;
use crate::cli::output::Output;
use crate::cli::subject::Subject;
use crate::cli::warnings;
use crate::compare::{ComparedDocument, ComparedRow, Table};
use crate::ocl::Kind;
use crate::project::for_each;
use crate::report::{RefFailedReport, RowFailedReport, RowReport};
use crate::text::{self, AS_FAR_AS_READ, count};
use crate::values::FindError;

/// So many rows are put into words before they are printed.
const AT_ONCE: usize = 1_000;

/// Why a document isn't printed.
pub(super) enum Stopped {
    Nothing(FindError),
    Failed(Failure),
}

impl<E: Into<Failure>> From<E> for Stopped {
    fn from(error: E) -> Stopped {
        Stopped::Failed(error.into())
    }
}

/// Prints a table.
pub(super) struct Printer<'o> {
    pub(super) global: &'o Global,
    pub(super) table: &'o Table,
    pub(super) words: Words<'o>,
    pub(super) output: &'o mut Output,
    /// The columns that override a default.
    pub(super) overriding: BTreeSet<usize>,
    pub(super) values: usize,
    pub(super) documents: usize,
    /// Whether a document couldn't be compared.
    pub(super) has_failed: bool,
}

impl Printer<'_> {
    pub(super) fn document(
        &mut self,
        document: &ComparedDocument,
        subject: &Subject,
    ) -> Result<(), Stopped> {
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

    pub(super) fn end(&mut self) -> Result<(), Failure> {
        let (most, only_overrides) = (self.words.most, self.table.only_overrides);
        let mut fetches = Fetches::default();
        for (refs, reason) in &self.table.failed {
            let names: Vec<String> = refs.iter().map(name_of).collect();
            match self.global.format {
                Format::Json => self.output.json(&RefFailedReport::new(refs, reason))?,
                Format::Text => {
                    let names = text::some_of(names, most);
                    let reason = fetches.take(reason);
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
        fetches.tell(self.global, self.output);
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
