//! Keys that name other blocks in one document than in another.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::conflict::{ConflictKind, Side};
use super::fate::{Fate, Members};
use super::member::Three;
use super::merger::Merger;
use crate::ocl::Kind;
use crate::values::{Element, Matcher};

/// Members whose keys name other blocks in some documents than in others.
#[derive(Default)]
pub(super) struct Contested {
    members: BTreeSet<usize>,
    /// For a block of base the member that it is in ours, and in theirs, where that is sure.
    ours: HashMap<usize, usize>,
    theirs: HashMap<usize, usize>,
}

impl Contested {
    pub(super) fn contains(&self, member: usize) -> bool {
        self.members.contains(&member)
    }
}

impl<'a> Merger<'a, '_> {
    /// The members whose key is a matter of dispute: it names another block in a side than in base, and the other side
    /// changed something under such keys as well, so that nobody can tell to which block that belongs.
    pub(super) fn contested(&mut self, members: &Members<'a>) -> Contested {
        let mut contested = Contested::default();
        if self.origins.base.is_empty()
            && self.origins.ours.is_empty()
            && self.origins.theirs.is_empty()
        {
            return contested;
        }
        for side in [Side::Ours, Side::Theirs] {
            let (others, went_to) = self.named_otherwise(members, side);
            if others.is_empty() {
                continue;
            }
            let is_as_in_base = |merger: &mut Self, side: Side| {
                let matcher = match side {
                    Side::Theirs => &mut merger.matchers.base_theirs,
                    _ => &mut merger.matchers.base_ours,
                };
                others.iter().all(|at| is_same(matcher, members, *at, side))
            };
            if !is_as_in_base(self, Side::Ours) && !is_as_in_base(self, Side::Theirs) {
                contested.members.extend(others);
                match side {
                    Side::Theirs => contested.theirs = went_to,
                    _ => contested.ours = went_to,
                }
            }
        }
        contested
    }

    /// The members whose key names another block in a side than in base, and which of them blocks of base are there.
    fn named_otherwise(
        &self,
        members: &Members<'a>,
        side: Side,
    ) -> (BTreeSet<usize>, HashMap<usize, usize>) {
        let (base, side_origins) = match side {
            Side::Theirs => (&self.origins.base, &self.origins.theirs),
            _ => (&self.origins.base, &self.origins.ours),
        };
        let is_of_one_shape = base.has_shape_of(side_origins);
        // By a block's type and what it was known by, the members in base and in the side.
        let mut known: BTreeMap<(String, String), [Vec<usize>; 2]> = BTreeMap::new();
        let mut found = BTreeSet::new();
        for (at, member) in members.table.members.iter().enumerate() {
            let of = members.of(*member);
            let in_side = match side {
                Side::Theirs => of.theirs,
                _ => of.ours,
            };
            let is_block = |it: &&Element<'_>| it.node().kind() == Kind::Block;
            let (in_base, in_side) = (of.base.filter(is_block), in_side.filter(is_block));
            let was = in_base.and_then(|it| base.key(it, side_origins));
            let is = in_side.and_then(|it| side_origins.key(it, base));
            if is_of_one_shape && was.is_some() && is.is_some() && was != is {
                found.insert(at);
            }
            for (place, element, key) in [(0, in_base, was), (1, in_side, is)] {
                if let (Some(element), Some(key)) = (element, key) {
                    let name = element.name().into_owned();
                    known.entry((name, key)).or_default()[place].push(at);
                }
            }
        }
        let mut went_to = HashMap::new();
        for [of_base, of_side] in known.into_values() {
            if let ([from], [to]) = (&*of_base, &*of_side) {
                went_to.insert(*from, *to);
            }
            // Several of one key are told apart by their places alone, and these count only in one shape.
            let is_certain = of_base == of_side && (of_base.len() == 1 || !is_of_one_shape);
            if !is_certain && !of_base.is_empty() && !of_side.is_empty() {
                found.extend(of_base);
                found.extend(of_side);
            }
        }
        (found, went_to)
    }

    /// Decides on a member whose key is a matter of dispute.
    pub(super) fn decide_contested(
        &mut self,
        members: &mut Members<'a>,
        contested: &Contested,
        at: usize,
    ) {
        let of = members.of(members.table.members[at]);
        let is_settled = match (of.ours, of.theirs) {
            (Some(ours), Some(theirs)) => self.matchers.ours_theirs.says_same(ours, theirs),
            (ours, theirs) => ours.is_none() && theirs.is_none(),
        };
        if is_settled {
            return;
        }
        // It is told with what the block of base is in the sides, and else with what has its key there.
        let went_to = |side: &HashMap<usize, usize>| {
            let to = *side.get(&at)?;
            Some(members.of(members.table.members[to]))
        };
        let told = Three {
            base: of.base,
            ours: went_to(&contested.ours).map_or(of.ours, |to| to.ours),
            theirs: went_to(&contested.theirs).map_or(of.theirs, |to| to.theirs),
        };
        let (fate, swapped) = match self.whole_conflict(ConflictKind::Identity, told) {
            Some(side @ (Side::Theirs | Side::Base)) => {
                let (right, comes) = match side {
                    Side::Theirs => (of.theirs, Fate::Comes),
                    _ => (of.base, Fate::Returns),
                };
                match (of.ours, right) {
                    (Some(ours), Some(right)) => (Fate::Stays, Some((ours, right, side))),
                    (Some(_), None) => (Fate::Goes, None),
                    (None, Some(_)) => (comes, None),
                    (None, None) => (Fate::Absent, None),
                }
            }
            Some(Side::Ours) | None => {
                let fate = of.ours.map_or(Fate::Absent, |_| Fate::Stays);
                (fate, None)
            }
        };
        if let Some((ours, right, side)) = swapped {
            self.swap(ours, right, side);
        }
        members.fates[at] = fate;
        members.is_open[at] = true;
    }
}

/// Whether a side has what base has of a member.
fn is_same(matcher: &mut Matcher, members: &Members<'_>, at: usize, side: Side) -> bool {
    let Three { base, ours, theirs } = members.of(members.table.members[at]);
    let in_side = match side {
        Side::Theirs => theirs,
        _ => ours,
    };
    match (base, in_side) {
        (Some(base), Some(in_side)) => matcher.says_same(base, in_side),
        (base, in_side) => base.is_none() && in_side.is_none(),
    }
}
