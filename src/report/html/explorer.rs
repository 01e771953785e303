//! Where a service's pages begin: the refs of a project by version, and what can be asked about them.

use std::collections::{BTreeMap, BTreeSet};

use super::chart::{self, Chart};
use super::forms::{Field, check, choice, hidden, refs_field, search_values};
use super::markup::Html;
use super::outcome::{RefEntry, RefOutcome, RefTone};
use super::page::{Head, HtmlPage, page};
use super::values::begin_links;
use crate::catalog::Catalog;
use crate::project::{Loaded, RefStatus};
use crate::text::{count, either, folder, grouped, short_id, visible_line};

/// A page lists so many refs.
const ROWS: usize = 200;

/// The refs of a project, by version, with links to their pages.
#[derive(Debug)]
pub struct Explorer {
    title: String,
    catalog: String,
    server_version: u32,
    steps: Vec<(u32, String)>,
    choice: RefChoice,
    tones: Vec<(Option<u32>, RefTone)>,
    /// Those that were chosen.
    rows: Vec<(RefOutcome, RefEntry)>,
    /// The folders of documents.
    base_paths: BTreeSet<String>,
}

/// Which refs are listed, and in which order.
#[derive(Debug, Clone, Default)]
pub struct RefChoice {
    /// Their names have all of these words.
    pub filter: String,
    /// The version, or `none`.
    pub version: String,
    /// How they stand: `behind`, `current`.
    pub state: String,
    /// `name`, `version`, or else by what is to be done.
    pub sort: String,
    /// From 1.
    pub page: usize,
}

impl RefChoice {
    /// Refuses what no ref can be chosen or sorted by: it may be mistyped. The error says what is allowed, in words.
    pub fn check(&self) -> Result<(), String> {
        let states = RefTone::ALL.map(|tone| tone.word("status"));
        let refused = |name: &str, value: &str, allowed: &str| {
            let value = visible_line(value);
            Err(format!("`{name}` can't be `{value}`: it is {allowed}"))
        };
        if !["", "name", "version"].contains(&&*self.sort) {
            return refused("sort", &self.sort, "`name`, `version`, or left out");
        }
        if !self.state.is_empty() && !states.contains(&&*self.state) {
            let states = states.map(|state| format!("`{state}`"));
            let allowed = format!("one of {}, or left out", either(&states));
            return refused("state", &self.state, &allowed);
        }
        let is_version = self.version == "none" || self.version.parse::<u32>().is_ok();
        if !self.version.is_empty() && !is_version {
            return refused("version", &self.version, "a number, `none`, or left out");
        }
        Ok(())
    }

    fn fits(&self, outcome: &RefOutcome, name: &str) -> bool {
        let version = match outcome.version {
            Some(version) => version.to_string(),
            None => "none".to_owned(),
        };
        let name = name.to_lowercase();
        let words = self.filter.to_lowercase();
        (self.version.is_empty() || self.version == version)
            && (self.state.is_empty() || self.state == outcome.tone.word("status"))
            && words.split_whitespace().all(|word| name.contains(word))
    }

    /// The link to a page of it.
    fn link(&self, sort: &str, page: usize, html: &mut Html) {
        let number = page.to_string();
        let all = [
            ("filter", &*self.filter),
            ("version", &self.version),
            ("state", &self.state),
            ("sort", sort),
            ("page", if page > 1 { &number } else { "" }),
        ];
        let given: Vec<_> = all.into_iter().filter(|(_, it)| !it.is_empty()).collect();
        html.ask("./", &given);
    }
}

impl Explorer {
    /// Begins with the name of a project.
    pub fn new(name: &str, catalog: &Catalog, choice: RefChoice) -> Explorer {
        let steps = catalog.steps().iter();
        Explorer {
            title: name.to_owned(),
            catalog: catalog.name().to_owned(),
            server_version: catalog.server_version(),
            steps: steps
                .map(|step| (step.version(), step.name().to_owned()))
                .collect(),
            choice,
            tones: Vec::new(),
            rows: Vec::new(),
            base_paths: BTreeSet::new(),
        }
    }

    /// Adds a ref. One that has several projects is there once for each.
    pub fn add(&mut self, status: &RefStatus<'_>) {
        let outcome = RefOutcome::of_status(status, &self.steps);
        self.tones.push((outcome.version, outcome.tone));
        if !self.base_paths.contains(status.base_path) {
            self.base_paths.insert(status.base_path.to_owned());
        }
        if self.choice.fits(&outcome, status.ref_name) {
            let entry = RefEntry {
                repository: None,
                name: status.ref_name.to_owned(),
                commit: status.commit.map(|commit| commit.to_string()),
                base_path: folder(status.base_path).to_owned(),
                version: outcome.version,
            };
            self.rows.push((outcome, entry));
        }
    }

    /// The page.
    pub fn page(mut self) -> HtmlPage {
        match &*self.choice.sort {
            "name" => {}
            // Stable: what is alike stays in the order of names.
            "version" => self.rows.sort_by_key(|(outcome, _)| outcome.version),
            _ => {
                let by = |outcome: &RefOutcome| (outcome.tone, outcome.version);
                self.rows.sort_by_key(|(outcome, _)| by(outcome));
            }
        }
        let mut html = Html::default();
        search_values("Search all values", "", "", &mut html);
        if !self.tones.is_empty() {
            let chart = Chart {
                server: self.server_version,
                project: None,
                target: None,
                noun: if self.base_paths.len() > 1 {
                    "project"
                } else {
                    "ref"
                },
                tones: std::mem::take(&mut self.tones),
            };
            chart::draw(&chart, &|tone| tone.word("status"), &mut html);
            self.tones = chart.tones;
        }
        self.list(&mut html);
        self.questions(&mut html);
        let head = Head {
            command: "serve",
            title: self.title.clone(),
            facts: vec![
                ("catalog", self.catalog.clone()),
                ("server version", self.server_version.to_string()),
                ("refs", grouped(self.tones.len())),
            ],
            forms: true,
            ..Head::default()
        };
        page(&head, html)
    }

    fn list(&self, html: &mut Html) {
        html.raw("<section aria-labelledby=\"refs-title\"><h2 id=\"refs-title\">Refs</h2>\n");
        self.filter(html);
        let pages = self.rows.len().div_ceil(ROWS).max(1);
        let number = self.choice.page.clamp(1, pages);
        let first = (number - 1) * ROWS;
        let rows = &self.rows[first..(first + ROWS).min(self.rows.len())];
        html.raw("<p role=\"status\">");
        if rows.is_empty() {
            html.raw("No ref fits.</p>\n</section>\n");
            return;
        }
        html.text(format_args!(
            "{} to {} of {}",
            grouped(first + 1),
            grouped(first + rows.len()),
            count(self.rows.len(), "ref")
        ));
        html.raw("</p>\n<form method=\"get\" action=\"compare\">\n");
        begin_links("Refs", html);
        html.raw("<thead><tr><th scope=\"col\">Choose</th>");
        for (sort, text) in [
            ("name", "Ref"),
            ("version", "Version"),
            ("", "What it would do"),
        ] {
            let is_sorted = match &*self.choice.sort {
                known @ ("name" | "version") => known == sort,
                _ => sort.is_empty(),
            };
            html.raw("<th scope=\"col\"");
            html.raw(if is_sorted {
                " aria-sort=\"ascending\"><a"
            } else {
                "><a"
            });
            self.choice.link(sort, 1, html);
            html.element(">", text, "</a></th>");
        }
        html.raw("<th scope=\"col\">Commit</th></tr></thead>\n<tbody>\n");
        for (outcome, entry) in rows {
            self.row(outcome, entry, html);
        }
        html.raw("</tbody></table></div>\n<div class=\"fields\">\n");
        for (name, label, example) in [
            ("document", "Document", "all"),
            ("selector", "Part of it", "step[\"build\"]"),
        ] {
            Field::empty(name, label, example).draw(html);
        }
        html.raw("<button>Compare the chosen refs</button></div>\n</form>\n");
        if pages > 1 {
            html.raw("<nav class=\"ways\" aria-label=\"Pages\">");
            let ways = [
                (number > 1, "First", 1),
                (number > 1, "Previous", number.saturating_sub(1)),
                (number < pages, "Next", number + 1),
                (number < pages, "Last", pages),
            ];
            for (_, text, to) in ways.into_iter().filter(|(is_there, ..)| *is_there) {
                html.raw("<a");
                self.choice.link(&self.choice.sort, to, html);
                html.element(">", text, "</a> ");
            }
            html.text(format_args!("Page {number} of {pages}"))
                .raw("</nav>\n");
        }
        html.raw("</section>\n");
    }

    fn filter(&self, html: &mut Html) {
        let mut versions: BTreeMap<Option<u32>, usize> = BTreeMap::new();
        for (version, _) in &self.tones {
            *versions.entry(*version).or_default() += 1;
        }
        let versions = versions.into_iter().map(|(version, number)| {
            let name = version.map_or("none".to_owned(), |version| version.to_string());
            let shown = format!("{name} ({})", grouped(number));
            (name, shown)
        });
        let versions: Vec<(String, String)> = versions.collect();
        let mut options = vec![("", "any")];
        options.extend(versions.iter().map(|(name, shown)| (&**name, &**shown)));
        let mut states = vec![("", "any")];
        let tones = RefTone::ALL.into_iter();
        let there = tones.filter(|tone| self.tones.iter().any(|(_, here)| here == tone));
        states.extend(there.map(|tone| (tone.word("status"), tone.word("status"))));
        html.raw("<form class=\"fields\" role=\"search\" aria-label=\"Refs\" method=\"get\" action=\"./\">\n");
        Field {
            name: "filter",
            label: "Name has",
            value: &self.choice.filter,
            example: "",
        }
        .draw(html);
        choice("version", "Version", &options, &self.choice.version, html);
        choice("state", "State", &states, &self.choice.state, html);
        hidden("sort", &self.choice.sort, html);
        html.raw("<button>Show</button>\n</form>\n");
    }

    fn row(&self, outcome: &RefOutcome, entry: &RefEntry, html: &mut Html) {
        html.raw("<tr><td><input type=\"checkbox\" name=\"ref\"")
            .exact("value", &entry.name)
            .attribute("aria-label", format_args!("Choose {}", entry.name));
        html.raw("></td><th scope=\"row\"><a")
            .ask("./", &[("ref", &entry.name)]);
        let (folder, name) = entry.in_folder();
        html.element("><bdi><span class=\"folder\">", folder, "</span>");
        html.text(name).raw("</bdi></a>");
        if self.base_paths.len() > 1 {
            html.element(" <bdi class=\"dim\">", &entry.base_path, "</bdi>");
        }
        html.raw("</th><td class=\"number\">");
        match outcome.version {
            Some(version) => html.text(version),
            None => html.raw("none"),
        };
        html.raw("</td><td><span")
            .attribute("class", format_args!("tone {}", outcome.tone.class()));
        html.element(" aria-hidden=\"true\">", outcome.tone.sign(), "</span>");
        html.element(" ", &outcome.title, "</td><td>");
        if let Some(commit) = &entry.commit {
            html.element("<code class=\"dim\">", short_id(commit), "</code>");
        }
        html.raw("</td></tr>\n");
    }

    /// What there is to ask about all of them.
    fn questions(&self, html: &mut Html) {
        html.raw(
            "<section aria-labelledby=\"uses-title\"><h2 id=\"uses-title\">Who uses what</h2>\n",
        );
        uses_form("", html);
        html.raw("</section>\n<section aria-labelledby=\"all-title\"><h2 id=\"all-title\">All refs</h2>\n<ul>\n");
        for (question, text) in [
            ("status", "Their versions"),
            ("compare", "Values that differ between them"),
            ("rehearse", "What migrating each would do"),
        ] {
            html.raw("<li><a").ask(question, &[]).raw(">");
            html.element("", text, "</a></li>\n");
        }
        html.raw("</ul></section>\n");
    }
}

/// Who refers to a thing.
fn uses_form(refs: &str, html: &mut Html) {
    html.raw("<form class=\"fields\" method=\"get\" action=\"uses\">\n");
    for (name, label, example) in [
        ("thing", "Name of a thing", "docker-hub"),
        ("kind", "Kind", "feed, variable"),
    ] {
        Field::empty(name, label, example).draw(html);
    }
    refs_field(refs, html);
    check("unused", "true", "only what nothing refers to", html);
    check("undefined", "true", "only what nothing defines", html);
    html.raw("<button>Show who uses it</button>\n</form>\n");
}

/// What there is to ask about one ref, as it was asked for, and about its documents.
pub(super) fn of_ref(revision: &str, loaded: &Loaded, written: Option<&str>) -> Html {
    let mut html = Html::default();
    if let Some(written) = written {
        html.element(
            "<p class=\"done\" role=\"status\">Committed: the branch is at <code>",
            short_id(&written),
            "</code> now.</p>\n",
        );
    }
    let of_ref = [("ref", revision)];
    html.raw(
        "<section aria-labelledby=\"questions-title\"><h2 id=\"questions-title\">Look at</h2><ul>\n",
    );
    for (question, text) in [
        ("values", "Its documents and their values, as a tree"),
        ("preview", "What migrating it changes"),
        ("plan", "Which steps run, and why"),
    ] {
        html.raw("<li><a").ask(question, &of_ref).raw(">");
        html.element("", text, "</a></li>\n");
    }
    html.raw("<li><a").ask("diff", &[("old", revision)]);
    html.raw(">Values that differ from HEAD</a></li>\n</ul></section>\n");
    search_values("Search its values", "", revision, &mut html);
    html.raw("<section aria-labelledby=\"documents-title\"><h2 id=\"documents-title\">Documents</h2>\n<ul>\n");
    for name in loaded.names() {
        let of_document = [("ref", revision), ("document", name.as_str())];
        html.raw("<li><a").ask("values", &of_document);
        html.element("><bdi>", name, "</bdi></a>: ");
        html.raw("<a")
            .ask("blame", &of_document)
            .raw(">who gave its values</a>, <a");
        html.ask("log", &of_document).raw(">history</a></li>\n");
    }
    html.raw("</ul></section>\n<section aria-labelledby=\"compare-title\"><h2 id=\"compare-title\">Compare with another ref</h2>\n");
    html.raw("<form class=\"fields\" method=\"get\" action=\"diff\">\n");
    hidden("new", revision, &mut html);
    Field {
        name: "old",
        label: "The other ref",
        value: "HEAD",
        example: "",
    }
    .draw(&mut html);
    html.raw("<button>Compare</button>\n</form></section>\n<section aria-labelledby=\"uses-title\"><h2 id=\"uses-title\">Who uses what in it</h2>\n");
    uses_form(revision, &mut html);
    html.raw("</section>\n");
    html
}
