//! Moving nodes with their text.

use super::editor::{Editor, Position};
use super::error::EditError;
use super::gap::gap;
use super::lines::{end, first_on_line, lead, line_indent, rest_of_line, start};
use super::removal::removal;
use crate::ocl::heredoc::Heredoc;
use crate::ocl::lexical::is_name;
use crate::ocl::node::Node;
use crate::ocl::parse::{self, Part};
use crate::ocl::raw::{Kind, NodeId};
use crate::ocl::tree::Cursor;

/// The text of a node that is being moved or copied.
pub(super) struct MovedText {
    /// Comment lines above the node, up to where it starts.
    pub(super) above: String,
    pub(super) node: String,
    /// The comment after it.
    pub(super) behind: String,
}

impl MovedText {
    /// Gives every line of it this end.
    pub(super) fn set_line_ends(&mut self, line_end: &str) {
        for text in [&mut self.above, &mut self.node] {
            if text.contains('\n') {
                *text = text.replace("\r\n", "\n").replace('\n', line_end);
            }
        }
    }
}

impl Editor {
    /// Moves an attribute, entry or block, with the comments right above and after it, to another parent or position. Its
    /// lines get the indent of the new position; the values of its heredocs don't change. Ids stay valid.
    ///
    /// An attribute moved into a dictionary becomes an entry, and vice versa. Comments above it of which one would be an entry in
    /// a dictionary, as `#a = 1` is there, stay behind.
    ///
    /// # Errors
    /// The node isn't allowed there; its name is taken or not valid there; the position isn't in `new_parent`, or is in
    /// the node itself.
    pub fn move_to(
        &mut self,
        id: NodeId,
        new_parent: NodeId,
        position: Position,
    ) -> Result<(), EditError> {
        let index = self.index(id)?;
        let kind = self.at(index).kind();
        let Some(old_parent) = self.tree.parent(index).filter(|_| kind.is_named()) else {
            return Err(self.wrong_kind(index, "move"));
        };
        let parent = self.holder(new_parent, "move something into")?;
        let mut outer = std::iter::successors(Some(self.at(parent)), Node::parent);
        if outer.any(|outer| outer.index() == index) {
            return Err(EditError::InvalidPosition {
                place: self.place(parent),
            });
        }
        let is_block = kind == Kind::Block;
        let to_dictionary = self.at(parent).kind() == Kind::Dictionary;
        if is_block && to_dictionary {
            return Err(self.wrong_kind(parent, "move a block into"));
        }
        let name = self.at(index).name().into_owned();
        if !to_dictionary && !is_name(&name) {
            return Err(EditError::InvalidName { name });
        }
        if parent != old_parent {
            self.refuse_taken(parent, &name, kind)?;
        }
        self.tree.open(old_parent);
        self.tree.open(parent);
        let node = self.at(index);
        let (previous, next) = match position {
            Position::End if !is_block => self.member_place(parent, &name, Some(index)),
            position => self.neighbours(parent, position)?,
        };
        if previous == Some(node) || next == Some(node) {
            return Ok(());
        }

        let mut gap = gap(self, self.at(parent), previous, next, is_block);
        let changes_kind = (self.at(old_parent).kind() == Kind::Dictionary) != to_dictionary;
        let mut moved = pack(node, true, &gap.indent);
        let with_comments =
            !(changes_kind && to_dictionary) || are_comments_in_a_dictionary(&moved.above);
        if !with_comments {
            moved = pack(node, false, &gap.indent);
        }
        if changes_kind {
            let mut head = String::new();
            self.member_name(self.at(parent), &name, &mut head)?;
            moved.node.replace_range(..node.head().len(), &head);
        }
        let part = if to_dictionary {
            Part::Entry
        } else {
            Part::Element
        };
        gap.spot.before += &moved.above;
        gap.spot.after = moved.behind + &gap.spot.after;
        let copy = self.insert_at(parent, &gap, moved.node, part)?;

        let old = self.at(index);
        let start = if with_comments {
            start_with_comments(old)
        } else {
            start(old)
        };
        let removal = removal(old, start);
        self.tree.replace_text(removal.from, removal.to, "")?;
        self.tree.take_place(index, copy);
        if !is_block {
            self.forget_order(old_parent);
            self.forget_order(parent);
        }
        if removal.joins_lines {
            self.note_broken_lines();
        }
        self.note_moved(index);
        self.note_lines(old_parent, None);
        self.check();
        Ok(())
    }
}

/// Whether lines of comments are comments in a dictionary too.
fn are_comments_in_a_dictionary(lines: &str) -> bool {
    let among_entries = format!("{{\n{lines}\n}}");
    // Of a dictionary without entries there is one node.
    let nodes = parse::part(&among_entries, 0, Part::Value, 0);
    lines.is_empty() || nodes.is_ok_and(|nodes| nodes.len() == 1)
}

/// The start of a node, or of the comment lines above it.
pub(super) fn start_with_comments(node: Node<'_>) -> Cursor {
    let walk = node.tree().walk();
    let start = start(node);
    if first_on_line(walk, start) {
        walk.skip_blanks(lead(node))
    } else {
        start
    }
}

/// Takes up the text of a node, to be written with another indent.
pub(super) fn pack(node: Node<'_>, with_comments: bool, indent: &str) -> MovedText {
    let walk = node.tree().walk();
    let (first, end) = (start(node), end(node));
    let old_indent = line_indent(walk, first);
    let start = if with_comments {
        start_with_comments(node)
    } else {
        first
    };
    let behind = rest_of_line(walk, end).map(|rest| walk.between(end, rest));
    let mut above = String::new();
    push_lines(&walk.between(start, first), &old_indent, indent, &mut above);
    MovedText {
        above,
        node: indented(node, &old_indent, indent),
        behind: behind.unwrap_or_default().trim_end().to_owned(),
    }
}

/// The source of a node with another indent after each line end.
fn indented(node: Node<'_>, old: &str, new: &str) -> String {
    if old == new {
        return node.source().into_owned();
    }
    let walk = node.tree().walk();
    let mut out = String::new();
    let mut at = start(node);
    for inner in node.subtree() {
        if let Some(heredoc) = inner.heredoc() {
            let start = start(inner);
            push_lines(&walk.between(at, start), old, new, &mut out);
            push_heredoc(inner, heredoc, old, new, &mut out);
            at = walk.forth(start, inner.literal().len());
        }
    }
    push_lines(&walk.between(at, end(node)), old, new, &mut out);
    out
}

/// Appends lines, with the old indent at their start replaced by the new one.
fn push_lines(text: &str, old: &str, new: &str, out: &mut String) {
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
        }
        match line.strip_prefix(old) {
            Some(rest) if index > 0 && (!line.trim().is_empty() || line == old) => {
                out.push_str(new);
                out.push_str(rest);
            }
            _ => out.push_str(line),
        }
    }
}

/// Appends a heredoc, with its lines and end tag moved along if that doesn't change its value.
fn push_heredoc(node: Node<'_>, heredoc: Heredoc<'_>, old: &str, new: &str, out: &mut String) {
    let dialect = node.dialect();
    let moved = || {
        let cut = heredoc
            .unindent(dialect)
            .min(old.chars().count())
            .min(heredoc.end_indent.chars().count());
        let mut moved = node.head().to_owned();
        for line in heredoc.body.split_inclusive('\n') {
            if !line.trim_end_matches(['\r', '\n']).is_empty() {
                moved.push_str(new);
            }
            moved.push_str(without_blanks(line, cut));
        }
        moved.push_str(new);
        moved.push_str(without_blanks(heredoc.end_indent, cut));
        moved.push_str(heredoc.tag);
        let same = Heredoc::new(&moved, node.head().len()).value(dialect) == heredoc.value(dialect);
        same.then_some(moved)
    };
    match heredoc.indented.then(moved).flatten() {
        Some(moved) => out.push_str(&moved),
        None => out.push_str(node.literal()),
    }
}

/// A line without up to `count` blanks at its start.
fn without_blanks(line: &str, count: usize) -> &str {
    let blank = |&(_, c): &(usize, char)| c.is_whitespace() && c != '\r' && c != '\n';
    let cut: usize = line
        .char_indices()
        .take(count)
        .take_while(blank)
        .map(|(_, c)| c.len_utf8())
        .sum();
    &line[cut..]
}
