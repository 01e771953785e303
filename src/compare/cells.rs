//! What is found in the refs that are compared.

use std::collections::HashMap;
use std::sync::Mutex;

use super::document::LiftedDocument;
use super::told::{Doubled, Told};
use crate::catalog::DocumentName;
use crate::project::ContentKey;

/// What became of one base path of a case.
pub(super) enum Found {
    Documents {
        cells: Vec<(DocumentName, Cell)>,
        /// The documents that the catalog names as defaults of kinds.
        defaults: Vec<(DocumentName, Cell)>,
        told: Told,
    },
    Nothing,
    Failed(String),
}

/// A document in one case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Cell {
    Text(usize),
    Failed(String),
}

/// The texts of a document, each once.
#[derive(Default)]
pub(super) struct Texts {
    pub(super) by_key: HashMap<ContentKey, usize>,
    pub(super) texts: Vec<Result<LiftedDocument, String>>,
    pub(super) doubled: Vec<Doubled>,
}

pub(super) type AllTexts = Mutex<HashMap<DocumentName, Texts>>;
