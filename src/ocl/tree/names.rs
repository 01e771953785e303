//! What is known of the children of large nodes.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, PoisonError};

use crate::ocl::raw::Kind;

/// The children of large nodes by name, of those that were asked for twice.
#[derive(Debug, Default)]
pub(super) struct Names {
    known: Mutex<HashMap<u32, Known>>,
}

#[derive(Debug)]
enum Known {
    /// It was asked for once, and looked through.
    Nothing,
    Children(Children),
}

/// The children of a node by name. They may have another name or parent by now, but none is missing.
pub(super) type Children = HashMap<Box<str>, Named>;

/// The children of one name.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// Attributes or entries.
    pub(super) members: Vec<u32>,
    pub(super) blocks: Vec<u32>,
    /// Whether the lists may be out of document order, or name a child twice.
    pub(super) is_mixed_up: bool,
}

impl Clone for Names {
    /// What is known is found out again where it is wanted.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Names {
    /// Looks at what is known of a node's children, which `find` finds out; `None` the first time.
    pub(super) fn ask<T>(
        &self,
        node: u32,
        find: impl FnOnce() -> Children,
        look: impl FnOnce(&mut Children) -> T,
    ) -> Option<T> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match known.entry(node) {
            Entry::Vacant(place) => {
                place.insert(Known::Nothing);
                None
            }
            Entry::Occupied(place) => match place.into_mut() {
                Known::Children(children) => Some(look(children)),
                known => {
                    let mut children = find();
                    let found = look(&mut children);
                    *known = Known::Children(children);
                    Some(found)
                }
            },
        }
    }

    /// Notes that a node has other children now.
    pub(super) fn forget(&mut self, node: u32) {
        self.known_mut().remove(&node);
    }

    /// What is known of a node's children, where something is.
    pub(super) fn known(&mut self, node: u32) -> Option<&mut Children> {
        match self.known_mut().get_mut(&node)? {
            Known::Children(children) => Some(children),
            Known::Nothing => None,
        }
    }

    fn known_mut(&mut self) -> &mut HashMap<u32, Known> {
        self.known.get_mut().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Named {
    pub(super) fn add(&mut self, node: u32, kind: Kind) {
        match kind {
            Kind::Block => self.blocks.push(node),
            _ => self.members.push(node),
        }
    }
}
