//! The values of a document, each with the commit that gave it.

use super::documents::search;
use super::markup::{Anchor, Html};
use super::page::{Head, HtmlPage, page, told_of};
use super::values::{Shown, and_more, begin_table};
use crate::catalog::DocumentName;
use crate::history::{Blame, Blamed, HistoryCommit};
use crate::project::Loaded;
use crate::text::{count, grouped, short_id};

/// A page has at most this many rows.
const MOST_ROWS: usize = 5_000;

/// All that the page of `blame` shows.
#[derive(Debug)]
pub(super) struct BlamedView {
    pub(super) head: Head,
    pub(super) document: String,
    pub(super) rows: Vec<BlamedRow>,
    pub(super) left_out: usize,
    pub(super) errors: Vec<String>,
    /// Where the document is, while no commit has it.
    pub(super) pending: Option<String>,
}

#[derive(Debug)]
pub(super) struct BlamedRow {
    pub(super) address: String,
    pub(super) value: Shown,
    /// `None` where no commit gave it yet.
    pub(super) giver: Option<Giver>,
}

/// A commit that gave a value.
#[derive(Debug)]
pub(super) struct Giver {
    pub(super) commit: String,
    pub(super) author: String,
    pub(super) day: String,
    pub(super) subject: String,
    /// Whether the commit is only the oldest that could be looked at.
    pub(super) history_ends: bool,
    /// Whether the document can't be read as it was right before.
    pub(super) is_before_unread: bool,
}

impl HtmlPage {
    /// The values of a document, each with the commit that gave it.
    pub fn blame(blame: &Blame) -> HtmlPage {
        BlamedView::new(blame).page()
    }
}

/// Where a document is that no commit has yet.
pub(super) fn pending(loaded: &Loaded, name: &DocumentName) -> Option<String> {
    let import = loaded.pending_import(name)?;
    Some(format!(
        "No commit has given the values that it has now: the import at version {} brings them in from the store\u{2019}s {}.",
        import.version, import.source
    ))
}

/// The day of a commit.
pub(super) fn day_of(commit: &HistoryCommit) -> String {
    let day = commit.author.day();
    day.unwrap_or_else(|| "a time out of range".to_owned())
}

impl BlamedView {
    fn new(blame: &Blame) -> BlamedView {
        let loaded = blame.loaded();
        let rows: Vec<BlamedRow> = blame.values().take(MOST_ROWS).map(row).collect();
        let values = blame.values().count();
        let document = blame.name().to_string();
        let warnings = loaded.warnings().iter().map(ToString::to_string);
        BlamedView {
            head: Head {
                command: "blame",
                title: document.clone(),
                is_name: true,
                facts: vec![
                    ("ref", loaded.ref_name().unwrap_or_default().to_owned()),
                    ("commit", loaded.commit().to_string()),
                    ("in version", loaded.plan().target.to_string()),
                    ("values", grouped(values)),
                ]
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .collect(),
                warnings: warnings.chain(told_of(loaded, &document)).collect(),
                diffs: false,
                forms: false,
            },
            pending: pending(loaded, blame.name()),
            document,
            left_out: values - rows.len(),
            rows,
            errors: blame.not_lifted().iter().map(ToString::to_string).collect(),
        }
    }

    pub(super) fn page(&self) -> HtmlPage {
        let mut html = Html::default();
        for error in &self.errors {
            html.element("<pre class=\"error\">", error, "</pre>\n");
        }
        html.raw("<section class=\"list\" aria-labelledby=\"values-title\">\n<div class=\"bar\"><h2 id=\"values-title\">Who gave each value</h2>");
        search("Search values", &mut html);
        html.raw("</div>\n<details class=\"item group\" open")
            .id(&Anchor::new("doc", &self.document))
            .raw(">\n<summary>");
        html.element("<bdi class=\"key\">", &self.document, "</bdi>");
        html.raw("<span class=\"stat\"><span class=\"hits\"></span>")
            .text(count(self.rows.len() + self.left_out, "value"))
            .raw("</span></summary>\n");
        if let Some(pending) = &self.pending {
            html.element("<p class=\"by\">", pending, "</p>\n");
        }
        begin_table("Values", &mut html);
        html.raw("<thead><tr><th scope=\"col\">Value</th><th scope=\"col\">What it is</th><th scope=\"col\">Since</th><th scope=\"col\">Author</th><th scope=\"col\">Commit</th></tr></thead>\n");
        html.raw("<tbody class=\"rows\">\n");
        for row in &self.rows {
            row.draw(&mut html);
        }
        html.raw("</tbody></table></div>\n");
        and_more(self.left_out, &mut html);
        html.raw(
            "</details>\n<p class=\"nothing\" hidden>Nothing fits the search.</p>\n</section>\n",
        );
        page(&self.head, html)
    }
}

fn row(blamed: Blamed<'_>) -> BlamedRow {
    BlamedRow {
        address: blamed.leaf.element().to_string(),
        value: Shown::of(&blamed.leaf),
        giver: blamed.commit.map(|commit| Giver {
            commit: short_id(&commit.id),
            author: commit.author.name.clone(),
            day: day_of(commit),
            subject: commit.subject.clone(),
            history_ends: blamed.history_ends.is_some(),
            is_before_unread: blamed.is_before_unread,
        }),
    }
}

impl BlamedRow {
    fn draw(&self, html: &mut Html) {
        html.raw("<tr").id(&Anchor::new("value", &self.address));
        html.element("><th scope=\"row\">", &self.address, "</th><td>");
        self.value.draw(html);
        html.raw("</td>");
        match &self.giver {
            Some(giver) => giver.draw(html),
            None => {
                html.raw("<td class=\"dim\">not in Git yet</td><td></td><td></td>");
            }
        }
        html.raw("</tr>\n");
    }
}

impl Giver {
    fn draw(&self, html: &mut Html) {
        html.raw("<td class=\"number\">");
        if self.history_ends {
            html.raw(
                "<span title=\"the history that is here ends with this commit\">before </span>",
            );
        } else if self.is_before_unread {
            html.raw(
                "<span title=\"the document can't be read as it was right before this commit\">before? </span>",
            );
        }
        html.text(&self.day).raw("</td>");
        html.element("<td><bdi>", &self.author, "</bdi></td>");
        html.element("<td><code class=\"dim\">", &self.commit, "</code> ");
        html.element("<bdi>", &self.subject, "</bdi></td>");
    }
}
