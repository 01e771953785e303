//! A document, seen as its values.

use super::element::Element;
use super::leaves::Leaves;
use crate::catalog::Identity;
use crate::ocl::Document;

/// A document, seen as its values.
#[derive(Debug, Clone, Copy)]
pub struct Values<'a> {
    document: &'a Document,
    identity: &'a Identity,
    before: Option<Before<'a>>,
}

/// A document as it was before it was brought to another shape.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Before<'a> {
    pub(crate) document: &'a Document,
    /// Two documents with one number were in one shape.
    pub(crate) shape: u32,
}

impl<'a> Values<'a> {
    /// The values of a document, told apart as its kind's identity says (see
    /// [`Catalog::identity`](crate::catalog::Catalog::identity)).
    #[must_use]
    pub fn of(document: &'a Document, identity: &'a Identity) -> Values<'a> {
        Values {
            document,
            identity,
            before: None,
        }
    }

    /// The same, with the document from which it was brought to its shape: two that had one `shape` had one there.
    /// [Merging](crate::merge) needs it, as steps may give blocks other keys: what one document calls `deploy-web` need not be what
    /// another one calls so.
    #[must_use]
    pub fn lifted_from(self, document: &'a Document, shape: u32) -> Values<'a> {
        let before = Some(Before { document, shape });
        Values { before, ..self }
    }

    pub(crate) fn before(&self) -> Option<Before<'a>> {
        self.before
    }

    /// The document.
    #[must_use]
    pub fn document(&self) -> &'a Document {
        self.document
    }

    /// What tells its parts apart.
    #[must_use]
    pub fn identity(&self) -> &'a Identity {
        self.identity
    }

    /// The document as a whole, with the empty address.
    #[must_use]
    pub fn root(&self) -> Element<'a> {
        Element::root(self.document.root(), self.identity)
    }

    /// Every leaf, in document order.
    #[must_use]
    pub fn leaves(&self) -> Leaves<'a> {
        self.root().leaves()
    }
}

/// Every leaf of a document, in document order.
///
/// A document is its leaves: everything in it that means something is in the address or the value of one of them, and as
/// far as possible once. Formatting, comments and the order of attributes mean nothing. An empty document has no leaves.
///
/// ```
/// use ocl_migrate::catalog::Identity;
/// use ocl_migrate::ocl::{Dialect, Document};
/// use ocl_migrate::values::leaves;
///
/// let document = Document::parse("a = [1, \"x\"]\nb \"c\" {}\n", Dialect::Current)?;
/// let all: Vec<String> = leaves(&document, &Identity::none()).map(|leaf| leaf.to_string()).collect();
/// assert_eq!(all, ["a[0] = 1", "a[1] = \"x\"", "b[\"c\"] = {}"]);
/// # Ok::<(), ocl_migrate::ocl::ParseError>(())
/// ```
#[must_use]
pub fn leaves<'a>(document: &'a Document, identity: &'a Identity) -> Leaves<'a> {
    Values::of(document, identity).leaves()
}
