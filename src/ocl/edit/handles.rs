//! Names of nodes that stay valid while the list of nodes changes.

use std::collections::HashMap;
use std::ops::Range;

/// Names one node of an [`Editor`](super::Editor) until it is removed, whatever is edited around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Handle(u32);

/// Which node each handle means.
#[derive(Debug, Clone, Default)]
pub(super) struct Handles {
    /// By handle: the index of its node, unless that was removed.
    nodes: Vec<Option<u32>>,
    /// The same, by node.
    handles: HashMap<u32, Handle>,
}

impl Handles {
    pub(super) fn of_node(&mut self, index: u32) -> Handle {
        *self.handles.entry(index).or_insert_with(|| {
            let handle = Handle(
                u32::try_from(self.nodes.len()).expect("fewer handles than bytes of memory"),
            );
            self.nodes.push(Some(index));
            handle
        })
    }

    pub(super) fn node(&self, handle: Handle) -> Option<u32> {
        *self.nodes.get(handle.0 as usize)?
    }

    /// Follows a change of the node list: `replaced` gave way to `count` nodes. If the first of either is the same node
    /// with another content (`keep_first`), its handle lives.
    pub(super) fn shift(&mut self, replaced: Range<u32>, count: u32, keep_first: bool) {
        if replaced.len() == count as usize && replaced.len() <= usize::from(keep_first) {
            return;
        }
        self.remap(|index| match index {
            index if index >= replaced.end => Some(index - replaced.end + replaced.start + count),
            index if index < replaced.start => Some(index),
            index if keep_first && index == replaced.start => Some(index),
            _ => None,
        });
    }

    /// The handles of the nodes in `from` mean the nodes from `to` on, which have none yet.
    pub(super) fn carry(&mut self, from: Range<u32>, to: u32) {
        self.remap(|index| match from.contains(&index) {
            true => Some(index - from.start + to),
            false => Some(index),
        });
    }

    fn remap(&mut self, change: impl Fn(u32) -> Option<u32>) {
        self.handles.clear();
        for (number, node) in self.nodes.iter_mut().enumerate() {
            *node = node.and_then(&change);
            if let Some(index) = *node {
                self.handles.insert(index, Handle(number as u32));
            }
        }
    }
}
