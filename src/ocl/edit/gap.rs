//! Gaps between nodes, for new ones. The nodes here have an open parent.

use super::editor::Editor;
use super::lines::{
    end, first_on_line, inside, lead, line_end_near, line_indent, rest_of_line, start,
};
use crate::ocl::node::Node;
use crate::ocl::raw::Kind;
use crate::ocl::tree::Spot;

/// A position for an element or entry.
#[derive(Debug)]
pub(super) struct Gap {
    pub(super) spot: Spot,
    /// The indent of the element's lines.
    pub(super) indent: String,
    /// The node before it among the labels and children.
    pub(super) previous: Option<u32>,
    /// Whether other nodes may change lines.
    pub(super) breaks_line: bool,
}

/// The gap between two neighbouring children of `parent`, or at its start or end.
pub(super) fn gap(
    editor: &Editor,
    parent: Node<'_>,
    previous: Option<Node<'_>>,
    next: Option<Node<'_>>,
    is_block: bool,
) -> Gap {
    let walk = parent.tree().walk();
    let indent = child_indent(editor, parent, previous.or(next));
    let line_end = line_end_near(parent, previous.or(next));
    let spaced = |neighbour: Node<'_>| is_block || neighbour.kind() == Kind::Block;
    let blank = |wanted: bool| if wanted { line_end } else { "" };
    let behind = match next {
        Some(next) => parent.tree().previous(next.index()),
        None => parent.tree().last(parent.index()),
    };
    let mut breaks_line = false;
    let (from, to, before, after) = if let Some(previous) = previous {
        let before = [line_end, blank(spaced(previous)), &indent].concat();
        let end = end(previous);
        match rest_of_line(walk, end) {
            Some(at) => {
                let tight = next.is_some_and(|next| {
                    spaced(next) && !has_blank_line(&walk.between(at, start(next)))
                });
                (at, at, before, blank(tight).to_owned())
            }
            None => {
                breaks_line = true;
                let rest = walk.skip_blanks(end);
                let rest_indent = match walk.char_at(rest) {
                    Some('}') => line_indent(walk, start(parent)),
                    _ => indent.clone(),
                };
                (end, rest, before, line_end.to_owned() + &rest_indent)
            }
        }
    } else if let Some(next) = next {
        let start = start(next);
        if first_on_line(walk, start) {
            let at = lead(next);
            let opening = rest_of_line(walk, inside(parent).0)
                .filter(|_| parent.kind() != Kind::Document && !is_block)
                .filter(|&opening| has_blank_line(&walk.between(opening, at)));
            match opening {
                // The blank line that the opening brace leaves is right before the block.
                Some(opening) => {
                    let before = [line_end, &indent].concat();
                    (opening, opening, before, String::new())
                }
                None => {
                    let after = [line_end, blank(spaced(next))].concat();
                    (at, at, indent.clone(), after)
                }
            }
        } else {
            breaks_line = true;
            let from = walk.skip_back(start, char::is_whitespace);
            let before = [line_end, &indent].concat();
            let after = [line_end, blank(spaced(next)), &indent].concat();
            (from, start, before, after)
        }
    } else {
        let (open, close) = inside(parent);
        let content = walk.skip_back(close, char::is_whitespace);
        let is_document = parent.kind() == Kind::Document;
        if content != open {
            // Only comments.
            let at = walk.end_of_line(content);
            let before = [line_end, blank(is_block && is_document), &indent].concat();
            (at, at, before, String::new())
        } else if is_document {
            // Only a line end may follow the end tag of a heredoc.
            let is_free = rest_of_line(walk, open).is_some();
            let after = if is_free { "" } else { line_end };
            (open, open, String::new(), after.to_owned())
        } else {
            breaks_line = rest_of_line(walk, self::end(parent)).is_none();
            let before = [line_end, &indent].concat();
            let after = line_end.to_owned() + &line_indent(walk, self::start(parent));
            (open, close, before, after)
        }
    };
    Gap {
        spot: Spot {
            from,
            to,
            before,
            after,
        },
        indent,
        previous: behind,
        breaks_line,
    }
}

/// The indent of a parent's children; `sibling` is the one to imitate.
pub(super) fn child_indent(editor: &Editor, parent: Node<'_>, sibling: Option<Node<'_>>) -> String {
    let walk = parent.tree().walk();
    let starts_line = |node: &Node<'_>| first_on_line(walk, start(*node));
    let model = sibling
        .filter(starts_line)
        .or_else(|| parent.children().find(starts_line));
    match model {
        Some(model) => line_indent(walk, start(model)),
        None if parent.kind() == Kind::Document => String::new(),
        None => line_indent(walk, start(parent)) + &editor.unit(),
    }
}

fn has_blank_line(between: &str) -> bool {
    match (between.find('\n'), between.rfind('\n')) {
        (Some(first), Some(last)) if first < last => between[first + 1..last]
            .split('\n')
            .any(|line| line.trim().is_empty()),
        _ => false,
    }
}
