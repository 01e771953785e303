//! Where the parts of a block, dictionary or list stand.

use std::collections::{HashMap, HashSet};

use super::conflict::{ConflictKind, Side};
use super::count::Count;
use super::edit::{Edit, Place};
use super::fate::{Fate, Members};
use super::member::{Matchers, Three};
use super::merger::{Merger, text_of};
use super::order::{Order, merge_order, with_additions};
use crate::ocl::Kind;
use crate::values::{Element, longest_ascending};

/// The items that a side removed from a list and added to it, by what they say.
#[derive(Default)]
struct Exchange {
    went: HashSet<u64>,
    came: HashSet<u64>,
}

impl Exchange {
    fn note(&mut self, base: Option<u64>, side: Option<u64>) {
        match (base, side) {
            (Some(base), None) => _ = self.went.insert(base),
            (None, Some(side)) => _ = self.came.insert(side),
            _ => {}
        }
    }

    fn is_empty(&self) -> bool {
        self.went.is_empty() && self.came.is_empty()
    }

    fn has_moved(&self) -> bool {
        !self.went.is_disjoint(&self.came)
    }
}

impl<'a> Merger<'a, '_> {
    /// The order of what stands in one: blocks whose order matters, items of a list. `false` if the list is a conflict as a whole.
    pub(super) fn arrange(&mut self, of: Three<&Element<'a>>, members: &mut Members<'a>) -> bool {
        let became = self.became_blocks(members);
        let Members {
            table,
            elements,
            fates,
            is_open,
        } = &*members;
        // What is a block in one document and an attribute in another has no place in an order, but for what came as a block.
        let has_place = |at: usize| {
            let Three { base, ours, theirs } = members.of(table.members[at]);
            let mut of_it = [base, ours, theirs].into_iter().flatten();
            of_it.all(Element::is_in_sequence) || became.contains(&at)
        };
        let is_of_all = |at: &usize| {
            let member = table.members[*at];
            let is_there = member.base.is_some() && member.theirs.is_some();
            fates[*at] == Fate::Stays && is_there && has_place(*at)
        };
        let is_in_ours = |at: &usize| fates[*at] == Fate::Stays && has_place(*at);
        let is_in_theirs = |at: &usize| match fates[*at] {
            Fate::Comes => true,
            Fate::Stays => table.members[*at].theirs.is_some() && has_place(*at),
            Fate::Goes | Fate::Returns | Fate::Absent => false,
        };
        let base = sequence(&elements.base, |at| at, is_of_all);
        let ours = sequence(&elements.ours, |at| table.of_ours[at], is_in_ours);
        let theirs = sequence(&elements.theirs, |at| table.of_theirs[at], is_in_theirs);
        let is_returning = |at: &usize| fates[*at] == Fate::Returns || is_in_ours(at);
        let returning = sequence(&elements.base, |at| at, is_returning);
        let settled = |items: &[usize]| -> Vec<usize> {
            items.iter().copied().filter(|at| !is_open[*at]).collect()
        };
        let matcher = &mut self.matchers.ours_theirs;
        let is_same = |our: usize, their: usize| {
            let (our, their) = (table.members[our], table.members[their]);
            let (Some(ours), Some(theirs)) = (our.ours, their.theirs) else {
                return false;
            };
            our.is_of_one_side()
                && their.is_of_one_side()
                && elements.ours[ours].order().is_none()
                && matcher.says_same(&elements.ours[ours], &elements.theirs[theirs])
        };
        let order = merge_order(&settled(&base), &settled(&ours), &settled(&theirs), is_same);
        let is_list = of.ours.content().kind() == Kind::List;
        let order = order.filter(|order| !is_list || self.is_certain(members, order));
        let Order { mut items, doubled } = match order {
            Some(order) => order,
            None if is_list => {
                let side = self.whole_conflict(ConflictKind::Order, of.map(Some));
                self.take(side, of);
                return false;
            }
            None => {
                let side = self.conflict(ConflictKind::Order, of.map(Some));
                let items = settled(match side {
                    Some(Side::Theirs) => &theirs,
                    Some(Side::Base) => &base,
                    Some(Side::Ours) | None => &ours,
                });
                let doubled = Vec::new();
                Order { items, doubled }
            }
        };
        for at in doubled {
            members.fates[at] = Fate::Absent;
        }
        for side in [&ours, &theirs, &returning] {
            items = with_additions(&items, side);
        }
        items.retain(|at| !matches!(members.fates[*at], Fate::Goes | Fate::Absent));
        self.place(of.ours, members, &ours, &items);
        true
    }

    /// Attributes of base that are blocks in the result, where the order of blocks matters: as if that side had added them, since an
    /// attribute has no place that a block could take.
    fn became_blocks(&mut self, members: &mut Members<'a>) -> HashSet<usize> {
        let mut became = HashSet::new();
        for (at, member) in members.table.members.iter().enumerate() {
            let of = members.of(*member);
            let (Some(base), Some(ours), Some(theirs)) = (of.base, of.ours, of.theirs) else {
                continue;
            };
            let [in_ours, in_theirs] = [ours, theirs].map(Element::is_in_sequence);
            if base.is_in_sequence() || !in_ours && !in_theirs || members.fates[at] != Fate::Stays {
                continue;
            }
            let matchers = &mut self.matchers;
            let is_of_ours = in_ours
                && (matchers.base_theirs.says_same(base, theirs)
                    || matchers.ours_theirs.says_same(ours, theirs));
            if is_of_ours {
                became.insert(at);
            } else if !in_ours && matchers.base_ours.says_same(base, ours) {
                became.insert(at);
                members.fates[at] = Fate::Comes;
            }
        }
        became
    }

    /// Whether the items of a list are what both sides made of it: each as often as it must be, and no item moved by one side while
    /// the other one added or removed some. An item that moved is one that went and one that came, so that nothing else tells it.
    fn is_certain(&mut self, members: &Members<'a>, order: &Order) -> bool {
        let Matchers {
            base_ours,
            base_theirs,
            ..
        } = &mut self.matchers;
        let mut counts: HashMap<u64, Count> = HashMap::new();
        let is_in: HashSet<usize> = order.items.iter().copied().collect();
        let (mut of_ours, mut of_theirs) = (Exchange::default(), Exchange::default());
        for (at, member) in members.table.members.iter().enumerate() {
            let of = members.of(*member);
            let element = of.ours.or(of.theirs).or(of.base);
            if members.is_open[at] || !element.is_some_and(Element::is_in_sequence) {
                continue;
            }
            let base = of.base.map(|base| base_ours.number_in_old(base));
            let ours = of.ours.map(|ours| base_ours.number_in_new(ours));
            let theirs = of.theirs.map(|theirs| base_theirs.number_in_new(theirs));
            of_ours.note(base, ours);
            of_theirs.note(base, theirs);
            let result = match (base, ours, theirs) {
                // Both changed it, and it is merged by what is in it.
                (Some(_), Some(_), Some(_)) if base != ours && base != theirs && ours != theirs => {
                    continue;
                }
                (Some(_), Some(_), Some(_)) if base == ours => theirs,
                _ => ours.or(theirs),
            };
            let result = result.filter(|_| is_in.contains(&at));
            let mut count = |number: Option<u64>, add: fn(&mut Count)| {
                if let Some(number) = number {
                    add(counts.entry(number).or_default());
                }
            };
            count(base, |count| count.base += 1);
            count(ours, |count| count.ours += 1);
            count(theirs, |count| count.theirs += 1);
            count(result, |count| count.result += 1);
        }
        let is_moved = of_ours.has_moved() && !of_theirs.is_empty()
            || of_theirs.has_moved() && !of_ours.is_empty();
        !is_moved && counts.into_values().all(Count::is_right)
    }

    /// Puts members in an order: moves as few as possible, and inserts those that come.
    fn place(
        &mut self,
        holder: &Element<'a>,
        members: &Members<'a>,
        ours: &[usize],
        items: &[usize],
    ) {
        let into = holder.content().id();
        let places: HashMap<usize, usize> = ours
            .iter()
            .enumerate()
            .map(|(at, item)| (*item, at))
            .collect();
        let there: Vec<usize> = items
            .iter()
            .filter(|item| places.contains_key(item))
            .copied()
            .collect();
        let kept = longest_ascending(there.iter().map(|item| places[item]));
        let kept: HashSet<usize> = kept.into_iter().map(|at| there[at]).collect();
        let id = |item: usize| {
            let ours = members.table.members[item].ours?;
            Some(members.elements.ours[ours].node().id())
        };
        let first = items.iter().find(|item| kept.contains(item));
        let mut at = match first.and_then(|first| id(*first)) {
            Some(first) => Place::Before(first),
            None => Place::End,
        };
        for item in items {
            match (id(*item), members.coming(*item)) {
                (old, Some((element, of))) => {
                    let node = element.node();
                    self.found.edits.extend(old.map(Edit::Remove));
                    self.found.edits.push(Edit::Insert { node, of, into, at });
                    at = Place::AfterInserted(self.found.edits.len() - 1);
                }
                (Some(node), None) => {
                    if !kept.contains(item) {
                        self.found.edits.push(Edit::Move { node, into, at });
                    }
                    at = Place::After(node);
                }
                (None, None) => {}
            }
        }
    }

    /// Inserts what comes and has no place in an order: a block behind the one behind which it stands in theirs, or in base.
    pub(super) fn add(&mut self, holder: &Element<'a>, members: &Members<'a>) {
        self.add_of(&members.table.of_theirs, Fate::Comes, holder, members);
        if members.fates.contains(&Fate::Returns) {
            let of_base: Vec<usize> = (0..members.elements.base.len()).collect();
            self.add_of(&of_base, Fate::Returns, holder, members);
        }
    }

    /// The same for members of one document, in its order.
    fn add_of(
        &mut self,
        ordered: &[usize],
        fate: Fate,
        holder: &Element<'a>,
        members: &Members<'a>,
    ) {
        let into = holder.content().id();
        let ours = |at: usize| {
            let ours = members.table.members[at].ours?;
            let element = &members.elements.ours[ours];
            let is_there = members.fates[at] == Fate::Stays;
            let is_block = element.node().kind() == Kind::Block;
            (is_there && is_block).then(|| element.node().id())
        };
        let first = ordered.iter().find_map(|at| ours(*at));
        let mut behind = first.map_or(Place::End, Place::Before);
        for at in ordered {
            if let Some(node) = ours(*at) {
                behind = Place::After(node);
            }
            let coming = members.coming(*at).filter(|_| members.fates[*at] == fate);
            let Some((element, of)) = coming.filter(|(element, _)| !element.is_in_sequence())
            else {
                continue;
            };
            let node = element.node();
            if let Some(at) = element.label_position() {
                self.found.edits.push(Edit::InsertLabel {
                    block: into,
                    at,
                    text: text_of(node),
                });
                continue;
            }
            let is_block = node.kind() == Kind::Block;
            let at = if is_block { behind } else { Place::End };
            self.found.edits.push(Edit::Insert { node, of, into, at });
            if is_block {
                behind = Place::AfterInserted(self.found.edits.len() - 1);
            }
        }
    }
}

/// The members of one document whose places count, in its order.
fn sequence(
    elements: &[Element<'_>],
    member: impl Fn(usize) -> usize,
    is_in: impl Fn(&usize) -> bool,
) -> Vec<usize> {
    let ordered = elements.iter().enumerate();
    let ordered = ordered.filter(|(_, element)| element.is_in_sequence());
    ordered.map(|(at, _)| member(at)).filter(is_in).collect()
}
