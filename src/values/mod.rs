//! Values: what a document says, one address for each value, and what differs between two documents.
//!
//! A document is looked at together with its kind's [`Identity`](crate::catalog::Identity): the keys that the catalog declares.
//! By them a value keeps its address when blocks are reordered or other blocks come and go, and two documents are compared by
//! what they say, not by how they are written. See `docs/values.md`.
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
mod document;
mod doubled;
mod edit;
mod element;
mod fill;
mod find;
mod key;
mod leaf;
mod leaves;
mod matcher;
mod members;
mod overrides;
mod place;
mod scope;
mod scoped;
mod select;
mod side_by_side;
mod take;
mod value;
mod within;

pub use address::Address;
pub use difference::{Change, Difference, Rename, difference};
pub(crate) use difference::{common, kept, longest_ascending, resembling};
pub use document::{Values, leaves};
pub(crate) use doubled::doubled_keys;
pub use edit::{EditedValue, NewValue, ValueEdit, ValueEditError, edit_values};
pub use element::Element;
pub use fill::{Filled, fill_in};
pub use find::{Candidates, FindError, Missing};
pub use leaf::Leaf;
pub use leaves::Leaves;
pub(crate) use matcher::Matcher;
pub use overrides::Overrides;
pub use scope::Scope;
pub use scoped::{Alternative, Dependence, Effective, Scoped};
pub use side_by_side::{Row, side_by_side};
pub use take::{TakeError, take_over};
pub use value::Value;
pub(crate) use within::Selected;
pub use within::difference_in;

pub use crate::catalog::selector::{Selector, SyntaxError};
