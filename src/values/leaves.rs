//! The leaves of a document, one after the other.

use super::element::Element;
use super::leaf::Leaf;
use crate::ocl::Kind;

impl<'a> Element<'a> {
    /// The leaves of the element and of all that it holds, in document order.
    #[must_use]
    pub fn leaves(&self) -> Leaves<'a> {
        Leaves::of(self.clone())
    }
}

/// The leaves of a document or a part of it, in document order; see [`leaves`](super::document::leaves()).
///
/// Nothing is looked at before it is asked for.
#[derive(Debug, Clone)]
pub struct Leaves<'a> {
    /// What is still to be looked at, of each element that is begun.
    open: Vec<std::vec::IntoIter<Element<'a>>>,
}

impl<'a> Leaves<'a> {
    pub(super) fn of(element: Element<'a>) -> Leaves<'a> {
        Leaves {
            open: vec![vec![element].into_iter()],
        }
    }
}

impl<'a> Iterator for Leaves<'a> {
    type Item = Leaf<'a>;

    fn next(&mut self) -> Option<Leaf<'a>> {
        loop {
            let Some(element) = self.open.last_mut()?.next() else {
                self.open.pop();
                continue;
            };
            let content = element.content();
            if is_plain(content.kind()) {
                return Some(Leaf::new(element, content));
            }
            let expanded = element.expand();
            if !expanded.members.is_empty() {
                self.open.push(expanded.members.into_iter());
            }
            if let Some(own) = expanded.own {
                return Some(own);
            }
        }
    }
}

/// Whether nodes of a kind never hold others.
fn is_plain(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::String | Kind::Heredoc | Kind::Label | Kind::Number | Kind::Bool | Kind::Null
    )
}
