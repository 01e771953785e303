//! What tells at a glance that a commit didn't change what is asked for: most commits change something else.

use std::ops::Range;

use crate::catalog::selector::{Qualifier, Segment};
use crate::ocl::{Document, Node};
use crate::values::Selector;

/// Whether two documents surely say the same in what a selector selects.
///
/// What stands at the top of the documents outside of the bytes that differ is the same in both, and what stands within those
/// bytes isn't what the selector begins with.
pub(super) fn is_same(old: &Document, new: &Document, selector: &Selector) -> bool {
    if old.dialect() != new.dialect() {
        return false;
    }
    let (a, b) = (old.text().as_bytes(), new.text().as_bytes());
    if a == b {
        return true;
    }
    let Some(first) = selector.segments().first() else {
        return false;
    };
    let shorter = a.len().min(b.len());
    let begin = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let from_end = a.iter().rev().zip(b.iter().rev());
    let end = from_end.take_while(|(a, b)| a == b).count();
    let end = end.min(shorter - begin);
    let (Some(old), Some(new)) = (
        Top::of(old, begin..a.len() - end),
        Top::of(new, begin..b.len() - end),
    ) else {
        return false;
    };
    old.before == new.before
        && old.after == new.after
        && !old
            .touched
            .iter()
            .chain(&new.touched)
            .any(|node| may_begin_with(*node, first))
}

/// What stands at the top of a document, before, at and after some bytes.
struct Top<'d> {
    /// Where they are, from the beginning.
    before: Vec<Range<usize>>,
    touched: Vec<Node<'d>>,
    /// Where they are, from the end.
    after: Vec<Range<usize>>,
}

impl<'d> Top<'d> {
    fn of(document: &'d Document, bytes: Range<usize>) -> Option<Top<'d>> {
        let length = document.text().len();
        let mut top = Top {
            before: Vec::new(),
            touched: Vec::new(),
            after: Vec::new(),
        };
        for node in document.root().children() {
            let span = node.span()?;
            if span.end < bytes.start {
                top.before.push(span);
            } else if span.start > bytes.end {
                top.after.push(length - span.end..length - span.start);
            } else {
                top.touched.push(node);
            }
        }
        Some(top)
    }
}

/// Whether a selector that begins with this segment may select something in a node at the top.
fn may_begin_with(node: Node<'_>, segment: &Segment) -> bool {
    let Segment::Child {
        name: Some(name),
        qualifiers,
    } = segment
    else {
        return true;
    };
    if node.name() != *name {
        return false;
    }
    let Some(Qualifier::Text(wanted)) = qualifiers.first() else {
        return true;
    };
    // Names may ignore case.
    match node.labels().next().and_then(|label| label.as_str()) {
        Some(label) => label.to_lowercase() == wanted.to_lowercase(),
        None => true,
    }
}
