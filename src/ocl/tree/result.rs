//! What edits have made of a document: its text and its nodes in one list, or what differs from the text that was parsed.

use std::ops::Range;

use super::links::{Cell, Links};
use super::nodes::Tree;
use super::pieces::Pieces;
use crate::ocl::raw::Raw;

/// A piece of the text that was parsed and what stands in its place now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Splice {
    /// Byte range in the text that was parsed.
    pub old: Range<usize>,
    /// The text in its place.
    pub new: String,
}

impl Tree {
    /// The text as it is now.
    pub(in crate::ocl) fn text(&self) -> String {
        match &self.links {
            None => self.buffer.parsed().to_owned(),
            Some(links) => self.assembled(&links.pieces).0,
        }
    }

    /// The text alone. The nodes go first, so that their memory serves for it.
    pub(in crate::ocl) fn into_text(mut self) -> String {
        self.nodes = Vec::new();
        match self.links.take() {
            None => self.buffer.into_parsed(),
            Some(links) => self.assembled(&links.into_pieces()).0,
        }
    }

    /// The text in pieces put together, and by piece where it starts.
    fn assembled(&self, pieces: &Pieces) -> (String, Vec<u32>) {
        let mut text = String::with_capacity(pieces.length());
        let mut starts = vec![0; pieces.count()];
        for piece in pieces.all() {
            starts[piece as usize] = text.len() as u32;
            text.push_str(self.buffer.get(pieces.range(piece)));
        }
        (text, starts)
    }

    /// The text of a node that is open.
    pub(in crate::ocl) fn open_source(&self, node: u32) -> String {
        let ranges = self.ranges(node);
        ranges.map(|range| self.buffer.get(range)).collect()
    }

    /// How long the source of a node is.
    pub(in crate::ocl) fn source_length(&self, node: u32) -> usize {
        match self.closed_source(node) {
            Some(source) => source.len(),
            None => self.ranges(node).map(|range| range.len()).sum(),
        }
    }

    /// The addresses of the pieces of a node that is open.
    fn ranges(&self, node: u32) -> impl Iterator<Item = Range<u32>> {
        let pieces = &self.links().pieces;
        let end = self.end_piece(node);
        let all = std::iter::successors(Some(self.start_piece(node)), move |&piece| {
            (piece != end).then(|| pieces.next(piece))
        });
        all.map(|piece| pieces.range(piece))
    }

    /// The same document without the traces of edits: what parsing its text gives.
    pub(in crate::ocl) fn flat(self) -> Tree {
        let Some(links) = &self.links else {
            return self;
        };
        let (text, starts) = self.assembled(&links.pieces);
        let mut flattening = Flattening {
            tree: &self,
            links,
            starts,
            length: text.len() as u32,
            nodes: Vec::with_capacity(self.nodes.len()),
        };
        flattening.node(0, 0);
        Tree::new(text, flattening.nodes, self.dialect)
    }

    /// What differs from the text that was parsed: in order, apart from each other.
    pub(in crate::ocl) fn splices(&self) -> Vec<Splice> {
        let mut splices = Vec::new();
        let Some(links) = &self.links else {
            return splices;
        };
        let mut at = 0;
        let mut new = String::new();
        let mut reach = |start: usize, end: usize, new: &mut String| {
            if at < start || !new.is_empty() {
                let new = std::mem::take(new);
                splices.push(Splice {
                    old: at..start,
                    new,
                });
            }
            at = end;
        };
        for piece in links.pieces.all() {
            let range = links.pieces.range(piece);
            if self.buffer.is_parsed(range.start) {
                reach(range.start as usize, range.end as usize, &mut new);
            } else {
                new.push_str(self.buffer.get(range));
            }
        }
        let length = self.buffer.parsed().len();
        reach(length, length, &mut new);
        splices
    }
}

/// Puts nodes into one list again.
struct Flattening<'t> {
    tree: &'t Tree,
    links: &'t Links,
    /// By piece: where it starts in the new text.
    starts: Vec<u32>,
    length: u32,
    nodes: Vec<Raw>,
}

impl Flattening<'_> {
    /// Appends a node whose parent is open, and all in it.
    fn node(&mut self, node: u32, parent: u32) {
        let tree = self.tree;
        let raw = *tree.raw(node);
        let Some(cell) = self.links.cell(node) else {
            return;
        };
        let start = self.starts[cell.start as usize];
        let index = self.nodes.len();
        if !cell.is_open {
            return self.stretch(raw, cell, start, parent);
        }
        self.nodes.push(Raw {
            start,
            parent,
            ..raw
        });
        for child in tree.inner(node) {
            self.node(child, index as u32);
        }
        let last = tree.end_piece(node);
        let end = match node {
            0 => self.length,
            _ => self.starts[last as usize] + self.links.pieces.range(last).len() as u32,
        };
        let size = (self.nodes.len() - index) as u32;
        let placed = &mut self.nodes[index];
        (placed.start, placed.end, placed.size) = (if node == 0 { 0 } else { start }, end, size);
    }

    /// Appends a node that isn't open, whose content is one stretch of the list.
    fn stretch(&mut self, raw: Raw, cell: &Cell, start: u32, parent: u32) {
        let index = self.nodes.len() as u32;
        let moved = |raw: Raw, at: u32| Raw {
            start: raw.start.wrapping_sub(at).wrapping_add(start),
            end: raw.end.wrapping_sub(at).wrapping_add(start),
            ..raw
        };
        self.nodes.push(Raw {
            parent,
            ..moved(raw, raw.start)
        });
        let content = cell.content..cell.content + raw.size - 1;
        let inner = &self.tree.nodes[content.start as usize..content.end as usize];
        let placed = inner.iter().map(|inner| Raw {
            parent: match inner.parent.checked_sub(content.start) {
                Some(within) if content.contains(&inner.parent) => index + 1 + within,
                _ => index,
            },
            ..moved(*inner, raw.start)
        });
        self.nodes.extend(placed);
    }
}
