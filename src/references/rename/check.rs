//! Whether a renaming changed nothing but names.

use super::model::{Refused, RenameRefusal};
use super::named::{Named, NamedDocument};
use super::plan::Plan;
use crate::references::model::{Definition, Reference};
use crate::references::place::ThingPlace;
use crate::values::{Element, Values};

/// Refuses what names something else than before, or has another address than its new name brings.
pub(super) fn check(plan: &Plan<'_>, before: &Named<'_>, after: &Named<'_>) -> Result<(), Refused> {
    let mut others = Vec::new();
    let mut clashes = Vec::new();
    for (index, (old, new)) in before.documents.iter().zip(&after.documents).enumerate() {
        clashes.extend(clash(old, new));
        let (was, is) = (&old.found.references, &new.found.references);
        let differing = differing(was, is, |old, new| {
            means_the_same(plan, (before, old), (after, new))
        });
        others.extend(differing.map(|at| match was.get(at) {
            Some(reference) => before.place_of((index, reference)),
            None => after.place_of((index, &is[at])),
        }));
        let (was, is) = (&old.found.definitions, &new.found.definitions);
        let differing = self::differing(was, is, |old, new| defines_the_same(plan, old, new));
        others.extend(differing.map(|at| match was.get(at) {
            Some(definition) => before.place_of_definition((index, definition), 0),
            None => after.place_of_definition((index, &is[at]), 0),
        }));
    }
    Refused::unless_empty(RenameRefusal::SameAddress, clashes)?;
    Refused::unless_empty(RenameRefusal::OtherMeaning, others)
}

/// Where two lists differ; if one of them is longer, only where that begins.
fn differing<'t, T>(
    was: &'t [T],
    is: &'t [T],
    is_same: impl Fn(&T, &T) -> bool + 't,
) -> impl Iterator<Item = usize> + 't {
    let most = if was.len() == is.len() { usize::MAX } else { 1 };
    let differs = move |at: &usize| match (was.get(*at), is.get(*at)) {
        (Some(old), Some(new)) => !is_same(old, new),
        _ => true,
    };
    (0..was.len().max(is.len())).filter(differs).take(most)
}

fn means_the_same(
    plan: &Plan<'_>,
    (before, old): (&Named<'_>, &Reference<'_>),
    (after, new): (&Named<'_>, &Reference<'_>),
) -> bool {
    if (old.kind, old.certainty, old.line) != (new.kind, new.certainty, new.line) {
        return false;
    }
    let (was, is) = (before.meant(old), after.meant(new));
    match (was, is) {
        (Some(was), Some(is)) => match plan.rename_of(before, old) {
            Some(rename) => rename.new == is,
            None if was == is => before.is_defined(old.kind, was) == after.is_defined(old.kind, is),
            // A name that has the renamed one in it: `Octopus.Action[Old].Output`.
            None => {
                old.name.text() != new.name.text()
                    && !before.is_defined(old.kind, was)
                    && !after.is_defined(old.kind, is)
            }
        },
        (None, None) => true,
        _ => false,
    }
}

fn defines_the_same(plan: &Plan<'_>, old: &Definition<'_>, new: &Definition<'_>) -> bool {
    let keys = |definition: &Definition<'_>| -> Vec<String> {
        let names = definition.names.iter();
        names.flat_map(|name| name.keys().to_vec()).collect()
    };
    let (was, is) = (keys(old), keys(new));
    let is_same = |(was, is): (&String, &String)| {
        let mut renames = plan.renames.iter();
        was == is || renames.any(|it| it.kind == old.kind && it.old == *was && it.new == *is)
    };
    (old.kind, old.line) == (new.kind, new.line)
        && was.len() == is.len()
        && was.iter().zip(&is).all(is_same)
}

/// The first part of a document that is told apart in another way than before.
fn clash(old: &NamedDocument<'_>, new: &NamedDocument<'_>) -> Option<ThingPlace> {
    if old.values.document().text() == new.values.document().text() {
        return None;
    }
    let (was, is) = (elements(old.values), elements(new.values));
    let is_like = |(old, new): (&Element<'_>, &Element<'_>)| {
        old.node().id() == new.node().id() && old.is_told_by_position() == new.is_told_by_position()
    };
    let alike = was
        .iter()
        .zip(&is)
        .take_while(|pair| is_like(*pair))
        .count();
    if alike == was.len() && alike == is.len() {
        return None;
    }
    let element = was.get(alike).or(was.last())?;
    let span = element.node().span()?;
    Some(ThingPlace {
        document: old.name.clone(),
        line: old.values.document().position(span.start).line,
        address: element.to_string(),
        kind: String::new(),
        name: element.name().into_owned(),
        certainty: None,
    })
}

/// All parts of a document, in document order.
fn elements(values: Values<'_>) -> Vec<Element<'_>> {
    let mut all = Vec::new();
    let mut open = vec![values.root()];
    while let Some(element) = open.pop() {
        let from = open.len();
        open.extend(element.members());
        open[from..].reverse();
        all.push(element);
    }
    all
}
