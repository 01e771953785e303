//! A form that changes a value: what it is, what would be committed, and what stands against it.

use serde::Deserialize;

use super::compare::Comparison;
use super::diff;
use super::forms::hidden;
use super::markup::Html;
use super::page::{Head, HtmlPage, page};
use crate::text::{list, short_id};

/// A change of a value, and how far somebody is with it.
#[derive(Debug)]
pub struct ValueChange<'a> {
    /// The branch.
    pub revision: &'a str,
    /// The document's name.
    pub document: &'a str,
    /// The value's address in it.
    pub selector: &'a str,
    /// Where the branch is, as the form shows it.
    pub commit: &'a str,
    /// The value as the field has it: a text, or JSON.
    pub value: &'a str,
    /// Whether it is JSON.
    pub is_json: bool,
    /// Whether the field can have the value as a text: it may hold characters that nobody sees.
    pub may_be_text: bool,
    /// Whether the lines of the text end in CR LF, which a field can't tell.
    pub has_crlf: bool,
    /// The commit's message.
    pub message: &'a str,
    /// Versions whose steps the catalog doesn't have: to commit nevertheless needs consent.
    pub unknown: &'a [u32],
    /// Whether it is given.
    pub is_accepted: bool,
    /// What stands against it, and what to do.
    pub problem: Option<(String, String)>,
    /// What would be committed.
    pub proposal: Option<Proposal>,
}

/// What would be committed, of a dry run's answer.
#[derive(Debug, Deserialize)]
pub struct Proposal {
    version: u32,
    #[serde(default)]
    commits: Vec<ProposedCommit>,
    #[serde(default)]
    warnings: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct ProposedCommit {
    message: String,
    files: Vec<ProposedFile>,
    #[serde(default)]
    other_files: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct ProposedFile {
    path: String,
    diff: String,
}

impl HtmlPage {
    /// The form that changes a value.
    pub fn value_change(change: &ValueChange<'_>) -> HtmlPage {
        let mut html = Html::default();
        ways(change, &mut html);
        if let Some((problem, hint)) = &change.problem {
            html.raw("<section role=\"alert\" aria-label=\"What stands against it\"><pre class=\"error\">");
            html.text(problem).raw("</pre>\n");
            if !hint.is_empty() {
                html.element("<p class=\"by\">", hint, "</p>\n");
            }
            html.raw("</section>\n");
        }
        if let Some(proposal) = &change.proposal {
            proposed(change, proposal, &mut html);
        }
        form(change, &mut html);
        let head = Head {
            command: "edit",
            title: format!("{} {}", change.document, change.selector),
            is_name: true,
            facts: vec![
                ("branch", change.revision.to_owned()),
                ("commit", change.commit.to_owned()),
            ],
            warnings: change
                .proposal
                .as_ref()
                .map_or_else(Vec::new, |proposal| proposal.warnings.clone()),
            diffs: change.proposal.is_some(),
            forms: true,
        };
        page(&head, html)
    }

    /// Why a service has no answer.
    pub fn problem(title: &str, message: &str, hint: &str) -> HtmlPage {
        let mut html = Html::default();
        html.element("<pre class=\"error\" role=\"alert\">", message, "</pre>\n");
        if !hint.is_empty() {
            html.element("<p class=\"by\">", hint, "</p>\n");
        }
        let head = Head {
            command: "serve",
            title: title.to_owned(),
            ..Head::default()
        };
        page(&head, html)
    }
}

fn ways(change: &ValueChange<'_>, html: &mut Html) {
    let of_document = [("ref", change.revision), ("document", change.document)];
    html.raw("<nav class=\"ways\" aria-label=\"Where this is\"><a")
        .ask("./", &of_document[..1]);
    html.element("><bdi>", change.revision, "</bdi></a> <a")
        .ask("values", &of_document);
    html.element("><bdi>", change.document, "</bdi></a></nav>\n");
}

fn form(change: &ValueChange<'_>, html: &mut Html) {
    html.raw("<section aria-labelledby=\"edit-title\"><h2 id=\"edit-title\">");
    html.raw(if change.proposal.is_some() {
        "Change it again"
    } else {
        "Change this value"
    });
    html.raw("</h2>\n<form class=\"edit\" method=\"post\" action=\"edit\">\n");
    place(change, html);
    html.raw("<fieldset class=\"field\"><legend>The value is</legend>\n");
    for (name, label, is_there, is_chosen) in [
        ("text", "a text", change.may_be_text, !change.is_json),
        (
            "json",
            "JSON: a number, true, false, null, a list, an object, or a text in quotes",
            true,
            change.is_json,
        ),
    ] {
        if is_there {
            html.raw("<label class=\"check\"><input type=\"radio\" name=\"form\"")
                .attribute("value", name);
            html.raw(if is_chosen { " checked>" } else { ">" });
            html.element(" ", label, "</label>\n");
        }
    }
    html.raw(
        "</fieldset>\n<label class=\"field\"><span>Value</span><textarea name=\"value\" rows=\"",
    );
    let lines = change.value.lines().count();
    // A line end at its beginning would be left out.
    html.text((lines + 1).clamp(2, 24))
        .raw("\" spellcheck=\"false\" autocomplete=\"off\">\n");
    html.exact_text(change.value).raw("</textarea></label>\n");
    html.raw("<label class=\"field\"><span>Message of the commit</span><input type=\"text\" name=\"message\" required")
        .exact("value", change.message)
        .raw("></label>\n");
    consent(change, html);
    html.raw(
        "<button name=\"step\" value=\"show\">Show what would change</button>\n</form></section>\n",
    );
}

/// What the form is about.
fn place(change: &ValueChange<'_>, html: &mut Html) {
    for (name, value) in [
        ("ref", change.revision),
        ("document", change.document),
        ("selector", change.selector),
        ("commit", change.commit),
    ] {
        hidden(name, value, html);
    }
    if change.has_crlf {
        hidden("ends", "crlf", html);
    }
    html.raw("\n");
}

fn consent(change: &ValueChange<'_>, html: &mut Html) {
    if change.unknown.is_empty() {
        return;
    }
    html.raw("<label class=\"check\"><input type=\"checkbox\" name=\"accept_unknown\"")
        .attribute("value", versions(change));
    html.raw(if change.is_accepted {
        " checked> "
    } else {
        "> "
    });
    html.text(format_args!(
        "Commit although the catalog doesn\u{2019}t know what version {} changed, so that the result may be incomplete",
        list(change.unknown)
    ))
    .raw("</label>\n");
}

/// The versions as the form sends them.
fn versions(change: &ValueChange<'_>) -> String {
    let versions: Vec<String> = change.unknown.iter().map(u32::to_string).collect();
    versions.join(",")
}

/// What would be committed, and the button that commits it: just what is shown, at the commit that was looked at.
fn proposed(change: &ValueChange<'_>, proposal: &Proposal, html: &mut Html) {
    html.raw("<section aria-labelledby=\"proposal-title\"><h2 id=\"proposal-title\">What would be committed</h2>\n");
    let files = proposal
        .commits
        .iter()
        .map(|commit| commit.files.len() + commit.other_files.len());
    let is_nothing = files.sum::<usize>() == 0;
    for commit in &proposal.commits {
        html.element("<p class=\"by\">", &commit.message, "</p>\n");
        for file in &commit.files {
            html.element(
                "<div class=\"item\"><h3 class=\"path\"><bdi>",
                &file.path,
                "</bdi></h3>\n",
            );
            for hunk in hunks(&file.diff) {
                diff::draw(&hunk, html);
            }
            html.raw("</div>\n");
        }
        for file in &commit.other_files {
            html.element("<p class=\"path\"><bdi>", file, "</bdi></p>\n");
        }
    }
    if is_nothing {
        html.raw("<p>Nothing: this is the value that stands there.</p>\n</section>\n");
        return;
    }
    html.raw("<form class=\"edit\" method=\"post\" action=\"edit\">\n");
    place(change, html);
    hidden("form", if change.is_json { "json" } else { "text" }, html);
    hidden("value", change.value, html);
    hidden("message", change.message, html);
    if change.is_accepted {
        hidden("accept_unknown", &versions(change), html);
    }
    html.raw("<p>It is committed at version ")
        .text(proposal.version);
    html.element(
        ", if the branch is still at <code>",
        short_id(&change.commit),
        "</code>.</p>\n<button name=\"step\" value=\"write\">Commit</button>\n</form></section>\n",
    );
}

/// The parts of a unified diff, each compared by words.
fn hunks(unified: &str) -> Vec<Comparison> {
    let mut hunks = Vec::new();
    let mut lines = unified.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let Some((old, new)) = starts_of(line) else {
            continue;
        };
        let (mut before, mut after) = (String::new(), String::new());
        let mut last = ' ';
        while let Some(line) = lines.next_if(|line| starts_of(line).is_none()) {
            let Some(sign) = line.chars().next().filter(char::is_ascii) else {
                continue;
            };
            let text = &line[1..];
            if sign == '\\' {
                // The line before it has no end.
                for (side, other) in [(&mut before, '+'), (&mut after, '-')] {
                    if last != other && side.ends_with('\n') {
                        side.pop();
                    }
                }
                continue;
            }
            if sign != '+' {
                before.push_str(text);
            }
            if sign != '-' {
                after.push_str(text);
            }
            last = sign;
        }
        let mut comparison = Comparison::new(before.as_bytes(), after.as_bytes());
        comparison.begin_at(old, new);
        hunks.push(comparison);
    }
    hunks
}

/// The first lines of a hunk on both sides: `@@ -3,7 +3,8 @@`.
fn starts_of(line: &str) -> Option<(usize, usize)> {
    let rest = line.strip_prefix("@@ -")?;
    let (old, rest) = rest.split_once(" +")?;
    let (new, _) = rest.split_once(" @@")?;
    let first = |range: &str| range.split(',').next()?.parse().ok();
    Some((first(old)?, first(new)?))
}

#[cfg(test)]
mod tests {
    use super::super::compare::Part;
    use super::*;

    #[test]
    fn the_parts_of_a_diff_keep_their_lines() {
        let unified = "--- a\n+++ b\n@@ -7,2 +7,2 @@\n same\n-old\n+new\n@@ -20 +20 @@\n-x\n\\ No newline at end of file\n+y\n";
        let hunks = hunks(unified);
        assert_eq!(hunks.len(), 2);
        let Part::Same(lines) = &hunks[0].parts[0] else {
            panic!("{hunks:?}");
        };
        assert_eq!(
            (lines[0].before, lines[0].after, &*lines[0].text),
            (7, 7, "same")
        );
        let Part::Changed(rows) = &hunks[1].parts[0] else {
            panic!("{hunks:?}");
        };
        let (old, new) = &rows[0];
        assert_eq!(
            old.as_ref().map(|side| (side.number, side.unfinished)),
            Some((20, true))
        );
        assert_eq!(
            new.as_ref().map(|side| (side.number, side.unfinished)),
            Some((20, false))
        );
    }
}
