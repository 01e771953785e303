//! Which leaves of a document another one has with the same values.

use super::matching::{Both, form, pairs, reads_alike};
use crate::ocl::NodeId;
use crate::values::document::Values;
use crate::values::element::Element;

/// For leaves of the new document, by the ids of their elements in ascending order: the elements that are the same in the old
/// document, where these have equal values.
pub(crate) fn kept(old: Values<'_>, new: Values<'_>, leaves: &[NodeId]) -> Vec<Option<NodeId>> {
    let mut finder = Finder {
        leaves,
        found: vec![None; leaves.len()],
        prints: Both::default(),
        reads_alike: reads_alike(&old, &new),
    };
    finder.look(&old.root(), &new.root());
    finder.found
}

struct Finder<'l> {
    leaves: &'l [NodeId],
    found: Vec<Option<NodeId>>,
    prints: Both,
    reads_alike: bool,
}

impl Finder<'_> {
    fn look(&mut self, old: &Element<'_>, new: &Element<'_>) {
        let positions = new.node().positions_in(self.leaves);
        if positions.is_empty() {
            return;
        }
        if self.reads_alike && old.node().source() == new.node().source() {
            for position in positions {
                let leaf = self.leaves[position];
                self.found[position] = Some(leaf.moved(new.id(), old.id()));
            }
            return;
        }
        let (of_old, of_new) = (old.expand(), new.expand());
        if let (Some(old_leaf), Some(new_leaf)) = (of_old.own, of_new.own)
            && self.leaves[positions.start] == new.id()
            && old_leaf.equals(&new_leaf)
        {
            self.found[positions.start] = Some(old.id());
        }
        if form(old) != form(new) {
            return;
        }
        let (a, b) = (of_old.members, of_new.members);
        for (old, new) in pairs(&a, &b, &mut self.prints) {
            self.look(&a[old], &b[new]);
        }
    }
}
