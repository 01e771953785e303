//! Which element of one document is which of another.

use std::collections::HashMap;

use super::alike::Fingerprints;
use super::sequence::{common, longest_ascending};
use crate::ocl::Kind;
use crate::values::document::Values;
use crate::values::element::{Element, Sibling};

/// The fingerprints of both documents.
#[derive(Default)]
pub(in crate::values) struct Both {
    pub(in crate::values) old: Fingerprints,
    pub(in crate::values) new: Fingerprints,
}

/// The positions at which siblings of one key stand.
#[derive(Default)]
struct Places {
    old: Vec<usize>,
    new: Vec<usize>,
}

/// Pairs of positions in what two elements hold: what is the same part of both. Ordered by the new position.
pub(in crate::values) fn pairs<'a>(
    old: &[Element<'a>],
    new: &[Element<'a>],
    prints: &mut Both,
) -> Vec<(usize, usize)> {
    // Most of two documents is alike from the beginning.
    let begin = old
        .iter()
        .zip(new)
        .take_while(|(a, b)| a.alike.is_none() && b.alike.is_none())
        .take_while(|(a, b)| {
            let sibling = a.sibling();
            !matches!(sibling, Sibling::Position(_)) && sibling == b.sibling()
        })
        .count();
    let mut found: Vec<(usize, usize)> = (0..begin).map(|at| (at, at)).collect();

    let mut keyed: HashMap<Sibling<'a>, Places> = HashMap::new();
    let mut items = Places::default();
    let mut place = |element: &Element<'a>, is_old: bool, at: usize| {
        let places = match element.sibling() {
            Sibling::Position(_) => &mut items,
            sibling => keyed.entry(sibling).or_default(),
        };
        let side = if is_old {
            &mut places.old
        } else {
            &mut places.new
        };
        side.push(at);
    };
    for (at, element) in old.iter().enumerate().skip(begin) {
        place(element, true, at);
    }
    for (at, element) in new.iter().enumerate().skip(begin) {
        place(element, false, at);
    }
    for places in keyed.into_values() {
        match (places.old.as_slice(), places.new.as_slice()) {
            ([a], [b]) => found.push((*a, *b)),
            ([], _) | (_, []) => {}
            _ => {
                for places in places.of_each_kind(old, new) {
                    alike(&places, old, new, prints, &mut found);
                }
            }
        }
    }
    in_sequence(&items, old, new, prints, &mut found);
    found.sort_unstable_by_key(|(_, at)| *at);
    found
}

impl Places {
    /// Those of blocks, and those of attributes and whatever else.
    fn of_each_kind(self, old: &[Element<'_>], new: &[Element<'_>]) -> [Places; 2] {
        let is_block = |element: &Element<'_>| element.node().kind() == Kind::Block;
        let (old_blocks, old_others) = self.old.into_iter().partition(|at| is_block(&old[*at]));
        let (new_blocks, new_others) = self.new.into_iter().partition(|at| is_block(&new[*at]));
        [(old_blocks, new_blocks), (old_others, new_others)].map(|(old, new)| Places { old, new })
    }
}

/// Pairs siblings that have one key.
fn alike(
    places: &Places,
    old: &[Element<'_>],
    new: &[Element<'_>],
    prints: &mut Both,
    found: &mut Vec<(usize, usize)>,
) {
    let is_unordered =
        |element: &Element<'_>| element.node().kind() == Kind::Block && element.order().is_none();
    let mut elements = places.old.iter().map(|at| &old[*at]);
    let mut others = places.new.iter().map(|at| &new[*at]);
    if !elements.all(is_unordered) || !others.all(is_unordered) {
        return in_sequence(places, old, new, prints, found);
    }
    // First those that say the same, then what is left, in order.
    let mut equal: HashMap<u64, Vec<usize>> = HashMap::new();
    for at in places.new.iter().rev() {
        equal.entry(prints.new.of(&new[*at])).or_default().push(*at);
    }
    let mut rest = Places::default();
    for at in &places.old {
        let other = equal.get_mut(&prints.old.of(&old[*at])).and_then(Vec::pop);
        match other {
            Some(other) => found.push((*at, other)),
            None => rest.old.push(*at),
        }
    }
    rest.new = equal.into_values().flatten().collect();
    rest.new.sort_unstable();
    found.extend(rest.old.into_iter().zip(rest.new));
}

/// Pairs what is told apart by its order alone: what both have in common, and between that one by one.
fn in_sequence(
    places: &Places,
    old: &[Element<'_>],
    new: &[Element<'_>],
    prints: &mut Both,
    found: &mut Vec<(usize, usize)>,
) {
    let old_prints = places.old.iter().map(|at| prints.old.of(&old[*at]));
    let old_prints: Vec<u64> = old_prints.collect();
    let new_prints = places.new.iter().map(|at| prints.new.of(&new[*at]));
    let new_prints: Vec<u64> = new_prints.collect();
    let mut done = (0, 0);
    let end = (places.old.len(), places.new.len());
    for (a, b) in common(&old_prints, &new_prints).into_iter().chain([end]) {
        let between = places.old[done.0..a].iter().zip(&places.new[done.1..b]);
        found.extend(between.map(|(a, b)| (*a, *b)));
        if (a, b) != end {
            found.push((places.old[a], places.new[b]));
            done = (a + 1, b + 1);
        }
    }
}

/// Which of the pairs have moved: their order matters, and they are not among the most that kept theirs.
pub(in crate::values) fn moved(
    pairs: &[(usize, usize)],
    old: &[Element<'_>],
    new: &[Element<'_>],
) -> Vec<bool> {
    let mut moved = vec![false; pairs.len()];
    let ordered = pairs.iter().enumerate().filter_map(|(index, (a, b))| {
        let orders = old[*a].order().zip(new[*b].order())?;
        Some((index, orders))
    });
    let by_new: Vec<(usize, (usize, usize))> = ordered.collect();
    if by_new.is_sorted_by_key(|(_, (a, _))| *a) {
        return moved;
    }
    let mut by_old = by_new.clone();
    by_old.sort_unstable_by_key(|(_, (a, _))| *a);
    // From both sides the same blocks must count as moved: so the side with the lesser keys decides.
    let siblings = |by: &[(usize, (usize, usize))]| -> Vec<Sibling<'_>> {
        let elements = by.iter().map(|(index, _)| &new[pairs[*index].1]);
        elements.map(Element::sibling).collect()
    };
    let kept: Vec<usize> = if siblings(&by_old) <= siblings(&by_new) {
        let run = longest_ascending(by_old.iter().map(|(_, (_, b))| *b));
        run.into_iter().map(|at| by_old[at].0).collect()
    } else {
        let run = longest_ascending(by_new.iter().map(|(_, (a, _))| *a));
        run.into_iter().map(|at| by_new[at].0).collect()
    };
    for (index, _) in by_new {
        moved[index] = true;
    }
    for index in kept {
        moved[index] = false;
    }
    moved
}

/// Whether what is the same to the byte says the same in both documents.
pub(in crate::values) fn reads_alike(old: &Values<'_>, new: &Values<'_>) -> bool {
    old.document().dialect() == new.document().dialect()
        && std::ptr::eq(old.identity(), new.identity())
}

/// What an element holds its members as: only two of one form can have members in common.
#[derive(PartialEq, Eq)]
pub(in crate::values) enum Form {
    Block,
    Dictionary,
    List,
    Value,
}

pub(in crate::values) fn form(element: &Element<'_>) -> Form {
    match element.content().kind() {
        Kind::Document | Kind::Block => Form::Block,
        Kind::Dictionary => Form::Dictionary,
        Kind::List => Form::List,
        _ => Form::Value,
    }
}
