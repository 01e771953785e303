//! Where a service's pages begin: refs by version, and the documents of one ref, with links to what is asked about them.

use std::collections::BTreeMap;

use super::markup::Html;
use super::page::{Head, HtmlPage, page};
use crate::catalog::Catalog;
use crate::project::{Loaded, RefStatus};
use crate::text::count;

/// The refs of a project, by version, with links to their pages.
#[derive(Debug)]
pub struct Explorer {
    title: String,
    catalog: String,
    server_version: u32,
    /// Names by what is said of them: the version, if there is one, and the state.
    refs: BTreeMap<(Option<u32>, &'static str), Vec<String>>,
}

impl Explorer {
    /// Begins with the name of a project.
    pub fn new(name: &str, catalog: &Catalog) -> Explorer {
        Explorer {
            title: name.to_owned(),
            catalog: catalog.name().to_owned(),
            server_version: catalog.server_version(),
            refs: BTreeMap::new(),
        }
    }

    /// Adds a ref. One that has several projects is named once for each state.
    pub fn add(&mut self, status: &RefStatus<'_>) {
        let said = (status.state.version(), status.state.name());
        let names = self.refs.entry(said).or_default();
        if names.last().is_none_or(|last| last != status.ref_name) {
            names.push(status.ref_name.to_owned());
        }
    }

    /// The page.
    pub fn page(&self) -> HtmlPage {
        let mut html = Html::default();
        html.raw("<section aria-label=\"Questions\"><h2>All refs</h2>\n<ul>\n");
        for (question, text) in [
            ("status", "The versions of all refs"),
            ("compare", "Values that differ between them"),
            ("rehearse", "What migrating each would do"),
        ] {
            html.raw("<li><a").ask(question, &[]).raw(">");
            html.element("", text, "</a></li>\n");
        }
        html.raw("</ul></section>\n");
        for ((version, state), names) in self.refs.iter().rev() {
            html.raw("<section><h2>");
            match version {
                Some(version) => html.text(format_args!("Version {version}: {state}")),
                None => html.text(state),
            };
            html.raw("</h2>\n<details");
            // Long lists are folded.
            html.raw(if names.len() <= 50 { " open>" } else { ">" });
            html.element("<summary>", count(names.len(), "ref"), "</summary>\n<ul>\n");
            for name in names {
                html.raw("<li><a").ask("./", &[("ref", name)]).raw(">");
                html.element("<bdi>", name, "</bdi></a></li>\n");
            }
            html.raw("</ul></details></section>\n");
        }
        let head = Head {
            command: "serve",
            title: self.title.clone(),
            facts: vec![
                ("catalog", self.catalog.clone()),
                ("server version", self.server_version.to_string()),
            ],
            ..Head::default()
        };
        page(&head, html)
    }
}

/// What there is to ask about one ref, as it was asked for, and about its documents.
pub(super) fn of_ref(revision: &str, loaded: &Loaded) -> Html {
    let mut html = Html::default();
    let of_ref = [("ref", revision)];
    html.raw("<section aria-label=\"Questions\"><ul>\n");
    for (question, text) in [
        ("preview", "What migrating it changes"),
        ("plan", "Which steps run, and why"),
    ] {
        html.raw("<li><a").ask(question, &of_ref).raw(">");
        html.element("", text, "</a></li>\n");
    }
    html.raw("<li><a").ask("diff", &[("old", revision)]);
    html.raw(">Values that differ from HEAD</a></li>\n<li><a")
        .ask("./", &[]);
    html.raw(">All refs</a></li>\n</ul></section>\n<section><h2>Documents</h2>\n<ul>\n");
    for name in loaded.names() {
        let of_document = [("ref", revision), ("document", name.as_str())];
        html.element("<li><bdi>", name, "</bdi>: ");
        html.raw("<a")
            .ask("blame", &of_document)
            .raw(">values, with who gave them</a>, <a");
        html.ask("log", &of_document).raw(">history</a></li>\n");
    }
    html.raw("</ul></section>\n");
    html
}
