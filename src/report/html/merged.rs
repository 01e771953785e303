//! What a merge comes to, beside what its sides have: the page of `merge`.

use std::collections::BTreeMap;

use super::documents::search;
use super::markup::{Anchor, Html};
use super::page::{Head, HtmlPage, page};
use super::values::{Shown, and_more, begin_table, nothing};
use crate::project::{MergedRow, Merging};
use crate::text::{count, grouped};

/// A page has at most this many rows.
const MOST_ROWS: usize = 5_000;

impl HtmlPage {
    /// A merge of `theirs` into a branch, made with [`MergeOptions::rows`](crate::project::MergeOptions::rows).
    pub fn merge(theirs: &str, branch: &str, merging: &Merging) -> HtmlPage {
        let mut documents: BTreeMap<String, Vec<&MergedRow>> = BTreeMap::new();
        let mut projects = merging.rows.iter().map(|row| &row.base_path);
        let is_one =
            !merging.is_one_of_several && projects.all(|base_path| *base_path == merging.base_path);
        for row in &merging.rows {
            let name = match (is_one, &*row.base_path) {
                (true, _) | (_, "") => row.document.to_string(),
                (false, base_path) => format!("{base_path}/{}", row.document),
            };
            documents.entry(name).or_default().push(row);
        }
        let conflicts = merging.conflicts.len() + merging.file_conflicts.len();
        let head = Head {
            command: "merge",
            title: format!("{theirs} \u{2192} {branch}"),
            is_name: true,
            facts: vec![
                ("merged at version", merging.target.to_string()),
                ("documents", grouped(documents.len())),
                ("values", grouped(merging.rows.len())),
                ("conflicts", grouped(conflicts)),
            ],
            ..Head::default()
        };
        let mut html = Html::default();
        html.raw("<section class=\"list\" aria-labelledby=\"merge-title\">\n<div class=\"bar\"><h2 id=\"merge-title\">Documents</h2>");
        search("Search documents, values and conflicts", &mut html);
        html.raw("</div>\n");
        if merging.is_forward {
            html.raw(
                "<p class=\"calm\">The branch has nothing of its own: it only moves forward.</p>\n",
            );
        } else if documents.is_empty() && merging.file_conflicts.is_empty() {
            html.raw("<p class=\"calm\">The merge changes no document of the branch.</p>\n");
        }
        let mut room = MOST_ROWS;
        // What has to be decided comes first.
        let (open, settled): (Vec<_>, Vec<_>) = documents
            .into_iter()
            .partition(|(_, rows)| rows.iter().any(|row| row.conflict.is_some()));
        for (name, rows) in open.into_iter().chain(settled) {
            document(&name, &rows, &mut room, &mut html);
        }
        for file in &merging.file_conflicts {
            html.raw("<details class=\"item group\" open>\n<summary><span class=\"pill failed\">file</span>");
            html.element("<bdi class=\"key\">", &file.path, "</bdi></summary>\n");
            html.element(
                "<pre class=\"error\">",
                file.message.trim_end(),
                "</pre>\n</details>\n",
            );
        }
        html.raw("<p class=\"nothing\" hidden>Nothing fits the search.</p>\n</section>\n");
        page(&head, html)
    }
}

fn document(name: &str, rows: &[&MergedRow], room: &mut usize, html: &mut Html) {
    let shown = rows.len().min(*room);
    *room -= shown;
    let conflicts = rows.iter().filter(|row| row.conflict.is_some()).count();
    html.raw("<details class=\"item group\"")
        .id(&Anchor::new("doc", name));
    html.raw(if conflicts > 0 { " open>\n" } else { ">\n" });
    html.raw("<summary>");
    if conflicts > 0 {
        let conflicts = count(conflicts, "conflict");
        html.element("<span class=\"pill failed\">", conflicts, "</span>");
    }
    html.element("<bdi class=\"key\">", name, "</bdi>");
    html.raw("<span class=\"stat\"><span class=\"hits\"></span>")
        .text(count(rows.len(), "value"))
        .raw("</span></summary>\n");
    if shown > 0 {
        begin_table("Values", html);
        html.raw(
            "<thead><tr><th scope=\"col\">Value</th><th scope=\"col\">Conflict</th><th scope=\"col\">Base</th>\
             <th scope=\"col\">Ours</th><th scope=\"col\">Theirs</th><th scope=\"col\">Outcome</th></tr></thead>\n<tbody class=\"rows\">\n",
        );
        for row in &rows[..shown] {
            draw(row, html);
        }
        html.raw("</tbody></table></div>\n");
    }
    and_more(rows.len() - shown, html);
    html.raw("</details>\n");
}

fn draw(row: &MergedRow, html: &mut Html) {
    let address = row.selector.to_string();
    let address = if address.is_empty() {
        "the whole document"
    } else {
        &address
    };
    html.element("<tr><th scope=\"row\">", address, "</th><td>");
    if let Some(conflict) = row.conflict {
        html.element("<span class=\"pill failed\">", conflict.name(), "</span>");
    }
    for side in [&row.base, &row.ours, &row.theirs] {
        html.raw("</td><td>");
        values(side, html);
    }
    html.raw("</td><td>");
    if row.conflict.is_some() {
        html.raw("<span class=\"dim\">open</span>");
    } else {
        values(&row.result, html);
    }
    html.raw("</td></tr>\n");
}

fn values(values: &[String], html: &mut Html) {
    if values.is_empty() {
        nothing(html);
    }
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            html.raw(", ");
        }
        Shown::plain(value).draw(html);
    }
}
