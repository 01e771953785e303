//! Opening nodes, and changing what is in them: text, nodes and links together.

use std::ops::Range;

use super::links::{Cell, Links};
use super::nodes::Tree;
use super::pieces::{Cursor, NONE, START};
use super::walk::Walk;
use crate::ocl::lexical::skip_blanks;
use crate::ocl::raw::{BYTE_ORDER_MARK, Kind, MAX_BYTES, Raw};

/// Why a change is refused. A refused change has changed nothing.
#[derive(Debug)]
pub(in crate::ocl) enum Refusal {
    /// The number of bytes that the text would have.
    TooLarge(usize),
    /// Too much was written in all.
    NoRoom,
}

/// A range of the text that gives way to something with other text around it.
#[derive(Debug)]
pub(in crate::ocl) struct Spot {
    pub(in crate::ocl) from: Cursor,
    pub(in crate::ocl) to: Cursor,
    pub(in crate::ocl) before: String,
    pub(in crate::ocl) after: String,
}

/// Something to be put in: its text, and its nodes with spans and parents counted from its start.
#[derive(Debug)]
pub(in crate::ocl) struct Part {
    pub(in crate::ocl) text: String,
    pub(in crate::ocl) nodes: Vec<Raw>,
}

/// What a part of an open node's text is.
enum Owner {
    Nobody,
    Start,
    Child(u32),
    End,
}

impl Tree {
    /// Links what is in a node, and in all around it, so that it can be edited.
    pub(in crate::ocl) fn open(&mut self, node: u32) {
        if self.links.is_none() {
            let (text, count) = (self.buffer.parsed(), self.nodes.len());
            let mark = mark_length(text);
            self.links = Some(Box::new(Links::new(mark, text.len(), count)));
        }
        let is_open = self.links().cell(node).map(|cell| cell.is_open);
        if is_open == Some(true) {
            return;
        }
        if is_open.is_none()
            && let Some(parent) = self.parent(node)
        {
            self.open(parent);
        }
        let inner: Vec<u32> = self.inner(node).collect();
        let links = self.links_mut();
        links.cell_mut(node).is_open = true;
        let mut previous = None;
        for &child in &inner {
            links.set_cell(child, Cell::closed(child + 1, NONE));
            links.link(child, node, previous);
            previous = Some(child);
        }
        self.lay_out(node, &inner);
    }

    /// Gives each part of an open node a piece of its own, in place of the one that they were.
    fn lay_out(&mut self, node: u32, inner: &[u32]) {
        let parts = self.parts(node, inner);
        let is_root = self.kind(node) == Kind::Document;
        let links = self.links_mut();
        let whole = if is_root {
            links.pieces.next(START)
        } else {
            links.cell_mut(node).start
        };
        let mut last = if links.pieces.range(whole).is_empty() {
            START
        } else {
            links.pieces.take_out(whole)
        };
        for (range, owner) in parts {
            if range.is_empty() {
                continue;
            }
            last = links.pieces.insert(last, range);
            match owner {
                Owner::Nobody => {}
                Owner::Start => links.cell_mut(node).start = last,
                Owner::End => links.cell_mut(node).end = last,
                Owner::Child(child) => {
                    let cell = links.cell_mut(child);
                    (cell.start, cell.end) = (last, last);
                }
            }
        }
    }

    /// The parts of a node's text, with the children as they lie in it.
    fn parts(&self, node: u32, inner: &[u32]) -> Vec<(Range<u32>, Owner)> {
        let raw = self.raw(node);
        let mut parts = Vec::with_capacity(2 * inner.len() + 4);
        let mut at = match raw.kind {
            Kind::Document => mark_length(self.buffer.parsed()) as u32,
            Kind::Dictionary | Kind::List => raw.start + 1,
            _ => raw.start + raw.head,
        };
        if raw.kind != Kind::Document {
            parts.push((raw.start..at, Owner::Start));
        }
        let mut is_closed_block = raw.kind == Kind::Block;
        for child in inner.iter().map(Some).chain([None]) {
            let child = child.map(|child| (*child, self.raw(*child)));
            if is_closed_block && child.is_none_or(|(_, child)| child.kind != Kind::Label) {
                is_closed_block = false;
                let rest = self.buffer.get(at..raw.end);
                let end = at + skip_blanks(rest, 0) as u32 + 1;
                parts.push((at..end, Owner::Nobody));
                at = end;
            }
            if let Some((index, child)) = child {
                parts.push((at..child.start, Owner::Nobody));
                parts.push((child.start..child.end, Owner::Child(index)));
                at = child.end;
            }
        }
        match raw.kind {
            Kind::Document => parts.push((at..raw.end, Owner::Nobody)),
            Kind::Attribute | Kind::Entry => {}
            _ => {
                parts.push((at..raw.end - 1, Owner::Nobody));
                parts.push((raw.end - 1..raw.end, Owner::End));
            }
        }
        parts
    }

    fn links_mut(&mut self) -> &mut Links {
        self.links.as_deref_mut().expect("a node was opened before")
    }

    /// The text, once a node is open.
    pub(in crate::ocl) fn walk(&self) -> Walk<'_> {
        Walk {
            buffer: &self.buffer,
            pieces: &self.links().pieces,
        }
    }

    /// The piece that a node starts with. Its parent is open.
    pub(in crate::ocl) fn start_piece(&self, node: u32) -> u32 {
        self.links().cell(node).map_or(START, |cell| cell.start)
    }

    /// The piece that a node ends with. Its parent is open.
    pub(in crate::ocl) fn end_piece(&self, mut node: u32) -> u32 {
        loop {
            let cell = self.links().cell(node).expect("the parent is open");
            if !(cell.is_open && self.kind(node).is_member()) {
                return cell.end;
            }
            node = cell.last;
        }
    }

    /// The piece that holds the `{` of an open block.
    pub(in crate::ocl) fn brace_piece(&self, block: u32) -> u32 {
        let labels = self.inner(block);
        let labels = labels.take_while(|&label| self.kind(label) == Kind::Label);
        let header = labels
            .last()
            .map_or(self.start_piece(block), |label| self.end_piece(label));
        self.links().pieces.next(header)
    }

    /// Where a node starts, whether its parent is open or not. Some node is.
    pub(in crate::ocl) fn start(&self, node: u32) -> Cursor {
        let mut holder = node;
        loop {
            match self.links().cell(holder) {
                Some(cell) => {
                    let offset = if holder == node {
                        0
                    } else {
                        self.raw(node).start - self.raw(holder).start
                    };
                    return Cursor {
                        piece: cell.start,
                        offset,
                    };
                }
                None => holder = self.raw(holder).parent,
            }
        }
    }

    /// Inserts a part into an open parent, after `previous` or first.
    pub(in crate::ocl) fn insert(
        &mut self,
        spot: &Spot,
        part: &Part,
        parent: u32,
        previous: Option<u32>,
    ) -> Result<u32, Refusal> {
        let (piece, address) = self.put(spot, &part.text)?;
        let node = self.nodes.len() as u32;
        let placed = part.nodes.iter().enumerate().map(|(index, raw)| Raw {
            start: raw.start + address,
            end: raw.end + address,
            parent: if index == 0 {
                parent
            } else {
                raw.parent + node
            },
            ..*raw
        });
        self.nodes.extend(placed);
        let links = self.links_mut();
        links.set_cell(node, Cell::closed(node + 1, piece));
        links.link(node, parent, previous);
        self.note_named(node, true);
        Ok(node)
    }

    /// Takes a node out, and text with it.
    pub(in crate::ocl) fn remove(
        &mut self,
        node: u32,
        from: Cursor,
        to: Cursor,
        kept: &str,
    ) -> Result<(), Refusal> {
        self.replace_text(from, to, kept)?;
        let parent = self.raw(node).parent;
        self.links_mut().unlink(node, parent);
        self.nodes[node as usize].parent = NONE;
        Ok(())
    }

    /// Puts something else in the place of a node, which keeps its name.
    pub(in crate::ocl) fn replace(&mut self, node: u32, part: &Part) -> Result<(), Refusal> {
        let (piece, address) = self.put(&self.whole(node), &part.text)?;
        let inner: Vec<u32> = self.inner(node).collect();
        for child in inner {
            self.nodes[child as usize].parent = NONE;
        }
        self.names.forget(node);
        let content = self.nodes.len() as u32;
        let parent = self.raw(node).parent;
        let placed = part.nodes.iter().map(|raw| Raw {
            start: raw.start + address,
            end: raw.end + address,
            // The first of the part is the node itself.
            parent: match raw.parent {
                0 => node,
                index => index - 1 + content,
            },
            ..*raw
        });
        let mut placed = placed;
        let first = placed.next().expect("a part has a node");
        self.nodes.extend(placed);
        self.nodes[node as usize] = Raw { parent, ..first };
        let cell = self.links_mut().cell_mut(node);
        *cell = Cell {
            previous: cell.previous,
            next: cell.next,
            ..Cell::closed(content, piece)
        };
        Ok(())
    }

    /// Gives a node another head: a name, as it is written.
    pub(in crate::ocl) fn rename(&mut self, node: u32, head: &str) -> Result<(), Refusal> {
        self.open(node);
        let start = self.start_piece(node);
        let spot = Spot {
            to: self.walk().behind(start),
            ..self.whole(node)
        };
        let (piece, address) = self.put(&spot, head)?;
        self.links_mut().cell_mut(node).start = piece;
        let raw = &mut self.nodes[node as usize];
        (raw.start, raw.head) = (address, head.len() as u32);
        self.note_named(node, false);
        Ok(())
    }

    /// Puts a node in the place of another that was read from the same text in another form. The first keeps its name, and the
    /// caller has removed its text; the other is removed.
    pub(in crate::ocl) fn take_place(&mut self, node: u32, of: u32) {
        let old_parent = self.raw(node).parent;
        let parent = self.raw(of).parent;
        let links = self.links_mut();
        links.unlink(node, old_parent);
        let Cell {
            start, previous, ..
        } = *links.cell_mut(of);
        links.unlink(of, parent);
        links.link(node, parent, (previous != NONE).then_some(previous));
        self.nodes[node as usize].parent = parent;
        self.nodes[of as usize].parent = NONE;

        let nodes = self.subtree(node);
        for (node, of) in nodes.iter().zip(of..) {
            let Raw {
                kind,
                start,
                end,
                head,
                ..
            } = self.nodes[of as usize];
            let node = &mut self.nodes[*node as usize];
            (node.kind, node.start, node.end, node.head) = (kind, start, end, head);
        }
        let cell = self.links_mut().cell_mut(node);
        (cell.start, cell.end) = (start, start);
        for node in nodes {
            if self.links().cell(node).is_some_and(|cell| cell.is_open) {
                let inner: Vec<u32> = self.inner(node).collect();
                self.lay_out(node, &inner);
            }
        }
        self.note_named(node, false);
    }

    /// A node and all in it, in document order.
    fn subtree(&self, node: u32) -> Vec<u32> {
        let mut nodes = vec![node];
        let mut open = vec![self.inner(node)];
        while let Some(inner) = open.last_mut() {
            match inner.next() {
                Some(node) => {
                    nodes.push(node);
                    open.push(self.inner(node));
                }
                None => drop(open.pop()),
            }
        }
        nodes
    }

    /// Puts other text in the place of some that belongs to no node.
    pub(in crate::ocl) fn replace_text(
        &mut self,
        from: Cursor,
        to: Cursor,
        text: &str,
    ) -> Result<(), Refusal> {
        let spot = Spot {
            from,
            to,
            before: text.to_owned(),
            after: String::new(),
        };
        self.put(&spot, "").map(drop)
    }

    /// The spot that a node takes up.
    fn whole(&self, node: u32) -> Spot {
        let walk = self.walk();
        Spot {
            from: walk.before(self.start_piece(node)),
            to: walk.behind(self.end_piece(node)),
            before: String::new(),
            after: String::new(),
        }
    }

    /// Writes a text into a spot; its piece and its address.
    fn put(&mut self, spot: &Spot, text: &str) -> Result<(u32, u32), Refusal> {
        let added = spot.before.len() + text.len() + spot.after.len();
        let mut bytes = self.length() + added;
        if bytes > MAX_BYTES {
            bytes -= self.walk().length(spot.from, spot.to);
        }
        if bytes > MAX_BYTES {
            return Err(Refusal::TooLarge(bytes));
        }
        if !self.buffer.has_room(added) {
            return Err(Refusal::NoRoom);
        }
        let links = self.links.as_deref_mut().expect("a node was opened before");
        links.is_changed = true;
        let mut last = links.pieces.cut(spot.from, spot.to);
        let mut placed = (last, 0);
        for (index, text) in [&spot.before, text, &spot.after].into_iter().enumerate() {
            if !text.is_empty() {
                let address = self.buffer.write(text);
                last = links
                    .pieces
                    .insert(last, address..address + text.len() as u32);
                if index == 1 {
                    placed = (last, address);
                }
            }
        }
        Ok(placed)
    }
}

fn mark_length(text: &str) -> usize {
    if text.starts_with(BYTE_ORDER_MARK) {
        BYTE_ORDER_MARK.len()
    } else {
        0
    }
}
