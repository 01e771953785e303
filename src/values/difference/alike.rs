//! What elements say, in a number each: to find out which are alike without comparing each with each.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::ocl::{Kind, NodeId};
use crate::values::element::{Element, Sibling};
use crate::values::leaf::Leaf;

/// A leaf that more blocks than this share says little about which of them is meant.
const COMMON: usize = 8;

/// Numbers for the elements of one document, each computed once. Elements that say the same have the same number; that two
/// others have it as well is unlikely, and does no harm: what is paired by numbers is compared all the same.
#[derive(Default)]
pub(in crate::values) struct Fingerprints {
    known: HashMap<NodeId, u64>,
}

impl Fingerprints {
    /// What an element says, aside from what it is known by.
    pub(in crate::values) fn of(&mut self, element: &Element<'_>) -> u64 {
        if let Some(known) = self.known.get(&element.id()) {
            return *known;
        }
        let expanded = element.expand();
        let mut hasher = DefaultHasher::new();
        expanded.own.as_ref().map(Leaf::value).hash(&mut hasher);
        // The order of members means nothing, unless they are ordered or are items.
        let mut unordered = 0_u64;
        for member in &expanded.members {
            let number = self.of(member);
            let mut of_member = DefaultHasher::new();
            match member.sibling() {
                Sibling::Position(_) => number.hash(&mut hasher),
                sibling => {
                    // Which of several attributes of one name counts, nobody knows: their order does.
                    let place = member.alike.filter(|_| member.node.kind() != Kind::Block);
                    (sibling, number, member.order.is_some(), place).hash(&mut of_member);
                    match member.order {
                        Some(_) => of_member.finish().hash(&mut hasher),
                        None => unordered = unordered.wrapping_add(of_member.finish()),
                    }
                }
            }
        }
        unordered.hash(&mut hasher);
        let number = hasher.finish();
        self.known.insert(element.id(), number);
        number
    }
}

/// Two blocks of one type, one in each document, that have much in common and different keys.
pub(in crate::values) struct Resemblance {
    pub(in crate::values) old: usize,
    pub(in crate::values) new: usize,
    /// How many leaves both have.
    pub(in crate::values) same: usize,
    /// How many leaves the one with more of them has.
    pub(in crate::values) of: usize,
}

/// Pairs of blocks that resemble each other more than any other: at least half of their leaves are the same.
pub(super) fn resemblances(old: &[&Element<'_>], new: &[&Element<'_>]) -> Vec<Resemblance> {
    let (old, new) = (bodies(old), bodies(new));
    let (old_places, new_places) = (Places::of(&old), Places::of(&new));
    let of_old = nearest(&old, &old_places, &new_places);
    let of_new = nearest(&new, &new_places, &old_places);
    let mutual = of_old.into_iter().enumerate().filter_map(|(index, near)| {
        let other = near.filter(|other| of_new[*other] == Some(index))?;
        let of = old[index].len().max(new[other].len());
        let same = in_both(&old[index], &new[other]);
        (same * 2 >= of).then_some(Resemblance {
            old: index,
            new: other,
            same,
            of,
        })
    });
    mutual.collect()
}

/// Which blocks have a leaf, and which have exactly these leaves.
struct Places<'b> {
    leaf: HashMap<u64, Vec<usize>>,
    whole: HashMap<&'b [u64], Vec<usize>>,
}

impl<'b> Places<'b> {
    fn of(bodies: &'b [Vec<u64>]) -> Places<'b> {
        let (mut leaf, mut whole) = (HashMap::new(), HashMap::new());
        for (index, leaves) in bodies.iter().enumerate() {
            for one in leaves {
                let places: &mut Vec<usize> = leaf.entry(*one).or_default();
                places.push(index);
            }
            let places: &mut Vec<usize> = whole.entry(leaves.as_slice()).or_default();
            places.push(index);
        }
        Places { leaf, whole }
    }

    /// The blocks that have a leaf, unless it is common.
    fn of_leaf(&self, leaf: u64) -> Option<&[usize]> {
        let places = self.leaf.get(&leaf)?;
        (places.len() <= COMMON).then_some(places)
    }
}

/// For each block, the other one with which it shares most leaves; none, where several are as near.
fn nearest(bodies: &[Vec<u64>], own: &Places<'_>, others: &Places<'_>) -> Vec<Option<usize>> {
    let of_body = |leaves: &Vec<u64>| {
        if let Some(equal) = others.whole.get(leaves.as_slice()) {
            return match equal.as_slice() {
                [only] => Some(*only),
                _ => None,
            };
        }
        let mut shared: HashMap<usize, usize> = HashMap::new();
        for leaf in leaves {
            if let (Some(_), Some(places)) = (own.of_leaf(*leaf), others.of_leaf(*leaf)) {
                for place in places {
                    *shared.entry(*place).or_default() += 1;
                }
            }
        }
        let most = shared.values().copied().max()?;
        let mut nearest = shared.into_iter().filter(|(_, same)| *same == most);
        let (found, _) = nearest.next()?;
        nearest.next().is_none().then_some(found)
    };
    bodies.iter().map(of_body).collect()
}

/// How many numbers two sorted lists, each without repetition, have in common.
fn in_both(a: &[u64], b: &[u64]) -> usize {
    let mut b = b.iter().peekable();
    let is_in_b = |number: &&u64| {
        while b.next_if(|other| other < number).is_some() {}
        b.peek() == Some(number)
    };
    a.iter().filter(is_in_b).count()
}

/// For each block its leaves: addresses within it and values, as numbers, each once and sorted.
fn bodies(blocks: &[&Element<'_>]) -> Vec<Vec<u64>> {
    let of_block = |block: &&Element<'_>| {
        let mut leaves = Vec::new();
        body(block, 0, &mut leaves);
        leaves.sort_unstable();
        leaves.dedup();
        leaves
    };
    blocks.iter().map(of_block).collect()
}

fn body(element: &Element<'_>, path: u64, leaves: &mut Vec<u64>) {
    let expanded = element.expand();
    if let Some(own) = &expanded.own {
        let mut hasher = DefaultHasher::new();
        (path, own.value()).hash(&mut hasher);
        leaves.push(hasher.finish());
    }
    for member in &expanded.members {
        let mut hasher = DefaultHasher::new();
        (path, member.sibling_under_any_name()).hash(&mut hasher);
        body(member, hasher.finish(), leaves);
    }
}
