//! How many refs stand at which version: a bar for each.

use std::collections::BTreeMap;

use super::axis::{rectangle, scroll_class, text};
use super::columns::fill;
use super::markup::Html;
use super::outcome::RefTone;
use crate::text::{count, grouped};

/// All lengths are in CSS pixels.
const COLUMN: usize = 46;
const GAP: usize = 7;
const HEAD: usize = 20;
const TALLEST: usize = 120;
const FOOT: usize = 60;
/// A sign has room in a part of a bar that is as tall as this.
const SIGN: usize = 18;

/// What is counted.
pub(super) struct Chart {
    pub(super) server: u32,
    pub(super) project: Option<u32>,
    pub(super) target: Option<u32>,
    /// What one of them is called.
    pub(super) noun: &'static str,
    /// One for each: the version that it is at, if it has one, and how it stands.
    pub(super) tones: Vec<(Option<u32>, RefTone)>,
}

type Bar = BTreeMap<RefTone, usize>;

impl Chart {
    /// The bars from left to right: first what has no version.
    fn bars(&self) -> Vec<(Option<u32>, Bar)> {
        let mut versions: BTreeMap<u32, Bar> = BTreeMap::new();
        let mut without = Bar::new();
        for version in [Some(self.server), self.project, self.target]
            .into_iter()
            .flatten()
        {
            versions.entry(version).or_default();
        }
        for (version, tone) in &self.tones {
            let bar = match version {
                Some(version) => versions.entry(*version).or_default(),
                None => &mut without,
            };
            *bar.entry(*tone).or_default() += 1;
        }
        fill(&mut versions);
        let with = versions
            .into_iter()
            .map(|(version, bar)| (Some(version), bar));
        let none = (!without.is_empty()).then_some((None, without));
        none.into_iter().chain(with).collect()
    }
}

pub(super) fn draw(chart: &Chart, word: &dyn Fn(RefTone) -> &'static str, html: &mut Html) {
    let bars = chart.bars();
    let (width, height) = (bars.len() * COLUMN, HEAD + TALLEST + FOOT);
    html.raw("<section aria-labelledby=\"map-title\"><h2 id=\"map-title\">Refs by version</h2>\n<figure class=\"map\"><div");
    html.attribute("class", scroll_class(width))
        .raw(" tabindex=\"0\" role=\"group\" aria-label=\"Chart of the refs by version\">");
    html.raw("<svg role=\"img\" aria-labelledby=\"chart-title chart-desc\"")
        .attribute("width", width)
        .attribute("height", height)
        .attribute("viewBox", format_args!("0 0 {width} {height}"))
        .raw("><title id=\"chart-title\">Refs by version</title>\n<desc id=\"chart-desc\">");
    for (version, bar) in &bars {
        let refs = count(bar.values().sum(), chart.noun);
        match version {
            Some(version) => html.text(format_args!("version {version}: {refs}; ")),
            None => html.text(format_args!("without a version: {refs}; ")),
        };
    }
    html.raw("the outcomes below say the same in words.</desc>\n<path class=\"ground\"")
        .attribute("d", format_args!("M0 {}H{width}", HEAD + TALLEST))
        .raw("/>\n");
    let total = |bar: &Bar| bar.values().sum::<usize>();
    let largest = bars
        .iter()
        .map(|(_, bar)| total(bar))
        .max()
        .unwrap_or(0)
        .max(1);
    for (index, (version, bar)) in bars.iter().enumerate() {
        let left = index * COLUMN;
        let top = draw_bar(bar, left, largest, html);
        if !bar.is_empty() {
            text("count", left + COLUMN / 2, top - 5, html);
            html.text(grouped(total(bar))).raw("</text>\n");
        }
        label(chart, *version, left + COLUMN / 2, html);
    }
    html.raw("</svg></div>\n<figcaption><ul class=\"legend\">\n");
    for tone in RefTone::ALL {
        let count = chart.tones.iter().filter(|(_, here)| *here == tone).count();
        if count > 0 {
            html.raw("<li><span")
                .attribute("class", format_args!("tone {}", tone.class()));
            html.element(" aria-hidden=\"true\">", tone.sign(), "</span>");
            html.element(
                "<span>",
                format_args!("{}: {}", word(tone), grouped(count)),
                "</span></li>\n",
            );
        }
    }
    html.raw("</ul></figcaption></figure></section>\n");
}

/// Draws the parts of a bar, the best at the ground, and returns where it ends.
fn draw_bar(bar: &Bar, left: usize, largest: usize, html: &mut Html) -> usize {
    // What is too small to be seen is drawn taller than it is; the others give way.
    let tall = |count: usize| (count * (TALLEST - 3 * RefTone::ALL.len()) / largest).max(3);
    let mut top = HEAD + TALLEST;
    for (tone, count) in bar.iter().rev() {
        let height = tall(*count);
        top -= height;
        rectangle(
            tone.class(),
            [left + GAP, top, COLUMN - 2 * GAP, height],
            html,
        );
        if height >= SIGN {
            html.raw("<text")
                .attribute("class", format_args!("sign {}", tone.class()))
                .attribute("x", left + COLUMN / 2)
                .attribute("y", top + height / 2 + 4)
                .raw(">");
            html.text(tone.sign()).raw("</text>\n");
        }
    }
    top
}

fn label(chart: &Chart, version: Option<u32>, middle: usize, html: &mut Html) {
    let mut y = HEAD + TALLEST + 17;
    text("number", middle, y, html);
    match version {
        Some(version) => html.text(version),
        None => html.raw("none"),
    };
    html.raw("</text>\n");
    let marks = [
        (Some(chart.server), "server"),
        (
            chart.target.filter(|target| *target != chart.server),
            "target",
        ),
        (chart.project, "project"),
    ];
    for (marked, name) in marks {
        if version.is_some() && version == marked {
            y += 16;
            text("flag", middle, y, html);
            html.raw(name).raw("</text>\n");
        }
    }
}
