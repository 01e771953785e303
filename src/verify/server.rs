//! The server of a project in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::catalog::{DocumentName, Lookup};

/// The lookup tables of a server, by name.
pub type Lookups = BTreeMap<String, BTreeMap<String, serde_json::Value>>;

impl Lookup for Lookups {
    fn lookup(&self, table: &str, key: &str) -> Result<Option<serde_json::Value>, String> {
        Ok(self.get(table).and_then(|table| table.get(key)).cloned())
    }
}

/// A document that the server has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ServerDocument {
    pub(super) name: DocumentName,
    pub(super) shape: u32,
    pub(super) content: Arc<str>,
}
