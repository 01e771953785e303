//! A comparison as markup. The style alone turns it from unified to side by side.
//!
//! A changed block holds all its old lines, then all its new ones; gaps stand where a line has no counterpart, so that in
//! two columns each line is beside what became of it.

use super::compare::{Comparison, Part, SameLine, Side};
use super::markup::Html;
use crate::text;

/// Longer runs of lines are cut, so that a browser need not lay out what isn't seen.
const CHUNK: usize = 200;

pub(super) fn draw(comparison: &Comparison, html: &mut Html) {
    html.raw("<div class=\"diff\">\n");
    for part in &comparison.parts {
        match part {
            Part::Same(lines) => same(lines, html),
            Part::Folded(count, lines) => fold(*count, lines, html),
            Part::Changed(rows) => rows.chunks(CHUNK).for_each(|rows| changed(rows, html)),
        }
    }
    html.raw("</div>\n");
}

fn same(lines: &[SameLine], html: &mut Html) {
    for chunk in lines.chunks(CHUNK) {
        html.raw(if chunk.len() == CHUNK {
            "<div class=\"long\">"
        } else {
            "<div>"
        });
        for line in chunk {
            html.element(
                "<div class=\"same\"><span class=\"n\">",
                line.before,
                "</span>",
            );
            html.element("<span class=\"n\">", line.after, "</span>");
            html.element("<code>", &line.text, "\n</code>");
            html.element(
                "<code class=\"twin\" aria-hidden=\"true\">",
                &line.text,
                "\n</code></div>\n",
            );
        }
        html.raw("</div>\n");
    }
}

fn fold(count: usize, lines: &[SameLine], html: &mut Html) {
    let text = text::count(count, "unchanged line");
    if lines.is_empty() {
        html.element("<p class=\"fold\">", text, "</p>\n");
    } else {
        html.element("<details class=\"fold\"><summary>", text, "</summary>\n");
        same(lines, html);
        html.raw("</details>\n");
    }
}

fn changed(rows: &[(Option<Side>, Option<Side>)], html: &mut Html) {
    html.raw(if rows.len() == CHUNK {
        "<div class=\"block long\">\n"
    } else {
        "<div class=\"block\">\n"
    });
    for (before, _) in rows {
        match before {
            Some(side) => line("<del><span class=\"n\">", side, "</del>\n", html),
            None => _ = html.raw("<i class=\"gap old\"></i>"),
        }
    }
    for (_, after) in rows {
        match after {
            Some(side) => line("<ins><span class=\"n\">", side, "</ins>\n", html),
            None => _ = html.raw("<i class=\"gap new\"></i>"),
        }
    }
    html.raw("</div>\n");
}

fn line(open: &'static str, side: &Side, close: &'static str, html: &mut Html) {
    html.element(open, side.number, "</span><code>");
    for piece in &side.pieces {
        if piece.marked {
            html.element("<mark>", &piece.text, "</mark>");
        } else {
            html.text(&piece.text);
        }
    }
    if side.unfinished {
        html.raw("<small> no line end</small>");
    }
    html.raw("\n</code>").raw(close);
}
