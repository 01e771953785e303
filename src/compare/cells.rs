//! What is found in the refs that are compared.

use std::collections::HashMap;
use std::sync::Mutex;

use super::document::LiftedDocument;
use super::told::{Doubled, RefWarnings};
use crate::catalog::DocumentName;
use crate::project::ContentKey;

/// What is found in one base path of a case.
pub(super) struct Documents {
    pub(super) cells: Vec<(DocumentName, Cell)>,
    /// The documents that the catalog names as defaults of kinds.
    pub(super) defaults: Vec<(DocumentName, Cell)>,
    pub(super) told: RefWarnings,
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
