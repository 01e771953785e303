//! A ref's documents as a tree of values, each with links to what a service tells of it.

use std::collections::BTreeMap;

use super::head::head_of;
use super::markup::{Anchor, Html};
use super::page::{Head, HtmlPage, page, told_of};
use super::values::{Shown, and_more};
use crate::catalog::DocumentName;
use crate::compare::{LiftedDocument, failure};
use crate::project::{Loaded, ReadError};
use crate::text::{count, short_id};
use crate::values::{Element, FindError, Leaf, Selector};

/// A page has at most this many values.
const MOST_VALUES: usize = 2_000;
/// Beyond those it names so many documents and parts that have pages of their own.
const MOST_NAMED: usize = 2_000;
/// Up to so many values a document is shown unfolded.
const A_FEW: usize = 100;

/// What of a ref is to be seen.
pub struct ValueTree<'a> {
    /// The ref, as it was asked for.
    pub revision: &'a str,
    /// The ref itself.
    pub loaded: &'a Loaded,
    /// One document, or all.
    pub document: Option<&'a DocumentName>,
    /// A part of that document; empty for all of it.
    pub selector: &'a Selector,
    /// Whether there is a form to change a value.
    pub may_write: bool,
}

impl HtmlPage {
    /// A ref's documents as a tree of values. Those are migrated for this that the page has room for.
    ///
    /// # Errors
    /// Where a part of a document is asked for that isn't there.
    pub fn values(tree: &ValueTree<'_>) -> Result<HtmlPage, FindError> {
        let mut drawing = Drawing {
            tree,
            document: "",
            is_anchored: false,
            values: MOST_VALUES,
            named: MOST_NAMED,
            left_out: 0,
            html: Html::default(),
        };
        let mut head = head_of("values", tree.loaded);
        drawing.ways();
        match tree.document {
            Some(name) => {
                head.title = name.to_string();
                let loaded = tree.loaded;
                head.facts
                    .insert(0, ("ref", loaded.ref_name().unwrap_or_default().to_owned()));
                head.facts.retain(|(_, fact)| !fact.is_empty());
                head.warnings.extend(told_of(loaded, name.as_str()));
                drawing.is_anchored = true;
                drawing.one(name)?;
            }
            None => drawing.all(),
        }
        and_more(drawing.left_out, &mut drawing.html);
        Ok(page(
            &Head {
                is_name: true,
                ..head
            },
            drawing.html,
        ))
    }
}

struct Drawing<'t> {
    tree: &'t ValueTree<'t>,
    document: &'t str,
    /// Whether values have anchors, as those of one document can.
    is_anchored: bool,
    /// How many values there is still room for.
    values: usize,
    /// The same for names of what there is no room for.
    named: usize,
    left_out: usize,
    html: Html,
}

impl<'t> Drawing<'t> {
    /// The way back up.
    fn ways(&mut self) {
        let tree = self.tree;
        let of_ref = [("ref", tree.revision)];
        let html = &mut self.html;
        html.raw("<nav class=\"ways\" aria-label=\"Where this is\"><a")
            .ask("./", &of_ref);
        let name = tree.loaded.ref_name();
        let name = name.map_or_else(|| short_id(&tree.loaded.commit()), str::to_owned);
        html.element("><bdi>", name, "</bdi></a>");
        if let Some(document) = tree.document {
            html.raw(" <a")
                .ask("values", &of_ref)
                .raw(">All documents</a>");
            if !tree.selector.is_empty() {
                let of_document = [("ref", tree.revision), ("document", document.as_str())];
                html.raw(" <a").ask("values", &of_document);
                html.element("><bdi>", document, "</bdi></a>");
            }
        }
        html.raw("</nav>\n");
    }

    fn one(&mut self, name: &'t DocumentName) -> Result<(), FindError> {
        self.document = name.as_str();
        let lifted = self.lifted(name);
        self.html
            .raw("<section aria-labelledby=\"tree-title\"><h2 id=\"tree-title\">Values</h2>\n");
        self.of_document(name);
        self.unread(&lifted);
        let Ok(Some(lifted)) = lifted else {
            self.html.raw("</section>\n");
            return Ok(());
        };
        let values = lifted.values();
        let mut roots = vec![values.root()];
        if !self.tree.selector.is_empty() {
            roots = values.select(self.tree.selector);
            if roots.is_empty()
                && let Err(error) = values.find(self.tree.selector)
            {
                return Err(error);
            }
        }
        self.html.raw("<ul class=\"tree\">\n");
        for root in &roots {
            if root.parent().is_some() {
                self.element(root, "", true);
            } else {
                let (_, members) = root.leaf_and_members();
                if members.is_empty() {
                    self.html
                        .raw("<li class=\"nothing\">There are no values in it.</li>\n");
                }
                self.members(members, "", true);
            }
        }
        self.html.raw("</ul></section>\n");
        Ok(())
    }

    /// All documents, by folder.
    fn all(&mut self) {
        let tree = self.tree;
        self.html.raw("<section aria-labelledby=\"tree-title\"><h2 id=\"tree-title\">Documents</h2>\n<ul class=\"tree\">\n");
        let mut folders: BTreeMap<&str, Vec<&DocumentName>> = BTreeMap::new();
        for name in tree.loaded.names() {
            let folder = name
                .as_str()
                .rsplit_once('/')
                .map_or("", |(folder, _)| folder);
            folders.entry(folder).or_default().push(name);
        }
        if folders.is_empty() {
            self.html
                .raw("<li class=\"nothing\">There are no documents.</li>\n");
        }
        for (folder, names) in folders {
            if !folder.is_empty() {
                self.html.element(
                    "<li><details open><summary><bdi class=\"key\">",
                    folder,
                    "</bdi>",
                );
                self.html.element(
                    " <span class=\"dim\">",
                    count(names.len(), "document"),
                    "</span></summary>\n<ul>\n",
                );
            }
            for name in names {
                self.document(name);
            }
            if !folder.is_empty() {
                self.html.raw("</ul></details></li>\n");
            }
        }
        self.html.raw("</ul></section>\n");
    }

    fn document(&mut self, name: &'t DocumentName) {
        self.document = name.as_str();
        if self.values == 0 {
            let of_document = [("ref", self.tree.revision), ("document", name.as_str())];
            self.no_room(&of_document, name.as_str());
            return;
        }
        let lifted = self.lifted(name);
        let members = match &lifted {
            Ok(Some(lifted)) => lifted.values().root().leaf_and_members().1,
            _ => Vec::new(),
        };
        let is_short = matches!(&lifted, Ok(Some(lifted)) if lifted.values().leaves().take(A_FEW + 1).count() <= A_FEW);
        let is_open = self.tree.loaded.names().len() <= 3 && is_short;
        self.begin_parts(name.as_str(), members.len(), is_open);
        self.of_document(name);
        self.unread(&lifted);
        self.html.raw("<ul>\n");
        self.members(members, "", is_short);
        self.html.raw("</ul></details></li>\n");
    }

    /// Why a document has no values here.
    fn unread(&mut self, lifted: &Result<Option<LiftedDocument>, String>) {
        match lifted {
            Ok(Some(_)) => {}
            Ok(None) => {
                _ = self
                    .html
                    .raw("<p class=\"nothing\">A step removes this document.</p>\n")
            }
            Err(reason) => {
                _ = self
                    .html
                    .element("<pre class=\"error\">", reason, "</pre>\n")
            }
        }
    }

    /// What there is to ask about a document.
    fn of_document(&mut self, name: &DocumentName) {
        let of_document = [("ref", self.tree.revision), ("document", name.as_str())];
        let html = &mut self.html;
        html.raw("<p class=\"acts\"><a").ask("log", &of_document);
        html.raw(">its history</a> <a").ask("blame", &of_document);
        html.raw(">who gave its values</a> <a")
            .ask("compare", &[("document", name.as_str())]);
        html.raw(">the same elsewhere</a></p>\n");
    }

    fn lifted(&self, name: &DocumentName) -> Result<Option<LiftedDocument>, String> {
        let loaded = self.tree.loaded;
        let document = loaded
            .document(name.as_str())
            .map_err(|error| error.to_string())?;
        let failed = |error: ReadError| failure(loaded, document, &error);
        LiftedDocument::of(loaded, document).map_err(failed)
    }

    fn members(&mut self, members: Vec<Element<'_>>, parent: &str, is_open: bool) {
        for member in members {
            self.element(&member, parent, is_open);
        }
    }

    /// A part, named as its address continues that of what holds it.
    fn element(&mut self, element: &Element<'_>, parent: &str, is_open: bool) {
        let address = element.to_string();
        let label = address.strip_prefix(parent).unwrap_or(&address);
        let label = label
            .strip_prefix('.')
            .filter(|_| !parent.is_empty())
            .unwrap_or(label);
        if self.values == 0 {
            let of_part = [
                ("ref", self.tree.revision),
                ("document", self.document),
                ("selector", &*address),
            ];
            self.no_room(&of_part, label);
            return;
        }
        let (own, members) = element.leaf_and_members();
        if members.is_empty() {
            if let Some(leaf) = own {
                self.leaf(&leaf, &address, label);
            }
            return;
        }
        self.begin_parts(label, members.len(), is_open);
        self.html.raw("<ul>\n");
        if let Some(leaf) = own {
            self.leaf(&leaf, &address, "its own value");
        }
        self.members(members, &address, is_open);
        self.html.raw("</ul></details></li>\n");
    }

    /// Begins what can be folded: a document, or a part with parts of its own.
    fn begin_parts(&mut self, label: &str, parts: usize, is_open: bool) {
        self.html.raw(if is_open {
            "<li><details open>"
        } else {
            "<li><details>"
        });
        self.html
            .element("<summary><bdi class=\"key\">", label, "</bdi>");
        self.html.element(
            " <span class=\"dim\">",
            count(parts, "part"),
            "</span></summary>\n",
        );
    }

    /// Names what has a page of its own, as long as there is room for names.
    fn no_room(&mut self, asked: &[(&'static str, &str)], label: &str) {
        if self.named == 0 {
            self.left_out += 1;
            return;
        }
        self.named -= 1;
        self.html.raw("<li><a").ask("values", asked);
        self.html.element(
            "><bdi class=\"key\">",
            label,
            "</bdi></a> <span class=\"dim\">on a page of its own</span></li>\n",
        );
    }

    fn leaf(&mut self, leaf: &Leaf<'_>, address: &str, label: &str) {
        self.values -= 1;
        let tree = self.tree;
        let of_value = [
            ("ref", tree.revision),
            ("document", self.document),
            ("selector", address),
        ];
        let html = &mut self.html;
        html.raw("<li");
        if self.is_anchored {
            html.id(&Anchor::new("value", address));
        }
        html.element("><bdi class=\"key\">", label, "</bdi> ");
        let shown = Shown::of(leaf);
        shown.draw(html);
        html.raw(" <span class=\"acts\"><a").ask("log", &of_value);
        html.attribute("aria-label", format_args!("history of {label}"));
        html.raw(">history</a> <a")
            .ask_at("blame", &of_value[..2], &Anchor::new("value", address));
        html.attribute("aria-label", format_args!("who gave {label}"));
        html.raw(">who</a>");
        if tree.may_write && shown.kind != Some("block") {
            html.raw(" <a").ask("edit", &of_value);
            html.attribute("aria-label", format_args!("edit {label}"));
            html.raw(">edit</a>");
        }
        html.raw("</span></li>\n");
    }
}
