//! OCL, the language of the documents: reading it without losing a byte.
//!
//! OCL looks like HCL and is not HCL. A [`Document`] is its text plus a flat list of nodes
//! with byte spans: nothing is decoded before it is used, and printing returns the same text.
//!
//! ```
//! use ocl_migrate::ocl::{Dialect, Document};
//!
//! let document = Document::parse("step \"deploy\" {\n    name = \"Deploy\"\n}", Dialect::Current)?;
//! let step = document.root().blocks("step").next().expect("one step");
//! assert_eq!(step.get("name").and_then(|name| name.as_str()).as_deref(), Some("Deploy"));
//! assert_eq!(step.place(), "step[\"deploy\"]");
//! # Ok::<(), ocl_migrate::ocl::ParseError>(())
//! ```
//!
//! Architecture Invariant: this room knows nothing of files, Git, versions or catalogs, and uses no other room.

mod de;
mod dialect;
mod differing;
mod document;
mod doubled;
mod doubled_json;
mod edit;
mod error;
mod find_doubled;
mod heredoc;
mod json;
mod lexical;
mod literal;
mod node;
mod node_set;
mod origins;
mod parse;
mod place;
mod raw;
mod ser;
mod text;
mod tree;
mod write;

pub use de::{DeserializeError, from_document, from_node};
pub(crate) use differing::differing;
pub use document::Document;
pub use doubled::DoubledName;
pub use doubled_json::DoubledJsonName;
pub(crate) use doubled_json::doubled_json_name;
pub use edit::{EditError, Editor, Position};
pub use error::{LineColumn, ParseError};
pub use json::LABELS;
#[cfg(feature = "export")]
pub(crate) use json::json_number as number_text;
pub(crate) use json::{Member, members};
pub(crate) use lexical::is_name;
pub use literal::Literal;
pub(crate) use literal::{Content, number as json_number};
pub use node::Node;
pub(crate) use node_set::NodeSet;
pub(crate) use origins::Origins;
pub use raw::{Dialect, Kind, MAX_BYTES, MAX_DEPTH, NodeId};
pub use ser::{SerializeError, to_string};
pub use tree::Splice;
pub(crate) use write::stands_for_blocks;
