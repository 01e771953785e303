//! Which steps ran, and which of their blocks and names were reached.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::report::{Check, Finding};
use crate::catalog::{
    Action, Body, Catalog, Item, Lookup, Modify, Operation, PathPattern, Problem, ReadDocument,
    Reverse, Selection, Step,
};
use crate::migrate::{Context, Part, Reached};
use crate::text::nearest;

/// What was reached so far.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    /// The steps that ran on a document or imported one, by index in the catalog.
    ran: RefCell<BTreeSet<usize>>,
    blocks: RefCell<BTreeSet<(usize, usize, Reached)>>,
    names: RefCell<BTreeMap<NameOfStep, Met>>,
    /// The steps that failed, by index: what they would have reached after that isn't known.
    failed: RefCell<BTreeSet<usize>>,
    /// The kinds of which a document failed on its way, each with the lowest version of a step that did: the later ones didn't run.
    stopped: RefCell<BTreeMap<String, u32>>,
}

/// A name that an operation works on: the index of the step, the number of the block, the operation's position and the name.
type NameOfStep = (usize, usize, usize, String);

/// What the nodes have that an operation looked for a name in.
#[derive(Debug)]
enum Met {
    /// One of them has the name.
    There,
    /// None has it; they have these.
    Others(BTreeSet<String>),
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

    pub(super) fn has_run(&self, step: usize) -> bool {
        self.ran.borrow().contains(&step)
    }

    pub(super) fn reached(&self, step: usize, part: &Part<'_>) {
        match *part {
            Part::Block(block, how) => {
                self.blocks.borrow_mut().insert((step, block, how));
            }
            Part::Name {
                block,
                operation,
                name,
                node,
                is_there,
            } => {
                let mut names = self.names.borrow_mut();
                let key = (step, block, operation, name.to_owned());
                let met = names.entry(key).or_insert(Met::Others(BTreeSet::new()));
                match met {
                    Met::There => {}
                    met if is_there => *met = Met::There,
                    Met::Others(others) => {
                        others.extend(node.children().map(|child| child.name().into_owned()));
                    }
                }
            }
        }
    }

    /// Records that a step failed in a case.
    pub(super) fn failed(&self, step: usize) {
        self.failed.borrow_mut().insert(step);
    }

    /// Records that a document of a kind failed in a step of a version.
    pub(super) fn stopped(&self, kind: &str, version: u32) {
        let mut stopped = self.stopped.borrow_mut();
        let lowest = stopped.entry(kind.to_owned()).or_insert(version);
        *lowest = version.min(*lowest);
    }

    /// Whether it is told already why something of a step isn't reached: it fails, or a step before it does.
    fn is_explained(&self, index: usize, step: &Step) -> bool {
        let stopped = self.stopped.borrow();
        let mut stopped = stopped.iter();
        self.failed.borrow().contains(&index)
            || stopped.any(|(kind, version)| step.concerns(kind) && *version <= step.version())
    }

    pub(super) fn observe<'c>(&'c self, inner: &'c dyn Context) -> Observed<'c> {
        Observed {
            coverage: self,
            inner,
        }
    }

    /// What no case and no snapshot reached. `undone` has what was reached while steps were undone.
    ///
    /// A step doesn't reach what it has made itself when it was undone: its misspelt names would occur there.
    pub(super) fn unreached(&self, catalog: &Catalog, undone: &Coverage) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (index, step) in catalog.steps().iter().enumerate() {
            if let Action::Rename(from) = step.action()
                && moves_nothing(catalog, step, from)
            {
                let message = "`from` is the path that catalog.hcl still gives the kind, so this moves nothing: write the new path there";
                findings.push(Finding::of_step(Check::Unreached, step, message));
                continue;
            }
            if self.is_explained(index, step) || undone.is_explained(index, step) {
                continue;
            }
            if !self.has_run(index) && !undone.has_run(index) {
                let message = match step.action() {
                    Action::Import(_) => {
                        format!("{NOTHING_ARRIVES}{}", arrival_place(catalog, step))
                    }
                    _ => "no case and no snapshot has a document that this step runs on".to_owned(),
                };
                // The marker isn't a document, and every migration across its rename moves it.
                if *step.target() != crate::catalog::Target::Marker {
                    findings.push(Finding::of_step(Check::Unreached, step, message));
                }
            } else if let Action::Modify(Modify(Body::Declared(body))) = step.action() {
                self.unreached_blocks(index, step, body.selection(), &mut findings);
                if let Reverse::Written(Modify(Body::Declared(down))) = step.reverse() {
                    undone.unreached_blocks(index, step, down.selection(), &mut findings);
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
            Some(Problem::at(step.source()?, span.clone(), "").place())
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
            match item {
                Item::In(inner) => self.unreached_blocks(index, step, inner, findings),
                Item::Operation(operation) => {
                    let at = place(&operation.span);
                    let messages = self.unreached_names(index, block.id, operation);
                    findings.extend(messages.into_iter().map(|message| {
                        Finding::of_step(Check::Unreached, step, message).at(at.clone())
                    }));
                }
            }
        }
    }

    /// A message for each name of an operation that no node had.
    fn unreached_names(&self, step: usize, block: usize, operation: &Operation) -> Vec<String> {
        let mut messages = Vec::new();
        operation.kind.for_each_name(|name| {
            let key = (step, block, operation.span.start, name.to_owned());
            let names = self.names.borrow();
            let what = operation.kind.name();
            let near = match names.get(&key) {
                Some(Met::There) => return,
                // Of all operations, only this one leaves out blocks.
                Some(Met::Others(others)) if others.contains(name) => {
                    messages.push(format!(
                        "`{name}` is a block where this `{what}` looks for it, and `{what}` changes attributes: go into the block, with \
                         `in \"{name}\" {{ ... }}`"
                    ));
                    return;
                }
                Some(Met::Others(others)) => nearest(name, others.iter().map(String::as_str)),
                None => None,
            };
            let mut message =
                format!("no case and no snapshot has `{name}` where this `{what}` looks for it");
            if let Some(near) = near {
                message += &format!(": did you mean `{near}`?");
            }
            messages.push(message);
        });
        messages
    }
}

/// What is said of an import without documents, before the place to put one.
pub(crate) const NOTHING_ARRIVES: &str =
    "no snapshot has a document for this import to add: put one at ";

/// Where a document is put that an import is to add.
fn arrival_place(catalog: &Catalog, step: &Step) -> String {
    let version = step.version();
    let mut kinds = catalog.kinds().iter();
    let kind = kinds.find(|kind| step.concerns(&kind.name));
    let path = kind.map_or_else(String::new, |kind| {
        let path = catalog.path_at(kind, version).as_str();
        path.replace("**/*", "NAME").replace('*', "NAME")
    });
    format!("snapshots/arrivals/v{version}/{path}")
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

    fn reached(&self, step: usize, part: &Part<'_>) {
        self.coverage.reached(step, part);
    }
}
