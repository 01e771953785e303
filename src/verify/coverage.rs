//! Which steps ran, and which of their blocks were reached.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::report::{Check, Finding};
use crate::catalog::{
    Action, Body, Catalog, Item, Lookup, Modify, PathPattern, Problem, ReadDocument, Reverse,
    Selection, Step,
};
use crate::migrate::{Context, Reached};

/// What was reached so far.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    /// The steps that ran on a document or imported one, by index in the catalog.
    ran: RefCell<BTreeSet<usize>>,
    blocks: RefCell<BTreeSet<(usize, usize, Reached)>>,
}

/// A context that records what is reached.
pub(super) struct Observed<'c> {
    coverage: &'c Coverage,
    inner: &'c dyn Context,
}

impl Coverage {
    pub(super) fn ran(&self, step: usize) {
        self.ran.borrow_mut().insert(step);
    }

    pub(super) fn reached(&self, step: usize, block: usize, how: Reached) {
        self.blocks.borrow_mut().insert((step, block, how));
    }

    pub(super) fn observe<'c>(&'c self, inner: &'c dyn Context) -> Observed<'c> {
        Observed {
            coverage: self,
            inner,
        }
    }

    /// What no case and no snapshot reached.
    pub(super) fn unreached(&self, catalog: &Catalog) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (index, step) in catalog.steps().iter().enumerate() {
            if !self.ran.borrow().contains(&index) {
                let message = match step.action() {
                    Action::Import(_) => {
                        "no snapshot has a document for this import to add: put one under `arrivals`"
                    }
                    Action::Rename(from) if moves_nothing(catalog, step, from) => {
                        "`from` is the path that catalog.hcl still gives the kind, so this moves nothing: write the new path there"
                    }
                    _ => "no case and no snapshot has a document that this step runs on",
                };
                // The marker isn't a document, and every migration across its rename moves it.
                if *step.target() != crate::catalog::Target::Marker {
                    findings.push(Finding::of_step(Check::Unreached, step, message));
                }
            } else if let Action::Modify(Modify(Body::Declared(body))) = step.action() {
                self.unreached_blocks(index, step, body.selection(), &mut findings);
                if let Reverse::Written(Modify(Body::Declared(down))) = step.reverse() {
                    self.unreached_blocks(index, step, down.selection(), &mut findings);
                }
            }
        }
        findings
    }

    fn unreached_blocks(
        &self,
        index: usize,
        step: &Step,
        block: &Selection,
        findings: &mut Vec<Finding>,
    ) {
        let saw = |how| self.blocks.borrow().contains(&(index, block.id, how));
        let place = |span: &std::ops::Range<usize>| {
            let problem = Problem::at(step.source()?, span.clone(), "");
            Some(format!(
                "{}:{}:{}",
                problem.file, problem.line, problem.column
            ))
        };
        if !saw(Reached::Selected) {
            let message = "no case and no snapshot has anything that this path selects";
            let finding = Finding::of_step(Check::Unreached, step, message);
            findings.push(finding.at(place(&block.span)));
            return;
        }
        let when = block.when.as_ref().and_then(|when| place(&when.span));
        if !saw(Reached::Entered) {
            let message = "no case and no snapshot has anything for which this `when` is true";
            findings.push(Finding::of_step(Check::Unreached, step, message).at(when));
            return;
        }
        if block.when.is_some() && !saw(Reached::KeptOut) {
            let message = "this `when` is true in every case and snapshot that reaches it: none shows what it excludes";
            let finding = Finding::of_step(Check::Unreached, step, message).at(when);
            findings.push(finding.into_warning());
        }
        for item in &block.items {
            if let Item::In(inner) = item {
                self.unreached_blocks(index, step, inner, findings);
            }
        }
    }
}

/// Whether a rename is from the path to which it moves the documents.
fn moves_nothing(catalog: &Catalog, step: &Step, from: &PathPattern) -> bool {
    let kinds = catalog.kinds().iter();
    kinds
        .filter(|kind| step.concerns(&kind.name))
        .any(|kind| catalog.path_at(kind, step.version()) == from)
}

impl Context for Observed<'_> {
    fn lookup(&self) -> &dyn Lookup {
        self.inner.lookup()
    }

    fn documents(&self, kind: &str, before_step: usize) -> Result<Vec<ReadDocument>, String> {
        self.inner.documents(kind, before_step)
    }

    fn reached(&self, step: usize, block: usize, how: Reached) {
        self.coverage.reached(step, block, how);
    }
}
