//! What tells at a glance that a commit didn't change what is asked for: most commits change something else.

use std::ops::Range;

use crate::catalog::selector::{Qualifier, Segment};
use crate::ocl::{Document, Node, differing};
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
    let (in_old, in_new) = differing(a, b);
    if in_old.is_empty() && in_new.is_empty() {
        return true;
    }
    let Some(first) = selector.segments().first() else {
        return false;
    };
    let (old, new) = (Top::of(old, in_old), Top::of(new, in_new));
    let mut touched = old.touched().chain(new.touched());
    old.before().eq(new.before())
        && old.after().eq(new.after())
        && !touched.any(|node| may_begin_with(node, first))
}

/// What stands at the top of a document, before, at and after some bytes.
struct Top<'d> {
    document: &'d Document,
    bytes: Range<usize>,
}

impl<'d> Top<'d> {
    fn of(document: &'d Document, bytes: Range<usize>) -> Top<'d> {
        Top { document, bytes }
    }

    fn nodes(&self) -> impl Iterator<Item = (Range<usize>, Node<'d>)> + use<'d> {
        let nodes = self.document.root().children();
        nodes.map(|node| (node.span().expect("nothing was edited"), node))
    }

    /// Where nodes are, from the beginning.
    fn before(&self) -> impl Iterator<Item = Range<usize>> {
        let spans = self.nodes().map(|(span, _)| span);
        spans.take_while(|span| span.end < self.bytes.start)
    }

    fn touched(&self) -> impl Iterator<Item = Node<'d>> {
        let nodes = self
            .nodes()
            .skip_while(|(span, _)| span.end < self.bytes.start);
        nodes
            .take_while(|(span, _)| span.start <= self.bytes.end)
            .map(|(_, node)| node)
    }

    /// Where nodes are, from the end.
    fn after(&self) -> impl Iterator<Item = Range<usize>> {
        let length = self.document.text().len();
        let spans = self.nodes().map(|(span, _)| span);
        let after = spans.skip_while(|span| span.start <= self.bytes.end);
        after.map(move |span| length - span.end..length - span.start)
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
