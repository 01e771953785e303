//! What a document holds, by the places of elements, and what four hold at each.

use std::collections::HashMap;

use super::count::Count;
use super::merger::{Found, is_hollow};
use crate::values::{Element, Leaf, Value, Values};

/// What a document holds, by the places of elements.
#[derive(Default)]
pub(super) struct Seen<'a> {
    /// How many elements have a place, and the first of them.
    pub(super) elements: HashMap<u64, (usize, Element<'a>)>,
    /// The leaves that count, in the order of the document.
    leaves: Vec<(u64, Leaf<'a>)>,
}

impl<'a> Seen<'a> {
    pub(super) fn of(values: &Values<'a>, found: &Found<'_>) -> Seen<'a> {
        let mut seen = Seen::default();
        seen.visit(&values.root(), 0, found);
        seen
    }

    fn visit(&mut self, element: &Element<'a>, place: u64, found: &Found<'_>) {
        let known = self.elements.entry(place);
        known.or_insert_with(|| (0, element.clone())).0 += 1;
        if found.open.contains(&place) {
            return;
        }
        let (leaf, members) = element.leaf_and_members();
        // That something holds nothing follows from what it holds.
        if let Some(leaf) = leaf.filter(|leaf| !is_hollow(leaf))
            && !found.open_values.contains(&place)
        {
            self.leaves.push((place, leaf));
        }
        for member in &members {
            self.visit(member, member.place_in(place), found);
        }
    }

    /// The leaves with their places, in the order of the document.
    pub(super) fn leaves(&self) -> &[(u64, Leaf<'a>)] {
        &self.leaves
    }

    pub(super) fn count(&self, place: u64) -> usize {
        self.elements.get(&place).map_or(0, |(count, _)| *count)
    }

    pub(super) fn element(&self, place: u64) -> Option<&Element<'a>> {
        Some(&self.elements.get(&place)?.1)
    }
}

/// The place of each document among those of an [`audit`](super::audit()).
const BASE: usize = 0;
const OURS: usize = 1;
const THEIRS: usize = 2;
const RESULT: usize = 3;

/// The leaves at one place.
pub(super) type Slot<'a> = Vec<Kept<'a>>;

/// How often a value stands at a place.
#[derive(Default)]
pub(super) struct Kept<'a> {
    pub(super) count: Count,
    /// Where it stands first in each document.
    pub(super) elements: [Option<Element<'a>>; 4],
}

/// The leaves by their places, and these in order.
pub(super) fn slots<'a>(seen: &[Seen<'a>; 4]) -> (Vec<u64>, HashMap<u64, Slot<'a>>) {
    let mut slots: HashMap<u64, Slot<'a>> = HashMap::new();
    let mut order = Vec::new();
    // A list may have a million different values in one place.
    let mut places_in_slots: HashMap<(u64, Option<Value<'a>>), usize> = HashMap::new();
    // Where the result has it comes first.
    for of in [RESULT, OURS, THEIRS, BASE] {
        for (place, leaf) in &seen[of].leaves {
            let slot = slots.entry(*place).or_insert_with(|| {
                order.push(*place);
                Slot::new()
            });
            // The item of a set is its place, however it is spelt.
            let value = (!leaf.element().is_item_of_set()).then(|| leaf.value());
            let at = *places_in_slots.entry((*place, value)).or_insert(slot.len());
            if at == slot.len() {
                slot.push(Kept::default());
            }
            let kept = &mut slot[at];
            kept.elements[of].get_or_insert_with(|| leaf.element().clone());
            *match of {
                BASE => &mut kept.count.base,
                OURS => &mut kept.count.ours,
                THEIRS => &mut kept.count.theirs,
                _ => &mut kept.count.result,
            } += 1;
        }
    }
    (order, slots)
}
