//! Keeps track of the order of members in large nodes.

use super::editor::Editor;
use super::sorted::{Neighbours, Sorted, is_quoted, looked_for};
use crate::ocl::node::Node;

/// In a node with up to this many children, they are searched one by one.
const FEW: usize = 16;

impl Editor {
    /// The position of an attribute or entry among the others (`itself` is not counted): in the sorted order if there is one,
    /// otherwise after the last; attributes before blocks.
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

    /// Records the order of a node's members, if it has many.
    pub(super) fn learn_order(&mut self, parent: u32) {
        let node = self.at(parent);
        if !self.sorted.contains_key(&parent)
            && node.children().nth(FEW).is_some()
            && let Some(sorted) = Sorted::of(node)
        {
            self.sorted.insert(parent, sorted);
        }
    }

    /// Records that a member was put at the result of [`Editor::member_place`].
    pub(super) fn note_member(&mut self, member: u32) {
        let node = Node::new(&self.tree, member);
        let parent = node.parent().map(|parent| parent.index());
        if let Some(sorted) = parent.and_then(|parent| self.sorted.get_mut(&parent)) {
            sorted.add(node);
        }
    }

    /// Forgets the order of a node, because its members or their order changed.
    pub(super) fn forget_order(&mut self, parent: u32) {
        self.sorted.remove(&parent);
    }

    /// Whether a dictionary has keys and all of them are quoted.
    pub(super) fn has_quoted_keys(&self, dictionary: u32) -> bool {
        if let Some(sorted) = self.sorted.get(&dictionary) {
            return sorted.bare_keys == 0;
        }
        let mut entries = self.at(dictionary).children().peekable();
        entries.peek().is_some() && entries.all(|entry| is_quoted(entry))
    }
}
