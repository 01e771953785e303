//! The commits that changed a document or a value, and the line that it took through the versions.

use std::collections::BTreeSet;

use super::axis::{scroll_class, text};
use super::blamed::{day_of, pending};
use super::documents::search;
use super::markup::{Anchor, Html};
use super::page::{Head, HtmlPage, page, told_of};
use super::values::{ChangeRow, changes};
use crate::history::{Cause, CommitChange, History, HistoryError};
use crate::text::{count, grouped, short_id};
use crate::values::Selector;

/// A page has at most this many commits, and rows.
const MOST_COMMITS: usize = 2_000;
const MOST_ROWS: usize = 10_000;
/// The line goes through the newest so many of them.
const MOST_POINTS: usize = 400;
/// Up to this many are shown unfolded.
const A_FEW: usize = 50;

/// All lengths are in CSS pixels.
const STEP: usize = 26;
const LANE: usize = 34;
const LEFT: usize = 96;
const TOP: usize = 22;

/// The commits that changed a document or a value: the page of `log`. They are added one by one, the newest first.
#[derive(Debug)]
pub struct LogPage {
    pub(super) head: Head,
    /// What was told of the document in commits.
    pub(super) told: BTreeSet<String>,
    pub(super) commits: Vec<LoggedCommit>,
    pub(super) errors: Vec<String>,
    /// Where the document is, while no commit has it.
    pub(super) pending: Option<String>,
    /// How many changes are on the page, and how many commits are not.
    pub(super) rows: usize,
    pub(super) left_out: usize,
}

#[derive(Debug)]
pub(super) struct LoggedCommit {
    pub(super) id: String,
    pub(super) cause: Cause,
    /// The versions before and after, where there are markers.
    pub(super) versions: (Option<u32>, Option<u32>),
    pub(super) subject: String,
    pub(super) author: String,
    pub(super) day: String,
    /// What is said where no value changed.
    pub(super) nothing: &'static str,
    pub(super) changes: Vec<ChangeRow>,
    pub(super) left_out: usize,
}

impl LogPage {
    /// A page of a history, of no commits yet.
    pub fn new(history: &History, selector: &Selector) -> LogPage {
        let loaded = history.loaded();
        let mut title = history.name().to_string();
        if !selector.is_empty() {
            title = format!("{title} {selector}");
        }
        let facts = [
            ("ref", loaded.ref_name().unwrap_or_default().to_owned()),
            ("commit", loaded.commit().to_string()),
            ("in version", loaded.plan().target.to_string()),
        ];
        let warnings = loaded.warnings().iter().map(ToString::to_string);
        LogPage {
            pending: pending(loaded, history.name()),
            head: Head {
                command: "log",
                title,
                is_name: true,
                facts: facts.into_iter().filter(|(_, it)| !it.is_empty()).collect(),
                warnings: warnings
                    .chain(told_of(loaded, history.name().as_str()))
                    .collect(),
                diffs: false,
                forms: false,
            },
            told: BTreeSet::new(),
            commits: Vec::new(),
            errors: Vec::new(),
            rows: 0,
            left_out: 0,
        }
    }

    /// Adds a commit.
    pub fn add(&mut self, change: &CommitChange) {
        for text in change.told() {
            let text = format!("{}: {text}", change.name());
            // What the ref itself is told of is there already.
            if self.told.insert(text.clone()) && !self.head.warnings.contains(&text) {
                let id = short_id(&change.commit().id);
                self.head.warnings.push(format!("in {id}: {text}"));
            }
        }
        if self.commits.len() >= MOST_COMMITS {
            self.left_out += 1;
            return;
        }
        let difference = change.difference();
        let all = difference.changes();
        let shown = all.len().min(MOST_ROWS - self.rows);
        self.rows += shown;
        let changes: Vec<ChangeRow> = all[..shown].iter().map(ChangeRow::of).collect();
        self.head.diffs |= changes.iter().any(|change| change.lines.is_some());
        let commit = change.commit();
        self.commits.push(LoggedCommit {
            id: commit.id.to_string(),
            cause: change.cause(),
            versions: change.versions(),
            subject: commit.subject.clone(),
            author: commit.author.name.clone(),
            day: day_of(commit),
            nothing: match change.after() {
                Some(_) if change.is_whole() => "It added the document, without values.",
                None if change.is_whole() => "It removed the document, which had no values.",
                _ => "No value changed.",
            },
            changes,
            left_out: all.len() - shown,
        });
    }

    /// Adds what can't be told.
    pub fn fail(&mut self, error: &HistoryError) {
        self.errors.push(error.to_string());
    }

    /// The page.
    pub fn page(mut self) -> HtmlPage {
        let commits = self.commits.len() + self.left_out;
        self.head.facts.push(("commits", grouped(commits)));
        let mut html = Html::default();
        for error in &self.errors {
            html.element("<pre class=\"error\">", error, "</pre>\n");
        }
        if self.commits.len() > 1 {
            draw_line(
                &self.commits[..self.commits.len().min(MOST_POINTS)],
                &mut html,
            );
        }
        html.raw("<section class=\"list\" aria-labelledby=\"commits-title\">\n<div class=\"bar\"><h2 id=\"commits-title\">Commits</h2>");
        search("Search commits", &mut html);
        html.raw("</div>\n");
        if let Some(pending) = &self.pending {
            html.element("<p class=\"by\">", pending, "</p>\n");
        }
        if commits == 0 {
            html.raw("<p class=\"calm\">No commit changed it.</p>\n");
        }
        let is_open = self.commits.len() <= A_FEW;
        for commit in &self.commits {
            commit.draw(is_open, &mut html);
        }
        if self.left_out > 0 {
            html.raw("<p class=\"by\">And ")
                .text(count(self.left_out, "older commit"))
                .raw(", which this page has no room for: the command itself tells them all.</p>\n");
        }
        html.raw("<p class=\"nothing\" hidden>Nothing fits the search.</p>\n</section>\n");
        page(&self.head, html)
    }
}

impl LoggedCommit {
    fn anchor(&self) -> Anchor {
        Anchor::new("commit", &self.id)
    }

    /// What happened, in words.
    fn what(&self) -> String {
        match (self.cause, self.versions) {
            (Cause::Migration, (Some(old), Some(new))) => format!("migration {old} \u{2192} {new}"),
            (Cause::Both, (Some(old), Some(new))) => {
                format!("edit and migration {old} \u{2192} {new}")
            }
            (cause, _) => cause.name().to_owned(),
        }
    }

    fn draw(&self, is_open: bool, html: &mut Html) {
        html.raw("<details class=\"item\"").id(&self.anchor());
        html.raw(if is_open {
            " open>\n<summary>"
        } else {
            ">\n<summary>"
        });
        html.raw(match self.cause {
            Cause::Edit => "<span class=\"pill changed\">",
            Cause::Migration => "<span class=\"pill\">",
            Cause::Both => "<span class=\"pill imported\">",
        });
        html.text(self.what()).raw("</span>");
        html.element("<bdi class=\"key\">", &self.subject, "</bdi>");
        html.raw("<span class=\"path key\">");
        html.element("<bdi>", &self.author, "</bdi>, ");
        html.text(&self.day);
        html.element(" <code>", short_id(&self.id), "</code></span>");
        html.raw("<span class=\"stat\">")
            .text(count(self.changes.len() + self.left_out, "value"))
            .raw("</span></summary>\n<div class=\"body\">\n");
        if self.changes.is_empty() && self.left_out == 0 {
            html.element("<p class=\"by\">", self.nothing, "</p>\n");
        }
        changes(&self.changes, self.left_out, html);
        html.raw("</div>\n</details>\n");
    }
}

/// Draws the commits from left to right, the oldest first, each as high as its version.
fn draw_line(commits: &[LoggedCommit], html: &mut Html) {
    let versions: BTreeSet<Option<u32>> = commits.iter().map(|commit| commit.versions.1).collect();
    let lanes: Vec<Option<u32>> = versions.into_iter().rev().collect();
    let (width, height) = (LEFT + commits.len() * STEP + STEP, TOP + lanes.len() * LANE);
    html.raw("<section aria-labelledby=\"line-title\"><h2 id=\"line-title\">Through the versions</h2>\n<figure class=\"map\"><div");
    html.attribute("class", scroll_class(width))
        .raw(" tabindex=\"0\" role=\"group\" aria-label=\"The commits by version\">");
    html.raw("<svg role=\"img\" aria-labelledby=\"line-svg-title line-desc\"")
        .attribute("width", width)
        .attribute("height", height)
        .attribute("viewBox", format_args!("0 0 {width} {height}"))
        .raw("><title id=\"line-svg-title\">The commits by version</title>\n");
    html.raw("<desc id=\"line-desc\">From the oldest to the newest; the list below says the same in words.</desc>\n");
    for (index, lane) in lanes.iter().enumerate() {
        let y = TOP + index * LANE;
        html.raw("<path class=\"ground\"")
            .attribute("d", format_args!("M{LEFT} {y}H{width}"))
            .raw("/>\n");
        text("right number", 8, y + 4, html);
        match lane {
            Some(version) => html.text(format_args!("version {version}")),
            None => html.raw("no version"),
        };
        html.raw("</text>\n");
    }
    let points: Vec<(usize, usize, &LoggedCommit)> = commits
        .iter()
        .rev()
        .enumerate()
        .map(|(index, commit)| {
            let lane = lanes.iter().position(|lane| *lane == commit.versions.1);
            let y = TOP + lane.unwrap_or_default() * LANE;
            (LEFT + STEP + index * STEP, y, commit)
        })
        .collect();
    let path: Vec<String> = points
        .iter()
        .enumerate()
        .map(|(index, (x, y, _))| {
            let sign = if index == 0 { 'M' } else { 'L' };
            format!("{sign}{x} {y}")
        })
        .collect();
    html.raw("<g class=\"there\"><path fill=\"none\"")
        .attribute("d", path.concat())
        .raw("/></g>\n");
    for (x, y, commit) in points {
        html.raw("<a").href(&commit.anchor()).raw(">");
        if commit.cause != Cause::Edit {
            html.raw("<path class=\"m idle\"")
                .attribute("d", format_args!("M{x} {}l8 8 -8 8 -8 -8z", y - 8))
                .raw(">");
            commit.title(html);
            html.raw("</path>");
        }
        if commit.cause != Cause::Migration {
            html.raw("<circle class=\"m runs\"")
                .attribute("cx", x)
                .attribute("cy", y)
                .attribute("r", if commit.cause == Cause::Both { 3 } else { 5 })
                .raw(">");
            commit.title(html);
            html.raw("</circle>");
        }
        html.raw("</a>\n");
    }
    html.raw("</svg></div>\n<figcaption><ul class=\"legend\">\n");
    html.raw(
        "<li>\u{25cf} an edit</li><li>\u{25c7} a migration alone</li><li>\u{25c8} both</li>\n",
    );
    html.raw("</ul></figcaption></figure></section>\n");
}

impl LoggedCommit {
    fn title(&self, html: &mut Html) {
        html.raw("<title>")
            .text(format_args!(
                "{}: {}, {}",
                self.day,
                self.what(),
                self.subject
            ))
            .raw("</title>");
    }
}
