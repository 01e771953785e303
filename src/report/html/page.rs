//! What every page has: head, content security policy, title, facts, and the hints at its foot.

use std::fmt;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest as _, Sha256};

use super::markup::Html;
use crate::project::Loaded;

pub(super) const STYLE: &str = include_str!("assets/page.css");
pub(super) const SCRIPT: &str = include_str!("assets/page.js");

/// Nothing may be loaded, and only this style and this script count.
pub(super) static POLICY: LazyLock<String> = LazyLock::new(|| policy("none"));

/// The same for a page of a service with forms, which may be sent to that service.
static POLICY_WITH_FORMS: LazyLock<String> = LazyLock::new(|| policy("self"));

fn policy(forms: &str) -> String {
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action '{forms}'; \
         require-trusted-types-for 'script'; trusted-types 'none'",
        BASE64.encode(Sha256::digest(STYLE)),
        BASE64.encode(Sha256::digest(SCRIPT))
    )
}

/// A self-contained page: no network, no file beside it. The same input gives the same bytes.
///
/// Its `Display` is the HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HtmlPage {
    before_program: String,
    /// Whether a service shows it, which has others to go on to.
    is_served: bool,
    /// Escaped.
    program: String,
    after_program: String,
}

impl HtmlPage {
    /// The same under the name of a server's own command.
    pub fn called(mut self, program: &str) -> HtmlPage {
        let mut html = Html::default();
        html.text(program);
        self.program = html.into_string();
        self
    }

    /// The same with links to where the pages of a service begin.
    pub fn served(mut self) -> HtmlPage {
        self.is_served = true;
        self
    }

    /// Whether these are the first bytes of such a page.
    pub fn starts(bytes: &[u8]) -> bool {
        bytes.starts_with(START.as_bytes())
    }
}

impl fmt::Display for HtmlPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.before_program)?;
        f.write_str(if self.is_served { WAYS } else { COMMAND })?;
        f.write_str(&self.program)?;
        f.write_str(&self.after_program)
    }
}

const COMMAND: &str = "<p class=\"command\">";

/// The same, with where one may go from here.
const WAYS: &str = "<nav class=\"ways\" aria-label=\"Explorer\"><a href=\"./\">All refs</a> <a href=\"search\">Search values</a></nav>\n\
    <p class=\"command\">";

/// What stands above the sections of a page.
#[derive(Debug, Default)]
pub(super) struct Head {
    /// The command.
    pub(super) command: &'static str,
    /// What the page is about.
    pub(super) title: String,
    /// Whether the title is a name as Git has it.
    pub(super) is_name: bool,
    /// Names and values: `commit`, `1a2b3c`.
    pub(super) facts: Vec<(&'static str, String)>,
    pub(super) warnings: Vec<String>,
    /// Whether there are diffs, which can be looked at in two ways.
    pub(super) diffs: bool,
    /// Whether there are forms, which a service takes.
    pub(super) forms: bool,
}

/// What a reader of a ref's document should know, for a page's head.
pub(super) fn told_of(loaded: &Loaded, name: &str) -> Vec<String> {
    let Ok(document) = loaded.document(name) else {
        return Vec::new();
    };
    let told = loaded.told_of(document);
    told.iter().map(|text| format!("{name}: {text}")).collect()
}

/// The start of every page.
pub(super) const START: &str = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
    <meta name=\"generator\" content=\"ocl-migrate\">\n";

/// Puts a page around its sections.
pub(super) fn page(head: &Head, sections: Html) -> HtmlPage {
    let mut html = Html::default();
    html.raw(START);
    html.raw("<meta http-equiv=\"Content-Security-Policy\"")
        .attribute(
            "content",
            if head.forms {
                &*POLICY_WITH_FORMS
            } else {
                &*POLICY
            },
        )
        .raw(">\n");
    html.raw("<meta name=\"referrer\"");
    // A browser tells the origin of a form only with a referrer of its own site, and the service takes no form without.
    html.raw(if head.forms {
        " content=\"same-origin\">\n"
    } else {
        " content=\"no-referrer\">\n"
    });
    html.raw(
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n",
    );
    html.raw("<title>")
        .text(format_args!("{} \u{2013} {}", head.title, head.command))
        .raw("</title>\n<style>")
        .raw(STYLE)
        .raw("</style>\n</head>\n<body>\n");
    html.raw("<a class=\"skip\" href=\"#main\">Skip to the content</a>\n<header>\n");
    settings(head, &mut html);
    let before_program = html.into_string();
    let mut html = Html::default();
    html.element(" ", head.command, "</p>\n");
    html.raw(if head.is_name {
        "<h1 class=\"name\">"
    } else {
        "<h1>"
    });
    html.element("<bdi>", &head.title, "</bdi></h1>\n");
    html.raw("<dl class=\"facts\">\n");
    for (name, value) in &head.facts {
        html.element("<div><dt>", name, "</dt>");
        html.element("<dd>", value, "</dd></div>\n");
    }
    html.raw("</dl>\n</header>\n<main id=\"main\">\n");
    if !head.warnings.is_empty() {
        html.raw("<section class=\"warnings\" aria-label=\"Warnings\"><ul>\n");
        for warning in &head.warnings {
            html.element("<li>", warning, "</li>\n");
        }
        html.raw("</ul></section>\n");
    }
    html.append(sections);
    html.raw("</main>\n");
    foot(head, &mut html);
    html.raw("<script>")
        .raw(SCRIPT)
        .raw("</script>\n</body>\n</html>\n");
    HtmlPage {
        before_program,
        is_served: false,
        program: "ocl-migrate".to_owned(),
        after_program: html.into_string(),
    }
}

/// The two choices are radio buttons that the style looks at, so that they work without the script.
fn settings(head: &Head, html: &mut Html) {
    html.raw("<div class=\"settings\">\n");
    if head.diffs {
        html.raw(
            "<fieldset class=\"choice view\"><legend>Diffs</legend>\
             <label><input type=\"radio\" name=\"view\" id=\"view-unified\" checked>Unified</label>\
             <label><input type=\"radio\" name=\"view\" id=\"view-split\">Side by side</label></fieldset>\n",
        );
    }
    html.raw(
        "<fieldset class=\"choice\"><legend>Colours</legend>\
         <label><input type=\"radio\" name=\"theme\" id=\"theme-auto\" checked>Auto</label>\
         <label><input type=\"radio\" name=\"theme\" id=\"theme-light\">Light</label>\
         <label><input type=\"radio\" name=\"theme\" id=\"theme-dark\">Dark</label></fieldset>\n</div>\n",
    );
}

fn foot(head: &Head, html: &mut Html) {
    html.raw("<footer>\n<div id=\"keys\" hidden><label><input type=\"checkbox\" id=\"keys-on\" checked>Keys</label><ul>");
    html.raw("<li><kbd>j</kbd> <kbd>k</kbd> next, previous</li><li><kbd>Enter</kbd> fold</li>");
    html.raw("<li><kbd>e</kbd> fold or unfold all</li><li><kbd>/</kbd> search</li><li><kbd>Esc</kbd> clear</li>");
    if head.diffs {
        html.raw("<li><kbd>v</kbd> side by side</li>");
    }
    html.element(
        "</ul></div>\n<p>Made by ocl-migrate ",
        env!("CARGO_PKG_VERSION"),
        if head.forms {
            ".</p>\n</footer>\n"
        } else {
            ". Nothing was written to the repository.</p>\n</footer>\n"
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_names_the_style_and_the_script_that_the_page_holds() {
        let page = page(&Head::default(), Html::default()).to_string();
        let between = |open: &str, close: &str| {
            let (_, rest) = page.split_once(open).expect("the page has it");
            rest.split_once(close).expect("it ends").0.to_owned()
        };
        let style = BASE64.encode(Sha256::digest(between("<style>", "</style>")));
        let script = BASE64.encode(Sha256::digest(between("<script>", "</script>")));
        let policy = between("Content-Security-Policy\" content=\"", "\"");
        assert!(policy.contains(&format!("style-src &#39;sha256-{style}&#39;")));
        assert!(policy.contains(&format!("script-src &#39;sha256-{script}&#39;")));
        assert!(policy.starts_with("default-src &#39;none&#39;;"));
    }

    #[test]
    fn nothing_is_loaded_and_nothing_runs_but_the_script() {
        for word in [
            "http:",
            "https:",
            "url(",
            "@import",
            "src=",
            "innerHTML",
            "eval(",
            "fetch(",
        ] {
            assert!(!STYLE.contains(word) && !SCRIPT.contains(word), "{word}");
        }
        // They end where the page says so.
        assert!(!STYLE.contains("</") && !SCRIPT.contains("</") && !SCRIPT.contains("<!--"));
    }
}
