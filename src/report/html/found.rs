//! Values that a search found, each with a link to its place.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};

use super::forms::search_values;
use super::markup::Html;
use super::page::{Head, HtmlPage, page};
use super::values::{Shown, begin_links};
use crate::text::{count, grouped};

/// A page shows at most so many places.
const MOST_PLACES: usize = 500;
/// So many more are counted.
const MOST_COUNTED: usize = 100_000;
/// Of a place, so many refs are named.
const NAMED: usize = 3;

/// What a search for values found.
#[derive(Debug)]
pub struct FoundValues {
    words: String,
    asked: String,
    /// What couldn't be read.
    pub problems: Vec<String>,
    /// Why there may be more.
    pub unfinished: Option<String>,
    places: BTreeMap<FoundPlace, usize>,
    /// By number of the place.
    refs: Vec<FoundRefs>,
    /// Those for which the page has no room, as hashes: each counts once, wherever it is.
    more: HashSet<u64>,
    hasher: RandomState,
}

/// A value at its place, whatever ref it is in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    /// The last one: a ref with the place in two folders counts once.
    last: String,
    all: usize,
}

impl FoundValues {
    /// Nothing yet, of what was searched for, and in which refs, as it was asked for.
    pub fn new(words: &str, refs: &str) -> FoundValues {
        FoundValues {
            words: words.to_owned(),
            asked: refs.to_owned(),
            problems: Vec::new(),
            unfinished: None,
            places: BTreeMap::new(),
            refs: Vec::new(),
            more: HashSet::new(),
            hasher: RandomState::new(),
        }
    }

    /// The number of a value's place; none where the page has no room for it.
    pub fn place(&mut self, place: FoundPlace) -> Option<usize> {
        if let Some(number) = self.places.get(&place) {
            return Some(*number);
        }
        if self.places.len() >= MOST_PLACES {
            if self.more.len() < MOST_COUNTED {
                self.more.insert(self.hasher.hash_one(&place));
            }
            return None;
        }
        let number = self.refs.len();
        self.places.insert(place, number);
        self.refs.push(FoundRefs::default());
        Some(number)
    }

    /// Adds a ref that has the value of a place.
    pub fn add(&mut self, place: usize, reference: &str) {
        let refs = &mut self.refs[place];
        if refs.all > 0 && refs.last == reference {
            return;
        }
        refs.all += 1;
        reference.clone_into(&mut refs.last);
        if refs.named.len() < NAMED {
            refs.named.push(reference.to_owned());
        }
    }

    /// The page.
    pub fn page(&self) -> HtmlPage {
        let mut html = Html::default();
        search_values("Search all values", &self.words, &self.asked, &mut html);
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
        if !self.more.is_empty() {
            let least = match self.more.len() {
                MOST_COUNTED => "at least ",
                _ => "",
            };
            html.text(format_args!(
                " The page has no room for {least}{} more: search for more words, or in one ref.",
                grouped(self.more.len())
            ));
        }
        if let Some(why) = &self.unfinished {
            html.text(format_args!(" There may be more: {why}."));
        }
        html.raw("</p>\n");
        if !self.places.is_empty() {
            begin_links("Values", html);
            html.raw("<thead><tr><th scope=\"col\">Value</th><th scope=\"col\">What it is</th><th scope=\"col\">Document</th><th scope=\"col\">Refs</th></tr></thead>\n<tbody>\n");
            for (place, number) in &self.places {
                row(place, &self.refs[*number], html);
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
    if refs.all > refs.named.len() {
        html.text(format_args!("{}: ", count(refs.all, "ref")));
    }
    for (index, reference) in refs.named.iter().enumerate() {
        html.raw(if index == 0 { "<a" } else { ", <a" });
        html.ask("values", &of_value(reference));
        html.element("><bdi>", reference, "</bdi></a>");
    }
    if refs.all > refs.named.len() {
        html.text(", \u{2026}");
    }
    html.raw("</td></tr>\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_counts_once_however_many_refs_have_it() {
        let mut found = FoundValues::new("a", "");
        for reference in ["main", "one", "two", "three", "three"] {
            for number in 0..MOST_PLACES + 2 {
                let place = found.place(FoundPlace {
                    document: "runbook/a".to_owned(),
                    address: format!("step[\"{number}\"].name"),
                    value: "a".to_owned(),
                    kind: "string".to_owned(),
                });
                if let Some(place) = place {
                    found.add(place, reference);
                }
            }
        }
        let page = found.page().to_string();
        assert!(page.contains("500 places. The page has no room for 2 more"));
        assert_eq!(page.matches("<td>4 refs: <a").count(), MOST_PLACES);
    }
}
