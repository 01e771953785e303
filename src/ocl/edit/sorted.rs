//! The order of attributes and entries.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::lines::{next_sibling, previous_sibling};
use crate::ocl::node::Node;
use crate::ocl::raw::Kind;
use crate::ocl::write::{LEADING_NAME, sort_key};

/// The order of the members of a node with many of them: attributes or entries.
#[derive(Debug, Clone)]
pub(super) struct Sorted {
    /// The keys of the first and of the last member.
    first: (String, u32),
    last: (String, u32),
    is_single: bool,
    is_sorted: bool,
    /// If the members after the first are sorted: for each key the first member.
    rest: Option<BTreeMap<String, u32>>,
    /// The number of entries with unquoted keys.
    pub(super) bare_keys: usize,
}

/// The children on both sides of a new one.
pub(super) type Neighbours<'n> = (Option<Node<'n>>, Option<Node<'n>>);

impl Sorted {
    pub(super) fn of(parent: Node<'_>) -> Option<Self> {
        let mut members = parent
            .children()
            .filter(|child| child.kind() != Kind::Block);
        let mut sorted = Self::single(members.next()?);
        for member in members {
            sorted.append(member);
        }
        Some(sorted)
    }

    fn single(member: Node<'_>) -> Self {
        let place = (sort_key(&member.name()), member.index());
        Self {
            first: place.clone(),
            last: place,
            is_single: true,
            is_sorted: true,
            rest: Some(BTreeMap::new()),
            bare_keys: usize::from(!is_quoted(member)),
        }
    }

    /// Adds a member after all others.
    fn append(&mut self, member: Node<'_>) {
        let key = sort_key(&member.name());
        let is_in_order = self.last.0 <= key;
        self.is_sorted &= is_in_order;
        match &mut self.rest {
            Some(rest) if is_in_order || self.is_single => {
                rest.entry(key.clone()).or_insert(member.index());
            }
            rest => *rest = None,
        }
        self.is_single = false;
        self.last = (key, member.index());
        self.bare_keys += usize::from(!is_quoted(member));
    }

    /// The position for a member of that name.
    pub(super) fn place<'n>(&self, parent: Node<'n>, name: &str) -> Neighbours<'n> {
        let at = |index: u32| Node::new(parent.tree(), index);
        match self.next(parent.kind() == Kind::Document, &sort_key(name)) {
            Some(next) => (previous_sibling(at(next)), Some(at(next))),
            None => {
                let last = at(self.last.1);
                (Some(last), next_sibling(last))
            }
        }
    }

    /// The member before which one with that key goes; `None` if it goes last.
    fn next(&self, is_root: bool, key: &str) -> Option<u32> {
        // In a runbook, `name` comes first.
        let name_leads = self.first.0 == LEADING_NAME && self.rest.is_some();
        let is_led = name_leads && (is_root || !self.is_sorted);
        if !is_led && !self.is_sorted {
            return None;
        }
        let leads = is_root && key == LEADING_NAME;
        if !is_led && (leads || self.first.0.as_str() > key) {
            return Some(self.first.1);
        }
        let rest = self.rest.as_ref()?;
        let from = if leads {
            Bound::Unbounded
        } else {
            Bound::Excluded(key)
        };
        let mut rest = rest.range::<str, _>((from, Bound::Unbounded));
        rest.next().map(|(_, member)| *member)
    }

    /// Adds a member at the result of [`Sorted::place`].
    pub(super) fn add(&mut self, member: Node<'_>) {
        let next = next_sibling(member).filter(|next| next.kind() != Kind::Block);
        let Some(next) = next else {
            return self.append(member);
        };
        let (key, index) = (sort_key(&member.name()), member.index());
        // All members before it are no greater, or it is a leading `name`.
        let is_in_order = key <= sort_key(&next.name());
        if next.index() == self.first.1 {
            let (first_key, first) = std::mem::replace(&mut self.first, (key, index));
            // The old first member is now the first of the rest.
            self.rest = self.rest.take().filter(|_| self.is_sorted);
            if let Some(rest) = &mut self.rest {
                rest.insert(first_key, first);
            }
            self.is_sorted &= is_in_order;
        } else {
            self.is_sorted &= is_in_order && self.first.0 <= key;
            self.rest = self.rest.take().filter(|_| is_in_order);
            if let Some(rest) = &mut self.rest {
                rest.entry(key).or_insert(index);
            }
        }
        self.is_single = false;
        self.bare_keys += usize::from(!is_quoted(member));
    }
}

/// The position for a member of that name, found by visiting all members except `itself`.
pub(super) fn looked_for<'n>(
    parent: Node<'n>,
    name: &str,
    itself: Option<Node<'n>>,
) -> Neighbours<'n> {
    let members: Vec<_> = parent
        .children()
        .filter(|child| child.kind() != Kind::Block && Some(*child) != itself)
        .collect();
    let Some(&last) = members.last() else {
        return (None, parent.children().next());
    };
    let keys: Vec<_> = members
        .iter()
        .map(|member| sort_key(&member.name()))
        .collect();
    let name_leads = keys[0] == LEADING_NAME && keys[1..].is_sorted();
    let is_root = parent.kind() == Kind::Document;
    let ordered = match (keys.is_sorted(), name_leads) {
        (_, true) if is_root => 1,
        (true, _) => 0,
        (false, true) => 1,
        (false, false) => members.len(),
    };
    let key = sort_key(name);
    let leads = is_root && key == LEADING_NAME && ordered < members.len();
    let after = (ordered..members.len()).find(|&at| leads || keys[at] > key);
    match after {
        Some(at) => (previous_sibling(members[at]), Some(members[at])),
        None => (Some(last), next_sibling(last)),
    }
}

pub(super) fn is_quoted(entry: Node<'_>) -> bool {
    entry.head().starts_with('"')
}
