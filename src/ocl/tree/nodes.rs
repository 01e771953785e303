//! Reading nodes, linked or not.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::buffer::Buffer;
use super::doubled::Doubled;
use super::links::Links;
use super::names::Names;
use super::pieces::NONE;
use crate::ocl::raw::{Dialect, Kind, Raw};

#[derive(Debug, Clone)]
pub(in crate::ocl) struct Tree {
    pub(super) buffer: Buffer,
    /// What was parsed, in document order; then what edits have added, each part in document order.
    pub(super) nodes: Vec<Raw>,
    pub(super) dialect: Dialect,
    pub(super) names: Names,
    /// There once something is edited.
    pub(super) links: Option<Box<Links>>,
    /// Names that stand more than once, where they were looked for.
    pub(super) doubled: Option<Arc<Doubled>>,
}

impl Tree {
    pub(in crate::ocl) fn new(text: String, nodes: Vec<Raw>, dialect: Dialect) -> Self {
        Self {
            buffer: Buffer::new(text),
            nodes,
            dialect,
            names: Names::default(),
            links: None,
            doubled: None,
        }
    }

    /// Whether an edit has changed something.
    pub(in crate::ocl) fn is_changed(&self) -> bool {
        self.links.as_ref().is_some_and(|links| links.is_changed)
    }

    /// How long the text is.
    pub(in crate::ocl) fn length(&self) -> usize {
        match &self.links {
            Some(links) => links.pieces.length(),
            None => self.buffer.parsed().len(),
        }
    }

    /// How much was looked at to find places since the last call.
    pub(in crate::ocl) fn take_walked(&mut self) -> u64 {
        let links = self.links.as_mut();
        links.map_or(0, |links| links.pieces.take_walked())
    }

    /// Adds to the count of bytes that were scanned.
    pub(in crate::ocl) fn note_walk(&self, bytes: usize) {
        if let Some(links) = &self.links {
            links.pieces.note_walk(bytes);
        }
    }

    /// The nodes of a tree without edits.
    pub(in crate::ocl) fn parsed_nodes(&self) -> &[Raw] {
        &self.nodes
    }

    /// The text as it was parsed, without edits.
    pub(in crate::ocl) fn parsed_text(&self) -> &str {
        self.buffer.parsed()
    }

    pub(in crate::ocl) fn dialect(&self) -> Dialect {
        self.dialect
    }

    pub(in crate::ocl) fn set_dialect(&mut self, dialect: Dialect) {
        self.dialect = dialect;
    }

    pub(super) fn links(&self) -> &Links {
        self.links.as_deref().expect("a node was opened before")
    }

    /// Whether nothing is edited in it and these are its nodes.
    pub(in crate::ocl) fn is_flat(&self, nodes: &[Raw]) -> bool {
        self.links.is_none() && self.nodes == nodes
    }

    /// The number of nodes ever made, removed ones included.
    pub(in crate::ocl) fn count(&self) -> usize {
        self.nodes.len()
    }

    pub(in crate::ocl) fn kind(&self, node: u32) -> Kind {
        self.raw(node).kind
    }

    pub(super) fn raw(&self, node: u32) -> &Raw {
        &self.nodes[node as usize]
    }

    /// How many nodes a node was parsed as: itself and all in it.
    pub(in crate::ocl) fn parsed_count(&self, node: u32) -> u32 {
        self.raw(node).size
    }

    pub(in crate::ocl) fn parent(&self, node: u32) -> Option<u32> {
        (node > 0).then(|| self.raw(node).parent)
    }

    /// Whether no edit has taken the node out.
    pub(in crate::ocl) fn is_alive(&self, mut node: u32) -> bool {
        while node != 0 {
            match self.nodes.get(node as usize) {
                Some(raw) if raw.parent != NONE => node = raw.parent,
                _ => return false,
            }
        }
        true
    }

    /// Everything directly in a node, in order: labels and children, or the value.
    pub(in crate::ocl) fn inner(&self, node: u32) -> Inner<'_> {
        let (next, end) = match self.links.as_ref().and_then(|links| links.cell(node)) {
            Some(cell) if cell.is_open => (cell.first, NONE),
            Some(cell) => (cell.content, cell.content + self.raw(node).size - 1),
            None => (node + 1, node + self.raw(node).size),
        };
        Inner {
            tree: self,
            next,
            end,
        }
    }

    /// The label, child or value before a node whose parent is open.
    pub(in crate::ocl) fn previous(&self, node: u32) -> Option<u32> {
        let previous = self.links.as_ref()?.cell(node)?.previous;
        (previous != NONE).then_some(previous)
    }

    /// The label, child or value behind a node whose parent is open.
    pub(in crate::ocl) fn next(&self, node: u32) -> Option<u32> {
        let next = self.links.as_ref()?.cell(node)?.next;
        (next != NONE).then_some(next)
    }

    /// The last label, child or value of an open node.
    pub(in crate::ocl) fn last(&self, node: u32) -> Option<u32> {
        let last = self.links.as_ref()?.cell(node)?.last;
        (last != NONE).then_some(last)
    }

    /// What a node begins with, as it is written: the name of a block, attribute or entry (quotes included), the opening line
    /// of a heredoc (line end included).
    pub(in crate::ocl) fn head(&self, node: u32) -> &str {
        self.buffer.get(self.head_range(node))
    }

    /// The address of the same.
    pub(super) fn head_range(&self, node: u32) -> Range<u32> {
        let raw = self.raw(node);
        raw.start..raw.start + raw.head
    }

    /// The type of a block, the name of an attribute, the decoded key of an entry; empty for any other node.
    pub(in crate::ocl) fn name(&self, node: u32) -> Cow<'_, str> {
        match self.kind(node) {
            Kind::Block | Kind::Attribute | Kind::Entry => self.buffer.name(self.head_range(node)),
            _ => Cow::Borrowed(""),
        }
    }

    /// The length of the head of a heredoc; of a string or label, whether it holds escapes.
    pub(in crate::ocl) fn head_length(&self, node: u32) -> u32 {
        self.raw(node).head
    }

    /// The source of a node that isn't open.
    pub(in crate::ocl) fn closed_source(&self, node: u32) -> Option<&str> {
        let is_open = |links: &Links| links.cell(node).is_some_and(|cell| cell.is_open);
        if self.links.as_deref().is_some_and(is_open) {
            return None;
        }
        let raw = self.raw(node);
        Some(self.buffer.get(raw.start..raw.end))
    }

    /// Where a node stood in the text that was parsed; none if an edit has written it.
    pub(in crate::ocl) fn parsed_span(&self, node: u32) -> Option<Range<usize>> {
        let raw = self.raw(node);
        let is_parsed = node == 0 || self.buffer.is_parsed(raw.start);
        is_parsed.then_some(raw.start as usize..raw.end as usize)
    }
}

/// What is directly in a node; see [`Tree::inner`].
#[derive(Debug, Clone)]
pub(in crate::ocl) struct Inner<'a> {
    tree: &'a Tree,
    next: u32,
    /// The end of a stretch of the list; [`NONE`] where the nodes are linked.
    end: u32,
}

impl Inner<'_> {
    /// Passes over the labels.
    pub(in crate::ocl) fn skip_labels(&mut self) {
        while self
            .peek()
            .is_some_and(|node| self.tree.kind(node) == Kind::Label)
        {
            self.next();
        }
    }

    fn peek(&self) -> Option<u32> {
        (self.next < self.end).then_some(self.next)
    }
}

impl Iterator for Inner<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let node = self.peek()?;
        self.next = if self.end == NONE {
            self.tree.next(node).unwrap_or(NONE)
        } else {
            node + self.tree.raw(node).size
        };
        Some(node)
    }
}
