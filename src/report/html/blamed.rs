//! The values of a document, each with the commit that gave it.

use super::documents::search;
use super::markup::{Anchor, Html};
use super::page::{Head, HtmlPage, page, told_of};
use super::values::{Shown, and_more, begin_table};
use crate::history::{Blame, Blamed, HistoryCommit};
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
}

#[derive(Debug)]
pub(super) struct BlamedRow {
    pub(super) address: String,
    pub(super) value: Shown,
    pub(super) commit: String,
    pub(super) author: String,
    pub(super) day: String,
    pub(super) subject: String,
    /// Whether the commit is only the oldest that could be looked at.
    pub(super) history_ends: bool,
}

impl HtmlPage {
    /// The values of a document, each with the commit that gave it.
    pub fn blame(blame: &Blame) -> HtmlPage {
        BlamedView::new(blame).page()
    }
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
            },
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
    let commit = blamed.commit;
    BlamedRow {
        address: blamed.leaf.element().to_string(),
        value: Shown::of(&blamed.leaf),
        commit: short_id(&commit.id),
        author: commit.author.name.clone(),
        day: day_of(commit),
        subject: commit.subject.clone(),
        history_ends: blamed.history_ends.is_some(),
    }
}

impl BlamedRow {
    fn draw(&self, html: &mut Html) {
        html.element("<tr><th scope=\"row\">", &self.address, "</th><td>");
        self.value.draw(html);
        html.raw("</td><td class=\"number\">");
        if self.history_ends {
            html.raw(
                "<span title=\"the history that is here ends with this commit\">before </span>",
            );
        }
        html.text(&self.day).raw("</td>");
        html.element("<td><bdi>", &self.author, "</bdi></td>");
        html.element("<td><code class=\"dim\">", &self.commit, "</code> ");
        html.element("<bdi>", &self.subject, "</bdi></td></tr>\n");
    }
}
