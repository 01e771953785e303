//! What is known of the children of large nodes.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::BuildHasher;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::buffer::Buffer;
use crate::ocl::raw::Kind;

/// The children of large nodes by name, built for a node at its second query.
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
#[derive(Debug)]
pub(super) struct Children {
    /// Small, since a table that outgrows the processor's caches is what a large document waits for.
    slots: HashTable<Slot>,
    several: Vec<Named>,
    hasher: RandomState,
}

#[derive(Debug)]
struct Slot {
    /// The address of the name as it is written.
    head: Range<u32>,
    held: Held,
}

#[derive(Debug, Clone, Copy)]
enum Held {
    One(u32),
    /// Which of the lists of several.
    Several(u32),
}

/// What stands under a name.
pub(super) enum Found<'c> {
    One(u32),
    Several(&'c mut Named),
}

/// The children of one name.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// Attributes or entries.
    pub(super) members: Vec<u32>,
    pub(super) blocks: Vec<u32>,
    /// Whether the lists may be out of document order, or name a child twice.
    pub(super) is_mixed_up: bool,
}

/// A child, and the address of its name as it is written.
pub(super) struct Child {
    pub(super) node: u32,
    pub(super) kind: Kind,
    pub(super) head: Range<u32>,
}

impl Clone for Names {
    /// Built again when it is next needed.
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

impl Children {
    pub(super) fn with_capacity(count: usize) -> Self {
        Self {
            slots: HashTable::with_capacity(count),
            several: Vec::new(),
            hasher: RandomState::default(),
        }
    }

    pub(super) fn find(&mut self, name: &str, buffer: &Buffer) -> Option<Found<'_>> {
        let hash = self.hasher.hash_one(name);
        let has_name = |slot: &Slot| buffer.name(slot.head.clone()) == name;
        Some(match self.slots.find(hash, has_name)?.held {
            Held::One(node) => Found::One(node),
            Held::Several(list) => Found::Several(&mut self.several[list as usize]),
        })
    }

    /// Adds a child that stands behind those of its name, or anywhere.
    pub(super) fn add(
        &mut self,
        child: Child,
        is_behind: bool,
        buffer: &Buffer,
        kind_of: impl Fn(u32) -> Kind,
    ) {
        let name = buffer.name(child.head.clone());
        let hash = self.hasher.hash_one(&*name);
        let has_name = |slot: &Slot| buffer.name(slot.head.clone()) == name;
        let Some(slot) = self.slots.find_mut(hash, has_name) else {
            let slot = Slot {
                head: child.head,
                held: Held::One(child.node),
            };
            let hasher = &self.hasher;
            let rehash = |slot: &Slot| hasher.hash_one(&*buffer.name(slot.head.clone()));
            self.slots.insert_unique(hash, slot, rehash);
            return;
        };
        let list = match slot.held {
            Held::Several(list) => list,
            Held::One(first) => {
                let list = self.several.len() as u32;
                slot.held = Held::Several(list);
                let mut named = Named::default();
                named.add(first, kind_of(first));
                self.several.push(named);
                list
            }
        };
        let named = &mut self.several[list as usize];
        let is_first = named.members.is_empty() && named.blocks.is_empty();
        named.is_mixed_up |= !(is_first || is_behind);
        named.add(child.node, child.kind);
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
