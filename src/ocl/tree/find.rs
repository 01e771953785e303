//! Finding children by name.

use super::names::{Children, Named};
use super::nodes::Tree;
use crate::ocl::raw::Kind;

/// In a node with up to so many labels and children, they are looked through.
const FEW: usize = 16;

impl Tree {
    /// The attribute or entry of a name in a node; the last if there are several.
    pub(in crate::ocl) fn member(&self, holder: u32, name: &str) -> Option<u32> {
        let known = self.ask(holder, name, |named| {
            if named.is_mixed_up && named.members.len() > 1 {
                self.put_in_order(named, holder, name);
            }
            // The last that is still there; those behind it are dropped for good.
            while let Some(&last) = named.members.last()
                && !self.is_named(last, holder, name)
            {
                named.members.pop();
            }
            named.members.last().copied()
        });
        match known {
            Some(known) => known.flatten(),
            None => self
                .inner(holder)
                .filter(|&child| self.kind(child).is_member() && self.name(child) == name)
                .last(),
        }
    }

    /// The blocks of a type in a node, in order, if they are known without looking at all children.
    pub(in crate::ocl) fn known_blocks(&self, holder: u32, name: &str) -> Option<Vec<u32>> {
        let known = self.ask(holder, name, |named| {
            let blocks = &mut named.blocks;
            blocks.retain(|&node| self.is_named(node, holder, name));
            if named.is_mixed_up {
                self.put_in_order(named, holder, name);
            }
            named.blocks.clone()
        });
        known.map(Option::unwrap_or_default)
    }

    /// Whether a node has an attribute or entry of a name; or a block of that type, if blocks count.
    pub(in crate::ocl) fn has(&self, holder: u32, name: &str, blocks_count: bool) -> bool {
        let known = self.ask(holder, name, |named| {
            let blocks = blocks_count.then_some(&mut named.blocks);
            [Some(&mut named.members), blocks]
                .into_iter()
                .flatten()
                .any(|list| {
                    // Those that are no more are dropped all at once.
                    if list
                        .first()
                        .is_some_and(|&node| !self.is_named(node, holder, name))
                    {
                        list.retain(|&node| self.is_named(node, holder, name));
                    }
                    !list.is_empty()
                })
        });
        let counts = |kind: Kind| kind.is_member() || blocks_count && kind == Kind::Block;
        match known {
            Some(known) => known.unwrap_or(false),
            None => self
                .inner(holder)
                .any(|child| counts(self.kind(child)) && self.name(child) == name),
        }
    }

    fn is_named(&self, node: u32, holder: u32, name: &str) -> bool {
        self.parent(node) == Some(holder) && self.name(node) == name
    }

    /// Looks at what is known of a name in a node; `None` where its children are to be looked through.
    fn ask<T>(
        &self,
        holder: u32,
        name: &str,
        look: impl FnOnce(&mut Named) -> T,
    ) -> Option<Option<T>> {
        self.inner(holder).nth(FEW)?;
        let find = || self.children_by_name(holder);
        self.names
            .ask(holder, find, |children| children.get_mut(name).map(look))
    }

    fn children_by_name(&self, holder: u32) -> Children {
        let mut children = Children::new();
        for child in self
            .inner(holder)
            .filter(|&child| self.kind(child).is_named())
        {
            let name = self.name(child);
            let named = match children.get_mut(&*name) {
                Some(named) => named,
                None => children.entry(name.into()).or_default(),
            };
            named.add(child, self.kind(child));
        }
        children
    }

    fn put_in_order(&self, named: &mut Named, holder: u32, name: &str) {
        *named = Named::default();
        for child in self.inner(holder).filter(|&child| self.name(child) == name) {
            named.add(child, self.kind(child));
        }
    }

    /// Notes that a node has come to its parent, or has got another name.
    pub(super) fn note_named(&mut self, node: u32, is_new: bool) {
        let kind = self.kind(node);
        let (Some(parent), true) = (self.parent(node), kind.is_named()) else {
            return;
        };
        if self.names.known(parent).is_none() {
            return;
        }
        let is_last = self.next(node).is_none();
        let name: Box<str> = self.name(node).into();
        if let Some(children) = self.names.known(parent) {
            let named = children.entry(name).or_default();
            let is_first = named.members.is_empty() && named.blocks.is_empty();
            named.is_mixed_up |= !(is_first || is_new && is_last);
            named.add(node, kind);
        }
    }
}
