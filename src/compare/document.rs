//! A ref's documents, read so that their values have addresses.

use std::sync::{Arc, LazyLock};

use crate::catalog::{Catalog, DocumentName, Identity};
use crate::ocl::{Dialect, Document};
pub(crate) use crate::project::failure;
use crate::project::{DocumentOutcome, DocumentWarning, Loaded, MigratedDocument, ReadError, join};
use crate::references::{
    ConditionError, DoubledBlock, Filter, References, ThingPlace, doubled_blocks,
};
use crate::values::Values;

use super::told::Doubled;

/// What is compared where a ref doesn't have a document.
pub(super) static EMPTY: LazyLock<Document> =
    LazyLock::new(|| Document::parse("", Dialect::Current).expect("an empty text is a document"));

/// A document at the version that its ref was loaded for, read so that its values have addresses.
#[derive(Debug, Clone)]
pub struct LiftedDocument {
    name: DocumentName,
    path: String,
    document: Document,
    catalog: Arc<Catalog>,
}

impl LiftedDocument {
    /// Its name.
    pub fn name(&self) -> &DocumentName {
        &self.name
    }

    /// Its path in the repository, at this version.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The document itself.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// What its kind's values are told apart by.
    pub fn identity(&self) -> &Identity {
        self.catalog.identity(self.name.kind())
    }

    /// Its values.
    pub fn values(&self) -> Values<'_> {
        Values::of(&self.document, self.identity())
    }

    /// What it refers to and what it defines, as the catalog declares it.
    ///
    /// # Errors
    /// [`ConditionError`].
    pub fn references(&self) -> Result<References<'_>, ConditionError> {
        References::of(self.values(), &self.name, &self.catalog)
    }

    /// Only those that may be what a filter is made for, and every name that is computed.
    pub(crate) fn references_that_may_be(
        &self,
        filter: Option<&Filter>,
    ) -> Result<References<'_>, ConditionError> {
        References::that_may_be(filter, self.values(), &self.name, &self.catalog)
    }

    /// Blocks that can't be told from one beside them.
    pub(crate) fn doubled_blocks(&self) -> Vec<DoubledBlock<'_>> {
        doubled_blocks(self.values(), &self.name, &self.catalog)
    }

    /// Which names stand more than once, in words, where this is the text of a document that no step touched.
    pub(crate) fn doubled(&self, document: &MigratedDocument) -> Doubled {
        document.is_untouched().then(|| {
            let doubled = self.catalog.doubled_names(self.name.kind(), &self.document);
            let doubled = doubled.into_iter().map(DocumentWarning::DoubledName);
            doubled.map(|warning| warning.to_string()).collect()
        })
    }

    /// `None` where the document isn't there at that version.
    pub(crate) fn of(
        loaded: &Loaded,
        document: &MigratedDocument,
    ) -> Result<Option<LiftedDocument>, ReadError> {
        LiftedDocument::of_like(loaded, document, None)
    }

    /// The same, with less work the more it has in common with a document that is known.
    pub(crate) fn of_like(
        loaded: &Loaded,
        document: &MigratedDocument,
        known: Option<&LiftedDocument>,
    ) -> Result<Option<LiftedDocument>, ReadError> {
        let parsed = loaded.parsed(document, known.map(LiftedDocument::document))?;
        let Some(parsed) = parsed else {
            return Ok(None);
        };
        Ok(Some(LiftedDocument {
            name: document.name.clone(),
            path: join(loaded.base_path(), &document.path),
            document: parsed,
            catalog: loaded.project().catalog().clone(),
        }))
    }
}

impl Loaded {
    /// A document of this ref, read so that its values have addresses; migrated now if it wasn't yet.
    ///
    /// # Errors
    /// [`LoadError::NoSuchDocument`](crate::project::LoadError::NoSuchDocument), and where the document can't be migrated or read,
    /// or a step removes it.
    pub fn values_of(&self, name: &str) -> Result<LiftedDocument, ReadError> {
        let document = self.document(name)?;
        let lifted = LiftedDocument::of(self, document)?;
        lifted.ok_or_else(|| not_there(self, document))
    }

    /// The name of a document that was asked for by its name or by a path, below the base path or from the top.
    pub fn name_of(&self, typed: &str) -> Option<&DocumentName> {
        if let Some(name) = self.names().find(|name| *name == typed) {
            return Some(name);
        }
        let below = typed
            .strip_prefix(self.base_path())
            .and_then(|rest| rest.strip_prefix('/'));
        let path = Some(below.unwrap_or(typed));
        let mut paths = self.paths();
        let found = paths.find(|(_, before, after)| *before == path || *after == path);
        found.map(|(name, ..)| name)
    }

    /// The values of this ref, one document after the other: each is migrated and read when it comes. What a step removes isn't
    /// there. A document that can't be read is an error in its place, and the others go on.
    pub fn values(&self) -> impl Iterator<Item = Result<LiftedDocument, ReadError>> {
        self.documents()
            .filter_map(|document| LiftedDocument::of(self, document).transpose())
    }
}

/// Why it can't be told what a document refers to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReferencesError {
    /// The document can't be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A condition of the catalog can't be evaluated on it.
    #[error("{document}: {source}")]
    Condition {
        /// The document.
        document: DocumentName,
        /// What went wrong.
        source: ConditionError,
    },
}

impl Loaded {
    /// Where the documents of this ref define things and refer to them, one document after the other: each is migrated and read
    /// when it comes. What couldn't be told is an error in its place, and the others go on.
    ///
    /// ```no_run
    /// # use ocl_migrate::project::Project;
    /// # fn list(project: &Project) -> Result<(), Box<dyn std::error::Error>> {
    /// let loaded = project.load_migrated("main")?;
    /// for place in loaded.references() {
    ///     let place = place?;
    ///     if place.kind == "feed" && place.name == "docker-hub" {
    ///         println!("{}:{} {}", place.document, place.line, place.address);
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    pub fn references(&self) -> impl Iterator<Item = Result<ThingPlace, ReferencesError>> {
        self.values().flat_map(|lifted| match places_in(lifted) {
            Ok(places) => places.into_iter().map(Ok).collect(),
            Err(error) => vec![Err(error)],
        })
    }
}

/// The places of a document, definitions first.
fn places_in(
    lifted: Result<LiftedDocument, ReadError>,
) -> Result<Vec<ThingPlace>, ReferencesError> {
    let lifted = lifted?;
    let name = lifted.name();
    let found = lifted.references();
    let found = found.map_err(|source| ReferencesError::Condition {
        document: name.clone(),
        source,
    })?;
    let definitions = found.definitions.iter();
    let definitions = definitions.flat_map(|definition| {
        let names = 0..definition.names.len();
        names.map(|place| ThingPlace::of_definition(name, definition, place))
    });
    let references = found.references.iter();
    let references = references.map(|reference| ThingPlace::of(name, reference));
    Ok(definitions.chain(references).collect())
}

/// Why a document has no values at the version that it was lifted to.
pub(crate) fn not_there(loaded: &Loaded, document: &MigratedDocument) -> ReadError {
    let name = document.name.clone();
    match document.outcome {
        DocumentOutcome::LeftOut => ReadError::LeftOut {
            name,
            version: loaded.plan().target,
        },
        _ => ReadError::Removed(name),
    }
}
