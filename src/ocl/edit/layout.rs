//! What the surroundings of a place look like.

use std::ops::Range;

use crate::ocl::lexical::{end_of_line, line_end, skip_blanks, start_of_line};
use crate::ocl::node::{Kind, Node};
use crate::ocl::parse::BYTE_ORDER_MARK;
use crate::ocl::write::UNIT;

/// Where an element or entry can be put: `before` + the element + `after` take the place of `range`.
#[derive(Debug)]
pub(super) struct Gap {
    pub(super) range: Range<usize>,
    pub(super) before: String,
    pub(super) after: String,
    /// The indent of the element's lines.
    pub(super) indent: String,
    /// Where its nodes go.
    pub(super) node: u32,
}

/// The place between two neighbouring children of `parent` (or its first or last place).
pub(super) fn gap(
    parent: Node<'_>,
    previous: Option<Node<'_>>,
    next: Option<Node<'_>>,
    is_block: bool,
) -> Gap {
    let indent = child_indent(parent, previous.or(next));
    let text = parent.document().text();
    let line_end = line_end_near(parent, previous.or(next));
    let spaced = |neighbour: Node<'_>| is_block || neighbour.kind() == Kind::Block;
    let blank = |wanted: bool| if wanted { line_end } else { "" };
    let node = next.map_or(parent.id().0 + parent.subtree_size(), |next| next.id().0);
    if let Some(previous) = previous {
        let before = [line_end, blank(spaced(previous)), &indent].concat();
        let end = previous.span().end;
        return match rest_of_line(text, end) {
            Some(at) => {
                let tight = next.is_some_and(|next| {
                    spaced(next) && !has_blank_line(&text[at..next.span().start])
                });
                Gap {
                    range: at..at,
                    before,
                    after: blank(tight).to_owned(),
                    indent,
                    node,
                }
            }
            None => {
                let rest = skip_blanks(text, end);
                let rest_indent = match text.as_bytes().get(rest) {
                    Some(b'}') => line_indent(text, parent.span().start),
                    _ => &indent,
                };
                let after = [line_end, rest_indent].concat();
                Gap {
                    range: end..rest,
                    before,
                    after,
                    indent,
                    node,
                }
            }
        };
    }
    if let Some(next) = next {
        let start = next.span().start;
        return if first_on_line(text, start) {
            let at = lead(next);
            let opening = rest_of_line(text, inside(parent).start)
                .filter(|_| parent.kind() != Kind::Document);
            if let Some(opening) =
                opening.filter(|&opening| !is_block && has_blank_line(&text[opening..at]))
            {
                // The blank line that the opening brace has left is right before the block.
                let before = [line_end, &indent].concat();
                return Gap {
                    range: opening..opening,
                    before,
                    after: String::new(),
                    indent,
                    node,
                };
            }
            let after = [line_end, blank(spaced(next))].concat();
            Gap {
                range: at..at,
                before: indent.clone(),
                after,
                indent,
                node,
            }
        } else {
            let from = inside(parent).start.max(text[..start].trim_end().len());
            let before = [line_end, &indent].concat();
            let after = [line_end, blank(spaced(next)), &indent].concat();
            Gap {
                range: from..start,
                before,
                after,
                indent,
                node,
            }
        };
    }
    let inside = inside(parent);
    let content = text[inside.clone()].trim_end().len();
    let is_document = parent.kind() == Kind::Document;
    if content > 0 {
        // Nothing but comments.
        let at = end_of_line(text.as_bytes(), inside.start + content);
        let before = [line_end, blank(is_block && is_document), &indent].concat();
        Gap {
            range: at..at,
            before,
            after: String::new(),
            indent,
            node,
        }
    } else if is_document {
        Gap {
            range: inside.start..inside.start,
            before: String::new(),
            after: String::new(),
            indent,
            node,
        }
    } else {
        let before = [line_end, &indent].concat();
        let after = [line_end, line_indent(text, parent.span().start)].concat();
        Gap {
            range: inside,
            before,
            after,
            indent,
            node,
        }
    }
}

/// The range between the braces or brackets of a node; all of a document but its byte order mark.
pub(super) fn inside(node: Node<'_>) -> Range<usize> {
    let span = node.span();
    let text = node.document().text();
    let open = match node.kind() {
        Kind::Document if text.starts_with(BYTE_ORDER_MARK) => {
            return BYTE_ORDER_MARK.len()..span.end;
        }
        Kind::Document => return span,
        Kind::Block => {
            let head = span.start + node.head().len();
            let head = node.labels().last().map_or(head, |label| label.span().end);
            skip_blanks(text, head)
        }
        _ => span.start,
    };
    open + 1..span.end - 1
}

/// The indent of a parent's children; `sibling` is the one to follow.
pub(super) fn child_indent(parent: Node<'_>, sibling: Option<Node<'_>>) -> String {
    let text = parent.document().text();
    let starts_line = |node: &Node<'_>| first_on_line(text, node.span().start);
    let model = sibling
        .filter(starts_line)
        .or_else(|| parent.children().find(starts_line));
    match model {
        Some(model) => line_indent(text, model.span().start).to_owned(),
        None if parent.kind() == Kind::Document => String::new(),
        None => line_indent(text, parent.span().start).to_owned() + unit(parent),
    }
}

/// One level of indent, as the first nested node of the document has it.
pub(super) fn unit(node: Node<'_>) -> &str {
    let document = node.document();
    let text = document.text();
    document
        .nodes()
        .filter(|outer| matches!(outer.kind(), Kind::Block | Kind::Dictionary))
        .find_map(|outer| {
            let inner = outer.children().next()?.span().start;
            let outer = line_indent(text, outer.span().start);
            let unit = line_indent(text, inner).strip_prefix(outer)?;
            (first_on_line(text, inner) && !unit.is_empty()).then_some(unit)
        })
        .unwrap_or(UNIT)
}

/// How lines end around a node: as the sibling's, else as the document's first.
pub(super) fn line_end_near<'a>(parent: Node<'a>, sibling: Option<Node<'a>>) -> &'a str {
    let text = parent.document().text();
    let bytes = text.as_bytes();
    // Line ends inside heredocs are content; those after a sibling and the first of all are not.
    sibling
        .map(|sibling| end_of_line(bytes, sibling.span().end))
        .into_iter()
        .chain([end_of_line(bytes, 0)])
        .find_map(|at| line_end(bytes, at).map(|end| &text[at..end]))
        .unwrap_or("\n")
}

/// The white space a line begins with.
pub(super) fn line_indent(text: &str, at: usize) -> &str {
    let start = line_start(text, at);
    &text[start..skip_blanks(text, start).min(at)]
}

fn line_start(text: &str, at: usize) -> usize {
    match start_of_line(text.as_bytes(), at) {
        0 if text.starts_with(BYTE_ORDER_MARK) => BYTE_ORDER_MARK.len(),
        start => start,
    }
}

/// Whether only white space stands before a place on its line.
pub(super) fn first_on_line(text: &str, at: usize) -> bool {
    skip_blanks(text, line_start(text, at)) >= at
}

/// The line's end, if after `at` there is nothing more on the line but a comment.
pub(super) fn rest_of_line(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let rest = skip_blanks(text, at);
    let free = rest == bytes.len()
        || line_end(bytes, rest).is_some()
        || bytes[rest..].starts_with(b"#")
        || bytes[rest..].starts_with(b"//");
    free.then(|| end_of_line(bytes, rest))
}

/// The start of a node's first line, or of the comment lines right above it.
pub(super) fn lead(node: Node<'_>) -> usize {
    let text = node.document().text();
    let mut start = line_start(text, node.span().start);
    let floor = floor(node);
    while start > floor {
        let above = line_start(text, start - 1);
        let line = text[above..start].trim_start();
        if above < floor || !(line.starts_with('#') || line.starts_with("//")) {
            break;
        }
        start = above;
    }
    start
}

/// Where the white space and the comments before a node begin: after its sibling, or after what opens its parent.
pub(super) fn floor(node: Node<'_>) -> usize {
    match (previous_sibling(node), node.parent()) {
        (Some(previous), _) => previous.span().end,
        (None, Some(parent)) => inside(parent).start,
        (None, None) => 0,
    }
}

/// The child before a node.
pub(super) fn previous_sibling(node: Node<'_>) -> Option<Node<'_>> {
    let index = node.id();
    node.parent()?
        .children()
        .take_while(|child| child.id() < index)
        .last()
}

/// The child after a node.
pub(super) fn next_sibling(node: Node<'_>) -> Option<Node<'_>> {
    let index = node.id();
    node.parent()?.children().find(|child| child.id() > index)
}

fn has_blank_line(between: &str) -> bool {
    match (between.find('\n'), between.rfind('\n')) {
        (Some(first), Some(last)) if first < last => between[first + 1..last]
            .split('\n')
            .any(|line| line.trim().is_empty()),
        _ => false,
    }
}
