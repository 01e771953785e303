//! The map of refs: how many stand at which version, and who shares an outcome.

use std::collections::BTreeMap;

use super::axis::{rectangle, text};
use super::documents::{plural, search};
use super::markup::{Anchor, Html};
use super::page::{Head, HtmlPage, page};
use crate::catalog::Catalog;
use crate::project::{RefState, RefStatus};

/// So many refs make one list, of which a browser lays out what is seen.
const CHUNK: usize = 100;
const BAR: usize = 56;
const TALLEST: usize = 120;

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
    const ALL: [RefTone; 6] = [
        RefTone::Bad,
        RefTone::Doubtful,
        RefTone::Pending,
        RefTone::Empty,
        RefTone::Ahead,
        RefTone::Good,
    ];

    fn class(self) -> &'static str {
        match self {
            RefTone::Bad => "bad",
            RefTone::Doubtful => "doubtful",
            RefTone::Pending => "pending",
            RefTone::Empty => "empty",
            RefTone::Ahead => "ahead",
            RefTone::Good => "good",
        }
    }

    fn sign(self) -> &'static str {
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
        let total: usize = self.groups.values().map(Vec::len).sum();
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
        facts.push(("outcomes", self.groups.len().to_string()));
        let head = Head {
            command: self.command,
            title: match total {
                0 => "No refs".to_owned(),
                total => format!("{} by version", plural(total, "ref")),
            },
            facts,
            warnings: self.warnings.clone(),
            diffs: false,
        };
        let mut html = Html::default();
        if total > 0 {
            let project = match known.as_slice() {
                [one] => Some(*one),
                _ => None,
            };
            self.chart(project, &mut html);
            self.list(&mut html);
        }
        page(&head, html)
    }

    /// A bar per version, with what has no version at its left.
    fn chart(&self, project: Option<u32>, html: &mut Html) {
        let mut bars: BTreeMap<Option<u32>, BTreeMap<RefTone, usize>> = BTreeMap::new();
        for version in [Some(self.server_version), project].into_iter().flatten() {
            bars.entry(Some(version)).or_default();
        }
        for (outcome, refs) in &self.groups {
            *bars
                .entry(outcome.version)
                .or_default()
                .entry(outcome.tone)
                .or_default() += refs.len();
        }
        let largest = bars
            .values()
            .map(|bar| bar.values().sum::<usize>())
            .max()
            .unwrap_or(1)
            .max(1);
        let (width, foot) = (bars.len() * BAR, 58);
        let height = 20 + TALLEST + foot;
        html.raw("<section aria-labelledby=\"map-title\"><h2 id=\"map-title\">Refs by version</h2>\n<figure class=\"map\"><div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Chart of the refs by version\">");
        html.raw("<svg role=\"img\" aria-labelledby=\"chart-title chart-desc\"")
            .attribute("width", width)
            .attribute("height", height)
            .attribute("viewBox", format_args!("0 0 {width} {height}"))
            .raw("><title id=\"chart-title\">Refs by version</title>\n<desc id=\"chart-desc\">");
        for (version, bar) in &bars {
            let count: usize = bar.values().sum();
            match version {
                Some(version) => html.text(format_args!(
                    "version {version}: {}; ",
                    plural(count, "ref")
                )),
                None => html.text(format_args!(
                    "without a version: {}; ",
                    plural(count, "ref")
                )),
            };
        }
        html.raw("the groups below say the same in words.</desc>\n");
        html.raw("<path class=\"ground\"")
            .attribute("d", format_args!("M0 {0}H{width}", 20 + TALLEST))
            .raw("/>\n");
        for (index, (version, bar)) in bars.iter().enumerate() {
            let (left, middle) = (index * BAR, index * BAR + BAR / 2);
            let mut bottom = 20 + TALLEST;
            for tone in RefTone::ALL.iter().rev() {
                let Some(count) = bar.get(tone) else { continue };
                // One ref among thousands is seen too.
                let tall = (count * TALLEST / largest).max(2);
                bottom -= tall.min(bottom);
                rectangle(tone.class(), [left + 10, bottom, BAR - 20, tall], html);
            }
            let count: usize = bar.values().sum();
            text("count", middle, bottom.saturating_sub(5).max(10), html);
            html.text(count).raw("</text>\n");
            let mut labels: Vec<(&'static str, String)> = Vec::new();
            match version {
                Some(version) => labels.push(("number", version.to_string())),
                None => labels.push(("number", "none".to_owned())),
            }
            if *version == Some(self.server_version) {
                labels.push(("flag", "server".to_owned()));
            }
            if version.is_some() && *version == project {
                labels.push(("flag", "project".to_owned()));
            }
            for (row, (class, label)) in labels.iter().enumerate() {
                text(class, middle, 20 + TALLEST + 17 + row * 17, html);
                html.text(label).raw("</text>\n");
            }
        }
        html.raw("</svg></div>\n<figcaption><ul class=\"legend\">\n");
        for tone in RefTone::ALL {
            let groups = self
                .groups
                .iter()
                .filter(|(outcome, _)| outcome.tone == tone);
            let count: usize = groups.map(|(_, refs)| refs.len()).sum();
            if count > 0 {
                html.raw("<li><span")
                    .attribute("class", format_args!("tone {}", tone.class()));
                html.element(" aria-hidden=\"true\">", tone.sign(), "</span>");
                html.element("<span>", self.word(tone), ": ")
                    .element("", count, "</span></li>\n");
            }
        }
        html.raw("</ul></figcaption></figure></section>\n");
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
        let mut paths = self.groups.values().flatten().map(|entry| &entry.base_path);
        let first = paths.next();
        let several = paths.any(|path| Some(path) != first);
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
                plural(refs.len(), "ref"),
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
