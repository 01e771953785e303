//! The map of refs: how many stand at which version, and who shares an outcome.

use std::collections::{BTreeMap, BTreeSet};

use super::chart::{self, Chart};
use super::documents::{plural, search};
use super::markup::{Anchor, Html};
use super::page::{Head, HtmlPage, page};
use crate::catalog::Catalog;
use crate::project::{RefState, RefStatus};

/// So many refs make one list, of which a browser lays out what is seen.
const CHUNK: usize = 100;

/// Refs by version, grouped by what happens to them.
#[derive(Debug)]
pub struct RefMap {
    command: &'static str,
    catalog_name: String,
    server_version: u32,
    /// The steps by version: `(4, "color")`.
    steps: Vec<(u32, String)>,
    project_versions: BTreeMap<String, Option<u32>>,
    groups: BTreeMap<RefOutcome, Vec<RefEntry>>,
    warnings: Vec<String>,
}

/// What happens to a ref. Refs with the same outcome stand together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RefOutcome {
    /// How it looks in the map; the groups come in this order.
    pub tone: RefTone,
    /// The version that the ref is at, if it has one.
    pub version: Option<u32>,
    /// In a few words: `behind, 3 steps pending`.
    pub title: String,
    /// What else is to be said of all of them, a line each.
    pub details: Vec<String>,
}

/// How well a ref stands, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RefTone {
    /// It can't be read or migrated.
    Bad,
    /// It is migrated, but something is lost.
    Doubtful,
    /// Steps are pending.
    Pending,
    /// There is nothing to migrate.
    Empty,
    /// It is newer than this server.
    Ahead,
    /// Nothing would change.
    Good,
}

/// A ref at one base path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefEntry {
    /// The full name of the ref.
    pub name: String,
    /// The commit's id, if it leads to one.
    pub commit: Option<String>,
    /// The folder of the project's documents.
    pub base_path: String,
}

impl RefTone {
    pub(super) const ALL: [RefTone; 6] = [
        RefTone::Bad,
        RefTone::Doubtful,
        RefTone::Pending,
        RefTone::Empty,
        RefTone::Ahead,
        RefTone::Good,
    ];

    pub(super) fn class(self) -> &'static str {
        match self {
            RefTone::Bad => "bad",
            RefTone::Doubtful => "doubtful",
            RefTone::Pending => "pending",
            RefTone::Empty => "empty",
            RefTone::Ahead => "ahead",
            RefTone::Good => "good",
        }
    }

    pub(super) fn sign(self) -> &'static str {
        match self {
            RefTone::Bad => "!",
            RefTone::Doubtful => "\u{25b2}",
            RefTone::Pending => "\u{25cf}",
            RefTone::Empty => "\u{25cb}",
            RefTone::Ahead => "\u{25b6}",
            RefTone::Good => "\u{2713}",
        }
    }
}

impl RefMap {
    /// An empty map, for a command: `status`.
    pub fn new(command: &'static str, catalog: &Catalog) -> RefMap {
        let steps = catalog.steps().iter();
        RefMap {
            command,
            catalog_name: catalog.name().to_owned(),
            server_version: catalog.server_version(),
            steps: steps
                .map(|step| (step.version(), step.name().to_owned()))
                .collect(),
            project_versions: BTreeMap::new(),
            groups: BTreeMap::new(),
            warnings: Vec::new(),
        }
    }

    /// Adds a ref with its outcome.
    pub fn add(&mut self, outcome: RefOutcome, entry: RefEntry) {
        self.groups.entry(outcome).or_default().push(entry);
    }

    /// Adds a ref by where it stands.
    pub fn add_status(&mut self, status: &RefStatus<'_>, project_version: Option<u32>) {
        self.project_version(status.base_path, project_version);
        let pending = || plural(status.pending, "step");
        let name = status.state.name();
        let (tone, title) = match status.state {
            RefState::Current(_) => (RefTone::Good, name.to_owned()),
            RefState::Ahead(_) => (RefTone::Ahead, format!("{name}: this server is older")),
            RefState::Behind(_) => (RefTone::Pending, format!("{name}, {} pending", pending())),
            RefState::Uninitialised => (RefTone::Empty, format!("{name}, {} pending", pending())),
            RefState::Invalid(message) => (RefTone::Bad, format!("{name}: {message}")),
        };
        let version = status.state.version();
        let mut details = Vec::new();
        if let (RefState::Behind(_), Some(version)) = (status.state, version) {
            details.push(self.steps_above(version));
        }
        let outcome = RefOutcome {
            tone,
            version,
            title,
            details,
        };
        let entry = RefEntry {
            name: status.ref_name.to_owned(),
            commit: status.commit.map(|commit| commit.to_string()),
            base_path: status.base_path.to_owned(),
        };
        self.add(outcome, entry);
    }

    /// Says at which version the store has the project of a base path.
    pub fn project_version(&mut self, base_path: &str, version: Option<u32>) {
        if !self.project_versions.contains_key(base_path) {
            self.project_versions.insert(base_path.to_owned(), version);
        }
    }

    /// Says something above the map.
    pub fn warn(&mut self, warning: impl Into<String>) {
        self.warnings.push(warning.into());
    }

    fn steps_above(&self, version: u32) -> String {
        let steps = self.steps.iter().filter(|(step, _)| *step > version);
        let texts: Vec<String> = steps
            .map(|(version, name)| format!("{version} {name}"))
            .collect();
        format!("Pending: {}", texts.join(", "))
    }

    /// The page.
    pub fn page(&self) -> HtmlPage {
        let entries = || self.groups.values().flatten();
        let rows = entries().count();
        let total = entries()
            .map(|entry| &entry.name)
            .collect::<BTreeSet<_>>()
            .len();
        let mut facts = vec![
            ("catalog", self.catalog_name.clone()),
            ("server version", self.server_version.to_string()),
        ];
        let mut known: Vec<u32> = self.project_versions.values().flatten().copied().collect();
        known.sort_unstable();
        known.dedup();
        match known.as_slice() {
            [] => {}
            [one] => facts.push(("project version", one.to_string())),
            [least, .., most] => facts.push(("project versions", format!("{least} to {most}"))),
        }
        facts.push(("refs", total.to_string()));
        if rows > total {
            facts.push(("projects in them", rows.to_string()));
        }
        facts.push(("outcomes", self.groups.len().to_string()));
        let head = Head {
            command: self.command,
            title: match total {
                0 => "No refs".to_owned(),
                total => format!("{} by version", plural(total, "ref")),
            },
            facts,
            warnings: self.warnings.clone(),
            ..Head::default()
        };
        let mut html = Html::default();
        if total > 0 {
            let project = match known.as_slice() {
                [one] => Some(*one),
                _ => None,
            };
            let counts = self
                .groups
                .iter()
                .map(|(outcome, refs)| (outcome.version, outcome.tone, refs.len()));
            let chart = Chart {
                server: self.server_version,
                project,
                noun: self.noun(),
                counts: counts.collect(),
            };
            chart::draw(&chart, &|tone| self.word(tone), &mut html);
            self.list(&mut html);
        }
        page(&head, html)
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
        let mut paths = self.groups.values().flatten().map(|entry| &entry.base_path);
        let first = paths.next();
        paths.any(|path| Some(path) != first)
    }

    fn word(&self, tone: RefTone) -> &'static str {
        match (tone, self.command) {
            (RefTone::Bad, "status") => "invalid",
            (RefTone::Bad, _) => "failed",
            (RefTone::Doubtful, _) => "with losses",
            (RefTone::Pending, "status") => "behind",
            (RefTone::Pending, _) => "would change",
            (RefTone::Empty, _) => "uninitialised",
            (RefTone::Ahead, _) => "ahead",
            (RefTone::Good, "status") => "current",
            (RefTone::Good, _) => "unchanged",
        }
    }

    fn list(&self, html: &mut Html) {
        html.raw("<section id=\"refs\" class=\"list\" aria-labelledby=\"refs-title\">\n<div class=\"bar\"><h2 id=\"refs-title\">Outcomes</h2>");
        search("Search refs", html);
        html.raw("</div>\n");
        let several = self.several_base_paths();
        for (index, (outcome, refs)) in self.groups.iter().enumerate() {
            html.raw("<details class=\"item group\"")
                .id(&Anchor::new("outcome", &(index + 1).to_string()))
                // A few groups with a few refs are read at one glance.
                .raw(if self.groups.len() <= 12 && refs.len() <= 12 {
                    " open>\n"
                } else {
                    ">\n"
                });
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
                .raw("</span><span class=\"stat\">");
            html.element(
                "<span class=\"hits\"></span>",
                plural(refs.len(), self.noun()),
                "</span></summary>\n<div class=\"body\">\n",
            );
            for detail in &outcome.details {
                html.element("<p class=\"by\">", detail, "</p>\n");
            }
            for chunk in refs.chunks(CHUNK) {
                html.raw(if chunk.len() == CHUNK {
                    "<ul class=\"refs long\">\n"
                } else {
                    "<ul class=\"refs\">\n"
                });
                for entry in chunk {
                    row(entry, several, html);
                }
                html.raw("</ul>\n");
            }
            html.raw("</div></details>\n");
        }
        html.raw("<p class=\"nothing\" hidden>Nothing fits the search.</p>\n</section>\n");
    }
}

fn row(entry: &RefEntry, with_base_path: bool, html: &mut Html) {
    // The same ref stands here once for each of its projects.
    let anchor = if with_base_path {
        Anchor::new("ref", &format!("{}:{}", entry.name, entry.base_path))
    } else {
        Anchor::new("ref", &entry.name)
    };
    html.raw("<li").id(&anchor).raw("><bdi>");
    let folder = ["refs/heads/", "refs/tags/", "refs/remotes/"]
        .into_iter()
        .find(|folder| entry.name.starts_with(folder));
    match folder {
        Some(folder) => html
            .element("<span class=\"dim\">", folder, "</span>")
            .text(&entry.name[folder.len()..]),
        None => html.text(&entry.name),
    };
    html.raw("</bdi>");
    if with_base_path {
        html.element(" <bdi class=\"dim\">", &entry.base_path, "</bdi>");
    }
    if let Some(commit) = &entry.commit {
        let short: String = commit.chars().take(10).collect();
        html.element(" <code class=\"dim\">", short, "</code>");
    }
    html.raw("</li>\n");
}
