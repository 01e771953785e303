//! Merging: two documents that come from one are put together value by value.
//!
//! Base, ours and theirs are documents of one shape. What only theirs changed is written into the text of ours, as splices, so
//! that formatting, comments and order of ours stay. What both changed differently is a [`Conflict`], never a guess.
//! See `docs/values.md`.
//!
//! ```
//! use ocl_migrate::catalog::Catalog;
//! use ocl_migrate::merge::merge;
//! use ocl_migrate::ocl::{Dialect, Document};
//! use ocl_migrate::values::Values;
//!
//! let catalog = Catalog::builtin();
//! let identity = catalog.identity("variables");
//! let parse = |text: &str| Document::parse(text, Dialect::Current);
//! let base = parse("variable \"Retries\" {\n    value \"5\" {}\n}\n")?;
//! let ours = parse("variable \"Retries\" {\n    value \"7\" {} # was too few\n}\n")?;
//! let theirs = parse("variable \"Retries\" {\n    value \"5\" {}\n    value \"9\" {\n        environment = [\"production\"]\n    }\n}\n")?;
//! let [base, ours, theirs] = [&base, &ours, &theirs].map(|document| Values::of(document, identity));
//!
//! let merged = merge(base, ours, theirs)?;
//! assert!(merged.conflicts().is_empty());
//! assert_eq!(
//!     merged.document().text(),
//!     "variable \"Retries\" {\n    value \"7\" {} # was too few\n\n    value \"9\" {\n        environment = [\"production\"]\n    }\n}\n",
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Architecture Invariant: this room is pure. It knows nothing of Git, versions or steps; documents come lifted to one shape.

mod arrange;
mod audit;
mod audit_order;
mod check;
mod conflict;
mod contest;
mod count;
mod decide;
mod deviation;
mod edit;
mod error;
mod fate;
mod follow;
mod marked;
mod member;
mod merger;
mod order;
mod origin;
mod run;
mod said;
mod seen;
mod table;
mod text;

pub use audit::audit;
pub(crate) use conflict::order_of;
pub use conflict::{Conflict, ConflictKind, Side};
pub use deviation::{Deviation, Fault};
pub use error::MergeError;
pub use follow::follow_renames;
pub use marked::{Labels, MarkError, MarkedMerge, MarkedText, OpenPlace, merge_marked};
pub use run::{Merged, merge, merge_settled};
pub(crate) use said::{ALL, Said};
pub use table::{MergedValue, merged_values};
