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
    /// What it promises to readers that run no steps.
    pub compatibility: Compatibility,
    /// The file. A catalog that a newer server has left in the store comes without.
    pub file: Option<SourceFile>,
    /// The files that a protobuf file may import: all those in the folder of contracts, itself among them.
    pub beside: Arc<[SourceFile]>,
    /// Where it is declared.
    pub(crate) declaration: Problem,
}

/// Which other contracts of its kind one is compatible with, without a step: readers of the one understand what the other allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Compatibility {
    /// None: steps carry what changes.
    #[default]
    None,
    /// Its readers understand what the one before allows.
    Backward,
    /// Readers of the one before understand what it allows.
    Forward,
    /// Both.
    Full,
    /// As [`Backward`](Self::Backward), with every one before.
    BackwardTransitive,
    /// As [`Forward`](Self::Forward), with every one before.
    ForwardTransitive,
    /// As [`Full`](Self::Full), with every one before.
    FullTransitive,
}

impl Compatibility {
    /// All of them.
    pub const ALL: [Compatibility; 7] = [
        Compatibility::None,
        Compatibility::Backward,
        Compatibility::Forward,
        Compatibility::Full,
        Compatibility::BackwardTransitive,
        Compatibility::ForwardTransitive,
        Compatibility::FullTransitive,
    ];

    /// Its name in a catalog: `backward_transitive`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Backward => "backward",
            Self::Forward => "forward",
            Self::Full => "full",
            Self::BackwardTransitive => "backward_transitive",
            Self::ForwardTransitive => "forward_transitive",
            Self::FullTransitive => "full_transitive",
        }
    }

    /// Whether its readers understand what older contracts allow.
    #[must_use]
    pub fn is_backward(self) -> bool {
        !matches!(self, Self::None | Self::Forward | Self::ForwardTransitive)
    }

    /// Whether readers of older contracts understand what it allows.
    #[must_use]
    pub fn is_forward(self) -> bool {
        !matches!(self, Self::None | Self::Backward | Self::BackwardTransitive)
    }

    /// Whether every older contract counts, not only the one before.
    #[must_use]
    pub fn is_transitive(self) -> bool {
        matches!(
            self,
            Self::BackwardTransitive | Self::ForwardTransitive | Self::FullTransitive
        )
    }
}

/// The languages of contracts.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ContractLanguage {
    /// JSON Schema.
    JsonSchema,
    /// Protobuf.
    Protobuf(Box<ProtobufRoot>),
}

/// What a protobuf file is told about documents.
#[derive(Debug, Clone)]
pub struct ProtobufRoot {
    /// The full name of the message that a document is.
    pub message: String,
    /// Messages by name, each with the fields that a block's labels are, in their order.
    pub labels: Vec<(String, Vec<String>)>,
    /// Where the message is named.
    #[cfg_attr(not(feature = "contracts"), allow(dead_code))]
    pub(crate) message_place: Problem,
    /// Where the labels are.
    #[cfg_attr(not(feature = "contracts"), allow(dead_code))]
    pub(crate) labels_place: Problem,
}
