//! The page of a fleet: how many refs stand at which version, and what was found in each repository.

use super::chart::{self, Chart};
use super::documents::search;
use super::markup::Html;
use super::outcome::RefTone;
use super::page::{Head, HtmlPage, page};
use crate::report::fleet::{Fleet, FleetRow};
use crate::text::{count, grouped};

/// How many repositories make one list: a browser lays out only the lists that are visible.
const CHUNK: usize = 100;

impl HtmlPage {
    /// The page of a fleet.
    pub fn fleet(fleet: &Fleet) -> HtmlPage {
        let mut facts = Vec::new();
        let mut command = "report";
        if let Some(head) = fleet.head() {
            facts.push(("command", head.command.clone()));
            facts.push(("catalog", head.catalog.clone()));
            facts.push(("server version", head.server_version.to_string()));
            command = match &*head.command {
                "status" => "status",
                "rehearse" => "rehearse",
                _ => command,
            };
        }
        facts.push(("can't be read", grouped(fleet.unread())));
        for (word, number) in fleet.totals() {
            if let Some(column) = fleet.columns().iter().find(|column| **column == word) {
                facts.push((column, grouped(number)));
            }
        }
        let head = Head {
            command,
            title: count(fleet.rows().len(), "repository"),
            facts,
            warnings: fleet.missing(),
            ..Head::default()
        };
        let mut html = Html::default();
        versions(fleet, command, &mut html);
        groups(fleet, &mut html);
        page(&head, html)
    }
}

/// The refs by version, where the command tells versions.
fn versions(fleet: &Fleet, command: &str, html: &mut Html) {
    let rows = fleet.rows().flat_map(|(_, row)| &row.versions);
    let tones = rows
        .flat_map(|((version, word), number)| std::iter::repeat_n((*version, tone(word)), *number));
    let tones: Vec<_> = tones.collect();
    let Some(head) = fleet.head().filter(|_| !tones.is_empty()) else {
        return;
    };
    let chart = Chart {
        server: head.server_version,
        project: None,
        target: None,
        noun: "ref",
        tones,
    };
    chart::draw(&chart, &|tone| tone.word(command), html);
}

fn tone(word: &str) -> RefTone {
    match word {
        "loses" => RefTone::Doubtful,
        "behind" | "changed" => RefTone::Pending,
        "uninitialised" => RefTone::Empty,
        "ahead" => RefTone::Ahead,
        "current" | "unchanged" => RefTone::Good,
        _ => RefTone::Bad,
    }
}

/// Repositories that couldn't be read first, then those with something that is wrong.
fn groups(fleet: &Fleet, html: &mut Html) {
    html.raw("<section id=\"refs\" class=\"list\" aria-labelledby=\"refs-title\">\n<div class=\"bar\"><h2 id=\"refs-title\">Repositories</h2>");
    search("Search repositories", html);
    html.raw("</div>\n");
    type Belongs = fn(&FleetRow) -> bool;
    let groups: [(RefTone, &str, Belongs); 3] = [
        (RefTone::Bad, "can't be read", |row| row.error.is_some()),
        (RefTone::Doubtful, "with something wrong", |row| {
            row.error.is_none() && row.exit_code != 0
        }),
        (RefTone::Good, "in order", |row| row.exit_code == 0),
    ];
    for (tone, title, belongs) in groups {
        let rows: Vec<_> = fleet.rows().filter(|(_, row)| belongs(row)).collect();
        if !rows.is_empty() {
            group(tone, title, &rows, fleet.columns(), html);
        }
    }
    html.raw("<p class=\"nothing\" hidden>Nothing fits the search.</p>\n</section>\n");
}

fn group(
    tone: RefTone,
    title: &str,
    rows: &[(&str, &FleetRow)],
    columns: &[&str],
    html: &mut Html,
) {
    html.raw("<details class=\"item group\"");
    html.raw(if tone == RefTone::Good {
        ">\n"
    } else {
        " open>\n"
    });
    html.raw("<summary><span")
        .attribute("class", format_args!("tone {}", tone.class()));
    html.element(" aria-hidden=\"true\">", tone.sign(), "</span>");
    html.element("<span class=\"key\">", title, "</span>");
    html.element(
        "<span class=\"stat\"><span class=\"hits\"></span>",
        count(rows.len(), "repository"),
        "</span></summary>\n<div class=\"body\">\n",
    );
    for chunk in rows.chunks(CHUNK) {
        html.raw(if chunk.len() == CHUNK {
            "<ul class=\"refs long\">\n"
        } else {
            "<ul class=\"refs\">\n"
        });
        for (name, row) in chunk {
            html.element("<li><bdi>", name, "</bdi>");
            for word in columns {
                if let Some(number) = row.counts.get(*word) {
                    html.raw(" <span class=\"dim\">")
                        .text(format_args!("{word} {}", grouped(*number)))
                        .raw("</span>");
                }
            }
            if let Some(error) = &row.error {
                html.element("<pre class=\"error\">", error, "</pre>");
            }
            html.raw("</li>\n");
        }
        html.raw("</ul>\n");
    }
    html.raw("</div></details>\n");
}
