//! The one place where text and nodes change, together.

use std::ops::Range;

use super::{EditError, Editor};
use crate::ocl::document::{MAX_BYTES, Raw};
use crate::ocl::node::Kind;
use crate::ocl::parse::{self, Part};

/// A new part of a document: its text and the nodes in it, both counted from its own start.
#[derive(Debug)]
pub(super) struct Fragment {
    pub(super) text: String,
    nodes: Vec<Raw>,
}

/// A change: a range of the text, and the whole subtrees in it, give way to others.
#[derive(Debug)]
pub(super) struct Patch<'p> {
    pub(super) range: Range<usize>,
    pub(super) text: &'p str,
    /// The node in which this happens: it and all around it grow or shrink.
    pub(super) parent: u32,
    /// The subtrees that go; empty, but in the right place, if none does.
    pub(super) nodes: Range<u32>,
    /// What comes in their place, and at which offset of `text` it starts.
    pub(super) fragment: Option<(&'p Fragment, usize)>,
    /// Whether the new first node is the old one with other content, so that its handle lives.
    pub(super) keep_handle: bool,
}

impl Editor {
    /// Reads a text that is to be inserted under `parent`.
    pub(super) fn fragment(
        &self,
        text: String,
        part: Part,
        parent: u32,
    ) -> Result<Fragment, EditError> {
        let depth = self.depth(parent);
        let nodes = parse::part(&text, 0, part, depth)
            .map_err(|error| EditError::from_parse(&error, self.place(parent)))?;
        Ok(Fragment { text, nodes })
    }

    /// How many blocks, dictionaries and lists are open inside a node.
    fn depth(&self, index: u32) -> usize {
        let mut depth = 0;
        let mut node = Some(self.at(index));
        while let Some(open) = node {
            depth += usize::from(matches!(
                open.kind(),
                Kind::Block | Kind::Dictionary | Kind::List
            ));
            node = open.parent();
        }
        depth
    }

    /// Applies a change. It is the caller's part that the result is OCL with just these nodes.
    pub(super) fn apply(&mut self, patch: Patch<'_>) -> Result<(), EditError> {
        let Patch {
            range,
            text,
            parent,
            nodes,
            fragment,
            keep_handle,
        } = patch;
        let bytes = self.document.text.len() - range.len() + text.len();
        if bytes > MAX_BYTES {
            return Err(EditError::TooLarge { bytes });
        }
        let new_nodes = fragment.map_or(&[][..], |(fragment, _)| &fragment.nodes);
        let count = new_nodes.len() as u32;
        let growth = text.len() as i32 - range.len() as i32;
        let more_nodes = count as i32 - nodes.len() as i32;

        self.splices.record(range.clone(), text.len());
        self.handles.shift(nodes.clone(), count, keep_handle);
        self.document.text.replace_range(range.clone(), text);

        let list = &mut self.document.nodes;
        let mut ancestor = parent;
        loop {
            let node = &mut list[ancestor as usize];
            node.end = node.end.wrapping_add_signed(growth);
            node.size = node.size.wrapping_add_signed(more_nodes);
            if ancestor == 0 {
                break;
            }
            ancestor = node.parent;
        }
        for node in &mut list[nodes.end as usize..] {
            node.start = node.start.wrapping_add_signed(growth);
            node.end = node.end.wrapping_add_signed(growth);
            if node.parent >= nodes.end {
                node.parent = node.parent.wrapping_add_signed(more_nodes);
            }
        }
        let offset = fragment.map_or(0, |(_, offset)| (range.start + offset) as u32);
        let placed = new_nodes.iter().enumerate().map(|(index, node)| Raw {
            start: node.start + offset,
            end: node.end + offset,
            parent: if index == 0 {
                parent
            } else {
                node.parent + nodes.start
            },
            ..*node
        });
        list.splice(nodes.start as usize..nodes.end as usize, placed);
        self.check();
        Ok(())
    }

    /// In builds with debug assertions: the patched list is what reading the text anew would give.
    pub(super) fn check(&self) {
        if cfg!(debug_assertions) {
            match parse::document(&self.document.text) {
                Ok(nodes) => assert!(
                    nodes == self.document.nodes,
                    "the nodes don't fit the text:\n{}",
                    self.document.text
                ),
                Err(error) => panic!(
                    "an edit broke the document: {error}\n{}",
                    self.document.text
                ),
            }
        }
    }
}
