//! Three sequences: one that two others come from.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::values::common;

/// What lies between items that all three sequences have in common, in each of them.
pub(super) struct Piece {
    pub(super) base: Range<usize>,
    pub(super) ours: Range<usize>,
    pub(super) theirs: Range<usize>,
}

/// Three sequences cut at the items that both sides kept: behind each piece but the last stands one of these.
pub(super) fn pieces(base: &[u64], ours: &[u64], theirs: &[u64]) -> Vec<Piece> {
    let mut in_theirs = vec![None; base.len()];
    for (at, place) in common(base, theirs) {
        in_theirs[at] = Some(place);
    }
    let (mut b, mut o, mut t) = (0, 0, 0);
    let mut found = Vec::new();
    let end = (base.len(), ours.len(), theirs.len());
    let kept = common(base, ours).into_iter();
    let kept = kept.filter_map(|(at, place)| Some((at, place, in_theirs[at]?)));
    for (next_b, next_o, next_t) in kept.chain([end]) {
        found.push(Piece {
            base: b..next_b,
            ours: o..next_o,
            theirs: t..next_t,
        });
        (b, o, t) = (next_b + 1, next_o + 1, next_t + 1);
    }
    found
}

/// What a piece becomes.
pub(super) enum Resolved {
    Ours,
    Theirs,
}

/// A piece that at most one side changed, or both alike.
pub(super) fn resolve<T: PartialEq>(base: &[T], ours: &[T], theirs: &[T]) -> Option<Resolved> {
    if ours == base {
        Some(Resolved::Theirs)
    } else if theirs == base || ours == theirs {
        Some(Resolved::Ours)
    } else {
        None
    }
}

/// An order that both sides' orders lead to.
pub(super) struct Order {
    pub(super) items: Vec<usize>,
    /// Items of theirs that are the same as items of ours in the same place.
    pub(super) doubled: Vec<usize>,
}

/// The order of things that all have, and of those that a side added; `None` if both changed it in one place. `is_same` says of
/// two things, added by ours and by theirs in one place, whether they are the same.
pub(super) fn merge_order(
    base: &[usize],
    ours: &[usize],
    theirs: &[usize],
    mut is_same: impl FnMut(usize, usize) -> bool,
) -> Option<Order> {
    let numbers = |items: &[usize]| items.iter().map(|item| *item as u64).collect::<Vec<_>>();
    let pieces = pieces(&numbers(base), &numbers(ours), &numbers(theirs));
    let (mut items, mut doubled) = (Vec::new(), Vec::new());
    for Piece {
        base: b,
        ours: o,
        theirs: t,
    } in pieces
    {
        let kept = base.get(b.end);
        let (b, o, t) = (&base[b], &ours[o], &theirs[t]);
        match resolve(b, o, t) {
            Some(Resolved::Ours) => items.extend(o),
            Some(Resolved::Theirs) => items.extend(t),
            None => {
                let mut both = o.iter().zip(t);
                if o.len() != t.len() || !both.all(|(o, t)| o == t || is_same(*o, *t)) {
                    return None;
                }
                items.extend(o);
                doubled.extend(o.iter().zip(t).filter(|(o, t)| o != t).map(|(_, t)| *t));
            }
        }
        items.extend(kept);
    }
    // What both moved, each to another place, stands there twice or not at all.
    let mut all: HashSet<usize> = ours.iter().chain(theirs).copied().collect();
    for item in &doubled {
        all.remove(item);
    }
    let is_each_once = items.len() == all.len() && items.iter().all(|item| all.remove(item));
    is_each_once.then_some(Order { items, doubled })
}

/// One side's order, with what only the other one has behind what stands before it there.
pub(super) fn with_additions(order: &[usize], other: &[usize]) -> Vec<usize> {
    let known: HashSet<usize> = order.iter().copied().collect();
    let mut behind: HashMap<Option<usize>, Vec<usize>> = HashMap::new();
    let mut previous = None;
    for item in other {
        if known.contains(item) {
            previous = Some(*item);
        } else {
            behind.entry(previous).or_default().push(*item);
        }
    }
    let mut all = behind.remove(&None).unwrap_or_default();
    for item in order {
        all.push(*item);
        all.extend(behind.remove(&Some(*item)).unwrap_or_default());
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(base: &[usize], ours: &[usize], theirs: &[usize]) -> Option<Vec<usize>> {
        let merge = |ours, theirs| merge_order(base, ours, theirs, |_, _| false);
        let found = merge(ours, theirs).map(|order| order.items);
        let mirrored = merge(theirs, ours).map(|order| order.items);
        assert_eq!(found, mirrored, "{base:?} {ours:?} {theirs:?}");
        found
    }

    #[test]
    fn an_order_is_that_of_the_side_that_changed_it() {
        for (base, ours, theirs, expected) in [
            // Moved on one side.
            (
                vec![1, 2, 3],
                vec![3, 1, 2],
                vec![1, 2, 3],
                Some(vec![3, 1, 2]),
            ),
            // Moved alike, and apart from each other.
            (
                vec![1, 2, 3],
                vec![2, 1, 3],
                vec![2, 1, 3],
                Some(vec![2, 1, 3]),
            ),
            (
                vec![1, 2, 3, 4, 5],
                vec![2, 1, 3, 4, 5],
                vec![1, 2, 3, 5, 4],
                Some(vec![2, 1, 3, 5, 4]),
            ),
            // One thing, moved to two places; two things to one place.
            (vec![1, 2, 3], vec![2, 1, 3], vec![2, 3, 1], None),
            (vec![1, 2, 3], vec![3, 1, 2], vec![1, 3, 2], None),
            // Added in two places, in one place, and the same in one place.
            (
                vec![1, 2],
                vec![1, 7, 2],
                vec![1, 2, 8],
                Some(vec![1, 7, 2, 8]),
            ),
            (vec![1, 2], vec![1, 7, 2], vec![1, 8, 2], None),
            (
                vec![1, 2],
                vec![1, 7, 2],
                vec![1, 7, 2],
                Some(vec![1, 7, 2]),
            ),
            (vec![1, 2], vec![1, 7, 2], vec![1, 2, 7], None),
            // Added beside what moved.
            (vec![1, 2, 3], vec![3, 1, 2], vec![1, 2, 7, 3], None),
            (vec![], vec![1], vec![2], None),
            (vec![], vec![], vec![2], Some(vec![2])),
        ] {
            assert_eq!(
                merged(&base, &ours, &theirs),
                expected,
                "{base:?} {ours:?} {theirs:?}"
            );
        }
    }

    #[test]
    fn additions_stand_behind_what_they_stood_behind() {
        assert_eq!(
            with_additions(&[3, 1, 2], &[9, 1, 7, 8, 2, 3]),
            [9, 3, 1, 7, 8, 2]
        );
        assert_eq!(with_additions(&[], &[4, 5]), [4, 5]);
    }
}
