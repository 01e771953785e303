//! Lines of the text around nodes. The nodes here have an open parent.

use crate::ocl::lexical::is_blank;
use crate::ocl::node::Node;
use crate::ocl::raw::Kind;
use crate::ocl::tree::{Cursor, Walk};

/// The start of a node.
pub(super) fn start(node: Node<'_>) -> Cursor {
    node.tree().start(node.index())
}

/// The end of the name of a block, attribute or entry.
pub(super) fn head_end(node: Node<'_>) -> Cursor {
    node.tree().walk().forth(start(node), node.head().len())
}

/// The end of a node.
pub(super) fn end(node: Node<'_>) -> Cursor {
    let tree = node.tree();
    tree.walk().behind(tree.end_piece(node.index()))
}

/// The positions after the opening of a node and before its closing; for a document, after its byte order mark and at its end.
pub(super) fn inside(node: Node<'_>) -> (Cursor, Cursor) {
    let tree = node.tree();
    let walk = tree.walk();
    let open = match node.kind() {
        Kind::Block => tree.brace_piece(node.index()),
        _ => tree.start_piece(node.index()),
    };
    let close = tree.end_piece(node.index());
    (walk.behind(open), walk.before(close))
}

/// The line end to use near a node: that of the sibling, otherwise the document's first.
pub(super) fn line_end_near(parent: Node<'_>, sibling: Option<Node<'_>>) -> &'static str {
    let walk = parent.tree().walk();
    // Line ends inside heredocs are content; those after a sibling and the first of all are not.
    let places = sibling.map(end).into_iter().chain([walk.first()]);
    let mut ends = places.filter_map(|at| walk.line_end(walk.end_of_line(at)));
    ends.next().map_or("\n", |(end, _)| end)
}

/// The white space at the start of the line of a position.
pub(super) fn line_indent(walk: Walk<'_>, at: Cursor) -> String {
    let mut indent = String::new();
    let mut place = walk.start_of_line(at);
    while place != at
        && let Some(blank) = walk.char_at(place).filter(|c| is_blank(*c))
    {
        indent.push(blank);
        place = walk.step(place);
    }
    indent
}

/// Whether there is only white space before a position on its line.
pub(super) fn first_on_line(walk: Walk<'_>, at: Cursor) -> bool {
    let blanks = walk.skip_back(at, is_blank);
    blanks == walk.first() || walk.char_before(blanks) == Some('\n')
}

/// The line's end, if only a comment follows `at` on the line.
pub(super) fn rest_of_line(walk: Walk<'_>, at: Cursor) -> Option<Cursor> {
    let rest = walk.skip_blanks(at);
    let is_free = walk.is_end(rest) || walk.line_end(rest).is_some() || walk.is_comment(rest);
    is_free.then(|| walk.end_of_line(rest))
}

/// The start of the line of a node that is first on it, or of the comment lines right above it.
pub(super) fn lead(node: Node<'_>) -> Cursor {
    let walk = node.tree().walk();
    let mut line = walk.start_of_line(start(node));
    let floor = floor(node);
    while let Some(above) = walk.line_above(line, floor) {
        let text = walk.skip(above, |c| c != '\n' && c.is_whitespace());
        if !walk.is_comment(text) {
            break;
        }
        line = above;
    }
    line
}

/// The start of the white space and comments before a node: after its sibling, or after the opening of its parent.
pub(super) fn floor(node: Node<'_>) -> Cursor {
    match (previous_sibling(node), node.parent()) {
        (Some(previous), _) => end(previous),
        (None, Some(parent)) => inside(parent).0,
        (None, None) => node.tree().walk().first(),
    }
}

/// The child before a node.
pub(super) fn previous_sibling(node: Node<'_>) -> Option<Node<'_>> {
    let previous = node.tree().previous(node.index())?;
    let previous = Node::new(node.tree(), previous);
    (previous.kind() != Kind::Label).then_some(previous)
}

/// The child after a node.
pub(super) fn next_sibling(node: Node<'_>) -> Option<Node<'_>> {
    let next = node.tree().next(node.index())?;
    Some(Node::new(node.tree(), next))
}
