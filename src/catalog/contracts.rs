//! The contracts that a catalog declares. What they say is for the room `contract`.

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
    /// The file. A catalog that a newer server has left in the store comes without.
    pub file: Option<SourceFile>,
    /// Where it is declared.
    pub(super) declaration: Problem,
}
