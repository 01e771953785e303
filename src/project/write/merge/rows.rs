//! The values of a merge beside each other, for people.

use std::collections::BTreeMap;

use super::documents::{MergedDocuments, Outcome};
use super::model::{MergeConflict, MergedRow};
use crate::catalog::DocumentName;
use crate::merge::merged_values;
use crate::ocl::{Dialect, Document};
use crate::project::read::merge_side::MergeSide;
use crate::project::read::merge_sides::MergeSides;
use crate::values::Values;

/// The rows of all documents that a merge changes, or in which something is in conflict. Documents under two names are beside what
/// their new name has on each side.
pub(super) fn rows(sides: &MergeSides, merged: &MergedDocuments) -> Vec<MergedRow> {
    let mut documents: BTreeMap<&DocumentName, Option<&Outcome>> = BTreeMap::new();
    for conflict in &merged.conflicts {
        documents.insert(&conflict.document, None);
    }
    for (name, outcome) in &merged.outcomes {
        documents.insert(name, Some(outcome));
    }
    let mut rows = Vec::new();
    for (name, outcome) in documents {
        rows.extend(of_document(sides, name, outcome, &merged.conflicts));
    }
    rows
}

fn of_document(
    sides: &MergeSides,
    name: &DocumentName,
    outcome: Option<&Outcome>,
    conflicts: &[MergeConflict],
) -> Vec<MergedRow> {
    let catalog = sides.ours().project().catalog();
    let base_path = sides.ours().base_path();
    let identity = catalog.identity(name.kind());
    let dialect = catalog.dialect_at(sides.target());
    // What can't be read was an error before.
    let read = |side| sides.document_on(side, name).ok().flatten();
    let [base, ours, theirs] = [MergeSide::Base, MergeSide::Ours, MergeSide::Theirs].map(read);
    let result = match outcome {
        Some(Outcome::Put { text, .. }) => Document::parse(text, dialect).ok(),
        Some(Outcome::Remove) => None,
        None => ours.clone(),
    };
    let conflicts = conflicts.iter().filter(|it| it.document == *name);
    let conflicts: Vec<&MergeConflict> = conflicts.collect();
    let mut rows: Vec<MergedRow> = Vec::new();
    // Conflicts of all there is in a block or a document have one row each.
    for conflict in &conflicts {
        let side = |at: usize| {
            let (_, side) = conflict.sides()[at];
            side.map(|side| side.text.clone()).into_iter().collect()
        };
        rows.push(MergedRow {
            base_path: base_path.to_owned(),
            document: name.clone(),
            selector: conflict.selector.clone(),
            conflict: Some(conflict.kind),
            base: side(0),
            ours: side(1),
            theirs: side(2),
            result: side(1),
        });
    }
    let texts = [&base, &ours, &theirs, &result];
    let documents = texts.map(|document| or_empty(document, dialect));
    let [base, ours, theirs, result] = documents
        .each_ref()
        .map(|document| Values::of(document, identity));
    let is_told = |segments: &[_]| {
        let mut conflicts = conflicts.iter();
        conflicts.any(|it| segments.starts_with(it.selector.segments()))
    };
    let values = merged_values(base, ours, theirs, result).into_iter();
    let values = values.filter(|value| !is_told(value.selector.segments()));
    rows.extend(values.map(|value| MergedRow {
        base_path: base_path.to_owned(),
        document: name.clone(),
        selector: value.selector,
        conflict: None,
        base: value.base,
        ours: value.ours,
        theirs: value.theirs,
        result: value.result,
    }));
    rows
}

fn or_empty(document: &Option<Document>, dialect: Dialect) -> Document {
    match document {
        Some(document) => document.clone(),
        None => Document::parse("", dialect).expect("an empty text is a document"),
    }
}
