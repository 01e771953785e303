//! One self-contained page per command: the plan drawn, the diffs, the map of refs.
//!
//! A page loads nothing and works from the disk. What it shows comes from repositories that can't be trusted: all text
//! goes through one type that escapes it ([`markup`]), and a content security policy lets nothing run but the page's
//! own script.

mod axis;
mod blamed;
mod change;
mod chart;
mod columns;
mod compare;
mod compared;
mod diff;
mod differing;
mod documents;
mod explorer;
mod fleet;
mod forms;
mod found;
mod head;
mod lanes;
mod log;
mod markup;
mod merged;
mod outcome;
mod page;
mod refs;
mod rehearsed;
mod steps;
#[cfg(test)]
mod tests;
mod tree;
mod used;
mod values;

use std::collections::{BTreeMap, BTreeSet};

pub use change::{Proposal, ValueChange};
pub use differing::DiffPage;
pub use explorer::{Explorer, RefChoice};
pub use found::{FoundPlace, FoundValues};
pub use log::LogPage;
pub use page::HtmlPage;
pub use refs::RefMap;
pub use tree::ValueTree;

use self::documents::{DocumentView, Outcome};
use self::head::{facts, head_of};
use self::lanes::{Lane, Versions};
use self::markup::Html;
use self::page::{Head, page};
use self::steps::StepRow;
use crate::catalog::{Catalog, DocumentName};
use crate::plan::Plan;
use crate::project::{LoadError, Loaded};

impl HtmlPage {
    /// The plan of a loaded ref. Nothing is migrated for this.
    pub fn plan(loaded: &Loaded) -> HtmlPage {
        let catalog = loaded.project().catalog();
        PlanView {
            head: head_of("plan", loaded),
            versions: Versions::of(loaded.plan()),
            lanes: lanes::lanes(loaded, &BTreeMap::new()),
            steps: steps::rows(loaded.plan(), catalog),
            documents: None,
        }
        .page()
    }

    /// A plan without a ref.
    pub fn plan_on_paper(plan: &Plan, catalog: &Catalog) -> HtmlPage {
        let versions = Versions::of(plan);
        let branch = match versions.branch {
            Some(version) => format!("a branch at version {version}"),
            None => "an uninitialised branch".to_owned(),
        };
        let head = Head {
            command: "plan",
            title: format!("Plan on paper for {branch}"),
            facts: facts(catalog, &versions),
            ..Head::default()
        };
        PlanView {
            head,
            lanes: lanes::lanes_on_paper(plan, catalog),
            steps: steps::rows(plan, catalog),
            versions,
            documents: None,
        }
        .page()
    }

    /// A ref as it was asked for, with links to what a service tells of its documents. Nothing is migrated for this.
    /// `written` names the commit that a form has just made, if one did.
    pub fn of_ref(revision: &str, loaded: &Loaded, written: Option<&str>) -> HtmlPage {
        let head = Head {
            forms: true,
            ..head_of("serve", loaded)
        };
        // Anybody can make a link that says so: it is shown only where it is true.
        let written = written.filter(|written| *written == loaded.commit().to_string());
        page(&head, explorer::of_ref(revision, loaded, written))
    }

    /// The plan of a loaded ref, and what it does to every document. All of them are migrated for this.
    ///
    /// # Errors
    /// Where Git can't read a document.
    pub fn preview(loaded: &Loaded) -> Result<HtmlPage, LoadError> {
        let catalog = loaded.project().catalog();
        let migrated: BTreeMap<&DocumentName, _> = loaded
            .documents()
            .map(|document| (&document.name, document))
            .collect();
        let documents = loaded
            .documents()
            .map(|document| DocumentView::new(loaded, document));
        let documents: Vec<DocumentView> = documents.collect::<Result<_, _>>()?;
        let mut head = head_of("preview", loaded);
        let older = loaded.looks_older(loaded.documents());
        head.warnings.extend(older.map(|older| older.to_string()));
        let dangling = loaded.dangling();
        head.warnings
            .extend(dangling.iter().map(ToString::to_string));
        head.facts
            .push(("documents", documents::summary(&documents)));
        head.diffs = documents
            .iter()
            .any(|document| !matches!(document.outcome, Outcome::Unchanged | Outcome::Failed));
        Ok(PlanView {
            head,
            versions: Versions::of(loaded.plan()),
            lanes: lanes::lanes(loaded, &migrated),
            steps: steps::rows(loaded.plan(), catalog),
            documents: Some(documents),
        }
        .page())
    }
}

/// All that a page of a plan shows.
#[derive(Debug)]
struct PlanView {
    head: Head,
    versions: Versions,
    lanes: Vec<Lane>,
    steps: Vec<StepRow>,
    documents: Option<Vec<DocumentView>>,
}

impl PlanView {
    fn page(&self) -> HtmlPage {
        let mut html = Html::default();
        html.raw("<section id=\"plan\" aria-labelledby=\"plan-title\">\n<h2 id=\"plan-title\">Plan</h2>\n");
        if self.steps.is_empty() && self.versions.unknown.is_empty() {
            html.raw("<p class=\"calm\">No step is pending.</p>\n");
        } else {
            let names: BTreeSet<&str> = self
                .documents
                .iter()
                .flatten()
                .map(|document| &*document.name)
                .collect();
            let anchored = |name: &str| names.contains(name);
            axis::draw(
                &self.versions,
                &self.lanes,
                self.documents.is_some(),
                &anchored,
                &mut html,
            );
            steps::table(&self.steps, self.versions.are_downward(), &mut html);
        }
        html.raw("</section>\n");
        if let Some(documents) = &self.documents {
            documents::section(documents, &mut html);
        }
        page(&self.head, html)
    }
}
