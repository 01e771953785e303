//! Who refers to what: the page of `uses`, with its graph of things and documents.

use std::collections::{BTreeMap, HashMap};

use super::compared::name_of;
use super::documents::search;
use super::markup::{Anchor, Html};
use super::page::{Head, HtmlPage, page};
use super::values::{and_more, begin_table};
use crate::compare::{ComparedRef, UsePlace, UseQuestion, UseRole, Uses};
use crate::references::Certainty;
use crate::text::{count, grouped, some_of};

/// A page has at most this many rows.
const MOST_ROWS: usize = 20_000;
/// How many refs are named beside a place.
const NAMED: usize = 3;
/// Up to this many things are shown unfolded.
const A_FEW: usize = 3;
/// Of more than this, a browser lays out only what is visible.
const MANY: usize = 100;

/// All that the page of `uses` shows.
#[derive(Debug)]
struct UsedView {
    head: Head,
    things: Vec<UsedThing>,
    /// By the order in which they are met.
    documents: Vec<UsingDocument>,
    /// Refs and documents that can't be read, and why.
    failed: Vec<String>,
}

/// A thing, with every place that defines it or refers to it.
#[derive(Debug)]
struct UsedThing {
    kind: String,
    name: String,
    /// Tells it from all others.
    id: String,
    places: Vec<PlaceRow>,
    left_out: usize,
}

#[derive(Debug)]
struct PlaceRow {
    role: UseRole,
    /// Its place among the documents.
    document: usize,
    line: usize,
    address: String,
    /// The name as it is written there, where that isn't the one that is shown.
    other_name: Option<String>,
    /// The refs that have it, if there are several.
    refs: String,
}

/// A document, with the things that it defines or refers to.
#[derive(Debug)]
struct UsingDocument {
    name: String,
    kind: String,
    /// By thing: whether it defines it, and how often it refers to it.
    things: BTreeMap<usize, (bool, usize)>,
}

impl HtmlPage {
    /// The answer to a question about references.
    pub fn uses(uses: &Uses, question: &UseQuestion) -> HtmlPage {
        UsedView::new(uses, question).page()
    }
}

impl UsedView {
    fn new(uses: &Uses, question: &UseQuestion) -> UsedView {
        let mut view = UsedView {
            head: Head::default(),
            things: Vec::new(),
            documents: Vec::new(),
            failed: Vec::new(),
        };
        let mut pairs = uses.places.windows(2);
        let has_folders = pairs.any(|pair| pair[0].base_path != pair[1].base_path);
        let mut known: HashMap<String, usize> = HashMap::new();
        let mut room = MOST_ROWS;
        let mut last = None;
        for place in &uses.places {
            let this = (&place.kind, &place.key);
            if last != Some(this) {
                last = Some(this);
                view.things.push(UsedThing {
                    kind: place.kind.clone(),
                    name: place.name.clone(),
                    id: format!("{}/{}", place.kind, place.key),
                    places: Vec::new(),
                    left_out: 0,
                });
            }
            let name = if has_folders {
                format!("{} {}", place.base_path, place.document)
            } else {
                place.document.to_string()
            };
            let document = *known.entry(name).or_insert_with_key(|name| {
                view.documents.push(UsingDocument {
                    name: name.clone(),
                    kind: place.document.kind().to_owned(),
                    things: BTreeMap::new(),
                });
                view.documents.len() - 1
            });
            view.add(place, document, uses, &mut room);
        }
        let references = uses.places.iter();
        let references = references.filter(|place| place.role != UseRole::Definition);
        let references = references.count();
        let names_of = |refs: &[ComparedRef]| some_of(refs.iter().map(name_of), NAMED);
        let warnings = uses.warnings.iter();
        view.head = Head {
            command: "uses",
            title: title(question, &view.things),
            facts: vec![
                ("refs", grouped(uses.refs.len())),
                ("things", grouped(view.things.len())),
                ("documents", grouped(view.documents.len())),
                ("references", grouped(references)),
            ],
            warnings: warnings
                .map(|(refs, warning)| format!("{}: {warning}", names_of(refs)))
                .collect(),
            ..Head::default()
        };
        if uses.computed > 0 && *question != UseQuestion::Undefined {
            let computed = grouped(uses.computed);
            let known = ("names known only when the server runs", computed);
            view.head.facts.push(known);
        }
        let failed = uses.failed.iter();
        view.failed = failed
            .map(|(refs, reason)| format!("{}: {reason}", names_of(refs)))
            .collect();
        view
    }

    fn add(&mut self, place: &UsePlace, document: usize, uses: &Uses, room: &mut usize) {
        let index = self.things.len() - 1;
        let thing = &mut self.things[index];
        let told = self.documents[document].things.entry(index).or_default();
        match place.role {
            UseRole::Definition => told.0 = true,
            UseRole::Use(_) => told.1 += 1,
        }
        if *room == 0 {
            thing.left_out += 1;
            return;
        }
        *room -= 1;
        let refs = place
            .found
            .iter()
            .map(|(reference, _)| name_of(&uses.refs[*reference]));
        let mut refs: Vec<String> = refs.collect();
        refs.dedup();
        thing.places.push(PlaceRow {
            role: place.role,
            document,
            line: place.found.first().map_or(0, |(_, line)| *line),
            address: place.address.clone(),
            other_name: (place.name != thing.name).then(|| place.name.clone()),
            refs: if uses.refs.len() > 1 {
                some_of(refs, NAMED)
            } else {
                String::new()
            },
        });
    }

    fn page(&self) -> HtmlPage {
        let mut html = Html::default();
        for failed in &self.failed {
            html.element("<pre class=\"error\">", failed, "</pre>\n");
        }
        html.raw("<section class=\"list\" aria-labelledby=\"uses-title\">\n<div class=\"bar\"><h2 id=\"uses-title\">Things and documents</h2>");
        search("Search things and documents", &mut html);
        html.raw("</div>\n");
        if !self.things.is_empty() {
            graph(&mut html);
        }
        let mut places = self.things.iter().flat_map(|thing| &thing.places);
        let has_refs = places.any(|place| !place.refs.is_empty());
        for thing in &self.things {
            self.thing(thing, has_refs, &mut html);
        }
        for document in &self.documents {
            self.document(document, &mut html);
        }
        html.raw("<p class=\"nothing\" hidden>Nothing fits the search.</p>\n</section>\n");
        page(&self.head, html)
    }

    fn thing(&self, thing: &UsedThing, has_refs: bool, html: &mut Html) {
        html.raw(if self.things.len() + self.documents.len() > MANY {
            "<details class=\"item group thing long\""
        } else {
            "<details class=\"item group thing\""
        });
        html.id(&thing.anchor());
        html.raw(if self.things.len() <= A_FEW {
            " open>\n"
        } else {
            ">\n"
        });
        html.element("<summary><span class=\"pill\">", &thing.kind, "</span>");
        html.element("<bdi class=\"key\">", &thing.name, "</bdi>");
        html.raw("<span class=\"stat\"><span class=\"hits\"></span>")
            .text(count(thing.places.len() + thing.left_out, "place"))
            .raw("</span></summary>\n");
        if !thing.places.is_empty() {
            begin_table("Places", html);
            html.raw("<thead><tr><th scope=\"col\">Document</th><th scope=\"col\">How</th><th scope=\"col\">Line</th><th scope=\"col\">Address</th>");
            html.raw(if has_refs {
                "<th scope=\"col\">Refs</th>"
            } else {
                ""
            });
            html.raw("</tr></thead>\n<tbody class=\"rows\">\n");
            for place in &thing.places {
                self.place(place, has_refs, html);
            }
            html.raw("</tbody></table></div>\n");
        }
        and_more(thing.left_out, html);
        html.raw("</details>\n");
    }

    fn place(&self, place: &PlaceRow, has_refs: bool, html: &mut Html) {
        let document = &self.documents[place.document];
        html.raw("<tr").attribute("data-how", how(place.role));
        html.raw("><th scope=\"row\"><a").href(&document.anchor());
        html.attribute("data-kind", &document.kind);
        html.element(">", &document.name, "</a></th>");
        html.element("<td>", how(place.role), "</td>");
        html.element("<td class=\"number\">", place.line, "</td>");
        html.element("<td><code>", &place.address, "</code>");
        if let Some(name) = &place.other_name {
            html.element(" <span class=\"dim\">as <code>", name, "</code></span>");
        }
        html.raw("</td>");
        if has_refs {
            html.element("<td><bdi>", &place.refs, "</bdi></td>");
        }
        html.raw("</tr>\n");
    }

    fn document(&self, document: &UsingDocument, html: &mut Html) {
        html.raw("<details class=\"item group\"")
            .id(&document.anchor())
            .raw(">\n<summary><span class=\"pill\">document</span>");
        html.element("<bdi class=\"key\">", &document.name, "</bdi>");
        html.raw("<span class=\"stat\"><span class=\"hits\"></span>")
            .text(count(document.things.len(), "thing"))
            .raw("</span></summary>\n<ul class=\"refs long\">\n");
        for (thing, (defines, uses)) in &document.things {
            let thing = &self.things[*thing];
            html.element("<li><span class=\"dim\">", &thing.kind, "</span> <a");
            html.href(&thing.anchor());
            html.element("><bdi>", &thing.name, "</bdi></a> <span class=\"dim\">");
            match (defines, uses) {
                (true, 0) => html.raw("defined"),
                (true, uses) => html.text(format_args!("defined, {}", count(*uses, "reference"))),
                (false, uses) => html.text(count(*uses, "reference")),
            };
            html.raw("</span></li>\n");
        }
        html.raw("</ul>\n</details>\n");
    }
}

impl UsedThing {
    fn anchor(&self) -> Anchor {
        Anchor::new("thing", &self.id)
    }
}

impl UsingDocument {
    fn anchor(&self) -> Anchor {
        Anchor::new("doc", &self.name)
    }
}

/// Where the page's script draws what fits the search.
fn graph(html: &mut Html) {
    html.raw(
        "<figure id=\"graph\" class=\"graph\" hidden>\n\
         <figcaption><output id=\"drawn\" for=\"search\"></output><button type=\"button\" id=\"whole\" hidden>Whole graph</button></figcaption>\n\
         <div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Graph of documents and things\">\
         <svg role=\"group\" aria-label=\"Documents and things\"></svg></div>\n\
         <ul class=\"legend\"><li><span class=\"sign defines\"></span>defines</li><li><span class=\"sign\"></span>refers to</li>\
         <li><span class=\"sign guess\"></span>only the server knows the name</li></ul></figure>\n",
    );
}

fn how(role: UseRole) -> &'static str {
    match role {
        UseRole::Definition => "defined",
        UseRole::Use(certainty) => Certainty::name(certainty),
    }
}

fn title(question: &UseQuestion, things: &[UsedThing]) -> String {
    let things_of = |what: &str| count(things.len(), &format!("{what}thing"));
    match (question, things) {
        (UseQuestion::Unused, _) => things_of("unused "),
        (UseQuestion::Undefined, _) => things_of("undefined "),
        (UseQuestion::Unmatched, _) => things_of("unused or undefined "),
        (UseQuestion::Thing(_), [thing]) => format!("Who refers to {} {}", thing.kind, thing.name),
        (UseQuestion::Thing(name), _) => format!("Who refers to {name}"),
        (UseQuestion::Everything, _) => format!("Who refers to {}", things_of("")),
    }
}
