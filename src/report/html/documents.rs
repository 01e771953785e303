//! The documents of a preview: outcome, steps, losses, errors and diff of each, folded.

use super::compare::Comparison;
use super::diff;
use super::markup::{Anchor, Html};
use crate::catalog::Catalog;
use crate::project::{DocumentOutcome, LoadError, Loaded, MigratedDocument, join};
use crate::report::diff::DiffStat;
use crate::text::{self, grouped};

/// Longer diffs are folded at first.
const LONGEST_OPEN: usize = 400;
/// No more lines than this are open at first.
const MOST_OPEN: usize = 3_000;
/// No more lines than this are in a page.
const MOST_LINES: usize = 60_000;

/// A document as the page shows it.
#[derive(Debug, Default)]
pub(super) struct DocumentView {
    pub(super) name: String,
    /// From the top of the repository; `None` if it isn't there.
    pub(super) path_before: Option<String>,
    pub(super) path_after: Option<String>,
    pub(super) outcome: Outcome,
    /// Whether an import passed it over.
    pub(super) kept: bool,
    /// The steps that changed it: `4 color`.
    pub(super) steps: Vec<String>,
    pub(super) losses: Vec<String>,
    pub(super) error: Option<String>,
    pub(super) comparison: Comparison,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum Outcome {
    Failed,
    Changed,
    ImportedFromTable,
    ImportedFromSnapshot,
    Removed,
    LeftOut,
    BroughtBack,
    #[default]
    Unchanged,
}

impl Outcome {
    fn word(self) -> &'static str {
        match self {
            Outcome::Failed => "failed",
            Outcome::Changed => "changed",
            Outcome::ImportedFromTable => "imported from the table",
            Outcome::ImportedFromSnapshot => "imported from the snapshot",
            Outcome::Removed => "removed",
            Outcome::LeftOut => "left out",
            Outcome::BroughtBack => "brought back",
            Outcome::Unchanged => "unchanged",
        }
    }

    /// The sign before the word, and the class that colours both.
    fn pill(self) -> &'static str {
        match self {
            Outcome::Failed => "<span class=\"pill failed\"><span aria-hidden=\"true\">! </span>",
            Outcome::Changed => {
                "<span class=\"pill changed\"><span aria-hidden=\"true\">\u{25cf} </span>"
            }
            Outcome::ImportedFromTable | Outcome::ImportedFromSnapshot | Outcome::BroughtBack => {
                "<span class=\"pill imported\"><span aria-hidden=\"true\">\u{2193} </span>"
            }
            Outcome::Removed | Outcome::LeftOut => {
                "<span class=\"pill removed\"><span aria-hidden=\"true\">\u{00d7} </span>"
            }
            Outcome::Unchanged => {
                "<span class=\"pill\"><span aria-hidden=\"true\">\u{25cb} </span>"
            }
        }
    }
}

impl DocumentView {
    /// Reads what a loaded document was and is.
    pub(super) fn new(
        loaded: &Loaded,
        document: &MigratedDocument,
    ) -> Result<DocumentView, LoadError> {
        use crate::plan::Source;
        let full = |path: &str| join(loaded.base_path(), path);
        let outcome = match &document.outcome {
            DocumentOutcome::Unchanged => Outcome::Unchanged,
            DocumentOutcome::Changed => Outcome::Changed,
            DocumentOutcome::Imported {
                source: Source::Snapshot,
            } => Outcome::ImportedFromSnapshot,
            DocumentOutcome::Imported { .. } => Outcome::ImportedFromTable,
            DocumentOutcome::BroughtBack { .. } => Outcome::BroughtBack,
            DocumentOutcome::Removed => Outcome::Removed,
            DocumentOutcome::LeftOut => Outcome::LeftOut,
            DocumentOutcome::Failed(_) => Outcome::Failed,
        };
        let warnings = loaded.document_warnings(document);
        let mut view = DocumentView {
            name: document.name.to_string(),
            path_before: document.path_before.as_deref().map(full),
            path_after: (!matches!(outcome, Outcome::Removed | Outcome::LeftOut))
                .then(|| full(&document.path)),
            outcome,
            kept: document.kept,
            steps: steps_of(loaded.project().catalog(), document),
            losses: document
                .losses
                .iter()
                .map(ToString::to_string)
                .chain(document.set_aside.iter().map(ToString::to_string))
                .chain(warnings.iter().map(ToString::to_string))
                .collect(),
            error: document.failure(loaded.base_path()),
            comparison: Comparison::default(),
        };
        if !matches!(
            outcome,
            Outcome::Unchanged | Outcome::LeftOut | Outcome::Failed
        ) {
            let before = match &document.path_before {
                Some(_) => loaded.before(document)?,
                None => None,
            };
            let after = loaded.content(document)?;
            let bytes = |side: &Option<Vec<u8>>| side.clone().unwrap_or_default();
            view.comparison = Comparison::new(&bytes(&before), &bytes(&after));
        }
        Ok(view)
    }

    fn folded(&self) -> bool {
        let nothing = self.steps.is_empty() && self.losses.is_empty() && self.error.is_none();
        self.outcome == Outcome::Unchanged && nothing && !self.kept
    }
}

fn steps_of(catalog: &Catalog, document: &MigratedDocument) -> Vec<String> {
    let steps = document
        .changes()
        .iter()
        .map(|change| &catalog.steps()[change.step]);
    steps
        .map(|step| format!("{} {}", step.version(), step.name()))
        .collect()
}

/// How the documents came out: `2 changed, 1 failed`.
pub(super) fn summary(documents: &[DocumentView]) -> String {
    let mut counts = std::collections::BTreeMap::<Outcome, usize>::new();
    for document in documents {
        *counts.entry(document.outcome).or_default() += 1;
    }
    text::list(
        counts
            .iter()
            .map(|(outcome, count)| format!("{count} {}", outcome.word())),
    )
}

/// The documents: those that failed first, then those that changed, then the others in one list.
pub(super) fn section(documents: &[DocumentView], html: &mut Html) {
    html.raw("<section id=\"documents\" class=\"list\" aria-labelledby=\"documents-title\">\n");
    html.raw("<div class=\"bar\"><h2 id=\"documents-title\">Documents</h2>");
    search("Search documents", html);
    html.raw("</div>\n");
    let mut shown: Vec<&DocumentView> = documents
        .iter()
        .filter(|document| !document.folded())
        .collect();
    shown.sort_by_key(|document| document.outcome != Outcome::Failed);
    let mut lines = Lines::default();
    for document in &shown {
        one(document, &mut lines, html);
    }
    let folded: Vec<&DocumentView> = documents
        .iter()
        .filter(|document| document.folded())
        .collect();
    if !folded.is_empty() {
        html.raw("<details class=\"item group\"><summary><span class=\"key\">");
        html.text(text::count(folded.len(), "document"))
            .raw(" unchanged</span></summary>\n<ul class=\"refs\">\n");
        for document in folded {
            html.raw("<li")
                .id(&Anchor::new("doc", &document.name))
                .raw(">");
            html.element("<code>", &document.name, "</code></li>\n");
        }
        html.raw("</ul></details>\n");
    }
    html.raw("<p class=\"nothing\" hidden>Nothing fits the search.</p>\n</section>\n");
}

/// What the search and the keys hold on to. Without the script none of it would do anything, so it isn't shown.
pub(super) fn search(label: &'static str, html: &mut Html) {
    html.raw("<div class=\"tools\" hidden><label><span class=\"unseen\">")
        .text(label)
        .raw("</span><input type=\"search\" id=\"search\" autocomplete=\"off\" spellcheck=\"false\"")
        .attribute("placeholder", label)
        .raw("></label><output id=\"found\" for=\"search\"></output><button type=\"button\" id=\"fold\">Unfold all</button></div>");
}

#[derive(Default)]
struct Lines {
    shown: usize,
    open: usize,
}

fn one(document: &DocumentView, lines: &mut Lines, html: &mut Html) {
    let DiffStat { added, removed } = document.comparison.stat;
    let changed = added + removed;
    let open = changed <= LONGEST_OPEN && lines.open + changed <= MOST_OPEN;
    lines.open += if open { changed } else { 0 };
    html.raw("<details class=\"item document\"")
        .id(&Anchor::new("doc", &document.name));
    html.raw(if open {
        " open>\n<summary>"
    } else {
        ">\n<summary>"
    });
    html.raw(document.outcome.pill())
        .text(document.outcome.word())
        .raw("</span>");
    html.element("<bdi class=\"key\">", &document.name, "</bdi>");
    html.raw("<span class=\"path key\">");
    match (&document.path_before, &document.path_after) {
        (Some(before), Some(after)) if before != after => {
            html.element("<bdi>", before, "</bdi> becomes ");
            html.element("<bdi>", after, "</bdi>");
        }
        (before, after) => {
            let path = after.as_ref().or(before.as_ref());
            html.element("<bdi>", path.map_or("", |path| path), "</bdi>");
        }
    }
    html.raw("</span>");
    if changed > 0 {
        html.raw("<span class=\"stat\"><span class=\"unseen\">lines </span><span class=\"plus\">")
            .text(format_args!("+{}", grouped(added)))
            .raw("</span> <span class=\"minus\">")
            .text(format_args!("\u{2212}{}", grouped(removed)))
            .raw("</span></span>");
    }
    html.raw("</summary>\n<div class=\"body\">\n");
    if document.kept {
        html.raw("<p class=\"by\">An import passed it over, as Git holds it.</p>\n");
    }
    if !document.steps.is_empty() {
        html.raw("<p class=\"by\">Changed by ");
        for (index, step) in document.steps.iter().enumerate() {
            html.raw(if index > 0 { ", " } else { "" });
            html.element("<span class=\"step\">", step, "</span>");
        }
        html.raw("</p>\n");
    }
    if !document.losses.is_empty() {
        html.raw("<ul class=\"losses\">\n");
        for loss in &document.losses {
            html.element("<li>", loss, "</li>\n");
        }
        html.raw("</ul>\n");
    }
    if let Some(error) = &document.error {
        html.element("<pre class=\"error\">", error, "</pre>\n");
    }
    if document.outcome == Outcome::LeftOut {
        html.raw("<p class=\"by\">The result is without it: at that version the server keeps it itself.</p>\n");
    } else if changed == 0
        && document.error.is_none()
        && document.path_before != document.path_after
    {
        html.raw("<p class=\"by\">Its content stays as it is.</p>\n");
    }
    if lines.shown + changed > MOST_LINES {
        html.raw("<p class=\"by\">This page has as many lines as a browser bears; the diff is left out here. <code>preview</code> prints it.</p>\n");
    } else if changed > 0 {
        lines.shown += changed;
        if document.comparison.carriage_returns {
            html.raw("<p class=\"by\">All lines end in CR LF.</p>\n");
        }
        diff::draw(&document.comparison, html);
    }
    html.raw("</div>\n</details>\n");
}
