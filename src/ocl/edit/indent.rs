//! Keeps track of the size of one indent level.

use super::editor::Editor;
use super::unit::{Unit, indent_in};
use crate::ocl::node::Node;
use crate::ocl::write::UNIT;

impl Editor {
    /// One level of indent, taken from the first nested node of the document.
    pub(super) fn unit(&self) -> String {
        if self.unit.get() == Unit::Unknown {
            let first = self
                .document()
                .subtree()
                .find(|node| indent_in(*node).is_some());
            self.unit
                .set(first.map_or(Unit::Usual, |node| Unit::Of(node.index())));
        }
        match self.unit.get() {
            Unit::Of(node) => indent_in(self.at(node)).unwrap_or_default(),
            _ => UNIT.to_owned(),
        }
    }

    /// Records that the lines in `parent` changed, perhaps with a new node. Nothing else is on those
    /// lines.
    pub(super) fn note_lines(&self, parent: u32, new: Option<u32>) {
        let known = match self.unit.get() {
            Unit::Unknown => return,
            Unit::Usual => None,
            Unit::Of(node) => Some(node),
        };
        let is_still_so =
            known.is_none_or(|node| self.tree.is_alive(node) && indent_in(self.at(node)).is_some());
        let mut touched = std::iter::once(self.at(parent))
            .chain(new.into_iter().flat_map(|new| self.at(new).subtree()));
        // Nodes inside the node that defines the unit come after it.
        let comes_first =
            |node: Node<'_>| known.is_none_or(|known| !self.is_in(node.index(), known));
        if !is_still_so || touched.any(|node| comes_first(node) && indent_in(node).is_some()) {
            self.unit.set(Unit::Unknown);
        }
    }

    /// Records that a node was moved.
    pub(super) fn note_moved(&self, node: u32) {
        if let Unit::Of(known) = self.unit.get()
            && self.is_in(known, node)
        {
            self.unit.set(Unit::Unknown);
        }
        if let Some(parent) = self.tree.parent(node) {
            self.note_lines(parent, Some(node));
        }
    }

    fn is_in(&self, node: u32, outer: u32) -> bool {
        std::iter::successors(Some(node), |&node| self.tree.parent(node)).any(|node| node == outer)
    }

    /// Records that lines were broken or joined, so that other nodes may be on them.
    pub(super) fn note_broken_lines(&self) {
        self.unit.set(Unit::Unknown);
    }
}
