//! Which part of base is which of ours and of theirs.

use std::collections::{HashMap, HashSet};

use crate::ocl::Kind;
use crate::values::{Element, Matcher, Values};

/// One thing for each of the three documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Three<T> {
    pub(super) base: T,
    pub(super) ours: T,
    pub(super) theirs: T,
}

impl<T> Three<T> {
    pub(super) fn as_ref(&self) -> Three<&T> {
        Three {
            base: &self.base,
            ours: &self.ours,
            theirs: &self.theirs,
        }
    }

    pub(super) fn map<U>(self, mut f: impl FnMut(T) -> U) -> Three<U> {
        Three {
            base: f(self.base),
            ours: f(self.ours),
            theirs: f(self.theirs),
        }
    }
}

/// A part of a block, dictionary or list: its position in each document that has it.
pub(super) type Member = Three<Option<usize>>;

/// What matches parts of the three documents.
pub(super) struct Matchers {
    pub(super) base_ours: Matcher,
    pub(super) base_theirs: Matcher,
    pub(super) ours_theirs: Matcher,
}

/// What three elements that are one hold.
pub(super) struct Table {
    /// Those of base, then what ours added, then what theirs added alone.
    pub(super) members: Vec<Member>,
    /// For each position in ours, and in theirs, the member.
    pub(super) of_ours: Vec<usize>,
    pub(super) of_theirs: Vec<usize>,
    /// The members of base that stand elsewhere among others in a side, where order matters.
    pub(super) moved: HashSet<usize>,
}

/// Blocks of base that seem to have got another key in one of the sides.
#[derive(Default)]
pub(super) struct Renamed {
    /// By the member of base, the one that has it now.
    to: HashMap<usize, usize>,
    from: HashMap<usize, usize>,
}

#[derive(Default)]
pub(super) struct Renames {
    pub(super) ours: Renamed,
    pub(super) theirs: Renamed,
}

impl Renamed {
    fn of(pairs: impl Iterator<Item = (usize, usize)>) -> Renamed {
        let to: HashMap<usize, usize> = pairs.collect();
        let from = to.iter().map(|(old, new)| (*new, *old)).collect();
        Renamed { to, from }
    }

    /// The member under which a member of base that isn't there seems to go on.
    pub(super) fn to(&self, member: usize) -> Option<usize> {
        self.to.get(&member).copied()
    }
}

impl Renames {
    /// Whether a member is one block of base under another key in ours, and another one in theirs.
    pub(super) fn are_two(&self, member: usize) -> bool {
        let (ours, theirs) = (self.ours.from.get(&member), self.theirs.from.get(&member));
        ours.is_some() && theirs.is_some() && ours != theirs
    }
}

impl Matchers {
    pub(super) fn of(documents: &Three<Values<'_>>) -> Matchers {
        let Three { base, ours, theirs } = documents;
        Matchers {
            base_ours: Matcher::new(base, ours),
            base_theirs: Matcher::new(base, theirs),
            ours_theirs: Matcher::new(ours, theirs),
        }
    }
}

impl Table {
    pub(super) fn of<'a>(elements: &Three<Vec<Element<'a>>>, matchers: &mut Matchers) -> Table {
        let Three { base, ours, theirs } = elements;
        let member = |at| Member {
            base: Some(at),
            ours: None,
            theirs: None,
        };
        let mut members: Vec<Member> = (0..base.len()).map(member).collect();
        let (mut of_ours, mut of_theirs) = (vec![None; ours.len()], vec![None; theirs.len()]);
        let mut moved = HashSet::new();
        let mut note_moved = |pairs: &[(usize, usize)], side: &[Element<'_>]| {
            let has_moved = Matcher::moved(pairs, base, side).into_iter();
            let found = pairs.iter().zip(has_moved).filter(|(_, moved)| *moved);
            moved.extend(found.map(|((at, _), _)| *at));
        };
        let pairs = matchers.base_ours.pairs(base, ours);
        note_moved(&pairs, ours);
        for (at, place) in pairs {
            members[at].ours = Some(place);
            of_ours[place] = Some(at);
        }
        let pairs = matchers.base_theirs.pairs(base, theirs);
        note_moved(&pairs, theirs);
        for (at, place) in pairs {
            members[at].theirs = Some(place);
            of_theirs[place] = Some(at);
        }
        let came = |elements: &[Element<'_>], known: &[Option<usize>]| -> Vec<usize> {
            let new = (0..elements.len()).filter(|at| known[*at].is_none());
            new.collect()
        };
        let (in_ours, in_theirs) = (came(ours, &of_ours), came(theirs, &of_theirs));
        for at in &in_ours {
            of_ours[*at] = Some(members.len());
            members.push(Member {
                base: None,
                ours: Some(*at),
                theirs: None,
            });
        }
        // Items of a list that both added are told by their places: see the order.
        let chosen = |places: &[usize], elements: &[Element<'_>]| -> Vec<usize> {
            let keyed = places.iter().filter(|at| {
                let element = &elements[**at];
                !element.is_in_sequence() || element.node().kind() == Kind::Block
            });
            keyed.copied().collect()
        };
        let (in_ours, added) = (chosen(&in_ours, ours), chosen(&in_theirs, theirs));
        let pick = |places: &[usize], elements: &[Element<'a>]| -> Vec<_> {
            places.iter().map(|at| elements[*at].clone()).collect()
        };
        let pairs = matchers
            .ours_theirs
            .pairs(&pick(&in_ours, ours), &pick(&added, theirs));
        for (at, place) in pairs {
            let member = of_ours[in_ours[at]];
            let place = added[place];
            if let Some(member) = member {
                members[member].theirs = Some(place);
                of_theirs[place] = Some(member);
            }
        }
        for at in in_theirs {
            if of_theirs[at].is_none() {
                of_theirs[at] = Some(members.len());
                members.push(Member {
                    base: None,
                    ours: None,
                    theirs: Some(at),
                });
            }
        }
        Table {
            members,
            of_ours: of_ours.into_iter().flatten().collect(),
            of_theirs: of_theirs.into_iter().flatten().collect(),
            moved,
        }
    }

    /// Blocks that seem to have got another key, if there is one of whose fate both sides have a say.
    pub(super) fn renames(&self, elements: &Three<Vec<Element<'_>>>) -> Renames {
        let is_block = |member: &Member| {
            let at = member.base.map(|at| &elements.base[at]);
            let at = at.or(member.ours.map(|at| &elements.ours[at]));
            at.is_some_and(|element| element.node().kind() == Kind::Block)
        };
        let is_lost = |member: &Member| {
            member.base.is_some() && (member.ours.is_none() || member.theirs.is_none())
        };
        let mut members = self.members.iter();
        if !members.any(|member| is_lost(member) && is_block(member)) {
            return Renames::default();
        }
        let found = |of_side: &[usize], side: &[Element<'_>], at: fn(&Member) -> Option<usize>| {
            let lost = self.members.iter().filter(|member| at(member).is_none());
            let lost: Vec<usize> = lost.filter_map(|member| member.base).collect();
            let came = (0..side.len()).filter(|place| self.members[of_side[*place]].base.is_none());
            let came: Vec<usize> = came.collect();
            let pairs = Matcher::renames(&lost, &elements.base, &came, side).into_iter();
            Renamed::of(pairs.map(|(old, new)| (old, of_side[new])))
        };
        Renames {
            ours: found(&self.of_ours, &elements.ours, |member| member.ours),
            theirs: found(&self.of_theirs, &elements.theirs, |member| member.theirs),
        }
    }
}
