//! Finding children by name.

use super::names::{Child, Children, Found, Named};
use super::nodes::Tree;
use crate::ocl::raw::Kind;

/// Up to this many labels and children are searched one by one.
const FEW: usize = 16;

impl Tree {
    /// The attribute or entry of a name in a node; the last if there are several.
    pub(in crate::ocl) fn member(&self, holder: u32, name: &str) -> Option<u32> {
        let known = self.ask(holder, name, |found| match found {
            Found::One(node) => self.kind(node).is_member().then_some(node),
            Found::Several(named) => {
                if named.is_mixed_up && named.members.len() > 1 {
                    self.put_in_order(named, holder, name);
                }
                // The last one that still exists; removed ones after it are dropped.
                while let Some(&last) = named.members.last()
                    && !self.is_named(last, holder, name)
                {
                    named.members.pop();
                }
                named.members.last().copied()
            }
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
        let known = self.ask(holder, name, |found| match found {
            Found::One(node) if self.kind(node) == Kind::Block => vec![node],
            Found::One(_) => Vec::new(),
            Found::Several(named) => {
                let blocks = &mut named.blocks;
                blocks.retain(|&node| self.is_named(node, holder, name));
                if named.is_mixed_up {
                    self.put_in_order(named, holder, name);
                }
                named.blocks.clone()
            }
        });
        known.map(Option::unwrap_or_default)
    }

    /// Whether a node has an attribute or entry of a name; or a block of that type, if blocks count.
    pub(in crate::ocl) fn has(&self, holder: u32, name: &str, blocks_count: bool) -> bool {
        let counts = |kind: Kind| kind.is_member() || blocks_count && kind == Kind::Block;
        let known = self.ask(holder, name, |found| match found {
            Found::One(node) => counts(self.kind(node)),
            Found::Several(named) => {
                let blocks = blocks_count.then_some(&mut named.blocks);
                let mut lists = [Some(&mut named.members), blocks].into_iter().flatten();
                lists.any(|list| {
                    // Removed ones are dropped together.
                    if list
                        .first()
                        .is_some_and(|&node| !self.is_named(node, holder, name))
                    {
                        list.retain(|&node| self.is_named(node, holder, name));
                    }
                    !list.is_empty()
                })
            }
        });
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

    /// Looks at what is known of a name in a node; `None` if its children are to be looked through.
    fn ask<T>(
        &self,
        holder: u32,
        name: &str,
        look: impl FnOnce(Found<'_>) -> T,
    ) -> Option<Option<T>> {
        self.inner(holder).nth(FEW)?;
        let find = || self.children_by_name(holder);
        self.names.ask(holder, find, |children| {
            match children.find(name, &self.buffer)? {
                Found::One(node) if !self.is_named(node, holder, name) => None,
                found => Some(look(found)),
            }
        })
    }

    fn children_by_name(&self, holder: u32) -> Children {
        let named = |&child: &u32| self.kind(child).is_named();
        let mut children = Children::with_capacity(self.inner(holder).filter(named).count());
        for node in self.inner(holder).filter(named) {
            children.add(self.child(node), true, &self.buffer, |node| self.kind(node));
        }
        children
    }

    fn child(&self, node: u32) -> Child {
        Child {
            node,
            kind: self.kind(node),
            head: self.head_range(node),
        }
    }

    fn put_in_order(&self, named: &mut Named, holder: u32, name: &str) {
        *named = Named::default();
        for child in self.inner(holder).filter(|&child| self.name(child) == name) {
            named.add(child, self.kind(child));
        }
    }

    /// Records that a node was added to its parent or renamed.
    pub(super) fn note_named(&mut self, node: u32, is_new: bool) {
        let child = self.child(node);
        let (Some(parent), true) = (self.parent(node), child.kind.is_named()) else {
            return;
        };
        let is_behind = is_new && self.next(node).is_none();
        let Some(children) = self.names.known(parent) else {
            return;
        };
        let kind_of = |node: u32| self.nodes[node as usize].kind;
        children.add(child, is_behind, &self.buffer, kind_of);
    }
}
