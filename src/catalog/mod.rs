//! Document kinds and the ordered steps that change them: loading a catalog and checking it (see `docs/`).

mod action;
mod baseline;
mod blocks;
mod builtin;
mod check;
mod context;
mod contracts;
#[cfg(feature = "cli")]
mod declare;
mod deprecation;
mod expression;
pub(crate) mod identity;
mod load;
mod lookups;
pub(crate) mod marker;
mod model;
mod modify;
mod name;
mod open_quote;
mod pattern;
mod portable;
mod problem;
mod quoted_words;
mod read;
pub mod reference;
mod retire;
mod reverse;
mod single;
mod spans;
mod step;
pub(crate) mod things;
mod written;
mod written_names;

pub(crate) mod selector;

use std::path::Path;

use crate::ocl::{Document, DoubledName};

pub(crate) use action::Body;
pub use action::{Action, BringBack, MARKER_KIND, Modify, OnExisting, Reverse, Target};
pub use baseline::Baseline;
pub use context::{ReadDocument, StepContext, StepFailure};
#[cfg(any(feature = "cli", feature = "contracts"))]
pub(crate) use contracts::CONTRACTS_FOLDER;
pub use contracts::{Compatibility, ContractLanguage, DeclaredContract, ProtobufRoot};
#[cfg(feature = "cli")]
pub(crate) use declare::with_block;
pub use deprecation::Deprecation;
pub use expression::Lookup;
pub(crate) use expression::{
    EvaluationError, Evaluator, Expression, ObjectEntries, Scope, Value, enclosing,
};
pub use identity::Identity;
pub(crate) use load::SNAPSHOTS_FOLDER;
pub use load::StepFolder;
pub use marker::MarkerError;
pub use model::{Catalog, CatalogParts, Digest, DocumentKind, Marker};
pub(crate) use modify::{Destination, Entries, Item, Operation, OperationKind, Selection};
pub use name::{DocumentName, DocumentNameError};
pub(crate) use open_quote::{OPEN_QUOTE, open_quote};
pub use pattern::PathPattern;
pub(crate) use pattern::check_relative_path;
pub(crate) use portable::PortableCatalog;
pub use portable::PortableError;
pub use problem::{CatalogError, Problem, SourceFile};
pub(crate) use read::in_plain_words;
pub use retire::with_baseline;
pub use single::BlockPath;
pub(crate) use single::doubled_blocks;
use spans::Spans;
pub use step::Step;
pub(crate) use written_names::NameReader;

impl Catalog {
    /// The catalog that comes with this crate: Octopus Config as Code.
    ///
    /// ```
    /// let catalog = ocl_migrate::catalog::Catalog::builtin();
    /// assert_eq!(catalog.base_path(), ".octopus");
    /// ```
    pub fn builtin() -> Catalog {
        builtin::catalog().expect("a test loads the built-in catalog")
    }

    /// Loads a catalog from its folder.
    ///
    /// # Errors
    /// Everything that is wrong with it, at once, each with its position.
    pub fn load(folder: &Path) -> Result<Catalog, CatalogError> {
        load::from_folder(folder)
    }

    /// A catalog from its files' paths and texts.
    #[cfg(any(fuzzing, test))]
    pub(crate) fn from_texts(files: &[(&str, &str)]) -> Result<Catalog, CatalogError> {
        load::from_texts(files)
    }

    /// What stands more than once in a document of a kind and should stand once: names ([`Document::doubled_names`]), and blocks
    /// that the kind says are [single](DocumentKind::single).
    pub fn doubled_names(&self, kind: &str, document: &Document) -> Vec<DoubledName> {
        let single = self.kind(kind).map_or(&[][..], |kind| &kind.single);
        document.doubled_names_and(&doubled_blocks(single, document))
    }

    /// Puts a catalog together in Rust, with the same checks as a loaded one.
    ///
    /// # Errors
    /// Everything that is wrong with it, at once.
    pub fn new(parts: CatalogParts) -> Result<Catalog, CatalogError> {
        check::assemble(parts, Vec::new(), &Spans::default(), Vec::new())
    }

    /// The same catalog with another text in one of its files.
    pub(crate) fn with_text(&self, path: &str, text: &str) -> Result<Catalog, CatalogError> {
        let mut gathered = load::Gathered::default();
        for file in &self.files {
            let is_it = *file.path == *path;
            gathered.file(file.path.to_string(), if is_it { text } else { &file.text });
        }
        let unchanged = |file: &SourceFile| {
            let mut steps = self.steps.iter().filter(|_| *file.path != *path);
            steps.find(|step| step.file() == Some(&*file.path)).cloned()
        };
        let mut catalog = gathered.catalog(unchanged)?;
        catalog.contracts = self.contracts.clone();
        let in_rust = self.steps.iter().filter(|step| step.source().is_none());
        catalog.with_steps(in_rust.cloned())
    }

    /// The same catalog with more steps, such as those that a server has in Rust.
    ///
    /// # Errors
    /// Everything that is wrong with the whole, at once.
    pub fn with_steps(
        &self,
        steps: impl IntoIterator<Item = Step>,
    ) -> Result<Catalog, CatalogError> {
        let mut parts = CatalogParts {
            name: self.name.clone(),
            base_path: self.base_path.clone(),
            unknown_versions: self.unknown_versions.clone(),
            deprecated: self.deprecated.clone(),
            baseline: self.baseline.clone(),
            marker: self.marker.clone(),
            kinds: self.kinds.clone(),
            steps: self.steps.clone(),
        };
        parts.steps.extend(steps);
        let files = self.files.clone();
        let mut catalog = check::assemble(parts, files, &Spans::default(), Vec::new())?;
        catalog.identities = self.identities.clone();
        catalog.things = self.things.clone();
        catalog.contracts = self.contracts.clone();
        Ok(catalog)
    }
}
