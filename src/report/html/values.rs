//! Values as they stand on a page, and what became of them.

use super::compare::Comparison;
use super::diff;
use super::markup::Html;
use crate::text::{count, grouped};
use crate::values::{Change, Leaf, Value};

/// Of a value, so many characters are shown.
const MOST_CHARACTERS: usize = 2_000;

/// A value as it is shown: a text without quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) text: String,
    /// What it is, where it isn't a text.
    pub(super) kind: Option<&'static str>,
    /// How many characters it has, where these are too many to be shown.
    pub(super) of: Option<usize>,
}

impl Shown {
    /// A text as it is.
    pub(super) fn plain(text: &str) -> Shown {
        Shown::cut(text.to_owned(), None)
    }

    pub(super) fn of(leaf: &Leaf<'_>) -> Shown {
        let value = leaf.value();
        let kind = match &value {
            Value::String(_) => None,
            other => Some(other.type_name()),
        };
        let text = match value.as_str() {
            Some("") | None => value.to_string(),
            Some(text) => text.to_owned(),
        };
        Shown::cut(text, kind)
    }

    /// A text of a value, by what the value is in one word.
    pub(super) fn of_text(text: &str, kind: &str) -> Shown {
        const KINDS: [&str; 6] = ["number", "boolean", "null", "list", "dictionary", "block"];
        let kind = KINDS.into_iter().find(|known| *known == kind);
        let text = if text.is_empty() && kind.is_none() {
            "\"\""
        } else {
            text
        };
        Shown::cut(text.to_owned(), kind)
    }

    fn cut(text: String, kind: Option<&'static str>) -> Shown {
        match text.char_indices().nth(MOST_CHARACTERS) {
            Some((end, _)) => Shown {
                of: Some(text.chars().count()),
                text: text[..end].to_owned(),
                kind,
            },
            None => Shown {
                text,
                kind,
                of: None,
            },
        }
    }

    pub(super) fn draw(&self, html: &mut Html) {
        html.element("<code>", &self.text, "</code>");
        if let Some(kind) = self.kind {
            html.element(" <small class=\"dim\">", kind, "</small>");
        }
        if let Some(of) = self.of {
            html.raw(" <small class=\"dim\">and more: ")
                .text(count(of, "character"))
                .raw(" in all</small>");
        }
    }
}

/// The cell of something that isn't there.
pub(super) fn nothing(html: &mut Html) {
    html.raw("<span class=\"dim\">not there</span>");
}

/// What became of a value.
#[derive(Debug)]
pub(super) struct ChangeRow {
    /// In one word, as the JSON output calls it.
    pub(super) change: &'static str,
    pub(super) address: String,
    pub(super) old: Option<Shown>,
    pub(super) new: Option<Shown>,
    /// Of texts of several lines, how they differ.
    pub(super) lines: Option<Comparison>,
}

impl ChangeRow {
    pub(super) fn of(change: &Change<'_>) -> ChangeRow {
        let (old, new) = (change.old_leaf(), change.new_leaf());
        let plain = |text: String| Shown {
            text,
            kind: None,
            of: None,
        };
        let place =
            |order: Option<usize>| plain(format!("place {}", order.unwrap_or_default() + 1));
        let (shown_old, shown_new) = match change {
            Change::Moved { old, new } => (Some(place(old.order())), Some(place(new.order()))),
            Change::Respelled { old, new } => {
                (Some(plain(old.to_string())), Some(plain(new.to_string())))
            }
            _ => (old.map(Shown::of), new.map(Shown::of)),
        };
        ChangeRow {
            change: change.name(),
            address: change.element().to_string(),
            lines: old.zip(new).and_then(|(old, new)| lines(old, new)),
            old: shown_old,
            new: shown_new,
        }
    }

    fn draw(&self, html: &mut Html) {
        html.element("<tr><th scope=\"row\">", &self.address, "</th>");
        let class = match self.change {
            "added" => "pill imported",
            "removed" => "pill removed",
            _ => "pill changed",
        };
        html.raw("<td><span").attribute("class", class);
        html.element(">", self.change, "</span></td>");
        if let Some(lines) = &self.lines {
            html.raw("<td colspan=\"2\">");
            diff::draw(lines, html);
        } else {
            for (index, side) in [&self.old, &self.new].into_iter().enumerate() {
                html.raw(if index == 0 { "<td>" } else { "</td><td>" });
                match side {
                    Some(value) => value.draw(html),
                    None => nothing(html),
                }
            }
        }
        html.raw("</td></tr>\n");
    }
}

/// How two texts differ, if they have several lines.
fn lines(old: &Leaf<'_>, new: &Leaf<'_>) -> Option<Comparison> {
    let (old, new) = (old.value(), new.value());
    let (old, new) = (old.as_str()?, new.as_str()?);
    // A value is no file: that its last line has no end is nothing to tell.
    let ended = |text: &str| format!("{}\n", text.strip_suffix('\n').unwrap_or(text));
    let has_lines = old.contains('\n') || new.contains('\n');
    let (old, new) = (ended(old), ended(new));
    (has_lines && old != new).then(|| Comparison::new(old.as_bytes(), new.as_bytes()))
}

/// Changes as a table; so many of them as there is room for.
pub(super) fn changes(rows: &[ChangeRow], left_out: usize, html: &mut Html) {
    if !rows.is_empty() {
        begin_table("Changes", html);
        html.raw("<thead><tr><th scope=\"col\">Value</th><th scope=\"col\">Change</th><th scope=\"col\">Before</th><th scope=\"col\">After</th></tr></thead>\n");
        html.raw("<tbody class=\"rows\">\n");
        rows.iter().for_each(|row| row.draw(html));
        html.raw("</tbody></table></div>\n");
    }
    and_more(left_out, html);
}

/// Opens a table that may be wider than the page.
pub(super) fn begin_table(label: &'static str, html: &mut Html) {
    html.raw("<div class=\"scroll\" tabindex=\"0\" role=\"group\"")
        .attribute("aria-label", label)
        .raw("><table class=\"values\">\n");
}

/// The same for rows of links, which a narrow window has one below the other.
pub(super) fn begin_links(label: &'static str, html: &mut Html) {
    html.raw("<div class=\"scroll\" tabindex=\"0\" role=\"group\"")
        .attribute("aria-label", label)
        .raw("><table class=\"values stack\">\n");
}

/// Says how many rows are left out.
pub(super) fn and_more(left_out: usize, html: &mut Html) {
    if left_out > 0 {
        html.raw("<p class=\"by\">And ")
            .text(grouped(left_out))
            .raw(
                " more, which this page has no room for: the command itself tells them all.</p>\n",
            );
    }
}
