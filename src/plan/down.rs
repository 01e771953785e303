//! Migrating down: which steps are undone if the target is below the branch's version.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::model::{Decision, Direction, PlanRow, PlannedReturn, Refusal, Source};
use super::request::StoredDocument;
use crate::catalog::{
    Action, BringBack, Catalog, DocumentKind, DocumentName, MARKER_KIND, Step, Target,
};

/// The steps above a target, up to a version, as indexes in the catalog, the highest first.
fn above(catalog: &Catalog, target: u32, version: u32) -> impl Iterator<Item = (usize, &Step)> {
    let steps = catalog.steps().iter().enumerate().rev();
    steps.filter(move |(_, step)| step.version() > target && step.version() <= version)
}

/// The rows of a plan that migrates down, in run order.
pub(super) fn rows(
    catalog: &Catalog,
    branch: u32,
    target: u32,
    held: &BTreeMap<String, Vec<String>>,
) -> Vec<PlanRow> {
    let mut rows: Vec<PlanRow> = Vec::new();
    for kind in catalog.kinds() {
        let held = held.get(&kind.name).map_or(&[][..], Vec::as_slice);
        rows.extend(rows_of(catalog, kind, branch, target, held));
    }
    for (index, step) in above(catalog, target, branch) {
        if *step.target() == Target::Marker {
            rows.push(PlanRow::down(index, MARKER_KIND, 0));
        }
    }
    // A stable sort: the rows of a step for all kinds stay in the order of the kinds.
    rows.sort_by_key(|row| Reverse(row.step));
    rows
}

/// The documents in Git belong to segment 0, which ends at the first import or remove on the way down. Documents that a remove
/// brings back belong to the segments below that.
fn rows_of(
    catalog: &Catalog,
    kind: &DocumentKind,
    branch: u32,
    target: u32,
    held: &[String],
) -> Vec<PlanRow> {
    let returned = returned(catalog, kind, branch, target);
    let mut ended = None;
    let mut rows = Vec::new();
    for (index, step) in
        above(catalog, target, branch).filter(|(_, step)| step.concerns(&kind.name))
    {
        let mut row = PlanRow::down(index, &kind.name, usize::from(ended.is_some()));
        let comes_back = returned.as_ref().is_some_and(|back| back.step >= index);
        match (step.action(), ended) {
            (Action::Remove, _) if comes_back => {
                row.source = returned.as_ref().map(|back| back.source);
                ended = Some(Decision::Run);
            }
            (_, Some(Decision::Run)) if step.one_way().is_some() => {
                row.decision = Decision::OneWay;
            }
            (_, Some(decision)) => row.decision = decision,
            (Action::Import(_), None) => {
                row.left_out = held
                    .iter()
                    .map(|slug| DocumentName::new(&kind.name, slug))
                    .collect();
                ended = Some(Decision::LeftOut);
            }
            (Action::Remove, None) => {
                row.decision = Decision::NotBroughtBack;
                ended = Some(Decision::NotBroughtBack);
            }
            (_, None) if step.one_way().is_some() => row.decision = Decision::OneWay,
            _ => {}
        }
        rows.push(row);
    }
    rows
}

/// What the removes between a branch's version and a lower target bring back.
pub(super) fn returns(catalog: &Catalog, branch: u32, target: u32) -> Vec<PlannedReturn> {
    let kinds = catalog.kinds().iter();
    kinds
        .filter_map(|kind| returned(catalog, kind, branch, target))
        .collect()
}

/// The documents of a kind that exist at the target come from the lowest remove on the way down, unless an import is below
/// it.
fn returned(
    catalog: &Catalog,
    kind: &DocumentKind,
    branch: u32,
    target: u32,
) -> Option<PlannedReturn> {
    let ends = |step: &Step| step.concerns(&kind.name) && step.action().begins_or_ends();
    let (index, step) = above(catalog, target, branch)
        .filter(|(_, step)| ends(step))
        .last()?;
    let source = match step.reverse().brings_back()? {
        BringBack::History => Source::History,
        BringBack::Content(_) => Source::Step,
    };
    Some(PlannedReturn {
        step: index,
        kind: kind.name.clone(),
        version: step.version(),
        source,
    })
}

/// The steps that bring a document of a kind from a shape down to a target, in run order.
pub(super) fn steps_from(catalog: &Catalog, kind: &str, shape: u32, target: u32) -> Vec<usize> {
    above(catalog, target, shape)
        .filter(|(_, step)| step.concerns(kind))
        .map(|(index, _)| index)
        .collect()
}

/// The rows for documents that an import above the target adds, in run order.
pub(super) fn rows_after_import(
    catalog: &Catalog,
    kind: &str,
    documents: &[StoredDocument],
    target: u32,
) -> Vec<PlanRow> {
    let highest = documents.iter().map(|document| document.shape).max();
    let steps = steps_from(catalog, kind, highest.unwrap_or(0), target);
    let row = |index: usize| {
        let version = catalog.steps()[index].version();
        let others = documents.iter().filter(|document| document.shape < version);
        PlanRow {
            skipped_for: others
                .map(|document| DocumentName::new(kind, &document.slug))
                .collect(),
            ..PlanRow::down(index, kind, 1)
        }
    };
    steps.into_iter().map(row).collect()
}

/// Why content of the store can't be brought from its shape down to the target.
pub(super) fn obstacle(catalog: &Catalog, kind: &str, shape: u32, target: u32) -> Option<Refusal> {
    let step = steps_from(catalog, kind, shape, target)
        .into_iter()
        .map(|index| &catalog.steps()[index])
        .find_map(|step| {
            let reason = match step.action() {
                Action::Import(_) | Action::Remove => "documents of the kind begin or end there",
                _ => step.one_way()?,
            };
            Some((step, reason))
        });
    let (step, reason) = step?;
    Some(Refusal::AboveTarget {
        shape,
        target,
        step: step.version(),
        reason: reason.to_owned(),
    })
}

impl PlanRow {
    fn down(step: usize, kind: &str, segment: usize) -> PlanRow {
        PlanRow {
            direction: Direction::Down,
            ..PlanRow::new(step, kind, segment)
        }
    }
}
