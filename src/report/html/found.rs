//! Values that a search found, each with a link to its place.

use std::collections::BTreeMap;

use super::forms::search_values;
use super::markup::Html;
use super::page::{Head, HtmlPage, page};
use super::values::{Shown, begin_links};
use crate::text::{count, grouped};

/// A page shows at most so many places.
const MOST_PLACES: usize = 500;
/// Of a place, so many refs are named.
const NAMED: usize = 3;

/// What a search for values found.
#[derive(Debug)]
pub struct FoundValues {
    words: String,
    refs: String,
    /// What couldn't be read.
    pub problems: Vec<String>,
    /// Why there may be more.
    pub unfinished: Option<String>,
    places: BTreeMap<FoundPlace, FoundRefs>,
    more: usize,
}

/// A value at its place, whatever ref it is in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FoundPlace {
    /// The document's name.
    pub document: String,
    /// Its address in the document.
    pub address: String,
    /// Its text.
    pub value: String,
    /// `string`, `number`, and so on.
    pub kind: String,
}

#[derive(Debug, Default)]
struct FoundRefs {
    named: Vec<String>,
    all: usize,
}

impl FoundValues {
    /// Nothing yet, of what was searched for, and in which refs, as it was asked for.
    pub fn new(words: &str, refs: &str) -> FoundValues {
        FoundValues {
            words: words.to_owned(),
            refs: refs.to_owned(),
            problems: Vec::new(),
            unfinished: None,
            places: BTreeMap::new(),
            more: 0,
        }
    }

    /// Adds a value in a ref.
    pub fn add(&mut self, place: FoundPlace, reference: &str) {
        if self.places.len() >= MOST_PLACES && !self.places.contains_key(&place) {
            self.more += 1;
            return;
        }
        let refs = self.places.entry(place).or_default();
        refs.all += 1;
        if refs.named.len() < NAMED {
            refs.named.push(reference.to_owned());
        }
    }

    /// The page.
    pub fn page(&self) -> HtmlPage {
        let mut html = Html::default();
        search_values("Search all values", &self.words, &self.refs, &mut html);
        if !self.words.is_empty() {
            self.found(&mut html);
        }
        if !self.problems.is_empty() {
            html.raw("<details class=\"aside\"><summary>What couldn\u{2019}t be read</summary>\n");
            for problem in &self.problems {
                html.element("<pre class=\"error\">", problem, "</pre>\n");
            }
            html.raw("</details>\n");
        }
        let title = if self.words.is_empty() {
            "Search values".to_owned()
        } else {
            format!("Values with \u{201c}{}\u{201d}", self.words)
        };
        let head = Head {
            command: "search",
            title,
            forms: true,
            ..Head::default()
        };
        page(&head, html)
    }

    fn found(&self, html: &mut Html) {
        html.raw("<section aria-labelledby=\"found-title\"><h2 id=\"found-title\">Found</h2>\n<p role=\"status\">");
        html.text(match self.places.len() {
            0 => "No value has it.".to_owned(),
            places => format!("{}.", count(places, "place")),
        });
        if self.more > 0 {
            html.text(format_args!(
                " The page has no room for {} more: search for more words, or in one ref.",
                grouped(self.more)
            ));
        }
        if let Some(why) = &self.unfinished {
            html.text(format_args!(" There may be more: {why}."));
        }
        html.raw("</p>\n");
        if !self.places.is_empty() {
            begin_links("Values", html);
            html.raw("<thead><tr><th scope=\"col\">Value</th><th scope=\"col\">What it is</th><th scope=\"col\">Document</th><th scope=\"col\">Refs</th></tr></thead>\n<tbody>\n");
            for (place, refs) in &self.places {
                row(place, refs, html);
            }
            html.raw("</tbody></table></div>\n");
        }
        html.raw("</section>\n");
    }
}

fn row(place: &FoundPlace, refs: &FoundRefs, html: &mut Html) {
    let first = refs.named.first().map_or("", String::as_str);
    let of_value = |reference| {
        [
            ("ref", reference),
            ("document", &*place.document),
            ("selector", &*place.address),
        ]
    };
    html.raw("<tr><th scope=\"row\"><a")
        .ask("values", &of_value(first));
    html.element(">", &place.address, "</a></th><td>");
    Shown::of_text(&place.value, &place.kind).draw(html);
    html.element("</td><td><bdi>", &place.document, "</bdi></td><td>");
    for (index, reference) in refs.named.iter().enumerate() {
        html.raw(if index == 0 { "<a" } else { ", <a" });
        html.ask("values", &of_value(reference));
        html.element("><bdi>", reference, "</bdi></a>");
    }
    if refs.all > refs.named.len() {
        html.text(format_args!(
            " and {} more",
            grouped(refs.all - refs.named.len())
        ));
    }
    html.raw("</td></tr>\n");
}
