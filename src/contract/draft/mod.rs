//! Drafts of contracts, from documents that are right.
//!
//! A draft has the names of attributes and blocks, their types, and what is always there. It allows every document that it was made from, and
//! no name that none of them has, but in dictionaries whose names vary. That a value is one of few is never guessed.

mod beyond;
mod message;
mod schema;
mod seen;

use crate::ocl::Document;
use crate::text::count;
pub use message::{DraftedMessage, NoMessage};
use seen::Holder;

/// A contract that is drafted from documents of one kind in the shape of one version.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use ocl_migrate::contract::Draft;
/// use ocl_migrate::ocl::{Dialect, Document};
///
/// let mut draft = Draft::new("flag", 2);
/// draft.add(&Document::parse("owner = \"ann\"\nrule \"beta\" {\n  percent = 20\n}\n", Dialect::Current)?);
/// draft.add(&Document::parse("owner = \"bob\"\nexpires = null\n", Dialect::Current)?);
///
/// let schema = draft.json_schema();
/// assert_eq!(schema["required"], serde_json::json!(["owner"]));
/// assert_eq!(schema["properties"]["expires"]["type"], "null");
/// assert_eq!(schema["$defs"]["rule"]["properties"]["percent"]["type"], "integer");
///
/// let message = draft.protobuf("flags")?;
/// assert_eq!(message.message, "flags.v2.Flag");
/// assert!(message.text.contains("required string owner = 1;"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Draft {
    kind: String,
    version: u32,
    root: Holder,
}

impl Draft {
    /// A draft for a kind, from a version on, without documents yet.
    pub fn new(kind: &str, version: u32) -> Draft {
        Draft {
            kind: kind.to_owned(),
            version,
            root: Holder::default(),
        }
    }

    /// Adds a document in the shape of the version.
    pub fn add(&mut self, document: &Document) {
        self.root.add(document.root());
    }

    fn description(&self) -> String {
        format!("Drafted from {}.", count(self.root.count, "document"))
    }

    /// A JSON Schema of the draft 2020-12. Documents and blocks have no other names than those that are known; so have dictionaries
    /// whose names never vary.
    pub fn json_schema(&self) -> serde_json::Value {
        let title = format!("{} at schema version {}", self.kind, self.version);
        schema::schema(&self.root, title, self.description())
    }

    /// The contract before, a JSON Schema, with what the documents have beyond it. What it says more than a draft could stays, and so
    /// do names that no document has.
    pub fn json_schema_beyond(&self, before: &serde_json::Value) -> serde_json::Value {
        beyond::beyond(before, &self.json_schema())
    }

    /// A message of protobuf, in the dialect `proto2`, which can say what is required. Dictionaries are maps; what is a list here and
    /// a text there is `google.protobuf.Value`.
    ///
    /// # Errors
    /// [`NoMessage`].
    pub fn protobuf(&self, catalog: &str) -> Result<DraftedMessage, NoMessage> {
        let package = message::package(catalog, self.version);
        message::message(&self.root, &self.kind, &package, &self.description())
    }
}
