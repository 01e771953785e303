//! The contracts that a catalog declares. What they say is for the room `contract`.

use std::sync::Arc;

use super::problem::{Problem, SourceFile};

/// The folder in which a catalog keeps its contracts.
pub(crate) const CONTRACTS_FOLDER: &str = "contracts";

/// A contract that a catalog declares: it holds for documents of its kind, from its version until that of the kind's next one.
#[derive(Debug, Clone)]
pub struct DeclaredContract {
    /// The document kind.
    pub kind: String,
    /// The first version that it holds for.
    pub version: u32,
    /// The file's path, relative to the catalog's folder.
    pub path: String,
    /// The language of the file, and what it needs to be told beside the file.
    pub language: ContractLanguage,
    /// The file. A catalog that a newer server has left in the store comes without.
    pub file: Option<SourceFile>,
    /// The files that a protobuf file may import: all those in the folder of contracts, itself among them.
    pub beside: Arc<[SourceFile]>,
    /// Where it is declared.
    pub(crate) declaration: Problem,
}

/// The languages of contracts.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ContractLanguage {
    /// JSON Schema.
    JsonSchema,
    /// Protobuf.
    Protobuf(ProtobufRoot),
}

/// What a protobuf file is told about documents.
#[derive(Debug, Clone)]
pub struct ProtobufRoot {
    /// The full name of the message that a document is.
    pub message: String,
    /// Messages by name, each with the fields that a block's labels are, in their order.
    pub labels: Vec<(String, Vec<String>)>,
    /// Where the message is named.
    pub(crate) message_place: Problem,
    /// Where the labels are.
    pub(crate) labels_place: Problem,
}
