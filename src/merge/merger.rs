//! What becomes of every part of three documents.

use std::collections::{HashMap, HashSet};

use super::conflict::{Conflict, ConflictKind, Side};
use super::edit::{Edit, Place};
use super::fate::{Fate, Members};
use super::member::{Matchers, Table, Three};
use super::origin::Origins;
use super::text::merge_lines;
use crate::ocl::{Kind, Node, NodeId};
use crate::values::{Element, Leaf, Value};

/// What is found: changes of ours, and what is left for a person.
#[derive(Default)]
pub(super) struct Found<'a> {
    pub(super) edits: Vec<Edit<'a>>,
    pub(super) removals: Vec<NodeId>,
    /// Whose document is the outcome as a whole, if it isn't that of ours with changes.
    pub(super) whole: Option<Side>,
    pub(super) conflicts: Vec<Conflict<'a>>,
    /// Places that a conflict, settled or not, is about as a whole, and those of which it is about the value alone.
    pub(super) open: HashSet<u64>,
    pub(super) open_values: HashSet<u64>,
    /// Texts in which lines of both sides are, by their places.
    pub(super) texts: HashMap<u64, String>,
}

/// How a conflict is settled, if it is.
pub(super) type Settle<'s, 'a> = &'s dyn Fn(&Conflict<'a>) -> Option<Side>;

pub(super) struct Merger<'a, 's> {
    pub(super) matchers: Matchers,
    pub(super) origins: Three<Origins>,
    pub(super) settle: Settle<'s, 'a>,
    pub(super) found: Found<'a>,
}

impl<'a> Merger<'a, '_> {
    /// Merges what is one element in all three documents.
    pub(super) fn merge(&mut self, of: Three<&Element<'a>>) {
        let Three { base, ours, theirs } = of;
        if self.matchers.base_theirs.is_same_text(base, theirs)
            || self.matchers.ours_theirs.is_same_text(ours, theirs)
        {
            return;
        }
        if !base.has_form_of(ours) || !base.has_form_of(theirs) {
            return self.merge_whole(of);
        }
        let expanded = of.map(Element::leaf_and_members);
        let members = [&expanded.base.1, &expanded.ours.1, &expanded.theirs.1];
        let is_doubled = members.into_iter().flatten().any(is_doubled);
        if is_doubled || have_labels_apart(of, &members) {
            return self.merge_whole(of);
        }
        self.merge_spelling(of);
        let leaves = expanded
            .as_ref()
            .map(|(leaf, _)| leaf.as_ref().filter(|leaf| !is_hollow(leaf)));
        self.merge_value(of, leaves);
        self.merge_members(of, expanded.map(|(_, members)| members));
    }

    /// Tells of a conflict, and how it is settled.
    pub(super) fn conflict(
        &mut self,
        kind: ConflictKind,
        of: Three<Option<&Element<'a>>>,
    ) -> Option<Side> {
        let of = of.map(Option::<&Element<'a>>::cloned);
        let conflict = Conflict {
            kind,
            base: of.base,
            ours: of.ours,
            theirs: of.theirs,
        };
        let settled = (self.settle)(&conflict);
        if settled.is_none() {
            self.found.conflicts.push(conflict);
        }
        settled
    }

    /// A conflict about all that is in these elements.
    pub(super) fn whole_conflict(
        &mut self,
        kind: ConflictKind,
        of: Three<Option<&Element<'a>>>,
    ) -> Option<Side> {
        let elements = [of.base, of.ours, of.theirs].into_iter().flatten();
        self.found.open.extend(elements.map(Element::place));
        self.conflict(kind, of)
    }

    /// What isn't looked into: something that is a block in one document and a list in another, that has a name twice, or of which both
    /// sides changed how many labels it has.
    fn merge_whole(&mut self, of: Three<&Element<'a>>) {
        let Three { base, ours, theirs } = of;
        if self.matchers.base_theirs.says_same(base, theirs)
            || self.matchers.ours_theirs.says_same(ours, theirs)
        {
            return;
        }
        let side = if self.matchers.base_ours.says_same(base, ours) {
            Some(Side::Theirs)
        } else {
            self.whole_conflict(ConflictKind::BothChanged, of.map(Some))
        };
        self.take(side, of);
    }

    /// Gives ours the whole of what the side has that is right.
    pub(super) fn take(&mut self, side: Option<Side>, of: Three<&Element<'a>>) {
        match side {
            Some(Side::Theirs) => self.swap(of.ours, of.theirs, Side::Theirs),
            Some(Side::Base) => self.swap(of.ours, of.base, Side::Base),
            Some(Side::Ours) | None => {}
        }
    }

    pub(super) fn swap(&mut self, ours: &Element<'a>, by: &Element<'a>, of: Side) {
        if ours.parent().is_none() {
            self.found.whole = Some(of);
            return;
        }
        // A label stands in its block's head, where only its text can be another one.
        if ours.label_position().is_some() {
            return self.write_text(ours, ours.node(), text_of(by.node()));
        }
        self.found.edits.push(Edit::Swap {
            node: ours.node().id(),
            by: by.node(),
            of,
        });
    }

    /// How a key that ignores case is written.
    fn merge_spelling(&mut self, of: Three<&Element<'a>>) {
        let Three { base, ours, theirs } = of;
        if !base.is_respelt(theirs) || !ours.is_respelt(theirs) {
            return;
        }
        let mut right = theirs;
        if base.is_respelt(ours) {
            match self.conflict(ConflictKind::Identity, of.map(Some)) {
                Some(Side::Theirs) => {}
                Some(Side::Base) => right = base,
                Some(Side::Ours) | None => return,
            }
        }
        let edits = ours.key_nodes().into_iter().zip(right.key_nodes());
        for (at, (old, new)) in edits.enumerate() {
            self.found.edits.push(match old.kind() {
                Kind::Label => Edit::SetLabel {
                    block: ours.node().id(),
                    at,
                    text: text_of(new),
                },
                _ => Edit::Value {
                    at: old.id(),
                    from: new,
                },
            });
        }
        // Of several spellings of one item, another one would count.
        let again = ours.all_alike().into_iter();
        let again = again.filter(|id| *id != ours.node().id());
        self.found.removals.extend(again);
    }

    /// The value at an element's own address.
    fn merge_value(&mut self, of: Three<&Element<'a>>, leaves: Three<Option<&Leaf<'a>>>) {
        let is_same = |a: Option<&Leaf<'a>>, b: Option<&Leaf<'a>>| match (a, b) {
            (Some(a), Some(b)) => a.equals(b),
            (a, b) => a.is_none() && b.is_none(),
        };
        let Three { base, ours, theirs } = leaves;
        if is_same(base, theirs) || is_same(ours, theirs) {
            return;
        }
        if is_same(base, ours) {
            return self.take_value((of.ours, ours), (of.theirs, theirs), Side::Theirs);
        }
        if let (Some(base), Some(ours), Some(theirs)) = (base, ours, theirs)
            && let [
                Value::String(base),
                Value::String(our),
                Value::String(their),
            ] = [base.value(), ours.value(), theirs.value()]
            && let Some(text) = merge_lines(&base, &our, &their)
        {
            self.found.texts.insert(of.ours.place(), text.clone());
            return self.write_text(of.ours, ours.node(), text);
        }
        let kind = match (base, ours, theirs) {
            (None, ..) => ConflictKind::AddedDifferently,
            (_, Some(_), Some(_)) => ConflictKind::BothChanged,
            _ => ConflictKind::ChangedAndRemoved,
        };
        self.found.open_values.insert(of.ours.place());
        match self.conflict(kind, of.map(Some)) {
            Some(side @ Side::Theirs) => {
                self.take_value((of.ours, ours), (of.theirs, theirs), side)
            }
            Some(side @ Side::Base) => self.take_value((of.ours, ours), (of.base, base), side),
            Some(Side::Ours) | None => {}
        }
    }

    fn write_text(&mut self, ours: &Element<'a>, holder: Node<'a>, text: String) {
        let at = holder.id();
        self.found.edits.push(match holder.kind() {
            Kind::Label => Edit::SetLabel {
                block: block_of_label(ours),
                at: ours.label_position().unwrap_or(0),
                text,
            },
            _ => Edit::Text { at, text },
        });
    }

    /// Gives an element of ours the value that it has in theirs or base.
    fn take_value(
        &mut self,
        (ours, our): (&Element<'a>, Option<&Leaf<'a>>),
        (right, value): (&Element<'a>, Option<&Leaf<'a>>),
        of: Side,
    ) {
        let block = ours.node().id();
        let (old, new) = (our.map(Leaf::node), value.map(Leaf::node));
        let is_label = |node: Option<Node<'_>>| node.is_some_and(|node| node.kind() == Kind::Label);
        let holder = |node: Node<'a>| node.parent().unwrap_or(node);
        match (old, new) {
            (Some(old), Some(new)) if !is_label(Some(old)) => {
                let at = old.id();
                self.found.edits.push(Edit::Value { at, from: new });
            }
            (Some(old), Some(new)) if matches!(value.map(Leaf::value), Some(Value::String(_))) => {
                self.write_text(ours, old, text_of(new));
            }
            (None, Some(new)) if is_label(Some(new)) => {
                self.found.edits.push(Edit::InsertLabel {
                    block,
                    at: right.label_position().unwrap_or(0),
                    text: text_of(new),
                });
            }
            (old, new) => {
                // A label can hold a text only.
                let old = old.map(|old| {
                    if is_label(Some(old)) {
                        old
                    } else {
                        holder(old)
                    }
                });
                self.found.removals.extend(old.map(|old| old.id()));
                self.found.edits.extend(new.map(|new| Edit::Insert {
                    node: holder(new),
                    of,
                    into: block,
                    at: Place::End,
                }));
            }
        }
    }

    fn merge_members(&mut self, of: Three<&Element<'a>>, elements: Three<Vec<Element<'a>>>) {
        let table = Table::of(&elements, &mut self.matchers);
        let renames = table.renames(&elements);
        let mut members = Members {
            fates: table.members.iter().map(Members::fate).collect(),
            is_open: vec![false; table.members.len()],
            table,
            elements,
        };
        self.decide(&mut members, &renames);
        if !self.arrange(of, &mut members) {
            return;
        }
        self.add(of.ours, &members);
        for (at, member) in members.table.members.iter().enumerate() {
            let of = members.of(*member);
            match members.fates[at] {
                Fate::Goes => self
                    .found
                    .removals
                    .extend(of.ours.into_iter().flat_map(Element::all_alike)),
                Fate::Stays if members.is_open[at] => {}
                Fate::Stays => {
                    if let (Some(base), Some(ours), Some(theirs)) = (of.base, of.ours, of.theirs) {
                        self.merge(Three { base, ours, theirs });
                    }
                }
                Fate::Comes | Fate::Returns | Fate::Absent => {}
            }
        }
    }
}

/// Whether this is one of several attributes or entries with one name: nobody knows which of them counts.
fn is_doubled(element: &Element<'_>) -> bool {
    let is_named = matches!(element.node().kind(), Kind::Attribute | Kind::Entry);
    is_named && element.is_told_by_position()
}

/// Whether both sides changed the last of the labels that a block has beside its key, so that one could stand where another one is
/// missing: they are told by their places, which leave no gaps.
fn have_labels_apart(of: Three<&Element<'_>>, members: &[&Vec<Element<'_>>; 3]) -> bool {
    let mut members = members.iter().flat_map(|members| members.iter());
    if !members.any(|member| member.label_position().is_some()) {
        return false;
    }
    let labels = of.map(|element| element.node().labels().map(text_of).collect::<Vec<_>>());
    let Three { base, ours, theirs } = &labels;
    let counts = [base.len(), ours.len(), theirs.len()];
    let least = counts.into_iter().min().unwrap_or(0);
    let is_one_at_most = counts.iter().all(|count| count - least < 2);
    let [base, ours, theirs] = [base, ours, theirs].map(|labels| &labels[least..]);
    !is_one_at_most && base != ours && base != theirs && ours != theirs
}

/// Whether a leaf only says that its element holds nothing.
pub(super) fn is_hollow(leaf: &Leaf<'_>) -> bool {
    matches!(
        leaf.value(),
        Value::EmptyBlock | Value::EmptyDictionary | Value::EmptyList
    )
}

pub(super) fn text_of(node: Node<'_>) -> String {
    node.as_str().unwrap_or_default().into_owned()
}

/// The block whose label an element is, or holds as its value.
fn block_of_label(element: &Element<'_>) -> NodeId {
    match (element.label_position(), element.parent()) {
        (Some(_), Some(block)) => block.node().id(),
        _ => element.node().id(),
    }
}
