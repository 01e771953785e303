//! Moving nodes with their text.

use super::layout::{first_on_line, gap, lead, line_indent, rest_of_line};
use super::patch::Patch;
use super::remove::removal;
use super::{EditError, Editor, Handle, Position};
use crate::ocl::document::Dialect;
use crate::ocl::heredoc::Heredoc;
use crate::ocl::lexical::{is_name, skip_blanks};
use crate::ocl::node::{Kind, Node};
use crate::ocl::parse::Part;

/// The text of a node on its way to another place.
struct Luggage {
    /// Comment lines above the node, up to where it starts.
    above: String,
    node: String,
    /// The comment behind it.
    behind: String,
}

impl Editor {
    /// Moves an attribute, entry or block, with the comments right above and behind it, to another parent or place. Its
    /// lines get the indent of the new place; the values of its heredocs stay what they are. Its handles stay valid.
    ///
    /// An attribute moved into a dictionary becomes an entry, and the other way round. Comments above it then stay
    /// behind, as they could mean something else there.
    ///
    /// # Errors
    /// The node can't stand there; its name is taken or not a name there; the position isn't in `new_parent`, or is in
    /// the node itself.
    pub fn move_to(
        &mut self,
        handle: Handle,
        new_parent: Handle,
        position: Position,
    ) -> Result<(), EditError> {
        let index = self.index(handle)?;
        let node = self.at(index);
        let old_parent = match (node.kind(), node.parent()) {
            (Kind::Attribute | Kind::Entry | Kind::Block, Some(parent)) => parent,
            _ => return Err(self.wrong_kind(index, "move")),
        };
        let parent_index = self.holder(new_parent, "move something into")?;
        let parent = self.at(parent_index);
        let size = node.subtree_size();
        if (index..index + size).contains(&parent_index) {
            return Err(EditError::InvalidPosition {
                place: parent.place(),
            });
        }
        let is_block = node.kind() == Kind::Block;
        let to_dictionary = parent.kind() == Kind::Dictionary;
        if is_block && to_dictionary {
            return Err(self.wrong_kind(parent_index, "move a block into"));
        }
        let name = node.name();
        if !to_dictionary && !is_name(&name) {
            return Err(EditError::InvalidName {
                name: name.into_owned(),
            });
        }
        if parent != old_parent {
            self.refuse_taken(parent, &name, node.kind())?;
        }
        let (previous, next) =
            self.neighbours(parent, position, (!is_block).then_some((&name, Some(node))))?;
        if previous == Some(node) || next == Some(node) {
            return Ok(());
        }

        let gap = gap(parent, previous, next, is_block);
        let changes_kind = (old_parent.kind() == Kind::Dictionary) != to_dictionary;
        let mut luggage = pack(node, !changes_kind, &gap.indent);
        if changes_kind {
            let mut head = String::new();
            self.member_name(parent, &name, &mut head)?;
            luggage.node.replace_range(..node.head().len(), &head);
        }
        let part = if to_dictionary {
            Part::Entry
        } else {
            Part::Element
        };
        let fragment = self.fragment(luggage.node, part, parent_index)?;
        let text = [
            &gap.before,
            &luggage.above,
            &fragment.text,
            &luggage.behind,
            &gap.after,
        ]
        .map(String::as_str)
        .concat();
        self.apply(Patch {
            range: gap.range,
            text: &text,
            parent: parent_index,
            nodes: gap.node..gap.node,
            fragment: Some((&fragment, gap.before.len() + luggage.above.len())),
            keep_handle: false,
        })?;

        let old_index = if gap.node <= index {
            index + size
        } else {
            index
        };
        self.handles.carry(old_index..old_index + size, gap.node);
        let old = self.at(old_index);
        let start = if changes_kind {
            old.span().start
        } else {
            start_with_comments(old)
        };
        let range = removal(old, start);
        let old_parent = old.parent().map_or(0, |parent| parent.id().0);
        self.take_out(old_parent, range, "", old_index..old_index + size)
    }
}

/// Where a node starts, the comment lines above it included.
fn start_with_comments(node: Node<'_>) -> usize {
    let text = node.document().text();
    let start = node.span().start;
    match first_on_line(text, start) {
        true => skip_blanks(text, lead(node)),
        false => start,
    }
}

fn pack(node: Node<'_>, with_comments: bool, indent: &str) -> Luggage {
    let text = node.document().text();
    let span = node.span();
    let old_indent = line_indent(text, span.start);
    let start = if with_comments {
        start_with_comments(node)
    } else {
        span.start
    };
    let behind = rest_of_line(text, span.end).map_or("", |end| text[span.end..end].trim_end());
    let mut above = String::new();
    push_lines(&text[start..span.start], old_indent, indent, &mut above);
    Luggage {
        above,
        node: indented(node, old_indent, indent),
        behind: behind.to_owned(),
    }
}

/// The source of a node with another indent after each line end.
fn indented(node: Node<'_>, old: &str, new: &str) -> String {
    if old == new {
        return node.source().to_owned();
    }
    let document = node.document();
    let text = document.text();
    let mut out = String::with_capacity(node.source().len());
    let mut at = node.span().start;
    let subtree = node.id().0..node.id().0 + node.subtree_size();
    for inner in subtree.map(|index| Node::new(document, index)) {
        if let Some(heredoc) = inner.heredoc() {
            push_lines(&text[at..inner.span().start], old, new, &mut out);
            push_heredoc(inner, heredoc, document.dialect(), old, new, &mut out);
            at = inner.span().end;
        }
    }
    push_lines(&text[at..node.span().end], old, new, &mut out);
    out
}

/// Appends lines; where one begins with the old indent, it gets the new one instead.
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

/// Appends a heredoc, its lines and end tag moved along if that leaves its value as it is.
fn push_heredoc(
    node: Node<'_>,
    heredoc: Heredoc<'_>,
    dialect: Dialect,
    old: &str,
    new: &str,
    out: &mut String,
) {
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
        None => out.push_str(node.source()),
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
