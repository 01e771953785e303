//! Orders of blocks and of items that a merge dropped.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::conflict::Side;
use super::order::{Resolved, merge_order, resolve};
use crate::ocl::Kind;
use crate::values::{Element, Values};

/// What stands in an order, by the place of what holds it; where several have that place, the last.
pub(super) type Sequences = BTreeMap<u64, Vec<u64>>;

/// Those of a document. What has no name of its own and holds more than a value can't be told apart, and isn't among them.
pub(super) fn sequences(values: &Values<'_>) -> Sequences {
    let mut found = Sequences::new();
    visit(&values.root(), 0, &mut found);
    found
}

fn visit(element: &Element<'_>, place: u64, found: &mut Sequences) {
    let (_, members) = element.leaf_and_members();
    let mut items = Vec::new();
    for member in &members {
        let place = member.place_in(place);
        if member.is_in_sequence() {
            items.extend(item(member, place));
        }
        visit(member, place, found);
    }
    if items.len() > 1 {
        found.insert(place, items);
    }
}

fn item(member: &Element<'_>, place: u64) -> Option<u64> {
    if member.node().kind() == Kind::Block {
        return (!member.is_told_by_position()).then_some(place);
    }
    let mut hasher = DefaultHasher::new();
    member.value()?.hash(&mut hasher);
    Some(hasher.finish())
}

/// The places at which the last of four, base, ours, theirs and the merge, doesn't have an order that a side alone, or both alike,
/// gave what all four have; and whose it is. An order that none of the others has is the merger's own.
pub(super) fn dropped(four: &[Sequences; 4]) -> Vec<(u64, Side)> {
    let [base, ours, theirs, result] = four;
    let places = result.iter().filter_map(|(place, result)| {
        let of = [
            base.get(place)?,
            ours.get(place)?,
            theirs.get(place)?,
            result,
        ];
        Some((*place, dropped_at(of)?))
    });
    places.collect()
}

fn dropped_at(of: [&Vec<u64>; 4]) -> Option<Side> {
    if of.iter().all(|items| *items == of[0]) {
        return None;
    }
    let [base, ours, theirs, result] = common(of);
    if base == ours && base == theirs {
        return None;
    }
    let is_as_before = || result == base;
    match resolve(&base, &ours, &theirs) {
        Some(Resolved::Theirs) => is_as_before().then_some(Side::Theirs),
        Some(Resolved::Ours) => is_as_before().then_some(Side::Ours),
        None => {
            let merged = merge_order(&base, &ours, &theirs, |_, _| false)?;
            if result == merged.items {
                None
            } else if result == ours {
                Some(Side::Theirs)
            } else {
                (result == theirs || is_as_before()).then_some(Side::Ours)
            }
        }
    }
}

/// What stands once in each of some sequences, in the order of each.
fn common(of: [&Vec<u64>; 4]) -> [Vec<usize>; 4] {
    let mut counts: HashMap<u64, [usize; 4]> = HashMap::new();
    for (at, items) in of.iter().enumerate() {
        for item in *items {
            counts.entry(*item).or_default()[at] += 1;
        }
    }
    let mut numbers = HashMap::new();
    for item in of[0] {
        if counts[item] == [1; 4] {
            numbers.insert(*item, numbers.len());
        }
    }
    of.map(|items| {
        items
            .iter()
            .filter_map(|item| numbers.get(item).copied())
            .collect()
    })
}
