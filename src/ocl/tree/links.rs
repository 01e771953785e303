//! What a tree has once it is edited: the links between nodes that are open, and the pieces of text.

use super::pieces::{END, NONE, Pieces, START};

#[derive(Debug, Clone)]
pub(super) struct Links {
    pub(super) pieces: Pieces,
    cells: Vec<Cell>,
    /// By node: its cell, or 0 if it has none.
    slots: Vec<u32>,
    pub(super) is_changed: bool,
}

/// The place of a node among its siblings and in the text. Every node in an open one has a cell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    pub(super) is_open: bool,
    /// Where this node's content starts in the list of nodes, unless it is open.
    pub(super) content: u32,
    /// What is in the node, if it is open.
    pub(super) first: u32,
    pub(super) last: u32,
    pub(super) previous: u32,
    pub(super) next: u32,
    /// The piece that the node starts with and the one that it ends with; the same if it isn't open. Of an open attribute or
    /// entry, the value says where it ends.
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Cell {
    /// A node that isn't open and has that piece.
    pub(super) fn closed(content: u32, piece: u32) -> Self {
        Self {
            is_open: false,
            content,
            first: NONE,
            last: NONE,
            previous: NONE,
            next: NONE,
            start: piece,
            end: piece,
        }
    }
}

impl Links {
    /// The links of a text of that length (after its byte order mark) and that number of nodes, none of them open.
    pub(super) fn new(mark: usize, length: usize, nodes: usize) -> Self {
        let root = Cell {
            end: END,
            ..Cell::closed(1, START)
        };
        let mut links = Self {
            pieces: Pieces::new(mark as u32, length as u32),
            // Cell 0 stands for no cell.
            cells: vec![Cell::closed(NONE, NONE)],
            slots: vec![0; nodes],
            is_changed: false,
        };
        links.set_cell(0, root);
        links
    }

    pub(super) fn into_pieces(self) -> Pieces {
        self.pieces
    }

    pub(super) fn cell(&self, node: u32) -> Option<&Cell> {
        match self.slots.get(node as usize) {
            None | Some(0) => None,
            Some(&slot) => Some(&self.cells[slot as usize]),
        }
    }

    /// The cell of a node whose parent is open.
    pub(super) fn cell_mut(&mut self, node: u32) -> &mut Cell {
        let slot = self.slots[node as usize];
        debug_assert_ne!(slot, 0, "the parent is not open");
        &mut self.cells[slot as usize]
    }

    pub(super) fn set_cell(&mut self, node: u32, cell: Cell) {
        let node = node as usize;
        if self.slots.len() <= node {
            self.slots.resize(node + 1, 0);
        }
        match self.slots[node] {
            0 => {
                self.slots[node] = self.cells.len() as u32;
                self.cells.push(cell);
            }
            slot => self.cells[slot as usize] = cell,
        }
    }

    /// Inserts a node after `previous`, or first.
    pub(super) fn link(&mut self, node: u32, parent: u32, previous: Option<u32>) {
        let before = match previous {
            Some(previous) => &mut self.cell_mut(previous).next,
            None => &mut self.cell_mut(parent).first,
        };
        let next = std::mem::replace(before, node);
        *self.link_back(next, parent) = node;
        let cell = self.cell_mut(node);
        cell.previous = previous.unwrap_or(NONE);
        cell.next = next;
    }

    pub(super) fn unlink(&mut self, node: u32, parent: u32) {
        let Cell { previous, next, .. } = *self.cell_mut(node);
        match previous {
            NONE => self.cell_mut(parent).first = next,
            _ => self.cell_mut(previous).next = next,
        }
        *self.link_back(next, parent) = previous;
    }

    /// The link to what stands before a node, or before the end of its parent.
    fn link_back(&mut self, node: u32, parent: u32) -> &mut u32 {
        match node {
            NONE => &mut self.cell_mut(parent).last,
            _ => &mut self.cell_mut(node).previous,
        }
    }
}
