//! What differs between two refs, value by value.

use std::collections::BTreeSet;

use super::documents::search;
use super::markup::{Anchor, Html};
use super::page::{Head, HtmlPage, page, told_of};
use super::values::{ChangeRow, changes};
use crate::catalog::DocumentName;
use crate::compare::{DocumentDiff, NotCompared};
use crate::project::Loaded;
use crate::text::{count, grouped, short_id};
use crate::values::Difference;

/// A page has at most this many rows.
const MOST_ROWS: usize = 5_000;

/// What differs between two refs: the page of `diff`. Documents are added one by one.
#[derive(Debug)]
pub struct DiffPage {
    pub(super) head: Head,
    pub(super) documents: Vec<DiffedDocument>,
    /// How many values differ, and how many of them are on the page.
    pub(super) values: usize,
    pub(super) rows: usize,
}

#[derive(Debug)]
pub(super) struct DiffedDocument {
    pub(super) name: String,
    /// Where only one of the refs has it: `added` or `removed`.
    pub(super) whole: Option<&'static str>,
    pub(super) changes: Vec<ChangeRow>,
    pub(super) left_out: usize,
    /// Blocks that may have another key now.
    pub(super) renames: Vec<String>,
    pub(super) error: Option<String>,
}

impl DiffPage {
    /// A page of what differs between two refs, of nothing yet.
    pub fn new(old: &Loaded, new: &Loaded) -> DiffPage {
        let name = |loaded: &Loaded| match loaded.ref_name() {
            Some(name) => name.strip_prefix("refs/heads/").unwrap_or(name).to_owned(),
            None => short_id(&loaded.commit()),
        };
        let side = |loaded: &Loaded| {
            let version = match loaded.version().number() {
                0 => "uninitialised".to_owned(),
                version => format!("version {version}"),
            };
            format!("{}, {version}", short_id(&loaded.commit()))
        };
        let warnings = [old, new].into_iter().flat_map(|loaded| loaded.warnings());
        let mut warnings: Vec<String> = warnings.map(ToString::to_string).collect();
        warnings.dedup();
        DiffPage {
            head: Head {
                command: "diff",
                title: format!("{} \u{2192} {}", name(old), name(new)),
                is_name: true,
                facts: vec![
                    ("before", side(old)),
                    ("after", side(new)),
                    ("compared in version", new.plan().target.to_string()),
                ],
                warnings,
                diffs: false,
                forms: false,
            },
            documents: Vec::new(),
            values: 0,
            rows: 0,
        }
    }

    /// Adds what a reader of the compared documents should know, of one of the refs.
    pub fn warn<'n>(
        &mut self,
        loaded: &Loaded,
        compared: impl IntoIterator<Item = &'n DocumentName>,
    ) {
        let mut known: BTreeSet<String> = self.head.warnings.iter().cloned().collect();
        for name in compared {
            for text in told_of(loaded, name.as_str()) {
                if known.insert(text.clone()) {
                    self.head.warnings.push(text);
                }
            }
        }
    }

    /// Adds a document, with what of it is to be shown.
    pub fn add(&mut self, document: &DocumentDiff<'_>, difference: &Difference<'_>) {
        let whole = match (document.in_old(), document.in_new()) {
            (None, Some(_)) => Some("added"),
            (Some(_), None) => Some("removed"),
            _ => None,
        };
        if difference.is_empty() && whole.is_none() {
            return;
        }
        let all = difference.changes();
        let shown = all.len().min(MOST_ROWS - self.rows);
        self.rows += shown;
        self.values += all.len();
        let changes: Vec<ChangeRow> = all[..shown].iter().map(ChangeRow::of).collect();
        self.head.diffs |= changes.iter().any(|change| change.lines.is_some());
        let renames = difference.renames().iter();
        self.documents.push(DiffedDocument {
            name: document.name().to_string(),
            whole,
            changes,
            left_out: all.len() - shown,
            renames: renames
                .map(|rename| {
                    format!(
                        "{} may be {} now: {} of {} are the same",
                        rename.old,
                        rename.new,
                        grouped(rename.same),
                        count(rename.of, "value")
                    )
                })
                .collect(),
            error: None,
        });
    }

    /// Adds a document that can't be compared.
    pub fn fail(&mut self, failed: &NotCompared) {
        self.documents.push(DiffedDocument {
            name: failed.name.to_string(),
            whole: None,
            changes: Vec::new(),
            left_out: 0,
            renames: Vec::new(),
            error: Some(failed.to_string()),
        });
    }

    /// The page.
    pub fn page(mut self) -> HtmlPage {
        let differing = self.documents.iter().filter(|it| it.error.is_none());
        let facts = [
            ("documents that differ", grouped(differing.count())),
            ("values that differ", grouped(self.values)),
        ];
        self.head.facts.extend(facts);
        let mut html = Html::default();
        html.raw("<section class=\"list\" aria-labelledby=\"values-title\">\n<div class=\"bar\"><h2 id=\"values-title\">What differs</h2>");
        search("Search values", &mut html);
        html.raw("</div>\n");
        if self.documents.is_empty() {
            html.raw("<p class=\"calm\">No value differs.</p>\n");
        }
        for document in &self.documents {
            document.draw(&mut html);
        }
        html.raw("<p class=\"nothing\" hidden>Nothing fits the search.</p>\n</section>\n");
        page(&self.head, html)
    }
}

impl DiffedDocument {
    fn draw(&self, html: &mut Html) {
        html.raw("<details class=\"item group\" open")
            .id(&Anchor::new("doc", &self.name))
            .raw(">\n<summary>");
        match self.whole {
            Some("added") => _ = html.raw("<span class=\"pill imported\">added</span>"),
            Some(_) => _ = html.raw("<span class=\"pill removed\">removed</span>"),
            None if self.error.is_some() => {
                html.raw("<span class=\"pill failed\">failed</span>");
            }
            None => {}
        }
        html.element("<bdi class=\"key\">", &self.name, "</bdi>");
        html.raw("<span class=\"stat\"><span class=\"hits\"></span>")
            .text(if self.error.is_some() {
                "not compared".to_owned()
            } else {
                count(self.changes.len() + self.left_out, "value")
            })
            .raw("</span></summary>\n");
        if let Some(error) = &self.error {
            html.element("<pre class=\"error\">", error, "</pre>\n");
        }
        changes(&self.changes, self.left_out, html);
        for rename in &self.renames {
            html.element("<p class=\"by\">", rename, "</p>\n");
        }
        html.raw("</details>\n");
    }
}
