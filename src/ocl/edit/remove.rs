//! Taking nodes out.

use std::ops::Range;

use super::items::item_removal;
use super::layout::{first_on_line, floor, inside, next_sibling, previous_sibling, rest_of_line};
use super::patch::Patch;
use super::{EditError, Editor, Handle};
use crate::ocl::lexical::{line_end, skip_blanks, start_of_line};
use crate::ocl::node::{Kind, Node};

impl Editor {
    /// Removes an attribute, entry, block, label or list item: with its line, the comment behind it, and a blank line that
    /// would be left over. Comments on the lines above stay.
    ///
    /// # Errors
    /// The node is the root, or the value of an attribute or entry.
    pub fn remove(&mut self, handle: Handle) -> Result<(), EditError> {
        let index = self.index(handle)?;
        let node = self.at(index);
        let Some(parent) = node.parent() else {
            return Err(self.wrong_kind(index, "remove"));
        };
        let (range, kept) = match (node.kind(), parent.kind()) {
            (Kind::Attribute | Kind::Entry | Kind::Block, _) => {
                (removal(node, node.span().start), String::new())
            }
            (_, Kind::List) => item_removal(node),
            (Kind::Label, _) => {
                let position = parent.labels().take_while(|label| *label != node).count();
                let block = self.handles.of_node(parent.id().0);
                return self.remove_label(block, position);
            }
            _ => return Err(self.wrong_kind(index, "remove")),
        };
        let (parent, nodes) = (parent.id().0, index..index + node.subtree_size());
        self.take_out(parent, range, &kept, nodes)
    }

    pub(super) fn take_out(
        &mut self,
        parent: u32,
        range: Range<usize>,
        kept: &str,
        nodes: Range<u32>,
    ) -> Result<(), EditError> {
        self.apply(Patch {
            range,
            text: kept,
            parent,
            nodes,
            fragment: None,
            keep_handle: false,
        })
    }
}

/// The text that goes with an attribute, entry or block. `start` is where it begins: the node's, or that of the comments
/// above it.
pub(super) fn removal(node: Node<'_>, start: usize) -> Range<usize> {
    let text = node.document().text();
    let bytes = text.as_bytes();
    let end = node.span().end;
    let rest = rest_of_line(text, end);
    let siblings = (previous_sibling(node), next_sibling(node));
    if let (Some(parent), (None, None)) = (node.parent(), siblings) {
        let inside = inside(parent);
        let before = &text[inside.start..start];
        let after = &text[rest.unwrap_or(end)..inside.end];
        if parent.kind() != Kind::Document && before.trim().is_empty() && after.trim().is_empty() {
            return inside;
        }
    }
    let is_first = first_on_line(text, start);
    let Some(eol) = rest else {
        return match is_first {
            true => start..skip_blanks(text, end),
            false => text[..start].trim_end_matches([' ', '\t']).len()..end,
        };
    };
    if !is_first {
        return text[..start].trim_end_matches([' ', '\t']).len()..eol;
    }
    let line = start_of_line(bytes, start).max(floor_of_text(text));
    let next_line = line_end(bytes, eol);
    let above = blank_lines_above(text, line, floor(node));
    let below = blank_lines_below(text, next_line.unwrap_or(eol));
    let closes = match bytes.get(skip_blanks(text, below)) {
        None => true,
        Some(byte) => *byte == b'}',
    };
    let opens = siblings.0.is_none() && starts_inside(text, above, floor(node));
    let Some(next_line) = next_line else {
        // The last line without a line end: the one before it becomes that.
        let end_above = text[..above]
            .strip_suffix('\n')
            .map(|text| text.strip_suffix('\r').unwrap_or(text).len());
        return end_above
            .filter(|_| above > floor_of_text(text))
            .unwrap_or(above)..eol;
    };
    if opens || closes {
        above..below
    } else if below > next_line {
        above..next_line
    } else {
        line..next_line
    }
}

/// Whether nothing stands between what opens the parent and `above`.
fn starts_inside(text: &str, above: usize, floor: usize) -> bool {
    text[floor.min(above)..above].trim().is_empty()
}

fn floor_of_text(text: &str) -> usize {
    match text.starts_with(crate::ocl::parse::BYTE_ORDER_MARK) {
        true => crate::ocl::parse::BYTE_ORDER_MARK.len(),
        false => 0,
    }
}

/// The start of the blank lines right above a line.
fn blank_lines_above(text: &str, mut line: usize, floor: usize) -> usize {
    while line > floor {
        let above = start_of_line(text.as_bytes(), line - 1).max(floor_of_text(text));
        if above < floor || !text[above..line].trim().is_empty() {
            break;
        }
        line = above;
    }
    line
}

/// The end of the blank lines that start at `line`.
fn blank_lines_below(text: &str, mut line: usize) -> usize {
    while let Some(end) = line_end(text.as_bytes(), skip_blanks(text, line)) {
        line = end;
    }
    line
}
