//! Refs side by side: a table of environments by values.

use super::documents::search;
use super::markup::{Anchor, Html};
use super::page::{Head, HtmlPage, page};
use super::values::{Shown, and_more, begin_table, nothing};
use crate::compare::{Column, ComparedDocument, ComparedRef, ComparedRow, Table};
use crate::text::{AS_FAR_AS_READ, count, folder, grouped, some_of};
use crate::values::Selector;

/// With more columns, each value is told with its refs instead.
const MOST_COLUMNS: usize = 12;
/// A page has at most this many rows.
const MOST_ROWS: usize = 5_000;
/// How many refs are named: in the head of a column, and beside a value.
const NAMED: usize = 3;
/// Of one row, so many values are told with their refs.
const MOST_VALUES: usize = 20;

/// All that the page of `compare` shows.
#[derive(Debug)]
pub(super) struct ComparedView {
    pub(super) head: Head,
    /// The refs of each column.
    pub(super) columns: Vec<Vec<String>>,
    pub(super) documents: Vec<DocumentRows>,
    /// Whether the rows are what overrides a default, and nothing else.
    pub(super) only_overrides: bool,
    /// Refs that can't be compared, and why.
    pub(super) failed: Vec<(String, String)>,
}

#[derive(Debug)]
pub(super) struct DocumentRows {
    pub(super) name: String,
    /// Columns that can't read it, and why.
    pub(super) failed: Vec<(Vec<usize>, String)>,
    pub(super) rows: Vec<ValueRow>,
    pub(super) left_out: usize,
}

/// A value that differs, and in which columns it is what; `None` where it isn't there.
#[derive(Debug)]
pub(super) struct ValueRow {
    pub(super) address: String,
    pub(super) values: Vec<(Option<Shown>, Vec<usize>)>,
    /// What the defaults say, and for which columns.
    pub(super) defaults: Vec<(Shown, Vec<usize>)>,
    /// The columns that override their default.
    pub(super) overriding: Vec<usize>,
}

impl HtmlPage {
    /// Refs side by side: the values that differ, of those that a selector selects.
    pub fn comparison(table: &Table, selector: &Selector) -> HtmlPage {
        ComparedView::new(table, selector).page()
    }
}

impl ComparedView {
    fn new(table: &Table, selector: &Selector) -> ComparedView {
        let mut room = MOST_ROWS;
        let documents = table.documents.iter();
        let documents: Vec<DocumentRows> = documents
            .map(|document| DocumentRows::new(document, selector, &mut room))
            .filter(|document| !document.rows.is_empty() || !document.failed.is_empty())
            .collect();
        let values: usize = documents.iter().map(DocumentRows::count).sum();
        let refs: usize = table.columns.iter().map(|column| column.refs.len()).sum();
        let names = |refs: &[ComparedRef]| some_of(refs.iter().map(name_of), NAMED);
        let warnings = table.warnings.iter();
        let warnings = warnings.map(|(refs, warning)| format!("{}: {warning}", names(refs)));
        let several = table.columns.windows(2);
        let several = several
            .into_iter()
            .any(|it| it[0].base_path != it[1].base_path);
        let columns = table
            .columns
            .iter()
            .map(|column| column_names(column, several));
        let failed = table.failed.iter();
        let has_failed = documents.iter().any(|document| !document.failed.is_empty());
        ComparedView {
            head: Head {
                command: "compare",
                title: title(values, refs, table.only_overrides)
                    + if has_failed { AS_FAR_AS_READ } else { "" },
                facts: vec![
                    ("refs", grouped(refs)),
                    ("documents", grouped(documents.len())),
                    ("values", grouped(values)),
                ],
                warnings: warnings.collect(),
                ..Head::default()
            },
            columns: columns.collect(),
            documents,
            only_overrides: table.only_overrides,
            failed: failed
                .map(|(refs, reason)| (names(refs), reason.clone()))
                .collect(),
        }
    }

    pub(super) fn page(&self) -> HtmlPage {
        let mut html = Html::default();
        for (refs, reason) in &self.failed {
            html.raw("<pre class=\"error\">")
                .text(format_args!("{refs}: {reason}"))
                .raw("</pre>\n");
        }
        html.raw("<section class=\"list\" aria-labelledby=\"values-title\">\n<div class=\"bar\"><h2 id=\"values-title\">")
            .raw(if self.only_overrides { "Values that override a default" } else { "Values that differ" })
            .raw("</h2>");
        search("Search values", &mut html);
        html.raw("</div>\n");
        for document in &self.documents {
            self.document(document, &mut html);
        }
        html.raw("<p class=\"nothing\" hidden>Nothing fits the search.</p>\n</section>\n");
        page(&self.head, html)
    }

    fn document(&self, document: &DocumentRows, html: &mut Html) {
        html.raw("<details class=\"item group\" open")
            .id(&Anchor::new("doc", &document.name))
            .raw(">\n<summary>");
        html.element("<bdi class=\"key\">", &document.name, "</bdi>");
        html.raw("<span class=\"stat\"><span class=\"hits\"></span>")
            .text(if document.count() == 0 {
                "not compared".to_owned()
            } else {
                count(document.count(), "value")
            })
            .raw("</span></summary>\n");
        for (columns, message) in &document.failed {
            html.raw("<pre class=\"error\">")
                .text(format_args!("{}: {message}", self.refs_of(columns)))
                .raw("</pre>\n");
        }
        if !document.rows.is_empty() {
            begin_table("Values", html);
            let is_wide = self.columns.len() > MOST_COLUMNS;
            let has_defaults = document.rows.iter().any(|row| !row.defaults.is_empty());
            html.raw("<thead><tr><th scope=\"col\">Value</th>");
            if has_defaults {
                html.raw("<th scope=\"col\">Default</th>");
            }
            if is_wide {
                html.raw("<th scope=\"col\">What it is, and where</th>");
            } else {
                for names in &self.columns {
                    html.raw("<th scope=\"col\"")
                        .attribute("title", some_of(names, 100))
                        .raw(">");
                    html.element("<bdi>", some_of(names, NAMED), "</bdi></th>");
                }
            }
            html.raw("</tr></thead>\n<tbody class=\"rows\">\n");
            for row in &document.rows {
                html.element("<tr><th scope=\"row\">", &row.address, "</th>");
                if has_defaults {
                    self.defaults(row, html);
                }
                if is_wide {
                    self.with_refs(row, html);
                } else {
                    self.cells(row, html);
                }
                html.raw("</tr>\n");
            }
            html.raw("</tbody></table></div>\n");
        }
        and_more(document.left_out, html);
        html.raw("</details>\n");
    }

    /// What the defaults say.
    fn defaults(&self, row: &ValueRow, html: &mut Html) {
        html.raw("<td>");
        for (value, columns) in row.defaults.iter().take(MOST_VALUES) {
            html.raw("<div>");
            value.draw(html);
            if columns.len() < self.columns.len() {
                html.element(" <bdi class=\"dim\">", self.refs_of(columns), "</bdi>");
            }
            html.raw("</div>");
        }
        more_values(row.defaults.len(), html);
        html.raw("</td>");
    }

    /// A cell for each column; those that aren't what most are stand out.
    fn cells(&self, row: &ValueRow, html: &mut Html) {
        let usual = row.values.iter().max_by_key(|(_, columns)| columns.len());
        let most = usual.map_or(0, |(_, columns)| columns.len());
        let mut counts = row.values.iter().map(|(_, columns)| columns.len());
        let has_usual = counts.by_ref().filter(|count| *count == most).count() == 1;
        for column in 0..self.columns.len() {
            let here = row
                .values
                .iter()
                .find(|(_, columns)| columns.contains(&column));
            let Some((value, columns)) = here else {
                html.raw("<td><span class=\"dim\">can't be read</span></td>");
                continue;
            };
            html.raw(if has_usual && columns.len() < most {
                "<td class=\"other\">"
            } else {
                "<td>"
            });
            row.value(value.as_ref(), &[column], html);
            html.raw("</td>");
        }
    }

    fn with_refs(&self, row: &ValueRow, html: &mut Html) {
        html.raw("<td>");
        for (value, columns) in row.values.iter().take(MOST_VALUES) {
            html.raw("<div>");
            row.value(value.as_ref(), columns, html);
            html.element(
                " <bdi class=\"dim\">",
                self.refs_of(columns),
                "</bdi></div>",
            );
        }
        more_values(row.values.len(), html);
        html.raw("</td>");
    }

    fn refs_of(&self, columns: &[usize]) -> String {
        let names = columns.iter().flat_map(|column| &self.columns[*column]);
        some_of(names.collect::<Vec<_>>(), NAMED)
    }
}

impl DocumentRows {
    fn new(document: &ComparedDocument, selector: &Selector, room: &mut usize) -> DocumentRows {
        // Where a selector selects nothing, there is nothing to show; the command says so.
        let rows = document.rows(selector).unwrap_or_default();
        let shown = rows.len().min(*room);
        *room -= shown;
        DocumentRows {
            name: document.name.to_string(),
            failed: document.failed.clone(),
            left_out: rows.len() - shown,
            rows: rows[..shown].iter().map(ValueRow::new).collect(),
        }
    }

    fn count(&self) -> usize {
        self.rows.len() + self.left_out
    }
}

impl ValueRow {
    fn new(row: &ComparedRow<'_>) -> ValueRow {
        let values = row.values.iter();
        ValueRow {
            address: row.element.to_string(),
            values: values
                .map(|(leaf, columns)| (leaf.as_ref().map(Shown::of), columns.clone()))
                .collect(),
            defaults: row
                .defaults
                .iter()
                .map(|(leaf, columns)| (Shown::of(leaf), columns.clone()))
                .collect(),
            overriding: row.overriding.clone(),
        }
    }

    /// What it is in some columns, marked where it overrides the default, or the default applies in its place.
    fn value(&self, value: Option<&Shown>, columns: &[usize], html: &mut Html) {
        let are_in = |known: &[usize]| columns.iter().all(|column| known.contains(column));
        match value {
            Some(value) => value.draw(html),
            None => nothing(html),
        }
        // Also where a list leaves out an item of the default: a list is one value.
        if are_in(&self.overriding) {
            html.raw(" <span class=\"pill changed\">overrides</span>");
        } else if value.is_none() && self.defaults.iter().any(|(_, known)| are_in(known)) {
            html.raw(" <span class=\"pill\">default applies</span>");
        }
    }
}

fn title(values: usize, refs: usize, only_overrides: bool) -> String {
    let refs = count(refs, "ref");
    match (values, only_overrides) {
        (0, false) => format!("Nothing differs between {refs}"),
        (1, false) => format!("1 value differs between {refs}"),
        (values, false) => format!("{} differ between {refs}", count(values, "value")),
        (0, true) => format!("No default is overridden in {refs}"),
        (1, true) => format!("1 default is overridden in {refs}"),
        (values, true) => format!("{} are overridden in {refs}", count(values, "default")),
    }
}

/// Says how many values of a row are left out.
fn more_values(values: usize, html: &mut Html) {
    if let Some(more @ 1..) = values.checked_sub(MOST_VALUES) {
        html.raw("<div class=\"dim\">and ")
            .text(count(more, "more value"))
            .raw("</div>");
    }
}

fn column_names(column: &Column, several_base_paths: bool) -> Vec<String> {
    let names = column.refs.iter().map(name_of);
    if several_base_paths {
        names
            .map(|name| format!("{name} {}", folder(&column.base_path)))
            .collect()
    } else {
        names.collect()
    }
}

/// What people call a ref.
pub(super) fn name_of(reference: &ComparedRef) -> String {
    let name = reference.environment.as_deref().unwrap_or_else(|| {
        let name = &*reference.name;
        name.strip_prefix("refs/heads/").unwrap_or(name)
    });
    name.to_owned()
}
