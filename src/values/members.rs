//! What an element holds, and what tells each part from its siblings.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::element::{Element, ToldBy};
use super::key::{Key, Parts, folded, folded_text, scalar};
use super::leaf::Leaf;
use super::value::Value;
use crate::catalog::identity::State;
use crate::catalog::selector::Scalar;
use crate::ocl::{Kind, Node};

/// With more members between what two documents begin and end with, looking at all is as good.
const MOST_APART: usize = 8;

/// An element taken apart.
pub(super) struct Expanded<'a> {
    /// The leaf that has the element's own address.
    pub(super) own: Option<Leaf<'a>>,
    /// In document order.
    pub(super) members: Vec<Element<'a>>,
}

impl<'a> Element<'a> {
    /// Its own value, for an element that has one: a leaf, or a block whose declared value is there.
    #[must_use]
    pub fn value(&self) -> Option<Value<'a>> {
        self.leaf().map(|leaf| leaf.value())
    }

    /// The leaf that has this element's address.
    #[must_use]
    pub fn leaf(&self) -> Option<Leaf<'a>> {
        self.expand().own
    }

    /// What the element holds directly, in document order. What is part of its key or is its own value is not among it.
    pub fn members(&self) -> impl Iterator<Item = Element<'a>> + use<'a> {
        self.expand().members.into_iter()
    }

    /// Both, for what looks at all of a document.
    pub(crate) fn leaf_and_members(&self) -> (Option<Leaf<'a>>, Vec<Element<'a>>) {
        let expanded = self.expand();
        (expanded.own, expanded.members)
    }

    pub(super) fn expand(&self) -> Expanded<'a> {
        let content = self.content();
        let (own, members) = match content.kind() {
            Kind::Document | Kind::Block => self.block_members(content),
            Kind::Dictionary => (None, self.entries(content)),
            Kind::List => (None, self.items(content)),
            _ => (Some(content), Vec::new()),
        };
        // What holds nothing is a leaf itself; an empty document has none.
        let is_empty = own.is_none() && members.is_empty() && content.kind() != Kind::Document;
        let own = own.or(is_empty.then_some(content));
        Expanded {
            own: own.map(|holder| Leaf::new(self.clone(), holder)),
            members,
        }
    }

    /// The element of a node in this one.
    fn member(
        &self,
        parent: &Arc<Element<'a>>,
        node: Node<'a>,
        state: State,
        told_by: ToldBy<'a>,
    ) -> Element<'a> {
        Element {
            identity: self.identity,
            parent: Some(Arc::clone(parent)),
            node,
            told_by,
            alike: None,
            order: None,
            state,
        }
    }

    /// The state of a named part; plain values need none.
    fn state_of(&self, node: Node<'a>) -> State {
        let content = node.value().unwrap_or(node);
        match content.kind() {
            Kind::Block | Kind::Dictionary | Kind::List => {
                self.identity.step(self.state, &node.name())
            }
            _ => self.state,
        }
    }

    /// What holds a block's own value, and its members.
    fn block_members(&self, block: Node<'a>) -> (Option<Node<'a>>, Vec<Element<'a>>) {
        let parts = Parts::of(block, self.rule());
        let parent = Arc::new(self.clone());
        let mut members = Vec::new();
        if let Some(first) = parts.spare_labels {
            for (position, label) in block.labels().enumerate().skip(first) {
                let told_by = ToldBy::Label(position as u32);
                members.push(self.member(&parent, label, self.state, told_by));
            }
        }
        let labels = members.len();
        let mut ordered = 0;
        for child in block.children() {
            if parts.used.contains(&child.id()) {
                continue;
            }
            let state = self.state_of(child);
            let mut member = self.member(&parent, child, state, ToldBy::Name);
            if child.kind() == Kind::Block {
                member.told_by = member.block_told_by();
                if member.rule().is_some_and(|rule| rule.ordered) {
                    member.order = Some(ordered);
                    ordered += 1;
                }
            }
            members.push(member);
        }
        for siblings in of_one_name(&members, labels) {
            tell_apart(&mut members, &siblings);
        }
        (parts.own, members)
    }

    /// What two documents hold, without what both begin and end with; `None` where that isn't sure to be the same in both.
    ///
    /// It is where all that is left are blocks with one label that it has none of, so that it tells nothing of them.
    pub(super) fn apart(old: &Element<'a>, new: &Element<'a>) -> Option<[Vec<Element<'a>>; 2]> {
        if old.node.kind() != Kind::Document || new.node.kind() != Kind::Document {
            return None;
        }
        let [a, b] = [old, new].map(|side| side.node.children().collect::<Vec<_>>());
        let is_same = |(a, b): &(&Node<'a>, &Node<'a>)| a.source() == b.source();
        let begin = a.iter().zip(&b).take_while(is_same).count();
        let (rest_of_a, rest_of_b) = (a[begin..].iter().rev(), b[begin..].iter().rev());
        let end = rest_of_a.zip(rest_of_b).take_while(is_same).count();
        let ends = [&a[..begin], &a[a.len() - end..]].concat();
        let between = [
            (old, &a[begin..a.len() - end]),
            (new, &b[begin..b.len() - end]),
        ];
        if ends.is_empty() || between.iter().any(|(_, nodes)| nodes.len() > MOST_APART) {
            return None;
        }
        let [old, new] = between.map(|(document, nodes)| document.apart_from(nodes, &ends));
        Some([old?, new?])
    }

    /// Some of a document's members, if the others tell nothing of them.
    fn apart_from(&self, nodes: &[Node<'a>], others: &[Node<'a>]) -> Option<Vec<Element<'a>>> {
        let parent = Arc::new(self.clone());
        let mut members = Vec::with_capacity(nodes.len());
        for node in nodes {
            let label = only_label(*node)?;
            let mut member = self.member(&parent, *node, self.state_of(*node), ToldBy::Name);
            member.told_by = member.block_told_by();
            let is_ordered = member.rule().is_some_and(|rule| rule.ordered);
            if is_ordered || !matches!(member.told_by, ToldBy::Labels { .. }) {
                return None;
            }
            let ignore_case = member.ignores_case();
            let mut alike = others.iter().filter(|other| other.name() == node.name());
            let is_another = |other: &Node<'a>| {
                only_label(*other).is_some_and(|other| !is_one_key(&label, &other, ignore_case))
            };
            if !alike.all(is_another) {
                return None;
            }
            members.push(member);
        }
        for siblings in of_one_name(&members, 0) {
            tell_apart(&mut members, &siblings);
        }
        Some(members)
    }

    fn entries(&self, dictionary: Node<'a>) -> Vec<Element<'a>> {
        let parent = Arc::new(self.clone());
        let entries = dictionary.children().map(|entry| {
            let state = self.state_of(entry);
            self.member(&parent, entry, state, ToldBy::EntryKey)
        });
        let mut entries: Vec<_> = entries.collect();
        for siblings in of_one_name(&entries, 0) {
            for (position, index) in siblings.into_iter().enumerate() {
                entries[index].alike = Some(position as u32);
            }
        }
        entries
    }

    fn items(&self, list: Node<'a>) -> Vec<Element<'a>> {
        let parent = Arc::new(self.clone());
        let set = self.identity.set(self.state);
        let mut seen: HashMap<Scalar<'a>, usize> = HashMap::new();
        let mut items: Vec<Element<'a>> = Vec::new();
        let mut position = 0;
        for item in list.children() {
            let told_by = match (set, scalar(item)) {
                (Some(set), Some(value)) => {
                    let ignore_case = set.ignore_case;
                    let folded = folded(value.clone(), ignore_case);
                    // A second time in a set means nothing; of several spellings the least counts, wherever it stands.
                    if let Some(known) = seen.get(&folded) {
                        let known = &mut items[*known].node;
                        if Some(value) < scalar(*known) {
                            *known = item;
                        }
                        continue;
                    }
                    seen.insert(folded, items.len());
                    ToldBy::Item { ignore_case }
                }
                // In a set, lists and dictionaries are counted alone.
                _ => {
                    position += 1;
                    ToldBy::Position(position - 1)
                }
            };
            items.push(self.member(&parent, item, State::default(), told_by));
        }
        items.sort_by_key(Element::id);
        items
    }
}

/// The label of a block that has no others.
fn only_label(node: Node<'_>) -> Option<Cow<'_, str>> {
    let mut labels = node.labels();
    let label = labels.next()?.as_str();
    label.filter(|_| labels.next().is_none())
}

fn is_one_key(a: &str, b: &str, ignore_case: bool) -> bool {
    if ignore_case && a.is_ascii() && b.is_ascii() {
        return a.eq_ignore_ascii_case(b);
    }
    folded_text(a.into(), ignore_case) == folded_text(b.into(), ignore_case)
}

/// The members from `first` on that share their name with others, each group in document order.
fn of_one_name(members: &[Element<'_>], first: usize) -> Vec<Vec<usize>> {
    // Servers write names in order: most often one look is enough.
    let is_ascending = |pair: &[Element<'_>]| pair[0].node.name() < pair[1].node.name();
    if members[first..].windows(2).all(is_ascending) {
        return Vec::new();
    }
    let members = members.iter().enumerate().skip(first);
    let names = members.map(|(index, member)| (member.node.name(), index));
    let mut names: Vec<(Cow<'_, str>, usize)> = names.collect();
    names.sort_unstable();
    let groups = names.chunk_by(|(a, _), (b, _)| a == b);
    let several = groups.filter(|group| group.len() > 1);
    several
        .map(|group| group.iter().map(|(_, index)| *index).collect())
        .collect()
}

/// Settles what tells the attributes and blocks of one name apart.
fn tell_apart(members: &mut [Element<'_>], siblings: &[usize]) {
    let is_block =
        |members: &[Element<'_>], index: usize| members[index].node.kind() == Kind::Block;
    let has_attribute = siblings.iter().any(|index| !is_block(members, *index));
    let is_labelled = |index: &usize| matches!(members[*index].told_by, ToldBy::Labels { .. });
    if has_attribute || siblings.iter().any(is_labelled) {
        for index in siblings {
            let member = &mut members[*index];
            if member.node.kind() == Kind::Block && matches!(member.told_by, ToldBy::Name) {
                member.told_by = ToldBy::NoLabel;
            }
        }
    }
    close(members, siblings);
    let mut alike: HashMap<Key<'_>, Vec<usize>> = HashMap::new();
    let (blocks, attributes) = siblings
        .iter()
        .partition::<Vec<usize>, _>(|index| is_block(members, **index));
    for index in blocks {
        alike.entry(members[index].key()).or_default().push(index);
    }
    // Attributes are counted even where there is one: beside blocks its name alone doesn't select it.
    let alike = alike.into_values().filter(|indices| indices.len() > 1);
    for indices in alike.chain([attributes]) {
        for (position, index) in indices.into_iter().enumerate() {
            members[index].alike = Some(position as u32);
        }
    }
}

/// Marks blocks whose labels are the first ones of a sibling's.
fn close(members: &mut [Element<'_>], siblings: &[usize]) {
    let mut begun: HashSet<u64> = HashSet::new();
    let mut whole = Vec::new();
    for index in siblings {
        let Key::Labels(labels) = members[*index].key() else {
            continue;
        };
        let mut hasher = DefaultHasher::new();
        let mut previous = None;
        for label in labels {
            begun.extend(previous);
            label.hash(&mut hasher);
            previous = Some(hasher.finish());
        }
        whole.extend(previous.map(|hash| (*index, hash)));
    }
    if begun.is_empty() {
        return;
    }
    for (index, hash) in whole {
        if begun.contains(&hash) {
            members[index].told_by = ToldBy::Labels { closed: true };
        }
    }
}
