//! Values: what a document says, one address for each value, and what differs between two documents.
//!
//! A document is looked at together with its kind's [`Identity`]: the keys that the catalog declares. By them a value keeps
//! its address when blocks are reordered or other blocks come and go, and two documents are compared by what they say, not
//! by how they are written. See `docs/values.md`.
//!
//! ```
//! use ocl_migrate::catalog::Catalog;
//! use ocl_migrate::ocl::{Dialect, Document};
//! use ocl_migrate::values::{Values, difference};
//!
//! let catalog = Catalog::builtin();
//! let identity = catalog.identity("variables");
//! let old = Document::parse(
//!     "variable \"Retries\" {\n    value \"5\" {}\n    value \"9\" {\n        environment = [\"production\"]\n    }\n}",
//!     Dialect::Current,
//! )?;
//! let new = Document::parse(
//!     "variable \"Retries\" {\n    value \"7\" {\n        environment = [\"production\"]\n    }\n    value \"5\" {}\n}",
//!     Dialect::Current,
//! )?;
//!
//! let leaves: Vec<String> = Values::of(&old, identity).leaves().map(|leaf| leaf.to_string()).collect();
//! assert_eq!(leaves, [
//!     r#"variable["Retries"].value{} = "5""#,
//!     r#"variable["Retries"].value{environment=production} = "9""#,
//! ]);
//!
//! let difference = difference(Values::of(&old, identity), Values::of(&new, identity));
//! let changes: Vec<String> = difference.changes().iter().map(ToString::to_string).collect();
//! assert_eq!(changes, [r#"~ variable["Retries"].value{environment=production}: "9" -> "7""#]);
//! # Ok::<(), ocl_migrate::ocl::ParseError>(())
//! ```
//!
//! Architecture Invariant: this room is pure. It knows nothing of Git, versions or steps; documents come lifted to one shape.

mod address;
mod difference;
mod element;
mod find;
mod key;
mod leaves;
mod members;
mod scoped;
mod select;
mod value;

pub use address::Address;
pub use difference::{Change, Difference, Rename, difference};
pub use element::Element;
pub use find::{Candidates, FindError, Missing};
pub use leaves::{Leaf, Leaves};
pub use scoped::{Alternative, Dependence, Effective, Scope, Scoped};
pub use value::Value;

pub use crate::catalog::selector::{Selector, SyntaxError};

use crate::catalog::Identity;
use crate::ocl::Document;

/// A document, seen as its values.
#[derive(Debug, Clone, Copy)]
pub struct Values<'a> {
    document: &'a Document,
    identity: &'a Identity,
}

impl<'a> Values<'a> {
    /// The values of a document, told apart as its kind's identity says (see
    /// [`Catalog::identity`](crate::catalog::Catalog::identity)).
    #[must_use]
    pub fn of(document: &'a Document, identity: &'a Identity) -> Values<'a> {
        Values { document, identity }
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
