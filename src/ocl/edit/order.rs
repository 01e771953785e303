//! Keeping in mind how the members of large nodes are ordered.

use super::editor::Editor;
use super::sorted::{Neighbours, Sorted, is_quoted, looked_for};
use crate::ocl::node::Node;

/// In a node with up to so many children, they are looked through.
const FEW: usize = 16;

impl Editor {
    /// Where an attribute or entry goes among the others (`itself` is none of them): its place in the order if there is one,
    /// else after the last; attributes before blocks.
    pub(super) fn member_place(
        &self,
        parent: u32,
        name: &str,
        itself: Option<u32>,
    ) -> Neighbours<'_> {
        let parent = self.at(parent);
        let itself = itself
            .map(|itself| self.at(itself))
            .filter(|itself| itself.parent() == Some(parent));
        match self
            .sorted
            .get(&parent.index())
            .filter(|_| itself.is_none())
        {
            None => looked_for(parent, name, itself),
            Some(sorted) => {
                let found = sorted.place(parent, name);
                debug_assert_eq!(found, looked_for(parent, name, None));
                found
            }
        }
    }

    /// Gets to know the order of a node's members, if it has many.
    pub(super) fn learn_order(&mut self, parent: u32) {
        let node = self.at(parent);
        if !self.sorted.contains_key(&parent)
            && node.children().nth(FEW).is_some()
            && let Some(sorted) = Sorted::of(node)
        {
            self.sorted.insert(parent, sorted);
        }
    }

    /// Notes that a member was put where [`Editor::member_place`] says.
    pub(super) fn note_member(&mut self, member: u32) {
        let node = Node::new(&self.tree, member);
        let parent = node.parent().map(|parent| parent.index());
        if let Some(sorted) = parent.and_then(|parent| self.sorted.get_mut(&parent)) {
            sorted.add(node);
        }
    }

    /// Notes that the members of a node are others, or in another order.
    pub(super) fn forget_order(&mut self, parent: u32) {
        self.sorted.remove(&parent);
    }

    /// Whether all keys of a dictionary are in quotes, and there are some.
    pub(super) fn has_quoted_keys(&self, dictionary: u32) -> bool {
        if let Some(sorted) = self.sorted.get(&dictionary) {
            return sorted.bare_keys == 0;
        }
        let mut entries = self.at(dictionary).children().peekable();
        entries.peek().is_some() && entries.all(|entry| is_quoted(entry))
    }
}
