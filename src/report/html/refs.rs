//! The map of refs: how many stand at which version, and who shares an outcome.

use std::collections::{BTreeMap, BTreeSet};

use super::chart::{self, Chart};
use super::documents::search;
use super::markup::{Anchor, Html};
use super::outcome::{RefEntry, RefOutcome};
use super::page::{Head, HtmlPage, page};
use crate::catalog::Catalog;
use crate::project::RefStatus;
use crate::text::{self, count, grouped};

/// How many refs make one list: a browser lays out only the lists that are visible.
const CHUNK: usize = 100;
/// A page names at most this many refs.
const MOST_NAMED: usize = 20_000;
/// Up to this many groups and refs are shown unfolded.
const A_FEW: usize = 12;

/// Refs by version, grouped by what happens to them: the page of `status` and of `rehearse`.
#[derive(Debug)]
pub struct RefMap {
    command: &'static str,
    pub(super) catalog_name: String,
    pub(super) server_version: u32,
    pub(super) target: Option<u32>,
    /// The steps by version: `(4, "color")`.
    steps: Vec<(u32, String)>,
    project_versions: BTreeMap<String, Option<u32>>,
    groups: Vec<RefGroup>,
    places: BTreeMap<RefOutcome, usize>,
    pub(super) warnings: Vec<String>,
}

#[derive(Debug)]
struct RefGroup {
    outcome: RefOutcome,
    refs: Vec<RefEntry>,
}

impl RefMap {
    /// An empty map for `status`.
    pub fn of_status(catalog: &Catalog) -> RefMap {
        RefMap::new("status", catalog)
    }

    pub(super) fn new(command: &'static str, catalog: &Catalog) -> RefMap {
        let steps = catalog.steps().iter();
        RefMap {
            command,
            catalog_name: catalog.name().to_owned(),
            server_version: catalog.server_version(),
            target: None,
            steps: steps
                .map(|step| (step.version(), step.name().to_owned()))
                .collect(),
            project_versions: BTreeMap::new(),
            groups: Vec::new(),
            places: BTreeMap::new(),
            warnings: Vec::new(),
        }
    }

    /// Adds a ref with its outcome.
    pub(super) fn add(&mut self, outcome: RefOutcome, entry: RefEntry) {
        let next = self.groups.len();
        let place = *self.places.entry(outcome.clone()).or_insert(next);
        if place == next {
            self.groups.push(RefGroup {
                outcome,
                refs: Vec::new(),
            });
        }
        self.groups[place].refs.push(entry);
    }

    /// Adds warnings about all of them.
    pub fn warn(&mut self, warnings: &[String]) {
        self.warnings.extend_from_slice(warnings);
    }

    /// Adds a ref by where it stands, with the version at which the store has its project.
    pub fn add_status(&mut self, status: &RefStatus<'_>, project_version: Option<u32>) {
        if !self.project_versions.contains_key(status.base_path) {
            self.project_versions
                .insert(status.base_path.to_owned(), project_version);
        }
        let outcome = RefOutcome::of_status(status, &self.steps);
        let version = outcome.version;
        let entry = RefEntry {
            repository: None,
            name: status.ref_name.to_owned(),
            commit: status.commit.map(|commit| commit.to_string()),
            base_path: status.base_path.to_owned(),
            version,
        };
        self.add(outcome, entry);
    }

    /// The page.
    pub fn page(&self) -> HtmlPage {
        let rows = self.rows().count();
        let refs: BTreeSet<_> = self
            .rows()
            .map(|row| (&row.repository, &row.name))
            .collect();
        let total = refs.len();
        let mut facts = vec![
            ("catalog", self.catalog_name.clone()),
            ("server version", self.server_version.to_string()),
        ];
        facts.extend(
            self.target
                .map(|target| ("target version", target.to_string())),
        );
        let known: BTreeSet<u32> = self.project_versions.values().flatten().copied().collect();
        let project = known.first().filter(|_| known.len() == 1).copied();
        match (project, known.first(), known.last()) {
            (Some(one), ..) => facts.push(("project version", one.to_string())),
            (None, Some(least), Some(most)) => {
                facts.push(("project versions", format!("{least} to {most}")));
            }
            _ => {}
        }
        facts.push(("refs", grouped(total)));
        if rows > total {
            facts.push(("projects in them", grouped(rows)));
        }
        facts.push(("outcomes", self.groups.len().to_string()));
        let head = Head {
            command: self.command,
            title: match total {
                0 => "No refs".to_owned(),
                total => format!("{} by version", count(total, "ref")),
            },
            facts,
            warnings: self.warnings.clone(),
            ..Head::default()
        };
        let mut html = Html::default();
        if rows > 0 {
            let counts = self.groups.iter().flat_map(|group| {
                group
                    .refs
                    .iter()
                    .map(|row| (row.version, group.outcome.tone))
            });
            let chart = Chart {
                server: self.server_version,
                project,
                target: self.target,
                noun: self.noun(),
                tones: counts.collect(),
            };
            chart::draw(&chart, &|tone| tone.word(self.command), &mut html);
            self.list(&mut html);
        }
        page(&head, html)
    }

    fn rows(&self) -> impl Iterator<Item = &RefEntry> {
        self.groups.iter().flat_map(|group| &group.refs)
    }

    /// What a row is: where refs hold several projects, each is one.
    fn noun(&self) -> &'static str {
        if self.several_base_paths() {
            "project"
        } else {
            "ref"
        }
    }

    fn several_base_paths(&self) -> bool {
        let mut paths = self.rows().map(|row| &row.base_path);
        let first = paths.next();
        paths.any(|path| Some(path) != first)
    }

    fn list(&self, html: &mut Html) {
        html.raw("<section id=\"refs\" class=\"list\" aria-labelledby=\"refs-title\">\n<div class=\"bar\"><h2 id=\"refs-title\">Outcomes</h2>");
        search("Search refs", html);
        html.raw("</div>\n");
        let mut groups: Vec<&RefGroup> = self.groups.iter().collect();
        // Stable: what is alike in both stays as it came.
        groups.sort_by_key(|group| {
            let outcome = &group.outcome;
            (outcome.tone, outcome.version.is_none(), outcome.version)
        });
        let several = self.several_base_paths();
        let mut room = MOST_NAMED;
        for (index, group) in groups.into_iter().enumerate() {
            let place = Anchor::new("outcome", &(index + 1).to_string());
            self.group(group, &place, several, &mut room, html);
        }
        html.raw("<p class=\"nothing\" hidden>Nothing fits the search.</p>\n</section>\n");
    }

    fn group(
        &self,
        group: &RefGroup,
        place: &Anchor,
        several: bool,
        room: &mut usize,
        html: &mut Html,
    ) {
        let (outcome, refs) = (&group.outcome, &group.refs);
        let open = self.groups.len() <= A_FEW && refs.len() <= A_FEW;
        html.raw("<details class=\"item group\"").id(place);
        html.raw(if open { " open>\n" } else { ">\n" });
        html.raw("<summary><span")
            .attribute("class", format_args!("tone {}", outcome.tone.class()));
        html.element(
            " aria-hidden=\"true\">",
            outcome.tone.sign(),
            "</span><span class=\"key\">",
        );
        if let Some(version) = outcome.version {
            html.text(format_args!("version {version}, "));
        }
        html.text(&outcome.title)
            .raw("</span><span class=\"stat\"><span class=\"hits\"></span>");
        html.text(count(refs.len(), self.noun()))
            .raw("</span></summary>\n<div class=\"body\">\n");
        for detail in &outcome.details {
            html.element("<p class=\"by\">", detail, "</p>\n");
        }
        if let Some(example) = &outcome.example {
            html.element("<pre class=\"error\">", example, "</pre>\n");
        }
        let named = refs.len().min(*room);
        *room -= named;
        for chunk in refs[..named].chunks(CHUNK) {
            html.raw(if chunk.len() == CHUNK {
                "<ul class=\"refs long\">\n"
            } else {
                "<ul class=\"refs\">\n"
            });
            for entry in chunk {
                row(entry, outcome, several, html);
            }
            html.raw("</ul>\n");
        }
        if named < refs.len() {
            html.raw("<p class=\"by\">And ")
                .text(grouped(refs.len() - named))
                .raw(" more, which this page has no room for: the command itself names them all.</p>\n");
        }
        html.raw("</div></details>\n");
    }
}

fn row(entry: &RefEntry, outcome: &RefOutcome, several: bool, html: &mut Html) {
    // The same ref stands here once for each of its projects.
    let mut name = entry.name.clone();
    if several {
        name = format!("{name}:{}", entry.base_path);
    }
    if let Some(repository) = &entry.repository {
        name = format!("{repository}:{name}");
    }
    html.raw("<li").id(&Anchor::new("ref", &name)).raw(">");
    if let Some(repository) = &entry.repository {
        html.element("<bdi class=\"dim\">", repository, "</bdi> ");
    }
    let (folder, name) = entry.in_folder();
    html.element("<bdi><span class=\"dim\">", folder, "</span>");
    html.text(name).raw("</bdi>");
    if several {
        html.element(" <bdi class=\"dim\">", &entry.base_path, "</bdi>");
    }
    if let (None, Some(version)) = (outcome.version, entry.version) {
        html.element(" <span class=\"dim\">version ", version, "</span>");
    }
    if let Some(commit) = &entry.commit {
        html.element(" <code class=\"dim\">", text::short_id(commit), "</code>");
    }
    html.raw("</li>\n");
}
