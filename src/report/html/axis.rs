//! The plan drawn: versions from left to right, a lane per document.

use std::collections::BTreeMap;

use super::columns::Columns;
use super::lanes::{Cell, Lane, Mark, Versions};
use super::markup::{Anchor, Html};
use crate::catalog::DocumentName;

/// All lengths are in CSS pixels.
const LANE: usize = 34;
const FLAG: usize = 22;
const FOOT: usize = 8;
/// About what the names take on paper.
const LABELS: usize = 170;
/// With more lanes, documents of one kind to which the same happens share one.
const MOST_LANES: usize = 60;

/// Draws the plan, with its legend and the same as a table. `anchored` tells whether the page has a place for a lane's
/// document.
pub(super) fn draw(
    versions: &Versions,
    lanes: &[Lane],
    migrated: bool,
    anchored: &dyn Fn(&str) -> bool,
    html: &mut Html,
) {
    let shared = share(lanes);
    let columns = Columns::of(versions, lanes);
    let flags = flags(versions);
    html.raw("<figure class=\"axis\">\n<div")
        .attribute("class", scroll_class(columns.width + LABELS))
        .raw(" tabindex=\"0\" role=\"group\" aria-label=\"Drawing of the plan\">\n");
    html.raw("<ul class=\"lanes\">\n");
    for lane in &shared {
        html.raw("<li>");
        let name = lane.label();
        if lane.names.len() == 1 && lane.lane.is_document && anchored(lane.lane.name.as_str()) {
            html.raw("<a")
                .href(&Anchor::new("doc", lane.lane.name.as_str()))
                .attribute("title", &name)
                .raw(">");
            html.element("<bdi>", &name, "</bdi></a>");
        } else {
            html.raw("<span").attribute("title", &name).raw(">");
            html.element("<bdi>", &name, "</bdi></span>");
        }
        html.raw("</li>\n");
    }
    html.raw("</ul>\n");
    drawing(versions, &shared, &columns, &flags, html);
    html.raw("</div>\n");
    legend(lanes, migrated, versions, html);
    html.raw("</figure>\n");
    members(&shared, html);
    table(&shared, html);
}

/// Lanes to which the same happens, drawn once.
struct SharedLane<'l> {
    lane: &'l Lane,
    names: Vec<&'l DocumentName>,
}

impl SharedLane<'_> {
    fn label(&self) -> String {
        match self.names.as_slice() {
            [] | [_] => self.lane.name.to_string(),
            names => format!("{} ({} documents)", self.lane.name.kind(), names.len()),
        }
    }
}

fn share(lanes: &[Lane]) -> Vec<SharedLane<'_>> {
    let mut shared: Vec<SharedLane<'_>> = Vec::new();
    for lane in lanes {
        let alike = |other: &&mut SharedLane<'_>| {
            lanes.len() > MOST_LANES
                && other.lane.name.kind() == lane.name.kind()
                && other.lane.in_git == lane.in_git
                && other.lane.cells == lane.cells
        };
        match shared.iter_mut().find(alike) {
            Some(other) => other.names.push(&lane.name),
            None => shared.push(SharedLane {
                lane,
                names: vec![&lane.name],
            }),
        }
    }
    shared
}

/// A version that is marked across all lanes.
struct Flag {
    class: &'static str,
    version: u32,
    label: String,
}

fn flags(versions: &Versions) -> Vec<Flag> {
    let mut flags = vec![Flag {
        class: "branch",
        version: versions.branch.unwrap_or(0),
        label: match versions.branch {
            Some(version) => format!("branch {version}"),
            None => "branch, uninitialised".to_owned(),
        },
    }];
    flags.extend(versions.project.map(|version| Flag {
        class: "project",
        version,
        label: format!("project {version}"),
    }));
    if versions.target != versions.server {
        flags.push(Flag {
            class: "target",
            version: versions.target,
            label: format!("target {}", versions.target),
        });
    }
    flags.push(Flag {
        class: "server",
        version: versions.server,
        label: format!("server {}", versions.server),
    });
    flags
}

fn drawing(
    versions: &Versions,
    lanes: &[SharedLane<'_>],
    columns: &Columns,
    flags: &[Flag],
    html: &mut Html,
) {
    let head = flags.len() * FLAG + FLAG;
    let (width, height) = (columns.width, head + lanes.len() * LANE + FOOT);
    html.raw("<svg role=\"img\" aria-labelledby=\"axis-title axis-desc\"")
        .attribute("width", width)
        .attribute("height", height)
        .attribute("viewBox", format_args!("0 0 {width} {height}"))
        .raw(">\n<title id=\"axis-title\">The plan by version</title>\n<desc id=\"axis-desc\">");
    for flag in flags {
        html.text(&flag.label).raw(", ");
    }
    html.text(format_args!("{} lanes. ", lanes.len()))
        .raw("The table below says the same in words.</desc>\n");
    for version in &versions.unknown {
        let (left, width) = columns.extent(*version);
        let band = [
            left + 3,
            head - FLAG + 2,
            width.saturating_sub(6),
            height - head + FLAG - 4,
        ];
        rectangle("unknown", band, html);
    }
    for version in columns.versions() {
        let unknown = versions.unknown.contains(&version);
        text("number", columns.middle(version), head - 7, html);
        match (version, unknown) {
            (0, _) if versions.branch.is_none() => html.raw("none"),
            (version, true) => html.text(format_args!("{version}?")),
            (version, false) => html.text(version),
        };
        html.raw("</text>\n");
    }
    draw_flags(flags, columns, [width, height], html);
    for (row, lane) in lanes.iter().enumerate() {
        let y = head + row * LANE + LANE / 2;
        rail(versions, lane.lane, columns, y, html);
        let mut taken: BTreeMap<u32, usize> = BTreeMap::new();
        for cell in &lane.lane.cells {
            let index = taken.entry(cell.version).or_default();
            glyph(
                cell,
                &lane.label(),
                columns.place(cell.version, *index),
                y,
                html,
            );
            *index += 1;
        }
    }
    html.raw("</svg>\n");
}

/// Lines first: a name that stands over another flag's line is read all the same.
fn draw_flags(flags: &[Flag], columns: &Columns, [width, height]: [usize; 2], html: &mut Html) {
    let head = flags.len() * FLAG + FLAG;
    let baseline = |row: usize| row * FLAG + 14;
    for (row, flag) in flags.iter().enumerate() {
        let x = columns.middle(flag.version);
        html.raw("<g")
            .attribute("class", format_args!("flag {}", flag.class))
            .raw(">");
        line([x, baseline(row) - 10, x, head - FLAG], html);
        line([x, head, x, height], html);
        html.raw("</g>\n");
    }
    for (row, flag) in flags.iter().enumerate() {
        let x = columns.middle(flag.version);
        // On the side where there is room.
        let (class, x) = if x * 2 > width {
            ("name left", x - 6)
        } else {
            ("name right", x + 6)
        };
        text(class, x, baseline(row), html);
        html.text(&flag.label).raw("</text>\n");
    }
}

/// The document's life: a line while it is there, dots while it is not.
fn rail(versions: &Versions, lane: &Lane, columns: &Columns, y: usize, html: &mut Html) {
    let (start, end) = (
        columns.middle(versions.branch.unwrap_or(0)),
        columns.middle(versions.target),
    );
    let mut there = lane.in_git;
    let mut from = start;
    let mut taken: BTreeMap<u32, usize> = BTreeMap::new();
    let mut segment = |there: bool, from: usize, to: usize| {
        html.raw(if there {
            "<g class=\"there\">"
        } else {
            "<g class=\"absent\">"
        });
        line([from, y, to, y], html);
        html.raw("</g>\n");
    };
    for cell in &lane.cells {
        let index = taken.entry(cell.version).or_default();
        let x = columns.place(cell.version, *index);
        *index += 1;
        let after = match cell.mark {
            Mark::FromTable | Mark::FromSnapshot => true,
            Mark::Removed | Mark::Failed => false,
            _ => continue,
        };
        if after != there {
            segment(there, from, x);
            (there, from) = (after, x);
        }
    }
    if end > from {
        segment(there, from, end);
    }
}

fn glyph(cell: &Cell, lane: &str, x: usize, y: usize, html: &mut Html) {
    html.raw("<g")
        .attribute("transform", format_args!("translate({x} {y})"))
        .raw("><title>")
        .text(format_args!(
            "{lane}, {} {}: {}",
            cell.version, cell.step, cell.what
        ))
        .raw("</title>")
        .raw(shape(cell.mark))
        .raw("</g>\n");
}

/// Every mark has a shape of its own: colour only helps.
fn shape(mark: Mark) -> &'static str {
    match mark {
        Mark::Runs => "<circle class=\"m runs\" r=\"8\"/>",
        Mark::Idle => "<circle class=\"m idle\" r=\"7\"/>",
        Mark::FromTable => {
            "<rect class=\"m import\" x=\"-9\" y=\"-9\" width=\"18\" height=\"18\" rx=\"3\"/><text class=\"in\" y=\"4.5\">T</text>"
        }
        Mark::FromSnapshot => {
            "<rect class=\"m import\" x=\"-9\" y=\"-9\" width=\"18\" height=\"18\" rx=\"3\"/><text class=\"in\" y=\"4.5\">S</text>"
        }
        Mark::FromUnknown => {
            "<rect class=\"m import asked\" x=\"-9\" y=\"-9\" width=\"18\" height=\"18\" rx=\"3\"/><text class=\"out\" y=\"4.5\">?</text>"
        }
        Mark::PassedOver => {
            "<rect class=\"m passed\" x=\"-8\" y=\"-8\" width=\"16\" height=\"16\" rx=\"3\"/><path class=\"s passed\" d=\"M-4 0H4\"/>"
        }
        Mark::Moved => "<path class=\"m moved\" d=\"M-9 -4H0V-9L10 0L0 9V4H-9Z\"/>",
        Mark::Removed => "<path class=\"s removed\" d=\"M-6 -6L6 6M-6 6L6 -6\"/>",
        Mark::InShape => {
            "<circle class=\"m skipped\" r=\"8\"/><path class=\"s skipped\" d=\"M-3.5 -2H3.5M-3.5 2.5H3.5\"/>"
        }
        Mark::Passing | Mark::LeftOut => {
            "<circle class=\"m skipped\" r=\"8\"/><path class=\"s skipped\" d=\"M-5.2 5.2L5.2 -5.2\"/>"
        }
        Mark::Failed => {
            "<path class=\"m failed\" d=\"M0 -10L10 8H-10Z\"/><text class=\"in\" y=\"5.5\">!</text>"
        }
        Mark::NotReached => "<circle class=\"m missed\" r=\"3\"/>",
    }
}

/// A drawing scrolls on a screen; on paper it is made smaller, in a few sizes, as styles can't stand in a page's elements.
pub(super) fn scroll_class(width: usize) -> &'static str {
    match width {
        0..=680 => "scroll",
        681..=900 => "scroll print-75",
        901..=1040 => "scroll print-65",
        1041..=1350 => "scroll print-50",
        _ => "scroll print-25",
    }
}

fn line([x1, y1, x2, y2]: [usize; 4], html: &mut Html) {
    html.raw("<path")
        .attribute("d", format_args!("M{x1} {y1}L{x2} {y2}"))
        .raw("/>");
}

pub(super) fn rectangle(class: &'static str, [x, y, width, height]: [usize; 4], html: &mut Html) {
    html.raw("<rect")
        .attribute("class", class)
        .attribute("x", x)
        .attribute("y", y)
        .attribute("width", width)
        .attribute("height", height)
        .raw("/>\n");
}

/// Opens a text; what it says and its end are the caller's.
pub(super) fn text(class: &'static str, x: usize, y: usize, html: &mut Html) {
    html.raw("<text")
        .attribute("class", class)
        .attribute("x", x)
        .attribute("y", y)
        .raw(">");
}

fn legend(lanes: &[Lane], migrated: bool, versions: &Versions, html: &mut Html) {
    let unknown = !versions.unknown.is_empty();
    let mut marks: Vec<Mark> = lanes
        .iter()
        .flat_map(|lane| lane.cells.iter().map(|cell| cell.mark))
        .collect();
    marks.sort();
    marks.dedup();
    if marks.is_empty() && !unknown {
        return;
    }
    html.raw("<figcaption><ul class=\"legend\">\n");
    for mark in marks {
        html.raw(
            "<li><svg width=\"24\" height=\"24\" viewBox=\"-12 -12 24 24\" aria-hidden=\"true\">",
        )
        .raw(shape(mark));
        html.element(
            "</svg>",
            mark.word(migrated, versions.are_downward()),
            "</li>\n",
        );
    }
    if unknown {
        html.raw("<li><svg width=\"24\" height=\"24\" viewBox=\"0 0 24 24\" aria-hidden=\"true\">");
        rectangle("unknown", [3, 3, 18, 18], html);
        html.raw("</svg>version whose changes are unknown</li>\n");
    }
    html.raw("</ul></figcaption>\n");
}

/// Who stands behind the lanes that documents share.
fn members(lanes: &[SharedLane<'_>], html: &mut Html) {
    for lane in lanes.iter().filter(|lane| lane.names.len() > 1) {
        html.element(
            "<details class=\"aside\"><summary>",
            lane.label(),
            "</summary><p>",
        );
        for (index, name) in lane.names.iter().enumerate() {
            html.raw(if index > 0 { ", " } else { "" });
            html.element("<bdi>", name.as_str(), "</bdi>");
        }
        html.raw("</p></details>\n");
    }
}

fn table(lanes: &[SharedLane<'_>], html: &mut Html) {
    if lanes.is_empty() {
        return;
    }
    html.raw("<details class=\"aside\"><summary>The drawing as a table</summary>\n<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"The drawing as a table\"><table>\n");
    html.raw("<thead><tr><th scope=\"col\">Document</th><th scope=\"col\">Version</th><th scope=\"col\">Step</th><th scope=\"col\">What happens</th></tr></thead>\n<tbody>\n");
    for lane in lanes {
        if lane.lane.cells.is_empty() {
            html.element("<tr><th scope=\"row\"><bdi>", lane.label(), "</bdi></th>");
            html.raw("<td></td><td></td><td>no pending step is about it</td></tr>\n");
        }
        for cell in &lane.lane.cells {
            html.element("<tr><th scope=\"row\"><bdi>", lane.label(), "</bdi></th>");
            html.element("<td>", cell.version, "</td>");
            html.element("<td>", &cell.step, "</td>");
            html.element("<td>", &cell.what, "</td></tr>\n");
        }
    }
    html.raw("</tbody></table></div></details>\n");
}
